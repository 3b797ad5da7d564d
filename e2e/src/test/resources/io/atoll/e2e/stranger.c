/* Somebody who is not in a private network and looks for its members: stranger MODE WORD...
 *
 *   scan V4 V6             connects to 1,034 ports of TCP and sends to 64 of UDP, over both
 *   arp DEVICE V4          asks on the wire who has the address
 *   frames DEVICE V4 V6    writes frames on the wire with packets for the addresses, to every card and under
 *                          several sources, the member's own among them
 *   node V4 PORT           datagrams for a node's socket: noise, and what looks like each kind that it takes
 *   replay DEVICE PORT N   waits for N datagrams to that port on the wire, and sends each five times again
 *
 * Prints "tried N answers M" and each answer: what came from the address that was asked, or from that port. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int tried, answers;

static void fail(const char *what) {
  printf("FAILED %s: %s\n", what, strerror(errno));
  exit(1);
}

static long long millis(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

static void answered(const char *how) {
  answers++;
  if (answers <= 20) printf("answer %s\n", how);
}

struct target { struct sockaddr_storage address; socklen_t length; };

static struct target target(const char *text, int port) {
  struct target to = {.length = sizeof(struct sockaddr_in)};
  struct sockaddr_in *four = (struct sockaddr_in *)&to.address;
  struct sockaddr_in6 *six = (struct sockaddr_in6 *)&to.address;
  if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons((uint16_t)port);
  } else if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons((uint16_t)port);
    to.length = sizeof *six;
  } else fail(text);
  return to;
}

/* ---- scan */

#define PORTS 1034
#define QUESTIONS 64
#define ALL (2 * (PORTS + QUESTIONS))

static struct pollfd fds[ALL];
static int waiting;

static void open_port(const char *address, int port, int type) {
  struct target to = target(address, port);
  int fd = socket(to.address.ss_family, type | SOCK_NONBLOCK, 0);
  if (fd < 0) fail("socket");
  tried++;
  /* Where there is no route there is nobody to send to. */
  int connected = connect(fd, (struct sockaddr *)&to.address, to.length);
  if (connected < 0 && errno == ECONNREFUSED) answered("refused");
  if (connected == 0 && type == SOCK_DGRAM) (void)!send(fd, "hello?", 6, 0);
  if (connected == 0 || errno == EINPROGRESS) fds[waiting++] = (struct pollfd){fd, type == SOCK_STREAM ? POLLOUT : POLLIN, 0};
  else close(fd);
}

/* Open, or refused: either way somebody is there. That there is no way is said by who is near. */
static void closed_or_open(int fd, int stream) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error == ECONNREFUSED || error == ECONNRESET) answered("refused");
  else if (error == 0) answered(stream ? "open" : "a datagram");
}

/* All at once: who is silent is waited for but once. */
static void scan(const char *four, const char *six) {
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) < 0) fail("getrlimit");
  files.rlim_cur = files.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &files) < 0) fail("setrlimit");
  for (int i = 0; i < 2; i++) {
    const char *address = i == 0 ? four : six;
    for (int port = 1; port < 1025; port++) open_port(address, port, SOCK_STREAM);
    for (int port = 7770; port < 7780; port++) open_port(address, port, SOCK_STREAM);
    for (int port = 7740; port < 7804; port++) open_port(address, port, SOCK_DGRAM);
  }
  for (long long until = millis() + 3000; waiting > 0 && millis() < until;) {
    if (poll(fds, (nfds_t)waiting, (int)(until - millis())) <= 0) break;
    for (int i = waiting - 1; i >= 0; i--)
      if (fds[i].revents != 0) {
        closed_or_open(fds[i].fd, fds[i].events == POLLOUT);
        close(fds[i].fd);
        fds[i] = fds[--waiting];
      }
  }
}

/* ---- frames */

static int wire(const char *device, unsigned char own[6]) {
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETH_P_ALL));
  struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex(device)};
  struct ifreq card;
  memset(&card, 0, sizeof card);
  snprintf(card.ifr_name, sizeof card.ifr_name, "%s", device);
  if (fd < 0 || at.sll_ifindex == 0 || bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || ioctl(fd, SIOCGIFHWADDR, &card) < 0)
    fail("opening the wire");
  memcpy(own, card.ifr_hwaddr.sa_data, 6);
  return fd;
}

static void put(int fd, const void *frame, size_t length) {
  if (send(fd, frame, length, 0) == (ssize_t)length) tried++;
}

