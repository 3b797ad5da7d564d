package io.atoll.daemon.hub;

import io.atoll.client.api.ExecRequest;
import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskView;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.exec.ExecFrame;
import io.atoll.core.exec.ExecLine;
import io.atoll.core.exec.TerminalSize;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.RunId;
import io.atoll.market.activity.ActivityProtocol;
import io.atoll.market.activity.ExecOpen;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.transport.Deadline;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reaches for commands beside runs. Nothing is kept here: what a caller does not have yet is at
/// the node, so that either side may be replaced.
final class Execs {
  /// What one that knows only commands says to anything else.
  private static final String OF_AN_OLD_NODE = "no command";

  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private final Host host;

  Execs(Host host) {
    this.host = host;
  }

  void begin(TaskView task, ExecRequest asked) throws InterruptedException {
    TerminalSize terminal =
        asked.rows() == null || asked.columns() == null
            ? null
            : new TerminalSize(asked.rows(), asked.columns());
    Map<String, String> env = asked.env() == null ? Map.of() : asked.env();
    List<String> command = asked.command() == null ? List.of() : asked.command();
    try {
      open(
              task,
              asked.session(),
              new ExecOpen.Begin(command, env, terminal, asked.pack(), asked.unpack()))
          .close();
    } catch (AtollException e) {
      if (asked.command() == null && e.text().equals(OF_AN_OLD_NODE)) {
        throw new AtollException(
            ErrorCode.VERSION_MISMATCH,
            "node " + task.nodeName() + " is too old to copy files",
            "update Atoll there; it must be as new as the hub",
            e);
      }
      throw e;
    }
  }

  ExecLine attach(TaskView task, String session) throws InterruptedException {
    Stream stream = open(task, session, null);
    return new ExecLine() {
      @Override
      public InputStream in() {
        return stream.in();
      }

      @Override
      public OutputStream out() {
        return stream.out();
      }

      @Override
      public void close() {
        stream.reset();
      }
    };
  }

  private Stream open(TaskView task, String session, ExecOpen.@Nullable Begin begin)
      throws InterruptedException {
    PeerId node = task.node();
    Epoch epoch = task.epoch();
    boolean live = task.state() == TaskState.RUNNING || task.state() == TaskState.SUSPENDED;
    if (node == null || epoch == null || (begin != null && !live)) {
      throw new AtollException(
          ErrorCode.CONFLICT,
          "task " + task.id() + " is " + task.state() + ", and it takes one that runs",
          "see how it is: atoll task show " + task.id());
    }
    Stream stream = null;
    try {
      stream = host.open(node, ActivityProtocol.EXEC);
      try (Deadline _ = new Deadline(PATIENCE, stream::reset)) {
        new ExecOpen(new RunId(task.id(), epoch), session, begin)
            .write(new DataOutputStream(stream.out()));
        ExecFrame answer = ExecFrame.read(new DataInputStream(stream.in()));
        if (answer instanceof ExecFrame.Failed(String code, String message, String hint)) {
          stream.close();
          throw new AtollException(code(code), message, hint);
        }
        return stream;
      }
    } catch (IOException e) {
      if (stream != null) {
        stream.reset();
      }
      throw new AtollException(
          ErrorCode.UNREACHABLE,
          "node " + task.nodeName() + ", which runs " + task.id() + ", does not answer",
          "is it connected, and as new as the hub? atoll node show " + task.nodeName(),
          e);
    }
  }

  private static ErrorCode code(String text) {
    try {
      return ErrorCode.valueOf(text);
    } catch (IllegalArgumentException e) {
      return ErrorCode.INTERNAL;
    }
  }
}
