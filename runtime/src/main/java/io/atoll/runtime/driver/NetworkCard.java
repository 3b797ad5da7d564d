package io.atoll.runtime.driver;

import io.atoll.core.term.IpAddress;
import io.atoll.core.term.MacAddress;
import io.atoll.core.term.NetworkId;
import java.util.Objects;
import java.util.regex.Pattern;

/// What a payload finds inside for one network: an interface that is up, with its addresses, its
/// routes and its name server, from the first instruction on. Besides these and the loopback there
/// is none.
///
/// @param network which one, for this machine; the payload never sees it
/// @param device the interface's name inside, such as `net0`
/// @param mac where the card is one of Ethernet, as in guests
/// @param v4 its address; the block's length is `v4Bits`
/// @param gateway4 the switch, which is also the name server
/// @param mtu the longest packet of IP
/// @param domain in which the names of the members are, such as `mynet.internal`
/// @param name what the payload is called in it
/// @param leaves whether what is for none of its blocks goes to the gateways; else the payload has
///     no route for it
public record NetworkCard(
    NetworkId network,
    String device,
    MacAddress mac,
    IpAddress v4,
    int v4Bits,
    IpAddress v6,
    int v6Bits,
    IpAddress gateway4,
    IpAddress gateway6,
    int mtu,
    String domain,
    String name,
    boolean leaves) {
  private static final Pattern WORD =
      Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?");

  /// IFNAMSIZ, without the zero.
  private static final int LONGEST_DEVICE = 15;

  /// What a kernel takes as its host name.
  private static final int LONGEST_NAME = 64;

  /// What IPv6 asks of every link (RFC 8200 §5).
  private static final int SMALLEST_MTU = 1280;

  public NetworkCard {
    Objects.requireNonNull(network, "network");
    Objects.requireNonNull(mac, "mac");
    if (!device.matches("[a-z][a-z0-9]*") || device.length() > LONGEST_DEVICE) {
      throw new IllegalArgumentException("not the name of an interface: " + device);
    }
    if (!v4.isV4() || v6.isV4() || !gateway4.isV4() || gateway6.isV4()) {
      throw new IllegalArgumentException("a card has addresses of IPv4 and of IPv6");
    }
    if (mtu < SMALLEST_MTU || mtu > 65_535) {
      throw new IllegalArgumentException("an MTU of " + mtu + ": expected 1280 to 65535");
    }
    if (v4Bits < 1 || v4Bits > 32 || v6Bits < 1 || v6Bits > 128) {
      throw new IllegalArgumentException("no block of addresses: /" + v4Bits + " and /" + v6Bits);
    }
    // They go into files that the payload's libraries read, a line a word.
    if (!WORD.matcher(domain).matches()
        || !WORD.matcher(name).matches()
        || name.length() > LONGEST_NAME) {
      throw new IllegalArgumentException("not a name: '" + name + "' in '" + domain + "'");
    }
  }

  /// A card whose payload reaches its network and nothing else.
  public NetworkCard(
      NetworkId network,
      String device,
      MacAddress mac,
      IpAddress v4,
      int v4Bits,
      IpAddress v6,
      int v6Bits,
      IpAddress gateway4,
      IpAddress gateway6,
      int mtu,
      String domain,
      String name) {
    this(
        network, device, mac, v4, v4Bits, v6, v6Bits, gateway4, gateway6, mtu, domain, name, false);
  }

  /// The same card with other addresses.
  public NetworkCard at(IpAddress newV4, IpAddress newV6) {
    return new NetworkCard(
        network, device, mac, newV4, v4Bits, newV6, v6Bits, gateway4, gateway6, mtu, domain, name,
        leaves);
  }

  /// The same card, with a way out of its network or without.
  public NetworkCard leaving(boolean now) {
    return new NetworkCard(
        network, device, mac, v4, v4Bits, v6, v6Bits, gateway4, gateway6, mtu, domain, name, now);
  }
}
