package io.atoll.daemon.doctor;

import io.atoll.core.identity.Identity;
import io.atoll.daemon.journal.Agreement;
import io.atoll.daemon.journal.FileJournal;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.host.Stack;
import io.atoll.runtime.driver.Fingerprint.Finding;
import io.atoll.runtime.driver.Fingerprint.Finding.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Dials: two strangers on loopback, then each hub that the folder's provider joined. Always under
/// a new identity: the daemon's own belongs to its connections.
public final class DialTrial {
  private static final Duration PATIENCE = Duration.ofSeconds(4);
  private static final String LOOPBACK = "/ip4/127.0.0.1/tcp/0";

  private DialTrial() {}

  public static List<Finding> loopback() throws InterruptedException {
    try (Host one = stranger(List.of(LOOPBACK));
        Host other = stranger(List.of())) {
      Duration trip = dial(other, one.id().text(), one.listening());
      return List.of(
          new Finding(
              "loopback",
              Level.OK,
              "a peer answered over TCP, Noise and Yamux in " + ms(trip),
              ""));
    } catch (IOException e) {
      return List.of(
          new Finding(
              "loopback",
              Level.MISSING,
              "two peers on this machine do not reach each other: " + e.getMessage(),
              "bring the interface lo up (`ip link set lo up`), and let the firewall pass it"));
    }
  }

  /// Nothing if none was joined.
  ///
  /// @param stack as the daemon's: hubs of a private network understand no other
  public static List<Finding> hubs(Path dataDir, Stack stack) throws InterruptedException {
    List<Agreement> agreements;
    try {
      agreements = FileJournal.peek(dataDir);
    } catch (IOException e) {
      return List.of(
          new Finding(
              "journal",
              Level.LIMITED,
              "what the provider joined cannot be read: " + e.getMessage(),
              "run as the daemon's user"));
    }
    String own = own(dataDir);
    List<Finding> findings = new ArrayList<>();
    try (Host host = stranger(List.of(), stack)) {
      for (Agreement agreement : agreements) {
        if (!agreement.hub().text().equals(own)) {
          findings.add(hub(host, agreement));
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("a host that does not listen", e);
    }
    return findings;
  }

  private static Finding hub(Host host, Agreement agreement) throws InterruptedException {
    String name = "hub " + agreement.hub();
    try {
      Duration trip = dial(host, agreement.hub().text(), agreement.addresses());
      return new Finding(name, Level.OK, "it answered in " + ms(trip), "");
    } catch (IOException e) {
      return new Finding(
          name,
          Level.LIMITED,
          String.valueOf(e.getMessage()),
          "is the hub up, and does a firewall let this machine out? The daemon dials on by itself");
    }
  }

  private static @Nullable String own(Path dataDir) {
    Path file = dataDir.resolve("identity");
    try {
      return Files.isReadable(file) ? Identity.at(file).id().text() : null;
    } catch (RuntimeException e) {
      return null; // the trial of the folder says what is wrong with it
    }
  }

  private static Host stranger(List<String> listen) throws IOException {
    return stranger(listen, Stack.standard());
  }

  private static Host stranger(List<String> listen, Stack stack) throws IOException {
    return P2p.start(
        HostConfig.of(Identity.generate(), listen).withAgent("atoll-doctor").withStack(stack));
  }

  private static Duration dial(Host from, String peer, List<String> addresses)
      throws IOException, InterruptedException {
    var id = io.atoll.core.identity.PeerId.parse(peer);
    from.connect(id, addresses, PATIENCE);
    return from.ping(id);
  }

  private static String ms(Duration trip) {
    return String.format(Locale.ROOT, "%.2f ms", trip.toNanos() / 1e6);
  }
}
