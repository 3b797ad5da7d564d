package io.atoll.vpn.wireguard;

import io.atoll.core.term.Cidr;
import io.atoll.vpn.wireguard.crypto.PresharedKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import java.time.Duration;
import java.util.List;

/// What one has to know of a peer.
///
/// @param allowedIps what it may send from, and gets what is sent to
/// @param keepalive how often it hears something in any case; zero for never
public record PeerSettings(
    PublicKey publicKey, PresharedKey preshared, List<Cidr> allowedIps, Duration keepalive) {
  public PeerSettings {
    allowedIps = List.copyOf(allowedIps);
    if (keepalive.isNegative() || keepalive.compareTo(Duration.ofSeconds(65_535)) > 0) {
      throw new IllegalArgumentException("a keepalive every " + keepalive + " is not possible");
    }
  }

  public static PeerSettings of(PublicKey publicKey, List<Cidr> allowedIps) {
    return new PeerSettings(publicKey, PresharedKey.NONE, allowedIps, Duration.ZERO);
  }
}
