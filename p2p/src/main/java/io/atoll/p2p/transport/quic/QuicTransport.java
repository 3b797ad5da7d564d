package io.atoll.p2p.transport.quic;

import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.security.tls.HostCertificate;
import io.atoll.p2p.transport.Admission;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.DialException;
import io.atoll.p2p.transport.DialOptions;
import io.atoll.p2p.transport.HandshakeLimits;
import io.atoll.p2p.transport.HostLookup;
import io.atoll.p2p.transport.Listener;
import io.atoll.p2p.transport.NotAdmitted;
import io.atoll.p2p.transport.Role;
import io.atoll.p2p.transport.Transport;
import io.netty.handler.codec.quic.Quic;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// `/ip4/…/udp/…/quic-v1`. Dials leave from the port that listens, where one can reach the remote;
/// from a port of their own otherwise.
public final class QuicTransport implements Transport {
  private final Supplier<HostCertificate> certificate;
  private final HandshakeLimits limits;
  private final Admission admission;
  private final List<Endpoint> listening = new CopyOnWriteArrayList<>();

  // Under the lock of this object.
  private final Map<String, Endpoint> dialling = new HashMap<>();
  private @Nullable Credentials made;

  public QuicTransport(HostCertificate certificate, HandshakeLimits limits) {
    this(() -> certificate, limits, Admission.everybody());
  }

  /// @param certificate asked when the first address is listened on or dialled; before that nothing
  ///     of the codec is loaded
  public QuicTransport(
      Supplier<HostCertificate> certificate, HandshakeLimits limits, Admission admission) {
    this.certificate = certificate;
    this.limits = limits;
    this.admission = admission;
  }

  /// None where the codec has no native part for this system.
  @Override
  public boolean handles(Multiaddr address) {
    return QuicAddress.handles(address) && Quic.isAvailable();
  }

  /// Why this system has no QUIC; empty where it has. Loads the native part of the codec.
  public static Optional<String> missing() {
    if (Quic.isAvailable()) {
      return Optional.empty();
    }
    Throwable cause = Quic.unavailabilityCause();
    return Optional.of(cause == null ? "no codec for this system" : String.valueOf(cause));
  }

  private synchronized Credentials credentials() {
    Credentials known = made;
    if (known == null) {
      known = Credentials.of(certificate.get());
      made = known;
    }
    return known;
  }

  @Override
  public Connection dial(Multiaddr address, DialOptions options)
      throws DialException, InterruptedException {
    long end = System.nanoTime() + options.timeout().toNanos();
    try {
      InetAddress host = HostLookup.find(address.parts().getFirst(), options.timeout());
      Endpoint endpoint = endpointFor(host);
      try {
        QuicConnection connection =
            endpoint.dial(
                new InetSocketAddress(host, QuicAddress.port(address)),
                options.expected(),
                Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        if (!admission.admits(connection.remote(), Role.INITIATOR, connection.remoteAddress())) {
          connection.abandon();
          throw new NotAdmitted(connection.remote());
        }
        return connection;
      } catch (SocketTimeoutException e) {
        throw new DialException("no answer in " + seconds(options.timeout()), e);
      } finally {
        endpoint.release();
      }
    } catch (DialException e) {
      throw e;
    } catch (IOException e) {
      throw new DialException(String.valueOf(e.getMessage()), e);
    }
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() / 1000.0 + " s";
  }

  /// Held for the caller.
  private Endpoint endpointFor(InetAddress remote) throws IOException {
    for (Endpoint endpoint : listening) {
      InetAddress bound = endpoint.address().getAddress();
      boolean sameFamily = bound instanceof Inet4Address == remote instanceof Inet4Address;
      boolean reaches =
          bound.isAnyLocalAddress() || bound.isLoopbackAddress() == remote.isLoopbackAddress();
      if (sameFamily && reaches && endpoint.hold()) {
        return endpoint;
      }
    }
    return dialling(remote instanceof Inet4Address ? "0.0.0.0" : "::");
  }

  /// One port serves all dials of a version of IP for as long as one of them leads somewhere.
  private synchronized Endpoint dialling(String any) throws IOException {
    Endpoint known = dialling.get(any);
    if (known != null && known.hold()) {
      return known;
    }
    Endpoint fresh =
        Endpoint.open(new InetSocketAddress(InetAddress.getByName(any), 0), credentials());
    dialling.put(any, fresh);
    return fresh;
  }

  @Override
  public Listener listen(Multiaddr address) throws IOException {
    Endpoint endpoint;
    try {
      InetAddress host = HostLookup.find(address.parts().getFirst());
      endpoint =
          Endpoint.open(new InetSocketAddress(host, QuicAddress.port(address)), credentials());
    } catch (IOException e) {
      throw new IOException("cannot listen on " + address + ": " + e.getMessage(), e);
    }
    listening.add(endpoint);
    return new QuicListener(endpoint, limits, admission, () -> listening.remove(endpoint));
  }
}
