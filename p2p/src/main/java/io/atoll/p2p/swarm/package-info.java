/// All connections of a node: dialling, taking, gating, and keeping one for each peer.
@NullMarked
package io.atoll.p2p.swarm;

import org.jspecify.annotations.NullMarked;
