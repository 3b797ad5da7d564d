package io.atoll.p2p.kad.machine;

import com.google.protobuf.ByteString;
import io.atoll.p2p.kad.machine.Validator.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The namespaces that this node keeps values of: `/NAME/…` belongs to the validator of NAME.
/// Whatever is in no namespace is refused.
public record Validators(Map<String, Validator> namespaces) implements Validator {
  public Validators {
    namespaces = Map.copyOf(namespaces);
  }

  /// `/pk/` and `/atoll/`.
  public static Validators standard() {
    return new Validators(
        Map.of("pk", new PublicKeyValidator(), SignedRecord.NAMESPACE, new SignedValidator()));
  }

  @Override
  public Verdict judge(ByteString key, ByteString value, Instant now) {
    Validator validator = of(key);
    return validator == null
        ? new Verdict.Refused("no namespace of this node begins the key")
        : validator.judge(key, value, now);
  }

  @Override
  public int best(ByteString key, List<ByteString> values) {
    Validator validator = of(key);
    return validator == null ? 0 : validator.best(key, values);
  }

  private @Nullable Validator of(ByteString key) {
    if (key.isEmpty() || key.byteAt(0) != '/') {
      return null;
    }
    for (int end = 1; end < Math.min(key.size(), 64); end++) {
      if (key.byteAt(end) == '/') {
        return namespaces.get(key.substring(1, end).toStringUtf8());
      }
    }
    return null;
  }
}
