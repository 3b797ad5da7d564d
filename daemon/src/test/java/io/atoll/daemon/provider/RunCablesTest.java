package io.atoll.daemon.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.Identity;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.MacAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.daemon.network.NetworkDesk;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.NetworkCard;
import io.atoll.runtime.driver.Readdressable;
import io.atoll.runtime.driver.Usage;
import io.atoll.vpn.exit.Outside;
import io.atoll.vpn.network.Egress;
import io.atoll.vpn.network.EgressRule;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a payload's cards get while it runs.
@Timeout(60)
class RunCablesTest {
  private static final RunId RUN = new RunId(new TaskId("t0123456789ab"), new Epoch(1, 1));
  private static final NetworkId ID = new NetworkId("n000000000001");

  @TempDir Path temp;
  private final Identity self = Identity.generate();
  private final Network network =
      Network.of(ID, "mynet", Identity.generate().id(), Cidr.parse("10.7.0.0/24"));
  private final Payload payload = new Payload();
  private NetworkDesk desk;

  /// Says what it is given, which fails as often as it should.
  private static final class Payload implements Activity, Readdressable {
    final List<NetworkCard> given = new CopyOnWriteArrayList<>();
    volatile int failures;

    @Override
    public void readdress(NetworkCard card) throws DriverException {
      if (failures > 0) {
        failures--;
        throw new DriverException(ErrorCode.INTERNAL, "its supervisor is slow", "try again");
      }
      given.add(card);
    }

    @Override
    public RunId id() {
      return RUN;
    }

    @Override
    public State state() {
      return State.RUNNING;
    }

    @Override
    public List<Endpoint> endpoints() {
      return List.of();
    }

    @Override
    public Exit await() {
      return Exit.of(0);
    }

    @Override
    public void stop(Duration grace) {}

    @Override
    public void suspend() {}

    @Override
    public void resume() {}

    @Override
    public Usage usage() throws DriverException {
      throw new DriverException(ErrorCode.CONFLICT, "it is none", "");
    }

    @Override
    public void destroy() {}
  }

  @BeforeEach
  void open() throws Exception {
    desk = NetworkDesk.open(temp.resolve("networks"), self, null, 0, false);
    desk.nodes().outside(Outside.INTERNET);
  }

  @AfterEach
  void close() {
    desk.close();
  }

  private Member member(int number) {
    return new Member(
        RUN.toString(),
        "web",
        self.id(),
        network.v4().base().plus(number),
        network.v6().base().plus(number));
  }

  private void put(long version, Member member) {
    EgressRule all =
        EgressRule.of(Cidr.parse("0.0.0.0/0"), EgressRule.Protocol.ANY, EgressRule.Action.ALLOW);
    desk.put(
        new Membership(
            network,
            version,
            new TreeMap<>(Map.of(member.id(), member)),
            new TreeMap<>(),
            new Egress(List.of(all), List.of())),
        1420,
        List.of(),
        List.of());
  }

  private NetworkCard card(Member member) {
    return new NetworkCard(
        ID,
        "net0",
        new MacAddress(0x02_00_00_00_00_01L),
        member.v4(),
        network.v4().bits(),
        member.v6(),
        network.v6().bits(),
        network.gateway4(),
        network.gateway6(),
        1420,
        "mynet.internal",
        "web");
  }

  private RunCables cables() {
    Workload workload =
        new Workload(
            "process",
            null,
            List.of("/bin/true"),
            Map.of(),
            new Resources(100, 64, 0),
            10,
            List.of(),
            false,
            Workload.Isolation.SANDBOX);
    return new RunCables(desk, new ActivitySpec(RUN, workload, temp, List.of(card(member(2)))));
  }

  @Test
  void whatIsFoundAgainGetsTheWayOutThatThereIsNow() {
    put(1, member(2));
    cables().plug(payload, true);
    await().untilAsserted(() -> assertThat(payload.given).isNotEmpty());
    assertThat(payload.given).containsExactly(card(member(2)).leaving(true));
  }

  @Test
  void whatFailsIsTriedAgain() {
    put(1, member(2));
    payload.failures = 2;
    RunCables cables = cables();
    cables.plug(payload, false);
    put(2, member(5));
    cables.moved(ID, member(5));
    await().untilAsserted(() -> assertThat(payload.given).isNotEmpty());
    assertThat(payload.given).containsExactly(card(member(5)).leaving(true));
    assertThat(payload.failures).isZero();
    cables.unplug();
  }
}
