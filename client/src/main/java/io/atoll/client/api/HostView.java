package io.atoll.client.api;

/// The machine under a provider, whatever of it is free for tasks. Amounts are bytes.
///
/// @param hostname as it calls itself
/// @param processor its model; empty = not known
/// @param memoryAvailable what programs can have without swapping
/// @param disk of the file system that holds the runs
/// @param diskAvailable what may still be written there
/// @param diskKind HDD, SSD or UNKNOWN
public record HostView(
    String hostname,
    String kernel,
    String processor,
    long memory,
    long memoryAvailable,
    long disk,
    long diskAvailable,
    String diskKind) {}
