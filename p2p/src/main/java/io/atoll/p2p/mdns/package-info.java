/// Finds peers on the same network by multicast DNS, and is found.
///
/// ```
/// query   question   TAG                  PTR
/// answer  answer     TAG                  PTR   NAME.TAG
///         additional NAME.TAG             TXT   "dnsaddr=/ip4/…/p2p/ID" …
///                    NAME.TAG             SRV   0 0 port NAME.local
///                    NAME.local           A     one of the addresses
/// ```
/// TAG is `_p2p._udp.local`, or one that follows from a rendezvous name; NAME is random. Everything
/// goes to 224.0.0.251, port 5353 (libp2p specs, discovery/mdns.md; RFC 6762). SRV and A are there
/// because go-libp2p looks at no answer without them; nobody uses what they say.
///
/// What is found is hearsay: anybody on the network can name any peer and any address. Whoever
/// dials proves who is there.
@NullMarked
package io.atoll.p2p.mdns;

import org.jspecify.annotations.NullMarked;
