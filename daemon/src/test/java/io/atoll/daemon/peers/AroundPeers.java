package io.atoll.daemon.peers;

import io.atoll.client.api.MappedPortView;
import io.atoll.core.identity.Identity;
import io.atoll.core.multiformat.Multiaddr;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;

/// The nodes of [AroundTest], in its network. They print what happened, one line each.
final class AroundPeers {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final long STOP_MILLIS = 1500;
  private static final String OUTSIDE = "/ip4/5.5.5.1/";

  private AroundPeers() {}

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    NetworkSettings settings =
        NetworkSettings.at("/ip4/0.0.0.0/tcp/0", "/ip4/0.0.0.0/tcp/0/ws")
            .withSurroundings(Surroundings.used(true, true));
    NetworkSettings unmapped =
        NetworkSettings.at("/ip4/0.0.0.0/tcp/0").withSurroundings(Surroundings.used(true, false));
    try (PeerNetwork other = up(folder.resolve("other"), unmapped)) {
      PeerNetwork node = up(folder.resolve("node"), settings);
      until(() -> node.host().connected(other.host().id()));
      System.out.println("neighbours met");
      until(() -> mapped(node).size() == 2);
      System.out.println("mapped 2 by " + mapped(node).getFirst().by());
      until(() -> told(other, node).stream().anyMatch(text -> text.startsWith(OUTSIDE)));
      System.out.println("the other heard of it");
      long begun = System.nanoTime();
      node.close();
      long millis = (System.nanoTime() - begun) / 1_000_000;
      System.out.println(
          "taken back " + node.host().listening().stream().noneMatch(at -> at.contains(OUTSIDE)));
      System.out.println("stopped in time " + (millis < STOP_MILLIS));
    }
    System.exit(0);
  }

  private static PeerNetwork up(Path data, NetworkSettings settings) throws Exception {
    PeerNetwork network =
        PeerNetwork.open(data, Identity.generate(), settings, "atoll/test", Pace.usual());
    network.start(adverts -> {});
    return network;
  }

  private static List<MappedPortView> mapped(PeerNetwork node) {
    return node.around().ports().map(MappedPorts::views).orElse(List.of()).stream()
        .filter(port -> port.externalPort() != null)
        .toList();
  }

  private static List<String> told(PeerNetwork at, PeerNetwork of) {
    return at.host().peers().addresses(of.host().id()).stream().map(Multiaddr::toString).toList();
  }

  private static void until(Callable<Boolean> done) throws Exception {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!done.call()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("it did not happen in " + LIMIT.toSeconds() + " s");
      }
      Thread.sleep(50);
    }
  }
}
