package io.atoll.runtime.docker;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.os.Machine;
import io.atoll.core.os.Native;
import io.atoll.core.os.NetworkNamespace;
import io.atoll.core.os.TunDevice;
import io.atoll.core.term.Workload;
import io.atoll.runtime.card.HostsFile;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.NetworkCard;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// What a container with cards is made with: no network of the engine's, and a first program that
/// waits for ours.
final class ContainerNetwork {
  /// As many as `supervisor/cards.h` takes.
  private static final int MOST_CARDS = 16;

  private static final String DOOR = "/.atoll-door";
  private static final String ENTER = "/.atoll-enter";

  private ContainerNetwork() {}

  /// Null if containers can have cards here; otherwise what is in the way.
  static @Nullable String missing(DockerSettings settings) throws InterruptedException {
    String nothing = Native.missing();
    if (nothing != null) {
      return nothing;
    }
    if (settings.supervisor() == null || !"unix".equals(settings.engine().getScheme())) {
      return "the engine at " + settings.engine() + " is not one of this machine";
    }
    try {
      if (Machine.uid() != 0) {
        return "only root may enter a container's network";
      }
    } catch (IOException e) {
      return "who we are is not known: " + e.getMessage();
    }
    String closed = NetworkNamespace.missing();
    return closed != null ? closed : TunDevice.missing();
  }

  static String remedy() {
    return "run the daemon as root where /dev/net/tun is (`modprobe tun`); without root, tasks of"
        + " the process driver can join networks";
  }

  /// @throws DriverException BAD_REQUEST, DRIVER_CANNOT
  static void check(ActivitySpec spec, DockerSettings settings)
      throws DriverException, InterruptedException {
    if (spec.cards().isEmpty()) {
      return;
    }
    Workload workload = spec.workload();
    if (!workload.ports().isEmpty() || workload.publishAll()) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST,
          "a container in a network sees nothing but that, so it cannot publish ports on its host",
          "leave the ports out, and reach it through its network: `atoll forward`");
    }
    if (spec.cards().size() > MOST_CARDS) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST,
          "a task cannot be in " + spec.cards().size() + " networks",
          "join at most " + MOST_CARDS);
    }
    String why = missing(settings);
    if (why != null) {
      throw new DriverException(
          ErrorCode.DRIVER_CANNOT,
          "containers cannot join networks on this node: " + why,
          remedy());
    }
  }

  /// Adds it to a request; whatever the image and the task want run comes behind ours.
  static void into(
      ObjectNode body, Workload workload, Image image, ContainerCards cards, NetworkCard first) {
    ArrayNode entry = body.putArray("Entrypoint").add(ENTER).add("--enter").add(DOOR + "/sock");
    image.entrypoint().forEach(entry::add);
    ArrayNode command = body.putArray("Cmd");
    (workload.command().isEmpty() ? image.command() : workload.command()).forEach(command::add);
    body.put("Hostname", first.name());
    ArrayNode mounts = body.withObject("/HostConfig").putArray("Mounts");
    mount(mounts, cards.program().toString(), ENTER);
    mount(mounts, cards.folder().resolve(ContainerCards.DOOR).toString(), DOOR);
    mount(mounts, cards.folder().resolve(HostsFile.NAME).toString(), "/etc/hosts");
    mount(mounts, cards.folder().resolve(ContainerCards.RESOLVER).toString(), "/etc/resolv.conf");
  }

  private static void mount(ArrayNode mounts, String source, String target) {
    mounts
        .addObject()
        .put("Type", "bind")
        .put("Source", source)
        .put("Target", target)
        .put("ReadOnly", true);
  }
}
