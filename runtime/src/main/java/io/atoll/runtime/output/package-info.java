/// What a payload wrote, kept on disk in capped segments, so that it can be read from any offset,
/// while it is written and after a restart of the daemon.
///
/// A run's folder holds `out.0`, `out.1`, …: each is a sequence of records, all numbers big-endian:
///
/// ```
///  0        8         16      17     20       24
/// +--------+---------+-------+------+--------+----------------+
/// | offset | time ns | stream| zero | length | length bytes … |
/// |  u64   |   u64   |  u8   | 3 B  |  u32   |                |
/// +--------+---------+-------+------+--------+----------------+
/// ```
///
/// `offset` counts payload bytes over both streams from the start of the run; `time` is nanoseconds
/// since 1970; `stream` is 1 for stdout, 2 for stderr; `length` is 1 to 65,536. A record never
/// spans
/// segments. A writer starts a new segment once the current one has reached 4 MiB, and removes the
/// oldest ones beyond 16 segments: what they held is lost, and a reader that asks for it is told
/// so.
/// A record cut short at the end of the newest segment (the writer died) ends the output.
///
/// One process writes (the supervisor, in C, or `OutputWriter`); any number read.
@NullMarked
package io.atoll.runtime.output;

import org.jspecify.annotations.NullMarked;
