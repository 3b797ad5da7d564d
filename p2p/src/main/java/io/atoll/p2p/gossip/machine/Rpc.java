package io.atoll.p2p.gossip.machine;

import com.google.protobuf.ByteString;
import java.util.List;

/// What goes over a stream at once; any part may be empty.
///
/// @param graft topics
public record Rpc(
    List<Subscription> subscriptions,
    List<GossipMessage> publish,
    List<IHave> ihave,
    List<MessageId> iwant,
    List<String> graft,
    List<Prune> prune,
    List<MessageId> idontwant) {

  public record Subscription(boolean subscribe, String topic) {}

  public record IHave(String topic, List<MessageId> ids) {
    public IHave {
      ids = List.copyOf(ids);
    }
  }

  /// @param backoffSeconds 0 where the peer says nothing
  public record Prune(String topic, List<Suggestion> peers, long backoffSeconds) {
    public Prune {
      peers = List.copyOf(peers);
    }
  }

  /// Another peer in the topic.
  ///
  /// @param id a multihash
  /// @param record its signed peer record; may be empty
  public record Suggestion(ByteString id, ByteString record) {}

  public Rpc {
    subscriptions = List.copyOf(subscriptions);
    publish = List.copyOf(publish);
    ihave = List.copyOf(ihave);
    iwant = List.copyOf(iwant);
    graft = List.copyOf(graft);
    prune = List.copyOf(prune);
    idontwant = List.copyOf(idontwant);
  }

  static Rpc publishing(GossipMessage message) {
    return new Rpc(
        List.of(), List.of(message), List.of(), List.of(), List.of(), List.of(), List.of());
  }

  boolean isEmpty() {
    return subscriptions.isEmpty()
        && publish.isEmpty()
        && ihave.isEmpty()
        && iwant.isEmpty()
        && graft.isEmpty()
        && prune.isEmpty()
        && idontwant.isEmpty();
  }
}
