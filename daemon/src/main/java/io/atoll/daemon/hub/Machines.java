package io.atoll.daemon.hub;

import io.atoll.client.api.MachineView;
import io.atoll.client.api.NodeTasks;
import io.atoll.client.api.NodeUsage;
import io.atoll.client.api.NodeView;
import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskView;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.PlainText;
import io.atoll.core.term.TaskId;
import io.atoll.market.activity.ActivityProtocol;
import io.atoll.market.activity.MachineMessage;
import io.atoll.market.activity.MachineMessage.Part;
import io.atoll.market.activity.MalformedMessageException;
import io.atoll.market.activity.MessageStream;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.transport.Deadline;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Asks providers what their machines are and do, and judges what they say. Of what was read
/// last only the time is kept, to be told where a provider is away.
final class Machines implements MachineDesk {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /// So many questions are on their way to one node at once; further callers wait.
  private static final int AT_ONCE = 4;

  private static final int LONGEST_TEXT = 200;
  private static final int TOLD_AT_ONCE = 4;

  /// A node that goes on saying what cannot be is told of once in this time.
  private static final Duration QUIET = Duration.ofMinutes(10);

  /// What the hub knows of nodes itself.
  interface Known {
    NodeView node(String node);

    Contact contact(PeerId node);

    /// Whether it has a session with the hub.
    boolean connected(PeerId node);

    /// Those that have not ended.
    List<TaskView> tasks();

    /// A node said what cannot be.
    void misread(PeerId node, String what);
  }

  private final Host host;
  private final Known known;
  private final Map<PeerId, Instant> toldOf = new ConcurrentHashMap<>();
  private final Map<PeerId, Semaphore> places = new ConcurrentHashMap<>();
  private final Map<PeerId, Instant> lastRead = new ConcurrentHashMap<>();

  Machines(Host host, Known known) {
    this.host = host;
    this.known = known;
  }

  @Override
  public Contact contact(PeerId node) {
    return known.contact(node);
  }

  @Override
  public List<TaskView> assigned(String node) {
    PeerId id = known.node(node).id();
    return known.tasks().stream()
        .filter(task -> id.equals(task.node()) && task.state() != TaskState.QUEUED)
        .toList();
  }

  @Override
  public MachineView machine(String node) throws InterruptedException {
    NodeView asked = known.node(node);
    MachineMessage answer = ask(asked, Part.FACTS);
    if (!(answer instanceof MachineMessage.Facts facts)) {
      throw implausible(asked, "it answers with something else than was asked");
    }
    Instant now = Instant.now();
    MachineView view = judged(asked, judge -> judge.machine(asked, now, facts));
    lastRead.put(asked.id(), now);
    return view;
  }

  @Override
  public NodeUsage usage(String node) throws InterruptedException {
    NodeView asked = known.node(node);
    MachineMessage answer = ask(asked, Part.USAGE);
    if (!(answer instanceof MachineMessage.Usage usage)) {
      throw implausible(asked, "it answers with something else than was asked");
    }
    return judged(asked, judge -> judge.usage(Instant.now(), usage));
  }

  @Override
  public NodeTasks tasks(String node) throws InterruptedException {
    NodeView asked = known.node(node);
    MachineMessage answer = ask(asked, Part.TASKS);
    if (!(answer instanceof MachineMessage.Tasks tasks)) {
      throw implausible(asked, "it answers with something else than was asked");
    }
    return judged(asked, judge -> judge.tasks(names(), tasks));
  }

  private Map<TaskId, String> names() {
    Map<TaskId, String> names = new HashMap<>();
    for (TaskView task : known.tasks()) {
      String name = task.name();
      if (name != null) {
        names.put(task.id(), name);
      }
    }
    return names;
  }

  private interface Judgement<T> {
    T by(ReadingJudge judge) throws ReadingJudge.Implausible;
  }

