/// The switch of one network on one node: what it says itself to the workloads behind its ports.
/// Ethernet ends here (ARP, neighbour discovery, DHCP are answered on this node); what leaves the
/// machine is IP.
///
/// Packets for everybody (multicast and broadcast) are copied to each member here and once to each
/// other node; who wants which groups is not asked (IGMP, MLD): each member gets all, and drops
/// what it does not want. What one member may send of these, and ask, is bounded and counted.
///
/// A member's address may change while everything runs. Only the membership says whose an address
/// is, on all nodes: from one packet to the next the old one is nobody's, so that it may be
/// another's at once. A guest learns of it when it asks again, after 30 seconds at the latest; what
/// it still sends from the old one is counted as forged.
///
/// What a workload asks its switch for comes now and then, so these packets are arrays of bytes,
/// one made for each answer. Packets on their way to others are never made into such.
///
/// ```
/// ARP      RFC 826, 5227     DHCP    RFC 2131, 2132      DNS   RFC 1035, reverse names RFC 3596
/// ND, RA   RFC 4861, 8106    DHCPv6  RFC 8415            ICMP  RFC 792, 4443; too big RFC 1191
/// ```
@NullMarked
package io.atoll.vpn.vswitch;

import org.jspecify.annotations.NullMarked;
