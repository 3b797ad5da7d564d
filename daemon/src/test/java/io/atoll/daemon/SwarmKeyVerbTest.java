package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.cli.Cli;
import io.atoll.client.cli.Interrupts;
import io.atoll.client.cli.Terminal;
import io.atoll.client.config.Places;
import io.atoll.p2p.pnet.NetworkKey;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SwarmKeyVerbTest {
  @TempDir Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... words) {
    out.reset();
    err.reset();
    Terminal terminal =
        new Terminal(
            out, new PrintStream(err, true, StandardCharsets.UTF_8), Map.of(), false, false);
    Places places =
        new Places(folder.resolve("config"), folder.resolve("default"), folder.resolve(".env"));
    Interrupts none = action -> () -> {};
    return new Cli(terminal, places, none).with("p2p", "swarm-key", SwarmKeyVerb::new).run(words);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void theFileIsAKeyForItsOwnerAloneAndIsNeverOverwritten() throws Exception {
    Path file = folder.resolve("swarm.key");
    assertThat(run("p2p", "swarm-key", file.toString())).isZero();
    NetworkKey key = NetworkKey.parse(Files.readAllBytes(file));
    assertThat(out()).contains(file.toString(), key.fingerprint());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(run("p2p", "swarm-key", file.toString())).isEqualTo(5);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("is there already");
    assertThat(NetworkKey.parse(Files.readAllBytes(file)).fingerprint())
        .isEqualTo(key.fingerprint());
    assertThat(run("p2p", "swarm-key", folder + "/none/swarm.key")).isEqualTo(2);
  }

  @Test
  void withoutAFileTheKeyIsPrinted() {
    assertThat(run("p2p", "swarm-key")).isZero();
    byte[] printed = out().getBytes(StandardCharsets.US_ASCII);
    assertThat(NetworkKey.parse(printed).fingerprint()).hasSize(16);
    assertThat(run("p2p", "swarm-key", "--help")).isZero();
    assertThat(out()).contains("Examples:", "atoll p2p swarm-key");
  }
}
