package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.runtime.driver.Fingerprint;
import io.atoll.runtime.driver.Fingerprint.Finding;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// An engine that takes its time does not keep the daemon from its start.
@Timeout(60)
class SlowEngineTest {
  @TempDir Path folder;

  @Test
  void theStartDoesNotWaitForAnEngineThatIsSlow() throws Exception {
    Path socket = folder.resolve("docker.sock");
    try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      silent.bind(UnixDomainSocketAddress.of(socket));
      DaemonSettings settings = FullDiskStartTest.settings(folder.resolve("data"), socket);
      try (Drivers drivers = Drivers.of(settings, Duration.ofMillis(100))) {
        Future<Fingerprint> late = Objects.requireNonNull(drivers.late().get("docker"));
        assertThat(late.isDone()).isFalse();
        assertThat(drivers.available()).doesNotContain("docker");
        assertThat(causes(drivers.fingerprints())).contains("it is slow, and still being tried");
        // What it said in the end takes the place of that.
        assertThat(causes(drivers.with(late.get()).fingerprints()))
            .doesNotContain("it is slow, and still being tried")
            .anyMatch(cause -> cause.contains("did not answer"));
      }
    }
  }

  private static List<String> causes(List<Fingerprint> fingerprints) {
    return fingerprints.stream()
        .filter(print -> print.driver().equals("docker"))
        .flatMap(print -> print.findings().stream())
        .map(Finding::cause)
        .toList();
  }
}
