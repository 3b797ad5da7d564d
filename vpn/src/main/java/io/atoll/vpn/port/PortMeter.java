package io.atoll.vpn.port;

/// The counts of one port. Each half is written by one thread at a time and read by any.
final class PortMeter {
  private volatile long received;
  private volatile long receivedBytes;
  private volatile long receivedMalformed;
  private volatile long sent;
  private volatile long sentBytes;
  private volatile long sentMalformed;
  private volatile long sentRefused;
  private volatile long split;

  // One writer each: adding to a volatile field loses nothing.
  @SuppressWarnings("NonAtomicVolatileUpdate")
  void received(int entries, long bytes) {
    received += entries;
    receivedBytes += bytes;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate")
  void receivedMalformed(int entries) {
    receivedMalformed += entries;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate")
  void sent(int entries, long bytes) {
    sent += entries;
    sentBytes += bytes;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate")
  void sentMalformed(int entries) {
    sentMalformed += entries;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate")
  void sentRefused(int entries) {
    sentRefused += entries;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate")
  void split(int entries) {
    split += entries;
  }

  PortCounters counters() {
    return new PortCounters(
        received,
        receivedBytes,
        sent,
        sentBytes,
        receivedMalformed,
        sentMalformed,
        sentRefused,
        split);
  }
}
