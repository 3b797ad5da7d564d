package io.atoll.runtime.vm;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.atoll.core.term.Endpoint;
import io.atoll.runtime.qemu.GuestAgent;
import io.atoll.runtime.qemu.QmpException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;

/// Finds out when a machine is up: its agent answers or its SSH server says who it is, whichever is
/// first. One virtual thread a machine, until one of them did.
final class Readiness {
  private static final Duration TRY = Duration.ofMillis(700);

  private Readiness() {}

  static void watch(VmActivity machine, Duration within) {
    Thread.ofVirtual()
        .name("vm-ready-" + machine.id())
        .start(
            () -> {
              try {
                ask(machine, within);
              } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts this thread", e);
              }
            });
  }

  private static void ask(VmActivity machine, Duration within) throws InterruptedException {
    long began = System.nanoTime();
    boolean told = false;
    while (!machine.ended()) {
      String by = agentAnswers(machine) ? "its agent" : sshAnswers(machine) ? "its SSH server" : "";
      long millis = (System.nanoTime() - began) / 1_000_000;
      if (!by.isEmpty()) {
        machine.tell(VmPhase.Kind.READY, by + " answered after " + seconds(millis));
        UserDataPhase.follow(machine);
        return;
      }
      if (!told && millis > within.toMillis() && machine.state() == VmActivity.State.RUNNING) {
        told = true;
        machine.tell(
            VmPhase.Kind.SILENT,
            "neither its agent nor its SSH server answered within "
                + seconds(within.toMillis())
                + "; its console, the run's output, says where it hangs");
      }
      Thread.sleep(100);
    }
  }

  static String seconds(long millis) {
    return millis / 1000 + "." + millis % 1000 / 100 + " s";
  }

  private static boolean agentAnswers(VmActivity machine) throws InterruptedException {
    try (GuestAgent agent = GuestAgent.connect(machine.agentSocket(), TRY)) {
      agent.ping(TRY);
      return true;
    } catch (QmpException e) {
      return false;
    }
  }

  private static boolean sshAnswers(VmActivity machine) {
    for (Endpoint endpoint : machine.endpoints()) {
      if (endpoint.port().number() == 22) {
        try (Socket socket = new Socket()) {
          int millis = (int) TRY.toMillis();
          socket.connect(new InetSocketAddress(endpoint.host(), endpoint.hostPort()), millis);
          socket.setSoTimeout(millis);
          byte[] said = socket.getInputStream().readNBytes(4);
          return new String(said, US_ASCII).equals("SSH-");
        } catch (IOException e) {
          return false;
        }
      }
    }
    return false;
  }
}
