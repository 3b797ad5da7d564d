/// `/atoll/chat/1.0.0`: a line of text to a peer, and whether it was taken. One stream a line.
///
/// ```
/// frame = uvarint length (at most 8 KiB) · Message
/// Line { 1 text }          who opened the stream; at most 4 KiB of UTF-8
/// Taken { 1 code }         the other; no code = it was taken
/// ```
@NullMarked
package io.atoll.p2p.chat;

import org.jspecify.annotations.NullMarked;
