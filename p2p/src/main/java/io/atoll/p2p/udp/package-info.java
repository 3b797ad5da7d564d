/// One UDP socket for everything that speaks UDP to peers, so that a hole punched once serves all.
/// Each packet is told apart by its first bytes:
///
/// ```
/// STUN       first two bits 0, at 4 the magic cookie 2112a442, its length field fits
/// WireGuard  type 1 to 4, three zero bytes, a length that fits the type
/// path       8a 41 74, a type below 16, eight bytes or more: which way leads to a node
/// relay      8a 41 74, a type of 16 to 23, eight bytes or more: to a node that passes it on
/// relayed    8a 41 74, a type of 24 to 31, eight bytes or more: from such a node
/// QUIC       the fixed bit 0x40
/// ```
/// Anything else is dropped and counted: among it what is sent to punch a hole.
///
/// Where the system allows it, packets go in batches: it cuts what is sent (`UDP_SEGMENT`) and
/// joins what is received (`UDP_GRO`), and each datagram is told apart after that. Where it
/// refuses, with
/// less: many messages in a call, then one, then the JDK's channel.
@NullMarked
package io.atoll.p2p.udp;

import org.jspecify.annotations.NullMarked;
