/// By which way packets get to another node: directly to one of its addresses, through a relay that
/// passes them on unread, or as a last resort over the libp2p connection. Sessions know nothing of
/// it. The machine is deterministic: `step(now, event)` gives actions.
///
/// ```
///          answers          1.2 s without an answer           answers for 1 s, 2 s, 4 s …
///  TRYING ────────► ALIVE ──────────────────────────► SILENT ─────────────► ALIVE
/// ```
/// The best address that is alive carries the packets; while there is none, the nearest relay that
/// leads to the node does, and the stream while there is no relay. All else goes on being tried in
/// the background. That something is heard only shows that the other direction works: a way is
/// alive by the answers to probes, and who answers none (stock WireGuard) is sent to where it was
/// last heard, as that protocol has it.
///
/// Probes are told apart from all else on the socket by their first bytes. Their keys come from the
/// X25519 keys that the two nodes have in a network: they are there as soon as the membership is,
/// need no message, change with the keys, and go when a node is removed, which a key made of the
/// nodes' identities would not.
///
/// ```
///  0      3    4       12      20            38        54
///  ├──────┼────┼───────┼───────┼─────────────┼─────────┤
///  │8a4174│type│key id │ token │ seen, hidden│   MAC   │   type 1 question, 2 answer
///  └──────┴────┴───────┴───────┴─────────────┴─────────┘
///  secret  S = KDF1(HASH("atoll probe v1"), DH of both nodes' keys in the network)
///  keys    K, L = KDF2(HASH(sender's key ‖ receiver's key), S)
///  key id  the first 8 bytes of L
///  seen    in an answer the address and port that the question came from, as IPv6; XOR with the
///          start of HASH(K ‖ token ‖ type)
///  MAC     keyed BLAKE2s under K of all before it
/// ```
/// An answer is as long as its question, and there are at most so many a second for each node. To
/// whoever has not the key nothing is answered. A question that somebody kept and sends again from
/// elsewhere gets an answer there, and a question back; a way counts only when that is answered.
@NullMarked
package io.atoll.vpn.path;

import org.jspecify.annotations.NullMarked;
