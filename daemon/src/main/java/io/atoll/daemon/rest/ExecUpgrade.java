package io.atoll.daemon.rest;

import io.atoll.client.api.Problem;
import io.atoll.core.error.AtollException;
import io.atoll.core.exec.ExecFrame;
import io.atoll.core.exec.ExecLine;
import io.atoll.daemon.hub.Caller;
import io.atoll.daemon.hub.HubApi;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnection;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Takes over connections that ask to talk to a command, and passes bytes between caller and node.
/// Whatever is wrong with the request itself is left to the plain routes, which say so.
final class ExecUpgrade implements Http1Upgrader {
  static final String PROTOCOL = "atoll-exec";

  private static final byte[] SWITCHED =
      ("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: "
              + PROTOCOL
              + "\r\n\r\n")
          .getBytes(StandardCharsets.US_ASCII);

  private final HubApi hub;
  private final Gate gate;
  private final LiveStreams live;

  ExecUpgrade(HubApi hub, Gate gate, LiveStreams live) {
    this.hub = hub;
    this.gate = gate;
    this.live = live;
  }

  @Override
  public String supportedProtocol() {
    return PROTOCOL;
  }

  @Override
  public @Nullable ServerConnection upgrade(
      ConnectionContext context, HttpPrologue prologue, WritableHeaders<?> headers) {
    List<String> path = Arrays.asList(prologue.uriPath().path().split("/", -1));
    boolean ours =
        prologue.method().text().equals("GET")
            && path.size() == 7
            && path.subList(0, 4).equals(List.of("", "api", "v1", "tasks"))
            && path.get(5).equals("exec");
    if (!ours) {
      return null;
    }
    Caller caller;
    try {
      gate.checkAddressed(headers, context.localPeer().address());
      caller = Caller.key(gate.keyOf(headers).id());
    } catch (AtollException e) {
      return null;
    }
    return new Connection(context, caller, path.get(4), path.get(6));
  }

  private final class Connection implements ServerConnection {
    private final ConnectionContext context;
    private final Caller caller;
    private final String task;
    private final String session;
    private volatile @Nullable Thread thread;

    Connection(ConnectionContext context, Caller caller, String task, String session) {
      this.context = context;
      this.caller = caller;
      this.task = task;
      this.session = session;
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
      thread = Thread.currentThread();
      DataWriter writer = context.dataWriter();
      writer.writeNow(BufferData.create(SWITCHED));
      try (LiveStreams.Admission _ = live.admit(caller);
          ExecLine line = caller.call(this::attach)) {
        Thread up = Thread.ofVirtual().name("exec up").start(() -> up(line));
        try {
          InputStream in = line.in();
          byte[] buffer = new byte[32 << 10];
          int n;
          while ((n = in.read(buffer)) >= 0) {
            writer.writeNow(BufferData.create(Arrays.copyOf(buffer, n)));
          }
        } finally {
          up.interrupt();
        }
      } catch (AtollException e) {
        Problem problem = Problems.of(e);
        writer.writeNow(
            BufferData.create(
                ExecFrame.bytes(
                    new ExecFrame.Failed(
                        e.code().name(), problem.detail(), String.valueOf(problem.hint())))));
      } catch (IOException e) {
        // The node is away: the caller comes again.
      }
    }

    private ExecLine attach() throws InterruptedException {
      hub.audit().tell("GET /api/v1/tasks/{task}/exec/{session}", task + " " + session, "BEGUN");
      return hub.attach(task, session);
    }

    private void up(ExecLine line) {
      DataReader reader = context.dataReader();
      try {
        OutputStream out = line.out();
        while (true) {
          reader.ensureAvailable();
          out.write(reader.readBytes(reader.available()));
          out.flush();
        }
      } catch (IOException | RuntimeException e) {
        closeWriting(line);
      }
    }

    /// What was written is to arrive: the session may have been told that it is over.
    private static void closeWriting(ExecLine line) {
      try {
        line.out().close();
      } catch (IOException e) {
        line.close();
      }
    }

    @Override
    public Duration idleTime() {
      return Duration.ZERO;
    }

    @Override
    public void close(boolean interrupt) {
      Thread running = thread;
      if (running != null) {
        running.interrupt();
      }
    }
  }
}
