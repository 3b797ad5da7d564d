package io.atoll.runtime.image.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.testing.Fuzz;
import io.atoll.runtime.image.content.Digest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ImageDocumentTest {
  private static final String D = "sha256:" + "a".repeat(64);
  private static final String MANIFEST =
      """
      {"schemaVersion": 2, "mediaType": "%s",
       "config": {"mediaType": "c", "digest": "%s", "size": 7},
       "layers": [{"mediaType": "l", "digest": "%s", "size": 9, "annotations": {"k": "v"}}]}
      """
          .formatted(MediaTypes.OCI_MANIFEST, D, D);
  private static final String INDEX =
      """
      {"schemaVersion": 2, "manifests": [
        {"mediaType": "m", "digest": "%s", "size": 1,
         "platform": {"os": "unknown", "architecture": "unknown"}},
        {"mediaType": "m", "digest": "%s", "size": 2,
         "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}},
        {"mediaType": "m", "digest": "%s", "size": 3,
         "platform": {"os": "linux", "architecture": "amd64"}}]}
      """
          .formatted(D, D, D);
  private static final String CONFIG =
      """
      {"os": "linux", "architecture": "amd64",
       "rootfs": {"type": "layers", "diff_ids": ["%s"]},
       "config": {"Entrypoint": ["/e"], "Cmd": ["c", "d"], "Env": ["A=1=2", "B"], "User": "1:2",
         "WorkingDir": "/w", "StopSignal": "QUIT",
         "ExposedPorts": {"80/tcp": {}, "53/udp": {}, "9/sctp": {}}}}
      """
          .formatted(D);

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static ImageDocument parse(String type, String text) {
    return ImageDocument.parse("x", type, bytes(text));
  }

  @Test
  void readsManifestsAndChoosesAmongPlatforms() {
    var manifest = (ImageDocument.Manifest) parse("", MANIFEST);
    assertThat(manifest.size()).isEqualTo(16);
    assertThat(manifest.layers().getFirst().annotations()).isEqualTo(Map.of("k", "v"));
    var index = (ImageDocument.Index) parse(MediaTypes.OCI_INDEX, INDEX);
    assertThat(index.choose(Platform.parse("linux/amd64"), "x").size()).isEqualTo(3);
    assertThat(index.choose(Platform.parse("linux/aarch64"), "x").size()).isEqualTo(2);
    assertThatThrownBy(() -> index.choose(Platform.parse("linux/riscv64"), "img"))
        .isInstanceOfSatisfying(
            AtollException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.IMAGE_NOT_FOUND);
              assertThat(e.text())
                  .contains("img has no image for linux/riscv64")
                  .contains("linux/arm64/v8, linux/amd64");
            });
  }

  @Test
  void readsWhatAnImageSaysOfItself() {
    ImageConfig config = ImageConfig.parse("x", bytes(CONFIG));
    assertThat(config.command(List.of(), "x")).containsExactly("/e", "c", "d");
    assertThat(config.command(List.of("z"), "x")).containsExactly("/e", "z");
    assertThat(config.env()).isEqualTo(Map.of("A", "1=2", "B", ""));
    assertThat(config.user()).isEqualTo("1:2");
    assertThat(config.stopSignal()).isEqualTo("SIGQUIT");
    assertThat(config.exposed()).hasToString("[53/udp, 80/tcp]");
    assertThat(config.diffIds()).containsExactly(Digest.parse(D));
    ImageConfig silent = ImageConfig.parse("x", bytes("{\"os\":\"linux\",\"config\":{}}"));
    assertThat(silent.workdir()).isEqualTo("/");
    assertThatThrownBy(() -> silent.command(List.of(), "img:1"))
        .hasMessageContaining("img:1 has neither ENTRYPOINT nor CMD");
    assertThat(silent.command(List.of("sh"), "x")).containsExactly("sh");
  }

  @Test
  void refusesWhatIsBothOrNeither() {
    for (String bad :
        List.of(
            "",
            "[]",
            "{}",
            "null",
            "{\"layers\":[]}",
            MANIFEST.replace("\"size\": 7", "\"size\": -7"),
            MANIFEST.replace("\"size\": 7", "\"size\": 9223372036854775807"),
            MANIFEST.replace("\"size\": 7", "\"size\": 1e3"),
            MANIFEST.replace("\"size\": 7", "\"size\": 99999999999999999999"),
            MANIFEST.replace(D, "sha256:../../x"),
            MANIFEST.replace("\"layers\"", "\"manifests\": [], \"layers\""),
            "{\"config\":" + "[".repeat(2000) + "]".repeat(2000) + "}")) {
      assertThatThrownBy(() -> parse("", bad))
          .as(bad.substring(0, Math.min(60, bad.length())))
          .isInstanceOfSatisfying(
              AtollException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_REQUEST));
    }
    assertThatThrownBy(() -> parse(MediaTypes.OCI_INDEX, MANIFEST)).hasMessageContaining("itself");
    assertThatThrownBy(() -> parse(MediaTypes.OCI_MANIFEST, INDEX)).hasMessageContaining("index");
  }

  @Test
  void damagedDocuments() {
    List<byte[]> samples = List.of(bytes(MANIFEST), bytes(INDEX), bytes(CONFIG));
    Fuzz.rounds(
        "manifests",
        30_000,
        random -> {
          byte[] document = Fuzz.bytes(random, samples);
          try {
            if (random.nextBoolean()) {
              ImageDocument.parse("x", "", document);
            } else {
              ImageConfig.parse("x", document);
            }
          } catch (AtollException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.BAD_REQUEST);
          }
        });
  }
}
