/// `/atoll/file/1.0.0`: a file on its way from one node to another, over as many streams as it
/// takes. The sender opens the stream; one stream carries one file.
///
/// ```
/// frame = uvarint length · Message          all but data: at most 4 KiB
/// Message { 1 offer {1 id, 2 name, 3 size, 4 sha256}   sender, first
///           2 pending {}                               receiver: its owner has not decided
///           3 accept {1 offset}                        receiver: send from there
///           4 data (bytes, at most 1 MiB)              sender
///           5 end {1 sha256}                           sender: that was all
///           6 done {}                                  receiver: it is there, whole
///           7 refuse {1 code, 2 text} }                either: not this file, and why
///
///   sender     offer ─────────────── data … end ────────
///   receiver     (pending) accept ──────────────── done
/// ```
/// After a lost stream the sender says the same offer again and the receiver accepts it from where
/// its file ends. A receiver whose bytes have another hash accepts once more from 0. An offer that
/// nobody accepted lies in memory only.
@NullMarked
package io.atoll.p2p.transfer;

import org.jspecify.annotations.NullMarked;
