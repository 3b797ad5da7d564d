/// Yamux (`/yamux/1.0.0`, the libp2p specification of it).
///
/// ```
/// header, 12 bytes big-endian:  version 0 (1) · type (1) · flags (2) · stream (4) · length (4)
/// type    0 data, length bytes follow · 1 window update, length = credit
///         2 ping, length = value      · 3 go away, length = reason
/// flags   1 SYN · 2 ACK · 4 FIN · 8 RST
/// ```
/// Threads of a session: one reader (`FrameReader`), one writer (`FrameWriter`), one that watches
/// for silence (`KeepAlive`). The reader never writes to the channel: whatever it must answer it
/// queues, so two peers that both wait to write cannot wait for each other.
///
/// Sending: a stream's writer waits for credit *before* its bytes are queued, so what is queued can
/// always be sent; the queue of a session and of each stream is bounded; the writer takes one frame
/// of at most 64 KiB from each stream in turn. Receiving: credit is given back when the *reader of
/// the stream* has consumed half the window, and the window doubles when that took less than four
/// round trips.
@NullMarked
package io.atoll.p2p.muxer.yamux;

import org.jspecify.annotations.NullMarked;
