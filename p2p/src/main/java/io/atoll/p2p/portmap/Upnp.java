package io.atoll.p2p.portmap;

import io.atoll.p2p.portmap.InternetGateway.Done;
import io.atoll.p2p.portmap.InternetGateway.Fault;
import io.atoll.p2p.portmap.InternetGateway.Reply;
import io.atoll.p2p.portmap.MapOutcome.Cause;
import io.atoll.p2p.portmap.MapOutcome.Mapped;
import io.atoll.p2p.portmap.MapOutcome.NotMapped;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// UPnP: the internet gateway device, versions 1 and 2.
final class Upnp implements PortProtocol {
  private static final long SEARCH_MILLIS = 2500;
  private static final int ONLY_FOR_EVER = 725;
  private static final int TAKEN = 718;
  private static final int PORTS_TRIED = 4;
  private static final Pattern IPV4 =
      Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}");

  /// Where it describes itself; or else where it is asked for.
  private final Search search;

  private final InetAddress gateway;
  private @Nullable InternetGateway known;

  /// Finds descriptions of gateways.
  @FunctionalInterface
  interface Search {
    Iterable<URI> run(InetAddress own, InetAddress gateway)
        throws IOException, InterruptedException;
  }

  Upnp(InetAddress gateway) {
    this(gateway, (own, enough) -> Ssdp.search(own, enough, SEARCH_MILLIS));
  }

  Upnp(InetAddress gateway, Search search) {
    this.gateway = gateway;
    this.search = search;
  }

  @Override
  public String name() {
    return "UPnP";
  }

  @Override
  public MapOutcome map(LocalPort port, int external, Duration lifetime)
      throws InterruptedException {
    try {
      InetAddress own = ownAddress(gateway);
      Optional<InternetGateway> found = find(own);
      if (found.isEmpty()) {
        return failed(Cause.NO_ANSWER, "no device of the network of " + text(gateway) + " answers");
      }
      InternetGateway device = found.get();
      Reply address = device.ask("GetExternalIPAddress", "");
      if (!(address instanceof Done(var values))) {
        return refused((Fault) address);
      }
      Optional<InetAddress> outside = ipv4(values.getOrDefault("NewExternalIPAddress", ""));
      if (outside.isEmpty()) {
        return failed(Cause.NO_EXTERNAL_ADDRESS, "the gateway has no address outside");
      }
      return map(device, own, outside.get(), port, external, lifetime.toSeconds());
    } catch (IOException e) {
      known = null;
      return failed(Cause.MALFORMED, "the gateway cannot be asked: " + e.getMessage());
    }
  }

  private MapOutcome map(
      InternetGateway device,
      InetAddress own,
      InetAddress outside,
      LocalPort port,
      int wished,
      long lifetime)
      throws IOException {
    int external = wished;
    long seconds = lifetime;
    Fault last = new Fault(0, "no port was free");
    for (int i = 0; i < PORTS_TRIED; i++) {
      Reply reply = device.ask("AddPortMapping", arguments(port, external, own, seconds));
      if (reply instanceof Done) {
        // For ever, as some devices know no other time, is renewed like the rest.
        Duration kept = Duration.ofSeconds(lifetime);
        return new Mapped(new InetSocketAddress(outside, external), kept, name());
      }
      last = (Fault) reply;
      if (last.code() == ONLY_FOR_EVER && seconds > 0) {
        seconds = 0;
      } else if (last.code() == TAKEN) {
        external = ThreadLocalRandom.current().nextInt(20_000, 60_000);
      } else {
        break;
      }
    }
    return refused(last);
  }

  @Override
  public void unmap(LocalPort port, Mapped mapped) {
    InternetGateway device = known;
    if (device == null) {
      return;
    }
    try {
      device.ask(
          "DeletePortMapping",
          "<NewRemoteHost></NewRemoteHost>"
              + ("<NewExternalPort>" + mapped.external().getPort() + "</NewExternalPort>")
              + ("<NewProtocol>" + port.protocol() + "</NewProtocol>"));
    } catch (IOException gone) {
      // It ends by itself when its time is over.
    }
  }

  private Optional<InternetGateway> find(InetAddress own) throws IOException, InterruptedException {
    InternetGateway device = known;
    if (device != null) {
      return Optional.of(device);
    }
    for (URI location : search.run(own, gateway)) {
      try {
        Optional<InternetGateway> described = InternetGateway.describedAt(location);
        if (described.isPresent()) {
          known = described.get();
          return described;
        }
      } catch (IOException notThisOne) {
        // Another device may be the gateway.
      }
    }
    return Optional.empty();
  }

  private static String arguments(LocalPort port, int external, InetAddress own, long seconds) {
    return "<NewRemoteHost></NewRemoteHost>"
        + ("<NewExternalPort>" + external + "</NewExternalPort>")
        + ("<NewProtocol>" + port.protocol() + "</NewProtocol>")
        + ("<NewInternalPort>" + port.port() + "</NewInternalPort>")
        + ("<NewInternalClient>" + text(own) + "</NewInternalClient>")
        + "<NewEnabled>1</NewEnabled>"
        + "<NewPortMappingDescription>atoll</NewPortMappingDescription>"
        + ("<NewLeaseDuration>" + seconds + "</NewLeaseDuration>");
  }

  /// This node's address on the network of the gateway.
  private static InetAddress ownAddress(InetAddress gateway) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(gateway, Exchange.PORT));
      return socket.getLocalAddress();
    }
  }

  private static Optional<InetAddress> ipv4(String text) throws UnknownHostException {
    if (!IPV4.matcher(text).matches()) {
      return Optional.empty();
    }
    InetAddress address = InetAddress.getByName(text);
    return address.isAnyLocalAddress() ? Optional.empty() : Optional.of(address);
  }

  private NotMapped refused(Fault fault) {
    Cause cause =
        switch (fault.code()) {
          case 401, 602, 604 -> Cause.NOT_SUPPORTED;
          case 501, 606 -> Cause.REFUSED;
          case TAKEN, 728, 729, 732 -> Cause.NO_RESOURCES;
          default -> Cause.MALFORMED;
        };
    return failed(cause, "the gateway says " + fault.code() + " " + fault.text());
  }

  private static NotMapped failed(Cause cause, String what) {
    return new NotMapped(cause, what + " (UPnP)");
  }

  private static String text(InetAddress address) {
    return address.getHostAddress();
  }
}
