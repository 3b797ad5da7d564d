/* Interfaces, addresses and routes, by rtnetlink. The numbers are the kernel's, from linux/rtnetlink.h
 * and its neighbours, which musl-gcc does not find. */
#include "cards.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define NETLINK_ROUTE 0
enum { NEW_LINK = 16, DELETE_LINK = 17, GET_LINK = 18, NEW_ADDRESS = 20, DELETE_ADDRESS = 21, NEW_ROUTE = 24,
       DELETE_ROUTE = 25 };
enum { NL_ERROR = 2, NL_REQUEST = 1, NL_ACK = 4, NL_REPLACE = 0x100, NL_CREATE = 0x400 };
enum { LINK_NAME = 3, LINK_MTU = 4, LINK_QUEUE = 13, ADDRESS = 1, ADDRESS_LOCAL = 2, ROUTE_TO = 1,
       ROUTE_BY = 5, ROUTE_OUT = 4, ROUTE_PRIORITY = 6 };
#define UP 1u
#define QUEUE 4096 /* super-packets: a thousand connections begin at once, and the usual 500 lose half */
#define NO_DETECTION 0x02 /* of addresses that somebody else has: the network gave them out */
#define TABLE_MAIN 254
#define TABLE_LOCAL 255
#define BY_ADMINISTRATOR 4
#define SCOPE_LINK 253
#define UNICAST 1
#define MULTICAST 5

struct head { uint32_t length; uint16_t type, flags; uint32_t sequence, port; };
struct link { uint8_t family, zero; uint16_t type; int32_t index; uint32_t flags, change; };
struct numbered { uint8_t family, bits, flags, scope; uint32_t index; };
struct way { uint8_t family, to_bits, from_bits, tos, table, protocol, scope, type; uint32_t flags; };
struct attribute { uint16_t length, type; };

/* A request being written; it has room for any of ours. */
struct request { _Alignas(4) unsigned char bytes[256]; size_t size; };

static void begin(struct request *r, int type, int flags, const void *body, size_t size) {
  memset(r, 0, sizeof *r);
  struct head head = {.type = (uint16_t)type, .flags = (uint16_t)(NL_REQUEST | NL_ACK | flags)};
  memcpy(r->bytes, &head, sizeof head);
  memcpy(r->bytes + sizeof head, body, size);
  r->size = sizeof head + size;
}

static void add(struct request *r, int type, const void *value, size_t size) {
  struct attribute head = {(uint16_t)(sizeof head + size), (uint16_t)type};
  memcpy(r->bytes + r->size, &head, sizeof head);
  memcpy(r->bytes + r->size + sizeof head, value, size);
  r->size += (sizeof head + size + 3) & ~(size_t)3;
}

/* Sends it, and waits for the kernel's word, which comes at once; a link that is told of gives its number. */
static int ask(int netlink, struct request *r, int *index) {
  static uint32_t sequence;
  struct head head;
  memcpy(&head, r->bytes, sizeof head);
  head.length = (uint32_t)r->size;
  head.sequence = ++sequence;
  memcpy(r->bytes, &head, sizeof head);
  if (send(netlink, r->bytes, r->size, 0) < 0) return -1;
  for (;;) {
    _Alignas(4) unsigned char answer[16384];
    ssize_t n = recv(netlink, answer, sizeof answer, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -1;
    for (size_t at = 0; at + sizeof head <= (size_t)n; at += (head.length + 3) & ~3u) {
      memcpy(&head, answer + at, sizeof head);
      if (head.length < sizeof head || at + head.length > (size_t)n) break;
      if (head.sequence != sequence) continue;
      if (head.type == NEW_LINK && index != NULL && head.length >= sizeof head + sizeof(struct link)) {
        struct link link;
        memcpy(&link, answer + at + sizeof head, sizeof link);
        *index = link.index;
      }
      if (head.type == NL_ERROR && head.length >= sizeof head + sizeof(int32_t)) {
        int32_t error;
        memcpy(&error, answer + at + sizeof head, sizeof error);
        errno = -error;
        return error == 0 ? 0 : -1;
      }
    }
  }
}

int netlink_open(void) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  /* The kernel answers before `send` returns; whoever keeps a run must not hang if it ever does not. */
  struct timeval patience = {.tv_sec = 2};
  if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return fd;
}

