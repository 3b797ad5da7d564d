package io.atoll.daemon.hub;

import io.atoll.core.audit.AuditFact;
import io.atoll.core.audit.SignedEnd;
import io.atoll.core.identity.Identity;
import io.atoll.daemon.hub.machine.HubEvent;
import io.atoll.daemon.store.Query;
import io.atoll.daemon.store.Reserve;
import io.atoll.daemon.store.Store;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The record as the hub's store has it.
final class HubAudit implements AuditDesk, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HubAudit.class);

  private final Identity identity;
  private final HubLoop loop;
  private final Store store;
  private final Reserve reserve;
  private final RepeatedEntries often = new RepeatedEntries(this::tell, RepeatedEntries.WINDOW);

  HubAudit(Identity identity, HubLoop loop, Store store, Reserve reserve) {
    this.identity = identity;
    this.loop = loop;
    this.store = store;
    this.reserve = reserve;
  }

  @Override
  public Query.AuditPage read(long after, int limit) {
    return store.read(new Query.Audit(after, limit));
  }

  @Override
  public SignedEnd end() {
    return SignedEnd.sign(identity, read(0, 1).end(), Instant.now());
  }

  @Override
  public void tell(String action, String object, String outcome) throws InterruptedException {
    tell(Caller.current(), action, object, outcome, 1);
  }

  @Override
  public void tellOften(String action, String object, String outcome) throws InterruptedException {
    often.add(Caller.current(), action, object, outcome);
  }

  private void tell(Caller who, String action, String object, String outcome, long times)
      throws InterruptedException {
    if (!reserve.held()) {
      LOG.warn("not on record, as the disk is full: {}, {} {}: {}", who, action, object, outcome);
      return;
    }
    AuditFact fact = new AuditFact(Instant.now(), who.who(), action, object, outcome, times);
    Hub.expectDone(loop.request(ticket -> new HubEvent.Tell(ticket, fact)));
  }

  /// While the loop still runs.
  @Override
  public void close() {
    often.close();
  }
}
