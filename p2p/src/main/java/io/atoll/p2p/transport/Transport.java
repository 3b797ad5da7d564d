package io.atoll.p2p.transport;

import io.atoll.core.multiformat.Multiaddr;
import java.io.IOException;

/// One way to reach peers. Blocking; cancelled by interrupt.
public interface Transport {
  boolean handles(Multiaddr address);

  Connection dial(Multiaddr address, DialOptions options)
      throws DialException, InterruptedException;

  Listener listen(Multiaddr address) throws IOException;
}
