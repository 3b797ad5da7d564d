/* From the kernel's first process to an agent that waits at its port. */
#include "guest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void guest_off(void) {
  reboot(RB_POWER_OFF);
  reboot(RB_AUTOBOOT);
  for (;;) pause();
}

void guest_die(const char *what) {
  dprintf(2, "atoll-guest: %s: %s\n", what, strerror(errno));
  guest_off();
}

static void load_modules(const char *from, bool wanted) {
  static char list[4096];
  if (read_file(from, list, sizeof list) < 0) guest_die(from);
  for (char *save = NULL, *name = strtok_r(list, "\n", &save); name != NULL; name = strtok_r(NULL, "\n", &save)) {
    int fd = wanted ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (wanted && (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST))) guest_die(name);
    if (fd >= 0) close(fd);
    unlink(name); /* the root is memory */
  }
}

/* Whether there is a virtio device that is a network card: loading what it needs is a tenth of a boot. */
static bool has_card(void) {
  bool found = false;
  DIR *all = opendir("/sys/bus/virtio/devices");
  for (struct dirent *each = all == NULL ? NULL : readdir(all); each != NULL && !found; each = readdir(all)) {
    char path[300], kind[16];
    snprintf(path, sizeof path, "/sys/bus/virtio/devices/%s/device", each->d_name);
    found = each->d_name[0] != '.' && read_file(path, kind, sizeof kind) > 0 && strncmp(kind, "0x0001", 6) == 0;
  }
  if (all != NULL) closedir(all);
  return found;
}

void guest_boot(void) {
  /* Errors go to the console, as far as there is one. */
  mkdir("/dev", 0755);
  if (mount("dev", "/dev", "devtmpfs", MS_NOSUID | MS_NOEXEC, NULL) < 0 && errno != EBUSY) guest_die("mounting /dev");
  int console = open("/dev/console", O_RDWR | O_NOCTTY);
  for (int fd = 0; console >= 0 && fd < 3; fd++)
    if (fd != console) dup2(console, fd);
  if (console > 2) close(console);
  if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL) < 0) guest_die("mounting /proc");
  if (mount("sys", "/sys", "sysfs", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL) < 0) guest_die("mounting /sys");
  load_modules("/modules", true);
  load_modules("/modules.net", has_card());
  mkdir("/group", 0755);
  mount("group", "/group", "cgroup2", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL);
}

static bool has_name(const char *port, const char *wanted) {
  char path[300], name[64];
  snprintf(path, sizeof path, "/sys/class/virtio-ports/%s/name", port);
  if (read_file(path, name, sizeof name) <= 0) return false;
  name[strcspn(name, "\n")] = 0;
  return strcmp(name, wanted) == 0;
}

int guest_port(const char *name, int atmost_ms) {
  struct timespec moment = {.tv_nsec = 1000000};
  for (int64_t until = mono_ms() + atmost_ms; mono_ms() <= until;) {
    DIR *all = opendir("/sys/class/virtio-ports");
    for (struct dirent *each = all == NULL ? NULL : readdir(all); each != NULL; each = readdir(all)) {
      if (each->d_name[0] == '.' || !has_name(each->d_name, name)) continue;
      char path[300];
      snprintf(path, sizeof path, "/dev/%s", each->d_name);
      int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
      if (fd >= 0) {
        closedir(all);
        return fd;
      }
    }
    if (all != NULL) closedir(all);
    nanosleep(&moment, NULL);
  }
  errno = ENODEV;
  return -1;
}
