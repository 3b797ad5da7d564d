package io.atoll.market.advert;

import com.google.protobuf.ByteString;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import io.atoll.p2p.kad.machine.SignedRecord;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/// An advertisement whose signature was checked.
///
/// @param at when it was signed, by the advertiser's clock
/// @param signed the bytes that are passed on
public record Advert(PeerId peer, Instant at, Instant expires, AdvertData data, ByteString signed) {
  /// Nobody reads a longer one.
  public static final int MAX_BYTES = 8 << 10;

  /// Nobody is believed for longer.
  public static final Duration LONGEST = Duration.ofHours(1);

  /// How far clocks may differ.
  static final Duration SKEW = Duration.ofMinutes(2);

  public static Advert sign(Identity self, AdvertData data, Instant now, Duration life) {
    Instant expires = Instant.ofEpochSecond(now.plus(life).getEpochSecond());
    ByteString key = AdvertKind.of(data).key(self.id());
    ByteString json = ByteString.copyFrom(Json.bytes(data));
    ByteString signed = SignedRecord.sign(self, key, now.toEpochMilli(), expires, json);
    if (signed.size() > MAX_BYTES) {
      throw new IllegalArgumentException("an advertisement of " + signed.size() + " bytes");
    }
    return new Advert(self.id(), Instant.ofEpochMilli(now.toEpochMilli()), expires, data, signed);
  }

  /// Parses one and checks all of it but whether it is still good, see `good`.
  ///
  /// @throws IllegalArgumentException with what is wrong with it
  public static Advert open(ByteString signed) {
    if (signed.size() > MAX_BYTES) {
      throw new IllegalArgumentException("an advertisement of " + signed.size() + " bytes");
    }
    SignedRecord record = SignedRecord.open(signed);
    AdvertData data = data(record.data().toByteArray());
    if (!record.key().equals(AdvertKind.of(data).key(record.author()))) {
      throw new IllegalArgumentException("it was not signed as an advertisement of its kind");
    }
    Instant at = Instant.ofEpochMilli(record.sequence());
    if (record.expires().isAfter(at.plus(LONGEST))) {
      throw new IllegalArgumentException("it wants to be believed until " + record.expires());
    }
    return new Advert(record.author(), at, record.expires(), data, signed);
  }

  /// @throws IllegalArgumentException if that is no data of an advertisement
  static AdvertData data(byte[] json) {
    try {
      AdvertData data = Json.read(json, AdvertData.class);
      if (data != null) {
        return data;
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("not the data of an advertisement", e);
    }
    throw new IllegalArgumentException("the data of an advertisement is null");
  }

  /// Whether it is believed now.
  public boolean good(Instant now) {
    return expires.isAfter(now) && !at.isAfter(now.plus(SKEW));
  }

  public AdvertKind kind() {
    return AdvertKind.of(data);
  }
}
