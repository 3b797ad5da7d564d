/// The way out of a network on one node: what members may send to addresses outside ends here, in a
/// stack in user space, and goes on by ordinary sockets of this process. No rights are needed, and
/// what is outside sees this node's address.
///
/// ```
///  VirtualSwitch ── what a rule allows ─► SocketExit ─► Stack ─► Approach ─► Socket ─► outside
///                                                          └──► UdpFlow ──► DatagramChannel
/// ```
/// Two have to agree: the network's owner by its egress rules, which the switch holds each packet
/// against, and whoever runs the node by `Outside`. A connection is answered inside only when it
/// stands outside, so that a refusal is one. Everything is bounded: connections and flows, of all
/// and of each member, their memory, questions to name servers, echoes.
@NullMarked
package io.atoll.vpn.exit;

import org.jspecify.annotations.NullMarked;
