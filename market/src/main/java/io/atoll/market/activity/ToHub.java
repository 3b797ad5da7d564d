package io.atoll.market.activity;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Resources;
import io.atoll.core.term.TaskId;
import io.atoll.market.agreement.Offer;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a provider says to its hub.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ToHub.Hello.class, name = "hello"),
  @JsonSubTypes.Type(value = ToHub.Heartbeat.class, name = "heartbeat"),
  @JsonSubTypes.Type(value = ToHub.Reports.class, name = "reports"),
  @JsonSubTypes.Type(value = ToHub.Known.class, name = "known"),
  @JsonSubTypes.Type(value = ToHub.Networks.class, name = "networks"),
  @JsonSubTypes.Type(value = ToHub.Egress.class, name = "egress")
})
public sealed interface ToHub {
  /// First message of a session.
  ///
  /// @param protocol newest version of this protocol that the provider understands
  /// @param oldest the oldest that it understands
  /// @param bootId names this start of the machine
  /// @param highest the highest epoch it ever accepted from this hub
  /// @param runs every run it has that has not ended, and every end not yet acknowledged
  /// @param networks the private networks of this hub that it has; null from a provider that knows
  ///     none
  /// @param addresses see [NodeReach]; null from such a one
  record Hello(
      int protocol,
      int oldest,
      Offer offer,
      String bootId,
      Epoch highest,
      List<RunReport> runs,
      @Nullable List<NetworkStanding> networks,
      @Nullable List<String> addresses)
      implements ToHub {
    public Hello {
      Objects.requireNonNull(offer, "offer");
      Objects.requireNonNull(bootId, "bootId");
      Objects.requireNonNull(highest, "highest");
      runs = List.copyOf(runs);
      networks = networks == null ? null : List.copyOf(networks);
      addresses = addresses == null ? null : List.copyOf(addresses);
      var _ = new Versions(oldest, protocol);
    }

    /// Of a provider that knows no private networks.
    public Hello(
        int protocol, int oldest, Offer offer, String bootId, Epoch highest, List<RunReport> runs) {
      this(protocol, oldest, offer, bootId, highest, runs, null, null);
    }

    public Versions versions() {
      return new Versions(oldest, protocol);
    }
  }

  /// Says that it lives.
  ///
  /// @param revision of the desired set it has
  /// @param digest of that set
  /// @param free what is not reserved
  /// @param beat the provider's own mark of when it was sent, given back in `Heard`
  record Heartbeat(long revision, String digest, Resources free, long beat) implements ToHub {
    public Heartbeat {
      Objects.requireNonNull(digest, "digest");
      Objects.requireNonNull(free, "free");
    }
  }

  record Reports(List<RunReport> runs) implements ToHub {
    public Reports {
      runs = List.copyOf(runs);
    }
  }

  /// News of where it stands in private networks, and where it is reached for their packets.
  ///
  /// @param networks those of which there are news
  /// @param addresses all of them, see [NodeReach]; null = as told before
  record Networks(List<NetworkStanding> networks, @Nullable List<String> addresses)
      implements ToHub {
    public Networks {
      networks = List.copyOf(networks);
      addresses = addresses == null ? null : List.copyOf(addresses);
    }
  }

  /// What wanted to leave private networks there; a hub of the version before skips it.
  ///
  /// @param networks those of which something changed since it was told, or all of a session's
  ///     beginning
  record Egress(List<NetworkEgress> networks) implements ToHub {
    public Egress {
      networks = List.copyOf(networks);
    }
  }

  /// Answer to `Ask`, and to `Forget` once those tasks are gone (then without runs).
  ///
  /// @param asked the tasks of the question
  /// @param runs the newest run of each task that it knows, ended or not; others it never saw
  record Known(List<TaskId> asked, List<RunReport> runs) implements ToHub {
    public Known {
      asked = List.copyOf(asked);
      runs = List.copyOf(runs);
    }
  }
}
