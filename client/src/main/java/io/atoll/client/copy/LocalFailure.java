package io.atoll.client.copy;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// What this machine's file system refused, as an error with a code.
final class LocalFailure {
  private LocalFailure() {}

  static AtollException of(Path path, IOException cause) {
    String said = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    if (cause instanceof NoSuchFileException) {
      return new AtollException(
          ErrorCode.NOT_FOUND, "there is no " + path, "see how it is written", cause);
    }
    if (cause instanceof AccessDeniedException) {
      return new AtollException(
          ErrorCode.DENIED, "this user may not touch " + path, "see its owner and mode", cause);
    }
    if (said.contains("No space left") || said.contains("quota")) {
      return full(path, cause);
    }
    String reason =
        cause instanceof FileSystemException file && file.getReason() != null
            ? file.getReason()
            : said;
    return new AtollException(ErrorCode.INTERNAL, path + ": " + reason, "see that path", cause);
  }

  static AtollException full(Path path, @org.jspecify.annotations.Nullable IOException cause) {
    return new AtollException(
        ErrorCode.DISK_FULL,
        "there is not enough room on this machine's disk for " + path,
        "make room, or copy to another disk",
        cause);
  }
}
