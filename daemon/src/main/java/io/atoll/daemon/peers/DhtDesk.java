package io.atoll.daemon.peers;

import com.google.protobuf.ByteString;
import io.atoll.client.api.DhtPeer;
import io.atoll.client.api.DhtRecord;
import io.atoll.client.api.DhtStored;
import io.atoll.client.api.DhtValue;
import io.atoll.client.api.DhtView;
import io.atoll.client.request.NetworkMapping;
import io.atoll.client.request.Shown;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.kad.Kad;
import io.atoll.p2p.kad.machine.SignedRecord;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the owner of a daemon looks up in the DHT, and puts there in the daemon's name.
final class DhtDesk {
  private final PeerNetwork network;

  DhtDesk(PeerNetwork network) {
    this.network = network;
  }

  static String mode(Kad kad) {
    return kad.serves() ? "SERVER" : "CLIENT";
  }

  DhtView view() throws InterruptedException {
    Kad kad = network.parts().kad();
    return new DhtView(
        mode(kad),
        kad.table().stream().map(peer -> new DhtPeer(peer.id(), LiveNetwork.texts(peer))).toList(),
        kad.records().stream()
            .map(
                kept ->
                    new DhtRecord(kept.key().toStringUtf8(), kept.value().size(), kept.received()))
            .toList());
  }

  /// Where a peer is; none if nobody knows, or there is nobody to ask.
  List<String> find(PeerId peer) throws InterruptedException {
    Kad kad = network.parts().kad();
    return kad.table().isEmpty()
        ? List.of()
        : kad.findPeer(peer).map(LiveNetwork::texts).orElse(List.of());
  }

  DhtValue get(String key) throws InterruptedException {
    Kad kad = kadWithPeers();
    ByteString value =
        kad.get(ByteString.copyFromUtf8(key))
            .orElseThrow(
                () ->
                    new AtollException(
                        ErrorCode.NOT_FOUND,
                        "nobody that was asked keeps a value under " + Shown.quoted(key),
                        "a key is /atoll/KIND/PEER-ID or /pk/…; values end when their author lets"
                            + " them"));
    if (!key.startsWith("/" + SignedRecord.NAMESPACE + "/")) {
      return new DhtValue(key, base64(value), text(value), null, null, null);
    }
    SignedRecord signed = SignedRecord.open(value);
    return new DhtValue(
        key,
        base64(signed.data()),
        text(signed.data()),
        signed.author(),
        signed.sequence(),
        signed.expires());
  }

  DhtStored put(NetworkMapping.Put request) throws InterruptedException {
    Kad kad = kadWithPeers();
    PeerId author = network.host().id();
    ByteString key = SignedRecord.key(request.kind(), author);
    Instant now = Instant.now();
    ByteString value =
        SignedRecord.sign(
            network.identity(),
            key,
            now.toEpochMilli(),
            now.plus(request.validFor()),
            ByteString.copyFromUtf8(request.text()));
    return new DhtStored(key.toStringUtf8(), kad.put(key, value));
  }

  private Kad kadWithPeers() throws InterruptedException {
    Kad kad = network.parts().kad();
    if (kad.table().isEmpty()) {
      throw new AtollException(
          ErrorCode.NOT_READY,
          "this daemon knows nobody who serves the DHT",
          "connect it to one: p2p.bootstrap, or `atoll p2p dial PEER`, of a daemon with"
              + " p2p.server = true");
    }
    return kad;
  }

  private static String base64(ByteString bytes) {
    return Base64.getEncoder().encodeToString(bytes.toByteArray());
  }

  private static @Nullable String text(ByteString bytes) {
    return bytes.isValidUtf8() ? bytes.toStringUtf8() : null;
  }
}
