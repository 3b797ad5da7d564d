package io.atoll.daemon;

import static io.atoll.daemon.UpSettings.flag;
import static io.atoll.daemon.UpSettings.text;
import static io.atoll.daemon.UpSettings.wrong;

import io.atoll.client.config.Setting;
import io.atoll.client.config.Settings;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Protocol;
import io.atoll.daemon.peers.NetworkSettings;
import io.atoll.daemon.peers.Profile;
import io.atoll.p2p.transport.HostLookup;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// How a daemon meets its peers: as said by flag, environment and file.
final class PeerSettings {
  private static final String DEFAULT = "/ip4/0.0.0.0/tcp/7464";

  /// The same port number, by QUIC.
  private static final String DEFAULT_QUIC = "/ip4/0.0.0.0/udp/7464/quic-v1";

  private static final int MOST_HANDSHAKES = 100_000;

  static final Setting LISTEN =
      new Setting(
          "p2p.listen",
          List.of("ATOLL_P2P_LISTEN", "ATOLL_LISTEN"),
          DEFAULT,
          false,
          "addresses for peers, separated by spaces; unless it is said, UDP port 7464, too");

  static final Setting PROFILE =
      Setting.of("p2p.profile", "home", "home, mobile or server: how many peers, and where");
  static final Setting BOOTSTRAP =
      Setting.of(
          "p2p.bootstrap", "", "peers to stay connected to: addresses with /p2p/ID, and spaces");
  static final Setting RENDEZVOUS =
      Setting.of(
          "p2p.rendezvous", NetworkSettings.RENDEZVOUS, "peers look for each other by this name");
  static final Setting SERVER =
      Setting.of("p2p.server", "false", "serve other peers: DHT, relay, checks of reachability");
  static final Setting BENCH =
      Setting.of("p2p.bench", "false", "peers may measure the line to this node");
  static final Setting ADVERTISE =
      Setting.of("p2p.advertise", "true", "tell peers what this provider offers, and of this hub");
  static final Setting HANDSHAKES =
      Setting.of(
          "p2p.max-handshakes", "", "peers kept that were discovered; by default 100,16,1000");

  static final List<Setting> ALL =
      List.of(LISTEN, PROFILE, BOOTSTRAP, RENDEZVOUS, SERVER, BENCH, ADVERTISE, HANDSHAKES);

  private PeerSettings() {}

  static NetworkSettings of(Settings said) {
    Profile profile = profile(said);
    boolean chosen =
        said.find(LISTEN).map(found -> found.layer() != Settings.Layer.DEFAULT).orElse(false);
    return new NetworkSettings(
        profile,
        listen(said),
        chosen ? List.of() : List.of(DEFAULT_QUIC),
        bootstrap(said),
        rendezvous(said),
        flag(said, SERVER),
        flag(said, BENCH),
        flag(said, ADVERTISE),
        handshakes(said, profile));
  }

  private static Profile profile(Settings said) {
    for (Profile profile : Profile.values()) {
      if (profile.name().toLowerCase(Locale.ROOT).equals(text(said, PROFILE))) {
        return profile;
      }
    }
    throw wrong(said, PROFILE, "write home, mobile or server");
  }

  private static List<String> words(Settings said, Setting setting) {
    return List.of(text(said, setting).split("[ ,]+")).stream()
        .filter(word -> !word.isEmpty())
        .toList();
  }

  private static List<String> listen(Settings said) {
    List<String> addresses = words(said, LISTEN);
    if (addresses.isEmpty() || !addresses.stream().allMatch(PeerSettings::canListen)) {
      throw wrong(
          said,
          LISTEN,
          "write /ip4/ADDRESS/tcp/PORT or /ip6/ADDRESS/tcp/PORT, with /ws behind it for WebSocket,"
              + " or /ip4/ADDRESS/udp/PORT/quic-v1; port 0 = any free one; --listen may be repeated");
    }
    return addresses;
  }

  private static boolean canListen(String text) {
    try {
      List<Protocol> words =
          Multiaddr.parse(text).parts().stream().map(Multiaddr.Part::protocol).toList();
      boolean ip = words.getFirst() == Protocol.IP4 || words.getFirst() == Protocol.IP6;
      List<Protocol> rest = words.subList(1, words.size());
      return ip
          && (rest.equals(List.of(Protocol.TCP))
              || rest.equals(List.of(Protocol.TCP, Protocol.WS))
              || rest.equals(List.of(Protocol.UDP, Protocol.QUIC_V1)));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static List<Multiaddr> bootstrap(Settings said) {
    List<Multiaddr> peers = new ArrayList<>();
    for (String word : words(said, BOOTSTRAP)) {
      try {
        Multiaddr address = Multiaddr.parse(word);
        if (address.peer().isPresent()
            && address.parts().size() > 2
            && HostLookup.isHost(address.parts().getFirst().protocol())) {
          peers.add(address);
          continue;
        }
      } catch (IllegalArgumentException e) {
        // answered below, as what names no peer
      }
      throw wrong(
          said, BOOTSTRAP, "write the address and who is there: /ip4/ADDRESS/tcp/PORT/p2p/ID");
    }
    return peers;
  }

  private static String rendezvous(Settings said) {
    String name = text(said, RENDEZVOUS);
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,62}")) {
      throw wrong(said, RENDEZVOUS, "use up to 63 letters, digits, dots, hyphens and underscores");
    }
    return name;
  }

  private static int handshakes(Settings said, Profile profile) {
    String text = text(said, HANDSHAKES);
    if (text.isEmpty()) {
      return profile.handshakes();
    }
    try {
      int number = Integer.parseInt(text);
      if (number >= 1 && number <= MOST_HANDSHAKES) {
        return number;
      }
    } catch (NumberFormatException e) {
      // answered below, as what is out of range
    }
    throw wrong(said, HANDSHAKES, "write a whole number from 1 to " + MOST_HANDSHAKES);
  }
}
