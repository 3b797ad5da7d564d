package io.atoll.vpn.pair;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// The bench itself, beside the two namespaces, which are its own.
public final class PairLab {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final int TCP_SECONDS = 3;
  private static final int UDP_SECONDS = 2;
  private static final int WARM_UPS = 3;

  /// What one round found of one of them.
  private record Round(Tunnel.Flow tcp, Tunnel.Flow udp, Tunnel.Times idle, Tunnel.Times loaded) {}

  /// What our nodes allocated in one: by those who carry packets, and by one node beside.
  private record Garbage(double eachPacket, double eachSecond) {}

  private final Path folder;
  private final String wireguardGo;
  private final List<String> node;
  private final List<Process> nodes = new ArrayList<>();
  private final List<BufferedReader> answers = new ArrayList<>();

  private PairLab(Path folder, String wireguardGo, List<String> node) {
    this.folder = folder;
    this.wireguardGo = wireguardGo;
    this.node = node;
  }

  /// @param words a folder, wireguard-go, how many rounds, and the command that starts a
  ///     [PairNode], to which its side is added
  public static void main(String[] words) throws Exception {
    PairLab lab = new PairLab(Path.of(words[0]), words[1], List.of(words).subList(3, words.length));
    lab.run(Integer.parseInt(words[2]));
    System.exit(0);
  }

