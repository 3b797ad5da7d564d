package io.atoll.p2p.kad.machine;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Every value under `/atoll/` is signed by the author that its key names, says the key itself, and
/// ends by itself. The highest sequence is the best.
final class SignedValidator implements Validator {
  /// Nobody can make others keep a value for years.
  private static final Duration LONGEST = Duration.ofDays(8);

  private static final ByteString PREFIX =
      ByteString.copyFromUtf8("/" + SignedRecord.NAMESPACE + "/");

  @Override
  public Verdict judge(ByteString key, ByteString value, Instant now) {
    String[] parts = key.isValidUtf8() ? key.toStringUtf8().split("/", -1) : new String[0];
    if (!key.startsWith(PREFIX) || parts.length < 4 || parts[2].isEmpty()) {
      return new Verdict.Refused("a key is /atoll/KIND/AUTHOR");
    }
    SignedRecord record;
    try {
      record = SignedRecord.open(value);
    } catch (IllegalArgumentException e) {
      return new Verdict.Refused(String.valueOf(e.getMessage()));
    }
    if (!record.author().text().equals(parts[3])) {
      return new Verdict.Refused("signed by " + record.author() + ", who is not the key's author");
    }
    if (!record.key().equals(key)) {
      return new Verdict.Refused("the value is for another key");
    }
    if (!record.expires().isAfter(now)) {
      return new Verdict.Refused("it expired at " + record.expires());
    }
    if (record.expires().isAfter(now.plus(LONGEST))) {
      return new Verdict.Refused("it wants to live until " + record.expires());
    }
    return new Verdict.Valid(record.expires());
  }

  @Override
  public int best(ByteString key, List<ByteString> values) {
    int best = 0;
    SignedRecord leader = SignedRecord.open(values.getFirst());
    for (int i = 1; i < values.size(); i++) {
      SignedRecord other = SignedRecord.open(values.get(i));
      int order = Long.compare(other.sequence(), leader.sequence());
      if (order == 0) {
        order =
            ByteString.unsignedLexicographicalComparator().compare(values.get(i), values.get(best));
      }
      if (order > 0) {
        best = i;
        leader = other;
      }
    }
    return best;
  }
}
