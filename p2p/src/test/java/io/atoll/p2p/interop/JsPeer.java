package io.atoll.p2p.interop;

import io.atoll.core.testing.NodePackages;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// js-libp2p in a process of its own, obeying commands (`src/test/js/*.mjs`).
final class JsPeer extends ObeyingProcess {
  JsPeer() throws IOException, InterruptedException {
    this("peer.mjs");
  }

  /// Obeying the commands of another script beside it.
  JsPeer(String script) throws IOException, InterruptedException {
    super("js peer", List.of("node", script), installed());
  }

  /// Where our own host listens, so that a peer with that stack can dial it.
  static String listenAddress(String stack) {
    return switch (stack.split("-")[0]) {
      case "tcp" -> "/ip4/127.0.0.1/tcp/0";
      case "ws" -> "/ip4/127.0.0.1/tcp/0/ws";
      case "quic" -> "/ip4/127.0.0.1/udp/0/quic-v1";
      default -> throw new IllegalArgumentException("no stack is called " + stack);
    };
  }

  private static Path installed() throws IOException, InterruptedException {
    install();
    return NodePackages.BUILT;
  }

  static void install() throws IOException, InterruptedException {
    // Not `npm ci`: it wants native parts of other platforms in the lock, which are not installed.
    NodePackages.install(
        "js-libp2p needs Node 20 or newer with npm (apt: nodejs npm)", "install", "--no-save");
  }
}
