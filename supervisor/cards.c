/* A payload's network interfaces, from the word that describes one to the device that is up. */
#include "cards.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "atoll.h"

/* The kernel's interface, from linux/if_tun.h. */
#define SET_INTERFACE 0x400454caul
struct interface { char name[16]; short flags; char rest[22]; };
#define TUN 0x0001
#define NO_INFO 0x1000
#define HEADER 0x4000

#define PARTS 8
#define LOOPBACK 1

static bool read_address(struct address *into, int family, const char *text, bool bits) {
  char copy[64];
  if (strlen(text) >= sizeof copy) return false;
  strcpy(copy, text);
  char *slash = strchr(copy, '/');
  if (bits != (slash != NULL)) return false;
  into->family = family;
  into->bits = family == AF_INET ? 32 : 128;
  if (slash != NULL) {
    char *end;
    *slash = 0;
    long n = strtol(slash + 1, &end, 10);
    if (end == slash + 1 || *end != 0 || n < 1 || n > into->bits) return false;
    into->bits = (int)n;
  }
  return inet_pton(family, copy, into->bytes) == 1;
}

const char *card_parse(struct card *card, const char *text) {
  char copy[256], *part[PARTS], *rest = copy, *end;
  if (strlen(text) >= sizeof copy) return "a card is too long";
  strcpy(copy, text);
  memset(card, 0, sizeof *card);
  for (int i = 0; i < PARTS; i++)
    if ((part[i] = strsep(&rest, " ")) == NULL || *part[i] == 0) return "a card has too few parts";
  if (rest != NULL) return "a card has too many parts";
  if (strlen(part[0]) >= sizeof card->id || strlen(part[1]) >= sizeof card->device) return "a card's name is too long";
  strcpy(card->id, part[0]);
  strcpy(card->device, part[1]);
  long mtu = strtol(part[2], &end, 10);
  if (*end != 0 || mtu < 1280 || mtu > 65535) return "a card's MTU is wrong";
  card->mtu = (int)mtu;
  if (!read_address(&card->v4, AF_INET, part[3], true) || !read_address(&card->v6, AF_INET6, part[4], true) ||
      !read_address(&card->gateway4, AF_INET, part[5], false) || !read_address(&card->gateway6, AF_INET6, part[6], false))
    return "a card's address is wrong";
  if (strcmp(part[7], "0") != 0 && strcmp(part[7], "1") != 0) return "whether a card leaves its network is wrong";
  card->leaves = part[7][0] == '1';
  return NULL;
}

static int open_device(int netlink, const char *name) {
  int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
  if (fd < 0) return -1;
  struct interface wanted = {.flags = TUN | NO_INFO | HEADER};
  strcpy(wanted.name, name);
  if (ioctl(fd, SET_INTERFACE, &wanted) == 0) return fd;
  /* A keeper before us has died, and the daemon still has the device: it gets another from us. */
  if (errno == EBUSY && netlink_delete(netlink, netlink_index(netlink, name)) == 0 &&
      ioctl(fd, SET_INTERFACE, &wanted) == 0)
    return fd;
  int error = errno;
  close(fd);
  errno = error;
  return -1;
}

/* A setting of the present namespace; a kernel that does not have it goes without. */
static void tell(const char *what, const char *device, const char *value) {
  char path[128];
  snprintf(path, sizeof path, what, device);
  write_file(path, value);
}

/* What a namespace of a payload has that no other has to ask for: it owns all ports, and may ping. Nothing of
 * IPv6 comes to it by what somebody on the wire says. */
static void settle(const char *device) {
  tell("/proc/sys/net/ipv6/conf/%s/disable_ipv6", "lo", "0"); /* some engines turn it off where there is no network */
  tell("/proc/sys/net/ipv4/ip_unprivileged_port_start", "", "0");
  /* The first is for whoever is not root outside: only its own group has a number there. */
  char own[32];
  snprintf(own, sizeof own, "%u %u", (unsigned)getegid(), (unsigned)getegid());
  if (geteuid() != 0) tell("/proc/sys/net/ipv4/ping_group_range", "", own);
  else tell("/proc/sys/net/ipv4/ping_group_range", "", "0 2147483647");
  tell("/proc/sys/net/ipv4/conf/%s/promote_secondaries", device, "1"); /* as an address goes, the newer ones stay */
  tell("/proc/sys/net/ipv6/conf/%s/disable_ipv6", device, "0");
  tell("/proc/sys/net/ipv6/conf/%s/accept_ra", device, "0");
  tell("/proc/sys/net/ipv6/conf/%s/addr_gen_mode", device, "1");
}

