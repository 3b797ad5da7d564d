package io.atoll.daemon.rest;

import io.atoll.client.api.Problem;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.core.websocket.Closing;
import io.atoll.core.websocket.WebSocketKeys;
import io.atoll.core.websocket.WebSocketLine;
import io.atoll.daemon.gate.GateDoor;
import io.atoll.daemon.gate.GatePulse;
import io.atoll.daemon.gate.GateTarget;
import io.atoll.daemon.gate.Talk;
import io.atoll.daemon.golem.Gates;
import io.atoll.daemon.golem.Golem;
import io.atoll.daemon.hub.AuditDesk;
import io.atoll.daemon.hub.Caller;
import io.atoll.daemon.store.KeyRow;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.Status;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Takes over connections that ask for a WebSocket into a network. What the WebSocket leads to is
/// opened first: where that fails, the answer is a problem like any other. Whatever is wrong with
/// the request itself is left to the plain routes, which say so.
final class GateUpgrade implements Http1Upgrader {
  /// The subprotocol in which an empty message ends one direction.
  static final String HALF_CLOSING = "atoll.half-close";

  private static final HeaderName KEY = HeaderNames.create("Sec-WebSocket-Key");
  private static final HeaderName VERSION = HeaderNames.create("Sec-WebSocket-Version");
  private static final HeaderName SUBPROTOCOL = HeaderNames.create("Sec-WebSocket-Protocol");

  private final GateDoor door;
  private final Gate gate;
  private final AuditDesk audit;
  private final LiveStreams live;
  private final Gates golem;
  private final GatePulse pulse = GatePulse.usual();

  /// Golem's clients count on it.
  private final GatePulse quick = new GatePulse(Duration.ofSeconds(5), Duration.ofSeconds(15));

  /// @param golem the same ways, in Golem's words
  GateUpgrade(GateDoor door, Gate gate, AuditDesk audit, LiveStreams live, Gates golem) {
    this.audit = audit;
    this.door = door;
    this.gate = gate;
    this.live = live;
    this.golem = golem;
  }

  @Override
  public String supportedProtocol() {
    return "websocket";
  }

  @Override
  public @Nullable ServerConnection upgrade(
      ConnectionContext context, HttpPrologue prologue, WritableHeaders<?> headers) {
    String path = prologue.uriPath().path();
    boolean ours = !Golem.isPath(path);
    GateTarget target = ours ? GateTarget.parse(path) : Gates.parse(path);
    String key = headers.contains(KEY) ? headers.get(KEY).get() : "";
    boolean sound =
        prologue.method().text().equals("GET")
            && target != null
            && prologue.query().isEmpty()
            && WebSocketKeys.isKey(key)
            && headers.contains(VERSION)
            && headers.get(VERSION).get().equals("13");
    if (!sound || target == null) {
      return null;
    }
    KeyRow caller;
    try {
      gate.checkAddressed(headers, context.localPeer().address());
      caller = gate.keyOf(headers);
    } catch (AtollException e) {
      return null;
    }
    boolean halfClosing = ours && halfClosing(headers);
    return new Connection(context, target, caller, key, halfClosing, path, ours ? null : path);
  }

  private static boolean halfClosing(Headers headers) {
    return headers.contains(SUBPROTOCOL)
        && headers.get(SUBPROTOCOL).allValues().stream()
            .flatMap(value -> Arrays.stream(value.split(",")))
            .anyMatch(word -> word.strip().equals(HALF_CLOSING));
  }

  private final class Connection implements ServerConnection {
    private final ConnectionContext context;
    private final GateTarget target;
    private final KeyRow caller;
    private final String key;
    private final boolean halfClosing;
    private final String path;
    private final @Nullable String golemPath;
    private volatile @Nullable Thread thread;

    Connection(
        ConnectionContext context,
        GateTarget target,
        KeyRow caller,
        String key,
        boolean halfClosing,
        String path,
        @Nullable String golemPath) {
      this.path = path;
      this.context = context;
      this.target = target;
      this.caller = caller;
      this.key = key;
      this.halfClosing = halfClosing;
      this.golemPath = golemPath;
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
      Thread self = Thread.currentThread();
      thread = self;
      try (LiveStreams.Admission _ = live.admit(Caller.key(caller.id()));
          Talk talk = open()) {
        send(switched());
        WebSocketLine line =
            new WebSocketLine(
                new DataInput(context.dataReader()),
                new DataOutput(context.dataWriter()),
                WebSocketLine.Side.SERVER);
        try (GatePulse.Watch _ = (golemPath == null ? pulse : quick).watch(line, self::interrupt)) {
          talk.run(line);
        } catch (IOException | RuntimeException away) {
          sayGoodbye(line);
        }
      } catch (AtollException e) {
        if (e.code() == ErrorCode.DENIED) {
          Caller.key(caller.id())
              .call(
                  () -> {
                    audit.tellOften("gate.open", path, e.code().name());
                    return true;
                  });
        }
        refuse(e);
      }
    }

    private Talk open() throws InterruptedException {
      if (golemPath != null) {
        golem.check(target, caller);
      }
      return Caller.key(caller.id())
          .call(
              () -> {
                // A proxy opens one for each of its connections.
                audit.tellOften("gate.open", path, "BEGUN");
                return door.open(target, caller, halfClosing);
              });
    }

    private String switched() {
      return "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          + "Sec-WebSocket-Accept: "
          + WebSocketKeys.accept(key)
          + (halfClosing ? "\r\nSec-WebSocket-Protocol: " + HALF_CLOSING : "")
          + "\r\n\r\n";
    }

    private void refuse(AtollException failure) {
      Problem problem = Problems.of(failure);
      String golem = golemPath;
      String type = golem == null ? Problems.TYPE : "application/json";
      String body = Json.write(golem == null ? problem : GolemProblem.of(golem, problem));
      send(
          "HTTP/1.1 "
              + problem.status()
              + " "
              + Status.create(problem.status()).reasonPhrase()
              + "\r\nContent-Type: "
              + type
              + "\r\nCache-Control: no-cache\r\nConnection: close\r\nContent-Length: "
              + body.getBytes(StandardCharsets.UTF_8).length
              + "\r\n\r\n"
              + body);
    }

    private void send(String text) {
      context.dataWriter().writeNow(BufferData.create(text.getBytes(StandardCharsets.UTF_8)));
    }

    /// The hub stops, or the caller is away; if not, it hears it.
    private void sayGoodbye(WebSocketLine line) {
      try {
        line.close(Closing.GOING_AWAY, "the gate goes away");
      } catch (IOException | RuntimeException away) {
        // Nobody is there to hear it.
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
