/// One end of a TCP connection as a deterministic machine: `step(now, event)` gives actions; no
/// thread, no clock, no socket, no randomness but what it is given. It does not see the bytes
/// either: it counts them, and its shell (`vpn.gateway`) keeps them in two rings.
///
/// ```
///  0                   1                   2                   3
/// |          source port          |       destination port        |
/// |                        sequence number                        |
/// |                    acknowledgment number                      |
/// | header|       | flags         |            window             |
/// |           checksum            |            urgent             |
/// | options: 2 MSS, 3 window scale, 4 SACK permitted, 5 SACK, 8 timestamps |
/// ```
/// (RFC 9293 §3.1; RFC 7323, RFC 2018.) Inside, a place in a stream is a *position*, a long that
/// never wraps: SYN has position 0, the first byte 1, and FIN the one behind the last byte.
///
/// What it follows: states RFC 9293; retransmission timer RFC 6298 (at least 200 ms); congestion
/// RFC 5681 with the window of RFC 6928; loss recovery RFC 6675 with SACK and RFC 6582 without;
/// forged segments RFC 5961; too-big messages RFC 1191 and 8201; silly windows RFC 9293 §3.8.6.
/// There is no urgent data (its flag is ignored, RFC 6093) and no Nagle: who writes has buffers.
@NullMarked
package io.atoll.vpn.gateway.tcp;

import org.jspecify.annotations.NullMarked;
