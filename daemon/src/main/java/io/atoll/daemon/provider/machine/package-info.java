/// The provider's decisions, and nothing else: no thread, no clock, no file, no socket.
///
/// The shell owns the journal and the drivers: for each event it calls `step`, commits the changes
/// to the journal, and only then carries out the actions in order. If a commit fails it throws the
/// machine away, as after a crash.
@NullMarked
package io.atoll.daemon.provider.machine;

import org.jspecify.annotations.NullMarked;
