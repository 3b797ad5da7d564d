package io.atoll.daemon.provider;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Invite;
import io.atoll.daemon.journal.Agreement;
import io.atoll.market.activity.MessageStream;
import io.atoll.market.agreement.JoinProtocol;
import io.atoll.market.agreement.Offer;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/// The provider's end of joining a hub by invite.
final class Joiner {
  private static final Duration DIAL_TIMEOUT = Duration.ofSeconds(15);

  private Joiner() {}

  /// Joins the hub that gave the invite. The connection proves that it is that hub.
  ///
  /// @return what both agreed on; the caller writes it down
  /// @throws AtollException UNREACHABLE, or what the hub refused with
  static Agreement join(Host host, Invite invite, Offer offer) throws InterruptedException {
    JoinProtocol.Reply reply;
    try {
      host.named(invite.addresses());
      host.connect(invite.hub(), invite.addresses(), DIAL_TIMEOUT);
      try (Stream stream = host.open(invite.hub(), JoinProtocol.ID)) {
        var messages =
            new MessageStream<JoinProtocol.Reply, JoinProtocol.Request>(
                stream, JoinProtocol.Reply.class);
        messages.send(new JoinProtocol.Request(invite.id(), invite.secret(), offer));
        reply =
            messages
                .receive()
                .orElseThrow(() -> new IOException("the hub closed without an answer"));
      }
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.UNREACHABLE,
          "could not join hub " + invite.hub() + ": " + e.getMessage(),
          "is the hub up, and one of its addresses reachable from here? " + invite.addresses(),
          e);
    }
    return switch (reply) {
      case JoinProtocol.Joined _ ->
          new Agreement(invite.hub(), invite.addresses(), offer.terms(), Instant.now());
      case JoinProtocol.Refused(String code, String message, String hint) ->
          throw new AtollException(known(code), message, hint);
    };
  }

  /// A newer hub may have codes that this version does not know.
  private static ErrorCode known(String code) {
    try {
      return ErrorCode.valueOf(code);
    } catch (IllegalArgumentException e) {
      return ErrorCode.DENIED;
    }
  }
}
