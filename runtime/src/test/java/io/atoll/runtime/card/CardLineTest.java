package io.atoll.runtime.card;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.runtime.driver.DriverException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Whoever listens may be an older program, or none of ours.
@EnabledOnOs(OS.LINUX)
@Timeout(60)
class CardLineTest {
  private static final NetworkId NETWORK = new NetworkId("n0123456789ab");
  private static final int HELLO_LENGTH = 20;

  @TempDir Path folder;
  private final RunId run = new RunId(TaskId.random(new Random(7)), new Epoch(1, 1));
  private ServerSocketChannel listener;

  @BeforeEach
  void listen() throws IOException {
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(folder.resolve("sock")));
  }

  @AfterEach
  void close() throws IOException {
    listener.close();
  }

  private static ByteBuffer hello(int version) {
    ByteBuffer hello = ByteBuffer.allocate(4 + HELLO_LENGTH).put((byte) 1).put((byte) 0);
    return hello.putShort((short) HELLO_LENGTH).put((byte) version).rewind();
  }

  /// One connection: says this, waits for a question, and says that.
  ///
  /// @return the question
  private CompletableFuture<String> serve(ByteBuffer first, ByteBuffer then) {
    CompletableFuture<String> asked = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try (SocketChannel one = listener.accept()) {
                one.write(first);
                ByteBuffer question = ByteBuffer.allocate(512);
                int length = one.read(question);
                if (length > 0) {
                  asked.complete(new String(question.array(), 4, length - 4, UTF_8));
                  one.write(then);
                }
              } catch (IOException e) {
                asked.completeExceptionally(e);
              }
            });
    return asked;
  }

  private void assertRefused(ErrorCode code) {
    assertThatThrownBy(() -> CardLine.device(folder.resolve("sock"), run, NETWORK))
        .isInstanceOfSatisfying(DriverException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void anOlderKeeperIsNotAsked() {
    CompletableFuture<String> asked = serve(hello(1), ByteBuffer.allocate(0));
    assertRefused(ErrorCode.NOT_FOUND);
    assertThat(asked).isNotDone();
  }

  @Test
  void aCardThatIsNotThereIsToldAndOtherMessagesAreSkipped() throws Exception {
    ByteBuffer answer = ByteBuffer.allocate(12 + 5);
    answer.put(new byte[] {3, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1}); // more output
    answer.put(new byte[] {5, 0, 0, 1, 2}).flip(); // ENOENT
    CompletableFuture<String> asked = serve(hello(2), answer);
    assertRefused(ErrorCode.NOT_FOUND);
    assertThat(asked.get()).isEqualTo(NETWORK.text());
  }

  @Test
  void aCardWithoutADeviceIsNone() {
    serve(hello(2), ByteBuffer.wrap(new byte[] {5, 0, 0, 1, 0}));
    assertThatThrownBy(() -> CardLine.device(folder.resolve("sock"), run, NETWORK))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("0 descriptors");
  }

  @Test
  void nonsenseAndSilenceAreNoAnswer() throws IOException {
    serve(ByteBuffer.wrap(new byte[] {1, 0, (byte) 0xff, (byte) 0xff}), ByteBuffer.allocate(0));
    assertThatThrownBy(() -> CardLine.device(folder.resolve("sock"), run, NETWORK))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("65535 bytes");
    serve(hello(2), ByteBuffer.allocate(0)); // hangs up
    assertThatThrownBy(() -> CardLine.device(folder.resolve("sock"), run, NETWORK))
        .isInstanceOf(IOException.class);
    listener.close();
    assertThatThrownBy(() -> CardLine.device(folder.resolve("sock"), run, NETWORK))
        .isInstanceOf(IOException.class);
  }
}
