package io.atoll.runtime.vm;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/// The programs that run a command inside a guest and tell its end. They need what cloud-init and
/// systemd need, and nothing of ours in the image.
final class CommandScript {
  /// Where the program lies in the guest.
  static final String FILE = "/run/atoll-task";

  /// Starts it as a unit, so that a shutdown of the guest asks it to end and waits.
  static final List<String> START =
      List.of(
          "/usr/bin/systemd-run",
          "--quiet",
          "--collect",
          "--unit=atoll-task",
          "--property=KillMode=mixed",
          "--property=TimeoutStopSec=1h",
          "--property=OOMPolicy=continue",
          "--property=OOMScoreAdjust=-900",
          "/usr/bin/python3",
          "-IS",
          FILE);

  private static final String PROGRAM =
      """
      import base64, os, signal
      words = base64.b64decode('@WORDS@').split(b'\\0')
      env = dict(w.split(b'=', 1) for w in base64.b64decode('@ENV@').split(b'\\0'))
      out, err, end = (os.open('/dev/virtio-ports/atoll.' + n, os.O_WRONLY) for n in ('out', 'err', 'exit'))
      def starved():
          try:
              group = open('/proc/self/cgroup').read().strip().rsplit(':', 1)[1]
              events = open('/sys/fs/cgroup' + group + '/memory.events').read().split()
              return int(events[events.index('oom_kill') + 1]) > 0
          except (OSError, LookupError, ValueError):
              return False
      pid = 0
      signal.signal(signal.SIGTERM, lambda *_: pid and os.kill(pid, signal.SIGTERM))
      told, tell = os.pipe2(os.O_CLOEXEC)
      pid = os.fork()
      if pid == 0:
          try:
              os.setsid()
              os.dup2(os.open('/dev/null', os.O_RDONLY), 0)
              os.dup2(out, 1)
              os.dup2(err, 2)
              for fd in (out, err, end):
                  os.close(fd)
              os.chdir('/root')
              with open('/proc/self/oom_score_adj', 'w') as f:
                  f.write('0')
              signal.signal(signal.SIGTERM, signal.SIG_DFL)
              signal.signal(signal.SIGPIPE, signal.SIG_DFL)
              os.execvpe(words[0], words, env)
          except OSError as e:
              os.write(tell, str(e.errno).encode())
          os._exit(125)
      os.close(tell)
      failed = os.read(told, 16).decode()
      status = os.waitpid(pid, 0)[1]
      if failed:
          text = 'missing ' + failed
      elif os.WIFSIGNALED(status) and os.WTERMSIG(status) == 9 and starved():
          text = 'memory 9'
      elif os.WIFSIGNALED(status):
          text = 'signal %d' % os.WTERMSIG(status)
      else:
          text = 'exit %d' % os.WEXITSTATUS(status)
      os.write(end, (text + '\\n').encode())
      os.sync()
      try:
          with open('/proc/sysrq-trigger', 'w') as f:
              f.write('o')
      except OSError:
          os.execv('/sbin/poweroff', ['poweroff', '-ff'])
      """;

  private CommandScript() {}

  /// The program that runs a command, tells its end and turns the machine off.
  static byte[] program(List<String> command, Map<String, String> env) {
    List<String> variables = new ArrayList<>();
    env.forEach((name, value) -> variables.add(name + "=" + value));
    return PROGRAM
        .replace("@WORDS@", encoded(command))
        .replace("@ENV@", encoded(variables))
        .getBytes(UTF_8);
  }

  private static String encoded(List<String> words) {
    return Base64.getEncoder().encodeToString(String.join("\0", words).getBytes(UTF_8));
  }

  /// The same as a script that cloud-init runs once, at the end of the first boot.
  ///
  /// @param before what is waited for; empty: nothing
  static byte[] vendorScript(List<String> command, Map<String, String> env, String before) {
    String packed = Base64.getMimeEncoder().encodeToString(program(command, env));
    return ("#!/bin/sh\n"
            + (before.isEmpty() ? "" : "/bin/sh " + before + "\n")
            + "umask 077\nbase64 -d >"
            + FILE
            + " <<'END'\n"
            + packed.replace("\r", "")
            + "\nEND\nexec "
            + String.join(" ", START)
            + "\n")
        .getBytes(UTF_8);
  }
}
