/// How two peers get a connection: secured, its remote proven, and carrying many streams. What is
/// below (sockets, handshakes, muxers) is the transport's own affair, as QUIC does all of it in
/// one.
@NullMarked
package io.atoll.p2p.transport;

import org.jspecify.annotations.NullMarked;