int netlink_index(int netlink, const char *device) {
  struct request r;
  struct link link = {0};
  int index = -1;
  begin(&r, GET_LINK, 0, &link, sizeof link);
  add(&r, LINK_NAME, device, strlen(device) + 1);
  return ask(netlink, &r, &index) < 0 ? -1 : index;
}

int netlink_up(int netlink, int index, int mtu) {
  struct request r;
  struct link link = {.index = index, .flags = UP, .change = UP};
  uint32_t longest = (uint32_t)mtu, queue = QUEUE;
  begin(&r, NEW_LINK, 0, &link, sizeof link);
  if (mtu > 0) {
    add(&r, LINK_MTU, &longest, sizeof longest);
    add(&r, LINK_QUEUE, &queue, sizeof queue);
  }
  return ask(netlink, &r, NULL);
}

int netlink_delete(int netlink, int index) {
  struct request r;
  struct link link = {.index = index};
  begin(&r, DELETE_LINK, 0, &link, sizeof link);
  return index < 0 ? -1 : ask(netlink, &r, NULL);
}

static size_t width(const struct address *address) { return address->family == AF_INET ? 4 : 16; }

static int change(int netlink, int index, const struct address *address, int type, int flags) {
  struct request r;
  struct numbered body = {
      .family = (uint8_t)address->family, .bits = (uint8_t)address->bits, .flags = NO_DETECTION, .index = (uint32_t)index};
  begin(&r, type, flags, &body, sizeof body);
  add(&r, ADDRESS_LOCAL, address->bytes, width(address));
  add(&r, ADDRESS, address->bytes, width(address));
  return ask(netlink, &r, NULL);
}

int netlink_add(int netlink, int index, const struct address *address) {
  return change(netlink, index, address, NEW_ADDRESS, NL_CREATE | NL_REPLACE);
}

int netlink_remove(int netlink, int index, const struct address *address) {
  return change(netlink, index, address, DELETE_ADDRESS, 0) == 0 || errno == EADDRNOTAVAIL ? 0 : -1;
}

static int routed(int netlink, int index, const struct route *route, int type, int flags) {
  struct request r;
  bool local = route->everybody && route->to.family == AF_INET6; /* where the kernel keeps them */
  struct way body = {
      .family = (uint8_t)route->to.family, .to_bits = (uint8_t)route->to.bits, .protocol = BY_ADMINISTRATOR,
      .table = local ? TABLE_LOCAL : TABLE_MAIN, .type = local ? MULTICAST : UNICAST,
      .scope = route->by == NULL ? SCOPE_LINK : 0};
  uint32_t out = (uint32_t)index, first = 1;
  begin(&r, type, flags, &body, sizeof body);
  if (route->to.bits > 0) add(&r, ROUTE_TO, route->to.bytes, width(&route->to));
  if (route->by != NULL) add(&r, ROUTE_BY, route->by->bytes, width(route->by));
  if (route->everybody) add(&r, ROUTE_PRIORITY, &first, sizeof first);
  add(&r, ROUTE_OUT, &out, sizeof out);
  return ask(netlink, &r, NULL);
}

int netlink_route(int netlink, int index, const struct route *route) {
  return routed(netlink, index, route, NEW_ROUTE, NL_CREATE | NL_REPLACE);
}

int netlink_unroute(int netlink, int index, const struct route *route) {
  return routed(netlink, index, route, DELETE_ROUTE, 0) == 0 || errno == ESRCH ? 0 : -1;
}
