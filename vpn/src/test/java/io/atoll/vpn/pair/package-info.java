/// The data path between two nodes against wireguard-go, side by side in the same two namespaces:
///
/// ```
///            a                                             b
///  10.79.0.1 ── wga ── wireguard-go ─┐     ┌─ wireguard-go ── wgb ── 10.79.0.2
///                                    ├ eth ┤
///  10.78.0.11 ─ atoll ── PairNode ───┘     └─── PairNode ── atoll ── 10.78.0.12
///                      192.0.2.1, veth, 192.0.2.2
/// ```
/// One process a side for each, the same MTU, the same iperf3, in turn.
@NullMarked
package io.atoll.vpn.pair;

import org.jspecify.annotations.NullMarked;
