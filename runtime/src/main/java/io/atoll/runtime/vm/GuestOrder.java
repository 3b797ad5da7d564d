package io.atoll.runtime.vm;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Guest;
import io.atoll.core.term.Port;
import io.atoll.core.term.RunId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.guest.GuestCards;
import io.atoll.runtime.qemu.seed.Hostname;
import io.atoll.runtime.qemu.seed.SshKey;
import io.atoll.runtime.qemu.seed.UserData;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the guest of one run is to be and do.
///
/// @param mac of its own card, the same whenever it is asked for
/// @param networks its cards of networks
/// @param command empty: none
/// @param env variables of the command
record GuestOrder(
    String instance,
    Hostname host,
    List<SshKey> keys,
    String mac,
    GuestCards networks,
    UserData userData,
    List<String> command,
    Map<String, String> env) {
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  GuestOrder {
    keys = List.copyOf(keys);
    command = List.copyOf(command);
    env = Map.copyOf(env);
  }

  /// What it runs; empty: nothing.
  String program() {
    return command.isEmpty() ? "" : command.getFirst();
  }

  /// Its cards.
  ///
  /// @param ports of this host that lead in: none, and it needs no card of its own
  Adapters adapters(List<Port> ports) {
    return new Adapters(ports.isEmpty() ? null : mac, networks);
  }

  static GuestOrder of(RunId id, Workload workload, GuestCards networks) throws DriverException {
    Map<String, String> given = workload.env();
    Map<String, String> env = new LinkedHashMap<>();
    env.put("PATH", PATH);
    env.put("HOME", "/root");
    try {
      Guest guest = workload.guest();
      for (Map.Entry<String, String> each : given.entrySet()) {
        String name = each.getKey();
        if (name.isEmpty()
            || name.indexOf('=') >= 0
            || (name + each.getValue()).indexOf('\0') >= 0) {
          throw new IllegalArgumentException(
              "'" + name.replace('\0', '?') + "' is no name or has no value of a variable");
        }
        env.put(name, each.getValue());
      }
      if (workload.command().stream().anyMatch(word -> word.indexOf('\0') >= 0)) {
        throw new IllegalArgumentException("an argument contains a zero byte");
      }
      return new GuestOrder(
          id.toString(),
          guest.hostname().isEmpty()
              ? Hostname.near(
                  networks.count() > 0 ? networks.cards().getFirst().name() : id.toString())
              : new Hostname(guest.hostname()),
          SshKey.lines(String.join("\n", guest.sshKeys())),
          mac(id),
          networks,
          UserData.of(guest.userData().getBytes(UTF_8)),
          workload.command(),
          env);
    } catch (IllegalArgumentException e) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST, String.valueOf(e.getMessage()), "put it right and ask again", e);
    }
  }

  /// From QEMU's own range; 24 bits of the run's name.
  static String mac(RunId id) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(id.toString().getBytes(UTF_8));
      return "52:54:00:%02x:%02x:%02x".formatted(hash[0], hash[1], hash[2]);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
