/// Asks the gateway of this network to let others in at a port: by PCP (RFC 6887), NAT-PMP
/// (RFC 6886) or UPnP's internet gateway device, whichever it speaks.
///
/// ```
/// NAT-PMP  → 0, op (0 address, 1 UDP, 2 TCP)[, 0, internal port, external port, lifetime]
///          ← 0, 128+op, result, epoch, external address | internal, external, lifetime
/// PCP      → 2, op 1, 0, lifetime, own address | nonce, protocol, 0, internal, external, address
///          ← 2, 129, 0, result, lifetime, epoch, 0 | as above, with what was assigned
/// UPnP     → M-SEARCH by UDP to 239.255.255.250:1900 ← LOCATION
///          → GET LOCATION ← services and where each is controlled
///          → POST AddPortMapping, GetExternalIPAddress, DeletePortMapping
/// ```
/// The first two go to port 5351 of the gateway. What answers is whatever sits on this network: it
/// is read with bounds, and nothing it says makes this node speak to anybody else.
@NullMarked
package io.atoll.p2p.portmap;

import org.jspecify.annotations.NullMarked;
