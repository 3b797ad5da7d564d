/* The image, the little world around it, and the payload in it. */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#define ROOT PAYLOAD_ROOT

extern char **environ;

const char *start_parse(struct start *start, char *bytes, size_t size) {
  memset(start, 0, sizeof *start);
  start->work = "/";
  start->user = "";
  start->host = "microvm";
  start->cards.netlink = -1;
  size_t words = 1;
  for (size_t i = 0; i < size; i++) words += bytes[i] == 0;
  start->arg = calloc(2 * (words + 1), sizeof *start->arg);
  if (start->arg == NULL) return "no memory";
  start->env = start->arg + words + 1;
  bool ended = false;
  for (size_t at = 0, next; at < size && !ended; at = next) {
    char *key = bytes + at, *equals = strchr(key, '=');
    next = at + strlen(key) + 1;
    if (equals == NULL) return "a word has no =";
    *equals = 0;
    char *value = equals + 1;
    if (strcmp(key, "arg") == 0) start->arg[start->args++] = value;
    else if (strcmp(key, "env") == 0) start->env[start->envs++] = value;
    else if (strcmp(key, "work") == 0) start->work = value;
    else if (strcmp(key, "user") == 0) start->user = value;
    else if (strcmp(key, "host") == 0) start->host = value;
    else if (strcmp(key, "memory") == 0) start->memory = atoll(value);
    else if (strcmp(key, "processes") == 0) start->processes = atoll(value);
    else if (strcmp(key, "disk") == 0) start->disk = atoll(value);
    else if (strcmp(key, "resolver") == 0) start->resolver = value;
    else if (strcmp(key, "hosts") == 0) start->hosts = value;
    else if (strcmp(key, "mac") == 0 && start->macs < MAX_CARDS) start->mac[start->macs++] = value;
    else if (strcmp(key, "card") == 0 && start->cards.count < MAX_CARDS) {
      const char *wrong = card_parse(&start->cards.all[start->cards.count++], value);
      if (wrong != NULL) return wrong;
    } else if (strcmp(key, "end") == 0) ended = true;
    else return "a word is not known";
  }
  if (!ended) return "it is cut short";
  if (start->macs != start->cards.count) return "it has not an address for every card";
  return start->args == 0 ? "it names no program" : NULL;
}

void guest_entropy(const unsigned char bytes[64]) {
  struct { int bits, size; unsigned char bytes[64]; } pool = {512, 64, {0}};
  memcpy(pool.bytes, bytes, 64);
  int fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);
  if (fd < 0 || ioctl(fd, 0x40085203 /* RNDADDENTROPY */, &pool) < 0 || ioctl(fd, 0x5207 /* RNDRESEEDCRNG */) < 0)
    guest_die("seeding the random number generator");
  close(fd);
  memset(&pool, 0, sizeof pool);
}

void guest_clock(uint64_t ns) {
  struct timespec now = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
  clock_settime(CLOCK_REALTIME, &now);
}

static void loopback(void) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq up = {.ifr_name = "lo"};
  if (fd < 0) return;
  if (ioctl(fd, SIOCGIFFLAGS, &up) == 0) {
    up.ifr_flags |= IFF_UP;
    ioctl(fd, SIOCSIFFLAGS, &up);
  }
  close(fd);
}

static void device(const char *name, unsigned major, unsigned minor) {
  char path[64];
  snprintf(path, sizeof path, ROOT "/dev/%s", name);
  if (mknod(path, S_IFCHR | 0666, makedev(major, minor)) == 0) chmod(path, 0666);
}

