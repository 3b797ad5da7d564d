package io.atoll.daemon;

import static io.atoll.daemon.UpSettings.flag;
import static io.atoll.daemon.UpSettings.text;
import static io.atoll.daemon.UpSettings.wrong;

import io.atoll.client.config.Setting;
import io.atoll.client.config.Settings;
import io.atoll.core.error.AtollException;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Protocol;
import io.atoll.daemon.peers.NetworkSettings;
import io.atoll.daemon.peers.Profile;
import io.atoll.daemon.peers.Surroundings;
import io.atoll.p2p.filter.PeerFilter;
import io.atoll.p2p.pnet.NetworkKey;
import io.atoll.p2p.transport.HostLookup;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// How a daemon meets its peers: as said by flag, environment and file.
final class PeerSettings {
  private static final String DEFAULT = "/ip4/0.0.0.0/tcp/7464";

  /// The same port number, by QUIC.
  private static final String DEFAULT_QUIC = "/ip4/0.0.0.0/udp/7464/quic-v1";

  private static final String QUIC = "/quic-v1";

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
      Setting.of(
          "p2p.advertise",
          "true",
          "tell peers what this provider offers, of this hub, and how far they are");
  static final Setting HANDSHAKES =
      Setting.of(
          "p2p.max-handshakes", "", "peers kept that were discovered; by default 100,16,1000");

  static final Setting SWARM_KEY =
      Setting.of(
          "p2p.swarm-key",
          "",
          "file with the key of a private network: peers without it are refused");
  static final Setting MDNS =
      Setting.of(
          "p2p.mdns",
          "",
          "look for peers on this network; by default unless p2p.profile is server");
  static final Setting PORTMAP =
      Setting.of("p2p.portmap", "", "ask the gateway to let peers in; by default as p2p.mdns is");
  static final Setting FILTER =
      Setting.of(
          "p2p.filter", "", "which peers discovery keeps, such as rtt<50ms and cpu>=4; none = all");

  static final List<Setting> ALL =
      List.of(
          LISTEN,
          PROFILE,
          BOOTSTRAP,
          RENDEZVOUS,
          SERVER,
          BENCH,
          ADVERTISE,
          HANDSHAKES,
          SWARM_KEY,
          MDNS,
          PORTMAP,
          FILTER);

  private PeerSettings() {}

  static NetworkSettings of(Settings said) {
    Profile profile = profile(said);
    boolean chosen =
        said.find(LISTEN).map(found -> found.layer() != Settings.Layer.DEFAULT).orElse(false);
    Optional<NetworkKey> key = SwarmKeyFile.read(said, SWARM_KEY);
    List<String> listen = listen(said);
    if (key.isPresent() && listen.stream().anyMatch(address -> address.endsWith(QUIC))) {
      throw wrong(
          said, LISTEN, "leave QUIC out: a private network (" + SWARM_KEY.name() + ") is TCP only");
    }
    return new NetworkSettings(
        profile,
        listen,
        chosen || key.isPresent() ? List.of() : List.of(DEFAULT_QUIC),
        bootstrap(said),
        rendezvous(said),
        flag(said, SERVER),
        flag(said, BENCH),
        flag(said, ADVERTISE),
        handshakes(said, profile),
        Surroundings.used(atHome(said, MDNS, profile), atHome(said, PORTMAP, profile)),
        key,
        wanted(said));
  }

  private static boolean atHome(Settings said, Setting setting, Profile profile) {
    return text(said, setting).isEmpty() ? profile != Profile.SERVER : flag(said, setting);
  }

  private static PeerFilter wanted(Settings said) {
    try {
      return PeerFilter.parse(text(said, FILTER));
    } catch (AtollException e) {
      throw new AtollException(e.code(), FILTER.name() + ": " + e.text(), e.hint(), e);
    }
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
