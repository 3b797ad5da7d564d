package io.atoll.p2p.kad.machine;

import java.util.Optional;

/// What the shell does for the machine.
public sealed interface KadAction {
  /// Sends a request and comes back with `Answered` or `Failed`. An ADD_PROVIDER, which has no
  /// answer, counts as answered by itself once it is written.
  record Ask(long request, Contact to, KadMessage message) implements KadAction {}

  /// @param answer empty where the request has none
  record Reply(long exchange, Optional<KadMessage> answer) implements KadAction {}

  /// Resets the stream of the exchange.
  record Refuse(long exchange, String why) implements KadAction {}

  record Finished(long query, KadResult result) implements KadAction {}
}
