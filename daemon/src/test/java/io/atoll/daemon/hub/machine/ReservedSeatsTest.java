package io.atoll.daemon.hub.machine;

import static io.atoll.daemon.hub.machine.HubFixture.SMALL;
import static io.atoll.daemon.hub.machine.HubFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.api.MemberView;
import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskSpec.OnDisconnect;
import io.atoll.client.api.TaskSpec.Restart.Policy;
import io.atoll.client.api.TaskState;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.Exit;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.hub.machine.HubFixture.Node;
import io.atoll.daemon.store.NoteRow;
import io.atoll.daemon.store.Query;
import io.atoll.daemon.store.SeatRow;
import io.atoll.market.activity.Authority;
import io.atoll.market.activity.NetworkSeat;
import io.atoll.market.activity.RunState;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Addresses that are kept for the tasks of one key.
class ReservedSeatsTest {
  private static final IpAddress KEPT = IpAddress.parse("10.7.0.9");
  private static final NetworkId NET = new NetworkId("n000000000001");

  private final HubFixture hub = new HubFixture();

  @BeforeEach
  void keep() {
    hub.step(
        new HubEvent.CreateNetwork(
            1, NET, hub.owner.id(), "mynet", Cidr.parse("10.7.0.0/24"), false));
    reserve("0xabc", "node-a", "k1");
    assertThat(hub.answer).isEqualTo(new Answer.Done());
  }

  private void reserve(String holder, String name, String key) {
    hub.step(new HubEvent.ReserveSeat(1, "mynet", holder, name, key, KEPT, null));
  }

  private static TaskSpec at(String name, IpAddress address) {
    return spec(name, SMALL, Policy.NEVER, OnDisconnect.KEEP)
        .withNetworks(List.of(new TaskSpec.Seat("mynet", address)));
  }

  private TaskId submit(String name, String key) {
    TaskId id = hub.nextId();
    hub.step(new HubEvent.Submit(1, id, at(name, KEPT), new Authority(key, List.of()), null));
    return id;
  }

  private MemberView only() {
    return hub.machine.members("mynet").orElseThrow().getFirst();
  }

  @Test
  void onlyTasksOfItsKeySitThereOneAtATimeAndItOutlastsThem() {
    submit("theirs", "k2");
    assertThat(hub.failure().code()).isEqualTo(ErrorCode.CONFLICT);
    Node a = hub.networked("a");
    TaskId task = submit("web", "k1");
    assertThat(a.only().seats()).containsExactly(new NetworkSeat(NET, KEPT));
    assertThat(a.networks.get(NET).members().keySet()).containsExactly(a.only().run().toString());
    assertThat(only().kind()).isEqualTo("RESERVED");
    assertThat(only().task()).isEqualTo(task);
    assertThat(only().host()).isEqualTo("node-a.mynet.internal");
    submit("second", "k1");
    assertThat(hub.failure().code()).isEqualTo(ErrorCode.CONFLICT);

    hub.restart();
    assertThat(only().present()).isTrue();
    a.hello(hub.told(a.only().run(), 1, RunState.RUNNING));
    a.report(hub.exited(a.only().run(), 2, new Exit(Exit.Cause.EXITED, 0, "")));
    assertThat(hub.row(task).state()).isEqualTo(TaskState.SUCCEEDED);
    assertThat(only().present()).isFalse();
    assertThat(a.networks).isEmpty();

    TaskId next = submit("next", "k1");
    assertThat(only().task()).isEqualTo(next);
  }

  @Test
  void itIsTakenAwayFromATaskThatRunsWhichGoesOnWithout() {
    Node a = hub.networked("a");
    TaskId task = submit("web", "k1");
    a.report(hub.told(a.only().run(), 1, RunState.RUNNING));
    hub.step(new HubEvent.RemoveNetwork(1, "mynet"));
    assertThat(hub.failure().code()).as("a task is in it").isEqualTo(ErrorCode.CONFLICT);

    hub.step(new HubEvent.LeaveSeat(1, "mynet", "0xabc"));
    assertThat(hub.answer).isEqualTo(new Answer.Done());
    assertThat(a.networks).as("the node hears of it").isEmpty();
    assertThat(hub.machine.members("mynet").orElseThrow()).isEmpty();
    assertThat(hub.machine.isLive(task)).isTrue();
    hub.step(new HubEvent.RemoveNetwork(1, "mynet"));
    assertThat(hub.answer).isEqualTo(new Answer.Done());
    assertThat(hub.store.read(new Query.Seats())).isEmpty();
    assertThat(hub.store.read(new Query.NodeKeys())).isEmpty();
    a.report(hub.exited(a.only().run(), 2, new Exit(Exit.Cause.EXITED, 0, "")));
    assertThat(hub.row(task).state()).isEqualTo(TaskState.SUCCEEDED);
  }

  @Test
  void oneSeatAHolderAndOneHolderAnAddress() {
    reserve("0xabc", "node-a", "k1");
    assertThat(hub.answer).as("once more changes nothing").isEqualTo(new Answer.Done());
    reserve("0xabc", "node-a", "k2");
    assertThat(hub.failure().code()).isEqualTo(ErrorCode.CONFLICT);
    reserve("0xdef", "node-b", "k1");
    assertThat(hub.failure().code()).isEqualTo(ErrorCode.CONFLICT);
    hub.step(new HubEvent.MoveMember(1, "mynet", "0xabc", IpAddress.parse("10.7.0.10")));
    assertThat(hub.failure().code()).isEqualTo(ErrorCode.CONFLICT);
    assertThat(hub.store.read(new Query.Seats())).hasSize(1);
  }

  @Test
  void whatIsTakenForAKeyIsAtTheHubAndAGateWithoutAWishIsOutOfTheWay() {
    IpAddress wish = IpAddress.parse("10.7.0.2");
    hub.step(new HubEvent.ReserveSeat(1, "mynet", "0xme", "me", "k1", wish, hub.owner.id()));
    hub.step(
        new HubEvent.TakeSeat(1, "mynet", SeatRow.Kind.GATE, "gate", "gate", hub.owner.id(), null));
    assertThat(hub.machine.seats("mynet").orElseThrow())
        .filteredOn(seat -> seat.kind() == SeatRow.Kind.GATE)
        .extracting(seat -> seat.v4() + " " + seat.keyId() + " " + seat.node())
        .containsExactly("10.7.0.2 k1 " + hub.owner.id(), "10.7.0.254 null " + hub.owner.id());
  }

  @Test
  void notesAreKeptAndDropped() {
    NoteRow note = new NoteRow("space", "a", "{\"b\":1}");
    hub.step(new HubEvent.KeepNote(1, note));
    hub.step(new HubEvent.KeepNote(1, new NoteRow("other", "a", "{}")));
    assertThat(hub.store.read(new Query.Notes("space"))).containsExactly(note);
    hub.step(new HubEvent.DropNote(1, "space", "a"));
    assertThat(hub.store.read(new Query.Notes("space"))).isEmpty();
    assertThat(hub.store.read(new Query.Notes("other"))).hasSize(1);
  }
}
