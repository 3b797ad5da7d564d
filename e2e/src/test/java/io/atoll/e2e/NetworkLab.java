package io.atoll.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.os.Machine;
import io.atoll.core.os.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.opentest4j.TestAbortedException;

/// Machines of a test: each a network namespace with one card, and a router between them. Nothing
/// of it touches the network of this machine, and no packet leaves it.
///
/// ```
///   first   198.18.1.10, fd98:1::10 ──┐
///   second  198.18.2.10, fd98:2::10 ──┤ router  198.18.N.1, fd98:N::1 towards each
///   …                                ──┘
/// ```
///
/// The router passes on what is between machines, and drops and counts what is for anybody else;
/// each machine counts what reaches its card and is for nobody there.
final class NetworkLab implements AutoCloseable {
  private static final String ROUTER = "router";
  private static final Pattern PACKETS = Pattern.compile("packets (\\d+)");

  /// What is for a machine of the lab, and what neighbours say to each other, is no stray.
  private static final String STRAYS =
      """
      table inet lab {
        counter strays { }
        chain arriving {
          type filter hook prerouting priority -300; policy accept;
          ip daddr { 198.18.0.0/15, 127.0.0.0/8, 224.0.0.0/4 } accept
          ip6 daddr { fd98::/16, fe80::/10, ff00::/8, ::1 } accept
          counter name "strays" %1$s
        }
      }
      table arp lab {
        counter strays { }
        chain arriving {
          type filter hook input priority 0; policy accept;
          arp daddr ip 198.18.0.0/15 accept
          counter name "strays" %1$s
        }
      }
      """;

  private final String prefix = "atoll" + ProcessHandle.current().pid();
  private final Map<String, Integer> numbers = new LinkedHashMap<>();
  private final Map<String, Integer> hosts = new LinkedHashMap<>();
  private final List<String> made = new ArrayList<>();
  private final Thread cleaner = new Thread(this::remove);

  /// @param machines their names, short enough for a device's
  NetworkLab(String... machines) throws IOException, InterruptedException {
    if (Machine.uid() != 0) {
      throw new TestAbortedException("root: only root makes network namespaces for daemons");
    }
    String missing = NetworkNamespace.missing();
    if (missing != null) {
      throw new TestAbortedException("root: no network namespaces here: " + missing);
    }
    Runtime.getRuntime().addShutdownHook(cleaner);
    try {
      namespace(ROUTER, "drop");
      inside(ROUTER, "sysctl", "-qw", "net.ipv4.ip_forward=1");
      inside(ROUTER, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1");
      for (String machine : machines) {
        add(machine);
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private void add(String machine) throws IOException, InterruptedException {
    int number = numbers.size() + 1;
    numbers.put(machine, number);
    hosts.put(machine, 10);
    namespace(machine, "");
    String wire = wire(machine);
    ip(ROUTER, "link", "add", wire, "type", "veth", "peer", "name", "eth", "netns", id(machine));
    ip(ROUTER, "link", "set", wire, "up");
    ip(machine, "link", "set", "eth", "up");
    ip(ROUTER, "addr", "add", gateway(machine) + "/24", "dev", wire);
    ip(ROUTER, "addr", "add", gateway6(machine) + "/64", "dev", wire, "nodad");
    ip(machine, "addr", "add", "fd98:" + number + "::10/64", "dev", "eth", "nodad");
    ip(machine, "-6", "route", "add", "default", "via", gateway6(machine));
    settle(machine);
  }

  private void settle(String machine) throws IOException, InterruptedException {
    ip(machine, "addr", "add", address(machine) + "/24", "dev", "eth");
    ip(machine, "route", "replace", "default", "via", gateway(machine));
  }

  private void namespace(String name, String verdict) throws IOException, InterruptedException {
    execute(List.of("ip", "netns", "add", id(name)), "");
    made.add(name);
    ip(name, "link", "set", "lo", "up");
    List<String> nft = new ArrayList<>(within(name));
    nft.addAll(List.of("nft", "-f", "-"));
    execute(nft, STRAYS.formatted(verdict));
  }

  private String id(String name) {
    return prefix + "-" + name;
  }

  /// The router's device towards a machine.
  String wire(String machine) {
    return "to-" + machine;
  }

  String address(String machine) {
    return "198.18." + numbers.get(machine) + "." + hosts.get(machine);
  }

  String gateway(String machine) {
    return "198.18." + numbers.get(machine) + ".1";
  }

  String gateway6(String machine) {
    return "fd98:" + numbers.get(machine) + "::1";
  }

  Path place(String name) {
    return Path.of("/run/netns", id(name));
  }

  /// The words that run a command there, as one and the same process.
  List<String> within(String name) {
    return List.of("nsenter", "--net=" + place(name), "--");
  }

  /// Gives a machine another address, and takes the one that it had.
  void move(String machine) throws IOException, InterruptedException {
    String before = address(machine);
    hosts.merge(machine, 1, Integer::sum);
    ip(machine, "addr", "del", before + "/24", "dev", "eth");
    settle(machine);
  }

  /// Runs a command on a machine; what it printed.
  String inside(String name, String... command) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(within(name));
    words.addAll(List.of(command));
    return execute(words, "");
  }

  /// As on a machine, on the router.
  String onRouter(String... command) throws IOException, InterruptedException {
    return inside(ROUTER, command);
  }

  /// How many packets and questions for nobody of the lab have reached a machine, or the router.
  long strays(String name) throws IOException, InterruptedException {
    long sum = 0;
    for (String family : List.of("inet", "arp")) {
      Matcher packets =
          PACKETS.matcher(inside(name, "nft", "list", "counter", family, "lab", "strays"));
      if (!packets.find()) {
        throw new IOException("nft shows no counter on " + name);
      }
      sum += Long.parseLong(packets.group(1));
    }
    return sum;
  }

  long straysAtRouter() throws IOException, InterruptedException {
    return strays(ROUTER);
  }

  private void ip(String name, String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ip", "-n", id(name)));
    command.addAll(List.of(words));
    execute(command, "");
  }

  private static String execute(List<String> command, String input)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var in = process.getOutputStream()) {
      in.write(input.getBytes(UTF_8));
    }
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException(String.join(" ", command) + ": " + said);
    }
    return said;
  }

  private synchronized void remove() {
    for (String name : made) {
      try {
        execute(List.of("ip", "netns", "del", id(name)), "");
      } catch (IOException e) {
        System.err.println("a namespace of the test stays: " + e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    made.clear();
  }

  @Override
  public void close() {
    remove();
    Runtime.getRuntime().removeShutdownHook(cleaner);
  }
}