/* A kernel without IPv6 has such a card, too. */
static bool lacks_v6(int family) { return family == AF_INET6 && access("/proc/sys/net/ipv6", F_OK) < 0; }

static int add_address(int netlink, int index, const struct address *address) {
  return lacks_v6(address->family) ? 0 : netlink_add(netlink, index, address);
}

static int add_group_route(int netlink, int index, int family, unsigned char begins, int bits) {
  struct route route = {.to = {.family = family, .bytes = {begins}, .bits = bits}, .everybody = true};
  return lacks_v6(family) ? 0 : netlink_route(netlink, index, &route);
}

/* All that is for no block of the payload's goes by the gateways, or does no longer. */
static int set_leaving(int netlink, int index, const struct card *card, bool leaves) {
  const struct address *by[] = {&card->gateway4, &card->gateway6};
  for (int i = 0; i < 2; i++) {
    struct route route = {.to = {.family = by[i]->family}, .by = by[i]};
    if (lacks_v6(by[i]->family)) continue;
    if ((leaves ? netlink_route(netlink, index, &route) : netlink_unroute(netlink, index, &route)) < 0) return -1;
  }
  return 0;
}

int card_up(int netlink, const struct card *card, bool first) {
  settle(card->device);
  int index = netlink_index(netlink, card->device);
  if (index < 0 || netlink_up(netlink, index, card->mtu) < 0 || add_address(netlink, index, &card->v4) < 0 ||
      add_address(netlink, index, &card->v6) < 0)
    return -1;
  if (first && (add_group_route(netlink, index, AF_INET, 0xe0, 4) < 0 ||
                add_group_route(netlink, index, AF_INET6, 0xff, 8) < 0))
    return -1;
  return card->leaves ? set_leaving(netlink, index, card, true) : 0;
}

int cards_make(struct cards *cards) {
  cards->netlink = netlink_open();
  if (cards->netlink < 0 || netlink_up(cards->netlink, LOOPBACK, 0) < 0) return -1;
  for (int i = 0; i < cards->count; i++) {
    cards->tun[i] = open_device(cards->netlink, cards->all[i].device);
    if (cards->tun[i] < 0 || card_up(cards->netlink, &cards->all[i], i == 0) < 0) return -1;
  }
  return 0;
}

static int find(const struct cards *cards, const char *id) {
  for (int i = 0; i < cards->count; i++)
    if (strcmp(cards->all[i].id, id) == 0) return i;
  return -1;
}

int cards_tun(const struct cards *cards, const char *id) {
  int at = find(cards, id);
  return at < 0 ? -1 : cards->tun[at];
}

static bool equal(const struct address *a, const struct address *b) {
  return a->bits == b->bits && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

int cards_readdress(struct cards *cards, const char *word) {
  struct card wanted;
  if (card_parse(&wanted, word) != NULL) return EINVAL;
  int at = find(cards, wanted.id);
  if (at < 0) return ENOENT;
  struct card *card = &cards->all[at];
  int index = netlink_index(cards->netlink, card->device);
  if (index < 0) return errno;
  if (add_address(cards->netlink, index, &wanted.v4) < 0 || add_address(cards->netlink, index, &wanted.v6) < 0) return errno;
  /* The routes of a block go with its last address, so the new ones are there first. */
  if (!equal(&card->v4, &wanted.v4) && netlink_remove(cards->netlink, index, &card->v4) < 0) return errno;
  if (!equal(&card->v6, &wanted.v6) && !lacks_v6(AF_INET6) && netlink_remove(cards->netlink, index, &card->v6) < 0)
    return errno;
  card->v4 = wanted.v4;
  card->v6 = wanted.v6;
  if (card->leaves != wanted.leaves && set_leaving(cards->netlink, index, card, wanted.leaves) < 0) return errno;
  card->leaves = wanted.leaves;
  return 0;
}
