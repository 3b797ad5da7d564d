/// What the JDK does not offer of the operating system: spawning with a descriptor handed over,
/// listening unix sockets with a known descriptor, signals, reaping. The one place for native
/// calls; nothing here is touched before `Native.linux` said yes.
@NullMarked
package io.atoll.core.os;

import org.jspecify.annotations.NullMarked;
