package io.atoll.daemon.provider;

import io.atoll.core.term.MacAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.daemon.network.NetworkDesk;
import io.atoll.daemon.network.NetworkDesk.Known;
import io.atoll.market.activity.NetworkSeat;
import io.atoll.market.activity.Order;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.NetworkCard;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Network;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/// Puts runs into the private networks of their orders: what their payloads find inside follows
/// from who their members are.
final class RunNetworks {
  /// Of an address of Ethernet that somebody made up: for one card, and administered locally.
  private static final int MADE_UP = 0x02;

  private final NetworkDesk desk;

  RunNetworks(NetworkDesk desk) {
    this.desk = desk;
  }

  /// One for each network of the order that this node knows, in their order. What is for none of
  /// them leaves by the first that lets anything out, if one does.
  List<NetworkCard> cards(Order order) {
    List<NetworkCard> cards = new ArrayList<>();
    boolean out = false;
    for (NetworkSeat seat : order.seats()) {
      Known known = desk.known(seat.network());
      Member member =
          known == null ? null : known.membership().members().get(order.run().toString());
      if (known != null && member != null) {
        boolean leaves = !out && desk.leaves(seat.network());
        out |= leaves;
        cards.add(card("net" + cards.size(), known, member).leaving(leaves));
      }
    }
    return cards;
  }

  private static NetworkCard card(String device, Known known, Member member) {
    Network network = known.membership().network();
    return new NetworkCard(
        network.id(),
        device,
        mac(network.id(), member.id()),
        member.v4(),
        network.v4().bits(),
        member.v6(),
        network.v6().bits(),
        network.gateway4(),
        network.gateway6(),
        known.mtu(),
        network.name() + ".internal",
        member.name());
  }

  /// The same for the same member, also after a restart of the daemon.
  private static MacAddress mac(NetworkId network, String member) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest((network + " " + member).getBytes(StandardCharsets.UTF_8));
      long bits = MADE_UP;
      for (int i = 0; i < 5; i++) {
        bits = (bits << 8) | (digest[i] & 0xff);
      }
      return new MacAddress(bits);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  Cables cables(ActivitySpec spec) {
    return spec.cards().isEmpty() ? Cables.NONE : new RunCables(desk, spec);
  }
}
