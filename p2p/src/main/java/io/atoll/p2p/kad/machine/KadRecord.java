package io.atoll.p2p.kad.machine;

import com.google.protobuf.ByteString;

/// A value under a key.
///
/// @param received when the peer that holds it got it, RFC 3339; empty where nobody says
public record KadRecord(ByteString key, ByteString value, String received) {}
