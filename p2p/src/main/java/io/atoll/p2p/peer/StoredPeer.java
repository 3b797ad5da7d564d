package io.atoll.p2p.peer;

import io.atoll.core.crypto.PublicKey;
import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.record.SignedPeerRecord;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A peer as a line of the file; times in milliseconds, bytes in base64.
record StoredPeer(
    @Nullable String id,
    @Nullable String key,
    @Nullable List<StoredAddress> addresses,
    @Nullable List<String> protocols,
    @Nullable String agent,
    @Nullable String record,
    boolean dialled,
    long updated) {

  record StoredAddress(@Nullable String address, long expires, boolean signed) {}

  static String write(KnownPeer peer) {
    Base64.Encoder base64 = Base64.getEncoder();
    return Json.write(
        new StoredPeer(
            peer.id().text(),
            peer.key().map(key -> base64.encodeToString(key.encode())).orElse(null),
            peer.addresses().stream()
                .map(
                    known ->
                        new StoredAddress(
                            known.address().toString(),
                            known.expires().toEpochMilli(),
                            known.signed()))
                .toList(),
            peer.protocols(),
            peer.agent(),
            peer.record().map(record -> base64.encodeToString(record.encode())).orElse(null),
            peer.dialled(),
            peer.updated().toEpochMilli()));
  }

  /// @throws IOException or an IllegalArgumentException if any of it does not hold
  static KnownPeer read(String json, PeerBounds bounds) throws IOException {
    StoredPeer stored = Json.read(json, StoredPeer.class);
    if (stored == null || stored.id == null) {
      throw new IOException("it names no peer");
    }
    PeerId id = PeerId.parse(stored.id);
    Optional<PublicKey> key =
        Optional.ofNullable(stored.key)
            .map(text -> PublicKey.decode(Base64.getDecoder().decode(text)));
    Optional<SignedPeerRecord> record =
        stored.record == null
            ? Optional.empty()
            : Optional.of(SignedPeerRecord.reopen(Base64.getDecoder().decode(stored.record)));
    boolean one =
        key.map(PeerId::of).orElse(id).equals(id)
            && record.map(SignedPeerRecord::peer).orElse(id).equals(id);
    if (!one) {
      throw new IOException("it mixes two peers");
    }
    try {
      return new KnownPeer(
          id,
          key,
          orEmpty(stored.addresses).stream()
              .limit(bounds.addresses())
              .map(StoredPeer::address)
              .toList(),
          orEmpty(stored.protocols).stream().limit(bounds.protocols()).toList(),
          stored.agent == null ? "" : stored.agent,
          record,
          stored.dialled,
          Instant.ofEpochMilli(stored.updated));
    } catch (DateTimeException | NullPointerException e) {
      throw new IOException("a value of it makes no sense", e);
    }
  }

  private static KnownAddress address(StoredAddress stored) {
    return new KnownAddress(
        Multiaddr.parse(stored.address == null ? "" : stored.address),
        Instant.ofEpochMilli(stored.expires),
        stored.signed);
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}
