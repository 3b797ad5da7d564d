package io.atoll.vpn.port;

/// A port that counts.
public interface Counted {
  PortCounters counters();
}
