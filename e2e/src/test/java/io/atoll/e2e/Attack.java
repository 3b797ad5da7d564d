package io.atoll.e2e;

import java.io.IOException;

/// What a hostile payload does, as a script for any `/bin/sh` with the usual small programs.
enum Attack {
  FORK_BOMB,
  MEMORY_HOG,
  DISK_FILLER,
  OUTPUT,
  MOUNT,
  PTRACE,
  RAW_DEVICE,
  HOST_NETWORK;

  /// What a filler writes at most where nothing limits it, in each of the folders it tries.
  static final int MOST_FILLED_MIB = 64;

  private static volatile StaticProgram program;

  /// Whether it tries to get out, and ends by itself; the others take what they can.
  boolean isEscape() {
    return compareTo(MOUNT) >= 0;
  }

  /// @param prey what it is after
  /// @param output bytes that `OUTPUT` writes
  String script(Canary prey, long output) throws IOException, InterruptedException {
    return switch (this) {
      case FORK_BOMB -> run("fork");
      case MEMORY_HOG ->
          "while :; do (x=0123456789abcdef; while :; do x=$x$x; done) 2>/dev/null; done";
      case DISK_FILLER ->
          "i=0; while [ $i -lt "
              + MOST_FILLED_MIB
              + " ]; do for d in . /tmp /dev/shm /var/tmp; do head -c 1048576 /dev/zero > $d/f$i;"
              + " done; i=$((i+1)); done 2>/dev/null; exec sleep 600";
      case OUTPUT ->
          "yes 'a line that nobody wants to read, and that comes again' | head -c " + output;
      case MOUNT -> run("mount " + prey.secretFile());
      case PTRACE -> run("ptrace " + prey.pid() + " " + prey.secret());
      case RAW_DEVICE -> run("device " + prey.diskMajor() + " " + prey.diskMinor());
      case HOST_NETWORK -> run("network " + prey.port() + " " + String.join(" ", prey.addresses()));
    };
  }

  private static String run(String words) throws IOException, InterruptedException {
    if (program == null) {
      program = StaticProgram.compile("hostile");
    }
    return program.script() + "; ./hostile " + words;
  }
}
