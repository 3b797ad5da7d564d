package io.atoll.daemon.provider;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.exec.ExecFrame;
import io.atoll.core.exec.ExecLine;
import io.atoll.market.activity.ActivityProtocol;
import io.atoll.market.activity.ExecOpen;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Enterable;
import io.atoll.runtime.driver.ExecOrder;
import io.atoll.runtime.driver.ExecSession;
import io.atoll.runtime.driver.ExecSpec;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/// Begins commands beside this machine's runs for the hub that ordered them, and connects it to
/// them. It keeps nothing: the sessions themselves outlive this daemon.
final class ExecService {
  private final Runs runs;
  private final OrderedRuns known;

  ExecService(Runs runs, OrderedRuns known) {
    this.runs = runs;
    this.known = known;
  }

  void serve(Host host) {
    host.handle(ActivityProtocol.EXEC, this::serve);
  }

  private void serve(Stream stream) throws IOException, InterruptedException {
    ExecOpen asked = ExecOpen.read(new DataInputStream(stream.in()));
    DataOutputStream out = new DataOutputStream(stream.out());
    try {
      Enterable beside = enterable(asked, known.of(asked.run().task(), stream.remote()));
      ExecOpen.Begin begin = asked.begin();
      if (begin != null) {
        begin(beside, asked.session(), begin);
        answer(out, new ExecFrame.Ready());
        return;
      }
      ExecSession session =
          beside
              .session(asked.session())
              .orElseThrow(
                  () ->
                      new DriverException(
                          ErrorCode.GONE, "there is no such session", "begin a new one"));
      try (ExecLine line = session.attach()) {
        answer(out, new ExecFrame.Ready());
        pass(stream, line);
      }
    } catch (DriverException e) {
      answer(out, new ExecFrame.Failed(e.code().name(), e.text(), e.hint()));
    } catch (IllegalArgumentException e) {
      answer(
          out,
          new ExecFrame.Failed(
              ErrorCode.BAD_REQUEST.name(), String.valueOf(e.getMessage()), "ask otherwise"));
    }
  }

  private static void answer(DataOutputStream out, ExecFrame frame) throws IOException {
    out.write(ExecFrame.bytes(frame));
    out.flush();
  }

  /// A request whose answer was lost may come again: the session is there, and that is what counts.
  private static void begin(Enterable beside, String id, ExecOpen.Begin begin)
      throws DriverException, InterruptedException {
    ExecSpec spec = new ExecSpec(id, order(begin));
    if (beside.session(id).isEmpty()) {
      beside.exec(spec);
    }
  }

  private static ExecOrder order(ExecOpen.Begin begin) throws DriverException {
    if (begin.pack() != null) {
      return new ExecOrder.Pack(begin.pack());
    }
    if (begin.unpack() != null) {
      return new ExecOrder.Unpack(begin.unpack());
    }
    if (begin.command().isEmpty()) {
      throw new DriverException(
          ErrorCode.VERSION_MISMATCH,
          "the node does not know what it is to do beside the payload",
          "update Atoll there; it must be as new as the hub");
    }
    return new ExecOrder.Command(begin.command(), begin.env(), begin.terminal());
  }

  private Enterable enterable(ExecOpen asked, OrderedRuns.@Nullable Ordered ordered)
      throws DriverException, InterruptedException {
    if (ordered == null || !ordered.run().equals(asked.run())) {
      throw new DriverException(
          ErrorCode.NOT_FOUND,
          "the node does not run " + asked.run(),
          "it was deleted or replaced");
    }
    Activity activity = runs.activity(asked.run(), ordered.workload());
    if (activity == null) {
      throw new DriverException(
          ErrorCode.NOT_READY, asked.run() + " has not begun", "ask again in a moment");
    }
    if (activity instanceof Enterable beside) {
      return beside;
    }
    throw new DriverException(
        ErrorCode.DRIVER_UNAVAILABLE,
        "the driver '"
            + ordered.workload().driver()
            + "' can neither run commands beside a payload nor copy its files",
        "use another driver for tasks that are to be entered");
  }

  private static void pass(Stream stream, ExecLine line) throws IOException {
    Thread up =
        Thread.ofVirtual()
            .name("exec up")
            .start(
                () -> {
                  try {
                    copy(stream.in(), line.out());
                  } catch (IOException e) {
                    // The hub is gone; the session waits for the next connection.
                  } finally {
                    line.close();
                  }
                });
    try {
      copy(line.in(), stream.out());
    } catch (IOException e) {
      stream.reset();
      throw e;
    } finally {
      up.interrupt();
    }
  }

  private static void copy(InputStream from, OutputStream to) throws IOException {
    byte[] buffer = new byte[32 << 10];
    int n;
    while ((n = from.read(buffer)) >= 0) {
      to.write(buffer, 0, n);
      to.flush();
    }
  }
}
