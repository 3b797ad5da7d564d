/// The switch of one network on one node: what it says itself to the workloads behind its ports.
/// Ethernet ends here (ARP, neighbour discovery, DHCP are answered on this node); what leaves the
/// machine is IP.
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
