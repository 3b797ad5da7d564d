package io.atoll.client.api;

import io.atoll.core.term.Epoch;
import io.atoll.core.term.TaskId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a task's newest run has used so far. A figure that its node cannot tell is left out.
///
/// @param run its epoch
/// @param time of the sample, by the node's clock: rates come from two of them
/// @param ended nothing of this changes any more
/// @param cpuNanos processor time
/// @param cpus what it may use at most, in thousandths of a core
/// @param memory bytes now
/// @param memoryPeak most bytes at once
/// @param memoryLimit bytes that it may use
/// @param disk bytes in files that it made
/// @param output bytes that it wrote to stdout and stderr
public record TaskStats(
    TaskId task,
    @Nullable String name,
    TaskState state,
    Epoch run,
    Instant time,
    boolean ended,
    @Nullable Long cpuNanos,
    long cpus,
    @Nullable Long memory,
    @Nullable Long memoryPeak,
    long memoryLimit,
    @Nullable Long disk,
    @Nullable Long output) {}
