package io.atoll.runtime.vm;

import io.atoll.runtime.guest.GuestCards;
import io.atoll.runtime.qemu.GuestAgent;
import io.atoll.runtime.qemu.GuestAgent.Executed;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives a running machine's cards the addresses that its folder says, over its agent.
final class Addressing {
  private static final Logger log = LoggerFactory.getLogger(Addressing.class);
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final List<String> SHELL = List.of("/bin/sh", "-s");

  private Addressing() {}

  /// @throws IOException if it has no agent that answers, or its networkd does not do it
  static void settle(VmActivity machine, GuestCards cards)
      throws IOException, InterruptedException {
    try (GuestAgent agent = GuestAgent.connect(machine.agentSocket(), LIMIT)) {
      Executed done = agent.execute(SHELL, CardScript.whole(cards), LIMIT);
      if (done.code() != 0) {
        throw new IOException("changing them ended with " + done.code() + ": " + done.said());
      }
    }
  }

  /// For a machine that went on, or whose daemon came back: it may have been told before, or not.
  static void settleAgain(VmActivity machine) {
    Thread.ofVirtual()
        .name("vm-cards-" + machine.id())
        .start(
            () -> {
              try {
                GuestCards cards = GuestCards.read(machine.folder().path());
                if (cards.count() > 0) {
                  settle(machine, cards);
                }
              } catch (IOException e) {
                if (!machine.ended()) {
                  log.warn(
                      "{}: its addresses change when it asks for them: {}",
                      machine.id(),
                      e.toString());
                }
              } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts this thread", e);
              }
            });
  }
}
