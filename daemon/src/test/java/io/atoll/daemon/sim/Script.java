package io.atoll.daemon.sim;

import io.atoll.core.term.Workload;
import io.atoll.market.activity.Order;
import java.util.List;

/// What a payload does, written into its command.
record Script(long duration, int exitCode, boolean userFault, boolean flaky) {
  List<String> command() {
    return List.of(
        "script",
        Long.toString(duration),
        Integer.toString(exitCode),
        Boolean.toString(userFault),
        Boolean.toString(flaky));
  }

  static Script of(Order order) {
    return of(order.workload());
  }

  static Script of(Workload workload) {
    List<String> words = workload.command();
    return new Script(
        Long.parseLong(words.get(1)),
        Integer.parseInt(words.get(2)),
        Boolean.parseBoolean(words.get(3)),
        Boolean.parseBoolean(words.get(4)));
  }
}
