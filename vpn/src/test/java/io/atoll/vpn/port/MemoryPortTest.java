package io.atoll.vpn.port;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.vpn.port.MemoryPort.Pair;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class MemoryPortTest {
  private abstract static class Over extends PacketPortContract {
    private final Link link;
    private final Set<Offload> offloads;

    Over(Link link, Set<Offload> offloads) {
      this.link = link;
      this.offloads = offloads;
    }

    @Override
    Ends open() {
      Pair pair = MemoryPort.pair(link, 1420, offloads);
      return new Ends(pair.one(), pair.other());
    }

    @Override
    Link link() {
      return link;
    }
  }

  @Nested
  class WithoutOffloads extends Over {
    WithoutOffloads() {
      super(Link.IP, Set.of());
    }
  }

  @Nested
  class WithOffloads extends Over {
    WithOffloads() {
      super(Link.IP, EnumSet.allOf(Offload.class));
    }
  }

  @Nested
  class WithFrames extends Over {
    WithFrames() {
      super(Link.ETHERNET, Set.of());
    }
  }

  @Test
  void aSuperPacketGoesThroughWholeWhereItMay() throws Exception {
    Pair pair = MemoryPort.pair(Link.IP, 1420, EnumSet.allOf(Offload.class));
    byte[] whole =
        Packets.make(
            Packets.flow("10.9.1.2", "10.9.2.2", 1, true), 1, 1, Packets.ACK, new byte[5000]);
    PacketBatch batch = PacketBatch.usual();
    Packets.addUnsummed(batch, whole, 1000, new byte[0]);
    assertThat(pair.one().send(batch)).isEqualTo(1);
    assertThat(pair.other().receive(batch)).isEqualTo(1);
    assertThat(batch.segmentation(0)).isEqualTo(Segmentation.TCP4);
    assertThat(batch.gsoSize(0)).isEqualTo(1000);
    assertThat(batch.length(0)).isEqualTo(5040);
  }
}
