/* A process beside the payload: the same namespaces, groups, user, limits, filter, and no capability.
 *
 *   session ── fork into the groups ──▶ helper: becomes the run's user, enters the namespaces
 *      │                                   └── clone with the same parent ──▶ first program ── exec ──▶ command
 *      └──────────── pipes or terminal, status ◀────────────────────────────────┘
 *
 * The helper is the owner of the sandbox's user namespace, and so may enter it: as root and as an
 * ordinary user it goes the same way. A pid namespace takes in children only, hence the second. */
#include "atoll.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>
#include <poll.h>

#define GET_USERNS 0xb701u  /* NS_GET_USERNS, _IO(0xb7, 1) */
#define GET_PEER 0x5441u    /* TIOCGPTPEER */
#define LAST_CAPABILITY 63

/* The kernel's interface, from linux/capability.h. */
struct cap_head { uint32_t version; int pid; };
struct cap_data { uint32_t effective, permitted, inheritable; };
#define CAP_VERSION_3 0x20080522u

static const char *const kinds[] = {"mnt", "ipc", "uts", "net", "cgroup", "pid"};
#define KINDS (sizeof kinds / sizeof *kinds)
#define NET 3

/* The parent of a process, by its status; 0 if it is gone. */
static long parent_of(long pid) {
  char path[64], text[4096];
  snprintf(path, sizeof path, "/proc/%ld/status", pid);
  if (read_file(path, text, sizeof text) <= 0) return 0;
  char *line = strstr(text, "\nPPid:");
  return line == NULL ? 0 : strtol(line + 6, NULL, 10);
}

int join_find(const struct spec *spec) {
  int fd = (int)syscall(SYS_pidfd_open, (pid_t)spec->payload, 0);
  if (fd < 0) return -1;
  long at = spec->payload;
  for (int steps = 0; steps < 8 && at > 1 && at != spec->supervisor; steps++) at = parent_of(at);
  /* Still there after the walk: so it was this very process all the time. */
  struct pollfd ended = {fd, POLLIN, 0};
  if (at == spec->supervisor && poll(&ended, 1, 0) == 0) return fd;
  close(fd);
  errno = ESRCH;
  return -1;
}

static bool same(int a, int b) {
  struct stat x, y;
  return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_ino == y.st_ino && x.st_dev == y.st_dev;
}

static int namespace_of(long pid, const char *kind, int status) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%ld/ns/%s", pid, kind);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) report_failure(status, 'F', ST_JOIN, errno);
  return fd;
}

static void enter(int fd, int own, int status) {
  if (!same(fd, own) && setns(fd, 0) < 0) report_failure(status, 'F', ST_JOIN, errno);
  close(fd);
  close(own);
}

/* A network with cards is not the sandbox's own. As root it is the machine's, and can be entered only before we
 * become the run's user; else it belongs to a user namespace around the sandbox's. */
static void enter_network(const int *all, int status) {
  int owner = ioctl(all[NET], GET_USERNS), of_sandbox = ioctl(all[0], GET_USERNS);
  if (owner < 0 || of_sandbox < 0) report_failure(status, 'F', ST_JOIN, errno);
  int mine = namespace_of(getpid(), "user", status), net = namespace_of(getpid(), "net", status);
  bool apart = !same(owner, of_sandbox) && !same(all[NET], net);
  if (apart && ((!same(owner, mine) && setns(owner, 0) < 0) || setns(all[NET], 0) < 0))
    report_failure(status, 'F', ST_JOIN, errno);
  close(owner);
  close(of_sandbox);
  close(mine);
  close(net);
}

/* From here on the payload can see us: nothing of us may be read or traced by it. */
static void enter_sandbox(const struct spec *spec, const int *all, int user, int status) {
  if (prctl(PR_SET_DUMPABLE, 0) < 0) report_failure(status, 'F', ST_JOIN, errno);
  int owner = ioctl(all[0], GET_USERNS);
  if (owner < 0) report_failure(status, 'F', ST_JOIN, errno);
  int kept = fcntl(owner, F_DUPFD_CLOEXEC, 0);
  int own[KINDS];
  for (size_t i = 0; i < KINDS; i++) own[i] = namespace_of(getpid(), kinds[i], status);
  int mine = namespace_of(getpid(), "user", status);
  enter(owner, mine, status);
  for (size_t i = 0; i < KINDS; i++) enter(all[i], own[i], status);
  enter(user, kept, status);
  (void)spec;
}

