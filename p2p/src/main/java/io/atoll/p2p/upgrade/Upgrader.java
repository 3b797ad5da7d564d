package io.atoll.p2p.upgrade;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.muxer.Muxer;
import io.atoll.p2p.negotiate.Multistream;
import io.atoll.p2p.negotiate.ProtocolRefused;
import io.atoll.p2p.pnet.NetworkKey;
import io.atoll.p2p.security.SecureChannel;
import io.atoll.p2p.security.Security;
import io.atoll.p2p.transport.Admission;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.HandshakeFailure;
import io.atoll.p2p.transport.NotAdmitted;
import io.atoll.p2p.transport.Role;
import io.atoll.p2p.transport.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketException;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Upgrades wires of any transport that has neither security nor streams of its own. Blocking: the
/// caller sets the limit in time, and closes the wire when this throws.
public final class Upgrader {
  private final List<Security> securities;
  private final Muxer muxer;
  private final Admission admission;
  private final @Nullable NetworkKey network;

  public Upgrader(Security security, Muxer muxer) {
    this(security, muxer, Admission.everybody());
  }

  public Upgrader(Security security, Muxer muxer, Admission admission) {
    this(List.of(security), muxer, admission, null);
  }

  /// @param securities most wanted first
  public Upgrader(List<Security> securities, Muxer muxer) {
    this(securities, muxer, Admission.everybody(), null);
  }

  /// @param securities most wanted first
  /// @param network whose members alone are understood; null outside of one
  public Upgrader(
      List<Security> securities, Muxer muxer, Admission admission, @Nullable NetworkKey network) {
    if (securities.isEmpty()) {
      throw new IllegalArgumentException("an upgrader needs a security");
    }
    this.securities = List.copyOf(securities);
    this.muxer = muxer;
    this.admission = admission;
    this.network = network;
  }

  /// Whether to begin at all with whoever called from there.
  public boolean accepts(Multiaddr remote) {
    return admission.accepts(remote);
  }

  /// A handshake that somebody else wanted was not begun: there are too many.
  public void tooMany() {
    admission.failed(HandshakeFailure.TOO_MANY);
  }

  /// A handshake that somebody else began ended with this. Who was turned away is counted there.
  ///
  /// @param late whether its time was over
  public void failed(Exception failure, boolean late) {
    if (!(failure instanceof OutsideNetwork) && !(failure instanceof NotAdmitted)) {
      admission.failed(HandshakeFailure.of(failure, late));
    }
  }

  /// A wire that was dialled, and where from and where to.
  public record Dialled(Wire wire, Multiaddr local, Multiaddr remote) {}

  /// Dials once for each security that has to be tried; closes what it opened before.
  @FunctionalInterface
  public interface Dial {
    Dialled open() throws IOException;
  }

  /// Upgrades as the one who dialled. The security most wanted is proposed together with its first
  /// message, which saves a round trip with everybody who speaks it; that message makes no sense to
  /// who does not, so the next security is proposed on a fresh wire.
  public Connection dial(Dial dial, PeerId expected) throws IOException {
    for (Iterator<Security> untried = securities.iterator(); ; ) {
      Security security = untried.next();
      Dialled dialled = dial.open();
      try {
        Wire wire = proposed(inNetwork(dialled.wire()), security.protocol());
        return secured(security, wire, Role.INITIATOR, expected, dialled.local(), dialled.remote());
      } catch (OutsideNetwork e) {
        admission.outside(dialled.remote());
        throw e;
      } catch (ProtocolRefused | SocketException e) {
        // A reset may overtake the refusal.
        if (!untried.hasNext()) {
          throw network != null && e instanceof SocketException ? OutsideNetwork.hungUp() : e;
        }
      }
    }
  }

  /// Upgrades one wire that cannot be dialled again, in either role.
  ///
  /// @param expected who must be at the other end; null where anybody may be
  public Connection upgrade(
      Wire bare, Role role, @Nullable PeerId expected, Multiaddr local, Multiaddr remote)
      throws IOException {
    Wire wire = inNetwork(bare);
    String agreed;
    try {
      agreed =
          switch (role) {
            case INITIATOR -> Multistream.propose(wire.in(), wire.out(), protocols());
            case RESPONDER -> Multistream.answer(wire.in(), wire.out(), protocols()::contains);
          };
    } catch (OutsideNetwork e) {
      admission.outside(remote);
      throw e;
    }
    Security security =
        securities.stream()
            .filter(each -> each.protocol().equals(agreed))
            .findFirst()
            .orElseThrow();
    return secured(security, wire, role, expected, local, remote);
  }

  private Wire inNetwork(Wire wire) {
    return network == null ? wire : new MembersOnly(network.protect(wire));
  }

  private List<String> protocols() {
    return securities.stream().map(Security::protocol).toList();
  }

  private Connection secured(
      Security security,
      Wire wire,
      Role role,
      @Nullable PeerId expected,
      Multiaddr local,
      Multiaddr remote)
      throws IOException {
    SecureChannel channel = security.secure(wire, role, expected, List.of(muxer.protocol()));
    if (!admission.admits(channel.remote(), role, remote)) {
      throw new NotAdmitted(channel.remote());
    }
    Wire muxed = channel;
    if (channel.muxer().isEmpty()) {
      switch (role) {
        case INITIATOR -> muxed = proposed(channel, muxer.protocol());
        case RESPONDER -> Multistream.answer(channel.in(), channel.out(), muxer.protocol()::equals);
      }
    }
    return new UpgradedConnection(
        channel.remote(), role, local, remote, security.protocol(), muxer.start(muxed, role));
  }

  /// The wire as it is once the other end agrees, for which nobody waits.
  private static Wire proposed(Wire wire, String protocol) throws IOException {
    return new Proposed(wire, Multistream.proposeLazily(wire.in(), wire.out(), protocol));
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
