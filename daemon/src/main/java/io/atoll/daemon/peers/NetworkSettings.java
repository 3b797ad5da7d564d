package io.atoll.daemon.peers;

import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.swarm.AddressFilter;
import java.util.List;

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
public record NetworkSettings(
    Profile profile,
    List<String> listen,
    List<String> listenToo,
    List<Multiaddr> bootstrap,
    String rendezvous,
    boolean server,
    boolean bench,
    boolean advertise,
    int maxHandshakes) {
  public static final String RENDEZVOUS = "atoll";

  public NetworkSettings {
    listen = List.copyOf(listen);
    listenToo = List.copyOf(listenToo);
    bootstrap = List.copyOf(bootstrap);
  }

  /// A node at home that knows nobody.
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
        Profile.HOME.handshakes());
  }

  public NetworkSettings withBootstrap(List<Multiaddr> other) {
    return new NetworkSettings(
        profile, listen, listenToo, other, rendezvous, server, bench, advertise, maxHandshakes);
  }

  public NetworkSettings withRendezvous(String other) {
    return new NetworkSettings(
        profile, listen, listenToo, bootstrap, other, server, bench, advertise, maxHandshakes);
  }

  /// With everything that it may do for others.
  public NetworkSettings serving() {
    return new NetworkSettings(
        profile, listen, listenToo, bootstrap, rendezvous, true, true, advertise, maxHandshakes);
  }

  public NetworkSettings withoutAdverts() {
    return new NetworkSettings(
        profile, listen, listenToo, bootstrap, rendezvous, server, bench, false, maxHandshakes);
  }

  public NetworkSettings withListenToo(String... other) {
    return new NetworkSettings(
        profile,
        listen,
        List.of(other),
        bootstrap,
        rendezvous,
        server,
        bench,
        advertise,
        maxHandshakes);
  }

  public NetworkSettings withMaxHandshakes(int other) {
    return new NetworkSettings(
        profile, listen, listenToo, bootstrap, rendezvous, server, bench, advertise, other);
  }

  /// Bootstrap peers were named on purpose, wherever they are.
  AddressFilter filter() {
    return profile.publicOnly()
        ? AddressFilter.publicOnly().except(bootstrap)
        : AddressFilter.none();
  }
}
