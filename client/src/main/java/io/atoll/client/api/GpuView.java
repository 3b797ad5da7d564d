package io.atoll.client.api;

import org.jspecify.annotations.Nullable;

/// A device that draws or computes pictures. What is null is not known.
///
/// @param vendor such as `nvidia`, `amd`, `intel`; where its maker is not known by name, the
///     number
/// @param vendorId on the PCI bus, hexadecimal, as `deviceId`
/// @param address on the PCI bus
/// @param driver of the kernel, as it is bound now
/// @param gib its own memory
/// @param renders the kernel lets programs use it without a screen
public record GpuView(
    String vendor,
    @Nullable String vendorId,
    @Nullable String deviceId,
    @Nullable String address,
    @Nullable String driver,
    @Nullable String model,
    @Nullable Double gib,
    boolean renders) {}
