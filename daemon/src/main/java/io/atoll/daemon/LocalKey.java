package io.atoll.daemon;

import io.atoll.client.HubLocation;
import io.atoll.daemon.store.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/// The files by which a command on this machine finds the daemon: where its API is, and a key.
final class LocalKey {
  private LocalKey() {}

  static Optional<String> read(Path dataDir) throws IOException {
    try {
      return Optional.of(Files.readString(dataDir.resolve(HubLocation.KEY_FILE)).strip());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  static void write(Path dataDir, String secret) throws IOException {
    replace(dataDir.resolve(HubLocation.KEY_FILE), secret + "\n");
  }

  static void writeApi(Path dataDir, String url) throws IOException {
    replace(dataDir.resolve(HubLocation.API_FILE), url + "\n");
  }

  private static void replace(Path file, String text) throws IOException {
    Path draft = file.resolveSibling("." + file.getFileName() + ".new");
    Files.deleteIfExists(draft);
    PrivateFiles.create(draft);
    Files.writeString(draft, text);
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
