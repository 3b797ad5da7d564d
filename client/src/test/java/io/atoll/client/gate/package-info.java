/// Tests of forwards and proxies, as far as they need no network.
@NullMarked
package io.atoll.client.gate;

import org.jspecify.annotations.NullMarked;
