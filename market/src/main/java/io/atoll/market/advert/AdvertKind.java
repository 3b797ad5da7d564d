package io.atoll.market.advert;

import com.google.protobuf.ByteString;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.kad.machine.SignedRecord;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The kinds of advertisements: where each is kept, and where it is told.
public enum AdvertKind {
  PROVIDER("offer", "atoll/offers"),
  HUB("hub", "atoll/hubs");

  /// Under how many keys of the DHT the ids of advertisers are found: each keeps only the newest
  /// few of a key.
  static final int PLACES = 16;

  private static final byte[] SHA2_256 = {0x12, 32};

  private final String word;
  private final String topic;

  AdvertKind(String word, String topic) {
    this.word = word;
    this.topic = topic;
  }

  /// The topic of gossip.
  public String topic() {
    return topic;
  }

  /// The key of a peer's advertisement in the DHT.
  public ByteString key(PeerId peer) {
    return SignedRecord.key(word, peer);
  }

  static AdvertKind of(AdvertData data) {
    return switch (data) {
      case AdvertData.OfProvider _ -> PROVIDER;
      case AdvertData.OfHub _ -> HUB;
    };
  }

  /// Where the ids of a sixteenth of all advertisers are found, as a multihash.
  ByteString place(int number) {
    byte[] name = ("/atoll/" + word + "/place/" + number).getBytes(StandardCharsets.UTF_8);
    return ByteString.copyFrom(SHA2_256).concat(ByteString.copyFrom(sha256(name)));
  }

  static int placeOf(PeerId peer) {
    return Math.floorMod(sha256(peer.bytes())[0], PLACES);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
