package io.atoll.client.gate;

/// Something that is open on this machine and leads into a network, until it is closed.
public interface Opening extends AutoCloseable {
  /// Where, as `HOST:PORT`, with the port that was bound.
  String address();

  @Override
  void close();
}
