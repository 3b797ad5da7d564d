/// The networks of one node: what joins switches, sessions and the socket.
///
/// ```
///  port ─► VirtualSwitch ─► SealingUplink ─► Outbound ─► PeerPaths ─► UdpSocket, relay, stream
///  port ◄─ VirtualSwitch ◄───── Opening ◄─── Inbound ◄─────────────── UdpSocket, relay, stream
/// ```
/// A packet is copied once on its way out, into the buffer where it is sealed beside those that go
/// to the same node, and once on its way in, behind those that it continues.
@NullMarked
package io.atoll.vpn.node;

import org.jspecify.annotations.NullMarked;
