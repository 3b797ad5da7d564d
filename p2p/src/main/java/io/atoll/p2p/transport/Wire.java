package io.atoll.p2p.transport;

import java.io.InputStream;
import java.io.OutputStream;

/// Bytes both ways, in order. One thread may read while another writes. Closing it from any thread
/// wakes both with an `IOException`.
public interface Wire extends AutoCloseable {
  InputStream in();

  OutputStream out();

  @Override
  void close();
}
