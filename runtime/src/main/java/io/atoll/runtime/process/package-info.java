/// Host programs as runs: in a sandbox of bubblewrap, or bare where the operator allows it. Each
/// has a supervisor (`supervisor/` at the top of the tree) that outlives the daemon.
///
/// A run's folder, made complete under another name and then renamed:
///
/// ```
/// spec    what to run, see SpecFile; the supervisor's doc lists the words
/// sock    the supervisor listens here, see SupervisorLink
/// lock    locked by whoever decides about the run: its supervisor as long as it lives
/// began   the payload may have begun; becomes …
/// exit    … how it ended, see RunRecord
/// out.N   output, see io.atoll.runtime.output
/// work    the payload's writable folder
/// ```
///
/// What a daemon that comes back concludes: no folder = never started; `exit` = ended so; `lock`
/// held = it runs; else the lock is taken and, under it, `began` = LOST, no `began` = it never
/// began. A supervisor that comes late finds the lock taken or the exit written, and goes away.
///
/// The program of an image (see `Programs`) is bound read-only at `/app`: all runs of it share the
/// files, which belong to the daemon's user. Where runs have users of their own the supervisor
/// binds them first, as those could not walk there.
///
/// Bare means: no bubblewrap and no filter of system calls; supervisor, uid, rlimits, control
/// groups and "no new privileges" as ever.
///
/// Which limits are hard: memory (with /tmp, and /work where the task asks for no disk), processor
/// time and the number of processes by control groups; the size of one file in /work by rlimit; the
/// total size of /work on disk is watched, and the run is stopped when it is passed.
@NullMarked
package io.atoll.runtime.process;

import org.jspecify.annotations.NullMarked;
