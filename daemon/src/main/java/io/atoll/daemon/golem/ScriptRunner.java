package io.atoll.daemon.golem;

import io.atoll.client.api.ExecRequest;
import io.atoll.client.api.NetworkView;
import io.atoll.client.api.TaskRequest;
import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskView;
import io.atoll.client.request.TaskMapping;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.exec.ExecConversation;
import io.atoll.core.exec.ExecEnd;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.hub.HubApi;
import io.atoll.daemon.store.SeatRow;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does what a batch says, command by command: `deploy` looks for the activity's seats, `start`
/// submits its task and waits until it runs, `run` is a command beside the task's payload.
final class ScriptRunner {
  private static final Logger LOG = LoggerFactory.getLogger(ScriptRunner.class);
  private static final Duration LOOK = Duration.ofMillis(100);

  /// Of the output of a command; the rest is cut off.
  private static final int MOST_OUTPUT = 1 << 20;

  /// Keeps the sandbox for commands, and ends when it is asked to.
  private static final List<String> KEEPER =
      List.of("/bin/sh", "-c", "trap 'exit 0' TERM INT; while :; do sleep 3600 & wait $!; done");

  /// A machine boots itself.
  private static final String MACHINE = "vm";

  private final HubApi hub;
  private final Nets nets;
  private final Market market;
  private final Shelf<ActivityNote> notes;

  ScriptRunner(HubApi hub, Nets nets, Market market, Shelf<ActivityNote> notes) {
    this.hub = hub;
    this.nets = nets;
    this.market = market;
    this.notes = notes;
  }

  void run(String activity, String name, Activities.Live live, ExeScript script, Batch batch) {
    Output out = new Output();
    Output err = new Output();
    try {
      for (int i = 0; i < script.commands().size(); i++) {
        out = new Output();
        err = new Output();
        ActivityNote note = note(activity);
        switch (script.commands().get(i)) {
          case ExeScript.Command.Deploy(List<ExeScript.Net> wanted) -> deploy(note, live, wanted);
          case ExeScript.Command.Start(List<String> args) -> start(note, live, args);
          case ExeScript.Command.Run run -> beside(note, name + "i" + i, run, out, err);
          case ExeScript.Command.Terminate _ -> end(note);
          case ExeScript.Command.Other(String other) ->
              throw new AtollException(
                  ErrorCode.BAD_REQUEST,
                  other + " is not served here",
                  "docs/golem-net-api.md says what is");
        }
        batch.ok(out.text(), err.text());
      }
    } catch (AtollException e) {
      batch.failed(out.text(), err.text(), e.text() + (e.hint().isEmpty() ? "" : ": " + e.hint()));
    } catch (InterruptedException e) {
      batch.failed(out.text(), err.text(), "the activity is destroyed, or its hub stops");
    } catch (IOException | RuntimeException e) {
      LOG.error("batch {} of activity {} failed", name, activity, e);
      batch.failed(out.text(), err.text(), "the hub failed to go on with it; its log says why");
    }
  }

  private ActivityNote note(String activity) {
    return notes
        .get(activity)
        .filter(note -> note.destroyedAt() == null)
        .orElseThrow(
            () ->
                new AtollException(ErrorCode.GONE, "activity " + activity + " was destroyed", ""));
  }

  private void deploy(ActivityNote note, Activities.Live live, List<ExeScript.Net> wanted) {
    if (note.task() != null) {
      throw new AtollException(
          ErrorCode.CONFLICT, "activity " + note.id() + " was started", "make another to deploy");
    }
    AgreementNote agreement = market.agreement(note.keyId(), note.agreement());
    for (ExeScript.Net one : wanted) {
      seat(agreement, one);
      Nets.Net net = nets.show(note.keyId(), one.id());
      boolean same =
          (one.ip() == null || one.ip().equals(net.ip()))
              && (one.mask() == null || one.mask().equals(net.mask()));
      if (!same) {
        throw new AtollException(
            ErrorCode.BAD_REQUEST,
            "network "
                + one.id()
                + " is "
                + net.ip()
                + " with "
                + net.mask()
                + ", not "
                + one.ip()
                + " with "
                + one.mask(),
            "deploy with the network as GET …/net/" + one.id() + " tells it");
      }
    }
    live.deployed = wanted;
  }

  /// @throws AtollException where the address is not kept for the agreement's node
  private SeatRow seat(AgreementNote agreement, ExeScript.Net wanted) {
    SeatRow seat = nets.seatFor(agreement, wanted.id());
    if (!seat.v4().toString().equals(wanted.nodeIp())) {
      throw new AtollException(
          ErrorCode.CONFLICT,
          "the node has " + seat.v4() + " in network " + wanted.id() + ", not " + wanted.nodeIp(),
          "deploy with the address that it was given by POST …/nodes");
    }
    return seat;
  }

