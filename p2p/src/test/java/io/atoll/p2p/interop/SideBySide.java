package io.atoll.p2p.interop;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// This host and js-libp2p, each as dialler against its own kind and against the other, one after
/// the other in turns, over loopback, every host in a process of its own. Medians: MB/s up and down
/// by `/perf/1.0.0`, ping and cold dial with its handshake p50, and what they are to js against js.
/// Then the heap that an idle connection costs, at the end that was dialled and at the one that
/// dials. `main(TURNS SEED [MiB [STACK]])`.
///
/// A stack is `tcp`, `ws` or `quic`, and with TLS in place of Noise `tcp-tls` or `ws-tls`.
public final class SideBySide {
  private static final int PINGS = 1000;
  private static final int DIALS = 20;
  private static final int WARM_UPS = 2;
  private static final int CROWD = 1000;
  private static final long SETTLE_MILLIS = 12_000;

  private record Figures(
      String name, List<Double> up, List<Double> down, List<Double> ping, List<Double> dial) {
    Figures(String name) {
      this(name, new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }

    void print(Figures js) {
      System.out.printf(
          Locale.ROOT,
          "%-12s up %5.0f MB/s %5.2f  down %5.0f MB/s %5.2f  ping %6.3f ms %5.2f  dial %6.2f ms"
              + " %5.2f%n",
          name,
          JavaPeer.median(up),
          ratio(up, js.up),
          JavaPeer.median(down),
          ratio(down, js.down),
          JavaPeer.median(ping),
          ratio(ping, js.ping),
          JavaPeer.median(dial),
          ratio(dial, js.dial));
    }

    private static double ratio(List<Double> ours, List<Double> theirs) {
      return JavaPeer.median(ours) / JavaPeer.median(theirs);
    }
  }

  private SideBySide() {}

  public static void main(String[] arguments) throws Exception {
    int turns = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
    int bytes = (arguments.length > 2 ? Integer.parseInt(arguments[2]) : 200) << 20;
    String stack = arguments.length > 3 ? arguments[3] : "tcp";
    System.setProperty("basedir", Path.of(System.getProperty("atoll.root", "..")) + "/p2p");
    double load = load();
    List<Figures> all = compare(turns, bytes, stack);
    System.out.printf(
        Locale.ROOT,
        "%s, %d MiB, n = %d, load %.1f to %.1f; behind each figure its ratio to js → js:%n",
        stack,
        bytes >> 20,
        turns,
        load,
        load());
    all.forEach(figures -> figures.print(all.getFirst()));
    idle(true);
    idle(false);
  }

  private static List<Figures> compare(int turns, int bytes, String stack) throws Exception {
    List<Figures> all = new ArrayList<>();
    try (ObeyingProcess javaListener = new JavaPeer();
        ObeyingProcess javaDialler = new JavaPeer();
        ObeyingProcess jsListener = new JsPeer();
        ObeyingProcess jsDialler = new JsPeer()) {
      String java = address(javaListener.start(true, stack));
      String js = address(jsListener.start(true, stack));
      javaDialler.start(false, stack);
      jsDialler.start(false, stack);
      for (String name : List.of("js → js", "java → java", "java → js", "js → java")) {
        all.add(new Figures(name));
      }
      for (int turn = -WARM_UPS; turn < turns; turn++) {
        boolean counts = turn >= 0;
        measure(jsDialler, js, bytes, all.get(0), counts);
        measure(javaDialler, java, bytes, all.get(1), counts);
        measure(javaDialler, js, bytes, all.get(2), counts);
        measure(jsDialler, java, bytes, all.get(3), counts);
      }
    }
    return all;
  }

  private static String address(JsonNode started) {
    return started.get("addresses").get(0).asText();
  }

  private static void measure(
      ObeyingProcess dialler, String address, int bytes, Figures into, boolean counts)
      throws Exception {
    double dial = dialler.call("redial", "address", address, "count", DIALS).get("p50").asDouble();
    double up = dialler.call("perf", "up", bytes, "down", 0).get("millis").asDouble();
    double down = dialler.call("perf", "up", 0, "down", bytes).get("millis").asDouble();
    double ping = dialler.call("pingStream", "count", PINGS).get("p50").asDouble();
    if (counts) {
      into.up().add(bytes / 1e3 / up);
      into.down().add(bytes / 1e3 / down);
      into.ping().add(ping);
      into.dial().add(dial);
    }
  }

  /// One host in a process of its own, with as many connections as there are hosts in another.
  private static void idle(boolean dialled) throws Exception {
    try (ObeyingProcess one = new JavaPeer();
        ObeyingProcess crowd = new JavaPeer()) {
      JsonNode there = one.start(true, "tcp");
      JsonNode all = crowd.call("crowd", "count", CROWD, "listen", !dialled);
      long before = one.call("heap").get("used").asLong();
      if (dialled) {
        crowd.call("meet", "addresses", there.get("addresses"));
      } else {
        one.call("meet", "addresses", all.get("addresses"));
      }
      Thread.sleep(SETTLE_MILLIS); // each has been asked for a sign of life
      int count = one.call("connected").get("count").asInt();
      long after = one.call("heap").get("used").asLong();
      System.out.printf(
          Locale.ROOT,
          "%d idle connections that %s: %.1f KB of heap each at that end%n",
          count,
          dialled ? "others dialled" : "it dialled",
          (after - before) / 1e3 / count);
    }
  }

  private static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }
}
