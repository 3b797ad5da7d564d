package io.atoll.daemon.store;

import static io.atoll.daemon.store.Rows.NODE;
import static io.atoll.daemon.store.Rows.OTHER;
import static io.atoll.daemon.store.Rows.T0;
import static io.atoll.daemon.store.Rows.change;
import static io.atoll.daemon.store.Rows.event;
import static io.atoll.daemon.store.Rows.id;
import static io.atoll.daemon.store.Rows.invite;
import static io.atoll.daemon.store.Rows.key;
import static io.atoll.daemon.store.Rows.node;
import static io.atoll.daemon.store.Rows.queued;
import static io.atoll.daemon.store.Rows.run;
import static io.atoll.daemon.store.Rows.task;
import static io.atoll.daemon.store.Rows.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.atoll.client.api.EventView;
import io.atoll.client.api.TaskState;
import io.atoll.core.audit.AuditCheck;
import io.atoll.core.audit.AuditEnd;
import io.atoll.core.audit.AuditFact;
import io.atoll.core.audit.AuditLine;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.RunId;
import io.atoll.market.activity.RunState;
import io.atoll.vpn.network.Egress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every store must do. A subclass names the store.
public abstract class StoreContract {
  protected static final int EVENT_BOUND = 50;

  /// What the store's clock says; a test moves it.
  protected final AtomicReference<Instant> now = new AtomicReference<>(T0);

  protected Store store;

  /// A new, empty store that keeps `eventBound` events.
  protected abstract Store create(InstantSource clock, int eventBound) throws Exception;

  /// Closes the store and opens it again, if it lives longer than its object.
  protected Store reopen(Store old) throws Exception {
    return old;
  }

