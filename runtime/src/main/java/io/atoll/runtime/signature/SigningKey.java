package io.atoll.runtime.signature;

import io.atoll.core.crypto.Ed25519;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.content.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/// A private Ed25519 key in a file of its owner's: PKCS #8 in PEM (RFC 8410), as OpenSSL reads and
/// writes it. It never prints.
public final class SigningKey {
  private static final byte[] PREFIX = HexFormat.of().parseHex("302e020100300506032b657004220420");
  private static final int LARGEST = 4096;

  private final byte[] seed;

  private SigningKey(byte[] seed) {
    this.seed = seed;
  }

  /// Makes one where there is none.
  public static SigningKey at(Path file) {
    try {
      if (!Files.exists(file)) {
        byte[] encoded = Arrays.copyOf(PREFIX, PREFIX.length + Ed25519.SEED_BYTES);
        System.arraycopy(Ed25519.newSeed(), 0, encoded, PREFIX.length, Ed25519.SEED_BYTES);
        DurableFiles.write(
            file,
            ("-----BEGIN PRIVATE KEY-----\n"
                    + Base64.getEncoder().encodeToString(encoded)
                    + "\n-----END PRIVATE KEY-----\n")
                .getBytes(StandardCharsets.US_ASCII));
      }
      return read(file);
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.INTERNAL,
          "cannot read or make the signing key " + file,
          "check that its folder exists and belongs to you",
          e);
    }
  }

  private static SigningKey read(Path file) throws IOException {
    String text =
        Files.size(file) > LARGEST ? "" : Files.readString(file, StandardCharsets.US_ASCII);
    try {
      byte[] encoded =
          Base64.getMimeDecoder().decode(text.replaceAll("-----[A-Z ]+-----", "").strip());
      if (encoded.length == PREFIX.length + Ed25519.SEED_BYTES
          && Arrays.equals(PREFIX, Arrays.copyOf(encoded, PREFIX.length))) {
        return new SigningKey(Arrays.copyOfRange(encoded, PREFIX.length, encoded.length));
      }
    } catch (IllegalArgumentException _) {
      // Said below.
    }
    throw new AtollException(
        ErrorCode.BAD_REQUEST,
        "the file " + file + " holds no private Ed25519 key",
        "make one: openssl genpkey -algorithm ed25519 -out " + file);
  }

  /// What others list to trust it.
  public TrustRule.Key publicKey() {
    return new TrustRule.Key(Ed25519.publicKey(seed));
  }

  public ImageSignature.Detached sign(Digest digest) {
    return new ImageSignature.Detached(
        digest, Ed25519.publicKey(seed), Ed25519.sign(seed, ImageSignature.message(digest)));
  }
}
