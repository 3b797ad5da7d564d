/// AutoNAT: whether others can dial this node, by asking them to try.
///
/// ```
/// v1  /libp2p/autonat/1.0.0
///   Message{1 type DIAL 0 | DIAL_RESPONSE 1, 2 dial{1 peer{1 id, 2 addrs*}},
///           3 response{1 status, 2 text, 3 addr}}
///   status OK 0, E_DIAL_ERROR 100, E_DIAL_REFUSED 101, E_BAD_REQUEST 200, E_INTERNAL 300
/// v2  /libp2p/autonat/2/dial-request
///   Message oneof 1 dialRequest{1 addrs*, 2 nonce fixed64}
///                 2 dialResponse{1 status, 2 addrIdx, 3 dialStatus}
///                 3 dialDataRequest{1 addrIdx, 2 numBytes}   4 dialDataResponse{1 data}
///   status E_INTERNAL 0, E_REQUEST_REJECTED 100, E_DIAL_REFUSED 101, OK 200
///   dialStatus UNUSED 0, E_DIAL_ERROR 100, E_DIAL_BACK_ERROR 101, OK 200
/// v2  /libp2p/autonat/2/dial-back, from the server, on the connection that it dialled
///   DialBack{1 nonce fixed64} → DialBackResponse{1 status OK 0}
/// ```
/// Frames have a uvarint length and at most 8192 bytes. A server dials under another identity, so
/// that no connection that is open already answers for the address; it dials an address that is not
/// the asker's own only after the asker has sent more than dialling costs.
@NullMarked
package io.atoll.p2p.reach;

import org.jspecify.annotations.NullMarked;
