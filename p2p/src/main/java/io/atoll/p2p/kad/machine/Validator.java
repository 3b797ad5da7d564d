package io.atoll.p2p.kad.machine;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.List;

/// Judges the values of one namespace, the first part of the keys: when one is put here, and again
/// when one comes back from somebody else.
public interface Validator {
  sealed interface Verdict {
    /// @param expires when it stops to be valid by what it says itself
    record Valid(Instant expires) implements Verdict {}

    record Refused(String why) implements Verdict {}
  }

  Verdict judge(ByteString key, ByteString value, Instant now);

  /// The index of the best of several valid values for one key; every node chooses the same.
  int best(ByteString key, List<ByteString> values);
}
