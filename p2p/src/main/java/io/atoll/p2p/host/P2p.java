package io.atoll.p2p.host;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.identify.Identified;
import io.atoll.p2p.identify.Identify;
import io.atoll.p2p.transport.Deadline;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;

/// The way in: starts hosts, and asks peers who they are.
public final class P2p {
  private static final Duration IDENTIFY_TIMEOUT = Duration.ofSeconds(5);

  private P2p() {}

  /// Starts a host: it listens and serves identify and ping when this returns.
  ///
  /// @throws IOException if an address cannot be bound; nothing is left behind then
  /// @throws IllegalArgumentException if an address is not a multiaddr
  public static Host start(HostConfig config) throws IOException {
    LiveHost host = new LiveHost(config);
    try {
      host.listen(config.listen());
    } catch (IOException | IllegalArgumentException e) {
      host.close();
      throw e;
    }
    return host;
  }

  /// What a connected peer says of itself.
  public static Identified identify(Host host, PeerId peer)
      throws IOException, InterruptedException {
    try (Stream stream = host.open(peer, Identify.PROTOCOL);
        var _ = new Deadline(IDENTIFY_TIMEOUT, stream::reset)) {
      Identified said = Identify.read(stream.in());
      if (said.key().isPresent() && !PeerId.of(said.key().get()).equals(peer)) {
        throw new ProtocolException("peer " + peer + " says that it is another");
      }
      return said;
    }
  }
}
