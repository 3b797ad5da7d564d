package io.atoll.core.audit;

import java.time.Instant;

/// Somebody did something, or was refused. Texts are kept short and plain: what is not visible
/// ASCII becomes `?`.
///
/// @param who a kind and a name, such as `key k1234abcd`, `peer 12D3KooW…`, `address
///     192.0.2.7`, or `hub`
/// @param action such as `task.create`, or the route that was asked for
/// @param object what it was done to; empty = nothing in particular
/// @param outcome `OK`, `BEGUN` for what goes on outside the record, or the code of a refusal
/// @param times how often, at least once; more than once only for refusals
public record AuditFact(
    Instant at, String who, String action, String object, String outcome, long times) {
  private static final int LONGEST = 256;

  public AuditFact {
    who = plain(who);
    action = plain(action);
    object = plain(object);
    outcome = plain(outcome);
    if (times < 1) {
      throw new IllegalArgumentException("what never happened is not told");
    }
  }

  private static String plain(String text) {
    int length = Math.min(text.length(), LONGEST);
    StringBuilder plain = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      plain.append(c >= ' ' && c <= '~' ? c : '?');
    }
    return plain.toString();
  }
}
