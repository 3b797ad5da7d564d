package io.atoll.daemon.peers;

import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.filter.PeerFilter;
import io.atoll.p2p.host.Stack;
import io.atoll.p2p.pnet.NetworkKey;
import io.atoll.p2p.swarm.AddressFilter;
import java.util.List;
import java.util.Optional;

/// How a daemon takes part among its peers.
///
/// @param listen multiaddrs that must be bound
/// @param listenToo those that are bound if they can be, once the daemon is up
/// @param bootstrap addresses with `/p2p/ID` of peers that it keeps a connection to
/// @param rendezvous the name under which peers look for each other
/// @param server whether it serves others: their DHT requests before it knows that it is reachable,
///     relayed connections, and whether they can be dialled
/// @param bench whether peers may measure how fast the line to it is
/// @param advertise whether a provider tells what it offers, and a hub that it is there
/// @param maxHandshakes strangers that shake hands at once, and peers that discovery keeps
/// @param key of the private network that it is in
/// @param wanted what it asks of peers that discovery finds
public record NetworkSettings(
    Profile profile,
    List<String> listen,
    List<String> listenToo,
    List<Multiaddr> bootstrap,
    String rendezvous,
    boolean server,
    boolean bench,
    boolean advertise,
    int maxHandshakes,
    Surroundings surroundings,
    Optional<NetworkKey> key,
    PeerFilter wanted) {
  public static final String RENDEZVOUS = "atoll";

  public NetworkSettings {
    listen = List.copyOf(listen);
    listenToo = List.copyOf(listenToo);
    bootstrap = List.copyOf(bootstrap);
  }

  /// A node at home that knows nobody, and leaves the network that it stands in alone.
  public static NetworkSettings at(String... listen) {
    return new NetworkSettings(
        Profile.HOME,
        List.of(listen),
        List.of(),
        List.of(),
        RENDEZVOUS,
        false,
        false,
        true,
        Profile.HOME.handshakes(),
        Surroundings.left(),
        Optional.empty(),
        PeerFilter.everybody());
  }

  public NetworkSettings withBootstrap(List<Multiaddr> other) {
    return with(listenToo, other, rendezvous, server, bench, advertise, maxHandshakes);
  }

  public NetworkSettings withRendezvous(String other) {
    return with(listenToo, bootstrap, other, server, bench, advertise, maxHandshakes);
  }

  /// With everything that it may do for others.
  public NetworkSettings serving() {
    return with(listenToo, bootstrap, rendezvous, true, true, advertise, maxHandshakes);
  }

  public NetworkSettings withoutAdverts() {
    return with(listenToo, bootstrap, rendezvous, server, bench, false, maxHandshakes);
  }

  public NetworkSettings withListenToo(String... other) {
    return with(List.of(other), bootstrap, rendezvous, server, bench, advertise, maxHandshakes);
  }

  public NetworkSettings withMaxHandshakes(int other) {
    return with(listenToo, bootstrap, rendezvous, server, bench, advertise, other);
  }

  public NetworkSettings withSurroundings(Surroundings other) {
    return with(profile, other, key, wanted);
  }

  public NetworkSettings withKey(NetworkKey other) {
    return with(profile, surroundings, Optional.of(other), wanted);
  }

  public NetworkSettings withWanted(PeerFilter other) {
    return with(profile, surroundings, key, other);
  }

  public NetworkSettings withProfile(Profile other) {
    return with(other, surroundings, key, wanted);
  }

  private NetworkSettings with(
      List<String> alsoListen,
      List<Multiaddr> peers,
      String name,
      boolean serves,
      boolean measured,
      boolean tells,
      int handshakes) {
    return new NetworkSettings(
        profile,
        listen,
        alsoListen,
        peers,
        name,
        serves,
        measured,
        tells,
        handshakes,
        surroundings,
        key,
        wanted);
  }

  private NetworkSettings with(
      Profile place, Surroundings around, Optional<NetworkKey> network, PeerFilter peers) {
    return new NetworkSettings(
        place,
        listen,
        listenToo,
        bootstrap,
        rendezvous,
        server,
        bench,
        advertise,
        maxHandshakes,
        around,
        network,
        peers);
  }

  /// What its connections are made of.
  public Stack stack() {
    return key.map(Stack.standard()::withNetwork).orElse(Stack.standard());
  }

  /// Bootstrap peers were named on purpose, wherever they are.
  AddressFilter filter() {
    return profile.publicOnly()
        ? AddressFilter.publicOnly().except(bootstrap)
        : AddressFilter.none();
  }
}
