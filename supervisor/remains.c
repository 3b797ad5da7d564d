/* Nothing of a run survives it. The supervisor is the subreaper of everything the payload forks, so
 * "no child left" means "no descendant left", with or without control groups. */
#include "atoll.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

bool remains_reap(pid_t main_pid, int *main_status, bool *main_ended) {
  for (;;) {
    int status;
    pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid == 0) return true;
    if (pid < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    if (pid == main_pid) {
      *main_status = status;
      *main_ended = true;
    }
  }
}

/* Every process of the run's own user at once: no fork can slip between two kills. */
static void kill_user(const struct spec *spec) {
  if (spec->uid <= 0 || spec->gid <= 0) return;
  if (fork() != 0) return;
  uid_t uid = (uid_t)spec->uid;
  gid_t gid = (gid_t)spec->gid;
  if (setgroups(0, NULL) == 0 && setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0 && getuid() != 0)
    kill(-1, SIGKILL);
  _exit(0);
}

static void kill_children(void) {
  char path[64], list[65536];
  snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
  if (read_file(path, list, sizeof list) <= 0) return;
  for (char *at = list, *end; *at != 0; at = end) {
    long pid = strtol(at, &end, 10);
    if (end == at) return;
    if (pid > 1) kill((pid_t)pid, SIGKILL);
    while (*end == ' ') end++;
  }
}

void remains_thaw(const struct spec *spec) {
  if (spec->thaw_path != NULL) write_file(spec->thaw_path, spec->thaw_text);
}

void remains_kill(const struct spec *spec, pid_t main_pid) {
  if (spec->kill != NULL) write_file(spec->kill, "1");
  if (main_pid > 0) kill(main_pid, SIGKILL);
  kill_children();
  kill_user(spec);
  remains_thaw(spec); /* a frozen process of cgroup v1 dies when it thaws */
}
