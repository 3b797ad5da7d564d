/// Networks in virtual time, made of the machines that the product runs: `Engine`, `PathMachine`
/// and `TcpMachine` in `NetworkDay`, and whole switches in `Isolation`. Everything random comes
/// from a seed that is printed; the same seed is the same world.
///
/// ```
/// ./dev sim network-day --seed 4711
/// ```
@NullMarked
package io.atoll.vpn.sim;

import org.jspecify.annotations.NullMarked;
