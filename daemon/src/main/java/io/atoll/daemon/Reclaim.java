package io.atoll.daemon;

import io.atoll.core.term.RunId;
import io.atoll.runtime.driver.Driver;
import io.atoll.runtime.driver.Reclaims;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives back to the machine what runs left that no journal knows any more: their daemon died
/// between the journal's last word and the removal. One virtual thread, once, beside the work.
final class Reclaim implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Reclaim.class);

  private record Found(Reclaims driver, List<RunId> strays) {}

  private final List<Found> found = new ArrayList<>();
  private final Reclaimed counts;
  private final Thread thread;

  /// Looks what there is; to be called before the provider is given work.
  ///
  /// @param known the runs that were journalled
  Reclaim(Drivers drivers, Set<RunId> known, Reclaimed counts) {
    this.counts = counts;
    for (Driver driver : drivers.drivers().values()) {
      if (driver instanceof Reclaims reclaims) {
        try {
          found.add(new Found(reclaims, reclaims.strays(known)));
        } catch (IOException e) {
          LOG.warn("what is left of {} runs is not known: {}", driver.name(), e.toString());
        }
      }
    }
    this.thread = Thread.ofVirtual().name("reclaim").unstarted(this::reclaim);
  }

  void start() {
    thread.start();
  }

  private void reclaim() {
    try {
      for (Found each : found) {
        int gone = each.driver.reclaim(each.strays);
        counts.add("runs", gone, each.strays.size() - gone);
      }
    } catch (InterruptedException e) {
      LOG.debug("the rest is given back by the next daemon");
    }
  }

  @Override
  public void close() throws InterruptedException {
    thread.interrupt();
    if (thread.isAlive()) {
      thread.join(Duration.ofSeconds(5));
    }
  }
}