/* The image below, memory above; a /dev without the host's port and the image's disk. */
static bool make_root(const struct start *start) {
  char options[64];
  if (start->disk > 0) snprintf(options, sizeof options, "mode=0755,size=%lld", start->disk);
  else snprintf(options, sizeof options, "mode=0755");
  mkdir("/image", 0755);
  mkdir("/above", 0755);
  mkdir(ROOT, 0755);
  if (mount("/dev/vda", "/image", "squashfs", MS_RDONLY | MS_NODEV, NULL) < 0) return false;
  if (mount("above", "/above", "tmpfs", 0, options) < 0) return false;
  mkdir("/above/upper", 0755);
  mkdir("/above/work", 0755);
  if (mount("root", ROOT, "overlay", 0, "lowerdir=/image,upperdir=/above/upper,workdir=/above/work") < 0) return false;
  mkdir(ROOT "/proc", 0755);
  mkdir(ROOT "/sys", 0755);
  mkdir(ROOT "/dev", 0755);
  mkdir(ROOT "/tmp", 01777);
  if (mount("proc", ROOT "/proc", "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL) < 0) return false;
  if (mount("sys", ROOT "/sys", "sysfs", MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY, NULL) < 0) return false;
  if (mount("dev", ROOT "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755,size=64k") < 0) return false;
  mkdir(ROOT "/dev/pts", 0755);
  mkdir(ROOT "/dev/shm", 01777);
  mount("pts", ROOT "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5");
  mount("shm", ROOT "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
  device("null", 1, 3);
  device("zero", 1, 5);
  device("full", 1, 7);
  device("random", 1, 8);
  device("urandom", 1, 9);
  device("tty", 5, 0);
  (void)!symlink("pts/ptmx", ROOT "/dev/ptmx");
  (void)!symlink("/proc/self/fd", ROOT "/dev/fd");
  (void)!symlink("/proc/self/fd/0", ROOT "/dev/stdin");
  (void)!symlink("/proc/self/fd/1", ROOT "/dev/stdout");
  (void)!symlink("/proc/self/fd/2", ROOT "/dev/stderr");
  return true;
}

static void limit(const char *file, long long value) {
  char text[32];
  if (value <= 0) return;
  snprintf(text, sizeof text, "%lld", value);
  write_file(file, text);
}

static long long figure(const char *file, const char *key) {
  char text[4096];
  if (read_file(file, text, sizeof text) <= 0) return -1;
  if (key == NULL) return atoll(text);
  char *line = strstr(text, key);
  return line == NULL ? -1 : atoll(line + strlen(key));
}

/* The payload dies of its own hunger before the machine does: what is there, less some for the agent and
 * what the kernel never gives away. Half of what its own caches hold is called available as well, but a
 * small guest does not get it back: it would search for it for minutes. */
static long long memory_of(const struct start *start) {
  const char *all = "/proc/meminfo";
  long long kib = figure(all, "MemFree:") + figure(all, "Active(file):") + figure(all, "Inactive(file):");
  long long there = kib * 1024 - (6 << 20);
  return start->memory > 0 && start->memory < there ? start->memory : there;
}

static void make_group(const struct start *start) {
  write_file("/group/cgroup.subtree_control", "+memory");
  write_file("/group/cgroup.subtree_control", "+pids");
  write_file("/group/cgroup.subtree_control", "+cpu");
  mkdir(PAYLOAD_GROUP, 0755);
  limit(PAYLOAD_GROUP "/memory.max", memory_of(start));
  limit(PAYLOAD_GROUP "/pids.max", start->processes);
}

bool payload_out_of_memory(void) { return figure(PAYLOAD_GROUP "/memory.events", "oom_kill ") > 0; }

int64_t payload_cpu_ns(void) {
  long long us = figure(PAYLOAD_GROUP "/cpu.stat", "usage_usec ");
  return us < 0 ? -1 : us * 1000;
}

int64_t payload_memory_peak(void) { return figure(PAYLOAD_GROUP "/memory.peak", NULL); }

struct inside payload_inside(const struct start *start) {
  return (struct inside){ROOT, start->work, start->user, start->env, start->envs};
}

/* Its group goes at once, and what keeps the sessions beside it stays to tell their ends. What has left
 * the group, as only root in the guest can, takes those along. */
void payload_kill(bool whatever) {
  if (whatever || write_file(PAYLOAD_GROUP "/cgroup.kill", "1") < 0) kill(-1, SIGKILL);
}

/* `code` says whose fault it is: 127 and 126 the task's, 125 ours. */
static void fail(int status, int code, const char *what, const char *on) __attribute__((noreturn));

static void fail(int status, int code, const char *what, const char *on) {
  int error = errno;
  if (error == 0) dprintf(status, "%s%.300s", what, on);
  else dprintf(status, "%s%.300s: %s", what, on, strerror(error));
  _exit(code);
}

static void run(const struct start *start, int status, int out, int err) __attribute__((noreturn));

static void run(const struct start *start, int status, int out, int err) {
  setsid();
  write_file(PAYLOAD_GROUP "/cgroup.procs", "0");
  for (int each = 1; each < 32; each++) signal(each, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  umask(022);
  char home[256];
  struct inside image = payload_inside(start);
  enum stage failed = inside_enter(&image, home);
  if (failed == ST_WORK) fail(status, 126, "entering the work folder ", start->work);
  if (failed == ST_IDENTITY) fail(status, 126, "the image has no user ", start->user);
  if (failed != 0) fail(status, 125, "entering the image failed", "");
  int null = open("/dev/null", O_RDONLY);
  dup2(null, 0);
  if (null > 2) close(null);
  dup2(out, 1);
  dup2(err, 2);
  bool given = false;
  for (int i = 0; i < start->envs; i++) given |= strncmp(start->env[i], "HOME=", 5) == 0;
  if (!given) start->env[start->envs] = home; /* the list has room, and its end is a null */
  environ = start->env;
  execvp(start->arg[0], start->arg);
  int error = errno;
  if (error == ENOENT) {
    errno = 0;
    fail(status, 127, "no such program: ", start->arg[0]);
  }
  fail(status, 126, "cannot execute ", start->arg[0]);
}

const char *payload_start(struct start *start, struct started *started, char *wrong, size_t size) {
  int out[2], err[2], status[2];
  (void)!sethostname(start->host, strlen(start->host));
  loopback();
  make_group(start);
  if (!make_root(start)) {
    snprintf(wrong, size, "the image cannot be mounted: %s", strerror(errno));
    return wrong;
  }
  const char *unconnected = guest_cards_up(start);
  if (unconnected != NULL) {
    snprintf(wrong, size, "%s: %s", unconnected, strerror(errno));
    return wrong;
  }
  guest_names(start, ROOT);
  if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0 || pipe2(status, O_CLOEXEC) < 0) {
    snprintf(wrong, size, "no pipes: %s", strerror(errno));
    return wrong;
  }
  pid_t pid = fork();
  if (pid < 0) {
    snprintf(wrong, size, "no process: %s", strerror(errno));
    return wrong;
  }
  if (pid == 0) run(start, status[1], out[1], err[1]);
  close(out[1]);
  close(err[1]);
  close(status[1]);
  *started = (struct started){.pid = pid, .status = status[0], .out = out[0], .err = err[0]};
  return NULL;
}
