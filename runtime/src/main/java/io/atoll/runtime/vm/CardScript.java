package io.atoll.runtime.vm;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.term.IpAddress;
import io.atoll.runtime.driver.NetworkCard;
import io.atoll.runtime.guest.GuestCards;

/// What a machine's networks are, as a script for its systemd-networkd: static addresses, so that
/// they are there before the payload begins, and change when they are told to. It may be run again
/// with other addresses, and it is run again after each boot of the machine itself.
///
/// A machine without systemd-networkd has what cloud-init makes of its seed: the switch's DHCP,
/// which a change reaches when the lease is renewed.
final class CardScript {
  private CardScript() {}

  private static final String ONLY =
      """
      set -eu
      umask 022
      systemctl is-enabled --quiet systemd-networkd || exit 0
      """;

  /// Before the cards are there: nothing else ever takes hold of them then.
  static byte[] files(GuestCards cards) {
    return (ONLY + words(cards) + "networkctl reload\n").getBytes(UTF_8);
  }

  /// Once they are there, or will be in a moment; returns when they are as they should be.
  static byte[] settled(GuestCards cards) {
    StringBuilder script = new StringBuilder(ONLY);
    for (NetworkCard card : cards.cards()) {
      script.append(
          WAIT.replace("@MAC@", card.mac().toString())
              .replace("@DEVICE@", card.device())
              .replace("@V4@", text(card.v4(), card.v4Bits()))
              .replace("@V6@", text(card.v6(), card.v6Bits())));
    }
    return script.toString().getBytes(UTF_8);
  }

  /// Both, for cards that are there.
  static byte[] whole(GuestCards cards) {
    return (new String(files(cards), UTF_8) + new String(settled(cards), UTF_8)).getBytes(UTF_8);
  }

  /// The same as a hook, early in each boot. It waits for nothing: neither networkd nor the bus
  /// need to be there yet, nor come before it has ended.
  static byte[] hook(GuestCards cards) {
    StringBuilder script = new StringBuilder("#!/bin/sh\n" + ONLY + words(cards));
    script.append("cat >").append(SETTLED).append(" <<'SETTLED'\n");
    script.append(new String(settled(cards), UTF_8)).append("SETTLED\n");
    return script.append(START).toString().getBytes(UTF_8);
  }

  /// Where a machine that boots has what waits for its cards, as one word for a shell.
  static final String SETTLED = "/run/atoll-networks";

  private static final String START =
      """
      systemctl --no-block try-restart systemd-networkd
      systemd-run --quiet --collect --no-block --unit=atoll-networks \\
        --property=DefaultDependencies=no /bin/sh @SETTLED@
      """
          .replace("@SETTLED@", SETTLED);

  private static String text(IpAddress address, int bits) {
    return address + "/" + bits;
  }

  private static String words(GuestCards cards) {
    StringBuilder script = new StringBuilder("mkdir -p /etc/systemd/network\n");
    StringBuilder hosts = new StringBuilder(BEGIN + "\n");
    boolean first = true;
    for (NetworkCard card : cards.cards()) {
      String to = ">/etc/systemd/network/05-" + card.device();
      String match = "[Match]\nMACAddress=" + card.mac() + "\n";
      file(
          script,
          to + ".link",
          match + "[Link]\nName=" + card.device() + "\nMTUBytes=" + card.mtu() + "\n");
      file(script, to + ".network", match + network(card, first));
      String names = " " + card.name() + "." + card.domain() + " " + card.name() + "\n";
      hosts.append(card.v4()).append(names).append(card.v6()).append(names);
      first = false;
    }
    script.append("touch /etc/hosts\nsed -i '/^" + BEGIN + "$/,/^" + END + "$/d' /etc/hosts\n");
    file(script, ">>/etc/hosts", hosts.append(END).append('\n').toString());
    return script.toString();
  }

  /// Between them are our lines; the others are not ours to change.
  private static final String BEGIN = "# networks";

  private static final String END = "# end of networks";

  private static void file(StringBuilder script, String to, String content) {
    script.append("cat ").append(to).append(" <<'END'\n").append(content).append("END\n");
  }

  private static String network(NetworkCard card, boolean first) {
    StringBuilder words = new StringBuilder("[Link]\nMTUBytes=" + card.mtu() + "\n[Network]\n");
    words.append("Address=").append(text(card.v4(), card.v4Bits())).append('\n');
    words.append("Address=").append(text(card.v6(), card.v6Bits())).append('\n');
    if (card.leaves()) {
      words.append("Gateway=").append(card.gateway4()).append('\n');
      words.append("Gateway=").append(card.gateway6()).append('\n');
    }
    words.append("DNS=").append(card.gateway4()).append("\nDNS=").append(card.gateway6());
    words.append("\nDomains=").append(card.domain()).append('\n');
    words.append("DHCP=no\nIPv6AcceptRA=no\nLinkLocalAddressing=no\n");
    words.append("IPv6DuplicateAddressDetection=0\n");
    if (first) {
      words.append("[Route]\nDestination=224.0.0.0/4\nScope=link\n");
    }
    return words.toString();
  }

  private static final String WAIT =
      """
      n=0
      while :; do
        for at in /sys/class/net/*; do
          [ "$(cat "$at/address")" = @MAC@ ] || continue
          name=${at##*/}
          # udev may do the same just now, and then the old name is gone.
          [ "$name" = @DEVICE@ ] || {
            ip link set "$name" down && ip link set "$name" name @DEVICE@ &&
              ip link set @DEVICE@ up
          } 2>/dev/null || continue
        done
        has=$(ip -o addr show dev @DEVICE@ 2>/dev/null || true)
        case $has in *tentative*) ;; *" @V4@ "*" @V6@ "*) break ;; esac
        n=$((n + 1))
        [ $n -lt 300 ] || exit 3
        sleep 0.1
      done
      """;
}
