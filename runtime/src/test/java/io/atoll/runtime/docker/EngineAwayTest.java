package io.atoll.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.ErrorCode;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Fingerprint;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// No engine, and something in its place that does not answer.
class EngineAwayTest {
  @TempDir Path folder;

  private DockerDriver driver() {
    return new DockerDriver(
        DockerSettings.loopback(URI.create("unix://" + folder.resolve("socket")), "away"),
        (image, line) -> {});
  }

  private static Duration time(Runnable action) {
    long begin = System.nanoTime();
    action.run();
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  @Test
  void saysThatThereIsNoEngine() {
    try (DockerDriver driver = driver()) {
      Fingerprint found = driver.fingerprint();
      assertThat(found.available()).isFalse();
      assertThat(found.findings().getFirst().remedy()).contains("start Docker");
      ActivitySpec spec = new DockerRuns(folder).spec("any:1", "true");
      assertThatThrownBy(() -> driver.prepare(spec))
          .isInstanceOfSatisfying(
              DriverException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.DRIVER_UNAVAILABLE);
                assertThat(e.text()).contains("any:1").contains(folder.toString());
                assertThat(e.hint()).isNotEmpty();
              });
      assertThat(spec.folder()).doesNotExist();
      assertThatThrownBy(() -> driver.recover(spec))
          .isInstanceOfSatisfying(
              DriverException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.DRIVER_UNAVAILABLE));
    }
  }

  @Test
  void doesNotWaitForOneThatIsSilent() throws Exception {
    Path socket = folder.resolve("socket");
    try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        DockerDriver driver = driver()) {
      silent.bind(UnixDomainSocketAddress.of(socket));
      assertThat(time(() -> assertThat(driver.fingerprint().available()).isFalse()))
          .isLessThan(Duration.ofSeconds(4));
    }
    Files.deleteIfExists(socket);
  }

  @Test
  void anInterruptEndsTheWaitForOneThatIsSilent() throws Exception {
    Path socket = folder.resolve("socket");
    try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        DockerDriver driver = driver()) {
      silent.bind(UnixDomainSocketAddress.of(socket));
      ActivitySpec spec = new DockerRuns(folder).spec("any:1", "true");
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> driver.prepare(spec)).isInstanceOf(InterruptedException.class);
    } finally {
      Thread.interrupted();
      Files.deleteIfExists(socket);
    }
  }
}
