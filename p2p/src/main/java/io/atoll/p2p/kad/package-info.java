/// The DHT on a host, `/atoll/kad/1.0.0`: the shell around `p2p.kad.machine`. It opens streams,
/// reads frames and keeps the clock, and decides nothing.
@NullMarked
package io.atoll.p2p.kad;

import org.jspecify.annotations.NullMarked;
