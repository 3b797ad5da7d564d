package io.atoll.client;

import io.atoll.client.api.EventView;
import io.atoll.core.error.AtollException;

/// Takes events, in order, from one thread.
public interface EventSink {
  void event(EventView event);

  /// The connection was lost; it is tried again. Called once per loss.
  default void lost(AtollException why) {}

  default void back() {}
}
