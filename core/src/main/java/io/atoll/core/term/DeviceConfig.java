package io.atoll.core.term;

import java.util.List;
import java.util.stream.Collectors;

/// What a stock WireGuard client needs to join a network, as all of them read it (wg-quick(8)).
/// Keys are base64, as `wg` prints them. It holds the device's private key: it prints only as the
/// configuration itself.
///
/// @param privateKey the device's own
/// @param addresses of the device, inside
/// @param resolver who knows the names inside: the network's switch
/// @param publicKey the door's
/// @param endpoint where the door is, `host:port`
/// @param allowed the network's blocks, and nothing else
public record DeviceConfig(
    String privateKey,
    List<IpAddress> addresses,
    List<IpAddress> resolver,
    String domain,
    int mtu,
    String publicKey,
    String presharedKey,
    String endpoint,
    List<Cidr> allowed) {
  /// Gateways of homes and of telephone networks forget after 30 seconds and more.
  private static final int KEEPALIVE_SECONDS = 25;

  public DeviceConfig {
    addresses = List.copyOf(addresses);
    resolver = List.copyOf(resolver);
    allowed = List.copyOf(allowed);
    for (String key : List.of(privateKey, publicKey, presharedKey)) {
      if (!key.matches("[A-Za-z0-9+/]{43}=")) {
        throw new IllegalArgumentException("a key of WireGuard has 44 characters of base64");
      }
    }
    if (!endpoint.matches("[A-Za-z0-9.:\\[\\]-]+:[0-9]{1,5}") || !domain.matches("[a-z0-9.-]+")) {
      throw new IllegalArgumentException("not where a device can go: " + endpoint + ", " + domain);
    }
  }

  /// The configuration, for a file or a QR code.
  public String text() {
    return """
        [Interface]
        PrivateKey = %s
        Address = %s
        DNS = %s, %s
        MTU = %d

        [Peer]
        PublicKey = %s
        PresharedKey = %s
        AllowedIPs = %s
        Endpoint = %s
        PersistentKeepalive = %d
        """
        .formatted(
            privateKey,
            joined(addresses.stream().map(own -> own + "/" + own.width()).toList()),
            joined(resolver),
            domain,
            mtu,
            publicKey,
            presharedKey,
            joined(allowed),
            endpoint,
            KEEPALIVE_SECONDS);
  }

  private static String joined(List<?> parts) {
    return parts.stream().map(Object::toString).collect(Collectors.joining(", "));
  }

  @Override
  public String toString() {
    return "DeviceConfig[" + addresses + " by " + endpoint + "]";
  }
}
