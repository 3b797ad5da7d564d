package io.atoll.core.audit;

import io.atoll.core.crypto.PublicKey;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;

/// A hub's word that its record had this end. Who keeps one elsewhere sees whether the record
/// was cut or written anew since.
///
/// @param signature of the hub's key, base64
public record SignedEnd(PeerId hub, long seq, String hash, Instant at, String signature) {
  private static final String PURPOSE = "atoll audit end 1";

  public SignedEnd {
    Objects.requireNonNull(hub, "hub");
    Objects.requireNonNull(hash, "hash");
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(signature, "signature");
  }

  public static SignedEnd sign(Identity hub, AuditEnd end, Instant at) {
    return new SignedEnd(
        hub.id(),
        end.seq(),
        end.hash(),
        at,
        Base64.getEncoder().encodeToString(hub.sign(signed(hub.id(), end, at))));
  }

  private static byte[] signed(PeerId hub, AuditEnd end, Instant at) {
    return String.join(
            "\n", PURPOSE, hub.text(), Long.toString(end.seq()), end.hash(), at.toString())
        .getBytes(StandardCharsets.UTF_8);
  }

  public AuditEnd end() {
    return new AuditEnd(seq, hash);
  }

  /// Whether this hub said it.
  public boolean verified() {
    try {
      byte[] id = hub.bytes();
      if (id[0] != 0) {
        return false; // a hash of the key does not tell the key
      }
      PublicKey key = PublicKey.decode(Arrays.copyOfRange(id, 2, id.length));
      byte[] bytes = Base64.getDecoder().decode(signature);
      return Base64.getEncoder().encodeToString(bytes).equals(signature)
          && key.verify(signed(hub, end(), at), bytes);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  public String text() {
    return Json.write(this);
  }

  /// @throws IOException if the bytes are not the text of one, to the last
  public static SignedEnd read(byte[] bytes) throws IOException {
    SignedEnd end;
    try {
      end = Json.read(bytes, SignedEnd.class);
    } catch (IllegalArgumentException e) {
      throw new IOException("it is no signed end", e);
    }
    if (end == null || !Arrays.equals(bytes, end.text().getBytes(StandardCharsets.UTF_8))) {
      throw new IOException("it is no signed end as a hub writes them");
    }
    return end;
  }
}
