/// Each rule of the provider, one by one; what they do together is for `io.atoll.daemon.sim`.
@NullMarked
package io.atoll.daemon.provider.machine;

import org.jspecify.annotations.NullMarked;
