package io.atoll.market.activity;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import java.util.List;
import java.util.Objects;

/// What a hub says to a provider.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ToProvider.Welcome.class, name = "welcome"),
  @JsonSubTypes.Type(value = ToProvider.Refused.class, name = "refused"),
  @JsonSubTypes.Type(value = ToProvider.DesiredSet.class, name = "desired"),
  @JsonSubTypes.Type(value = ToProvider.Acks.class, name = "acks"),
  @JsonSubTypes.Type(value = ToProvider.Heard.class, name = "heard"),
  @JsonSubTypes.Type(value = ToProvider.Ask.class, name = "ask"),
  @JsonSubTypes.Type(value = ToProvider.Forget.class, name = "forget"),
  @JsonSubTypes.Type(value = ToProvider.Networks.class, name = "networks")
})
public sealed interface ToProvider {
  /// Answer to a hello: the session stands.
  ///
  /// @param protocol version both will speak
  /// @param heartbeatMillis how often to send one
  /// @param leaseMillis how long the hub waits for one before it gives the node up
  record Welcome(int protocol, String version, long heartbeatMillis, long leaseMillis)
      implements ToProvider {}

  /// The hub will not have this session; the stream ends.
  record Refused(String code, String message, String hint) implements ToProvider {}

  /// What the provider should run.
  ///
  /// @param revision of the set after this message
  /// @param base revision that a diff applies to; -1 = this is the whole set: what is not in `put`
  ///     must not run
  /// @param put new or changed orders
  /// @param remove runs that are no longer wanted: stop them if they run
  record DesiredSet(long revision, long base, List<Order> put, List<RunId> remove)
      implements ToProvider {
    public static final long WHOLE = -1;

    public DesiredSet {
      put = List.copyOf(put);
      remove = List.copyOf(remove);
    }
  }

  /// Private networks of this hub. What an order's networks need to be known comes before the
  /// order.
  ///
  /// @param put those that changed
  /// @param gone those that the node holds no member of any more: leave them
  /// @param reach where other nodes are; those that are not named are where they were
  record Networks(List<NetworkPush> put, List<NetworkId> gone, List<NodeReach> reach)
      implements ToProvider {
    public Networks {
      put = List.copyOf(put);
      gone = List.copyOf(gone);
      reach = List.copyOf(reach);
    }
  }

  /// These reports are committed at the hub; no need to repeat them.
  record Acks(List<Ack> acks) implements ToProvider {
    public Acks {
      acks = List.copyOf(acks);
    }
  }

  record Ack(RunId run, long seq) {
    public Ack {
      Objects.requireNonNull(run, "run");
    }
  }

  /// Answer to each heartbeat: the hub's lease for this node counts from its arrival. So the
  /// provider knows that it was heard at least as late as it sent this beat, and stops what it may
  /// not keep (`Order.keepSeconds`) counting from there, which is never later than the hub counts.
  record Heard(long beat) implements ToProvider {}

  /// "What do you know of these tasks?" Asked by a hub whose store was restored from a backup.
  record Ask(List<TaskId> tasks) implements ToProvider {
    public Ask {
      tasks = List.copyOf(tasks);
    }
  }

  /// These tasks are deleted: their output and records may go. Sent again until the provider has
  /// said by `Known` that it has none.
  record Forget(List<TaskId> tasks) implements ToProvider {
    public Forget {
      tasks = List.copyOf(tasks);
    }
  }
}
