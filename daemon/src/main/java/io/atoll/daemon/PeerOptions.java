package io.atoll.daemon;

import io.atoll.client.config.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How a daemon meets its peers, as options of `up`.
final class PeerOptions {
  @Option(
      names = {"--listen", "--p2p-listen"},
      paramLabel = "MULTIADDR",
      description =
          "Where peers reach this node: TCP, WebSocket or QUIC. May be given more than once. Default:"
              + " port 7464, TCP and, where this system has it, QUIC.")
  List<String> listen = new ArrayList<>();

  @Option(
      names = "--p2p-bootstrap",
      paramLabel = "MULTIADDR",
      description = "A peer to stay connected to, with /p2p/ID. May be given more than once.")
  List<String> bootstrap = new ArrayList<>();

  @Option(
      names = "--p2p-profile",
      paramLabel = "PROFILE",
      description =
          "home, mobile or server. Only a server neither dials private addresses nor tells of its own.")
  @Nullable String profile;

  @Option(
      names = "--p2p-rendezvous",
      paramLabel = "NAME",
      description = "Peers look for each other in the DHT by this name. Default: atoll.")
  @Nullable String rendezvous;

  @Option(
      names = "--p2p-server",
      description = "Serve other peers: the DHT, relayed connections, checks of reachability.")
  boolean server;

  @Option(
      names = "--p2p-bench",
      description = "Let peers measure the line to this node: `atoll p2p bench` there.")
  boolean bench;

  @Option(
      names = "--p2p-quiet",
      description = "Tell peers neither what this provider offers nor that this hub is there.")
  boolean quiet;

  @Option(
      names = "--p2p-max-handshakes",
      paramLabel = "N",
      description = "Discovered peers to keep. Default by profile: 100, 16 or 1000.")
  @Nullable String handshakes;

  /// What was given, by the names of the settings.
  void into(Map<String, String> flags) {
    put(flags, PeerSettings.LISTEN, listen.isEmpty() ? null : String.join(" ", listen));
    put(flags, PeerSettings.BOOTSTRAP, bootstrap.isEmpty() ? null : String.join(" ", bootstrap));
    put(flags, PeerSettings.PROFILE, profile);
    put(flags, PeerSettings.RENDEZVOUS, rendezvous);
    put(flags, PeerSettings.SERVER, server ? "true" : null);
    put(flags, PeerSettings.BENCH, bench ? "true" : null);
    put(flags, PeerSettings.ADVERTISE, quiet ? "false" : null);
    put(flags, PeerSettings.HANDSHAKES, handshakes);
  }

  private static void put(Map<String, String> flags, Setting setting, @Nullable String value) {
    if (value != null) {
      flags.put(setting.name(), value);
    }
  }
}
