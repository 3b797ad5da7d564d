package io.atoll.p2p.transport;

import io.atoll.core.multiformat.Multiaddr.Part;
import io.atoll.core.multiformat.Protocol;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The IP address of the host that a multiaddr begins with.
public final class HostLookup {
  private HostLookup() {}

  /// Whether a multiaddr that begins with it names a host.
  public static boolean isHost(Protocol protocol) {
    return switch (protocol) {
      case IP4, IP6, DNS, DNS4, DNS6 -> true;
      case TCP,
          IP6ZONE,
          IPCIDR,
          DNSADDR,
          UDP,
          WEBRTC_DIRECT,
          WEBRTC,
          P2P_CIRCUIT,
          UNIX,
          P2P,
          TLS,
          SNI,
          NOISE,
          QUIC,
          QUIC_V1,
          WEBTRANSPORT,
          CERTHASH,
          WS,
          WSS,
          HTTP,
          MEMORY ->
          false;
    };
  }

  /// May ask a name server, and wait for it.
  public static InetAddress find(Part host) throws UnknownHostException {
    for (InetAddress candidate : InetAddress.getAllByName(host.value())) {
      boolean fits =
          host.protocol() == Protocol.DNS4
              ? candidate instanceof Inet4Address
              : host.protocol() != Protocol.DNS6 || candidate instanceof Inet6Address;
      if (fits) {
        return candidate;
      }
    }
    throw new UnknownHostException(host.value() + " has no address of that family");
  }

  /// A name server is asked on a thread of its own, as the question cannot be interrupted.
  public static InetAddress find(Part host, Duration timeout)
      throws IOException, InterruptedException {
    if (host.protocol() == Protocol.IP4 || host.protocol() == Protocol.IP6) {
      return InetAddress.getByName(host.value());
    }
    var answer = new CompletableFuture<InetAddress>();
    Thread.ofVirtual()
        .name("resolve")
        .start(
            () -> {
              try {
                answer.complete(find(host));
              } catch (UnknownHostException | RuntimeException e) {
                answer.completeExceptionally(e);
              }
            });
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException(
          "unknown host /" + host.protocol().text() + "/" + host.value(), e.getCause());
    } catch (TimeoutException e) {
      throw new SocketTimeoutException("the name server does not answer");
    }
  }
}
