package io.atoll.p2p.kad.machine;

import com.google.protobuf.ByteString;
import io.atoll.core.crypto.PublicKey;
import io.atoll.core.identity.PeerId;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/// `/pk/<multihash of a peer>`: the value is the key that the multihash names.
final class PublicKeyValidator implements Validator {
  static final ByteString PREFIX = ByteString.copyFromUtf8("/pk/");

  @Override
  public Verdict judge(ByteString key, ByteString value, Instant now) {
    if (!key.startsWith(PREFIX)) {
      return new Verdict.Refused("a public key belongs under /pk/");
    }
    try {
      PeerId named = PeerId.of(PublicKey.decode(value.toByteArray()));
      if (Arrays.equals(named.bytes(), key.substring(PREFIX.size()).toByteArray())) {
        return new Verdict.Valid(Instant.MAX);
      }
      return new Verdict.Refused("the public key is that of " + named + ", not of the key's peer");
    } catch (IllegalArgumentException e) {
      return new Verdict.Refused("not a public key");
    }
  }

  @Override
  public int best(ByteString key, List<ByteString> values) {
    return 0; // all valid ones are the same key
  }
}
