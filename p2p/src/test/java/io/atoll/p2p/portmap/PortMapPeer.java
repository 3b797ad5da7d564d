package io.atoll.p2p.portmap;

import io.atoll.p2p.portmap.MapOutcome.Mapped;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// The node of [GatewayTest], behind the gateway. It prints what happened, one line each.
final class PortMapPeer {
  private static final PortMapSettings SETTINGS =
      new PortMapSettings(Duration.ofMinutes(10), Duration.ofMillis(200), Duration.ofMillis(500));

  private PortMapPeer() {}

  public static void main(String[] args) throws Exception {
    InetAddress gateway = DefaultGateway.find().orElseThrow();
    System.out.println("gateway " + gateway.getHostAddress());
    InetSocketAddress asked = new InetSocketAddress(gateway, Exchange.PORT);
    scene(new Pcp(asked));
    scene(new NatPmp(asked));
    scene(new Upnp(gateway));
    refused(new Upnp(gateway));
    all();
  }

  private static void scene(PortProtocol way) throws Exception {
    try (ServerSocket server = new ServerSocket(0)) {
      LocalPort tcp = new LocalPort(IpProtocol.TCP, server.getLocalPort());
      LocalPort udp = new LocalPort(IpProtocol.UDP, server.getLocalPort());
      Thread.startVirtualThread(() -> greet(server));
      try (PortMapper mapper =
          PortMapper.start(List.of(tcp, udp), SETTINGS, (_, _) -> {}, () -> List.of(way))) {
        Mapped mapped = mapped(mapper, tcp);
        String by = mapped.by();
        System.out.println(by + " tcp " + mapped.external().getAddress().getHostAddress());
        System.out.println(by + " udp " + mapped(mapper, udp).external().getPort());
        System.out.println(by + " lifetime " + mapped.lifetime().toSeconds());
        System.out.println(by + " outside " + outside(mapped.external()));
        System.out.println(by + " rules " + rules(mapped.external().getPort()));
        System.out.println(by + " renewed " + renewed(way, tcp, mapped));
        mapper.close();
        System.out.println(by + " after close " + rules(mapped.external().getPort()));
        System.out.println(by + " outside then " + outside(mapped.external()));
      }
    }
  }

  /// The gateway allows no ports below 1024. (Asked by the other protocols, this one looks for
  /// another port outside without end, and answers nobody any more.)
  private static void refused(PortProtocol way) throws Exception {
    MapOutcome outcome = way.map(new LocalPort(IpProtocol.TCP, 22), 22, Duration.ofMinutes(1));
    System.out.println(way.name() + " for port 22: " + outcome);
  }

  /// As the daemon does it.
  private static void all() throws Exception {
    LocalPort port = new LocalPort(IpProtocol.TCP, 7464);
    try (PortMapper mapper = PortMapper.start(List.of(port), SETTINGS, (_, _) -> {})) {
      System.out.println("all " + mapped(mapper, port).external().getPort());
    }
    System.out.println("all after close " + rules(7464));
  }

  /// As the mapper does it half an hour later.
  private static String renewed(PortProtocol way, LocalPort port, Mapped mapped)
      throws InterruptedException {
    MapOutcome again = way.map(port, mapped.external().getPort(), Duration.ofMinutes(10));
    return again instanceof Mapped now ? now.external().equals(mapped.external()) + "" : "refused";
  }

  private static Mapped mapped(PortMapper mapper, LocalPort port) throws InterruptedException {
    for (int i = 0; i < 100; i++) {
      Map<LocalPort, MapOutcome> outcomes = mapper.outcomes();
      if (outcomes.get(port) instanceof Mapped mapped) {
        return mapped;
      }
      Thread.sleep(50);
    }
    throw new IllegalStateException("not mapped: " + mapper.outcomes());
  }

  private static void greet(ServerSocket server) {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        String who = socket.getInetAddress().getHostAddress();
        socket.getOutputStream().write(("hello " + who + "\n").getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        return;
      }
    }
  }

  private static String outside(InetSocketAddress address) throws Exception {
    String place = "/dev/tcp/" + address.getAddress().getHostAddress() + "/" + address.getPort();
    return said("ip", "netns", "exec", "out", "timeout", "3", "bash", "-c", "cat < " + place);
  }

  private static String rules(int port) throws Exception {
    String rules = said("ip", "netns", "exec", "gw", "nft", "list", "ruleset");
    long lines = rules.lines().filter(line -> line.contains("dport " + port)).count();
    return lines > 0 ? "there" : "gone";
  }

  private static String said(String... command) throws Exception {
    Process process =
        new ProcessBuilder(Arrays.asList(command))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return text.strip();
  }
}