  private void start(ActivityNote note, Activities.Live live, List<String> args)
      throws InterruptedException {
    List<ExeScript.Net> wanted = live.deployed;
    if (wanted == null) {
      throw new AtollException(
          ErrorCode.CONFLICT, "activity " + note.id() + " is not deployed", "deploy first");
    }
    AgreementNote agreement = market.agreement(note.keyId(), note.agreement());
    if (agreement.state() != AgreementNote.State.APPROVED) {
      throw Market.ended(agreement);
    }
    List<TaskSpec.Seat> seats = new ArrayList<>();
    for (ExeScript.Net one : wanted) {
      IpAddress address = seat(agreement, one).v4();
      NetworkView network = nets.own(note.keyId(), one.id());
      seats.add(new TaskSpec.Seat(network.name(), address));
    }
    TaskSpec spec = spec(note, agreement, args).withNetworks(seats);
    // However often it is said: an activity is one task.
    String once = "golem-activity-" + note.id();
    TaskId task = hub.submit(spec, note.keyId(), once, once).id();
    notes.put(note.id(), notes.get(note.id()).orElse(note).as(task));
    await(task);
  }

  private void await(TaskId id) throws InterruptedException {
    while (true) {
      TaskView task = hub.task(id.text());
      if (task.state() == TaskState.RUNNING) {
        return;
      }
      if (task.state().ended()) {
        String why = task.exitDetail() == null ? "" : ": " + task.exitDetail();
        throw new AtollException(
            ErrorCode.START_FAILED,
            "task " + id + " " + task.detail() + why,
            "atoll task show " + id);
      }
      Thread.sleep(LOOK);
    }
  }

  private static TaskSpec spec(ActivityNote note, AgreementNote agreement, List<String> args) {
    Filter asked = Filter.parse(agreement.constraints());
    boolean machine = agreement.driver().equals(MACHINE);
    return TaskMapping.spec(
        new TaskRequest(
            "golem-" + note.id(),
            agreement.driver(),
            image(agreement),
            !args.isEmpty() ? args : machine ? List.of() : KEEPER,
            null,
            asked
                .least("golem.inf.cpu.threads")
                .or(() -> asked.least("golem.inf.cpu.cores"))
                .filter(cores -> cores.signum() > 0)
                .map(BigDecimal::toPlainString)
                .orElse(null),
            bytes(asked.least("golem.inf.mem.gib")),
            bytes(asked.least("golem.inf.storage.gib")),
            null,
            agreement.node().text(),
            null,
            null,
            "never",
            null,
            "keep",
            null,
            null,
            null,
            null));
  }

  /// `hash:sha3:HASH:REFERENCE`, or a reference alone; null where the demand names none.
  private static @Nullable String image(AgreementNote agreement) {
    String text = agreement.wanted().path("golem.srv.comp.task_package").asText("");
    if (text.startsWith("hash:")) {
      String[] parts = text.split(":", 4);
      text = parts.length == 4 ? parts[3] : "";
    }
    return text.isEmpty() ? null : text;
  }

  private static @Nullable String bytes(Optional<BigDecimal> gib) {
    return gib.filter(amount -> amount.signum() > 0)
        .map(amount -> amount.multiply(BigDecimal.valueOf(1L << 30)))
        .map(amount -> amount.setScale(0, RoundingMode.CEILING).toPlainString())
        .orElse(null);
  }

  private void beside(
      ActivityNote note, String session, ExeScript.Command.Run run, Output out, Output err)
      throws IOException, InterruptedException {
    TaskId id = note.task();
    if (id == null) {
      throw new AtollException(
          ErrorCode.CONFLICT, "activity " + note.id() + " is not started", "start it first");
    }
    hub.exec(id.text(), new ExecRequest(session, run.command(), run.env(), null, null, null, null));
    ExecEnd end = new ExecConversation(() -> hub.attach(id.text(), session), null, out, err).run();
    if (end.cause() != ExecEnd.Cause.EXITED || end.code() != 0) {
      throw new AtollException(
          ErrorCode.START_FAILED,
          "the command exited with code "
              + end.code()
              + (end.detail().isEmpty() ? "" : ", " + end.detail()),
          "");
    }
  }

  private void end(ActivityNote note) throws InterruptedException {
    TaskId task = note.task();
    if (task != null) {
      hub.stop(task.text());
      while (!hub.task(task.text()).state().ended()) {
        Thread.sleep(LOOK);
      }
    }
  }

  /// The first of what is written.
  private static final class Output extends ByteArrayOutputStream {
    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
      super.write(bytes, offset, Math.min(length, Math.max(0, MOST_OUTPUT - count)));
    }

    @Nullable String text() {
      return size() == 0 ? null : toString(StandardCharsets.UTF_8);
    }
  }
}
