/// Ways into private networks for callers of the API: one WebSocket is one connection of TCP, one
/// flow of UDP, or the packets of one address.
///
/// ```
///  caller ── WebSocket ── rest.GateUpgrade ── GateDoor ─┬─ StreamTalk   ── Gate ── TcpStream
///                                                       ├─ DatagramTalk ── Gate ── UdpFlow
///                                                       └─ PacketTalk   ── PacketPort
/// ```
/// Each conversation has two virtual threads, one a direction, which wait for each other's ends:
/// whoever does not read holds the other back all the way. Nothing is queued in between.
@NullMarked
package io.atoll.daemon.gate;

import org.jspecify.annotations.NullMarked;
