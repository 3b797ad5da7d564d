package io.atoll.p2p.portmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.p2p.portmap.MapOutcome.Cause;
import io.atoll.p2p.portmap.MapOutcome.Mapped;
import io.atoll.p2p.portmap.MapOutcome.NotMapped;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PortMapperTest {
  private static final LocalPort PORT = new LocalPort(IpProtocol.TCP, 7464);
  private static final LocalPort OTHER = new LocalPort(IpProtocol.UDP, 7464);
  private static final PortMapSettings QUICK =
      new PortMapSettings(Duration.ofHours(1), Duration.ofMillis(20), Duration.ofMillis(100));

  /// A gateway that does what its fields say, and writes down what it was asked.
  private static final class Scripted implements PortProtocol {
    final Queue<String> asked = new ConcurrentLinkedQueue<>();
    volatile Cause failing;
    volatile int shift;
    final String name;

    Scripted(String name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public MapOutcome map(LocalPort port, int external, Duration lifetime)
        throws InterruptedException {
      asked.add("map " + port + " " + external);
      Cause cause = failing;
      if (cause != null) {
        return new NotMapped(cause, name + " says " + cause);
      }
      return new Mapped(
          InetSocketAddress.createUnresolved("9.9.9.9", external + shift), lifetime, name);
    }

    @Override
    public void unmap(LocalPort port, Mapped mapped) {
      asked.add("unmap " + port + " " + mapped.external().getPort());
    }
  }

  private final Queue<String> told = new ConcurrentLinkedQueue<>();

  private PortMapper start(List<LocalPort> ports, PortProtocol... ways) {
    return PortMapper.start(
        ports,
        QUICK,
        (port, outcome) ->
            told.add(
                switch (outcome) {
                  case Mapped mapped -> port + " at " + mapped.external().getPort();
                  case NotMapped failed -> port + " " + failed.cause() + " " + failed.text();
                }),
        () -> List.of(ways));
  }

  @Test
  void theFirstWayThatWorksIsKeptAndAllIsTakenBack() {
    Scripted first = new Scripted("first");
    first.failing = Cause.NO_ANSWER;
    Scripted second = new Scripted("second");
    PortMapper mapper = start(List.of(PORT, OTHER), first, second);
    await().until(() -> told.size() == 2);
    assertThat(mapper.outcomes().values()).allMatch(Mapped.class::isInstance);
    mapper.close();
    mapper.close();
    // The second port is not tried by a way that failed a moment ago.
    assertThat(first.asked).containsExactly("map " + PORT + " 7464");
    assertThat(second.asked)
        .containsExactlyInAnyOrder(
            "map " + PORT + " 7464",
            "map " + OTHER + " 7464",
            "unmap " + PORT + " 7464",
            "unmap " + OTHER + " 7464");
  }

  @Test
  void whereNothingWorksThatIsToldOnceWithTheMostTellingCause() {
    Scripted first = new Scripted("first");
    first.failing = Cause.REFUSED;
    Scripted second = new Scripted("second");
    second.failing = Cause.NO_ANSWER;
    PortMapper mapper = start(List.of(PORT), first, second);
    await().until(() -> second.asked.size() >= 3);
    assertThat(told)
        .containsExactly(
            PORT
                + " REFUSED TCP port 7464 is not mapped: first says REFUSED; second says NO_ANSWER");
    // The gateway is set up anew.
    second.failing = null;
    await().until(() -> mapper.outcomes().get(PORT) instanceof Mapped);
    assertThat(told).hasSize(2).last().isEqualTo(PORT + " at 7464");
    mapper.close();
    assertThat(second.asked).contains("unmap " + PORT + " 7464");
    assertThat(first.asked).noneMatch(line -> line.startsWith("unmap"));
  }

  @Test
  void withoutAGatewayThatIsTheCause() {
    PortMapper mapper = start(List.of(PORT));
    await().until(() -> !told.isEmpty());
    mapper.close();
    assertThat(told).hasSize(1).first().asString().contains("NO_GATEWAY", "no default route");
  }

  @Test
  void anotherPortOutsideIsTold() {
    Scripted way = new Scripted("way");
    way.shift = 1000;
    PortMapper mapper = start(List.of(PORT), way);
    await().until(() -> !told.isEmpty());
    mapper.close();
    assertThat(told).containsExactly(PORT + " at 8464");
    assertThat(way.asked).last().isEqualTo("unmap " + PORT + " 8464");
  }
}
