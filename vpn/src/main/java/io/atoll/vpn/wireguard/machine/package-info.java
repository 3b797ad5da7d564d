/// When a peer's handshakes, keepalives and keys are due (whitepaper §6), and how much work
/// handshakes of strangers may make: deterministic, `step(now, event)` gives actions. No thread, no
/// clock, no socket, and no chance but what is handed in.
@NullMarked
package io.atoll.vpn.wireguard.machine;

import org.jspecify.annotations.NullMarked;
