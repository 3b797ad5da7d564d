package io.atoll.vpn.path;

import io.atoll.core.identity.PeerId;
import java.net.InetSocketAddress;
import java.util.List;

/// What happens to the ways to a node.
public sealed interface PathEvent {
  /// Time has passed.
  record Tick() implements PathEvent {}

  /// Something is to be sent to the node: from now on its addresses are tried.
  record Wanted() implements PathEvent {}

  /// The node wants to reach this one, and tries: its addresses are tried, too.
  record Called() implements PathEvent {}

  /// This node's own place in the network is another: whatever failed may work now.
  record Moved() implements PathEvent {}

  /// All that is known of where it may be; what is not in it any more is forgotten, but for what
  /// was heard.
  record Known(List<Candidate> candidates) implements PathEvent {
    public Known {
      candidates = List.copyOf(candidates);
    }
  }

  /// The nodes that would pass packets on to it now.
  record Relays(List<PeerId> relays) implements PathEvent {
    public Relays {
      relays = List.copyOf(relays);
    }
  }

  /// Whether packets could go over a stream of libp2p now.
  record Streams(boolean there) implements PathEvent {}

  /// It has answered a probe.
  record Answered(Path over, long token) implements PathEvent {}

  /// A genuine packet of it came this way.
  record Heard(Path over) implements PathEvent {}

  /// A genuine probe of it came from there; perhaps it was sent long ago, by somebody who kept it.
  record Asked(InetSocketAddress from) implements PathEvent {}

  /// The system did not want to send there.
  record Refused(Path over, String why) implements PathEvent {}
}
