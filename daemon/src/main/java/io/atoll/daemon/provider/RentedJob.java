package io.atoll.daemon.provider;

import io.atoll.core.json.Json;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.market.activity.Order;
import io.atoll.market.activity.RunReport;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// One job of a peer that asks for deployments. Its monitor is notified of every report.
final class RentedJob {
  /// What the journal keeps of the request, in the order's description of the task.
  ///
  /// @param id that the peer gave it; null if it gave none
  /// @param payment what it paid with; null if nothing had to be
  record Note(@Nullable String id, @Nullable String payment) {
    static Note of(Order order) {
      try {
        return Json.read(order.task(), Note.class);
      } catch (IOException | IllegalArgumentException e) {
        return new Note(null, null); // the output and the end are there all the same
      }
    }
  }

  private final RunId run;
  private final Note note;
  private volatile Order order;
  private volatile @Nullable RunReport report;

  RentedJob(Order order) {
    this.run = order.run();
    this.note = Note.of(order);
    this.order = order;
  }

  RunId run() {
    return run;
  }

  TaskId task() {
    return run.task();
  }

  Note note() {
    return note;
  }

  Order order() {
    return order;
  }

  void order(Order changed) {
    order = changed;
  }

  /// The newest; null before the first.
  @Nullable RunReport report() {
    return report;
  }

  boolean ended() {
    RunReport now = report;
    return now != null && now.state().ended();
  }

  synchronized void report(RunReport told) {
    RunReport before = report;
    if (before == null || before.seq() < told.seq()) {
      report = told;
      notifyAll();
    }
  }

  /// Waits for a report that is newer than `seq`, `millis` at most.
  @SuppressWarnings("WaitNotInLoop") // to wake early only makes the caller look again
  synchronized void await(long seq, long millis) throws InterruptedException {
    RunReport now = report;
    if (now == null || now.seq() <= seq) {
      wait(millis);
    }
  }
}
