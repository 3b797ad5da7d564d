package io.atoll.daemon.hub;

import io.atoll.client.request.AppProof;
import io.atoll.core.crypto.Ed25519;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.daemon.store.KeyRow;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Lets apps in that have a public key: they sign a challenge and get a token for a while.
///
/// Neither is kept. A challenge is marked by a key of this process, so that whoever asks for
/// millions costs no memory, and none of before a restart is taken; that one was used is remembered
/// until it expires. A token is marked by a key that follows from the hub's own, so that it
/// outlives a restart. Whether its app is revoked is looked up each time.
///
/// ```
/// challenge  8 bytes expiry (ms) ‖ 16 bytes of chance ‖ HMAC over "challenge" ‖ both ‖ public key
/// token      att_ ‖ base64url of 8 bytes expiry (ms) ‖ HMAC over "token" ‖ expiry ‖ id ‖ id
/// ```
public final class AppLogins {
  static final Duration CHALLENGE = Duration.ofSeconds(60);
  static final Duration TOKEN = Duration.ofMinutes(15);
  static final int MOST_USED = 100_000;

  private static final String PREFIX = "att_";
  private static final int TIME = 8;
  private static final int CHANCE = 16;
  private static final int MARK = 32;

  /// The apps that there are; revoked ones, too.
  public interface Apps {
    Optional<KeyRow> byPublicKey(byte[] publicKey);

    Optional<KeyRow> byId(String id);
  }

  public record Challenge(String text, Instant expires) {}

  public record Token(String text, String app, Instant expires) {}

  private final PeerId hub;
  private final Apps apps;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();
  private final byte[] challengeKey = new byte[MARK];
  private final byte[] tokenKey;

  /// Challenges that were answered, by when they expire. Guarded by itself.
  private final Map<String, Instant> used = new HashMap<>();

  public AppLogins(Identity hub, Apps apps, InstantSource clock) {
    this.hub = hub.id();
    this.apps = apps;
    this.clock = clock;
    random.nextBytes(challengeKey);
    // Ed25519 signs the same text always in the same way, and nobody else can.
    this.tokenKey =
        sha256(hub.sign("atoll key of app tokens 1".getBytes(StandardCharsets.US_ASCII)));
  }

  public PeerId hub() {
    return hub;
  }

  /// Something to sign. Whether there is such an app is not told.
  public Challenge challenge(byte[] publicKey) {
    Instant expires = Instant.ofEpochMilli(clock.instant().plus(CHALLENGE).toEpochMilli());
    byte[] chance = new byte[CHANCE];
    random.nextBytes(chance);
    byte[] all =
        ByteBuffer.allocate(TIME + CHANCE + MARK)
            .putLong(expires.toEpochMilli())
            .put(chance)
            .put(challengeMark(expires.toEpochMilli(), chance, publicKey))
            .array();
    return new Challenge(base64(all), expires);
  }

  private byte[] challengeMark(long expires, byte[] chance, byte[] publicKey) {
    return mark(
        challengeKey,
        "challenge",
        ByteBuffer.allocate(TIME + chance.length + publicKey.length)
            .putLong(expires)
            .put(chance)
            .put(publicKey)
            .array());
  }

  /// A token for whoever signed a challenge of this hub.
  ///
  /// @throws AtollException UNAUTHENTICATED, whatever is wrong
  public Token token(byte[] publicKey, String challenge, byte[] signature) {
    byte[] all = bytes(challenge);
    if (all.length != TIME + CHANCE + MARK || !base64(all).equals(challenge)) {
      throw refused("the challenge is not one of this hub's");
    }
    ByteBuffer in = ByteBuffer.wrap(all);
    long millis = in.getLong();
    byte[] chance = new byte[CHANCE];
    in.get(chance);
    byte[] mark = Arrays.copyOfRange(all, TIME + CHANCE, all.length);
    if (!MessageDigest.isEqual(mark, challengeMark(millis, chance, publicKey))) {
      throw refused("the challenge is not one of this hub's, for this key");
    }
    Instant now = clock.instant();
    Instant expires = Instant.ofEpochMilli(millis);
    if (!now.isBefore(expires)) {
      throw refused("the challenge has expired");
    }
    KeyRow app =
        apps.byPublicKey(publicKey)
            .filter(key -> key.revokedAt() == null)
            .orElseThrow(() -> refused("no app here has this key, or it was revoked"));
    if (!Ed25519.verify(publicKey, AppProof.bytes(hub, challenge, expires), signature)) {
      throw refused("the signature is not this key's");
    }
    use(challenge, expires, now);
    long until = now.plus(TOKEN).toEpochMilli();
    byte[] id = app.id().getBytes(StandardCharsets.US_ASCII);
    byte[] token =
        ByteBuffer.allocate(TIME + MARK + id.length)
            .putLong(until)
            .put(tokenMark(until, id))
            .put(id)
            .array();
    return new Token(PREFIX + base64(token), app.id(), Instant.ofEpochMilli(until));
  }

  /// A challenge serves once. Only who has an app's key comes here.
  private void use(String challenge, Instant expires, Instant now) {
    synchronized (used) {
      if (used.size() >= MOST_USED) {
        used.values().removeIf(until -> !now.isBefore(until));
      }
      if (used.size() >= MOST_USED) {
        throw new AtollException(
            ErrorCode.TOO_MANY_REQUESTS,
            "apps ask for more tokens than this hub gives in a minute",
            "use a token until it expires");
      }
      if (used.putIfAbsent(challenge, expires) != null) {
        throw refused("the challenge was answered before; each serves once");
      }
    }
  }

  private byte[] tokenMark(long until, byte[] id) {
    return mark(
        tokenKey, "token", ByteBuffer.allocate(TIME + id.length).putLong(until).put(id).array());
  }

  public static boolean isToken(String secret) {
    return secret.startsWith(PREFIX);
  }

  /// Whose token it is; empty if it is no good one of this hub, or its app was revoked.
  public Optional<KeyRow> holder(String token) {
    byte[] all = bytes(token.substring(PREFIX.length()));
    if (all.length <= TIME + MARK || !token.equals(PREFIX + base64(all))) {
      return Optional.empty();
    }
    long until = ByteBuffer.wrap(all).getLong();
    byte[] mark = Arrays.copyOfRange(all, TIME, TIME + MARK);
    byte[] id = Arrays.copyOfRange(all, TIME + MARK, all.length);
    if (!MessageDigest.isEqual(mark, tokenMark(until, id))
        || clock.instant().toEpochMilli() >= until) {
      return Optional.empty();
    }
    return apps.byId(new String(id, StandardCharsets.US_ASCII))
        .filter(key -> key.revokedAt() == null && key.publicKey() != null);
  }

  private static byte[] bytes(String base64) {
    try {
      return Base64.getUrlDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static AtollException refused(String why) {
    return new AtollException(
        ErrorCode.UNAUTHENTICATED,
        why,
        "ask for a new challenge and sign it with the app's key; the hub's owner makes apps with"
            + " `atoll app create`");
  }

  private static byte[] mark(byte[] key, String kind, byte[] what) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update(kind.getBytes(StandardCharsets.US_ASCII));
      return mac.doFinal(what);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
