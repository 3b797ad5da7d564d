package io.atoll.client.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What a virtual machine is told about itself.
final class GuestOptions {
  private static final int LARGEST = 64 << 10;

  @Option(
      names = "--hostname",
      paramLabel = "NAME",
      description = "Name of the machine; by default made of the run's.")
  @Nullable String hostname;

  @Option(
      names = "--ssh-key",
      paramLabel = "FILE",
      description =
          "Public keys of who may log in by SSH, such as ~/.ssh/id_ed25519.pub. May be given more"
              + " than once.")
  List<Path> keys = List.of();

  @Option(
      names = "--user-data",
      paramLabel = "FILE",
      description = "For cloud-init: begins with #cloud-config or #!.")
  @Nullable Path userData;

  /// The keys in the files that were named, one a line; null if none was.
  @Nullable List<String> keys(Function<String, RuntimeException> usage) {
    if (keys.isEmpty()) {
      return null;
    }
    List<String> lines = new ArrayList<>();
    for (Path file : keys) {
      String text = read("--ssh-key", file, usage);
      if (text.contains("PRIVATE KEY-----")) {
        throw usage.apply(
            "Invalid value for --ssh-key: "
                + file
                + " is a private key, which nobody else may see; give its other half, "
                + file.getFileName()
                + ".pub");
      }
      text.lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .forEach(lines::add);
    }
    if (lines.isEmpty()) {
      throw usage.apply("Invalid value for --ssh-key: no key in " + keys.getFirst());
    }
    return lines;
  }

  @Nullable String userData(Function<String, RuntimeException> usage) {
    return userData == null ? null : read("--user-data", userData, usage);
  }

  private static String read(String option, Path file, Function<String, RuntimeException> usage) {
    String wrong = "Invalid value for " + option + ": " + file;
    try {
      if (Files.isRegularFile(file) && Files.size(file) > LARGEST) {
        throw usage.apply(wrong + " is larger than 64 KiB");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes(file))).toString();
    } catch (NoSuchFileException e) {
      throw usage.apply(wrong + " is not there");
    } catch (CharacterCodingException e) {
      throw usage.apply(wrong + " is not text in UTF-8");
    } catch (IOException e) {
      throw usage.apply(wrong + " cannot be read: " + e.getMessage());
    }
  }

  /// As much as is needed to see that a pipe holds too much.
  private static byte[] bytes(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return in.readNBytes(LARGEST + 1);
    }
  }
}
