package io.atoll.vpn.wireguard;

import io.atoll.vpn.wireguard.machine.HandshakeGuard;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// For which identity an initiation is: the message does not say, so the mac of each has to be
/// tried. Where the same sender had a session before, its identity is tried first and for free, so
/// that a flood that uses up all trials does not cost peers their sessions.
final class IdentitySearch {
  private static final int REMEMBERED = 4096;

  private final HandshakeGuard guard;
  private final Map<String, LocalIdentity> last =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, LocalIdentity> eldest) {
          return size() > REMEMBERED;
        }
      };

  IdentitySearch(HandshakeGuard guard) {
    this.guard = guard;
  }

  /// @param proved the sender has shown its cookie: then all are tried in any case
  @Nullable LocalIdentity find(
      long now, List<LocalIdentity> identities, byte[] message, byte[] source, boolean proved) {
    LocalIdentity likely = last.get(key(source));
    if (likely != null && likely.macs().mac1Fits(message)) {
      return likely;
    }
    if (identities.isEmpty() || (!guard.mayTry(now, identities.size()) && !proved)) {
      return null;
    }
    for (LocalIdentity identity : identities) {
      if (identity.macs().mac1Fits(message)) {
        return identity;
      }
    }
    return null;
  }

  /// A session was made with somebody there.
  void found(byte[] source, LocalIdentity identity) {
    last.put(key(source), identity);
  }

  void forget(LocalIdentity identity) {
    last.values().removeIf(identity::equals);
  }

  private static String key(byte[] source) {
    return new String(source, StandardCharsets.ISO_8859_1);
  }
}
