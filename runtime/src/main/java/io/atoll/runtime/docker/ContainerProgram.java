package io.atoll.runtime.docker;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.tar.TarEntry;
import io.atoll.core.tar.TarWriter;
import io.atoll.runtime.driver.DriverException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/// A program of ours in a container: put there when it is first wanted, gone with the container. It
/// is not bound from this machine when a container is made, because an engine may have its socket
/// here and its files elsewhere, and because few containers ever need it.
///
/// A payload that is root in its container may change it there. What it then says is believed no
/// more than the files of the payload are.
record ContainerProgram(Container container) {
  /// @return its path in the container
  synchronized String put(Path program)
      throws DriverException, EngineException, InterruptedException {
    byte[] bytes;
    String name;
    try {
      bytes = Files.readAllBytes(program);
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      name = ".atoll-" + HexFormat.of().formatHex(digest, 0, 8);
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.INTERNAL,
          "the supervisor at " + program + " cannot be read: " + e.getMessage(),
          "see whether it is there; it comes with Atoll",
          e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    // Another size: an engine that went down in the middle.
    if (container.size("/" + name).orElse(-1) != bytes.length) {
      container.unpack(tar(name, bytes));
    }
    return "/" + name;
  }

  private static byte[] tar(String name, byte[] bytes) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    TarWriter tar = new TarWriter(all);
    try {
      tar.header(
          new TarEntry(name, TarEntry.Type.FILE, bytes.length, 0555, 0, 0, 0, "", Map.of(), 0));
      tar.body(bytes, 0, bytes.length);
      tar.pad(bytes.length);
      tar.end();
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail", e);
    }
    return all.toByteArray();
  }
}
