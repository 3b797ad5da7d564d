package io.atoll.daemon.hub;

import java.lang.ScopedValue.CallableOp;

/// On whose behalf a thread asks something of the hub, for the record of who did what. Threads
/// that are started meanwhile do not know it by themselves.
///
/// @param who a kind and a name, such as `key k1234abcd` or `peer 12D3KooW…`
public record Caller(String who) {
  private static final ScopedValue<Caller> CURRENT = ScopedValue.newInstance();

  /// The hub's own program.
  public static final Caller HUB = new Caller("hub");

  public static Caller key(String id) {
    return new Caller("key " + id);
  }

  /// Who is behind what this thread does; the hub itself where nobody else said so.
  public static Caller current() {
    return CURRENT.orElse(HUB);
  }

  /// Does something on behalf of this caller.
  public <T, X extends Throwable> T call(CallableOp<T, X> what) throws X {
    return ScopedValue.where(CURRENT, this).call(what);
  }

  public void run(Runnable what) {
    ScopedValue.where(CURRENT, this).run(what);
  }
}
