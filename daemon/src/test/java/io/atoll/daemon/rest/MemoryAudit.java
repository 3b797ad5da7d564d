package io.atoll.daemon.rest;

import io.atoll.core.audit.AuditEnd;
import io.atoll.core.audit.AuditFact;
import io.atoll.core.audit.AuditLine;
import io.atoll.core.audit.SignedEnd;
import io.atoll.core.identity.Identity;
import io.atoll.daemon.hub.AuditDesk;
import io.atoll.daemon.hub.Caller;
import io.atoll.daemon.store.Query.AuditPage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// A record in memory.
final class MemoryAudit implements AuditDesk {
  private static final Identity HUB = Identity.ofSeed(new byte[32]);

  /// Guarded by this.
  private final List<String> lines = new ArrayList<>();

  private AuditEnd last() {
    return lines.isEmpty() ? AuditEnd.NONE : AuditEnd.at(lines.size(), lines.getLast());
  }

  /// `who action object outcome` of each entry.
  synchronized List<String> told() {
    return lines.stream()
        .map(
            text -> {
              try {
                AuditLine line = AuditLine.read(text.getBytes(StandardCharsets.UTF_8));
                return String.join(" ", line.who(), line.action(), line.object(), line.outcome());
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            })
        .toList();
  }

  @Override
  public synchronized AuditPage read(long after, int limit) {
    return new AuditPage(lines.stream().skip(after).limit(limit).toList(), last());
  }

  @Override
  public synchronized SignedEnd end() {
    return SignedEnd.sign(HUB, last(), Instant.now());
  }

  @Override
  public synchronized void tell(String action, String object, String outcome) {
    String who = Caller.current().who();
    lines.add(
        AuditLine.after(last(), new AuditFact(Instant.now(), who, action, object, outcome, 1))
            .text());
  }

  @Override
  public void tellOften(String action, String object, String outcome) {
    tell(action, object, outcome);
  }
}
