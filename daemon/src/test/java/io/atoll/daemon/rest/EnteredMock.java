package io.atoll.daemon.rest;

import io.atoll.core.exec.ExecEnd;
import io.atoll.core.exec.ExecFrame;
import io.atoll.core.exec.ExecLine;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Exit;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.RunId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.CardEnd;
import io.atoll.runtime.driver.Driver;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Enterable;
import io.atoll.runtime.driver.ExecSession;
import io.atoll.runtime.driver.ExecSpec;
import io.atoll.runtime.driver.Fingerprint;
import io.atoll.runtime.driver.NetworkCard;
import io.atoll.runtime.driver.Networked;
import io.atoll.runtime.driver.Prepared;
import io.atoll.runtime.driver.PutsInNetworks;
import io.atoll.runtime.driver.Recovered;
import io.atoll.runtime.driver.Usage;
import io.atoll.runtime.driver.mock.MockDriver;
import io.atoll.runtime.driver.mock.MockMachine;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// A driver that runs nothing, whose payloads have cards nobody is behind, and whose commands obey
/// their words: `exit=N` is how they end, all others are printed.
final class EnteredMock implements PutsInNetworks {
  private final Driver mock;
  private final Path sockets;

  /// The cards of what runs or ran.
  final Map<RunId, List<NetworkCard>> cards = new ConcurrentHashMap<>();

  EnteredMock(MockMachine machine, Path sockets) {
    this.mock = new MockDriver("mock", machine);
    this.sockets = sockets;
  }

  @Override
  public String name() {
    return mock.name();
  }

  @Override
  public Fingerprint fingerprint() {
    return mock.fingerprint();
  }

  @Override
  public Ability networks() {
    return Ability.FIXED;
  }

  @Override
  public Prepared prepare(ActivitySpec spec) throws DriverException, InterruptedException {
    Prepared prepared = mock.prepare(spec);
    return new Prepared() {
      @Override
      public Activity start() throws DriverException, InterruptedException {
        cards.put(spec.id(), spec.cards());
        return new Entered(prepared.start());
      }

      @Override
      public void close() {
        prepared.close();
      }
    };
  }

  @Override
  public Recovered recover(ActivitySpec spec) throws DriverException, InterruptedException {
    return mock.recover(spec) instanceof Recovered.Found(Activity activity)
        ? new Recovered.Found(new Entered(activity))
        : new Recovered.NeverStarted();
  }

  private final class Entered implements Activity, Networked, Enterable {
    private final Activity played;
    private final Map<String, ExecSession> sessions = new ConcurrentHashMap<>();

    Entered(Activity played) {
      this.played = played;
    }

    @Override
    public CardEnd end(NetworkId network) {
      return new CardEnd.Frames(sockets.resolve(network + ".h"), sockets.resolve(network + ".g"));
    }

    @Override
    public ExecSession exec(ExecSpec spec) {
      ExecSession session = () -> line(spec.command());
      sessions.put(spec.id(), session);
      return session;
    }

    @Override
    public Optional<ExecSession> session(String id) {
      return Optional.ofNullable(sessions.get(id));
    }

    private static ExecLine line(List<String> words) {
      int code = 0;
      StringBuilder text = new StringBuilder();
      for (String word : words) {
        if (word.startsWith("exit=")) {
          code = Integer.parseInt(word.substring(5));
        } else {
          text.append(word).append(' ');
        }
      }
      ByteArrayOutputStream frames = new ByteArrayOutputStream();
      byte[] out = text.toString().strip().getBytes(StandardCharsets.UTF_8);
      frames.writeBytes(ExecFrame.bytes(new ExecFrame.Attached(0)));
      frames.writeBytes(ExecFrame.bytes(new ExecFrame.Out(0, out)));
      ExecEnd end = new ExecEnd(ExecEnd.Cause.EXITED, 0, code, "");
      frames.writeBytes(ExecFrame.bytes(new ExecFrame.Ended(end)));
      return new ExecLine() {
        @Override
        public InputStream in() {
          return new ByteArrayInputStream(frames.toByteArray());
        }

        @Override
        public OutputStream out() {
          return OutputStream.nullOutputStream();
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public RunId id() {
      return played.id();
    }

    @Override
    public State state() {
      return played.state();
    }

    @Override
    public List<Endpoint> endpoints() {
      return played.endpoints();
    }

    @Override
    public Exit await() throws InterruptedException {
      return played.await();
    }

    @Override
    public void stop(Duration grace) throws DriverException, InterruptedException {
      played.stop(grace);
    }

    @Override
    public void suspend() throws DriverException, InterruptedException {
      played.suspend();
    }

    @Override
    public void resume() throws DriverException, InterruptedException {
      played.resume();
    }

    @Override
    public Usage usage() throws DriverException {
      return played.usage();
    }

    @Override
    public void destroy() throws DriverException, InterruptedException {
      played.destroy();
    }
  }
}
