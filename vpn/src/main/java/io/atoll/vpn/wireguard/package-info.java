/// WireGuard (the whitepaper; wireguard.com/protocol): sessions between peers, whichever way their
/// packets go. One `Engine` has many local identities, all on the same socket.
///
/// ```
/// packet of data, 32 bytes and the inner packet, padded with zeros to a multiple of 16
///     0  type 4, three zeros
///     4  receiver's index        4
///     8  counter                 8
///    16  inner packet, sealed, and its tag of 16 bytes; nothing inside is a keepalive
/// ```
/// What runs where: `Outbound` and `Inbound` seal and open on the threads that read and write
/// packets; all else (handshakes, timers, what waits for a key) is done by `Engine.run`, which one
/// thread calls (`EngineThread`), or a test in a time of its own. Datagrams go through `Paths`: the
/// engine names a peer, and does not know its address.
@NullMarked
package io.atoll.vpn.wireguard;

import org.jspecify.annotations.NullMarked;
