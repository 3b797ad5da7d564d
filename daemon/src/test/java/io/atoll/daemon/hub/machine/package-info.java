/// Each rule of the hub, one by one; what they do together is for `io.atoll.daemon.sim`.
@NullMarked
package io.atoll.daemon.hub.machine;

import org.jspecify.annotations.NullMarked;
