/// What makes members of a network reachable on this machine: forwarded ports, and proxies. Each
/// connection here is a WebSocket at the hub.
///
/// ```
///  program ── TCP ── TcpForward, SocksTalk, HttpTalk ── Splice ──┐
///  program ── UDP ── UdpForward, SocksRelay ── Flows ────────────┴─ GateDialer ── hub
/// ```
@NullMarked
package io.atoll.client.gate;

import org.jspecify.annotations.NullMarked;
