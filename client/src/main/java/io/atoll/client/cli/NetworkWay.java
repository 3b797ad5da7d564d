package io.atoll.client.cli;

import io.atoll.client.api.NetworkView;
import io.atoll.client.gate.GateDialer;
import io.atoll.client.gate.Opening;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What the commands that lead into a network have in common.
final class NetworkWay {
  /// How long a hub that restarts is waited for.
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final String ENDING = ".internal";

  private NetworkWay() {}

  /// To the network that is meant: the one that was named, the last part of a full name, or the
  /// only one that there is.
  ///
  /// @param hosts of what is to be reached
  /// @throws AtollException if there is no such network, or none is named and there are several
  static GateDialer dialer(Context context, @Nullable String network, List<String> hosts) {
    String named = network;
    for (String host : hosts) {
      String of = named == null ? networkOf(host) : null;
      named = of == null ? named : of;
    }
    String found = named == null ? only(context) : named;
    // Now, rather than at the first connection.
    String name = context.hub().privateNetworks().show(found).name();
    return new GateDialer(context.hub(), name, PATIENCE);
  }

  private static String only(Context context) {
    List<NetworkView> all = context.hub().privateNetworks().list();
    if (all.size() == 1) {
      return all.getFirst().name();
    }
    throw new AtollException(
        all.isEmpty() ? ErrorCode.NOT_FOUND : ErrorCode.BAD_REQUEST,
        all.isEmpty() ? "the hub has no networks" : "which network is not said",
        all.isEmpty()
            ? "make one: atoll net create NAME"
            : "add --net NAME, or write the whole name, such as web."
                + all.getFirst().name()
                + ".internal; `atoll net list` shows the networks");
  }

  /// Of `web.mynet.internal` it is `mynet`.
  private static @Nullable String networkOf(String host) {
    if (!host.endsWith(ENDING)) {
      return null;
    }
    String rest = host.substring(0, host.length() - ENDING.length());
    int dot = rest.lastIndexOf('.');
    return dot < 1 ? null : rest.substring(dot + 1);
  }

  /// Says the same thing once in a while only.
  static Consumer<String> notes(Context context) {
    return new Consumer<>() {
      private String last = "";
      private long saidAt;

      @Override
      public synchronized void accept(String text) {
        long now = System.nanoTime();
        if (!text.equals(last) || now - saidAt > 10_000_000_000L) {
          last = text;
          saidAt = now;
          context.note(text);
        }
      }
    };
  }

  /// Waits for Ctrl-C, and closes then.
  static int stay(Context context, List<Opening> open) throws InterruptedException {
    CountDownLatch over = new CountDownLatch(1);
    try (Interrupts.Watch _ = context.interrupts().watch(over::countDown)) {
      over.await();
    } finally {
      open.forEach(Opening::close);
    }
    return 0;
  }
}
