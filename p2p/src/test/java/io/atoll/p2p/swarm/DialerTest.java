package io.atoll.p2p.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.DialException;
import io.atoll.p2p.transport.DialOptions;
import io.atoll.p2p.transport.Listener;
import io.atoll.p2p.transport.MuxedStream;
import io.atoll.p2p.transport.Role;
import io.atoll.p2p.transport.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class DialerTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(3);
  private final PeerId peer = Identity.generate().id();
  private final Scripted transport = new Scripted();
  private final Dialer dialer = new Dialer(List.of(transport));
  private final List<Connection> admitted = Collections.synchronizedList(new ArrayList<>());

  /// After so long a dial succeeds; or fails, where it is negative.
  private final class Scripted implements Transport {
    final Map<String, Integer> millis = new ConcurrentHashMap<>();
    final List<String> begun = Collections.synchronizedList(new ArrayList<>());
    final List<String> interrupted = Collections.synchronizedList(new ArrayList<>());
    final AtomicInteger closed = new AtomicInteger();

    @Override
    public boolean handles(Multiaddr address) {
      return millis.containsKey(address.toString());
    }

    @Override
    public Connection dial(Multiaddr address, DialOptions options)
        throws DialException, InterruptedException {
      begun.add(address.toString());
      int wait = millis.get(address.toString());
      try {
        Thread.sleep(Math.abs(wait));
      } catch (InterruptedException e) {
        interrupted.add(address.toString());
        throw e;
      }
      if (wait < 0) {
        throw new DialException("refused");
      }
      return new Fake(address, closed);
    }

    @Override
    public Listener listen(Multiaddr address) throws IOException {
      throw new IOException("nobody listens here");
    }
  }

  private record Fake(Multiaddr remoteAddress, AtomicInteger closed) implements Connection {
    @Override
    public PeerId remote() {
      throw new IllegalStateException("nobody asks");
    }

    @Override
    public Role role() {
      return Role.INITIATOR;
    }

    @Override
    public Multiaddr localAddress() {
      return remoteAddress;
    }

    @Override
    public MuxedStream open() throws IOException {
      throw new IOException("it has no streams");
    }

    @Override
    public MuxedStream accept() throws IOException {
      throw new IOException("it has no streams");
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public int streams() {
      return 0;
    }

    @Override
    public void close() {
      closed.incrementAndGet();
    }
  }

  private Connection dial(List<String> addresses) throws Exception {
    return dialer.dial(
        peer,
        addresses,
        TIMEOUT,
        Optional::empty,
        connection -> {
          admitted.add(connection);
          return connection;
        });
  }

  @Test
  void anAddressThatDoesNotAnswerHoldsNobodyUp() throws Exception {
    transport.millis.put("/ip6/2001:db8::1/tcp/1", 60_000);
    transport.millis.put("/ip4/8.8.8.8/tcp/1", 10);
    long start = System.nanoTime();
    Connection won = dial(List.of("/ip4/8.8.8.8/tcp/1", "/ip6/2001:db8::1/tcp/1"));
    assertThat(won.remoteAddress().toString()).isEqualTo("/ip4/8.8.8.8/tcp/1");
    assertThat(System.nanoTime() - start).isLessThan(Duration.ofSeconds(2).toNanos());
    assertThat(transport.begun).containsExactly("/ip6/2001:db8::1/tcp/1", "/ip4/8.8.8.8/tcp/1");
    await().until(() -> transport.interrupted.equals(List.of("/ip6/2001:db8::1/tcp/1")));
  }

  @Test
  void aFailureBringsTheNextAtOnce() throws Exception {
    transport.millis.put("/ip4/8.8.8.1/tcp/1", -1);
    transport.millis.put("/ip4/8.8.8.2/tcp/1", -1);
    transport.millis.put("/ip4/8.8.8.3/tcp/1", 1);
    long start = System.nanoTime();
    dial(List.of("/ip4/8.8.8.1/tcp/1", "/ip4/8.8.8.2/tcp/1", "/ip4/8.8.8.3/tcp/1"));
    assertThat(System.nanoTime() - start).isLessThan(Duration.ofMillis(240).toNanos());
  }

  @Test
  void aFastAnswerLeavesTheOthersAlone() throws Exception {
    transport.millis.put("/ip4/10.0.0.1/tcp/1", 1);
    transport.millis.put("/ip4/8.8.8.2/tcp/1", 1);
    dial(List.of("/ip4/8.8.8.2/tcp/1", "/ip4/10.0.0.1/tcp/1"));
    assertThat(transport.begun).containsExactly("/ip4/10.0.0.1/tcp/1");
  }

  @Test
  void onlyOneIsAdmitted() throws Exception {
    for (int i = 1; i <= 8; i++) {
      transport.millis.put("/ip4/10.0.0." + i + "/tcp/1", 250 - 30 * (i - 1));
    }
    List<String> all = List.copyOf(transport.millis.keySet());
    for (int i = 0; i < 5; i++) {
      admitted.clear();
      assertThat(dial(all)).isSameAs(admitted.getFirst());
      assertThat(admitted).hasSize(1);
    }
  }

  @Test
  void whoIsNotAdmittedLeavesItToTheNext() throws Exception {
    transport.millis.put("/ip4/10.0.0.1/tcp/1", 1);
    transport.millis.put("/ip4/10.0.0.2/tcp/1", 1);
    Connection won =
        dialer.dial(
            peer,
            List.of("/ip4/10.0.0.1/tcp/1", "/ip4/10.0.0.2/tcp/1"),
            TIMEOUT,
            Optional::empty,
            connection -> {
              if (connection.remoteAddress().toString().contains("10.0.0.1")) {
                throw new IOException("not admitted");
              }
              return connection;
            });
    assertThat(won.remoteAddress().toString()).contains("10.0.0.2");
  }

  @Test
  void whatFailedIsSaidInTheOrderOfTheCaller() {
    transport.millis.put("/ip4/8.8.8.8/tcp/1", -1);
    transport.millis.put("/ip4/10.0.0.1/tcp/1", -1);
    assertThatThrownBy(() -> dial(List.of("nonsense", "/ip4/8.8.8.8/tcp/1", "/ip4/10.0.0.1/tcp/1")))
        .isInstanceOf(DialException.class)
        .hasMessage(
            "cannot reach peer "
                + peer
                + ": nonsense (that is no multiaddr); /ip4/8.8.8.8/tcp/1 (refused);"
                + " /ip4/10.0.0.1/tcp/1 (refused)");
    assertThatThrownBy(() -> dial(List.of())).hasMessageContaining("no address of peer");
  }

  @Test
  void nobodyAnswersInTime() {
    transport.millis.put("/ip4/8.8.8.8/tcp/1", 60_000);
    long start = System.nanoTime();
    assertThatThrownBy(
            () ->
                dialer.dial(
                    peer,
                    List.of("/ip4/8.8.8.8/tcp/1"),
                    Duration.ofMillis(300),
                    Optional::empty,
                    connection -> connection))
        .hasMessageContaining("/ip4/8.8.8.8/tcp/1 (no answer in time)");
    assertThat(System.nanoTime() - start).isLessThan(Duration.ofSeconds(3).toNanos());
  }
}
