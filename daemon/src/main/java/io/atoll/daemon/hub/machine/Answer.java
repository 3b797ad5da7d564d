package io.atoll.daemon.hub.machine;

import io.atoll.client.api.TaskView;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.TaskId;

/// The answer to a request.
public sealed interface Answer {
  record Done() implements Answer {}

  /// A task that was made or changed; without events.
  record Task(TaskView view) implements Answer {}

  /// A repeat of a request: this task was made by the first.
  record Repeated(TaskId id) implements Answer {}

  /// The task is not live: it has ended or never was. The store knows which.
  record NotLive(TaskId id) implements Answer {}

  record Failed(ErrorCode code, String message, String hint) implements Answer {}
}
