package io.atoll.p2p.kad.machine;

import com.google.protobuf.ByteString;
import io.atoll.core.identity.PeerId;

/// What a query is for.
public sealed interface KadGoal {
  /// What the key of the key space is the hash of.
  ByteString preimage();

  /// The peers nearest to a key.
  record Closest(ByteString preimage) implements KadGoal {}

  /// One peer and its addresses.
  record FindPeer(PeerId peer) implements KadGoal {
    @Override
    public ByteString preimage() {
      return ByteString.copyFrom(peer.bytes());
    }
  }

  /// The best value under a key; `quorum` peers that have one are enough.
  record Get(ByteString key, int quorum) implements KadGoal {
    @Override
    public ByteString preimage() {
      return key;
    }
  }

  /// Stores a value, now and at each republication until it expires or is replaced.
  record Put(ByteString key, ByteString value) implements KadGoal {
    @Override
    public ByteString preimage() {
      return key;
    }
  }

  /// Says that this node provides what a multihash names, now and at each republication.
  record Provide(ByteString multihash) implements KadGoal {
    @Override
    public ByteString preimage() {
      return multihash;
    }
  }

  /// Who provides it; `enough` end the search.
  record Providers(ByteString multihash, int enough) implements KadGoal {
    @Override
    public ByteString preimage() {
      return multihash;
    }
  }
}
