/// Runtimes that are no part of Atoll: a program that the operator names keeps the runs, and
/// speaks
/// version 1 of the protocol in `docs/runtime-protocol.md` over a unix socket. JSON lines carry
/// requests with an id, their answers, and events; the same socket takes one more connection for
/// each one that follows a command beside a payload, whose bytes are those of
/// `io.atoll.core.exec`.
///
/// The program is started in a session of its own and outlives the daemon. What the daemon must
/// not
/// take a program's word for, it notes itself in the run's folder ([PluginFolder]): that a start
/// was
/// asked for, and how the run ended.
///
/// Everything that comes from the program is bounded and checked here. A program that lies,
/// stalls
/// or sends garbage fails the calls that wait for it, and nothing else.
@NullMarked
package io.atoll.runtime.plugin;

import org.jspecify.annotations.NullMarked;
