package io.atoll.daemon.hub;

/// A published port of a run that opens here, until it is closed.
interface PortDoor extends AutoCloseable {
  /// The port of this machine.
  int port();

  @Override
  void close();
}
