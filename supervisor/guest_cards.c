/* The network cards of a guest. Each comes with an address that says only which it is, the same in every
 * copy of a template; its own address, its name and what it is in its network come with the start. */
#include "guest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ETHERNET 1
#define MAC_BYTES 6
#define LONGEST_FILE 16384
#define ATMOST_MS 2000

/* The name that the kernel gave to the card of this number. */
static bool find(int number, char name[IFNAMSIZ]) {
  char wanted[32];
  bool found = false;
  snprintf(wanted, sizeof wanted, "02:00:00:00:00:%02x", number + 1);
  DIR *all = opendir("/sys/class/net");
  for (struct dirent *each = all == NULL ? NULL : readdir(all); each != NULL && !found; each = readdir(all)) {
    char path[300], address[32];
    snprintf(path, sizeof path, "/sys/class/net/%s/address", each->d_name);
    found = each->d_name[0] != '.' && read_file(path, address, sizeof address) > 0 &&
            strncmp(address, wanted, strlen(wanted)) == 0;
    if (found) snprintf(name, IFNAMSIZ, "%.15s", each->d_name);
  }
  if (all != NULL) closedir(all);
  return found;
}

static bool read_mac(const char *text, unsigned char mac[MAC_BYTES]) {
  for (int i = 0; i < MAC_BYTES; i++) {
    char *end;
    unsigned long byte = strtoul(text, &end, 16);
    if (end != text + 2 || byte > 255 || *end != (i < MAC_BYTES - 1 ? ':' : 0)) return false;
    mac[i] = (unsigned char)byte;
    text = end + 1;
  }
  return true;
}

static bool be(int fd, const char *name, const char *mac, const char *device) {
  struct ifreq of = {.ifr_hwaddr.sa_family = ETHERNET};
  errno = EINVAL;
  if (!read_mac(mac, (unsigned char *)of.ifr_hwaddr.sa_data)) return false;
  snprintf(of.ifr_name, IFNAMSIZ, "%.15s", name);
  if (ioctl(fd, SIOCSIFHWADDR, &of) < 0) return false;
  if (strcmp(of.ifr_name, device) == 0) return true;
  snprintf(of.ifr_newname, IFNAMSIZ, "%.15s", device);
  return ioctl(fd, SIOCSIFNAME, &of) == 0;
}

/* A card that was brought up runs a little later, once the kernel's own work on it is done; what is sent
 * before that is dropped. */
static void await_running(int fd, const char *device) {
  struct timespec moment = {.tv_nsec = 1000000};
  struct ifreq of = {0};
  snprintf(of.ifr_name, IFNAMSIZ, "%.15s", device);
  for (int64_t until = mono_ms() + ATMOST_MS; mono_ms() < until; nanosleep(&moment, NULL))
    if (ioctl(fd, SIOCGIFFLAGS, &of) < 0 || (of.ifr_flags & IFF_RUNNING) != 0) return;
}

const char *guest_cards_up(struct start *start) {
  struct cards *cards = &start->cards;
  if (cards->count == 0) return NULL;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  cards->netlink = netlink_open();
  if (fd < 0 || cards->netlink < 0) return "nobody to ask for the network's cards";
  char name[MAX_CARDS][IFNAMSIZ];
  for (int i = 0; i < cards->count; i++) {
    errno = ENODEV;
    if (!find(i, name[i])) return "a network's card is not there";
  }
  for (int i = 0; i < cards->count; i++)
    if (!be(fd, name[i], start->mac[i], cards->all[i].device)) return "a network's card does not become its own";
  for (int i = 0; i < cards->count; i++)
    if (card_up(cards->netlink, &cards->all[i], i == 0) < 0) return "a network's card does not come up";
  for (int i = 0; i < cards->count; i++) await_running(fd, cards->all[i].device);
  close(fd);
  return NULL;
}

/* A file of the image's /etc, if that is a folder; what was there under the name goes, a link too. */
static void put(const char *root, const char *name, const char *text) {
  char path[64];
  struct stat st;
  snprintf(path, sizeof path, "%s/etc", root);
  mkdir(path, 0755);
  if (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode)) return;
  snprintf(path, sizeof path, "%s/etc/%s", root, name);
  unlink(path);
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (fd < 0) return;
  (void)!write(fd, text, strlen(text));
  close(fd);
}

void guest_names(const struct start *start, const char *root) {
  if (start->resolver != NULL) put(root, "resolv.conf", start->resolver);
  if (start->hosts != NULL) put(root, "hosts", start->hosts);
}

/* Names at other addresses, if the file is still as it was written here. */
static void rewrite_hosts(struct start *start, const char *root, const char *text) {
  static char now[LONGEST_FILE];
  char path[64];
  snprintf(path, sizeof path, "%s/etc/hosts", root);
  int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return;
  ssize_t n = read(fd, now, sizeof now);
  bool ours = start->hosts != NULL && n == (ssize_t)strlen(start->hosts) && memcmp(now, start->hosts, (size_t)n) == 0;
  char *kept = ours ? strdup(text) : NULL;
  if (kept != NULL && ftruncate(fd, 0) == 0 && pwrite(fd, text, strlen(text), 0) >= 0) start->hosts = kept;
  close(fd);
}

int guest_cards_move(struct start *start, const char *root, const char *body, size_t size) {
  const char *zero = memchr(body, 0, size);
  if (zero == NULL || size == 0 || body[size - 1] != 0 || zero == body + size - 1) return EINVAL;
  if (start->cards.count == 0) return ENOENT;
  int error = cards_readdress(&start->cards, body);
  if (error == 0) rewrite_hosts(start, root, zero + 1);
  return error;
}
