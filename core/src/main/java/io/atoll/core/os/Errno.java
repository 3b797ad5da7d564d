package io.atoll.core.os;

import java.io.IOException;

/// The numbers by which the system says why a call failed, as far as callers tell them apart. The
/// calls that data goes through return them negative, so that nothing is made for what is ordinary.
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int EINTR = Libc.EINTR;
  public static final int EIO = 5;
  public static final int EAGAIN = 11;
  public static final int EINVAL = 22;
  public static final int ENOSYS = 38;
  public static final int EBADFD = 77;
  public static final int EMSGSIZE = 90;
  public static final int EOPNOTSUPP = 95;
  public static final int ENETDOWN = 100;
  public static final int ENOBUFS = 105;
  public static final int ECONNREFUSED = 111;

  private Errno() {}

  /// @param what was tried, and on what
  public static IOException error(String what, int errno) {
    return Libc.error(what, errno);
  }
}
