package io.atoll.e2e;

import io.atoll.core.os.FolderRemoval;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/// A program of the tests' own, of one file of C, that needs no library of where it runs.
///
/// @param name of its source among the resources, without `.c`
/// @param bytes of the program
record StaticProgram(String name, byte[] bytes) {
  static StaticProgram compile(String name) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("atoll-" + name);
    Path source = folder.resolve(name + ".c");
    try (InputStream in = StaticProgram.class.getResourceAsStream(name + ".c")) {
      Files.write(source, in.readAllBytes());
    }
    Path made = folder.resolve(name);
    List<String> compiler =
        List.of("musl-gcc", "-static", "-Os", "-s", "-o", made.toString(), source.toString());
    if (new ProcessBuilder(compiler).inheritIO().start().waitFor() != 0) {
      throw new IOException(String.join(" ", compiler) + " failed");
    }
    byte[] bytes = Files.readAllBytes(made);
    FolderRemoval.remove(folder);
    return new StaticProgram(name, bytes);
  }

  /// What puts it into `/tmp`, for any `/bin/sh` with the usual small programs, which stands there
  /// afterwards.
  String script() {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    } catch (IOException inMemory) {
      throw new IllegalStateException(inMemory);
    }
    return "mkdir -p /tmp; cd /tmp; echo %s | base64 -d | gzip -dc > %s; chmod 755 %s"
        .formatted(Base64.getEncoder().encodeToString(packed.toByteArray()), name, name);
  }

  /// Puts it into a folder of this machine.
  Path into(Path folder) throws IOException {
    Path file = Files.write(folder.resolve(name), bytes);
    file.toFile().setExecutable(true);
    return file;
  }
}
