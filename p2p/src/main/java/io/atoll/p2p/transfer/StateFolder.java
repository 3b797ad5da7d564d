package io.atoll.p2p.transfer;

import io.atoll.core.json.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Records of one kind, a file each; what `write` returned from is on disk.
final class StateFolder<T> {
  private static final Logger LOG = LoggerFactory.getLogger(StateFolder.class);
  private static final String ENDING = ".json";

  private final Path folder;
  private final Class<T> type;

  StateFolder(Path folder, Class<T> type) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.type = type;
  }

  void write(String id, T row) throws IOException {
    Path fresh = folder.resolve(id + ".new");
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(Json.bytes(row));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(
        fresh,
        folder.resolve(id + ENDING),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    sync(folder);
  }

  void remove(String id) throws IOException {
    Files.deleteIfExists(folder.resolve(id + ENDING));
  }

  /// All of them by id; what cannot be read is left where it is and said.
  Map<String, T> all() throws IOException {
    Map<String, T> rows = new LinkedHashMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + ENDING)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        try {
          rows.put(
              name.substring(0, name.length() - ENDING.length()),
              Json.read(Files.readAllBytes(file), type));
        } catch (IOException e) {
          LOG.warn("{} cannot be read and is left out: {}", file, e.getMessage());
        }
      }
    }
    return rows;
  }

  /// Has the entries of a folder on disk.
  static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
