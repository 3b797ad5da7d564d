package io.atoll.vpn.node;

import io.atoll.core.term.DeviceConfig;
import io.atoll.vpn.gateway.TcpListener;
import io.atoll.vpn.gateway.TcpStream;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// What is done beside a stock WireGuard client in the namespaces of `device.sh`, which gets the
/// configuration as it would be printed; a line for each thing that went well.
public final class StockDevice {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private StockDevice() {}

  public static void main(String[] words) throws Exception {
    Path folder = Path.of(words[0]);
    byte[] scalar = new byte[32];
    new SecureRandom().nextBytes(scalar);
    String text = Base64.getEncoder().encodeToString(scalar);
    try (DeviceLab lab = new DeviceLab(new InetSocketAddress("192.0.2.1", 7464))) {
      DeviceConfig config = lab.invite(PrivateKey.parse(text), text, "192.0.2.1:7464");
      Files.writeString(folder.resolve("phone.conf"), config.text());
      phone("sh", folder.resolve("up").toString(), folder.resolve("phone.conf").toString());
      TcpListener listener = lab.webStack.listen(80);
      Thread.ofVirtual().start(() -> serve(listener));
      check("ping, IPv4", phone("ping", "-c2", "-W5", lab.web.v4().toString()), "2 received");
      check("ping, IPv6", phone("ping", "-c2", "-W5", lab.web.v6().toString()), "2 received");
      check(
          "TCP, IPv4",
          phone("curl", "-sm9", "http://" + lab.web.v4() + "/"),
          "hello from web".repeat(10_000));
      check(
          "TCP, IPv6",
          phone("curl", "-sm9", "http://[" + lab.web.v6() + "]/"),
          "hello from web".repeat(10_000));
      check("names", phone("python3", folder.resolve("ask.py").toString(), "10.7.0.1"), "10.7.0.3");
      check(
          "names over IPv6",
          phone("python3", folder.resolve("ask.py").toString(), lab.network.gateway6().toString()),
          "10.7.0.3");
      Process echo = started("python3", folder.resolve("echo.py").toString());
      try {
        check("UDP", udp(lab), "through");
      } finally {
        echo.destroy();
      }
      check("and back", lab.webStack.ping(lab.phone.v4().toInet(), PATIENCE).toString(), "PT");
      // The way gets narrow, as behind some gateways: the network's packets go on as they are.
      for (String end : List.of("node", "phone")) {
        in(end, "ip", "link", "set", "eth", "mtu", "576");
      }
      check(
          "MTU 576 on the way, IPv4",
          phone("curl", "-sm20", "http://" + lab.web.v4() + "/"),
          "hello from web".repeat(10_000));
      check(
          "MTU 576 on the way, IPv6",
          phone("curl", "-sm20", "http://[" + lab.web.v6() + "]/"),
          "hello from web".repeat(10_000));
      check(
          "MTU 576 on the way, long echo",
          phone("ping", "-c2", "-W5", "-s1300", lab.web.v4().toString()),
          "2 received");
      System.out.println("done");
    }
    System.exit(0);
  }

  /// The kernel behind the client gets a datagram and sends it back.
  private static String udp(DeviceLab lab) throws Exception {
    try (var flow = lab.webStack.udp(lab.phone.v4().toInet(), 7777)) {
      for (int i = 0; i < 50; i++) {
        flow.send("through".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        try {
          byte[] back = flow.receive(Duration.ofMillis(200));
          if (back != null) {
            return new String(back, java.nio.charset.StandardCharsets.US_ASCII);
          }
        } catch (java.io.IOException notYet) {
          Thread.sleep(100);
        }
      }
      return "nothing";
    }
  }

  private static void serve(TcpListener listener) {
    byte[] body = "hello from web".repeat(10_000).getBytes();
    String head = "HTTP/1.0 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n";
    try {
      while (true) {
        try (TcpStream stream = listener.accept()) {
          byte[] request = new byte[4096];
          int _ = stream.input().read(request);
          stream.output().write(head.getBytes());
          stream.output().write(body);
        }
      }
    } catch (java.io.IOException closed) {
      // The end.
    }
  }

  private static Process started(String... command) throws Exception {
    return startedIn("phone", command);
  }

  private static Process startedIn(String namespace, String... command) throws Exception {
    List<String> words = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    words.addAll(List.of(command));
    return new ProcessBuilder(words).redirectErrorStream(true).start();
  }

  private static void in(String namespace, String... command) throws Exception {
    Process process = startedIn(namespace, command);
    String said = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new AssertionError(String.join(" ", command) + ": " + said);
    }
  }

  private static String phone(String... command) throws Exception {
    Process process = started(command);
    String said = new String(process.getInputStream().readAllBytes());
    int code = process.waitFor();
    return code == 0 ? said : said + " (ended with " + code + ")";
  }

  private static void check(String what, String said, String wanted) {
    boolean good = said.contains(wanted);
    System.out.println((good ? "good: " : "BAD: ") + what);
    if (!good) {
      System.out.println(said);
      System.exit(1);
    }
  }
}
