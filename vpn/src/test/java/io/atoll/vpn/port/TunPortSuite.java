package io.atoll.vpn.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.os.LinkControl;
import io.atoll.vpn.port.Packets.Flow;
import java.io.IOException;
import java.net.InetAddress;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// TUN devices, run by [TunPortTest] where they may be made: the kernel forwards between two.
class TunPortSuite {
  private static final int MTU = 1420;

  private abstract static class Over extends PacketPortContract {
    private final Set<Offload> wanted;

    Over(Set<Offload> wanted) {
      this.wanted = wanted;
    }

    @Override
    Link link() {
      return Link.IP;
    }

    @Override
    Ends open() throws Exception {
      return new Ends(device("near", 1, wanted), device("far", 2, wanted));
    }
  }

  static TunPort device(String name, int number, Set<Offload> wanted) throws Exception {
    TunPort port = TunPort.open(name, MTU, wanted);
    assertThat(port.offloads()).isEqualTo(wanted);
    try (LinkControl control = LinkControl.open(name)) {
      control.mtu(MTU);
      control.up();
      control.address(InetAddress.getByName("10.9." + number + ".1"), 24);
      control.address(InetAddress.getByName("fd09:" + number + "::1"), 64);
      assertThat(control.mtu()).isEqualTo(MTU);
    }
    return port;
  }

  @Nested
  class WithAllOffloads extends Over {
    WithAllOffloads() {
      super(EnumSet.allOf(Offload.class));
    }
  }

  @Nested
  class WithTcpOnly extends Over {
    WithTcpOnly() {
      super(EnumSet.of(Offload.CHECKSUM, Offload.TSO4, Offload.TSO6));
    }
  }

  @Nested
  class WithSumsOnly extends Over {
    WithSumsOnly() {
      super(EnumSet.of(Offload.CHECKSUM));
    }
  }

  @Nested
  class WithoutHeader extends Over {
    WithoutHeader() {
      super(Set.of());
    }
  }

  /// No kernel cuts UDP into so many: a refusal as any other.
  @Test
  void whatIsRefusedIsSplitHereFromThenOn() throws Exception {
    Set<Offload> all = EnumSet.allOf(Offload.class);
    try (TunPort near = device("near", 1, all);
        TunPort far = device("far", 2, all)) {
      PacketBatch batch = PacketBatch.usual();
      Flow flow = Packets.flow("10.9.1.2", "10.9.2.2", 7777, false);
      Packets.addUnsummed(batch, Packets.make(flow, 1, 0, 0, new byte[2000]), 10, new byte[0]);
      assertThat(near.send(batch)).isEqualTo(1);
      assertThat(near.counters().split()).isEqualTo(1);
      int got = 0;
      Splitter splitter = new Splitter(Link.IP);
      while (got < 200) {
        far.receive(batch);
        for (byte[] packet : Packets.all(batch, splitter)) {
          got += packet.length == 38 ? 1 : 0;
        }
      }
      assertThat(near.offloads()).doesNotContain(Offload.USO4).contains(Offload.TSO4);
      // What is not refused is not given up for it, nor where plain packets are refused as well.
      batch.clear();
      Flow tcp = Packets.flow("10.9.1.2", "10.9.2.2", 7777, true);
      byte[] whole = Packets.make(tcp, 1, 1, Packets.ACK, new byte[5000]);
      Packets.addUnsummed(batch, whole, 1000, new byte[0]);
      assertThat(near.send(batch)).isEqualTo(1);
      assertThat(near.counters().split()).isEqualTo(1);
      assertThat(near.offloads()).contains(Offload.TSO4);
    }
  }

  @Test
  void anInterfaceThatIsDownRefusesAndNothingIsWithdrawn() throws Exception {
    try (TunPort port = TunPort.open("idle", MTU)) {
      PacketBatch batch = PacketBatch.usual();
      Flow flow = Packets.flow("10.9.1.2", "10.9.2.2", 7777, true);
      byte[] whole = Packets.make(flow, 1, 1, Packets.ACK, new byte[5000]);
      Packets.addUnsummed(batch, whole, 1000, new byte[0]);
      assertThat(port.send(batch)).isZero();
      assertThat(port.counters().sentRefused()).isEqualTo(1);
      assertThat(port.offloads()).isEqualTo(EnumSet.allOf(Offload.class));
    }
  }

  @Test
  void errorsSayWhatWasTried() {
    assertThat(TunPort.missing()).isNull();
    assertThatThrownBy(() -> TunPort.open("a/b", MTU))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is no name");
    assertThatThrownBy(() -> TunPort.open("lo", MTU))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("making the network interface lo");
  }
}
