/// The hub's decisions, and nothing else: no thread, no clock, no file, no socket.
///
/// ```
///            one thread of the shell                      HubMachine
/// event ───→ step(now, event) ──────────────────────────→ decides, changes its memory
///            commit(preconditions, changes) ←──────────── Decision
///            only then: each action, in order
/// ```
/// Several steps may be committed as one group, in the order they were taken; the actions of a step
/// leave once it and all before it are on disk, also if it changed nothing itself. If a commit
/// fails, the memory is ahead of the disk: the shell throws the machine away, loads a new one
/// (`HubState.load`) and ends all sessions.
@NullMarked
package io.atoll.daemon.hub.machine;

import org.jspecify.annotations.NullMarked;
