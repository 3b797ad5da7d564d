package io.atoll.vpn.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.os.LinkControl;
import io.atoll.core.os.NetworkNamespace;
import io.atoll.core.os.PassedDescriptors;
import io.atoll.core.os.TunDevice;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A TUN device that another process opened in another network namespace; run by [PassedTunTest].
@Timeout(30)
class PassedTunSuite {
  private static final Path THERE = Path.of("/run/netns/a");

  @TempDir private Path folder;

  private PassedDescriptors connect(Path socket) throws Exception {
    Path program = folder.resolve("pass_tun");
    Process compiler =
        new ProcessBuilder("cc", "-o", program.toString(), "src/test/c/pass_tun.c")
            .inheritIO()
            .start();
    assertThat(compiler.waitFor()).isZero();
    Process process =
        new ProcessBuilder(
                "ip", "netns", "exec", "a", program.toString(), socket.toString(), "passed")
            .redirectErrorStream(true)
            .start();
    assertThat(process.inputReader().readLine()).isEqualTo("ready");
    PassedDescriptors passed = PassedDescriptors.connect(socket);
    assertThat(process.waitFor(5, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    return passed;
  }

  @Test
  void aDeviceIsHandedOverAndOutlivesWhoOpenedIt() throws Exception {
    TunDevice device;
    try (PassedDescriptors from = connect(folder.resolve("socket"))) {
      PassedDescriptors.Passed passed = from.receive(5000);
      assertThat(new String(passed.bytes(), StandardCharsets.UTF_8)).isEqualTo("tun");
      assertThat(passed.descriptors()).hasSize(1);
      device = TunDevice.received(passed.descriptors().getFirst());
      assertThatThrownBy(() -> from.receive(5000)).isInstanceOf(EOFException.class);
    }
    assertThat(device.name()).isEqualTo("passed");
    assertThat(device.header()).isTrue();
    try (TunPort port = TunPort.of(device, 1420, TunLab.ALL)) {
      assertThat(port.offloads()).isEqualTo(TunLab.ALL);
      assertThatThrownBy(() -> LinkControl.open("passed").mtu())
          .hasMessageContaining("network interface passed");
      NetworkNamespace.inside(
          THERE,
          () -> {
            try (LinkControl control = LinkControl.open("passed")) {
              control.mtu(1420);
              control.address(InetAddress.getByName("10.7.0.1"), 24);
              control.up();
            }
            try (DatagramChannel channel = DatagramChannel.open()) {
              return channel.send(
                  ByteBuffer.wrap(new byte[123]), new InetSocketAddress("10.7.0.2", 9));
            }
          });
      PacketBatch batch = PacketBatch.usual();
      List<byte[]> packets;
      do {
        port.receive(batch);
        packets =
            Packets.all(batch, new Splitter(Link.IP)).stream()
                .filter(packet -> packet[0] >> 4 == 4)
                .toList();
      } while (packets.isEmpty());
      assertThat(Packets.fault(packets.getFirst())).isEmpty();
      assertThat(Packets.payload(packets.getFirst())).hasSize(123);
    }
  }

  @Test
  void whatIsNoDeviceIsRefused() throws Exception {
    Path path = folder.resolve("nobody");
    assertThatThrownBy(() -> PassedDescriptors.connect(path))
        .hasMessageContaining("connecting to the unix socket " + path);
    Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> NetworkNamespace.inside(folder.resolve("file"), () -> 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("entering the network namespace");
    assertThatThrownBy(() -> NetworkNamespace.inside(folder.resolve("none"), () -> 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("opening the network namespace");
  }
}
