/// By which way packets get to another node: directly to one of its addresses, through a relay that
/// passes them on unread, or as a last resort over the libp2p connection. Sessions know nothing of
/// it. The machine is deterministic: `step(now, event)` gives actions.
///
/// ```
///          answers          nothing for 3 s             answers again
///  TRYING ────────► ALIVE ─────────────────► SILENT ────────────────► ALIVE
/// ```
/// The best address that is alive carries the packets; while there is none, the relay does, and the
/// stream while there is no relay. Everything else goes on being tried in the background.
@NullMarked
package io.atoll.vpn.path;

import org.jspecify.annotations.NullMarked;
