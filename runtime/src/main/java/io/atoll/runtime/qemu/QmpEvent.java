package io.atoll.runtime.qemu;

import com.fasterxml.jackson.databind.JsonNode;

/// Something that QEMU tells unasked.
///
/// @param name such as `SHUTDOWN`, `STOP`, `RESUME`, `GUEST_PANICKED`
/// @param data an object, perhaps empty
public record QmpEvent(String name, JsonNode data) {}
