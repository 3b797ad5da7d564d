package io.atoll.daemon.store.sqlite;

import io.atoll.daemon.store.PrivateFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import org.sqlite.util.LibraryLoaderUtil;

/// Unpacks SQLite into the data folder, once. Left to itself the driver unpacks it into /tmp at
/// each start: where /tmp forbids execution that fails, and a killed daemon leaves the copy behind.
final class NativeLibrary {
  private static final String PATH = "org.sqlite.lib.path";
  private static final String TEMPORARY = "org.sqlite.tmpdir";

  private NativeLibrary() {}

  /// Before the first connection of the process. Whoever has set the driver's own properties is
  /// left alone; if it cannot be done, the driver does what it always did.
  static synchronized void unpack(Path folder) {
    if (System.getProperty(PATH) != null || System.getProperty(TEMPORARY) != null) {
      return;
    }
    String name = LibraryLoaderUtil.getNativeLibName();
    String resource = LibraryLoaderUtil.getNativeLibResourcePath() + "/" + name;
    Path lib = folder.toAbsolutePath().resolve("lib");
    try (InputStream in = LibraryLoaderUtil.class.getResourceAsStream(resource)) {
      if (in == null) {
        return;
      }
      byte[] wanted = in.readAllBytes();
      Path file = lib.resolve(name);
      if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), wanted)) {
        PrivateFiles.createFolder(lib);
        Path partial = lib.resolve(name + ".partial");
        Files.deleteIfExists(partial);
        PrivateFiles.create(partial);
        Files.write(partial, wanted);
        Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
      }
      System.setProperty(PATH, lib.toString());
    } catch (IOException _) {
      // A full disk, say: the driver tries /tmp.
    }
  }
}
