package io.atoll.daemon.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.api.MappedPortView;
import io.atoll.core.identity.Identity;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Protocol;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.portmap.IpProtocol;
import io.atoll.p2p.portmap.LocalPort;
import io.atoll.p2p.portmap.MapOutcome;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A gateway that does as it is told, and what a node then says of itself.
class MappedPortsTest {
  private static final Duration HOUR = Duration.ofHours(1);

  /// Tells what the test says.
  private static final class Gateway implements MappedPorts.Mapper {
    final List<LocalPort> asked = new ArrayList<>();
    BiConsumer<LocalPort, MapOutcome> changes = (_, _) -> {};
    boolean closed;

    @Override
    public MappedPorts.Mapping start(
        List<LocalPort> ports, BiConsumer<LocalPort, MapOutcome> told) {
      asked.addAll(ports);
      changes = told;
      return () -> closed = true;
    }

    void maps(LocalPort port, String host, int external) {
      changes.accept(
          port, new MapOutcome.Mapped(new InetSocketAddress(host, external), HOUR, "PCP"));
    }
  }

  private final Gateway gateway = new Gateway();
  private NetworkHost host;

  @BeforeEach
  void start() throws Exception {
    host =
        P2p.start(
            HostConfig.of(
                Identity.generate(),
                List.of("/ip4/0.0.0.0/tcp/0", "/ip4/127.0.0.1/tcp/0", "/ip4/0.0.0.0/tcp/0/ws")));
  }

  @AfterEach
  void stop() {
    host.close();
  }

  private int port(int index) {
    Multiaddr address = host.swarm().listening().get(index);
    return Integer.parseInt(address.value(Protocol.TCP).orElseThrow());
  }

  private boolean tells(String address) {
    return host.listening().contains(address + "/p2p/" + host.id());
  }

  @Test
  void whatIsMappedIsToldAndTakenBack() throws Exception {
    MappedPorts ports = MappedPorts.start(host, gateway);
    LocalPort plain = new LocalPort(IpProtocol.TCP, port(0));
    LocalPort web = new LocalPort(IpProtocol.TCP, port(2));
    assertThat(gateway.asked).containsExactlyInAnyOrder(plain, web);
    assertThat(ports.views()).isEmpty();

    gateway.maps(plain, "203.0.113.9", 40001);
    gateway.maps(web, "203.0.113.9", 40002);
    assertThat(tells("/ip4/203.0.113.9/tcp/40001")).isTrue();
    assertThat(tells("/ip4/203.0.113.9/tcp/40002/ws")).isTrue();
    assertThat(ports.mapped()).isEqualTo(2);

    // The gateway has another address now, and no room for the second.
    gateway.maps(plain, "203.0.113.77", 40001);
    gateway.changes.accept(
        web, new MapOutcome.NotMapped(MapOutcome.Cause.NO_RESOURCES, "no room at 10.0.0.1"));
    assertThat(tells("/ip4/203.0.113.9/tcp/40001")).isFalse();
    assertThat(tells("/ip4/203.0.113.77/tcp/40001")).isTrue();
    assertThat(tells("/ip4/203.0.113.9/tcp/40002/ws")).isFalse();
    assertThat(ports.views())
        .containsExactlyInAnyOrder(
            new MappedPortView("TCP", plain.port(), "203.0.113.77", 40001, "PCP", null, null),
            new MappedPortView(
                "TCP", web.port(), null, null, null, "NO_RESOURCES", "no room at 10.0.0.1"));

    ports.close();
    assertThat(gateway.closed).isTrue();
    assertThat(host.listening()).noneMatch(address -> address.contains("203.0.113"));
    gateway.maps(plain, "203.0.113.9", 40001); // too late
    assertThat(host.listening()).noneMatch(address -> address.contains("203.0.113"));
  }
}
