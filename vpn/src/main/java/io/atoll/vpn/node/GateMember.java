package io.atoll.vpn.node;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.IpAddress;
import io.atoll.vpn.gateway.Gate;
import io.atoll.vpn.gateway.StackSettings;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.network.RouteTable;
import io.atoll.vpn.port.Link;
import io.atoll.vpn.port.MemoryPort;
import io.atoll.vpn.port.Offload;
import io.atoll.vpn.vswitch.VirtualSwitch;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Attaches a gate to a network as one of its members on this node.
public final class GateMember {
  private GateMember() {}

  /// Opens a gate. It has the addresses that the member has now; once those change, it is to be
  /// closed, detached and opened again.
  ///
  /// @param member on this node; detaching it ends the gate's part in the network
  public static Gate open(VirtualSwitch vswitch, Member member, int mtu) {
    MemoryPort.Pair pair = MemoryPort.pair(Link.IP, mtu, Set.of(Offload.values()));
    StackSettings settings =
        StackSettings.usual(
            (Inet4Address) member.v4().toInet(), (Inet6Address) member.v6().toInet(), mtu);
    Gate gate = Gate.open(settings, pair.other(), host -> find(vswitch.table(), host));
    vswitch.attach(member, pair.one(), null);
    return gate;
  }

  /// The addresses of a host as members of the network know it.
  static List<InetAddress> find(RouteTable table, String host) {
    IpAddress literal = literal(host);
    if (literal != null) {
      return List.of(known(table, literal));
    }
    Network network = table.membership().network();
    String name = host.toLowerCase(Locale.ROOT);
    name = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    String domain = "." + network.name() + ".internal";
    String label =
        name.endsWith(domain) ? name.substring(0, name.length() - domain.length()) : name;
    if (label.equals("gateway")) {
      return List.of(network.gateway4().toInet(), network.gateway6().toInet());
    }
    // Each of several is first now and then; what both ends are sure to speak comes first.
    List<Member> members = new ArrayList<>(table.named(label));
    Collections.shuffle(members);
    List<InetAddress> addresses = new ArrayList<>();
    members.forEach(member -> addresses.add(member.v4().toInet()));
    members.forEach(member -> addresses.add(member.v6().toInet()));
    if (addresses.isEmpty()) {
      throw new AtollException(
          ErrorCode.NOT_FOUND,
          "network " + network.name() + " has no member named " + shown(host),
          "`atoll net members " + network.name() + "` lists them");
    }
    return addresses;
  }

  /// Names go back to whoever sent them, and into logs.
  private static String shown(String host) {
    String plain = host.codePoints().allMatch(c -> c > ' ' && c < 0x7f) ? host : "such";
    return plain.length() > 80 ? plain.substring(0, 80) + "…" : plain;
  }

  private static @Nullable IpAddress literal(String host) {
    String text =
        host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    if (text.isEmpty() || (text.indexOf(':') < 0 && Character.digit(text.charAt(0), 10) < 0)) {
      return null;
    }
    try {
      return IpAddress.parse(text);
    } catch (IllegalArgumentException e) {
      return null; // A label may begin with a digit.
    }
  }

  private static InetAddress known(RouteTable table, IpAddress address) {
    int found = table.find(address);
    if (found >= 0 || found == RouteTable.GATEWAY) {
      return address.toInet();
    }
    Network network = table.membership().network();
    throw switch (found) {
      case RouteTable.NOBODY ->
          new AtollException(
              ErrorCode.GATEWAY_UNREACHABLE,
              "no member of network " + network.name() + " has the address " + address,
              "`atoll net members " + network.name() + "` lists them");
      case RouteTable.EVERYBODY ->
          new AtollException(
              ErrorCode.BAD_REQUEST,
              address + " is everybody's address in network " + network.name(),
              "write the name or the address of one member");
      default ->
          new AtollException(
              ErrorCode.DENIED,
              address + " is not in network " + network.name() + ", which is " + network.v4(),
              "this way leads to members of the network only");
    };
  }
}
