package io.atoll.p2p.transfer;

import io.atoll.core.error.ErrorCode;
import java.io.IOException;
import java.nio.file.FileSystemException;

/// The end of a transfer that trying again would not change.
final class TransferFailure extends Exception {
  private final ErrorCode code;

  TransferFailure(ErrorCode code, String text) {
    super(text);
    this.code = code;
  }

  /// @param doing what could not be done, on what
  static TransferFailure of(IOException e, String doing) {
    String reason = reason(e);
    boolean full = reason.contains("No space left") || reason.contains("quota exceeded");
    return new TransferFailure(
        full ? ErrorCode.DISK_FULL : ErrorCode.DENIED, doing + ": " + reason);
  }

  private static String reason(IOException e) {
    if (e instanceof java.nio.file.AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof java.nio.file.NoSuchFileException) {
      return "no such file or folder";
    }
    String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
    return reason == null ? e.getClass().getSimpleName() : reason;
  }

  ErrorCode code() {
    return code;
  }

  String text() {
    return String.valueOf(getMessage());
  }

  Message.Refuse message() {
    return new Message.Refuse(code, text());
  }
}
