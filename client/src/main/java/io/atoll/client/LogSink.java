package io.atoll.client;

import io.atoll.client.api.OutputEvents;
import io.atoll.core.error.AtollException;
import io.atoll.core.term.Epoch;
import org.jspecify.annotations.Nullable;

/// Takes the output of a task, in order, from one thread.
public interface LogSink {
  /// Whose output follows; null if the task ended without being placed.
  default void run(@Nullable Epoch run) {}

  void output(OutputEvents.Output piece);

  /// Bytes that the node no longer keeps.
  void dropped(long from, long until);

  /// The connection was lost; it is tried again. Called once per loss.
  default void lost(AtollException why) {}

  default void back() {}
}
