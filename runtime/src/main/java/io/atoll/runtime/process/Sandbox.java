package io.atoll.runtime.process;

import io.atoll.runtime.card.HostsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How bubblewrap is called. Every run gets its own mount, pid, ipc, uts, net and user namespace;
/// the system read-only, a minimal /etc, /proc and /dev, a sized tmpfs at /tmp, and /work. Inside,
/// the payload is uid 1000: outside, that is the run's own uid (as root), or the daemon's (else).
final class Sandbox {
  /// Descriptors at which the supervisor opens our two files; it keeps 3 to 5 for itself.
  private static final int PASSWD = 6;

  private static final int GROUP = 7;
  private static final int RESOLVER = 8;
  private static final int SWITCH = 9;
  private static final long TMP_WITHOUT_LIMIT = 256L << 20;

  private final ProcessSettings settings;
  private final Path files;
  private final List<String> system;

  /// @param files a folder for the two files that every sandbox gets
  Sandbox(ProcessSettings settings, Path files) throws IOException {
    this.settings = settings;
    this.files = files;
    this.system = system(settings);
    Files.createDirectories(files);
    Files.writeString(
        files.resolve("passwd"),
        "root:x:0:0:root:/:/usr/sbin/nologin\ntask:x:1000:1000::/work:/bin/sh\n");
    Files.writeString(files.resolve("group"), "root:x:0:\ntask:x:1000:\n");
    // Without it a libc asks the name server even for what /etc/hosts knows.
    Files.writeString(files.resolve("nsswitch.conf"), "hosts: files dns\n");
  }

  /// Adds to a spec what makes the sandbox.
  ///
  /// @param memory limit of the run, 0 = none
  /// @param work folder of the host to be /work; null = memory
  /// @param stage where the supervisor binds `work`, if bubblewrap cannot walk to it
  /// @param device to be there as well; only together with `work`
  /// @param meeting folder of the host to be [Handover#MEETING]; only together with `work`
  /// @param program files to be at `/app`, read-only
  /// @param names folder of the host with the files `hosts` and `resolv.conf`; null = no network.
  ///     With one the supervisor has made it, and the sandbox makes none
  void describe(
      SpecFile spec,
      String host,
      long memory,
      @Nullable Path work,
      @Nullable Path stage,
      @Nullable Path device,
      @Nullable Path meeting,
      @Nullable Program program,
      @Nullable Path names) {
    spec.word("seccomp", 1);
    spec.word("file", PASSWD + ":" + files.resolve("passwd"));
    spec.word("file", GROUP + ":" + files.resolve("group"));
    String tmp = String.valueOf(memory > 0 ? memory : TMP_WITHOUT_LIMIT);
    List<String> words = new ArrayList<>(List.of(settings.bubblewrap().toString()));
    words.addAll(List.of("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts"));
    if (names == null) {
      words.add("--unshare-net");
    }
    words.addAll(List.of("--unshare-cgroup-try", "--uid", "1000"));
    words.addAll(List.of("--gid", "1000", "--new-session", "--die-with-parent"));
    words.addAll(List.of("--cap-drop", "ALL", "--hostname", host));
    words.addAll(system);
    words.addAll(List.of("--file", String.valueOf(PASSWD), "/etc/passwd"));
    words.addAll(List.of("--file", String.valueOf(GROUP), "/etc/group"));
    if (names != null) {
      spec.word("file", RESOLVER + ":" + names.resolve("resolv.conf"));
      spec.word("file", SWITCH + ":" + files.resolve("nsswitch.conf"));
      words.addAll(List.of("--file", String.valueOf(RESOLVER), "/etc/resolv.conf"));
      words.addAll(List.of("--file", String.valueOf(SWITCH), "/etc/nsswitch.conf"));
      // Bound and not copied: it changes with the payload's address.
      Path hosts = stage == null ? names.resolve(HostsFile.NAME) : stage.resolve(HostsFile.NAME);
      words.addAll(List.of("--ro-bind", hosts.toString(), "/etc/hosts"));
    }
    words.addAll(List.of("--proc", "/proc", "--dev", "/dev"));
    if (device != null) {
      Path source = stage == null ? device : stage.resolve("device");
      words.addAll(List.of("--dev-bind", source.toString(), device.toString()));
    }
    words.addAll(List.of("--perms", "1777", "--size", tmp, "--tmpfs", "/dev/shm"));
    words.addAll(List.of("--remount-ro", "/dev"));
    words.addAll(List.of("--perms", "1777", "--size", tmp, "--tmpfs", "/tmp"));
    if (work == null) {
      words.addAll(List.of("--size", tmp, "--tmpfs", "/work"));
    } else {
      boolean alone = device == null && program == null && names == null && meeting == null;
      Path source = stage == null ? work : alone ? stage : stage.resolve("work");
      words.addAll(List.of("--bind", source.toString(), "/work"));
    }
    if (meeting != null) {
      Path source = stage == null ? meeting : stage.resolve("meet");
      words.addAll(List.of("--bind", source.toString(), Handover.MEETING));
    }
    if (program != null) {
      Path source = stage == null ? program.folder() : stage.resolve("image");
      words.addAll(List.of("--ro-bind", source.toString(), Program.PLACE));
    }
    words.addAll(List.of("--remount-ro", "/", "--chdir", "/work"));
    // The supervisor's own program, from a descriptor: it becomes the payload.
    words.addAll(List.of("--", "/proc/self/fd/5", "--first"));
    words.forEach(word -> spec.word("box", word));
  }

  private static List<String> system(ProcessSettings settings) throws IOException {
    List<String> words = new ArrayList<>(List.of("--ro-bind", "/usr", "/usr"));
    for (String name : List.of("bin", "sbin", "lib", "lib32", "lib64", "libx32")) {
      Path path = Path.of("/" + name);
      if (Files.isSymbolicLink(path)) {
        words.addAll(List.of("--symlink", Files.readSymbolicLink(path).toString(), "/" + name));
      } else if (Files.isDirectory(path)) {
        words.addAll(List.of("--ro-bind", "/" + name, "/" + name));
      }
    }
    for (String name :
        List.of("/etc/alternatives", "/etc/ld.so.cache", "/etc/ssl/certs", "/etc/localtime")) {
      if (Files.exists(Path.of(name))) {
        words.addAll(List.of("--ro-bind", Path.of(name).toRealPath().toString(), name));
      }
    }
    for (Path path : settings.visible()) {
      words.addAll(List.of("--ro-bind", path.toString(), path.toString()));
    }
    return List.copyOf(words);
  }

  /// A folder of every Linux over which a run's own mount namespace may bind; null if none is
  /// there.
  static @Nullable Path stage() {
    for (String name : List.of("/mnt", "/media", "/srv", "/opt")) {
      Path path = Path.of(name);
      if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        return path;
      }
    }
    return null;
  }
}
