package io.atoll.runtime.driver;

/// What an activity has used so far. A figure that this machine cannot tell is -1.
///
/// @param cpuNanos processor time
/// @param memory bytes now
/// @param memoryPeak most bytes at once
/// @param disk bytes of the host's disk in files that it made, without its output; may be some
///     seconds old
/// @param outputBytes bytes it wrote to stdout and stderr
public record Usage(long cpuNanos, long memory, long memoryPeak, long disk, long outputBytes) {}
