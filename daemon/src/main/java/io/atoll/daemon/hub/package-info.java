/// The hub role: takes tasks, places them, watches them; the shell around
/// `io.atoll.daemon.hub.machine`, which decides.
@NullMarked
package io.atoll.daemon.hub;

import org.jspecify.annotations.NullMarked;
