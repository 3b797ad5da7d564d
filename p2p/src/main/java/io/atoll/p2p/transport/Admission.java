package io.atoll.p2p.transport;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;

/// Who may go on with a handshake. Asked on its way, so that who may not costs no more than that.
public interface Admission {
  /// Before anything is exchanged with whoever called from there.
  boolean accepts(Multiaddr address);

  /// Once the remote has proven its id, before streams are agreed on.
  boolean admits(PeerId remote, Role role, Multiaddr address);

  /// Whoever is there does not have the key of this private network; its handshake has ended.
  default void outside(Multiaddr address) {}

  /// A handshake that somebody else began has failed otherwise.
  default void failed(HandshakeFailure failure) {}

  static Admission everybody() {
    return new Admission() {
      @Override
      public boolean accepts(Multiaddr address) {
        return true;
      }

      @Override
      public boolean admits(PeerId remote, Role role, Multiaddr address) {
        return true;
      }
    };
  }
}
