package io.atoll.daemon.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.daemon.gate.GateLab;
import io.atoll.daemon.rest.CommandLineFixture.Result;
import io.atoll.daemon.rest.CommandLineFixture.Staying;
import io.atoll.vpn.gateway.TcpStream;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// `atoll forward`, `proxy` and `ssh`, against a network in memory behind a real server.
@Timeout(60)
class WayInCommandsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");

  private GateLab lab;
  private CommandLineFixture command;

  @BeforeEach
  void start() throws Exception {
    lab = new GateLab();
    command = new CommandLineFixture();
    restart();
    assertThat(command.run("net", "create", "mynet").status()).isZero();
  }

  private void restart() throws IOException {
    command.served.server.close();
    command.served.networks = lab;
    command.served.server = command.served.start(0);
    command.publish();
  }

  @AfterEach
  void stop() throws Exception {
    command.close();
    lab.close();
  }

  /// The port behind the last colon of a line.
  private static int port(Staying staying, int line) {
    await().atMost(PATIENCE).until(() -> staying.out().lines().count() > line || ended(staying));
    String text = staying.out().lines().toList().get(line).replaceAll("(/udp)?( -> .*)?$", "");
    return Integer.parseInt(text.substring(text.lastIndexOf(':') + 1));
  }

  private static boolean ended(Staying staying) {
    return staying.end().isDone();
  }

  private void interrupt(Staying staying) throws Exception {
    command.interrupt();
    assertThat(staying.end().get(20, TimeUnit.SECONDS).status()).isZero();
  }

  private static String through(Socket socket, String text) throws IOException {
    try (socket) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String forwarded(int port, String text) throws IOException {
    return through(new Socket(HERE, port), text);
  }

  @Test
  void portsAreForwardedUntilCtrlC() throws Exception {
    lab.echo(7);
    lab.serve(8, stream -> stream.output().write("eight".getBytes(StandardCharsets.UTF_8)));
    Staying forward =
        command.stay("forward", "--net", "mynet", "0:web:7", "localhost:0:10.7.0.3:8");
    int seven = port(forward, 0);
    int eight = port(forward, 1);
    assertThat(forward.out()).contains("127.0.0.1:" + seven + " -> web:7\n");
    String much = "0123456789".repeat(50_000);
    assertThat(forwarded(seven, much)).isEqualTo(much);
    assertThat(forwarded(eight, "")).isEqualTo("eight");
    interrupt(forward);
    assertThatThrownBy(() -> new Socket(HERE, seven)).isInstanceOf(ConnectException.class);
  }

  @Test
  void newConnectionsFindTheHubAgainAfterItsRestart() throws Exception {
    lab.echo(7);
    Staying forward = command.stay("forward", "0:web.mynet.internal:7");
    int port = port(forward, 0);
    assertThat(forwarded(port, "before")).isEqualTo("before");
    try (Socket open = new Socket(HERE, port)) {
      open.setSoTimeout((int) PATIENCE.toMillis());
      open.getOutputStream().write('x');
      assertThat(open.getInputStream().read()).isEqualTo('x');
      restart();
      assertThatThrownBy(
              () -> {
                if (open.getInputStream().read() < 0) {
                  throw new AssertionError("it seems to have ended in order");
                }
              })
          .isInstanceOf(SocketException.class);
    }
    assertThat(forwarded(port, "after")).isEqualTo("after");
    interrupt(forward);
  }

  @Test
  void whatIsInTheWayIsSaidAndTheProgramRefused() throws Exception {
    Staying forward = command.stay("forward", "0:web:9"); // there is but one network
    int port = port(forward, 0);
    assertThatThrownBy(() -> forwarded(port, "")).isInstanceOf(IOException.class);
    command.interrupt();
    Result result = forward.end().get(20, TimeUnit.SECONDS);
    assertThat(result.err()).contains("port 9: nobody listens there");
    for (String[] words :
        List.of(
            new String[] {"forward", "--net", "mynet"},
            new String[] {"forward", "--net", "mynet", "8080"},
            new String[] {"forward", "--net", "mynet", "8080:web"},
            new String[] {"forward", "--net", "mynet", "99999:web:80"},
            new String[] {"forward", "--net", "mynet", "--stdio", "web"},
            new String[] {"proxy", "--net", "mynet", "--socks", "70000"},
            new String[] {"proxy", "--net", "mynet", "--bind", "nowhere"})) {
      Result refused = command.run(words);
      assertThat(refused.status()).as(String.join(" ", words)).isEqualTo(2);
      assertThat(refused.err()).contains("hint: ");
    }
    assertThat(command.run("forward", "--net", "wep", "0:web:80").status()).isEqualTo(3);
    command.run("net", "create", "other");
    for (String[] words : List.of(new String[] {"forward", "0:web:80"}, new String[] {"proxy"})) {
      Result refused = command.run(words);
      assertThat(refused.status()).isEqualTo(2);
      assertThat(refused.err()).contains("which network is not said", "web.mynet.internal");
    }
    try (var taken = new ServerSocket(0, 1, HERE)) {
      Result result2 = command.run("forward", "--net", "mynet", taken.getLocalPort() + ":web:80");
      assertThat(result2.status()).isEqualTo(5);
      assertThat(result2.err()).contains("cannot listen on 127.0.0.1:" + taken.getLocalPort());
    }
  }

  @Test
  void datagramsAreForwarded() throws Exception {
    Staying forward = command.stay("forward", "--net", "mynet", "0:dns:53/udp");
    int port = port(forward, 0);
    try (DatagramSocket one = new DatagramSocket(0, HERE);
        DatagramSocket other = new DatagramSocket(0, HERE)) {
      assertThat(asked(one, port, "one")).isEqualTo("one");
      assertThat(asked(other, port, "other")).isEqualTo("other");
      assertThat(asked(one, port, "one more")).isEqualTo("one more");
    }
    interrupt(forward);
  }

  private static String asked(DatagramSocket socket, int port, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    socket.setSoTimeout((int) PATIENCE.toMillis());
    socket.send(new DatagramPacket(bytes, bytes.length, HERE, port));
    DatagramPacket answer = new DatagramPacket(new byte[2000], 2000);
    socket.receive(answer);
    return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
  }

  @Test
  void socksReachesMembersByName() throws Exception {
    lab.echo(7);
    Staying proxy = command.stay("proxy", "--net", "mynet", "--socks", "0");
    int port = port(proxy, 0);
    assertThat(proxy.out()).isEqualTo("socks5h://127.0.0.1:" + port + "\n");
    Proxy socks = new Proxy(Proxy.Type.SOCKS, new InetSocketAddress(HERE, port));
    Socket byName = new Socket(socks);
    byName.connect(InetSocketAddress.createUnresolved("web", 7));
    assertThat(through(byName, "hello")).isEqualTo("hello");
    Socket refused = new Socket(socks);
    assertThatThrownBy(() -> refused.connect(InetSocketAddress.createUnresolved("web", 9)))
        .isInstanceOf(SocketException.class)
        .hasMessageContaining("refused");
    Socket unknown = new Socket(socks);
    assertThatThrownBy(() -> unknown.connect(InetSocketAddress.createUnresolved("wep", 9)))
        .isInstanceOf(SocketException.class)
        .hasMessageContaining("Host unreachable");
    try (Socket login = new Socket(HERE, port)) {
      login.getOutputStream().write(new byte[] {5, 1, 2});
      assertThat(login.getInputStream().readAllBytes()).isEqualTo(new byte[] {5, (byte) 0xff});
    }
    datagramsBySocks(port);
    command.interrupt();
    Result result = proxy.end().get(20, TimeUnit.SECONDS);
    assertThat(result.err()).contains("wants to log in", "nobody listens there", "named wep");
  }

  /// By hand, as RFC 1928 §7 draws it.
  private static void datagramsBySocks(int port) throws IOException {
    try (Socket control = new Socket(HERE, port);
        DatagramSocket socket = new DatagramSocket(0, HERE)) {
      control.setSoTimeout((int) PATIENCE.toMillis());
      DataInputStream in = new DataInputStream(control.getInputStream());
      control.getOutputStream().write(new byte[] {5, 1, 0});
      assertThat(in.readShort()).isEqualTo((short) 0x0500);
      control.getOutputStream().write(new byte[] {5, 3, 0, 1, 0, 0, 0, 0, 0, 0});
      assertThat(in.readInt()).isEqualTo(0x05000001);
      assertThat(in.readInt()).isEqualTo(0x7f000001);
      int relay = in.readUnsignedShort();
      byte[] datagram =
          ByteBuffer.allocate(12)
              .put(new byte[] {0, 0, 0, 3, 3})
              .put("dns".getBytes(StandardCharsets.UTF_8))
              .putShort((short) 53)
              .put(new byte[] {'h', 'i'})
              .array();
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.send(new DatagramPacket(datagram, datagram.length, HERE, relay));
      DatagramPacket answer = new DatagramPacket(new byte[100], 100);
      socket.receive(answer);
      assertThat(answer.getLength()).isEqualTo(datagram.length);
      assertThat(Arrays.copyOf(answer.getData(), 12)).isEqualTo(datagram);
    }
  }

  /// Answers with the head and the body that came.
  private static void httpEcho(TcpStream stream) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(stream.input(), StandardCharsets.ISO_8859_1));
    StringBuilder head = new StringBuilder();
    int length = 0;
    boolean chunked = false;
    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
      head.append(line).append('\n');
      if (line.startsWith("Content-length: ")) {
        length = Integer.parseInt(line.substring(16));
      }
      chunked |= line.equals("Transfer-encoding: chunked");
    }
    for (int i = 0; i < length; i++) {
      head.append((char) in.read());
    }
    if (chunked) {
      for (String line = in.readLine(); !line.equals("0"); line = in.readLine()) {
        head.append(line).append('|');
      }
    }
    String body = head.toString();
    OutputStream out = stream.output();
    out.write(
        ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + body.length() + "\r\n\r\n")
            .getBytes(StandardCharsets.ISO_8859_1));
    out.write(body.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void httpReachesMembersByName() throws Exception {
    lab.serve(80, WayInCommandsTest::httpEcho);
    lab.echo(7);
    Staying staying = command.stay("proxy", "--net", "mynet", "--http", "0");
    int port = port(staying, 0);
    Proxy proxy = new Proxy(Proxy.Type.HTTP, new InetSocketAddress(HERE, port));
    var get = URI.create("http://web/a?b=c").toURL().openConnection(proxy);
    assertThat(new String(get.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .startsWith("GET /a?b=c HTTP/1.1\nHost: web\n")
        .contains("Connection: close")
        .doesNotContain("Proxy-");
    assertThat(
            raw(
                port,
                "POST http://web/x HTTP/1.1\r\nHost: other\r\nContent-length: 5\r\n\r\nhelloGET"
                    + " / HTTP/1.1\r\n\r\n"))
        .contains("POST /x HTTP/1.1\nHost: web\nContent-length: 5\nConnection: close\nhello")
        .doesNotContain("GET");
    assertThat(
            raw(
                port,
                "POST http://web/x HTTP/1.1\r\nTransfer-encoding: chunked\r\n\r\n"
                    + "3\r\nabc\r\n0\r\n\r\n"))
        .endsWith("3|abc|");
    assertThat(raw(port, "CONNECT web:7 HTTP/1.1\r\n\r\nsent"))
        .isEqualTo("HTTP/1.1 200 Connection established\r\n\r\nsent");
    assertThat(raw(port, "GET http://wep/ HTTP/1.1\r\n\r\n"))
        .startsWith("HTTP/1.1 502 ")
        .contains("no member named wep");
    assertThat(raw(port, "CONNECT web:9 HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 504 ");
    assertThat(raw(port, "GET / HTTP/1.1\r\nHost: web\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    interrupt(staying);
  }

  private static String raw(int port, String request) throws IOException {
    return forwarded(port, request);
  }

  @Test
  void sshIsRunWithAWayOfItsOwn() throws Exception {
    Path folder = Files.createTempDirectory("atoll-ssh-test");
    Path ssh = folder.resolve("ssh");
    Files.writeString(ssh, "#!/bin/sh\nprintf '%s\\n' \"$@\" >" + folder + "/said\nexit 42\n");
    Files.setPosixFilePermissions(ssh, PosixFilePermissions.fromString("rwx------"));
    Result result =
        command.run(
            "ssh",
            "--ssh",
            ssh.toString(),
            "root@vm1.mynet.internal",
            "--",
            "-p",
            "2222",
            "-v",
            "uname",
            "-a");
    assertThat(result.status()).isEqualTo(42);
    List<String> said = Files.readAllLines(folder.resolve("said"));
    assertThat(said.getFirst()).isEqualTo("-o");
    assertThat(said.get(1))
        .startsWith("ProxyCommand='")
        .contains("'--data-dir' '" + command.dataDir + "' 'forward' '--net' 'mynet' '--stdio' ")
        .endsWith("'vm1.mynet.internal':%p");
    assertThat(said.subList(2, said.size()))
        .containsExactly(
            "-o",
            "HostKeyAlias=vm1.mynet.internal",
            "-p",
            "2222",
            "-v",
            "--",
            "root@vm1.mynet.internal",
            "uname",
            "-a");
    assertThat(command.run("ssh", "--net", "mynet", "-oProxyCommand=x@vm1").status())
        .isEqualTo(125);
    assertThat(command.run("ssh", "--ssh", "/no/such", "vm1").status()).isEqualTo(127);
  }
}
