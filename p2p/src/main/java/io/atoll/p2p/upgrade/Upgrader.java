package io.atoll.p2p.upgrade;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.muxer.Muxer;
import io.atoll.p2p.negotiate.Multistream;
import io.atoll.p2p.security.SecureChannel;
import io.atoll.p2p.security.Security;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Role;
import io.atoll.p2p.transport.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Upgrades wires of any transport that has neither security nor streams of its own. Blocking: the
/// caller sets the limit in time, and closes the wire when this throws.
public final class Upgrader {
  private final Security security;
  private final Muxer muxer;
  private final Admission admission;

  public Upgrader(Security security, Muxer muxer, Admission admission) {
    this.security = security;
    this.muxer = muxer;
    this.admission = admission;
  }

  /// Whether to begin at all with whoever called from there.
  public boolean accepts(Multiaddr remote) {
    return admission.accepts(remote);
  }

  /// @param expected who must be at the other end; null where anybody may be
  public Connection upgrade(
      Wire wire, Role role, @Nullable PeerId expected, Multiaddr local, Multiaddr remote)
      throws IOException {
    List<String> muxers = List.of(muxer.protocol());
    SecureChannel channel =
        security.secure(agreed(wire, role, security.protocol()), role, expected, muxers);
    if (!admission.admits(channel.remote(), role, remote)) {
      throw new IOException("peer " + channel.remote() + " is not admitted here");
    }
    Wire muxed = channel.muxer().isPresent() ? channel : agreed(channel, role, muxer.protocol());
    return new UpgradedConnection(channel.remote(), role, local, remote, muxer.start(muxed, role));
  }

  /// The wire as it is once both agreed on the only protocol there is; a dialler does not wait for
  /// the answer before it goes on.
  private static Wire agreed(Wire wire, Role role, String protocol) throws IOException {
    return switch (role) {
      case INITIATOR ->
          new Proposed(wire, Multistream.proposeLazily(wire.in(), wire.out(), protocol));
      case RESPONDER -> {
        Multistream.answer(wire.in(), wire.out(), protocol::equals);
        yield wire;
      }
    };
  }

  private record Proposed(Wire wire, InputStream in) implements Wire {
    @Override
    public OutputStream out() {
      return wire.out();
    }

    @Override
    public void close() {
      wire.close();
    }
  }
}
