/// Round trips between nodes: measured by this one, and told by others, who sign what they
/// measured.
///
/// ```
/// Envelope, domain "atoll-latency", type "/atoll/latency/1"
///   payload{1 measured at, ms since 1970, 2 entry{1 peer id bytes, 2 round trip, µs}*}
/// ```
/// A node can lie about the round trips to itself. Where both ends of a pair say something, the
/// longer one counts: claiming to be near does not help without the other's word.
@NullMarked
package io.atoll.p2p.latency;

import org.jspecify.annotations.NullMarked;
