package io.atoll.runtime.vm;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.runtime.qemu.seed.SshKey;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import java.util.stream.Collectors;

/// What makes a clone somebody: a script for its agent. Fresh randomness comes first, since all
/// that follows is made from it; the SSH server, which is off in a template, is let go last.
final class Identity {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int ENTROPY = 64;

  private Identity() {}

  /// @param user who logs in by SSH; empty if the image does not say
  static byte[] script(GuestOrder order, String user) {
    if (!user.isEmpty() && !user.matches("[a-z_][a-z0-9_-]{0,31}")) {
      throw new IllegalArgumentException("not a name of a user: '" + user + "'");
    }
    byte[] machine = new byte[16];
    RANDOM.nextBytes(machine);
    String keys =
        order.keys().stream().map(SshKey::line).collect(Collectors.joining("\n", "", "\n"));
    return filled(FRESH + SCRIPT)
        .replace("@MACHINE@", HexFormat.of().formatHex(machine))
        .replace("@BOOT@", UUID.randomUUID().toString())
        .replace("@HOST@", order.host().text())
        .replace("@INSTANCE@", order.instance())
        .replace("@USER@", user)
        .replace("@KEYS@", Base64.getEncoder().encodeToString(keys.getBytes(UTF_8)))
        .getBytes(UTF_8);
  }

  /// What a machine needs that went back to an earlier moment: randomness that it has not had, as
  /// all that it would make from its own was made before; and the time.
  static byte[] renewal() {
    return filled(FRESH).getBytes(UTF_8);
  }

  private static String filled(String script) {
    byte[] entropy = new byte[ENTROPY];
    RANDOM.nextBytes(entropy);
    Instant now = Instant.now();
    return script
        .replace("@ENTROPY@", HexFormat.of().formatHex(entropy))
        .replace("@NOW@", "%d.%09d".formatted(now.getEpochSecond(), now.getNano()));
  }

  /// RNDADDENTROPY is 0x40085203, RNDRESEEDCRNG 0x5207: <linux/random.h>.
  private static final String FRESH =
      """
      set -eu
      umask 022
      if [ -x /usr/bin/perl ]; then
        perl -e 'open(F, ">", "/dev/random") or die; $b = pack("H*", $ARGV[0]);
          ioctl(F, 0x40085203, pack("ii", 8 * length $b, length $b) . $b) or die "entropy: $!";
          ioctl(F, 0x5207, 0) or die "reseed: $!"' @ENTROPY@
      else
        python3 -ISc 'import fcntl, struct, sys
      b = bytes.fromhex(sys.argv[1])
      f = open("/dev/random", "wb")
      fcntl.ioctl(f, 0x40085203, struct.pack("ii", 8 * len(b), len(b)) + b)
      fcntl.ioctl(f, 0x5207, 0)' @ENTROPY@
      fi
      date -s @@NOW@ >/dev/null
      """;

  private static final String SCRIPT =
      """
      rm -f /etc/machine-id
      echo @MACHINE@ >/etc/machine-id
      echo @BOOT@ >/run/atoll-boot-id
      mount --bind /run/atoll-boot-id /proc/sys/kernel/random/boot_id
      old=$(cat /proc/sys/kernel/hostname)
      echo @HOST@ >/etc/hostname
      echo @HOST@ >/proc/sys/kernel/hostname
      sed -i "s/\\\\b$old\\\\b/@HOST@/g" /etc/hosts
      if [ -d /var/lib/cloud/instances ]; then
        was=$(cat /var/lib/cloud/data/instance-id)
        mv "/var/lib/cloud/instances/$was" /var/lib/cloud/instances/@INSTANCE@
        ln -sfn /var/lib/cloud/instances/@INSTANCE@ /var/lib/cloud/instance
        echo @INSTANCE@ >/var/lib/cloud/data/instance-id
        echo @INSTANCE@ >/var/lib/cloud/data/previous-instance-id
      fi
      if [ -n "@USER@" ]; then
        home=$(getent passwd "@USER@" | cut -d: -f6)
        mkdir -p -m 700 "$home/.ssh"
        echo @KEYS@ | base64 -d >"$home/.ssh/authorized_keys"
        chmod 600 "$home/.ssh/authorized_keys"
        chown -R "@USER@:" "$home/.ssh"
      fi
      if [ -d /etc/ssh ]; then
        rm -f /etc/ssh/ssh_host_*
        ssh-keygen -q -t ed25519 -N '' -C "root@@HOST@" -f /etc/ssh/ssh_host_ed25519_key
        systemctl --no-block start ssh
      fi
      """;
}
