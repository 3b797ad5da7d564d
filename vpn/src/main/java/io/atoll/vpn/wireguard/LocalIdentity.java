package io.atoll.vpn.wireguard;

import io.atoll.vpn.wireguard.crypto.PrivateKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import io.atoll.vpn.wireguard.noise.Macs;
import io.atoll.vpn.wireguard.route.AllowedIps;
import io.atoll.vpn.wireguard.route.Owners;
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
  private volatile Owners<Peer> owners = routes;

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

  /// Those there are now, not copied: what comes or goes meanwhile may be among them or not.
  Collection<Peer> known() {
    return peers.values();
  }

  public @Nullable Peer peer(PublicKey publicKey) {
    return peers.get(publicKey);
  }

  /// The allowed addresses of its peers' settings.
  public AllowedIps<Peer> routes() {
    return routes;
  }

  /// Whose an inner address is.
  public Owners<Peer> owners() {
    return owners;
  }

  /// From now on somebody else knows whose an inner address is, who has a table of them anyway;
  /// what peers' settings allow counts no more.
  public void ownedBy(Owners<Peer> others) {
    owners = others;
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
