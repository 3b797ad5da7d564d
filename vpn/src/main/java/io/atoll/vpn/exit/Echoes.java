package io.atoll.vpn.exit;

import io.atoll.core.os.EchoSocket;
import io.atoll.vpn.gateway.Echo;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/// Echoes of members that somebody outside answers, by sockets that the system gives to users who
/// may ping (`net.ipv4.ping_group_range`); where it does not, nothing answers, and that is counted.
final class Echoes {
  /// Each holds a thread while it waits.
  private static final int MOST = 16;

  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final Semaphore room = new Semaphore(MOST);

  /// @param over whether an answer came
  /// @return whether there was room
  boolean ask(Echo echo, Outside outside, Consumer<Boolean> over) {
    if (!room.tryAcquire()) {
      return false;
    }
    Thread.ofPlatform()
        .daemon()
        .name("exit echo")
        .start(
            () -> {
              boolean came = false;
              try {
                came =
                    !outside.isHere(echo.of())
                        && EchoSocket.ask(echo.of().toInet(), echo.number(), echo.body(), PATIENCE);
                if (came) {
                  echo.answer();
                }
              } catch (IOException notPermitted) {
                // Counted as one that did not answer.
              } finally {
                room.release();
                over.accept(came);
              }
            });
    return true;
  }
}