  @BeforeEach
  void open() throws Exception {
    store = create(now::get, EVENT_BOUND);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private Outcome commit(Transaction transaction) {
    return store.commit(List.of(transaction)).getFirst();
  }

  private void put(Change... changes) {
    assertThat(commit(change(changes))).isInstanceOf(Outcome.Applied.class);
  }

  private static Transaction audit(String who, Precondition... preconditions) {
    return new Transaction(
        List.of(preconditions),
        List.of(new Change.Audit(new AuditFact(T0, who, "task.stop", "t1", "OK", 1))));
  }

  @Test
  void theRecordIsChainedAndHasNoTraceOfWhatDidNotHappen() throws Exception {
    assertThat(store.read(new Query.Audit(0, 10)))
        .isEqualTo(new Query.AuditPage(List.of(), AuditEnd.NONE));
    store.commit(List.of(audit("key k1")));
    store.commit(
        List.of(
            audit("key k2"), audit("key k3", new Precondition.GenerationIs(7)), audit("key k4")));
    store = reopen(store);
    store.commit(List.of(audit("key k5")));

    Query.AuditPage page = store.read(new Query.Audit(0, 10));
    AuditCheck check = new AuditCheck();
    List<String> who = new ArrayList<>();
    for (String line : page.lines()) {
      byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
      check.line(bytes);
      who.add(AuditLine.read(bytes).who());
    }
    assertThat(who).containsExactly("key k1", "key k2", "key k4", "key k5");
    assertThat(check.result()).isEqualTo(new AuditCheck.Result.Whole(page.end()));
    assertThat(page.end().seq()).isEqualTo(4);

    Query.AuditPage middle = store.read(new Query.Audit(1, 2));
    assertThat(middle.lines()).isEqualTo(page.lines().subList(1, 3));
    assertThat(middle.end()).isEqualTo(page.end());
  }

  @Test
  void notesAreOfTheirSpaceAndTheLastOneCounts() {
    put(
        new Change.PutNote(new NoteRow("one", "b", "{}")),
        new Change.PutNote(new NoteRow("one", "a", "{}")),
        new Change.PutNote(new NoteRow("one", "b", "{\"c\":1}")),
        new Change.PutNote(new NoteRow("two", "a", "[]")));
    assertThat(store.read(new Query.Notes("one")))
        .containsExactly(new NoteRow("one", "a", "{}"), new NoteRow("one", "b", "{\"c\":1}"));
    put(new Change.DeleteNote("one", "a"), new Change.DeleteNote("one", "none"));
    assertThat(store.read(new Query.Notes("one"))).hasSize(1);
    assertThat(store.read(new Query.Notes("two"))).hasSize(1);
    assertThat(store.read(new Query.Notes("three"))).isEmpty();
  }

  @Test
  void aDeviceKeepsItsKeys() throws Exception {
    NetworkId id = new NetworkId("n000000000001");
    SeatRow phone =
        new SeatRow(
            id,
            "d00000001",
            SeatRow.Kind.DEVICE,
            "phone",
            IpAddress.parse("10.7.0.2"),
            IpAddress.parse("fd00::2"),
            false,
            "d00000001",
            NODE,
            null,
            new DeviceKeys("public", "secret"));
    put(new Change.PutSeat(phone));
    store = reopen(store);
    assertThat(store.read(new Query.Seats())).containsExactly(phone);
    assertThat(phone.toString()).doesNotContain("secret");
  }

  @Test
  void aNetworkGoesWithItsSeatsAndKeys() throws Exception {
    NetworkId one = new NetworkId("n000000000001");
    NetworkId two = new NetworkId("n000000000002");
    for (NetworkId id : List.of(one, two)) {
      NetworkRow network =
          new NetworkRow(
              id, "net-" + id, NODE, Cidr.parse("10.7.0.0/24"), 1420, false, 1, T0, Egress.NONE);
      put(new Change.PutNetwork(network), new Change.PutNetwork(network.withVersion(2)));
      SeatRow seat =
          new SeatRow(
              id,
              "t000000000001",
              SeatRow.Kind.TASK,
              "web",
              IpAddress.parse("10.7.0.2"),
              IpAddress.parse("fd00::2"),
              false,
              null,
              null);
      put(new Change.PutSeat(seat), new Change.PutSeat(seat.with("t000000000001.1-1", NODE)));
      put(new Change.PutNodeKey(new NodeKeyRow(id, NODE, new byte[] {1, 2})));
      put(new Change.PutNodeKey(new NodeKeyRow(id, OTHER, new byte[] {3})));
    }
    put(new Change.DeleteNodeKey(two, OTHER));
    put(new Change.DeleteNetwork(one));
    store = reopen(store);
    assertThat(store.read(new Query.Networks()))
        .singleElement()
        .satisfies(row -> assertThat(row.version()).isEqualTo(2));
    assertThat(store.read(new Query.Seats()))
        .singleElement()
        .satisfies(row -> assertThat(row.member()).isEqualTo("t000000000001.1-1"));
    assertThat(store.read(new Query.NodeKeys()))
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.node()).isEqualTo(NODE);
              assertThat(row.signed()).containsExactly(1, 2);
            });
    put(new Change.DeleteSeat(two, "t000000000001"));
    assertThat(store.read(new Query.Seats())).isEmpty();
  }

  @Test
  void aNewStoreIsEmptyAndOfTheFirstGeneration() {
    assertThat(store.read(new Query.Meta())).isEqualTo(new StoreMeta(new Epoch(1, 0), false, 0));
    assertThat(store.read(new Query.LiveTasks())).isEmpty();
    assertThat(store.read(new Query.Tasks(true, null, 10))).isEmpty();
    assertThat(store.read(new Query.LiveRuns())).isEmpty();
    assertThat(store.read(new Query.Nodes())).isEmpty();
    assertThat(store.read(new Query.Keys())).isEmpty();
    assertThat(store.read(new Query.Invites())).isEmpty();
    assertThat(store.read(new Query.Forgets())).isEmpty();
    assertThat(store.read(new Query.Events(0, null, 10)))
        .isEqualTo(new Query.EventPage(List.of(), 1, 0));
    assertThat(store.commit(List.of())).isEmpty();
  }

  @Test
  void rowsComeBackAsTheyWereWritten() {
    TaskRow task = task(id(1), "alpha", TaskState.RUNNING, new Epoch(1, 4));
    RunRow placed = run(new RunId(id(1), new Epoch(1, 3)), null);
    RunRow running = run(new RunId(id(1), new Epoch(1, 4)), RunState.RUNNING);
    put(
        new Change.PutTask(task),
        new Change.PutRun(placed),
        new Change.PutRun(running),
        new Change.PutNode(node(NODE, "anna")),
        new Change.PutKey(key("k1", null)),
        new Change.PutKey(key("k2", T0)),
        new Change.PutInvite(invite("i1", null, null)));

    assertThat(store.read(new Query.TaskById(id(1)))).contains(task);
    assertThat(store.read(new Query.TaskByName("alpha"))).contains(task);
    assertThat(store.read(new Query.TaskById(id(2)))).isEmpty();
    assertThat(store.read(new Query.TaskByName("beta"))).isEmpty();
    assertThat(store.read(new Query.RunsOf(id(1)))).containsExactly(placed, running);
    assertThat(store.read(new Query.Nodes())).containsExactly(node(NODE, "anna"));
    assertThat(store.read(new Query.Keys())).containsExactly(key("k1", null), key("k2", T0));
    assertThat(store.read(new Query.Invites())).containsExactly(invite("i1", null, null));
  }

  @Test
  void aPutReplacesTheRowWhole() {
    put(
        new Change.PutTask(task(id(1), "old", TaskState.QUEUED, Epoch.NONE)),
        new Change.PutNode(node(NODE, "old")),
        new Change.PutRun(run(new RunId(id(1), new Epoch(1, 1)), RunState.RUNNING)));
    TaskRow ended = task(id(1), "new", TaskState.FAILED, new Epoch(1, 1));
    RunRow exited = run(new RunId(id(1), new Epoch(1, 1)), RunState.EXITED);
    put(
        new Change.PutTask(ended),
        new Change.PutNode(node(NODE, "new")),
        new Change.PutRun(exited));

    assertThat(store.read(new Query.TaskByName("old"))).isEmpty();
    assertThat(store.read(new Query.TaskByName("new"))).contains(ended);
    assertThat(store.read(new Query.LiveTasks())).isEmpty();
    assertThat(store.read(new Query.LiveRuns())).isEmpty();
    assertThat(store.read(new Query.RunsOf(id(1)))).containsExactly(exited);
    assertThat(store.read(new Query.Nodes())).containsExactly(node(NODE, "new"));
  }

  @Test
  void liveTasksComeOldestFirstAndANameMeansTheNewest() {
    // Ids against the order of creation, so that sorting by id would show.
    put(new Change.PutTask(task(id(9), "same", TaskState.STOPPED, Epoch.NONE)));
    put(new Change.PutTask(queued(id(5))));
    put(new Change.PutTask(task(id(3), "same", TaskState.RUNNING, new Epoch(1, 1))));
    put(new Change.PutTask(queued(id(1))));
    put(new Change.PutTask(task(id(5), null, TaskState.STARTING, new Epoch(1, 2))));

    assertThat(store.read(new Query.LiveTasks()))
        .extracting(TaskRow::id)
        .containsExactly(id(5), id(3), id(1));
    assertThat(store.read(new Query.TaskByName("same")).orElseThrow().id()).isEqualTo(id(3));
  }

  @Test
  void pagesOfTasksAreNewestFirstAndJoinWithoutGapOrRepeat() {
    for (int n = 1; n <= 25; n++) {
      TaskState state = n % 5 == 0 ? TaskState.SUCCEEDED : TaskState.QUEUED;
      put(new Change.PutTask(task(id(n), null, state, Epoch.NONE)));
    }
    for (boolean ended : new boolean[] {true, false}) {
      List<Integer> expected =
          IntStream.iterate(25, n -> n > 0, n -> n - 1)
              .filter(n -> ended || n % 5 != 0)
              .boxed()
              .toList();
      List<TaskRow> all = new ArrayList<>();
      List<TaskRow> page = store.read(new Query.Tasks(ended, null, 7));
      while (!page.isEmpty()) {
        all.addAll(page);
        // A task that arrives between two pages belongs to neither.
        put(new Change.PutTask(queued(id(1000 + all.size() + (ended ? 0 : 100)))));
        page = store.read(new Query.Tasks(ended, page.getLast().id(), 7));
      }
      assertThat(all)
          .extracting(TaskRow::id)
          .filteredOn(task -> task.compareTo(id(1000)) < 0)
          .containsExactlyElementsOf(expected.stream().map(Rows::id).toList());
    }
    assertThatThrownBy(() -> store.read(new Query.Tasks(true, id(777), 7)))
        .asInstanceOf(type(StoreException.class))
        .extracting(StoreException::code)
        .isEqualTo(ErrorCode.GONE);
    assertThatThrownBy(() -> new Query.Tasks(true, null, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Query.Tasks(true, null, 1001))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void runsAreOrderedByEpochAsANumber() {
    List<Epoch> epochs =
        List.of(new Epoch(1, 2), new Epoch(1, 10), new Epoch(2, 1), new Epoch(10, 0));
    for (Epoch epoch : epochs.reversed()) {
      put(new Change.PutRun(run(new RunId(id(1), epoch), RunState.RUNNING)));
    }
    put(new Change.PutRun(run(new RunId(id(2), new Epoch(1, 3)), RunState.EXITED)));
    assertThat(store.read(new Query.RunsOf(id(1))))
        .extracting(row -> row.id().epoch())
        .containsExactlyElementsOf(epochs);
    assertThat(store.read(new Query.LiveRuns())).hasSize(4);
  }

  @Test
  void aConflictLeavesNoTraceAndSparesItsNeighbours() {
    put(new Change.PutTask(task(id(1), null, TaskState.STARTING, new Epoch(1, 1))));
    Precondition stale = new Precondition.TaskIs(id(1), new Epoch(1, 0), TaskState.STARTING);
    Transaction first =
        change(new Change.PutTask(queued(id(2))), new Change.Append(event("a", id(2))));
    Transaction loser =
        new Transaction(
            List.of(new Precondition.GenerationIs(1), stale),
            List.of(
                new Change.PutTask(queued(id(3))),
                new Change.Append(event("b", id(3))),
                new Change.PutEpoch(new Epoch(1, 99)),
                new Change.DeleteTask(id(1))));
    Transaction last = change(new Change.Append(event("c", id(2))));

    assertThat(store.commit(List.of(first, loser, last)))
        .containsExactly(
            new Outcome.Applied(1), new Outcome.Conflict(stale), new Outcome.Applied(2));
    assertThat(store.read(new Query.TaskById(id(1)))).isPresent();
    assertThat(store.read(new Query.TaskById(id(3)))).isEmpty();
    assertThat(store.read(new Query.Meta())).isEqualTo(new StoreMeta(new Epoch(1, 0), false, 2));
    assertThat(store.read(new Query.Events(0, null, 10)).events())
        .extracting(EventView::type)
        .containsExactly("a", "c");
  }

  @Test
  void taskIsComparesEpochAndState() {
    put(new Change.PutTask(task(id(1), null, TaskState.RUNNING, new Epoch(1, 7))));
    Precondition[] wrong = {
      new Precondition.TaskIs(id(1), new Epoch(1, 6), TaskState.RUNNING),
      new Precondition.TaskIs(id(1), new Epoch(2, 7), TaskState.RUNNING),
      new Precondition.TaskIs(id(1), new Epoch(1, 7), TaskState.QUEUED),
      new Precondition.TaskIs(id(2), new Epoch(1, 7), TaskState.RUNNING),
      new Precondition.TaskIs(id(2), Epoch.NONE, TaskState.QUEUED),
      new Precondition.TaskAbsent(id(1)),
    };
    for (Precondition precondition : wrong) {
      assertThat(commit(when(precondition, new Change.Append(event("never", null)))))
          .isEqualTo(new Outcome.Conflict(precondition));
    }
    assertThat(commit(when(new Precondition.TaskIs(id(1), new Epoch(1, 7), TaskState.RUNNING))))
        .isEqualTo(new Outcome.Applied(0));
    assertThat(commit(when(new Precondition.TaskAbsent(id(2))))).isEqualTo(new Outcome.Applied(0));
  }

  @Test
  void laterTransactionsOfAGroupSeeEarlierOnes() {
    Precondition absent = new Precondition.TaskAbsent(id(1));
    Precondition queued = new Precondition.TaskIs(id(1), Epoch.NONE, TaskState.QUEUED);
    TaskRow placed = task(id(1), null, TaskState.STARTING, new Epoch(1, 1));
    assertThat(
            store.commit(
                List.of(
                    when(absent, new Change.PutTask(queued(id(1)))),
                    when(absent, new Change.PutTask(queued(id(1)))),
                    when(queued, new Change.PutTask(placed)),
                    when(queued, new Change.PutTask(queued(id(1)))))))
        .containsExactly(
            new Outcome.Applied(0),
            new Outcome.Conflict(absent),
            new Outcome.Applied(0),
            new Outcome.Conflict(queued));
    assertThat(store.read(new Query.TaskById(id(1)))).contains(placed);
  }

  @Test
  void theGenerationFencesAndTheHighestEpochNeverGoesDown() {
    put(new Change.PutEpoch(new Epoch(1, 8)));
    put(new Change.PutEpoch(new Epoch(1, 3)));
    assertThat(store.read(new Query.Meta()).highest()).isEqualTo(new Epoch(1, 8));
    assertThat(commit(when(new Precondition.GenerationIs(1)))).isInstanceOf(Outcome.Applied.class);

    put(new Change.PutEpoch(new Epoch(4, 0)), new Change.PutRestored(true));
    assertThat(store.read(new Query.Meta())).isEqualTo(new StoreMeta(new Epoch(4, 0), true, 0));
    assertThat(commit(when(new Precondition.GenerationIs(1))))
        .isEqualTo(new Outcome.Conflict(new Precondition.GenerationIs(1)));
    put(new Change.PutRestored(false));
    assertThat(store.read(new Query.Meta()).restored()).isFalse();
  }

  @Test
  void anInviteIsOpenUntilUsedOrRevoked() {
    put(
        new Change.PutInvite(invite("open", null, null)),
        new Change.PutInvite(invite("used", NODE.text(), null)),
        new Change.PutInvite(invite("revoked", null, T0)));
    Transaction use =
        when(
            new Precondition.InviteOpen("open"),
            new Change.PutInvite(invite("open", NODE.text(), null)));
    assertThat(store.commit(List.of(use, use)))
        .containsExactly(
            new Outcome.Applied(0), new Outcome.Conflict(new Precondition.InviteOpen("open")));
    for (String id : List.of("used", "revoked", "unknown")) {
      assertThat(commit(when(new Precondition.InviteOpen(id))))
          .isInstanceOf(Outcome.Conflict.class);
    }
  }

  @Test
  void eventsAreNumberedFilteredAndPaged() {
    assertThat(
            commit(
                change(
                    new Change.Append(event("one", id(1))),
                    new Change.Append(event("two", id(2))),
                    new Change.Append(event("three", null)))))
        .isEqualTo(new Outcome.Applied(3));
    assertThat(commit(change(new Change.Append(event("four", id(1))))))
        .isEqualTo(new Outcome.Applied(4));

    Query.EventPage all = store.read(new Query.Events(0, null, 10));
    assertThat(all.events()).extracting(EventView::seq).containsExactly(1L, 2L, 3L, 4L);
    EventView first = all.events().getFirst();
    assertThat(first)
        .isEqualTo(new EventView(1, T0, "one", id(1), NODE, new Epoch(1, 1), "it happened"));
    assertThat(all.oldest()).isEqualTo(1);
    assertThat(all.last()).isEqualTo(4);
    assertThat(store.read(new Query.Events(1, null, 2)).events())
        .extracting(EventView::type)
        .containsExactly("two", "three");
    assertThat(store.read(new Query.Events(0, id(1), 10)).events())
        .extracting(EventView::type)
        .containsExactly("one", "four");
    assertThat(store.read(new Query.Events(1, id(1), 10)).events())
        .extracting(EventView::type)
        .containsExactly("four");
    assertThat(store.read(new Query.Events(4, null, 10)).events()).isEmpty();
    assertThat(store.read(new Query.Events(99, null, 10)).last()).isEqualTo(4);
    assertThatThrownBy(() -> new Query.Events(0, null, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aDeletedTaskTakesItsRunsAndEventsAndNothingElse() {
    for (int n = 1; n <= 2; n++) {
      put(
          new Change.PutTask(task(id(n), null, TaskState.SUCCEEDED, new Epoch(1, n))),
          new Change.PutRun(run(new RunId(id(n), new Epoch(1, n)), RunState.EXITED)),
          new Change.Append(event("task.created", id(n))));
    }
    put(
        new Change.DeleteTask(id(1)),
        new Change.PutForget(NODE, id(1)),
        new Change.Append(event("task.deleted", id(1))));

    assertThat(store.read(new Query.TaskById(id(1)))).isEmpty();
    assertThat(store.read(new Query.RunsOf(id(1)))).isEmpty();
    assertThat(store.read(new Query.RunsOf(id(2)))).hasSize(1);
    assertThat(store.read(new Query.Tasks(true, null, 10)))
        .extracting(TaskRow::id)
        .containsExactly(id(2));
    Query.EventPage page = store.read(new Query.Events(0, null, 10));
    assertThat(page.events())
        .extracting(event -> event.seq() + event.type())
        .containsExactly("2task.created", "3task.deleted");
    assertThat(page.oldest()).isEqualTo(1);
    put(new Change.DeleteTask(id(77)));
  }

  @Test
  void aSequenceNumberIsNeverGivenTwice() {
    put(new Change.Append(event("a", id(1))), new Change.Append(event("b", id(1))));
    put(new Change.DeleteTask(id(1)));
    assertThat(store.read(new Query.Meta()).lastSeq()).isEqualTo(2);
    assertThat(commit(change(new Change.Append(event("c", id(2))))))
        .isEqualTo(new Outcome.Applied(3));
  }

  @Test
  void historyIsTrimmedFromItsOldEnd() {
    for (int n = 0; n < 7; n++) {
      Change[] changes = new Change[EVENT_BOUND];
      Arrays.fill(changes, new Change.Append(event("e", id(n))));
      put(changes);
    }
    Query.EventPage page = store.read(new Query.Events(0, null, 10_000));
    assertThat(page.last()).isEqualTo(7 * EVENT_BOUND);
    assertThat(page.events()).hasSizeBetween(EVENT_BOUND, 2 * EVENT_BOUND);
    assertThat(page.events().getFirst().seq()).isEqualTo(page.oldest()).isGreaterThan(1);
    assertThat(page.events().getLast().seq()).isEqualTo(page.last());
  }

  @Test
  void answersAreRememberedUntilTheyExpire() {
    Instant expires = T0.plus(Duration.ofHours(24));
    put(new Change.PutIdempotency("k1", "abc", "hash", id(1), expires));
    Query.Idempotent query = new Query.Idempotent("k1", "abc");
    assertThat(store.read(query)).contains(new Query.Idempotency("hash", id(1)));
    assertThat(store.read(new Query.Idempotent("k2", "abc"))).isEmpty();
    assertThat(store.read(new Query.Idempotent("k1", "abd"))).isEmpty();
    put(new Change.PutIdempotency("k1", "abc", "hash2", id(2), expires));
    assertThat(store.read(query)).contains(new Query.Idempotency("hash2", id(2)));

    now.set(expires.minusMillis(1));
    assertThat(store.read(query)).isPresent();
    now.set(expires.plusMillis(1));
    assertThat(store.read(query)).isEmpty();
    put(new Change.PutIdempotency("k1", "abc", "hash3", id(3), expires.plusSeconds(60)));
    assertThat(store.read(query)).contains(new Query.Idempotency("hash3", id(3)));
  }

  @Test
  void whatNodesHaveToForgetIsKeptUntilTheyDid() {
    put(
        new Change.PutForget(NODE, id(1)),
        new Change.PutForget(NODE, id(1)),
        new Change.PutForget(NODE, id(2)),
        new Change.PutForget(OTHER, id(1)));
    assertThat(store.read(new Query.Forgets()))
        .isEqualTo(Map.of(NODE, Set.of(id(1), id(2)), OTHER, Set.of(id(1))));
    put(new Change.Forgotten(NODE, id(1)), new Change.Forgotten(OTHER, id(1)));
    assertThat(store.read(new Query.Forgets())).isEqualTo(Map.of(NODE, Set.of(id(2))));
    put(new Change.Forgotten(OTHER, id(9)));
  }

  @Test
  void nodesAreDeleted() {
    put(new Change.PutNode(node(NODE, "a")), new Change.PutNode(node(OTHER, "b")));
    put(new Change.DeleteNode(NODE));
    assertThat(store.read(new Query.Nodes())).containsExactly(node(OTHER, "b"));
  }

  @Test
  void readersSeeWholeTransactionsWhileTheWriterWrites() throws Exception {
    put(new Change.PutTask(queued(id(1))));
    AtomicBoolean done = new AtomicBoolean();
    List<Throwable> faults = new ArrayList<>();
    List<Thread> readers = new ArrayList<>();
    for (int n = 0; n < 3; n++) {
      readers.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      long seen = 0;
                      while (!done.get()) {
                        Query.EventPage page = store.read(new Query.Events(0, null, 1000));
                        assertThat(page.last()).isGreaterThanOrEqualTo(seen);
                        assertThat(page.last() % 2).isZero();
                        if (!page.events().isEmpty()) {
                          assertThat(page.events().getLast().seq()).isEqualTo(page.last());
                        }
                        seen = page.last();
                      }
                    } catch (Throwable t) {
                      synchronized (faults) {
                        faults.add(t);
                      }
                    }
                  }));
    }
    for (int n = 0; n < 300; n++) {
      put(new Change.Append(event("x", id(1))), new Change.Append(event("y", null)));
      assertThat(store.read(new Query.Meta()).lastSeq()).isEqualTo(2L * (n + 1));
    }
    done.set(true);
    for (Thread reader : readers) {
      reader.join();
    }
    assertThat(faults).isEmpty();
  }

  @Test
  void everythingIsThereAfterReopening() throws Exception {
    TaskRow running = task(id(1), "alpha", TaskState.RUNNING, new Epoch(3, 4));
    put(
        new Change.PutTask(running),
        new Change.PutTask(queued(id(2))),
        new Change.PutRun(run(new RunId(id(1), new Epoch(3, 4)), RunState.RUNNING)),
        new Change.PutNode(node(NODE, "anna")),
        new Change.PutKey(key("k1", null)),
        new Change.PutInvite(invite("i1", null, null)),
        new Change.PutIdempotency("k1", "abc", "hash", id(1), T0.plusSeconds(60)),
        new Change.PutForget(OTHER, id(7)),
        new Change.PutEpoch(new Epoch(3, 4)),
        new Change.PutRestored(true),
        new Change.Append(event("a", id(1))),
        new Change.Append(event("b", id(2))));
    put(new Change.DeleteTask(id(2)));
    store = reopen(store);

    assertThat(store.read(new Query.LiveTasks())).containsExactly(running);
    assertThat(store.read(new Query.LiveRuns())).hasSize(1);
    assertThat(store.read(new Query.Nodes())).containsExactly(node(NODE, "anna"));
    assertThat(store.read(new Query.Keys())).containsExactly(key("k1", null));
    assertThat(store.read(new Query.Idempotent("k1", "abc"))).isPresent();
    assertThat(store.read(new Query.Forgets())).isEqualTo(Map.of(OTHER, Set.of(id(7))));
    assertThat(store.read(new Query.Meta())).isEqualTo(new StoreMeta(new Epoch(3, 4), true, 2));
    assertThat(commit(when(new Precondition.InviteOpen("i1")))).isInstanceOf(Outcome.Applied.class);
    assertThat(commit(change(new Change.Append(event("c", null)))))
        .isEqualTo(new Outcome.Applied(3));
    assertThat(store.read(new Query.Events(0, null, 10)).events())
        .extracting(event -> event.seq() + event.type())
        .containsExactly("1a", "3c");
  }

  @Test
  void aClosedStoreSaysSo() {
    store.close();
    assertThatThrownBy(() -> store.commit(List.of(change())))
        .asInstanceOf(type(StoreException.class))
        .extracting(StoreException::code)
        .isEqualTo(ErrorCode.NOT_READY);
    assertThatThrownBy(() -> store.read(new Query.Meta()))
        .asInstanceOf(type(StoreException.class))
        .extracting(StoreException::code)
        .isEqualTo(ErrorCode.NOT_READY);
    store.close();
  }
}
