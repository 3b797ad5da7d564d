/// One node among its peers: who it is, where it listens, which protocols it serves.
@NullMarked
package io.atoll.p2p.host;

import org.jspecify.annotations.NullMarked;
