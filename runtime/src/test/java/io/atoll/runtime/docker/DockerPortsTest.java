package io.atoll.runtime.docker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Port;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.Recovered;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Topology: client on 127.0.0.1 → Docker's proxy on a loopback port → bridge → container. No
/// packet filter rules are made.
@Tag("real")
@Timeout(120)
class DockerPortsTest {
  @RegisterExtension static final DockerEngine ENGINE = DockerEngine.withBridge();

  @TempDir Path folder;

  @Test
  void publishesEveryExposedPort() throws Exception {
    TestImages.make(ENGINE, "echo:1", "EXPOSE 7000", "EXPOSE 7001/udp");
    DockerRuns runs = new DockerRuns(folder);
    ActivitySpec spec = runs.spec("echo:1", Map.of(), List.of(), true, TestImages.ECHO);
    try (DockerDriver driver = DockerRuns.driver(ENGINE, "ports")) {
      Activity activity = driver.prepare(spec).start();
      List<Endpoint> endpoints = activity.endpoints();
      assertThat(endpoints)
          .extracting(endpoint -> endpoint.port().toString())
          .containsExactly("7000/tcp", "7001/udp");
      assertThat(endpoints).allMatch(endpoint -> endpoint.host().equals("127.0.0.1"));
      assertThat(endpoints.getFirst().toString()).startsWith("7000/tcp->127.0.0.1:");
      check(endpoints);
    }
    // A driver that comes back knows them too.
    try (DockerDriver driver = DockerRuns.driver(ENGINE, "ports")) {
      Activity again = ((Recovered.Found) driver.recover(spec)).activity();
      check(again.endpoints());
      again.destroy();
    }
  }

  @Test
  void publishesWhatTheWorkloadNames() throws Exception {
    TestImages.make(ENGINE, "plain:1");
    DockerRuns runs = new DockerRuns(folder);
    try (DockerDriver driver = DockerRuns.driver(ENGINE, "ports")) {
      ActivitySpec spec =
          runs.spec(
              "plain:1",
              Map.of(),
              List.of(Port.parse("7001/udp"), Port.parse("7000")),
              false,
              TestImages.ECHO);
      Activity activity = driver.prepare(spec).start();
      check(activity.endpoints());
      activity.destroy();
    }
  }

  private static void check(List<Endpoint> endpoints) {
    assertThat(endpoints).hasSize(2);
    await()
        .atMost(Duration.ofSeconds(20))
        .ignoreExceptions()
        .until(() -> tcp(endpoints.get(0)).equals("over tcp"));
    await()
        .atMost(Duration.ofSeconds(20))
        .ignoreExceptions()
        .until(() -> udp(endpoints.get(1)).equals("over udp"));
  }

  private static String tcp(Endpoint endpoint) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(endpoint.host(), endpoint.hostPort()), 2000);
      socket.setSoTimeout(2000);
      socket.getOutputStream().write("over tcp".getBytes(UTF_8));
      return new String(socket.getInputStream().readNBytes(8), UTF_8);
    }
  }

  private static String udp(Endpoint endpoint) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(1000);
      byte[] data = "over udp".getBytes(UTF_8);
      socket.send(
          new DatagramPacket(
              data, data.length, new InetSocketAddress(endpoint.host(), endpoint.hostPort())));
      DatagramPacket reply = new DatagramPacket(new byte[64], 64);
      socket.receive(reply);
      return new String(reply.getData(), 0, reply.getLength(), UTF_8);
    }
  }
}
