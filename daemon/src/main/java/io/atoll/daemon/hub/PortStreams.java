package io.atoll.daemon.hub;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.exec.ExecFrame;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Port;
import io.atoll.core.term.RunId;
import io.atoll.market.activity.ActivityProtocol;
import io.atoll.market.activity.PortOpen;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.transport.Deadline;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;

/// Opens streams to published ports of runs, at their nodes.
final class PortStreams {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Host host;

  PortStreams(Host host) {
    this.host = host;
  }

  /// @throws IOException if the node does not answer, or says no
  Stream open(PeerId node, RunId run, Port port) throws IOException, InterruptedException {
    Stream stream = host.open(node, ActivityProtocol.PORT);
    try (Deadline _ = new Deadline(PATIENCE, stream::reset)) {
      new PortOpen(run, port).write(new DataOutputStream(stream.out()));
      ExecFrame answer = ExecFrame.read(new DataInputStream(stream.in()));
      if (answer instanceof ExecFrame.Failed(String code, String message, String hint)) {
        throw new IOException(
            message, new AtollException(ErrorCode.UNREACHABLE, code + ": " + message, hint));
      }
      return stream;
    } catch (IOException | RuntimeException e) {
      stream.reset();
      throw e;
    }
  }
}
