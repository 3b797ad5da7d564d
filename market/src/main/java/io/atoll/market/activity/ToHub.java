package io.atoll.market.activity;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Resources;
import io.atoll.core.term.TaskId;
import io.atoll.market.agreement.Offer;
import java.util.List;
import java.util.Objects;

/// What a provider says to its hub.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ToHub.Hello.class, name = "hello"),
  @JsonSubTypes.Type(value = ToHub.Heartbeat.class, name = "heartbeat"),
  @JsonSubTypes.Type(value = ToHub.Reports.class, name = "reports"),
  @JsonSubTypes.Type(value = ToHub.Known.class, name = "known")
})
public sealed interface ToHub {
  /// First message of a session.
  ///
  /// @param protocol newest version of this protocol that the provider understands
  /// @param oldest the oldest that it understands
  /// @param bootId names this start of the machine
  /// @param highest the highest epoch it ever accepted from this hub
  /// @param runs every run it has that has not ended, and every end not yet acknowledged
  record Hello(
      int protocol, int oldest, Offer offer, String bootId, Epoch highest, List<RunReport> runs)
      implements ToHub {
    public Hello {
      Objects.requireNonNull(offer, "offer");
      Objects.requireNonNull(bootId, "bootId");
      Objects.requireNonNull(highest, "highest");
      runs = List.copyOf(runs);
      var _ = new Versions(oldest, protocol);
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
