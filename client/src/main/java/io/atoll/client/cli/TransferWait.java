package io.atoll.client.cli;

import io.atoll.client.PeerClient;
import io.atoll.client.api.TransferView;
import io.atoll.client.request.Shown;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.time.Duration;

/// Follows a transfer to its end, over a restart of the daemon too.
final class TransferWait {
  static final int INTERRUPTED = 130;
  private static final long PAUSE_MILLIS = 150;
  private static final Duration RESTART = Duration.ofSeconds(60);
  private static final int LONGEST_DETAIL = 300;

  private final Context context;
  private final PeerClient daemon;
  private String told = "";

  TransferWait(Context context, PeerClient daemon) {
    this.context = context;
    this.daemon = daemon;
  }

  /// @return as it stands at its end, or when Ctrl-C was pressed
  /// @throws AtollException if it failed, with its code
  TransferView until(TransferView first) {
    TransferView now = first;
    Thread self = Thread.currentThread();
    try (ProgressBar bar = new ProgressBar(context);
        Interrupts.Watch _ = context.interrupts().watch(self::interrupt)) {
      long heard = System.nanoTime();
      while (!now.hasEnded()) {
        show(now, bar);
        Thread.sleep(PAUSE_MILLIS);
        try {
          now = daemon.transfer(now.id());
          heard = System.nanoTime();
        } catch (AtollException e) {
          if (e.code() != ErrorCode.UNREACHABLE || System.nanoTime() - heard > RESTART.toNanos()) {
            throw e;
          }
        }
      }
    } catch (InterruptedException e) {
      return now;
    }
    ErrorCode code = now.code();
    if (code != null) {
      throw new AtollException(
          code,
          Shown.quoted(now.name())
              + (now.direction().equals("OUT") ? " was not sent: " : " was not received: ")
              + Shown.plain(now.detail(), LONGEST_DETAIL),
          "");
    }
    return now;
  }

  private void show(TransferView now, ProgressBar bar) {
    switch (now.state()) {
      case "HASHING" -> bar.at("read", now.done(), now.size());
      case "MOVING" ->
          bar.at(now.direction().equals("OUT") ? "sent" : "received", now.done(), now.size());
      default -> {
        boolean offered = now.state().equals("OFFERED");
        if (!offered && now.detail().isEmpty()) {
          return;
        }
        String text =
            offered
                ? "offered: waits until " + now.peer() + " takes it (id " + now.id() + ")"
                : "waits for the peer: " + Shown.plain(now.detail(), LONGEST_DETAIL);
        if (!text.equals(told)) {
          told = text;
          bar.close();
          context.progress(text);
        }
      }
    }
  }
}
