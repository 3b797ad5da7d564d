/// Orders and reports between a hub and one provider, over one long stream that the provider opens.
///
/// ```
/// provider                               hub
///    │ Hello ────────────────────────────→ │  who I am, what I run, the highest epoch I know
///    │ ←──────────────────────── Welcome   │  or Refused
///    │ ←────────────────────── Networks    │  the private networks that it holds members of
///    │ ←──────────────────── DesiredSet    │  full, then diffs
///    │ Reports ──────────────────────────→ │  until each is acknowledged
///    │ ←─────────────────────────── Acks   │
///    │ Heartbeat(digest) ────────────────→ │  a wrong digest is answered with a full set
///    │ ←──────────────────────────── Heard │  each heartbeat is answered
/// ```
///
/// Each message is a frame: unsigned varint length, then JSON with a field `type`.
/// Unknown fields are ignored and unknown types skipped, so that versions N and N−1 understand each
/// other.
@NullMarked
package io.atoll.market.activity;

import org.jspecify.annotations.NullMarked;
