package io.atoll.vpn.path;

import io.atoll.core.identity.PeerId;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What happens to the ways to a node.
public sealed interface PathEvent {
  /// Time has passed.
  record Tick() implements PathEvent {}

  /// Something is to be sent to the node: from now on its addresses are tried.
  record Wanted() implements PathEvent {}

  /// All that is known of where it may be; what is not in it any more is forgotten, but for what
  /// was heard.
  record Known(List<Candidate> candidates) implements PathEvent {
    public Known {
      candidates = List.copyOf(candidates);
    }
  }

  /// It has answered a probe.
  record Answered(InetSocketAddress address, long token) implements PathEvent {}

  /// A genuine packet of it came from there.
  record Heard(InetSocketAddress from) implements PathEvent {}

  /// The system did not want to send there.
  record Refused(InetSocketAddress address, String why) implements PathEvent {}

  /// Which other ways there are now.
  ///
  /// @param relay a node that has consented; null for none
  /// @param stream whether there is a connection of libp2p
  record Others(@Nullable PeerId relay, boolean stream) implements PathEvent {}
}
