package io.atoll.daemon.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.identity.Identity;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.hub.HubApi.OutputPart;
import io.atoll.market.activity.ActivityProtocol;
import io.atoll.market.activity.OutputFrame;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.LoopbackHost;
import io.atoll.p2p.host.P2p;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A reader of output waits as long as it said, whatever the provider does.
@Timeout(20)
class RunOutputTest {
  private final RunId run = new RunId(new TaskId("t0123456789ab"), Epoch.parse("1-1"));
  private final CountDownLatch over = new CountDownLatch(1);
  private Host host;

  @BeforeEach
  void start() throws Exception {
    Identity identity = Identity.generate();
    host = new LoopbackHost(P2p.start(HostConfig.of(identity, List.of("/ip4/127.0.0.1/tcp/0"))));
  }

  @AfterEach
  void stop() {
    over.countDown();
    host.close();
  }

  @Test
  void whatCameIsHandedOnBeforeMoreComes() throws Exception {
    serve(1, Long.MAX_VALUE);
    try (RunOutput output = output()) {
      assertThat(output.next(Duration.ofSeconds(10))).isInstanceOf(OutputPart.Chunk.class);
      // The provider is silent from here on, as one that was stopped: not even "nothing" comes.
      assertThat(output.next(Duration.ZERO)).isEqualTo(new OutputPart.Nothing());
      long began = System.nanoTime();
      assertThat(output.next(Duration.ofMillis(200))).isEqualTo(new OutputPart.Nothing());
      assertThat(System.nanoTime() - began).isBetween(200_000_000L, 5_000_000_000L);
    }
  }

  @Test
  void aChattyTaskDoesNotHoldBackItsOwnOutput() throws Exception {
    serve(1000, 30);
    try (RunOutput output = output()) {
      assertThat(output.next(Duration.ofSeconds(10))).isInstanceOf(OutputPart.Chunk.class);
      int idle = 0;
      for (int i = 0; i < 10; i++) {
        while (output.next(Duration.ZERO) instanceof OutputPart.Chunk) {
          idle--;
        }
        idle++;
        Thread.sleep(1);
      }
      assertThat(idle).isPositive();
    }
  }

  @Test
  void aReaderThatStopsLeavesNoThreadBehind() throws Exception {
    serve(1_000_000, 0);
    try (RunOutput output = output()) {
      assertThat(output.next(Duration.ofSeconds(10))).isInstanceOf(OutputPart.Chunk.class);
    }
    assertThat(over.await(10, TimeUnit.SECONDS)).isTrue();
  }

  private RunOutput output() {
    return new RunOutput(host, host.id(), run, 0, true, () -> false);
  }

  /// Sends so many pieces, with a pause after each, and then nothing for ever.
  private void serve(int pieces, long pauseMillis) {
    host.handle(
        ActivityProtocol.OUTPUT,
        stream -> {
          DataOutputStream out = new DataOutputStream(stream.out());
          try {
            for (int i = 0; i < pieces; i++) {
              OutputChunk chunk =
                  new OutputChunk(
                      i * 1000L, OutputChunk.Stream.STDOUT, Instant.EPOCH, new byte[1000]);
              OutputFrame.write(new OutputFrame.Chunk(chunk), out);
              out.flush();
              if (over.await(pauseMillis, TimeUnit.MILLISECONDS)) {
                return;
              }
            }
            over.await();
          } catch (IOException e) {
            over.countDown();
          }
        });
  }
}
