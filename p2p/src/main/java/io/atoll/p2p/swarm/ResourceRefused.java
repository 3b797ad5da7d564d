package io.atoll.p2p.swarm;

import java.io.IOException;

/// A limit does not allow it; the message names the limit.
public final class ResourceRefused extends IOException {
  ResourceRefused(String message) {
    super(message);
  }
}
