package io.atoll.vpn.gateway;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// What the stack's thread looks after.
abstract class Held {
  private static final AtomicLong MADE = new AtomicLong();

  /// No two have the same.
  final long id = MADE.incrementAndGet();

  /// Whether it waits to be served already.
  final AtomicBoolean touched = new AtomicBoolean();

  /// When the agenda has it; the thread's.
  long agreed = Long.MAX_VALUE;

  /// Does what is due. On the stack's thread, as the next.
  abstract void serve(long now);

  /// When it is to be served again, if nothing happens; `Long.MAX_VALUE` for never.
  abstract long deadline();
}
