package io.atoll.scheduler.model;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.TaskId;
import java.util.List;
import java.util.OptionalLong;

/// What is to be done about one task. Whoever asked carries decisions out in their order; a
/// victim and what takes its place go to the provider in one message.
public sealed interface Decision {
  TaskId task();

  /// It goes there, once the victims gave way.
  record Place(TaskId task, PeerId provider, List<Victim> victims) implements Decision {
    public Place {
      victims = List.copyOf(victims);
    }
  }

  /// It goes on where it stands still, once the victims gave way.
  record Resume(TaskId task, PeerId provider, List<Victim> victims) implements Decision {
    public Resume {
      victims = List.copyOf(victims);
    }
  }

  /// It is stopped there, because the provider is to be empty. Once it has ended, it is
  /// submitted again.
  record Leave(TaskId task, PeerId provider) implements Decision {}

  /// It waits.
  ///
  /// @param millis until there is a place for it, as far as can be said
  /// @param ahead how many tasks are before it
  record Wait(TaskId task, OptionalLong millis, long ahead) implements Decision {}

  /// No provider could take it if it had nothing else to do.
  record Refuse(TaskId task, String reason) implements Decision {}

  /// A task that gives way.
  record Victim(TaskId task, Way way) {}

  enum Way {
    SUSPEND,
    /// Its memory is given back meanwhile.
    SUSPEND_DEEP,
    /// It is stopped. Once it has ended, it is submitted again, as old as it is.
    STOP_AND_REQUEUE
  }
}
