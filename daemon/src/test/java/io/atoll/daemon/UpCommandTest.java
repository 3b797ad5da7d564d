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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Words of `atoll up` that cannot be are refused before anything is made.
class UpCommandTest {
  @TempDir Path folder;

  @Test
  void aRuntimeThatIsNoneIsAMistakeOfTheUser() {
    assertThat(said("--runtime", "plain")).contains("runtime is 'plain'", "NAME=/path/to/program");
    assertThat(said("--runtime", "Plain=/bin/x")).contains("small letters");
    assertThat(said("--runtime", "docker=/bin/x")).contains("there is a driver docker");
    assertThat(said("--runtime", "a=/bin/x", "--runtime", "a=/bin/y"))
        .contains("there is a driver a");
    assertThat(said("--runtime", "a=")).contains("NAME=/path/to/program");
  }

  @Test
  void anAddressThatIsNoneIsAMistakeOfTheUser() {
    assertThat(said("--listen", "/banana"))
        .contains("listen is '/banana'", "/ip4/ADDRESS/tcp/PORT")
        .doesNotContain("Exception");
  }

  /// What `up` says of words that it refuses.
  private String said(String... words) {
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
    List<String> arguments = new ArrayList<>(List.of("up", "--data-dir", data.toString()));
    arguments.addAll(List.of(words));
    int status =
        new Cli(terminal, places, none)
            .withSettings(UpSettings.ALL)
            .with("up", UpCommand::new)
            .run(arguments.toArray(String[]::new));
    assertThat(status).isEqualTo(2);
    assertThat(data).doesNotExist();
    return err.toString(StandardCharsets.UTF_8);
  }
}
