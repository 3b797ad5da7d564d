package io.atoll.runtime.vm;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.core.json.Json;
import io.atoll.core.term.Port;
import io.atoll.runtime.guest.GuestCards;
import io.atoll.runtime.qemu.GuestAgent;
import io.atoll.runtime.qemu.GuestAgent.Executed;
import io.atoll.runtime.qemu.Qmp;
import io.atoll.runtime.qemu.disk.VmImage;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes a machine of its own out of a template's state: memory and devices, cards that no other
/// machine has had, and, over the agent, an identity.
///
/// @param size bytes of the disk that was asked for
record Cloning(VmActivity machine, GuestOrder order, VmImage image, List<Port> ports, long size) {
  /// Much for a machine alone, and little where twenty of them begin at once on a small host.
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final List<String> SHELL = List.of("/bin/sh", "-s");

  private static final Logger log = LoggerFactory.getLogger(Cloning.class);

  /// Where the caller's user-data is applied from, in the guest.
  private static final String DATA = "/run/atoll-user-data";

  /// What is being written beside a file.
  private static final String DRAFT = ".new";

  /// Everything up to the moment at which the payload may begin.
  void perform(Qmp qmp, Template template) throws IOException, InterruptedException {
    SavedState.restore(qmp, machine.folder(), template.state());
    GuestCards networks = order.networks();
    if (networks.count() == 0) {
      putInCards(qmp);
    }
    qmp.execute("cont");
    if (size > image.virtualSize()) {
      ObjectNode grow = Json.mapper().createObjectNode().put("device", "r").put("size", size);
      qmp.execute("block_resize", grow, Qmp.SHORT);
    }
    try (GuestAgent agent = GuestAgent.connect(machine.agentSocket(), LIMIT)) {
      run(agent, "its identity", Identity.script(order, image.user()));
      if (size > image.virtualSize()) {
        run(agent, "its disk's size", "resize2fs /dev/vda 2>&1".getBytes(UTF_8));
      }
      if (networks.count() > 0) {
        run(agent, "its networks", CardScript.files(networks));
        putInCards(qmp);
        run(agent, "its addresses", CardScript.settled(networks));
      }
    }
  }

  private void putInCards(Qmp qmp) throws IOException, InterruptedException {
    Adapters adapters = order.adapters(ports);
    if (adapters.own() != null) {
      ObjectNode net = Json.mapper().createObjectNode().put("type", "user").put("id", "n");
      net.put("restrict", true);
      for (Port port : ports) {
        String word = port.protocol().name().toLowerCase(Locale.ROOT);
        net.withArray("hostfwd").addObject().put("str", word + ":127.0.0.1:0-:" + port.number());
      }
      qmp.execute("netdev_add", net, Qmp.SHORT);
    }
    for (int i = 0; i < order.networks().count(); i++) {
      qmp.execute("netdev_add", GuestCards.netdev(i), Qmp.SHORT);
    }
    for (Adapters.Adapter each : adapters.all()) {
      ObjectNode card = Json.mapper().createObjectNode().put("driver", "virtio-net-pci");
      card.put("id", "card" + (each.netdev().equals("n") ? "" : each.netdev()));
      card.put("netdev", each.netdev()).put("bus", "door").put("mac", each.mac());
      if (each.several()) {
        card.put("addr", "0." + each.function()).put("multifunction", true);
      }
      card.put("romfile", "");
      qmp.execute("device_add", card, Qmp.SHORT);
    }
  }

  private static void run(GuestAgent agent, String what, byte[] script)
      throws IOException, InterruptedException {
    Executed done = agent.execute(SHELL, script, LIMIT);
    if (done.code() != 0) {
      throw new IOException(
          "giving the clone " + what + " ended with " + done.code() + ": " + done.said());
    }
  }

  /// Lets the payload begin: the caller's user-data as a unit of its own, then the command. It may
  /// be told again, by a daemon that does not know how far another came: nothing begins twice.
  static void release(VmActivity machine, GuestOrder order)
      throws IOException, InterruptedException {
    if (order.command().isEmpty() && order.userData().none()) {
      return;
    }
    try (GuestAgent agent = GuestAgent.connect(machine.agentSocket(), LIMIT)) {
      String start = String.join(" ", CommandScript.START);
      StringBuilder once = new StringBuilder("mkdir /run/atoll-begun || exit 0\n");
      if (!order.command().isEmpty()) {
        agent.writeFile(
            CommandScript.FILE + DRAFT, CommandScript.program(order.command(), order.env()), LIMIT);
        once.append("mv ").append(CommandScript.FILE + DRAFT + " " + CommandScript.FILE + "\n");
      }
      if (order.userData().none()) {
        run(agent, "its command", (once + "exec " + start).getBytes(UTF_8));
        return;
      }
      String after = order.command().isEmpty() ? "" : "exec " + start + "\n";
      agent.writeFile(DATA + DRAFT, (UserDataPhase.SCRIPT + after).getBytes(UTF_8), LIMIT);
      once.append("mv ").append(DATA + DRAFT + " " + DATA + "\n");
      once.append("exec systemd-run --quiet --unit=atoll-user-data /bin/sh " + DATA);
      run(agent, "its user-data", once.toString().getBytes(UTF_8));
    }
  }

  /// Does so for a daemon that came back, and does not make it wait.
  static void releaseAgain(VmActivity machine, GuestOrder order) {
    Thread.ofVirtual()
        .name("vm-release-" + machine.id())
        .start(
            () -> {
              try {
                release(machine, order);
                machine.folder().mark(VmFolder.BEGUN, "");
              } catch (IOException e) {
                log.warn("{}: whether its payload began is not known: {}", machine.id(), e);
                machine.tell(VmPhase.Kind.SILENT, "its payload may not have begun: " + e);
              } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts this thread", e);
              }
            });
  }
}