  private <T> T judged(NodeView node, Judgement<T> judgement) {
    ReadingJudge judge = new ReadingJudge();
    try {
      T view = judgement.by(judge);
      List<String> corrections = judge.corrections();
      if (!corrections.isEmpty()) {
        complain(node, String.join("; ", corrections.stream().limit(TOLD_AT_ONCE).toList()));
      }
      return view;
    } catch (ReadingJudge.Implausible e) {
      throw implausible(node, String.valueOf(e.getMessage()));
    }
  }

  private AtollException implausible(NodeView node, String what) {
    complain(node, what);
    return new AtollException(
        ErrorCode.BAD_ANSWER,
        "node " + node.name() + " says of its machine what cannot be: " + what,
        "ask its owner whether that daemon is the one that you know, and how new it is");
  }

  private void complain(NodeView node, String what) {
    Instant now = Instant.now();
    Instant told =
        toldOf.compute(
            node.id(),
            (_, before) ->
                before != null && Duration.between(before, now).compareTo(QUIET) < 0
                    ? before
                    : now);
    if (told.equals(now)) {
      known.misread(node.id(), what);
    }
  }

  /// Bounded in time whatever the node does, or does not do.
  private MachineMessage ask(NodeView node, Part part) throws InterruptedException {
    if (!known.connected(node.id())) {
      throw away(node, null);
    }
    Semaphore place = places.computeIfAbsent(node.id(), _ -> new Semaphore(AT_ONCE));
    if (!place.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AtollException(
          ErrorCode.TOO_MANY_REQUESTS,
          "too many questions to node " + node.name() + " wait for their answers",
          "ask again in a moment, and less often");
    }
    FutureTask<MachineMessage> question = new FutureTask<>(() -> exchange(node.id(), part));
    Thread.ofVirtual()
        .name("asking " + node.id())
        .start(
            () -> {
              try {
                question.run();
              } finally {
                place.release();
              }
            });
    try {
      return answered(question.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      throw new AtollException(
          ErrorCode.TIMEOUT,
          "node "
              + node.name()
              + " is connected and did not answer within "
              + PATIENCE.toSeconds()
              + " s"
              + lastRead(node.id()),
          "see whether it still answers: atoll node ping " + node.name(),
          e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof MalformedMessageException) {
        throw implausible(node, "its answer cannot be read");
      }
      throw away(node, e.getCause());
    } finally {
      question.cancel(true);
    }
  }

  private MachineMessage exchange(PeerId node, Part part) throws IOException, InterruptedException {
    try (Stream stream = host.open(node, ActivityProtocol.MACHINE);
        Deadline _ = new Deadline(PATIENCE, stream::reset)) {
      MessageStream<MachineMessage, MachineMessage> messages =
          new MessageStream<>(stream, MachineMessage.class, MachineMessage.MAX_FRAME);
      messages.send(new MachineMessage.Ask(part));
      Optional<MachineMessage> answer = messages.receive();
      return answer.orElseThrow(() -> new IOException("no answer"));
    }
  }

  private static MachineMessage answered(MachineMessage answer) {
    if (answer instanceof MachineMessage.Failed(_, var message, var hint)) {
      throw new AtollException(ErrorCode.BAD_ANSWER, line(message), line(hint));
    }
    return answer;
  }

  private static String line(@Nullable String text) {
    return text == null ? "" : PlainText.line(text, LONGEST_TEXT);
  }

  private AtollException away(NodeView node, @Nullable Throwable cause) {
    // Silence is judged later: until then it is ONLINE.
    String state =
        node.state().equals("ONLINE") ? "" : ": " + node.state() + " since " + node.changedAt();
    String reason =
        cause == null ? " is not connected" + state : " did not say what its machine is";
    return new AtollException(
        ErrorCode.UNREACHABLE,
        "node " + node.name() + reason + lastRead(node.id()),
        "is its daemon running, and as new as the hub? atoll node show " + node.name(),
        cause);
  }

  private String lastRead(PeerId node) {
    Instant last = lastRead.get(node);
    if (last == null) {
      return "; its machine was not read since the hub's start";
    }
    long seconds = Math.max(0, Duration.between(last, Instant.now()).toSeconds());
    return "; its machine was read last " + seconds + " s ago, at " + last;
  }
}