/* Counts what comes in within that time from one of the addresses. */
static void hear(int fd, int seconds, const unsigned char *v4, const unsigned char *v6) {
  unsigned char frame[2048];
  for (long long until = millis() + seconds * 1000; millis() < until;) {
    struct pollfd one = {fd, POLLIN, 0};
    struct sockaddr_ll from;
    socklen_t length = sizeof from;
    if (poll(&one, 1, 50) <= 0) continue;
    ssize_t n = recvfrom(fd, frame, sizeof frame, 0, (struct sockaddr *)&from, &length);
    if (n < 42 || from.sll_pkttype == PACKET_OUTGOING) continue;
    int type = frame[12] << 8 | frame[13];
    if (type == ETH_P_ARP && v4 != NULL && memcmp(frame + 28, v4, 4) == 0) answered("ARP");
    if (type == ETH_P_IP && v4 != NULL && memcmp(frame + 26, v4, 4) == 0) answered("IPv4");
    if (type == ETH_P_IPV6 && v6 != NULL && n >= 54 && memcmp(frame + 22, v6, 16) == 0) answered("IPv6");
  }
}

static void arp(const char *device, const char *address) {
  unsigned char own[6], v4[4];
  int fd = wire(device, own);
  if (inet_pton(AF_INET, address, v4) != 1) fail(address);
  for (int i = 0; i < 20; i++) {
    unsigned char frame[60] = {255, 255, 255, 255, 255, 255};
    memcpy(frame + 6, own, 6);
    static const unsigned char head[] = {8, 6, 0, 1, 8, 0, 6, 4, 0, 1};
    memcpy(frame + 12, head, sizeof head);
    memcpy(frame + 22, own, 6);
    /* By turns as nobody, who probes, and as a neighbour of the address. */
    memcpy(frame + 28, v4, 4);
    frame[31] ^= 0x40;
    if (i % 2 == 0) memset(frame + 28, 0, 4);
    memcpy(frame + 38, v4, 4);
    put(fd, frame, sizeof frame);
  }
  hear(fd, 1, v4, NULL);
}

static uint16_t sum(const void *data, size_t length, uint32_t start) {
  const unsigned char *bytes = data;
  for (size_t i = 0; i + 1 < length; i += 2) start += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
  while (start >> 16) start = (start & 0xffff) + (start >> 16);
  return htons((uint16_t)~start);
}

/* Our own address there; all zeros if there is none. */
static void own_address(const char *device, int family, unsigned char *into) {
  struct ifaddrs *all, *each;
  memset(into, 0, family == AF_INET ? 4 : 16);
  if (getifaddrs(&all) < 0) fail("getifaddrs");
  for (each = all; each != NULL; each = each->ifa_next)
    if (each->ifa_addr != NULL && each->ifa_addr->sa_family == family && strcmp(each->ifa_name, device) == 0) {
      struct sockaddr_in6 *six = (struct sockaddr_in6 *)each->ifa_addr;
      if (family == AF_INET) memcpy(into, &((struct sockaddr_in *)each->ifa_addr)->sin_addr, 4);
      else if (!IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr)) memcpy(into, &six->sin6_addr, 16);
    }
  freeifaddrs(all);
}

static void frames(const char *device, const char *four, const char *six) {
  unsigned char own[6], v4[4], v6[16], here4[4], here6[16];
  int fd = wire(device, own);
  if (inet_pton(AF_INET, four, v4) != 1 || inet_pton(AF_INET6, six, v6) != 1) fail("an address");
  own_address(device, AF_INET, here4);
  own_address(device, AF_INET6, here6);
  for (int to = 0; to < 3; to++)        /* everybody, a multicast group, our own card */
    for (int from = 0; from < 4; from++) { /* a neighbour, ourselves, loopback, the member itself */
      unsigned char frame[14 + 40 + 16] = {0};
      memset(frame, 255, 6);
      if (to == 1) memcpy(frame, (unsigned char[]){1, 0, 0x5e, 0, 0, 1}, 6);
      if (to == 2) memcpy(frame, own, 6);
      memcpy(frame + 6, own, 6);
      unsigned char *ip = frame + 14, echo[16] = {8, 0, 0, 0, 0x77, (unsigned char)from};
      uint16_t made = sum(echo, sizeof echo, 0);
      memcpy(echo + 2, &made, 2);
      memcpy(frame + 12, "\x08\x00", 2);
      ip[0] = 0x45, ip[3] = 36, ip[8] = 64, ip[9] = 1;
      memcpy(ip + 12, v4, 4);
      if (from == 0) ip[15] ^= 0x20;
      if (from == 1) memcpy(ip + 12, here4, 4);
      if (from == 2) memcpy(ip + 12, (unsigned char[]){127, 0, 0, 1}, 4);
      memcpy(ip + 16, v4, 4);
      made = sum(ip, 20, 0);
      memcpy(ip + 10, &made, 2);
      memcpy(ip + 20, echo, sizeof echo);
      put(fd, frame, 14 + 36);
      memset(ip, 0, 56);
      memcpy(frame + 12, "\x86\xdd", 2);
      ip[0] = 0x60, ip[5] = 16, ip[6] = 58, ip[7] = 64;
      memcpy(ip + 8, v6, 16);
      if (from == 0) ip[23] ^= 0x20;
      if (from == 1) memcpy(ip + 8, here6, 16);
      if (from == 2) memcpy(ip + 8, &in6addr_loopback, 16);
      memcpy(ip + 24, v6, 16);
      ip[40] = 128, ip[44] = 0x77, ip[45] = (unsigned char)from;
      made = sum(ip + 8, 48, 16 + 58);
      memcpy(ip + 42, &made, 2);
      put(fd, frame, 14 + 56);
    }
  hear(fd, 1, v4, v6);
}

