package io.atoll.runtime.qemu.seed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// The program that keeps commands inside a machine, as it lies on the seed, and how it is started
/// there: early in each boot, by whatever image that has cloud-init.
///
/// @param bytes a static program for the guest's processor
public record GuestProgram(byte[] bytes) {
  static final String FILE = "atoll-guest";

  /// `/run` may forbid to execute anything, so it gets a place of its own there. Before cloud-init
  /// is done, a unit must wait for nothing.
  private static final String HOOK =
      """
      #!/bin/sh
      place=/run/atoll-guest
      [ ! -d $place ] || exit 0
      mkdir -m 700 $place
      mount -t tmpfs -o mode=700,nosuid,nodev,size=4m atoll-guest $place || exit 0
      mkdir $place/seed
      for disk in /dev/disk/by-label/@LABEL@ $(blkid -L @LABEL@ 2>/dev/null); do
        [ -e $place/program ] || {
          mount -o ro "$disk" $place/seed || continue
          cp $place/seed/@FILE@ $place/program
          umount $place/seed
        }
      done
      [ -e $place/program ] || exit 0
      chmod 700 $place/program
      start="exec $place/program --guest-exec"
      if [ -d /run/systemd/system ]; then
        systemd-run --quiet --collect --no-block --unit=atoll-guest \\
          --property=DefaultDependencies=no --property=Restart=on-failure \\
          --property=TasksMax=infinity --property=OOMPolicy=continue /bin/sh -c "$start"
      else
        setsid nohup /bin/sh -c "$start" </dev/null >/dev/null 2>&1 &
      fi
      """;

  public GuestProgram {
    bytes = bytes.clone();
  }

  public static GuestProgram of(Path file) throws IOException {
    return new GuestProgram(Files.readAllBytes(file));
  }

  @Override
  public byte[] bytes() {
    return bytes.clone();
  }

  /// Names the program and how it is started: other ones, another name.
  public String digest() {
    try {
      MessageDigest hash = MessageDigest.getInstance("SHA-256");
      hash.update(bytes);
      return HexFormat.of().formatHex(hash.digest(hook()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static byte[] hook() {
    return HOOK.replace("@LABEL@", CloudSeed.LABEL).replace("@FILE@", FILE).getBytes(UTF_8);
  }
}
