package io.atoll.p2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.identity.PeerId;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class LoopbackHostTest {
  private static final PeerId SELF =
      new PeerId("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA");
  private final LoopbackHost host = new LoopbackHost(new NoNetwork());

  @Test
  void bytesAndHalfClosesArriveBothWays() throws Exception {
    host.handle(
        "/echo",
        stream -> {
          byte[] all = stream.in().readAllBytes();
          stream.out().write(all);
        });
    byte[] sent = new byte[3_000_000];
    new Random(7).nextBytes(sent);
    try (Stream stream = host.open(SELF, "/echo")) {
      CompletableFuture<byte[]> back =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return stream.in().readAllBytes();
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      stream.out().write(sent);
      stream.out().close();
      assertThat(hash(back.get(10, TimeUnit.SECONDS))).isEqualTo(hash(sent));
      assertThat(stream.remote()).isEqualTo(SELF);
    }
  }

  @Test
  void aResetReachesABlockedReader() throws Exception {
    CompletableFuture<Throwable> seen = new CompletableFuture<>();
    host.handle(
        "/silent",
        stream -> {
          try {
            stream.in().read();
          } catch (IOException e) {
            seen.complete(e);
          }
        });
    Stream stream = host.open(SELF, "/silent");
    stream.reset();
    assertThat(seen.get(10, TimeUnit.SECONDS)).hasMessageContaining("reset");
  }

  @Test
  void aHandlerThatFailsResetsTheStream() throws Exception {
    host.handle(
        "/fails",
        _ -> {
          throw new IOException("no");
        });
    try (Stream stream = host.open(SELF, "/fails")) {
      assertThatThrownBy(() -> stream.in().read()).isInstanceOf(IOException.class);
    }
  }

  @Test
  void anUnknownProtocolIsRefused() {
    assertThatThrownBy(() -> host.open(SELF, "/unknown"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("/unknown");
  }

  private static byte[] hash(byte[] bytes) throws Exception {
    return MessageDigest.getInstance("SHA-256").digest(bytes);
  }

  /// A node without a network: all that is left is itself.
  private static final class NoNetwork implements Host {
    @Override
    public PeerId id() {
      return SELF;
    }

    @Override
    public List<String> listening() {
      return List.of();
    }

    @Override
    public void handle(String protocol, StreamHandler handler) {}

    @Override
    public void connect(PeerId peer, List<String> addresses, Duration timeout) throws IOException {
      throw new IOException("no network");
    }

    @Override
    public void unhandle(String protocol) {}

    @Override
    public void named(List<String> addresses) {}

    @Override
    public boolean connected(PeerId peer) {
      return false;
    }

    @Override
    public void watch(PeerWatch watch) {}

    @Override
    public Stream open(PeerId peer, String protocol) throws IOException {
      throw new IOException("no network");
    }

    @Override
    public Duration ping(PeerId peer) throws IOException {
      throw new IOException("no network");
    }

    @Override
    public void disconnect(PeerId peer) {}

    @Override
    public void protect(PeerId peer, String tag) {}

    @Override
    public void unprotect(PeerId peer, String tag) {}

    @Override
    public void close() {}
  }
}
