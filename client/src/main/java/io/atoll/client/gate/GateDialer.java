package io.atoll.client.gate;

import io.atoll.client.GateConnection;
import io.atoll.client.HubClient;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.io.IOException;
import java.time.Duration;

/// Dials members of one network through a hub; one that restarts is waited for.
public final class GateDialer {
  private static final long FIRST_MILLIS = 50;
  private static final long LONGEST_MILLIS = 1000;

  private final HubClient hub;
  private final String network;
  private final Duration patience;

  /// @param patience how long the hub may be away
  public GateDialer(HubClient hub, String network, Duration patience) {
    this.hub = hub;
    this.network = network;
    this.patience = patience;
  }

  public String network() {
    return network;
  }

  /// @throws AtollException why there is no connection: the hub's own words, or UNREACHABLE
  public GateConnection tcp(String host, int port) throws InterruptedException {
    return dial(() -> hub.dialTcp(network, host, port));
  }

  /// As [#tcp].
  public GateConnection udp(String host, int port) throws InterruptedException {
    return dial(() -> hub.dialUdp(network, host, port));
  }

  private interface Attempt {
    GateConnection open() throws IOException;
  }

  private GateConnection dial(Attempt attempt) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    long wait = FIRST_MILLIS;
    while (true) {
      AtollException failure;
      try {
        return attempt.open();
      } catch (IOException e) {
        failure =
            new AtollException(
                ErrorCode.UNREACHABLE,
                "the hub cannot be reached: " + e.getMessage(),
                "is it running? `atoll up` starts one; ATOLL_HUB names another",
                e);
      } catch (AtollException e) {
        boolean passing = e.code() == ErrorCode.NOT_READY || e.code() == ErrorCode.UNREACHABLE;
        if (!passing) {
          throw e;
        }
        failure = e;
      }
      if (System.nanoTime() - deadline > 0) {
        throw failure;
      }
      Thread.sleep(wait);
      wait = Math.min(LONGEST_MILLIS, 2 * wait);
    }
  }
}
