package io.atoll.core.multiformat;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/// Bytes that name their hash: `uvarint code · uvarint length · digest`. Only the two hashes that
/// peer ids use are known here: identity (0x00) and sha2-256 (0x12).
public final class Multihash {
  private static final int IDENTITY = 0x00;
  private static final int SHA2_256 = 0x12;

  /// The largest content that is named by itself (peer-ids specification).
  private static final int MAX_IDENTITY = 42;

  private static final int CID_V1 = 1;
  private static final int LIBP2P_KEY = 0x72;

  private Multihash() {}

  /// The multihash that names a public key: itself where that is short, else its sha2-256.
  public static byte[] ofKey(byte[] encodedKey) {
    return encodedKey.length <= MAX_IDENTITY
        ? prefixed(IDENTITY, encodedKey)
        : prefixed(SHA2_256, sha256(encodedKey));
  }

  /// Returns the bytes if they are one of the two multihashes, whole and nothing more.
  public static byte[] check(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    long code = Uvarint.read(in);
    long length = Uvarint.read(in);
    if (length != in.remaining()) {
      throw new IllegalArgumentException(
          "a multihash says " + length + " bytes and has " + in.remaining());
    }
    if (code == SHA2_256 ? length != 32 : code != IDENTITY || length > MAX_IDENTITY) {
      throw new IllegalArgumentException(
          "not the multihash of a key: code " + code + ", " + length + " bytes");
    }
    return bytes;
  }

  /// Parses either text of a peer id: base58btc of the multihash, or CIDv1 with codec libp2p-key in
  /// multibase base32 (`b…`) or base58btc (`z…`).
  public static byte[] parse(String text) {
    if (text.startsWith("1") || text.startsWith("Qm")) {
      return check(Base58.decode(text));
    }
    if (text.length() > 128) {
      throw new IllegalArgumentException("not a peer id: " + text.length() + " characters");
    }
    if (text.startsWith("b")) {
      return fromCid(Base32.decode(text.substring(1)));
    }
    if (text.startsWith("z")) {
      return fromCid(Base58.decode(text.substring(1)));
    }
    throw new IllegalArgumentException("not a peer id: expected 12D3KooW…, Qm… or bafz…");
  }

  /// The CIDv1 text of a multihash, in base32.
  public static String cid(byte[] multihash) {
    byte[] cid = new byte[multihash.length + 2];
    cid[0] = CID_V1;
    cid[1] = LIBP2P_KEY;
    System.arraycopy(multihash, 0, cid, 2, multihash.length);
    return "b" + Base32.encode(cid);
  }

  private static byte[] fromCid(byte[] cid) {
    if (cid.length < 2 || cid[0] != CID_V1 || cid[1] != LIBP2P_KEY) {
      throw new IllegalArgumentException("not a peer id: the CID is not of a libp2p key");
    }
    return check(Arrays.copyOfRange(cid, 2, cid.length));
  }

  private static byte[] prefixed(int code, byte[] digest) {
    byte[] bytes = new byte[digest.length + 2];
    bytes[0] = (byte) code;
    bytes[1] = (byte) digest.length;
    System.arraycopy(digest, 0, bytes, 2, digest.length);
    return bytes;
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
