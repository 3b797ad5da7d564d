package io.atoll.runtime.cgroup;

/// What a group may use; 0 = no limit.
///
/// @param cpuMillis thousandths of a core
/// @param memory bytes, with page cache and tmpfs
/// @param processes processes and threads at once
public record Limits(long cpuMillis, long memory, long processes) {}
