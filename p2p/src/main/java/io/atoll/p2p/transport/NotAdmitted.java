package io.atoll.p2p.transport;

import io.atoll.core.identity.PeerId;
import java.io.IOException;

/// The remote has proven who it is, and may not come in.
public final class NotAdmitted extends IOException {
  public NotAdmitted(PeerId remote) {
    super("peer " + remote + " is not admitted here");
  }
}
