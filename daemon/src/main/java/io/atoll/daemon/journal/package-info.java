/// What a provider has promised and what came of it, on disk before it acts.
///
/// The journal is one file that only grows at its end, until it is rewritten with what still holds:
///
/// ```
/// "ATOLJNL" version:u8     frame frame frame …
/// frame = length:u32be  crc32c:u32be  payload      (the sum covers length and payload)
/// payload = JSON array of entries                  (one frame per commit: all of it or nothing)
/// entry = {"run":…} | {"drop":task} | {"agreement":…} | {"leave":hub}
///       | {"network":…} | {"apart":network}
/// ```
///
/// A frame is acknowledged after fdatasync. What a power cut can leave behind the last acknowledged
/// frame (a piece of one, or zeros) is cut off when the file is opened; anything else that does not
/// fit its sum is damage, and an error rather than a loss in silence.
@NullMarked
package io.atoll.daemon.journal;

import org.jspecify.annotations.NullMarked;
