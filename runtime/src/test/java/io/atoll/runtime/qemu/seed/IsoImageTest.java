package io.atoll.runtime.qemu.seed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IsoImageTest {
  @TempDir Path folder;

  @Test
  void theSameFilesGiveTheSameBytes() {
    Map<String, byte[]> files = Map.of("meta-data", new byte[] {1}, "user-data", new byte[5000]);
    byte[] image = IsoImage.of("cidata", files);
    assertThat(image).isEqualTo(IsoImage.of("cidata", new TreeMap<>(files)));
    assertThat(image.length).isEqualTo((25 + 1 + 3) * IsoImage.SECTOR);
  }

  @Test
  void whatCannotBeSaidIsRefused() {
    assertThatThrownBy(() -> IsoImage.of("a b", Map.of())).hasMessageContaining("label");
    assertThatThrownBy(() -> IsoImage.of("a", Map.of("../x", new byte[0])))
        .hasMessageContaining("name");
    Map<String, byte[]> many = new HashMap<>();
    for (int i = 0; i < 40; i++) {
      many.put("a-file-with-a-long-name-" + i, new byte[0]);
    }
    assertThatThrownBy(() -> IsoImage.of("a", many)).hasMessageContaining("too many");
  }

  /// Another implementation reads it: names by Joliet, names without, every byte.
  @Test
  @Tag("real")
  void isoinfoReadsEveryFile() throws Exception {
    Random random = new Random(7);
    Map<String, byte[]> files = new TreeMap<>();
    int[] sizes = {0, 1, 2047, 2048, 2049, 70_000};
    List<String> names =
        List.of("meta-data", "meta-data2", "network-config", "user-data", "vendor-data", "x");
    for (int i = 0; i < sizes.length; i++) {
      byte[] data = new byte[sizes[i]];
      random.nextBytes(data);
      files.put(names.get(i), data);
    }
    Path image = Files.write(folder.resolve("seed.iso"), IsoImage.of("cidata", files));
    assertThat(new String(isoinfo("-d", "-i", image.toString()), UTF_8))
        .contains("Volume id: cidata")
        .contains("Joliet with UCS level 3 found");
    assertThat(new String(isoinfo("-f", "-J", "-i", image.toString()), UTF_8).lines().sorted())
        .containsExactlyElementsOf(names.stream().map(name -> "/" + name).sorted().toList());
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      byte[] read = isoinfo("-J", "-x", "/" + file.getKey(), "-i", image.toString());
      assertThat(read).as(file.getKey()).isEqualTo(file.getValue());
    }
    assertThat(isoinfo("-x", "/META_DA1.;1", "-i", image.toString())).isEmpty();
    assertThat(isoinfo("-x", "/USER_DAT.;1", "-i", image.toString()))
        .isEqualTo(files.get("user-data"));
  }

  private static byte[] isoinfo(String... arguments) throws IOException, InterruptedException {
    List<String> command = new java.util.ArrayList<>(List.of("isoinfo"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    byte[] said = process.getInputStream().readAllBytes();
    process.waitFor();
    return said;
  }
}
