package io.atoll.runtime.hardware;

import org.jspecify.annotations.Nullable;

/// A device that draws or computes pictures.
///
/// @param vendor such as `nvidia`, `amd`, `intel`; where its maker is not known by name, the
///     number
/// @param vendorId on the PCI bus, four hexadecimal digits; null as all that follows where not
///     known
/// @param address on the PCI bus, such as `0000:01:00.0`
/// @param driver the kernel's, as it is bound now
/// @param model in its maker's words
/// @param memory bytes of its own
/// @param renders the kernel offers a node through which programs can use it without a screen
public record Gpu(
    String vendor,
    @Nullable String vendorId,
    @Nullable String deviceId,
    @Nullable String address,
    @Nullable String driver,
    @Nullable String model,
    @Nullable Long memory,
    boolean renders) {}