  private void run(int rounds) throws Exception {
    wire();
    Tunnel go = wireguardGo();
    Tunnel ours = ours();
    go.await();
    ours.await();
    for (int i = 0; i < WARM_UPS; i++) {
      ours.tcp(TCP_SECONDS);
      ours.warmBackwards(TCP_SECONDS);
      ours.udp(1);
    }
    go.tcp(1);
    List<Round> theirs = new ArrayList<>();
    List<Round> mine = new ArrayList<>();
    List<Garbage> garbage = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      if (round % 2 == 0) {
        theirs.add(round(go));
        mine.add(counted(ours, garbage));
      } else {
        mine.add(counted(ours, garbage));
        theirs.add(round(go));
      }
      System.out.printf(
          Locale.ROOT,
          "round %d: TCP %.2f/%.2f Gbit/s (%.0f/%.0f sent again), UDP %.0f/%.0f a second%n",
          round + 1,
          mine.getLast().tcp.rate(),
          theirs.getLast().tcp.rate(),
          mine.getLast().tcp.retransmits(),
          theirs.getLast().tcp.retransmits(),
          mine.getLast().udp.rate(),
          theirs.getLast().udp.rate());
    }
    report(mine, theirs, garbage);
    go.stop();
    ours.stop();
  }

  private static void report(List<Round> mine, List<Round> theirs, List<Garbage> garbage) {
    System.out.printf(
        "%-38s %10s %12s %8s%n", "median of " + mine.size(), "atoll", "wireguard-go", "ratio");
    line("TCP, one stream, Gbit/s", mine, theirs, round -> round.tcp.rate());
    line("TCP, seconds of processor a Gbit", mine, theirs, round -> round.tcp.cpu());
    line("UDP, 1370 bytes, datagrams a second", mine, theirs, round -> round.udp.rate());
    line("UDP, seconds of processor a million", mine, theirs, round -> round.udp.cpu());
    line("round trip, idle, median, ms", mine, theirs, round -> round.idle.median());
    line("round trip, idle, p99, ms", mine, theirs, round -> round.idle.p99());
    line("round trip, under TCP, median, ms", mine, theirs, round -> round.loaded.median());
    line("round trip, under TCP, p99, ms", mine, theirs, round -> round.loaded.p99());
    System.out.printf(
        Locale.ROOT,
        "%-38s %10.3f%n",
        "bytes allocated a packet",
        median(garbage.stream().mapToDouble(Garbage::eachPacket).toArray()));
    System.out.printf(
        Locale.ROOT,
        "%-38s %10.0f%n",
        "bytes a second for ways and sessions",
        median(garbage.stream().mapToDouble(Garbage::eachSecond).toArray()));
  }

  private static void line(
      String what, List<Round> mine, List<Round> theirs, ToDoubleFunction<Round> of) {
    double[] ratios = new double[mine.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = of.applyAsDouble(mine.get(i)) / of.applyAsDouble(theirs.get(i));
    }
    System.out.printf(
        Locale.ROOT,
        "%-38s %10.3f %12.3f %8.2f%n",
        what,
        median(mine.stream().mapToDouble(of).toArray()),
        median(theirs.stream().mapToDouble(of).toArray()),
        median(ratios));
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    int middle = values.length / 2;
    return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  }

  private static Round round(Tunnel tunnel) throws Exception {
    Tunnel.Flow tcp = tunnel.tcp(TCP_SECONDS);
    Tunnel.Flow udp = tunnel.udp(UDP_SECONDS);
    Tunnel.Times idle = tunnel.ping(1000, 0.002);
    Thread load =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    tunnel.tcp(TCP_SECONDS);
                  } catch (IOException | InterruptedException e) {
                    System.out.println("the load ended: " + e.getMessage());
                  }
                });
    Thread.sleep(500);
    Tunnel.Times loaded = tunnel.ping(200, 0.01);
    load.join();
    return new Round(tcp, udp, idle, loaded);
  }

  private Round counted(Tunnel ours, List<Garbage> garbage) throws Exception {
    long[] before = counts();
    long began = System.nanoTime();
    Round round = round(ours);
    double seconds = (System.nanoTime() - began) / 1e9;
    long[] after = counts();
    garbage.add(
        new Garbage(
            (double) (after[0] - before[0]) / (after[1] - before[1]),
            (after[2] - before[2]) / seconds / nodes.size()));
    return round;
  }

  /// Of both nodes: bytes allocated for packets, packets, and bytes for ways and sessions.
  private long[] counts() throws IOException {
    long[] sum = new long[3];
    for (int i = 0; i < nodes.size(); i++) {
      List<String> said = Tunnel.counts(nodes.get(i), answers.get(i));
      for (int j = 0; j < sum.length; j++) {
        sum[j] += Long.parseLong(said.get(j));
      }
    }
    return sum;
  }

  private static void ip(String words) throws Exception {
    Side.said(List.of(("ip " + words).split(" ")));
  }

  private static void wire() throws Exception {
    ip("-n a link add eth type veth peer name eth netns b");
    for (int side = 1; side <= 2; side++) {
      String name = side == 1 ? "a" : "b";
      ip("-n " + name + " addr add 192.0.2." + side + "/24 dev eth");
      ip("-n " + name + " link set eth up");
    }
  }

  private Tunnel wireguardGo() throws Exception {
    Path keys = Files.createDirectories(folder.resolve("keys"));
    List<Process> processes = new ArrayList<>();
    for (Side side : List.of(Side.A, Side.B)) {
      String key = Side.said(List.of("wg", "genkey")).strip();
      Files.writeString(keys.resolve(side.name()), key + "\n");
      String publicKey =
          Side.said(List.of("sh", "-c", "wg pubkey < " + keys.resolve(side.name()))).strip();
      Files.writeString(keys.resolve(side.name() + ".pub"), publicKey);
      String device = "wg" + side.name();
      processes.add(
          side.start(
              ProcessBuilder.Redirect.to(folder.resolve(device + ".log").toFile()),
              wireguardGo,
              "-f",
              device));
      Path socket = Path.of("/run/wireguard", device + ".sock");
      for (int tries = 0; !Files.exists(socket) && tries < 100; tries++) {
        Thread.sleep(50);
      }
    }
    for (int number = 1; number <= 2; number++) {
      Side side = number == 1 ? Side.A : Side.B;
      Side other = number == 1 ? Side.B : Side.A;
      int otherNumber = 3 - number;
      String device = "wg" + side.name();
      String setting =
          "wg set %s private-key %s listen-port 5182%d peer %s allowed-ips 10.79.0.%d/32 endpoint 192.0.2.%d:5182%d"
              .formatted(
                  device,
                  keys.resolve(side.name()),
                  number,
                  Files.readString(keys.resolve(other.name() + ".pub")),
                  otherNumber,
                  otherNumber,
                  otherNumber);
      side.run(SOON, setting.split(" "));
      ip("-n " + side.name() + " addr add 10.79.0." + number + "/24 dev " + device);
      ip("-n " + side.name() + " link set " + device + " mtu " + PairNode.MTU + " up");
    }
    return new Tunnel("wireguard-go", processes.get(0), processes.get(1), "10.79.0.2");
  }

  private Tunnel ours() throws Exception {
    for (int number = 1; number <= 2; number++) {
      Side side = number == 1 ? Side.A : Side.B;
      List<String> command = new ArrayList<>(node);
      command.add(Integer.toString(number));
      Process process =
          side.start(
              ProcessBuilder.Redirect.to(folder.resolve("node" + number + ".log").toFile()),
              command.toArray(String[]::new));
      BufferedReader lines = Side.output(process);
      String first = lines.readLine();
      if (first == null || !first.startsWith("up")) {
        throw new IOException(
            "the node did not start: "
                + Files.readString(folder.resolve("node" + number + ".log")));
      }
      if (number == 1) {
        System.out.println(first);
      }
      nodes.add(process);
      answers.add(lines);
    }
    return new Tunnel("atoll", nodes.get(0), nodes.get(1), PairNode.inside(2));
  }
}
