package io.atoll.daemon;

import io.atoll.client.config.Setting;
import io.atoll.client.config.Settings;
import io.atoll.client.request.Shown;
import io.atoll.client.request.TaskMapping;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.runtime.plugin.PluginSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What the daemon's commands read from flag, environment and file.
final class UpSettings {
  static final Setting API = Setting.of("api", "127.0.0.1:7465", "where the API is served");

  /// The one name of the VM provider on Golem whose meaning is this one's exactly.
  static final Setting NAME =
      new Setting(
          "name",
          List.of("ATOLL_NAME", "GOLEM_PROVIDER_NAME"),
          "",
          false,
          "what people call this node (also: GOLEM_PROVIDER_NAME)");

  static final Setting CPUS = Setting.of("share-cpus", "", "cores that a provider offers");
  static final Setting MEMORY = Setting.of("share-memory", "", "memory that a provider offers");
  static final Setting DISK = Setting.of("share-disk", "", "disk that a provider offers");
  static final Setting BARE =
      Setting.of("allow-unsandboxed", "false", "hubs may run tasks without a sandbox");
  static final Setting EGRESS =
      Setting.of("allow-egress", "false", "tasks may reach other networks and publish ports");
  static final Setting DOCKER = Setting.of("docker-socket", "", "socket of the container engine");

  static final Setting MICROVM =
      Setting.of("microvm", "false", "offer container images in virtual machines of their own");

  static final Setting VM =
      Setting.of("vm", "false", "offer whole virtual machines, from cloud images");

  static final Setting VM_BOOT =
      Setting.of("vm-boot", "false", "boot each virtual machine; none is a copy of a template");

  static final Setting REGISTRY =
      Setting.of("registry", "", "HOST[/FOLDER] of images whose names say no registry");

  static final Setting RUNTIMES =
      Setting.of(
          "runtime", "", "runtimes that are no part of Atoll: NAME=PROGRAM, separated by spaces");

  static final List<Setting> ALL =
      Stream.of(
              List.of(
                  API, NAME, CPUS, MEMORY, DISK, BARE, EGRESS, DOCKER, MICROVM, VM, VM_BOOT,
                  REGISTRY, RUNTIMES),
              NetSettings.ALL,
              PaymentSettings.ALL,
              PeerSettings.ALL,
              OwnerSettings.ALL)
          .flatMap(List::stream)
          .toList();

  private UpSettings() {}

  static String text(Settings said, Setting setting) {
    return said.find(setting).map(Settings.Value::text).orElse("").strip();
  }

  static boolean flag(Settings said, Setting setting) {
    return switch (text(said, setting)) {
      case "true", "yes", "1" -> true;
      case "false", "no", "0", "" -> false;
      default -> throw wrong(said, setting, "write true or false");
    };
  }

  static @Nullable Path file(Settings said, Setting setting) {
    String text = text(said, setting);
    return text.isEmpty() ? null : Path.of(text);
  }

  /// By the name of their driver. Whether such a program works is for its trial to say.
  static Map<String, Path> runtimes(Settings said) {
    Map<String, Path> runtimes = new TreeMap<>();
    for (String one : text(said, RUNTIMES).split("[\\s,]+")) {
      if (one.isEmpty()) {
        continue;
      }
      int equals = one.indexOf('=');
      String name = one.substring(0, Math.max(0, equals));
      String program = one.substring(equals + 1);
      if (!PluginSettings.isName(name) || program.isEmpty()) {
        throw wrong(
            said,
            RUNTIMES,
            "write NAME=/path/to/program; a name has up to 31 small letters, digits and hyphens, a"
                + " path no blanks");
      }
      if (TaskMapping.DRIVERS.contains(name) || runtimes.containsKey(name)) {
        throw wrong(said, RUNTIMES, "choose another name: there is a driver " + name);
      }
      runtimes.put(name, Path.of(program).toAbsolutePath().normalize());
    }
    return runtimes;
  }

  static AtollException wrong(Settings said, Setting setting, String hint) {
    String origin = said.find(setting).map(Settings.Value::origin).orElse("default");
    return new AtollException(
        ErrorCode.BAD_REQUEST,
        setting.name()
            + " is "
            + Shown.quoted(text(said, setting))
            + " (from "
            + origin
            + "), which cannot be",
        hint);
  }
}
