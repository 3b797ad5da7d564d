/// Gossipsub on a host: the shell around `p2p.gossip.machine`. Between two peers go two one-way
/// streams, each opened and written by its own end only.
@NullMarked
package io.atoll.p2p.gossip;

import org.jspecify.annotations.NullMarked;
