/// What a network is, who is in it, and where packets for an address go. Nothing here opens a
/// socket or waits.
///
/// A network has an owner, whose key signs its membership: the member list as a whole, with the
/// network and a version. What goes over the wire is the change from one version to the next and
/// the seal of the result, so that it costs what has changed, and nobody but the owner can add,
/// leave out or put back a member. Each node signs the key its packets are sealed with itself.
///
/// ```
/// seal      Envelope of type "/atoll/network", signed by the owner for "atoll-network"
///           its payload: JSON {digest, network, version}; the digest is the SHA-256 of the
///           canonical JSON of the membership
/// node key  Envelope of type "/atoll/node-key", signed by the node for "atoll-node-key"
///           its payload: JSON {issued, key, network}
/// ```
@NullMarked
package io.atoll.vpn.network;

import org.jspecify.annotations.NullMarked;
