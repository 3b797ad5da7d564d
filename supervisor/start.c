/* Forks the child and takes it through everything that must hold before foreign code runs. */
#include "atoll.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

const char *stage_name(int stage) {
  switch (stage) {
    case ST_CGROUP: return "entering its control groups";
    case ST_LIMITS: return "setting its limits";
    case ST_IDENTITY: return "becoming its user";
    case ST_WORK: return "entering its work folder";
    case ST_FILES: return "opening a file for the sandbox";
    case ST_BOX: return "executing bubblewrap";
    case ST_SECCOMP: return "installing the system call filter";
    case ST_SPEC: return "reading the spec inside the sandbox";
    case ST_JOIN: return "joining the sandbox";
    case ST_DROP: return "giving up its capabilities";
    case ST_TTY: return "opening a terminal";
    case ST_IMAGE: return "entering the image";
    case ST_NETWORK: return "making its network interfaces";
    default: return "starting";
  }
}

/* The limits of clone3 as the first kernels with CLONE_INTO_CGROUP had it. */
struct clone_request {
  uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

/* A fork whose child is born in a cgroup: moving there later costs milliseconds. */
pid_t fork_into(const char *group, bool *inside) {
  *inside = false;
  if (group != NULL) {
    int fd = open(group, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
      struct clone_request request = {
          .flags = 0x200000000ull /* CLONE_INTO_CGROUP */, .exit_signal = SIGCHLD, .cgroup = (uint64_t)fd};
      long pid = syscall(SYS_clone3, &request, sizeof request);
      if (pid >= 0) {
        *inside = true;
        if (pid > 0) close(fd);
        return (pid_t)pid;
      }
      close(fd);
    }
  }
  return fork();
}

static void limit(int status, int which, long long value) {
  struct rlimit both = {(rlim_t)value, (rlim_t)value};
  if (value >= 0 && setrlimit(which, &both) < 0) report_failure(status, 'F', ST_LIMITS, errno);
}

void enter_groups(const struct spec *spec, bool inside, int status) {
  for (int i = 0; i < spec->enters; i++)
    if (write_file(spec->enter[i], "0") < 0) report_failure(status, 'F', ST_CGROUP, errno);
  if (spec->into != NULL && !inside) {
    char path[4200];
    snprintf(path, sizeof path, "%s/cgroup.procs", spec->into);
    if (write_file(path, "0") < 0) report_failure(status, 'F', ST_CGROUP, errno);
  }
}

void set_limits(const struct spec *spec, int status) {
  limit(status, RLIMIT_CORE, 0);
  limit(status, RLIMIT_NPROC, spec->max_processes);
  limit(status, RLIMIT_FSIZE, spec->max_file_bytes);
  if (spec->max_files >= 0) {
    struct rlimit now;
    if (getrlimit(RLIMIT_NOFILE, &now) < 0) report_failure(status, 'F', ST_LIMITS, errno);
    rlim_t hard = now.rlim_max < (rlim_t)spec->max_files ? now.rlim_max : (rlim_t)spec->max_files;
    struct rlimit both = {hard < 1024 ? hard : 1024, hard};
    if (setrlimit(RLIMIT_NOFILE, &both) < 0) report_failure(status, 'F', ST_LIMITS, errno);
  }
}

/* A folder of the stage with that name; the path is the caller's. */
static bool stage_folder(const struct spec *spec, const char *name, char *path, size_t size) {
  return snprintf(path, size, "%s/%s", spec->stage, name) < (int)size && mkdir(path, 0755) == 0;
}

/* A device that the run's user may open, whoever else may. */
static bool stage_device(const struct spec *spec) {
  char copy[256];
  struct stat st;
  snprintf(copy, sizeof copy, "%s/device", spec->stage);
  return stat(spec->device, &st) == 0 && S_ISCHR(st.st_mode) && mknod(copy, S_IFCHR | 0600, st.st_rdev) == 0 &&
         chown(copy, (uid_t)spec->uid, (gid_t)spec->gid) == 0;
}

/* A file of its own, bound where the sandbox finds it. */
static bool stage_hosts(const struct spec *spec, char *path, size_t size) {
  if (snprintf(path, size, "%s/hosts", spec->stage) >= (int)size) return false;
  int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
  if (fd < 0) return false;
  close(fd);
  return mount(spec->hosts, path, NULL, MS_BIND, NULL) == 0;
}

/* More than the work folder, in a mount namespace that nobody else sees. */
static bool stage_all(const struct spec *spec) {
  char path[256];
  if (mount("stage", spec->stage, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755,size=64k") < 0) return false;
  if (spec->device != NULL && !stage_device(spec)) return false;
  if (spec->work != NULL &&
      !(stage_folder(spec, "work", path, sizeof path) && mount(spec->work, path, NULL, MS_BIND, NULL) == 0))
    return false;
  if (spec->meet != NULL &&
      !(stage_folder(spec, "meet", path, sizeof path) && mount(spec->meet, path, NULL, MS_BIND, NULL) == 0))
    return false;
  if (spec->hosts != NULL && !stage_hosts(spec, path, sizeof path)) return false;
  return spec->image == NULL || (stage_folder(spec, "image", path, sizeof path) &&
                                 mount(spec->image, path, NULL, MS_BIND, NULL) == 0 &&
                                 mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) == 0);
}

/* Only root can do the first half, and only root needs it. */
static void enter_work(const struct spec *spec, int status) {
  if (spec->stage != NULL) {
    bool alone = spec->device == NULL && spec->image == NULL && spec->hosts == NULL && spec->meet == NULL;
    if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL) < 0 ||
        (alone ? spec->work == NULL || mount(spec->work, spec->stage, NULL, MS_BIND, NULL) < 0 : !stage_all(spec)))
      report_failure(status, 'F', ST_WORK, errno);
  } else if (spec->work != NULL && chdir(spec->work) < 0) {
    report_failure(status, 'F', ST_WORK, errno);
  }
}

