package io.atoll.vpn.wireguard;

import java.time.Instant;

/// The two clocks, apart: packets need only the first, and no garbage.
public interface EngineClock {
  EngineClock SYSTEM =
      new EngineClock() {
        @Override
        public long nanos() {
          return System.nanoTime();
        }

        @Override
        public Instant wall() {
          return Instant.now();
        }
      };

  /// Only grows; compared with itself alone.
  long nanos();

  /// May jump.
  Instant wall();
}
