package io.atoll.runtime.guest;

import io.atoll.core.exec.ExecEnd;
import io.atoll.core.exec.ExecFrame;
import io.atoll.core.exec.ExecLine;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;

/// A line to a session whose guest has ended, and which could not tell how its command did: that
/// was killed with the guest, if it had not ended before.
final class EndedLine implements ExecLine {
  private static final ExecFrame END =
      new ExecFrame.Ended(
          new ExecEnd(
              ExecEnd.Cause.SIGNALED,
              9,
              137,
              "its guest ended, and the last of its output may be missing"));

  private final InputStream in = new ByteArrayInputStream(ExecFrame.bytes(END));

  @Override
  public InputStream in() {
    return in;
  }

  @Override
  public OutputStream out() {
    return OutputStream.nullOutputStream();
  }

  @Override
  public void close() {}
}
