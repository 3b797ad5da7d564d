package io.atoll.p2p.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.identity.Identity;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.host.Stream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PerfTest {
  @Test
  void whatIsWantedComesBack() throws Exception {
    try (Host server = host();
        Host client = host()) {
      server.handle(Perf.PROTOCOL, stream -> Perf.serve(stream.in(), stream.out()));
      client.connect(server.id(), server.listening(), Duration.ofSeconds(5));
      for (long[] sizes : new long[][] {{0, 0}, {1, 0}, {0, 1}, {3_000_000, 70_000}}) {
        try (Stream stream = client.open(server.id(), Perf.PROTOCOL)) {
          Perf.Times times = Perf.run(stream.in(), stream.out(), sizes[0], sizes[1]);
          assertThat(times.upload()).isPositive();
        }
      }
    }
  }

  @Test
  void itIsOffUntilAHostServesIt() throws Exception {
    try (Host server = host();
        Host client = host()) {
      client.connect(server.id(), server.listening(), Duration.ofSeconds(5));
      assertThatThrownBy(() -> client.open(server.id(), Perf.PROTOCOL))
          .hasMessageContaining("does not speak");
    }
  }

  @Test
  void badRequestsAndAnswersAreRefused() {
    var out = new ByteArrayOutputStream();
    assertThatThrownBy(() -> Perf.serve(new ByteArrayInputStream(new byte[7]), out))
        .isInstanceOf(EOFException.class);
    byte[] tooMuch = {-1, -1, -1, -1, -1, -1, -1, -1};
    assertThatThrownBy(() -> Perf.serve(new ByteArrayInputStream(tooMuch), out))
        .isInstanceOf(ProtocolException.class);
    assertThat(out.size()).isZero();
    assertThatThrownBy(() -> Perf.run(new ByteArrayInputStream(new byte[99]), out, 10, 100))
        .hasMessage("perf: 99 bytes came, 100 were wanted");
    assertThatThrownBy(() -> Perf.run(new ByteArrayInputStream(new byte[101]), out, 10, 100))
        .hasMessage("perf: 101 bytes came, 100 were wanted");
  }

  private static Host host() throws Exception {
    return P2p.start(HostConfig.of(Identity.generate(), List.of("/ip4/127.0.0.1/tcp/0")));
  }
}
