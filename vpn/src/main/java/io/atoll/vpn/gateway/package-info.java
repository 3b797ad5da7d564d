/// TCP, UDP and ICMP in user space: with it a node speaks to the members of a network without a
/// device of the system, and so without the rights to make one.
///
/// ```
/// received(packet) → Inbox → the stack's thread → Flows: TcpLink (machine + two rings) → readers
///                                   ↑                     UdpLink, Pings
///        writers, readers ── touch ─┘                            ↓
///                                                  PacketWriter → PacketOut
/// ```
/// One thread owns every machine and both ends of the wire. Whoever reads or writes a stream shares
/// two rings with it, under the stream's lock, and never waits for the thread but for bytes or
/// room. Everything is bounded: the inbox, connections, and the memory of all rings together.
///
/// Pieces of packets (fragments) are dropped and counted: who sends in a network knows its MTU.
@NullMarked
package io.atoll.vpn.gateway;

import org.jspecify.annotations.NullMarked;
