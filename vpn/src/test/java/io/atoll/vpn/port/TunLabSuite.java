package io.atoll.vpn.port;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.vpn.port.TunForwarder.Way;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the kernel sends comes whole to the kernel, however it was carried; run by [TunLabTest]
/// where there are two network namespaces.
@Timeout(60)
class TunLabSuite {
  private static final int BYTES = 8 << 20;

  private static void carries(int mtu, Set<Offload> wanted, Way way) throws Exception {
    try (TunLab lab = new TunLab(mtu, wanted, way)) {
      lab.tcp(false, BYTES, true);
      lab.udp(false, mtu - 28, 600);
      lab.udp(false, 301, 600);
      if (mtu >= 1280) {
        lab.tcp(true, BYTES, true);
        lab.udp(true, mtu - 48, 600);
      }
      if (way != Way.WHOLE) {
        assertThat(lab.there().longest).isLessThanOrEqualTo(mtu);
      }
      if (way == Way.CUT_AND_JOINED && !wanted.isEmpty()) {
        assertThat(lab.there().entries).isLessThan(lab.there().packets / 2);
      }
      assertThat(lab.a().counters().receivedMalformed()).isZero();
      assertThat(lab.a().counters().sentMalformed()).isZero();
      assertThat(lab.a().offloads()).isEqualTo(wanted);
    }
  }

  @Test
  void cutAndJoined() throws Exception {
    carries(1420, TunLab.ALL, Way.CUT_AND_JOINED);
  }

  @Test
  void cutAndJoinedOverANarrowPath() throws Exception {
    carries(576, TunLab.ALL, Way.CUT_AND_JOINED);
  }

  @Test
  void cut() throws Exception {
    carries(1420, TunLab.ALL, Way.CUT);
  }

  @Test
  void whole() throws Exception {
    carries(1420, TunLab.ALL, Way.WHOLE);
  }

  @Test
  void withoutOffloadsOfUdp() throws Exception {
    carries(1420, EnumSet.of(Offload.CHECKSUM, Offload.TSO4, Offload.TSO6), Way.CUT_AND_JOINED);
  }

  @Test
  void withoutAny() throws Exception {
    carries(1420, Set.of(), Way.CUT_AND_JOINED);
    carries(576, Set.of(), Way.WHOLE);
  }
}
