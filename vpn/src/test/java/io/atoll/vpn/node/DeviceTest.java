package io.atoll.vpn.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.term.Cidr;
import io.atoll.core.term.DeviceConfig;
import io.atoll.vpn.device.Device;
import io.atoll.vpn.gateway.Stack;
import io.atoll.vpn.gateway.StackAtPort;
import io.atoll.vpn.gateway.StackSettings;
import io.atoll.vpn.gateway.TcpListener;
import io.atoll.vpn.gateway.TcpStream;
import io.atoll.vpn.gateway.UdpFlow;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.vswitch.SwitchCounters;
import io.atoll.vpn.wireguard.Outcome;
import io.atoll.vpn.wireguard.crypto.PresharedKey;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A device in a network on two nodes (`DeviceLab` draws it).
@Timeout(60)
class DeviceTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final byte[] scalar = new byte[32];
  private DeviceLab lab;
  private DeviceConfig config;
  private PhoneLink link;
  private Stack phone;

  @BeforeEach
  void start() throws Exception {
    lab = new DeviceLab(new InetSocketAddress("127.0.0.1", 0));
    opened.add(lab);
    new SecureRandom().nextBytes(scalar);
    String text = Base64.getEncoder().encodeToString(scalar);
    config =
        lab.invite(PrivateKey.parse(text), text, "127.0.0.1:" + lab.socket.address().getPort());
    link = link(Cidr.parse("0.0.0.0/0"), Cidr.parse("::/0"));
    phone = stack(link, lab.phone);
  }

  private PhoneLink link(Cidr... all) throws Exception {
    PhoneLink made =
        new PhoneLink(
            PrivateKey.parse(config.privateKey()),
            PublicKey.parse(config.publicKey()),
            PresharedKey.parse(config.presharedKey()),
            lab.socket.address(),
            List.of(all));
    opened.add(made);
    return made;
  }

  private Stack stack(PhoneLink link, Member as) {
    StackAtPort made =
        StackAtPort.start(
            StackSettings.usual(
                (Inet4Address) as.v4().toInet(), (Inet6Address) as.v6().toInet(), DeviceLab.MTU),
            link.port());
    opened.add(made);
    return made.stack();
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  private static InetAddress v4(Member of) {
    return of.v4().toInet();
  }

  @Test
  void aDeviceReachesMembersOfAllNodesAndIsReached() throws Exception {
    assertThat(phone.ping(v4(lab.near), PATIENCE)).isPositive();
    assertThat(phone.ping(v4(lab.web), PATIENCE)).isPositive();
    assertThat(phone.ping(lab.web.v6().toInet(), PATIENCE)).isPositive();
    assertThat(phone.ping(lab.network.gateway4().toInet(), PATIENCE)).isPositive();
    assertThat(lab.webStack.ping(v4(lab.phone), PATIENCE)).isPositive();
    byte[] sent = new byte[2 << 20];
    new Random(7).nextBytes(sent);
    try (TcpListener listener = lab.webStack.listen(80)) {
      Thread server =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try (TcpStream stream = listener.accept()) {
                      stream.output().write(sent);
                    } catch (Exception e) {
                      throw new AssertionError(e);
                    }
                  });
      try (TcpStream stream = phone.connect(v4(lab.web), 80, PATIENCE)) {
        assertThat(stream.input().readAllBytes()).isEqualTo(sent);
      }
      server.join();
    }
  }

  @Test
  void namesAreFoundAtTheAddressOfTheConfiguration() throws Exception {
    try (UdpFlow flow = phone.udp(config.resolver().getFirst().toInet(), 53)) {
      String question = "web.mynet.internal";
      java.nio.ByteBuffer query =
          java.nio.ByteBuffer.allocate(100).putInt(0x12340100).putInt(0x00010000).putInt(0);
      for (String label : question.split("\\.", -1)) {
        query.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
      }
      query.put((byte) 0).putInt(0x00010001);
      flow.send(java.util.Arrays.copyOf(query.array(), query.position()));
      byte[] answer = Objects.requireNonNull(flow.receive(PATIENCE), "an answer");
      assertThat(answer).endsWith(lab.web.v4().bytes());
    }
  }

  @Test
  void aDeviceThatRoamsGoesOn() throws Exception {
    assertThat(phone.ping(v4(lab.web), PATIENCE)).isPositive();
    try (TcpListener listener = lab.webStack.listen(80);
        TcpStream stream = phone.connect(v4(lab.web), 80, PATIENCE);
        TcpStream served = listener.accept()) {
      stream.output().write(1);
      assertThat(served.input().read()).isEqualTo(1);
      link.roam();
      stream.output().write(2);
      assertThat(served.input().read()).isEqualTo(2);
      served.output().write(3);
      assertThat(stream.input().read()).isEqualTo(3);
    }
  }

  @Test
  void aDeviceSpeaksForItselfAlone() throws Exception {
    // The same keys, and the address of somebody else.
    opened.removeLast().close();
    opened.removeLast().close();
    PhoneLink forger = link(Cidr.parse("0.0.0.0/0"), Cidr.parse("::/0"));
    Stack forged = stack(forger, lab.near);
    long before = lab.hub.counted(Outcome.FOREIGN_SOURCE);
    // A second session of the same keys may have to wait for five seconds.
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              assertThatThrownBy(() -> forged.ping(v4(lab.web), Duration.ofMillis(500)))
                  .hasMessageContaining("no answer");
              return lab.hub.counted(Outcome.FOREIGN_SOURCE) > before;
            });
  }

  @Test
  void aDeviceMovesAndLeavesWhileItRuns() throws Exception {
    assertThat(phone.ping(v4(lab.web), PATIENCE)).isPositive();
    // Another address: the session stays, the old address is nobody's.
    Member moved = lab.member("phone", lab.owner.id(), 77);
    var members = lab.membership(lab.near, lab.web, moved);
    lab.atHub.update(members);
    lab.atFar.update(members);
    assertThatThrownBy(() -> phone.ping(v4(lab.web), Duration.ofSeconds(1)))
        .hasMessageContaining("no answer");
    assertThat(Objects.requireNonNull(lab.atHub.device("phone")).sessions()).isEqualTo(1);
    var back = lab.membership(lab.near, lab.web, lab.phone);
    lab.atHub.update(back);
    lab.atFar.update(back);
    assertThat(phone.ping(v4(lab.web), PATIENCE)).isPositive();
    // Taken out: nothing of it is left on the node.
    lab.atHub.serve(lab.door, List.<Device>of());
    assertThat(lab.atHub.device("phone")).isNull();
    assertThat(lab.atHub.vswitch().counts("phone")).isNull();
    assertThatThrownBy(() -> phone.ping(v4(lab.web), Duration.ofSeconds(1)))
        .hasMessageContaining("no answer");
    assertThatThrownBy(() -> lab.nearStack.ping(v4(lab.phone), Duration.ofSeconds(1)))
        .hasMessageContaining("10.7.0.9");
    assertThat(Objects.requireNonNull(lab.atHub.vswitch().counts("near")).lost())
        .containsKey(SwitchCounters.Lost.NOBODY);
    lab.hub.leave(lab.network.id());
    await().atMost(PATIENCE).until(() -> lab.hub.openSessions() == 0);
  }
}
