package io.atoll.p2p.gossip.machine;

import com.google.protobuf.ByteString;

/// The name of a message: opaque bytes.
public record MessageId(ByteString bytes) {}
