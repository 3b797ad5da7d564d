package io.atoll.daemon.provider;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.journal.Agreement;
import io.atoll.market.activity.ActivityProtocol;
import io.atoll.market.activity.Desired;
import io.atoll.market.activity.Order;
import io.atoll.market.activity.RunReport;
import io.atoll.market.activity.ToHub;
import io.atoll.market.activity.ToProvider;
import io.atoll.market.deploy.DeployProtocol;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Stands in for the hub of a peer that is none: it gives the orders that the peer's requests ask
/// for, and hears the reports. So there is one way in which this provider begins, fences, journals
/// and finds again what it runs.
///
/// It keeps nothing itself: an end is not acknowledged before the job is forgotten, so the hello
/// after a restart tells of every job that is still remembered.
final class Renter implements Link {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final long HEARTBEAT_MILLIS = 60_000;
  private static final long LEASE_MILLIS = 3_600_000;

  private final Agreement agreement;
  private final Listener listener;

  /// One request of the peer at a time: between the look for its id and its order.
  private final ReentrantLock asking = new ReentrantLock();

  // guarded by this
  private final Map<TaskId, RentedJob> jobs = new LinkedHashMap<>();
  private long session;
  private long revision;
  private boolean welcomed;
  private boolean closed;

  Renter(Agreement agreement, Listener listener) {
    this.agreement = agreement;
    this.listener = listener;
  }

  ReentrantLock asking() {
    return asking;
  }

  @Override
  public synchronized void start() {
    if (!closed) {
      session = HubLink.nextSession();
      listener.up(agreement.hub(), session);
    }
  }

  @Override
  public synchronized void send(long to, ToHub message) {
    if (to != session || closed) {
      return;
    }
    switch (message) {
      case ToHub.Hello hello -> {
        hello.runs().forEach(this::adopt);
        say(
            new ToProvider.Welcome(
                ActivityProtocol.SPOKEN.newest(), "of this node", HEARTBEAT_MILLIS, LEASE_MILLIS));
        List<Order> wanted =
            jobs.values().stream().filter(job -> !job.ended()).map(RentedJob::order).toList();
        revision++;
        say(new ToProvider.DesiredSet(revision, ToProvider.DesiredSet.WHOLE, wanted, List.of()));
        welcomed = true;
        notifyAll();
      }
      case ToHub.Heartbeat beat -> say(new ToProvider.Heard(beat.beat()));
      case ToHub.Reports reports -> reports.runs().forEach(this::note);
      case ToHub.Known _, ToHub.Networks _, ToHub.Egress _ -> {}
    }
  }

  /// A job that was known before this daemon started, or before the session was made anew.
  private void adopt(RunReport report) {
    Order order = report.order();
    if (order != null) {
      jobs.computeIfAbsent(report.run().task(), _ -> new RentedJob(order));
    }
    note(report);
  }

  private void note(RunReport report) {
    RentedJob job = jobs.get(report.run().task());
    if (job == null || !job.run().equals(report.run())) {
      return;
    }
    boolean before = job.ended();
    job.report(report);
    if (!before && job.ended()) {
      if (welcomed) {
        change(List.of(), List.of(job.run()));
      }
      forgetOldest();
    }
    notifyAll();
  }

  private void forgetOldest() {
    List<RentedJob> ended = jobs.values().stream().filter(RentedJob::ended).toList();
    int surplus = Math.max(0, ended.size() - DeployProtocol.MAX_ENDED_JOBS);
    ended.subList(0, surplus).forEach(job -> forget(job.task()));
  }

  private void change(List<Order> put, List<RunId> remove) {
    revision++;
    say(new ToProvider.DesiredSet(revision, revision - 1, put, remove));
  }

  private void say(ToProvider message) {
    listener.received(agreement.hub(), session, message);
  }

  /// The job that the peer gave this id.
  synchronized Optional<RentedJob> called(String id) {
    return jobs.values().stream().filter(job -> id.equals(job.note().id())).findFirst();
  }

  synchronized @Nullable RentedJob job(TaskId task) {
    return jobs.get(task);
  }

  synchronized boolean full() {
    return jobs.values().stream().filter(job -> !job.ended()).count()
        >= DeployProtocol.MAX_LIVE_JOBS;
  }

  /// Gives an order, and returns once the provider has journalled it or refused it: the job has a
  /// report then.
  ///
  /// @throws AtollException TIMEOUT if neither happens; the order may stand then
  synchronized RentedJob submit(Order order) throws InterruptedException {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (!welcomed) {
      pause(until);
    }
    RentedJob job = new RentedJob(order);
    jobs.put(job.task(), job);
    change(List.of(order), List.of());
    while (job.report() == null) {
      pause(until);
    }
    return job;
  }

  @SuppressWarnings("WaitNotInLoop") // its callers loop
  private void pause(long until) throws InterruptedException {
    long left = (until - System.nanoTime()) / 1_000_000;
    if (left <= 0 || closed) {
      throw new AtollException(
          ErrorCode.TIMEOUT,
          "the provider did not take the job within " + PATIENCE.toSeconds() + " s",
          "ask again with the same id: that begins nothing twice");
    }
    wait(left);
  }

  /// Asks for the end of a job; no effect on one that has ended.
  synchronized void stop(RentedJob job) {
    Order order = job.order();
    if (job.ended() || order.desired() == Desired.STOP) {
      return;
    }
    job.order(
        new Order(
            order.run(),
            order.workload(),
            Desired.STOP,
            order.graceSeconds(),
            order.timeLimitSeconds(),
            order.keepSeconds(),
            order.authority(),
            order.task()));
    if (welcomed) {
      change(List.of(job.order()), List.of());
    }
  }

  synchronized void forget(TaskId task) {
    if (jobs.remove(task) != null) {
      say(new ToProvider.Forget(List.of(task)));
    }
  }

  @Override
  public synchronized void end(long ended, String reason) {
    if (ended == session && !closed) {
      down();
      start();
    }
  }

  private void down() {
    welcomed = false;
    listener.down(agreement.hub(), session);
  }

  @Override
  public Agreement agreement() {
    return agreement;
  }

  /// Whether the agreement stands.
  synchronized boolean open() {
    return !closed;
  }

  PeerId peer() {
    return agreement.hub();
  }

  @Override
  public String status() {
    return "may send deployment requests";
  }

  @Override
  public synchronized boolean connected() {
    return welcomed;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      down();
      notifyAll();
    }
  }
}
