package io.atoll.core.exec;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// One connection of a conversation. One thread may read while another writes; after `close` both
/// fail.
public interface ExecLine extends AutoCloseable {
  InputStream in() throws IOException;

  OutputStream out() throws IOException;

  @Override
  void close();
}