/* ---- a node's socket */

static void node(const char *address, int port) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  struct target to = target(address, port);
  if (connect(fd, (struct sockaddr *)&to.address, to.length) < 0) fail("connect");
  /* Lengths of WireGuard's four messages, and one of none; then what this house adds, and QUIC. */
  static const struct { int length; unsigned char head[4]; } kinds[] = {
      {148, {1, 0, 0, 0}}, {92, {2, 0, 0, 0}}, {64, {3, 0, 0, 0}}, {96, {4, 0, 0, 0}}, {33, {4, 0, 0, 0}},
      {64, {0x8a, 0x41, 0x74, 0}}, {64, {0x8a, 0x41, 0x74, 1}}, {1200, {0xc3, 0, 0, 1}}, {200, {0x55, 1, 2, 3}}};
  for (int round = 0; round < 20; round++)
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
      unsigned char data[1200];
      if (getrandom(data, sizeof data, 0) != sizeof data) fail("getrandom");
      memcpy(data, kinds[i].head, 4);
      if (send(fd, data, (size_t)kinds[i].length, 0) == kinds[i].length) tried++;
      usleep(1000);
    }
  sleep(2);
  unsigned char back[2048];
  for (;;) {
    ssize_t n = recv(fd, back, sizeof back, 0);
    if (n < 0 && errno == EAGAIN) break;
    answered(n < 0 ? "an error" : "a datagram");
  }
}

static void replay(const char *device, int port, int count) {
  unsigned char own[6], frame[65536];
  int fd = wire(device, own), heard = 0;
  for (long long until = millis() + 30000; heard < count && millis() < until;) {
    struct pollfd one = {fd, POLLIN, 0};
    struct sockaddr_ll from;
    socklen_t length = sizeof from;
    if (poll(&one, 1, 100) <= 0) continue;
    ssize_t n = recvfrom(fd, frame, sizeof frame, 0, (struct sockaddr *)&from, &length);
    /* On its way out to there, of UDP, of WireGuard's data, and one packet of the wire, not many in one. */
    if (n < 60 || n > 1514 || from.sll_pkttype != PACKET_OUTGOING || frame[12] != 8 || frame[13] != 0 || frame[23] != 17 ||
        (frame[36] << 8 | frame[37]) != port || frame[42] != 4)
      continue;
    /* Its sum may have been left to the card; none is as good over IPv4. */
    frame[40] = frame[41] = 0;
    for (int i = 0; i < 5; i++) put(fd, frame, (size_t)n);
    heard++;
  }
}

int main(int count, char **words) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  const char *mode = count > 1 ? words[1] : "";
  if (strcmp(mode, "scan") == 0 && count == 4) scan(words[2], words[3]);
  else if (strcmp(mode, "arp") == 0 && count == 4) arp(words[2], words[3]);
  else if (strcmp(mode, "frames") == 0 && count == 5) frames(words[2], words[3], words[4]);
  else if (strcmp(mode, "node") == 0 && count == 4) node(words[2], atoi(words[3]));
  else if (strcmp(mode, "replay") == 0 && count == 5) replay(words[2], atoi(words[3]), atoi(words[4]));
  else return 64;
  printf("tried %d answers %d\n", tried, answers);
  return 0;
}
