/// What the JDK does not offer of the operating system: spawning with a descriptor handed over,
/// listening unix sockets with a known descriptor, signals, reaping; and removing any folder. The
/// one place for native calls; what makes them is not touched before `Native.linux` said yes.
@NullMarked
package io.atoll.core.os;

import org.jspecify.annotations.NullMarked;
