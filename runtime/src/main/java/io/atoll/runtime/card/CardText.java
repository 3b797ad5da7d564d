package io.atoll.runtime.card;

import io.atoll.runtime.driver.NetworkCard;
import java.util.ArrayList;
import java.util.List;

/// What is written about cards: for whoever makes them, and for the payload that has them.
public final class CardText {
  /// As many as a libc asks.
  private static final int NAME_SERVERS = 3;

  private CardText() {}

  /// As `supervisor/cards.h` reads it.
  public static String word(NetworkCard card) {
    return String.join(
        " ",
        card.network().text(),
        card.device(),
        String.valueOf(card.mtu()),
        card.v4() + "/" + card.v4Bits(),
        card.v6() + "/" + card.v6Bits(),
        card.gateway4().toString(),
        card.gateway6().toString(),
        card.leaves() ? "1" : "0");
  }

  /// The payload's `/etc/resolv.conf`: the switch of each network, of the first network first.
  public static String resolver(List<NetworkCard> cards) {
    List<String> domains = new ArrayList<>();
    List<String> servers = new ArrayList<>();
    for (NetworkCard card : cards) {
      domains.add(card.domain());
      servers.add("nameserver " + card.gateway4() + "\n");
    }
    cards.forEach(card -> servers.add("nameserver " + card.gateway6() + "\n"));
    return "search "
        + String.join(" ", domains)
        + "\n"
        + String.join("", servers.subList(0, Math.min(servers.size(), NAME_SERVERS)));
  }
}
