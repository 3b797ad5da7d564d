package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.client.api.InviteView;
import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskView;
import io.atoll.core.identity.Identity;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Invite;
import io.atoll.core.term.Port;
import io.atoll.core.term.Resources;
import io.atoll.core.term.Workload;
import io.atoll.daemon.hub.Hub;
import io.atoll.daemon.hub.machine.HubConfig;
import io.atoll.daemon.journal.FileJournal;
import io.atoll.daemon.provider.Provider;
import io.atoll.daemon.provider.machine.ProviderConfig;
import io.atoll.daemon.store.Reserve;
import io.atoll.daemon.store.sqlite.SqliteStore;
import io.atoll.market.agreement.Terms;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.P2p;
import io.atoll.runtime.driver.mock.MockDriver;
import io.atoll.runtime.driver.mock.MockMachine;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Published ports on a provider's loopback, where nobody from outside reaches them, open on the
/// hub; the real hub and provider, over a real connection.
@Timeout(60)
class PublishedPortTest {
  private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path temp;

  private static TaskSpec spec(String... words) {
    return new TaskSpec(
        "web",
        new Workload(
            "mock",
            null,
            List.of(words),
            Map.of(),
            new Resources(100, 1 << 20, 0),
            10,
            List.of(),
            false,
            Workload.Isolation.SANDBOX),
        50,
        null,
        new TaskSpec.Restart(TaskSpec.Restart.Policy.NEVER, 1, 3),
        TaskSpec.OnDisconnect.KEEP,
        0,
        1);
  }

  /// Sends back what comes, and ends when the other side has.
  private static void echo(ServerSocket server) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                while (true) {
                  Socket socket = server.accept();
                  Thread.ofVirtual().start(() -> echo(socket));
                }
              } catch (IOException e) {
                // The test is over.
              }
            });
  }

  private static void echo(Socket socket) {
    try (socket) {
      socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException e) {
      // Whoever asked is gone.
    }
  }

  private static void echo(DatagramSocket socket) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                while (true) {
                  DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
                  socket.receive(packet);
                  socket.send(packet);
                }
              } catch (IOException e) {
                // The test is over.
              }
            });
  }

  private static byte[] through(int port, byte[] sent) throws Exception {
    try (Socket socket = new Socket(HERE, port)) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      Thread writer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      socket.getOutputStream().write(sent);
                      socket.shutdownOutput();
                    } catch (IOException e) {
                      throw new IllegalStateException(e);
                    }
                  });
      byte[] back = socket.getInputStream().readAllBytes();
      writer.join();
      return back;
    }
  }

  private static int hubPort(TaskView task, String port) {
    return task.endpoints().stream()
        .filter(at -> at.port().equals(Port.parse(port)))
        .findFirst()
        .map(Endpoint::hostPort)
        .orElseThrow();
  }

  @Test
  void portsOfANodeThatNobodyReachesOpenAtTheHub() throws Exception {
    Identity hubIdentity = Identity.generate();
    Path data = Files.createDirectories(temp.resolve("hub"));
    Path node = Files.createDirectories(temp.resolve("node"));
    try (Host hubHost = P2p.start(HostConfig.of(hubIdentity, List.of("/ip4/127.0.0.1/tcp/0")));
        Hub hub =
            new Hub(
                    HubConfig.defaults("test"),
                    hubIdentity,
                    hubHost,
                    SqliteStore.open(data),
                    Reserve.of(data),
                    () -> "")
                .start();
        Host host = P2p.start(HostConfig.of(Identity.generate(), List.of()));
        Provider provider =
            new Provider(
                    host,
                    FileJournal.open(node),
                    Map.of("mock", new MockDriver("mock", new MockMachine())),
                    new ProviderConfig(
                        "ada",
                        "test",
                        "linux",
                        "amd64",
                        new Resources(4000, 1 << 30, 1 << 30),
                        List.of("mock"),
                        List.of(),
                        Map.of(),
                        "boot-1"),
                    new Terms(List.of("mock"), false, false),
                    Files.createDirectories(node.resolve("runs")))
                .start();
        ServerSocket web = new ServerSocket(0, 50, HERE);
        DatagramSocket dns = new DatagramSocket(0, HERE)) {
      echo(web);
      echo(dns);
      hub.publishAt(HERE, "127.0.0.1");
      provider.join(
          Invite.parse(hub.createInvite(InviteView.Role.PROVIDER, Duration.ofHours(1)).invite()));
      hub.submit(
          spec(
              "run_for=600S",
              "endpoint=80/tcp->127.0.0.1:" + web.getLocalPort(),
              "endpoint=53/udp->127.0.0.1:" + dns.getLocalPort()),
          "k1",
          null,
          "");
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  hub.task("web").isProxied(Port.parse("80/tcp"))
                      && hub.task("web").isProxied(Port.parse("53/udp")));
      TaskView task = hub.task("web");
      int port = hubPort(task, "80/tcp");
      assertThat(port).isNotEqualTo(web.getLocalPort());
      byte[] sent = new byte[3_000_000];
      new Random(4).nextBytes(sent);
      assertThat(through(port, sent)).isEqualTo(sent);
      assertThat(through(port, new byte[0])).isEmpty();
      try (DatagramSocket asking = new DatagramSocket(0, HERE)) {
        asking.setSoTimeout((int) PATIENCE.toMillis());
        for (String text : List.of("one", "two")) {
          byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
          asking.send(new DatagramPacket(bytes, bytes.length, HERE, hubPort(task, "53/udp")));
          DatagramPacket answer = new DatagramPacket(new byte[100], 100);
          asking.receive(answer);
          assertThat(new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8))
              .isEqualTo(text);
        }
      }
      web.close();
      assertThatThrownBy(() -> through(port, new byte[0])).isInstanceOf(IOException.class);
      hub.stop("web");
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> new Socket(HERE, port)).isInstanceOf(IOException.class));
    }
  }
}