/* Somebody who is not root owns only namespaces of a user namespace of his own: there he is who he is. */
static bool own_namespaces(void) {
  char user[64], group[64];
  snprintf(user, sizeof user, "%u %u 1", (unsigned)geteuid(), (unsigned)geteuid());
  snprintf(group, sizeof group, "%u %u 1", (unsigned)getegid(), (unsigned)getegid());
  return unshare(CLONE_NEWUSER) == 0 && write_file("/proc/self/uid_map", user) == 0 &&
         write_file("/proc/self/setgroups", "deny") == 0 && write_file("/proc/self/gid_map", group) == 0;
}

/* The network is made before the sandbox, and is not the sandbox's: nothing inside has any right over it. */
static void make_network(const struct spec *spec, int status) {
  struct cards cards = spec->cards;
  if (cards.count == 0 && !spec->alone) return;
  if ((geteuid() != 0 && !own_namespaces()) || unshare(CLONE_NEWNET) < 0) {
    /* To be alone is one more wall; where namespaces are not to be had, a program goes without. */
    if (cards.count == 0 && errno == EPERM) return;
    report_failure(status, 'F', ST_NETWORK, errno);
  }
  if (cards.count == 0) return;
  if (cards_make(&cards) < 0) report_failure(status, 'F', ST_NETWORK, errno);
  for (int i = 0; i < cards.count; i++) {
    if (!hand_over(status, 'D', cards.tun[i])) report_failure(status, 'F', ST_NETWORK, errno);
    close(cards.tun[i]);
  }
  if (!hand_over(status, 'N', cards.netlink)) report_failure(status, 'F', ST_NETWORK, errno);
  close(cards.netlink);
}

void become(const struct spec *spec, pid_t parent, int status) {
  if (spec->uid >= 0) {
    gid_t gid = (gid_t)spec->gid;
    uid_t uid = (uid_t)spec->uid;
    if (spec->uid == 0 || spec->gid <= 0 || setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 ||
        setresuid(uid, uid, uid) < 0)
      report_failure(status, 'F', ST_IDENTITY, errno == 0 ? EINVAL : errno);
  }
  /* After the change of user, which would clear it. */
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    report_failure(status, 'F', ST_IDENTITY, errno);
  if (getppid() != parent) _exit(125); /* it died before we asked to be told */
}

/* Puts a descriptor at its agreed number, open over exec. */
static void place(int fd, int at, int status) {
  int ok = fd == at ? fcntl(fd, F_SETFD, 0) : dup2(fd, at);
  if (fd < 0 || ok < 0) report_failure(status, 'F', ST_FILES, errno);
}

static void run_child(const struct spec *spec, int spec_fd, int status, int out, int err, pid_t parent,
                      bool inside) __attribute__((noreturn));

static void run_child(const struct spec *spec, int spec_fd, int status, int out, int err, pid_t parent,
                      bool inside) {
  setsid();
  for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  umask(022);
  dup2(out, 1);
  dup2(err, 2);

  enter_groups(spec, inside, status);
  make_network(spec, status);
  enter_work(spec, status);
  /* Opened as whoever we are now; used by whoever we become. */
  for (int i = 0; i < spec->file_count; i++) {
    int fd = open(spec->files[i].path, O_RDONLY | O_CLOEXEC);
    place(fd, spec->files[i].fd, status);
    if (fd != spec->files[i].fd) close(fd);
  }
  int self = spec->boxes == 0 ? -1 : open("/proc/self/exe", O_PATH | O_CLOEXEC);
  set_limits(spec, status);
  become(spec, parent, status);

  if (spec->boxes == 0) first_program(spec, status);
  place(self, FD_SELF, status);
  place(spec_fd, FD_SPEC, status);
  place(status, FD_STATUS, status);
  if (status != FD_STATUS) fcntl(status, F_SETFD, FD_CLOEXEC);
  /* No variable of the payload may reach bubblewrap, which runs outside the sandbox. */
  char *clean[] = {"PATH=/usr/bin:/bin", NULL};
  execve(spec->box[0], spec->box, clean);
  report_failure(FD_STATUS, 'F', ST_BOX, errno);
}

int start_child(struct started *started, const struct spec *spec, int spec_fd) {
  int out[2], err[2], status[2];
  /* Descriptors above those that the sandbox is given by number. */
  if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0 ||
      socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, status) < 0)
    return -1;
  int on = 1;
  if (setsockopt(status[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0) return -1;
  pid_t parent = getpid();
  bool inside;
  pid_t pid = fork_into(spec->into, &inside);
  if (pid < 0) return -1;
  if (pid == 0) {
    /* Numbers below 256 are free for what the spec opens. */
    int high_status = fcntl(status[1], F_DUPFD_CLOEXEC, 256), high_spec = fcntl(spec_fd, F_DUPFD_CLOEXEC, 256);
    int high_out = fcntl(out[1], F_DUPFD_CLOEXEC, 256), high_err = fcntl(err[1], F_DUPFD_CLOEXEC, 256);
    if (high_status < 0 || high_spec < 0 || high_out < 0 || high_err < 0) _exit(125);
    run_child(spec, high_spec, high_status, high_out, high_err, parent, inside);
  }
  close(out[1]);
  close(err[1]);
  close(status[1]);
  *started = (struct started){.pid = pid, .status = status[0], .out = out[0], .err = err[0]};
  return 0;
}
