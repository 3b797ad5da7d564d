package io.atoll.vpn.gateway;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.vpn.port.PacketPort;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A way into a network for those who are no members of it: a member that lives in this process
/// dials for them. All methods may be called from any thread.
public final class Gate implements AutoCloseable {
  /// What a port of TCP or UDP may be.
  private static final int MOST_PORT = 65_535;

  /// What one of several addresses gets at least to answer in.
  private static final Duration LEAST = Duration.ofSeconds(1);

  /// Who is who in the network.
  public interface Names {
    /// Where a host is, the one to try first first; never empty.
    ///
    /// @param host a name, with or without the network's domain, or an address
    /// @throws AtollException NOT_FOUND if the network knows no such name, DENIED for an address
    ///     outside it, GATEWAY_UNREACHABLE for one that nobody has
    List<InetAddress> find(String host);
  }

  private final StackAtPort stack;
  private final Names names;

  private Gate(StackAtPort stack, Names names) {
    this.stack = stack;
    this.names = names;
  }

  /// @param settings whose addresses are those of a member of the network
  /// @param port of that member; it is closed with this
  public static Gate open(StackSettings settings, PacketPort port, Names names) {
    return new Gate(StackAtPort.start(settings, port), names);
  }

  /// Opens a connection. Of several addresses the first that answers has it.
  ///
  /// @throws AtollException as [Names#find] and [Stack#connect]; if several addresses were tried,
  ///     what says most: that nobody listens rather than that nothing is known
  public TcpStream tcp(String host, int port, Duration timeout) throws InterruptedException {
    check(port);
    List<InetAddress> addresses = names.find(host);
    long deadline = System.nanoTime() + timeout.toNanos();
    @Nullable AtollException failure = null;
    for (int i = 0; i < addresses.size(); i++) {
      long left = deadline - System.nanoTime();
      long share = Math.max(left / (addresses.size() - i), Math.min(left, LEAST.toNanos()));
      if (share <= 0) {
        break;
      }
      try {
        return stack.stack().connect(addresses.get(i), port, Duration.ofNanos(share));
      } catch (AtollException e) {
        if (!ofTheOtherEnd(e)) {
          throw e;
        }
        failure = failure == null || says(e) > says(failure) ? e : failure;
      }
    }
    throw failure == null ? late(host, port, timeout) : failure;
  }

  private static boolean ofTheOtherEnd(AtollException e) {
    return says(e) > 0;
  }

  /// How much a failure tells.
  private static int says(AtollException e) {
    return e.code() == ErrorCode.GATEWAY_REFUSED
        ? 3
        : e.code() == ErrorCode.GATEWAY_UNREACHABLE ? 2 : e.code() == ErrorCode.TIMEOUT ? 1 : 0;
  }

  private static AtollException late(String host, int port, Duration timeout) {
    return new AtollException(
        ErrorCode.TIMEOUT,
        "connecting to " + host + " port " + port + ": no answer in " + timeout.toMillis() + " ms",
        "see whether the member runs, and whether its own firewall drops what comes");
  }

  private static void check(int port) {
    if (port < 1 || port > MOST_PORT) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST, "no port: " + port, "write one from 1 to " + MOST_PORT);
    }
  }

  /// Opens a flow of datagrams to the first of a host's addresses; nothing is sent by this.
  ///
  /// @throws AtollException as [Names#find] and [Stack#udp]
  public UdpFlow udp(String host, int port) {
    check(port);
    return stack.stack().udp(names.find(host).getFirst(), port);
  }

  /// Whether a member answers.
  ///
  /// @return how long it took
  public Duration ping(String host, Duration timeout) throws InterruptedException {
    return stack.stack().ping(names.find(host).getFirst(), timeout);
  }

  public StackCounters counters() {
    return stack.stack().counters();
  }

  /// Breaks off whatever is open.
  @Override
  public void close() {
    stack.close();
  }
}