static void drop_capabilities(int status) {
  for (int cap = 0; cap <= LAST_CAPABILITY; cap++)
    if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno != EINVAL) report_failure(status, 'F', ST_DROP, errno);
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  struct cap_head head = {CAP_VERSION_3, 0};
  struct cap_data none[2];
  memset(none, 0, sizeof none);
  if (syscall(SYS_capset, &head, none) < 0) report_failure(status, 'F', ST_DROP, errno);
}

/* A terminal of the sandbox's own, so that its name leads to it there. */
static void open_terminal(const struct spec *spec, int status) {
  int unlocked = 0;
  int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0 || ioctl(master, TIOCSPTLCK, &unlocked) < 0) report_failure(status, 'F', ST_TTY, errno);
  int slave = ioctl(master, GET_PEER, O_RDWR | O_NOCTTY);
  struct winsize size = {.ws_row = (unsigned short)spec->rows, .ws_col = (unsigned short)spec->cols};
  if (slave < 0 || ioctl(slave, TIOCSCTTY, 0) < 0) report_failure(status, 'F', ST_TTY, errno);
  ioctl(master, TIOCSWINSZ, &size);
  if (!hand_over(status, 'M', master)) report_failure(status, 'F', ST_TTY, errno);
  close(master);
  for (int fd = 0; fd < 3; fd++) dup2(slave, fd);
  if (slave > 2) close(slave);
}

static void become_command(const struct spec *spec, int status) __attribute__((noreturn));

static void become_command(const struct spec *spec, int status) {
  setsid();
  if (spec->boxed) drop_capabilities(status);
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) report_failure(status, 'F', ST_IDENTITY, errno);
  if (spec->tty) open_terminal(spec, status);
  if (spec->boxed && chdir("/work") < 0) report_failure(status, 'F', ST_WORK, errno);
  first_program(spec, status);
}

/* Inside a guest the payload is held by the guest itself: the command is who it is, and where it is. */
static void enter_guest(const struct spec *spec, int status) {
  static char home[256];
  write_file("/proc/self/oom_score_adj", "0"); /* whoever keeps it is not to die for it */
  enum stage failed = inside_enter(spec->inside, home);
  if (failed != 0) report_failure(status, 'F', failed, errno == 0 ? EINVAL : errno);
  for (int i = 0; i < spec->envs; i++)
    if (strncmp(spec->env[i], "HOME=", 5) == 0) return;
  spec->env[spec->envs] = home; /* the list has room, and its end is a null */
}

static void run_helper(const struct spec *spec, int status, const int *pipes, pid_t parent, bool inside)
    __attribute__((noreturn));

static void run_helper(const struct spec *spec, int status, const int *pipes, pid_t parent, bool inside) {
  for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  umask(022);
  if (!spec->tty)
    for (int fd = 0; fd < 3; fd++) dup2(pipes[fd], fd);
  int all[KINDS], user = -1;
  if (spec->boxed) { /* opened as whoever we are now */
    for (size_t i = 0; i < KINDS; i++) all[i] = namespace_of(spec->payload, kinds[i], status);
    user = namespace_of(spec->payload, "user", status);
  }
  enter_groups(spec, inside, status);
  if (spec->inside != NULL) {
    enter_guest(spec, status);
    become_command(spec, status);
  }
  set_limits(spec, status);
  /* As whoever we are now: the run's user cannot walk to a folder that lies in the daemon's. */
  if (!spec->boxed && chdir(spec->work == NULL ? "/" : spec->work) < 0) report_failure(status, 'F', ST_WORK, errno);
  if (spec->boxed) enter_network(all, status);
  become(spec, parent, status);
  if (!spec->boxed) become_command(spec, status);
  enter_sandbox(spec, all, user, status);
  long pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
  if (pid == 0) become_command(spec, status);
  if (pid < 0) report_failure(status, 'F', ST_JOIN, errno);
  _exit(0);
}

int join_start(struct joined *joined, const struct spec *spec) {
  int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1}, status[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, status) < 0) return -1;
  if (!spec->tty && (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)) return -1;
  int on = 1;
  if (setsockopt(status[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0) return -1;
  pid_t parent = getpid();
  bool inside;
  pid_t pid = fork_into(spec->into, &inside);
  if (pid < 0) return -1;
  if (pid == 0) {
    int ours[3] = {in[0], out[1], err[1]};
    run_helper(spec, status[1], ours, parent, inside);
  }
  close(status[1]);
  if (!spec->tty) {
    close(in[0]);
    close(out[1]);
    close(err[1]);
  }
  *joined = (struct joined){
      .helper = spec->boxed ? pid : 0, .command = spec->boxed ? 0 : pid, .status = status[0],
      .in = in[1], .out = out[0], .err = err[0]};
  return 0;
}
