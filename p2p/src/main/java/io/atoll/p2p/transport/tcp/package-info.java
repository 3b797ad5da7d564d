/// `/ip4/…/tcp/…`, `/ip6/…/tcp/…` and `/dns…/…/tcp/…`.
@NullMarked
package io.atoll.p2p.transport.tcp;

import org.jspecify.annotations.NullMarked;
