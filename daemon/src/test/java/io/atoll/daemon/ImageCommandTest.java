package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.client.cli.Cli;
import io.atoll.client.cli.Interrupts;
import io.atoll.client.cli.Terminal;
import io.atoll.client.config.Places;
import io.atoll.core.json.Json;
import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.layer.Tars;
import io.atoll.runtime.image.manifest.MediaTypes;
import io.atoll.runtime.image.manifest.Platform;
import io.atoll.runtime.image.registry.FakeRegistry;
import io.atoll.runtime.image.registry.Pusher;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `atoll image …` as a person types it.
class ImageCommandTest {
  @TempDir Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(boolean tty, String... words) {
    out.reset();
    err.reset();
    Terminal terminal =
        new Terminal(out, new PrintStream(err, true, StandardCharsets.UTF_8), Map.of(), false, tty);
    Places places =
        new Places(folder.resolve("config"), folder.resolve("data"), folder.resolve(".env"));
    Interrupts none = action -> () -> {};
    return new Cli(terminal, places, none).with("image", ImageNoun::new).run(words);
  }

  private String good(String... words) {
    int status = run(false, words);
    assertThat(status).as(err()).isZero();
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private void bad(int status, String part, String... words) {
    assertThat(run(false, words)).as(err()).isEqualTo(status);
    assertThat(err()).contains(part).doesNotContain("Exception");
  }

  private Path program() throws Exception {
    return Files.writeString(folder.resolve("prog"), "#!/bin/sh\necho hello\n");
  }

  @Test
  void importsListsAndRemoves() throws Exception {
    Path program = program();
    Digest digest = Digest.sha256(Files.readAllBytes(program));
    assertThat(good("image", "import", "-q", program.toString())).isEqualTo(digest + "\n");
    assertThat(good("image", "list")).contains(digest.brief(), "PROGRAM", "prog");
    JsonNode list = Json.mapper().readTree(good("image", "list", "-o", "json"));
    assertThat(list.path(0).path("sha3").asText()).startsWith("sha3-256:");
    bad(3, "no image nothing", "image", "rm", "nothing");
    assertThat(good("image", "rm", digest.brief())).isEqualTo("prog\n");
    good("image", "gc", "--budget", "0");
    assertThat(good("image", "list", "-q")).isEmpty();
    bad(2, "not a size", "image", "gc", "--budget", "much");
    bad(3, "there is no file", "image", "import", "/nowhere/prog");
    bad(2, "cannot import", "image", "import", Files.write(folder.resolve("x"), new byte[9]) + "");
    bad(2, "not the name of an image", "image", "pull", "A B");
  }

  @Test
  void whoIsTrustedDecides() throws Exception {
    Path program = program();
    Digest digest = Digest.sha256(Files.readAllBytes(program));
    good("image", "import", program.toString());
    assertThat(good("image", "trust")).isEqualTo("*\n");
    assertThat(good("image", "verify", "prog")).contains("everything is allowed");

    good("image", "trust", digest.toString());
    assertThat(err()).contains("no longer everything");
    assertThat(good("image", "trust")).isEqualTo(digest + "\n");
    good("image", "trust", "*");
    assertThat(good("image", "trust")).isEqualTo(digest + "\n*\n");
    good("image", "trust", "--none");
    bad(4, "allows no image", "image", "verify", "prog");
    good("image", "trust", digest.toString());
    assertThat(good("image", "verify", "prog")).contains("its hash is listed");
    good("image", "trust", "--remove", digest.toString());
    bad(4, "allows no image", "image", "verify", "prog");

    Path key = folder.resolve("team.pem");
    Path signature = folder.resolve("prog.sig.json");
    String[] sign = {
      "image", "sign", "prog", "-q", "--key", key.toString(), "--out", signature.toString()
    };
    String by = good(sign).strip();
    bad(4, "allows no image", "image", "verify", "prog");
    good("image", "trust", by);
    assertThat(good("image", "verify", "prog")).contains("signed by " + by);

    // Another folder gets the signature by hand.
    String other = folder.resolve("other").toString();
    good("image", "import", "--data-dir", other, program.toString());
    good("image", "trust", "--data-dir", other, by);
    bad(4, "not listed", "image", "verify", "--data-dir", other, "prog");
    good("image", "verify", "--data-dir", other, "prog", "--signature", signature.toString());
    bad(2, "not a rule of trust", "image", "trust", "everybody");

    Files.writeString(folder.resolve("data/trust.json"), "{\"allow\":");
    bad(4, "cannot be understood", "image", "verify", "prog");
    bad(2, "write it anew", "image", "trust", by);
    good("image", "trust", "--none", by);
    good("image", "verify", "prog");
    Files.delete(folder.resolve("data/trust.json"));
    bad(4, "is gone", "image", "verify", "prog");
    bad(2, "write it anew", "image", "trust");
  }

  @Test
  @Tag("real")
  void pullsWithABarWhereAPersonWatchesAndConverts() throws Exception {
    try (FakeRegistry fake = new FakeRegistry()) {
      byte[] layer = new Tars().file("etc/x", new byte[3_000_000], 0644, Map.of()).bytes();
      byte[] config =
          Pusher.config(Platform.here().architecture(), "").getBytes(StandardCharsets.UTF_8);
      fake.blob("app", layer);
      fake.blob("app", config);
      fake.manifest(
          "app",
          "1",
          MediaTypes.OCI_MANIFEST,
          "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}"
              .formatted(
                  Pusher.descriptor(MediaTypes.OCI_CONFIG, config, ""),
                  Pusher.descriptor(MediaTypes.OCI_LAYER, layer, "")));
      String name = fake.host() + "/app:1";
      assertThat(run(true, "image", "pull", name)).as(err()).isZero();
      assertThat(err()).contains("pull [", "100%", "\r");
      assertThat(good("image", "pull", name)).contains("linux/");
      assertThat(err()).isEmpty();
      Path root = folder.resolve("app.squashfs");
      assertThat(good("image", "convert", name, root.toString())).isEqualTo(root + "\n");
      assertThat(Files.readAllBytes(root)).startsWith('h', 's', 'q', 's');
      bad(5, "is there already", "image", "convert", name, root.toString());
      bad(3, "no image", "image", "pull", fake.host() + "/absent:1");
    }
  }

  @Test
  void everyVerbHasHelpWithExamples() {
    for (String verb :
        List.of("list", "pull", "import", "convert", "rm", "gc", "sign", "verify", "trust")) {
      assertThat(good("image", verb, "--help")).contains("Examples:", "atoll image " + verb);
    }
    bad(2, "missing verb", "image");
  }
}
