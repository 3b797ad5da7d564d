package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.cli.Cli;
import io.atoll.client.cli.Interrupts;
import io.atoll.client.cli.Terminal;
import io.atoll.client.config.Places;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Words of `atoll up` that cannot be are refused before anything is made.
class UpCommandTest {
  @TempDir Path folder;

  @Test
  void anAddressThatIsNoneIsAMistakeOfTheUser() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Path data = folder.resolve("data");
    Terminal terminal =
        new Terminal(
            new ByteArrayOutputStream(),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            Map.of(),
            false,
            false);
    Places places =
        new Places(folder.resolve("config"), folder.resolve("default"), folder.resolve(".env"));
    Interrupts none = action -> () -> {};
    int status =
        new Cli(terminal, places, none)
            .withSettings(UpSettings.ALL)
            .with("up", UpCommand::new)
            .run("up", "--data-dir", data.toString(), "--listen", "/banana");
    assertThat(status).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("listen is '/banana'", "/ip4/ADDRESS/tcp/PORT")
        .doesNotContain("Exception");
    assertThat(data).doesNotExist();
  }
}
