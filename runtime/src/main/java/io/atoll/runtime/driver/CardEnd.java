package io.atoll.runtime.driver;

import io.atoll.core.os.Descriptor;
import java.nio.file.Path;

/// This machine's end of a payload's card.
public sealed interface CardEnd {
  /// A TUN device of the payload's namespace, that its supervisor opened and keeps; whoever got the
  /// descriptor closes it, and the device stays.
  record Device(Descriptor descriptor) implements CardEnd {}

  /// A pair of unix datagram sockets, one frame of Ethernet a datagram.
  ///
  /// @param here where this machine's end is to be bound; nobody has
  /// @param guest where the guest's card listens; it may not be there yet, or for a while
  record Frames(Path here, Path guest) implements CardEnd {}
}
