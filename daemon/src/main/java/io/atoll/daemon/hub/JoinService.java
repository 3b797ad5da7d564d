package io.atoll.daemon.hub;

import io.atoll.core.error.AtollException;
import io.atoll.core.identity.PeerId;
import io.atoll.market.activity.MessageStream;
import io.atoll.market.agreement.JoinProtocol;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import java.io.IOException;
import java.util.Optional;

/// The hub's end of joining: an invite is used up, and the peer id of who used it may from then on
/// have a session.
final class JoinService {
  @FunctionalInterface
  interface Joining {
    /// Returns once the node has joined and that is on disk.
    ///
    /// @throws AtollException INVITE_INVALID if the invite is unknown, used, expired or revoked
    void join(PeerId node, JoinProtocol.Request request) throws InterruptedException;
  }

  private final Joining joining;
  private final String version;

  JoinService(Joining joining, String version) {
    this.joining = joining;
    this.version = version;
  }

  void serve(Host host) {
    host.handle(JoinProtocol.ID, this::serve);
  }

  private void serve(Stream stream) throws IOException, InterruptedException {
    var messages =
        new MessageStream<JoinProtocol.Request, JoinProtocol.Reply>(
            stream, JoinProtocol.Request.class);
    Optional<JoinProtocol.Request> request = messages.receive();
    if (request.isEmpty()) {
      return;
    }
    try {
      joining.join(stream.remote(), request.get());
      messages.send(new JoinProtocol.Joined(version));
    } catch (AtollException e) {
      messages.send(new JoinProtocol.Refused(e.code().name(), e.text(), e.hint()));
    }
  }
}
