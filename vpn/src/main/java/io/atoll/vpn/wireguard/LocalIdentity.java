package io.atoll.vpn.wireguard;

import io.atoll.vpn.wireguard.crypto.PrivateKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import io.atoll.vpn.wireguard.noise.Macs;
import io.atoll.vpn.wireguard.route.AllowedIps;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// One key of this node, and who its peers are: one for each network, so that networks may use the
/// same addresses and do not know of each other.
public final class LocalIdentity {
  private final PrivateKey key;
  private final Macs macs;
  private final Map<PublicKey, Peer> peers = new ConcurrentHashMap<>();
  private final AllowedIps<Peer> routes = new AllowedIps<>();

  LocalIdentity(PrivateKey key) {
    this.key = key;
    this.macs = new Macs(key.publicKey());
  }

  public PublicKey publicKey() {
    return key.publicKey();
  }

  public Collection<Peer> peers() {
    return List.copyOf(peers.values());
  }

  public @Nullable Peer peer(PublicKey publicKey) {
    return peers.get(publicKey);
  }

  /// Whose an inner address is.
  public AllowedIps<Peer> routes() {
    return routes;
  }

  PrivateKey key() {
    return key;
  }

  Macs macs() {
    return macs;
  }

  boolean add(Peer peer) {
    return peers.putIfAbsent(peer.publicKey(), peer) == null;
  }

  void remove(Peer peer) {
    peers.remove(peer.publicKey(), peer);
  }

  @Override
  public String toString() {
    return "LocalIdentity[" + publicKey() + "]";
  }
}
