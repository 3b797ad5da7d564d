/// What is known of other peers, kept over restarts: addresses with their expiry, protocols, keys
/// and signed records.
///
/// ```
/// file = "atoll peers 1" newline, then a line for each peer:
///        CRC-32 of the rest in 8 hex digits · space · JSON of StoredPeer · newline
/// ```
/// A line that does not hold is left out and counted; the others count.
@NullMarked
package io.atoll.p2p.peer;

import org.jspecify.annotations.NullMarked;
