package io.atoll.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.core.term.Exit;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.OutputChunk.Stream;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.Recovered;
import io.atoll.runtime.output.OutputRead;
import io.atoll.runtime.output.OutputReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Tag("real")
@Timeout(180)
class DockerOutputTest {
  @RegisterExtension static final DockerEngine ENGINE = DockerEngine.withLiveRestore();

  @TempDir Path folder;

  @BeforeAll
  static void makeImage() throws IOException {
    TestImages.make(ENGINE, "tools:1");
  }

  @Test
  void hundredMegabytesOfNoiseArriveWhole() throws Exception {
    long size = 100L << 20;
    ActivitySpec spec =
        new DockerRuns(folder)
            .script(
                "tools:1",
                "head -c " + size + " /dev/urandom | tee /tmp/o; sha256sum /tmp/o >&2; exit 3");
    try (DockerDriver driver = DockerRuns.driver(ENGINE, "output");
        OutputReader reader = OutputReader.open(spec.folder())) {
      long begin = System.nanoTime();
      Activity activity = driver.prepare(spec).start();
      MessageDigest out = MessageDigest.getInstance("SHA-256");
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      long at = 0;
      boolean over = false;
      while (true) {
        OutputRead read = reader.await(at, 1 << 20, Duration.ofMillis(100));
        if (read instanceof OutputRead.Chunks(var chunks)) {
          for (OutputChunk chunk : chunks) {
            assertThat(chunk.offset()).isEqualTo(at);
            at = chunk.end();
            if (chunk.stream() == Stream.STDOUT) {
              out.update(chunk.data());
            } else {
              err.write(chunk.data());
            }
          }
        } else if (read instanceof OutputRead.Dropped dropped) {
          throw new AssertionError("the follower is too slow: " + at + " " + dropped);
        } else if (over) {
          break;
        } else {
          over = activity.state() == Activity.State.TERMINATED;
        }
      }
      System.out.printf(
          "100 MiB from start to the last byte read: %d ms%n",
          (System.nanoTime() - begin) / 1_000_000);
      assertThat(activity.await()).isEqualTo(Exit.of(3));
      assertThat(err.toString()).startsWith(HexFormat.of().formatHex(out.digest()) + "  /tmp/o");
      assertThat(at).isEqualTo(size + err.size());
      activity.destroy();
    }
  }

  @Test
  void outputGoesOnOverARestartOfAnEngineThatKeepsItsContainers() throws Exception {
    ActivitySpec spec =
        new DockerRuns(folder)
            .script(
                "tools:1",
                "i=0; while [ $i -lt 150 ]; do echo line $i; i=$((i+1)); sleep 0.05; done; exit 6");
    try (DockerDriver driver = DockerRuns.driver(ENGINE, "output")) {
      Activity activity = driver.prepare(spec).start();
      await()
          .ignoreExceptions()
          .until(() -> DockerRuns.text(spec, Stream.STDOUT).contains("line 20\n"));
      ENGINE.stop();
      Thread.sleep(500);
      ENGINE.restart();
      Path logged = logged(spec);
      assertThat(activity.await()).isEqualTo(Exit.of(6));
      // A line that the engine has read when it ends, and has not told or logged, is gone with it.
      // What it knows, we have.
      List<String> there = DockerRuns.text(spec, Stream.STDOUT).lines().toList();
      List<String> known = Files.readAllLines(logged);
      assertThat(known).hasSizeGreaterThan(50); // of before its restart, and after
      assertThat(there).containsAll(known).hasSizeGreaterThanOrEqualTo(149);
      assertThat(there).doesNotHaveDuplicates();
      assertThat(lines(150).lines().toList()).containsSubsequence(there);
      activity.destroy();
    }
  }

  /// What a payload wrote between the engine's end and its own lies in a pipe that the engine
  /// throws away when it comes back (20.10); what it wrote before is whole, and the exit is known.
  @Test
  void aRunThatEndedWhileBothWereDownHasItsExit() throws Exception {
    ActivitySpec spec =
        new DockerRuns(folder)
            .script(
                "tools:1",
                "i=0; while [ $i -lt 40 ]; do echo line $i; i=$((i+1)); sleep 0.05; done; exit 6");
    try (DockerDriver driver = DockerRuns.driver(ENGINE, "output")) {
      driver.prepare(spec).start();
      await()
          .ignoreExceptions()
          .until(() -> DockerRuns.text(spec, Stream.STDOUT).contains("line 5\n"));
    }
    ENGINE.stop();
    Thread.sleep(2500);
    ENGINE.restart();
    try (DockerDriver driver = DockerRuns.driver(ENGINE, "output")) {
      Activity again = ((Recovered.Found) driver.recover(spec)).activity();
      assertThat(again.await()).isEqualTo(Exit.of(6));
      assertThat(lines(40)).startsWith(DockerRuns.text(spec, Stream.STDOUT));
      assertThat(DockerRuns.text(spec, Stream.STDOUT)).startsWith(lines(6));
      again.destroy();
    }
  }

  /// Follows what the engine itself has of a run, into a file.
  private Path logged(ActivitySpec spec) throws IOException {
    String label = "label=" + ContainerRequest.RUN_LABEL + "=" + spec.id();
    String container = ENGINE.docker("ps", "-q", "--filter", label).strip();
    Path file = folder.resolve("engine.log");
    new ProcessBuilder(ENGINE.client("logs", "--follow", container))
        .redirectOutput(file.toFile())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
    return file;
  }

  private static String lines(int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append("line ").append(i).append('\n');
    }
    return text.toString();
  }
}
