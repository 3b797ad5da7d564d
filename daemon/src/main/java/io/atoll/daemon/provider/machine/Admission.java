package io.atoll.daemon.provider.machine;

import io.atoll.core.term.ByteSize;
import io.atoll.core.term.Resources;
import io.atoll.core.term.Workload;
import io.atoll.market.activity.Order;
import io.atoll.market.agreement.Terms;
import org.jspecify.annotations.Nullable;

/// Whether this provider takes a workload. The hub plans by the same facts; this is the check that
/// counts.
final class Admission {
  private Admission() {}

  /// @param free what is not reserved
  /// @return why not; null if it may come
  static @Nullable String refusal(ProviderConfig config, Terms terms, Resources free, Order order) {
    Workload workload = order.workload();
    String driver = workload.driver();
    if (!config.drivers().contains(driver)) {
      return "driver " + driver + " does not work on " + config.name();
    }
    if (!terms.drivers().contains(driver)) {
      return config.name() + " does not let this hub use driver " + driver;
    }
    if (workload.isolation() == Workload.Isolation.BARE && !terms.bare()) {
      return config.name() + " does not run tasks without a sandbox for this hub";
    }
    if ((workload.publishAll() || !workload.ports().isEmpty()) && !terms.egress()) {
      return config.name() + " does not let tasks of this hub publish ports";
    }
    if (!order.seats().isEmpty() && !config.networking().drivers().contains(driver)) {
      return "driver " + driver + " puts no task into private networks on " + config.name();
    }
    Resources asked = workload.resources();
    if (!asked.fitsIn(free)) {
      return config.name() + " has too little free: " + lack(asked, free);
    }
    return null;
  }

  private static String lack(Resources asked, Resources free) {
    if (asked.cpuMillis() > free.cpuMillis()) {
      return "asked " + asked.cpuMillis() + " mCPU, free " + free.cpuMillis();
    }
    if (asked.memory() > free.memory()) {
      return "asked "
          + ByteSize.format(asked.memory())
          + " memory, free "
          + ByteSize.format(free.memory());
    }
    return "asked " + ByteSize.format(asked.disk()) + " disk, free " + ByteSize.format(free.disk());
  }
}
