/* A member of a private network, with nothing of its system but the kernel: member MODE WORD...
 *
 *   serve NAME            echoes TCP and UDP on port 7777, takes floods on 7778, tells what the groups hear
 *   check NAME,V4,V6 ...  resolves, pings and asks each other member by TCP and UDP, over IPv4 and IPv6
 *   many NAME             a datagram for everybody, over both
 *   hold HOST             one connection for ever; prints a number each time that one came back
 *   flow HOST             one connection as full as it gets; prints how many bytes have arrived, and when
 *   tick LABEL HOST       a datagram each 20 ms; prints each tenth of a second that one came back, and when
 *   look                  the interfaces that are there, with their addresses
 *
 * Times are milliseconds since 1970. What connects tries for two minutes: names appear as members do. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ECHO "7777"
#define FLOOD "7778"
#define GROUP4 "239.77.7.7"
#define GROUP6 "ff15::7777"
#define MOST 64
#define RECORD 1024 /* of a flood: each begins with its number */

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

static void fail(const char *what) {
  printf("FAILED %s: %s\n", what, strerror(errno));
  exit(1);
}

/* Finds an address; NULL if there is none. To be freed. */
static struct addrinfo *find(const char *host, const char *port, int family, int type) {
  struct addrinfo wanted = {.ai_family = family, .ai_socktype = type}, *found = NULL;
  return getaddrinfo(host, port, &wanted, &found) == 0 ? found : NULL;
}

static int open_to(const char *host, const char *port, int family, int type) {
  struct addrinfo *to = find(host, port, family, type);
  if (to == NULL) return -1;
  int fd = socket(to->ai_family, type, 0);
  struct timeval patience = {5, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (fd >= 0 && connect(fd, to->ai_addr, to->ai_addrlen) < 0) {
    close(fd);
    fd = -1;
  }
  freeaddrinfo(to);
  return fd;
}

static int open_patiently(const char *host, const char *port, int type) {
  for (int i = 0; i < 240; i++) {
    int fd = open_to(host, port, AF_INET, type);
    if (fd >= 0) return fd;
    usleep(500000);
  }
  fail(host);
  return -1;
}

/* ---- serve */

static int listener(const char *port, int type) {
  int fd = socket(AF_INET6, type, 0), off = 0, on = 1;
  struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)atoi(port))};
  setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&any, sizeof any) < 0 || (type == SOCK_STREAM && listen(fd, 16) < 0)) fail("bind");
  return fd;
}

static int group(int family) {
  int fd = socket(family, SOCK_DGRAM, 0), on = 1;
  unsigned device = if_nametoindex("net0");
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  int joined;
  if (family == AF_INET) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(7779)};
    struct ip_mreqn want = {.imr_ifindex = (int)device};
    inet_pton(AF_INET, GROUP4, &want.imr_multiaddr);
    at.sin_addr = want.imr_multiaddr;
    joined = bind(fd, (struct sockaddr *)&at, sizeof at) == 0 &&
             setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &want, sizeof want) == 0;
  } else {
    struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_port = htons(7779)};
    struct ipv6_mreq want = {.ipv6mr_interface = device};
    inet_pton(AF_INET6, GROUP6, &want.ipv6mr_multiaddr);
    at.sin6_addr = want.ipv6mr_multiaddr;
    joined = bind(fd, (struct sockaddr *)&at, sizeof at) == 0 &&
             setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &want, sizeof want) == 0;
  }
  if (!joined) fail("group");
  return fd;
}

struct guest {
  uint64_t records, told; /* of a flood */
  unsigned have;          /* bytes of the record that is not whole yet */
  unsigned char record[RECORD];
  int flood;
};

/* Takes what came of a flood; 0 if it is over or was damaged. */
static int flooded(int fd, struct guest *from, const unsigned char *data, ssize_t bytes) {
  while (bytes > 0) {
    unsigned piece = RECORD - from->have < (unsigned)bytes ? RECORD - from->have : (unsigned)bytes;
    memcpy(from->record + from->have, data, piece);
    from->have += piece;
    data += piece;
    bytes -= piece;
    if (from->have == RECORD) {
      uint64_t number;
      memcpy(&number, from->record, sizeof number);
      if (number != from->records) {
        printf("DAMAGED record %llu is %llu\n", (unsigned long long)from->records, (unsigned long long)number);
        return 0;
      }
      from->records++;
      from->have = 0;
    }
  }
  if (from->records - from->told >= 64) {
    uint64_t done = from->records * RECORD;
    if (send(fd, &done, sizeof done, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof done) from->told = from->records;
  }
  return 1;
}

static void serve(const char *name) {
  static unsigned char data[1 << 16];
  static struct guest guests[MOST];
  struct pollfd fds[MOST] = {{listener(ECHO, SOCK_STREAM), POLLIN, 0}, {listener(FLOOD, SOCK_STREAM), POLLIN, 0},
                             {listener(ECHO, SOCK_DGRAM), POLLIN, 0}, {group(AF_INET), POLLIN, 0},
                             {group(AF_INET6), POLLIN, 0}};
  int count = 5;
  printf("serving %s\n", name);
  for (;;) {
    if (poll(fds, (nfds_t)count, -1) < 0) continue;
    for (int i = count - 1; i >= 5; i--) {
      if (fds[i].revents == 0) continue;
      ssize_t n = recv(fds[i].fd, data, sizeof data, 0);
      int goes_on = n > 0 && (guests[i].flood ? flooded(fds[i].fd, &guests[i], data, n)
                                              : send(fds[i].fd, data, (size_t)n, MSG_NOSIGNAL) == n);
      if (!goes_on) {
        close(fds[i].fd);
        fds[i] = fds[--count];
        guests[i] = guests[count];
      }
    }
    for (int i = 0; i < 2; i++) {
      int fd = fds[i].revents != 0 ? accept(fds[i].fd, NULL, NULL) : -1;
      if (fd >= 0 && count == MOST) close(fd);
      else if (fd >= 0) {
        memset(&guests[count], 0, sizeof guests[count]);
        guests[count].flood = i == 1;
        fds[count++] = (struct pollfd){fd, POLLIN, 0};
      }
    }
    for (int i = 2; i < 5; i++) {
      struct sockaddr_storage from;
      socklen_t length = sizeof from;
      if (fds[i].revents == 0) continue;
      ssize_t n = recvfrom(fds[i].fd, data, sizeof data, 0, (struct sockaddr *)&from, &length);
      if (n > 0 && i == 2) (void)!sendto(fds[i].fd, data, (size_t)n, 0, (struct sockaddr *)&from, length);
      if (n > 0 && i > 2) printf("heard%d %.*s\n", i == 3 ? 4 : 6, (int)n, (char *)data);
    }
  }
}

/* ---- check */

/* Whether what is sent comes back, as a line or a datagram. */
static int echoes(const char *host, int family, int type) {
  char back[64];
  for (int i = 0; i < 6; i++) {
    int fd = open_to(host, ECHO, family, type);
    int good = fd >= 0 && send(fd, "is this you?", 12, MSG_NOSIGNAL) == 12 && recv(fd, back, sizeof back, 0) == 12 &&
               memcmp(back, "is this you?", 12) == 0;
    if (fd >= 0) close(fd);
    if (good) return 1;
    usleep(300000);
  }
  return 0;
}

/* By a socket that anybody may have who may ping: the kernel fills in number and sum. */
static int pings(const char *address, int family) {
  struct addrinfo *to = find(address, NULL, family, SOCK_DGRAM);
  int fd = socket(family, SOCK_DGRAM, family == AF_INET ? (int)IPPROTO_ICMP : (int)IPPROTO_ICMPV6);
  unsigned char question[16] = {family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST}, back[64];
  struct timeval patience = {2, 0};
  int good = 0;
  if (to == NULL || fd < 0) return 0;
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  for (int i = 0; i < 10 && !good; i++) {
    good = sendto(fd, question, sizeof question, 0, to->ai_addr, to->ai_addrlen) == sizeof question &&
           recv(fd, back, sizeof back, 0) == sizeof question &&
           back[0] == (family == AF_INET ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY);
  }
  close(fd);
  freeaddrinfo(to);
  return good;
}

static int resolves(const char *name, int family, const char *expected) {
  char text[INET6_ADDRSTRLEN] = "";
  unsigned char wanted[16], got[16];
  struct addrinfo *found = find(name, NULL, family, SOCK_STREAM);
  if (found == NULL) return 0;
  int good = getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0 &&
             inet_pton(family, text, got) == 1 && inet_pton(family, expected, wanted) == 1 &&
             memcmp(got, wanted, family == AF_INET ? 4 : 16) == 0;
  freeaddrinfo(found);
  return good;
}

static void say(const char *name, const char *what, int good) { printf("%s %s %s\n", good ? "good" : "BAD", name, what); }

static void check(char *peer) {
  char *name = strsep(&peer, ","), *v4 = strsep(&peer, ","), *v6 = peer;
  say(name, "name4", resolves(name, AF_INET, v4));
  say(name, "name6", resolves(name, AF_INET6, v6));
  say(name, "ping4", pings(v4, AF_INET));
  say(name, "ping6", pings(v6, AF_INET6));
  say(name, "tcp4", echoes(name, AF_INET, SOCK_STREAM));
  say(name, "tcp6", echoes(name, AF_INET6, SOCK_STREAM));
  say(name, "udp4", echoes(name, AF_INET, SOCK_DGRAM));
  say(name, "udp6", echoes(name, AF_INET6, SOCK_DGRAM));
}

static void many(const char *name) {
  int four = open_to(GROUP4, "7779", AF_INET, SOCK_DGRAM), six = open_to(GROUP6, "7779", AF_INET6, SOCK_DGRAM);
  for (int i = 0; i < 5; i++) {
    if (send(four, name, strlen(name), 0) < 0) fail("group of IPv4");
    if (send(six, name, strlen(name), 0) < 0) fail("group of IPv6");
    usleep(200000);
  }
}

/* ---- what lasts */

static void hold(const char *host) {
  int fd = open_patiently(host, ECHO, SOCK_STREAM);
  struct timeval forever = {0, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof forever);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &forever, sizeof forever);
  for (uint32_t n = 1;; n++) {
    uint32_t back = 0;
    if (send(fd, &n, sizeof n, MSG_NOSIGNAL) != sizeof n) fail("held: sending");
    if (recv(fd, &back, sizeof back, MSG_WAITALL) != sizeof back) fail("held: receiving");
    if (back != n) fail("held: another number");
    printf("held %lld %u\n", now(), n);
    usleep(100000);
  }
}

static void flow(const char *host) {
  static unsigned char block[64 * RECORD];
  int fd = open_patiently(host, FLOOD, SOCK_STREAM);
  uint64_t next = 0, arrived = 0;
  size_t left = 0;
  long long told = 0;
  unsigned char word[8];
  size_t have = 0;
  fcntl(fd, F_SETFL, O_NONBLOCK);
  for (;;) {
    struct pollfd one = {fd, POLLIN | POLLOUT, 0};
    poll(&one, 1, 1000);
    if (one.revents & POLLIN) {
      ssize_t n = recv(fd, word + have, sizeof word - have, 0);
      if (n == 0 || (n < 0 && errno != EAGAIN)) fail("flow: receiving");
      have += n > 0 ? (size_t)n : 0;
      if (have == sizeof word) {
        memcpy(&arrived, word, sizeof word);
        have = 0;
      }
    }
    if (one.revents & (POLLERR | POLLHUP)) fail("flow: broken");
    if (left == 0) {
      for (int i = 0; i < 64; i++, next++) memcpy(block + i * RECORD, &next, sizeof next);
      left = sizeof block;
    }
    if (one.revents & POLLOUT) {
      ssize_t n = send(fd, block + sizeof block - left, left, MSG_NOSIGNAL);
      if (n < 0 && errno != EAGAIN) fail("flow: sending");
      left -= n > 0 ? (size_t)n : 0;
    }
    if (now() - told >= 200) {
      told = now();
      printf("flow %lld %llu\n", told, (unsigned long long)arrived);
    }
  }
}

static void tick(const char *label, const char *host) {
  int fd = open_patiently(host, ECHO, SOCK_DGRAM);
  long long told = 0;
  fcntl(fd, F_SETFL, O_NONBLOCK);
  for (uint32_t n = 0;; n++) {
    uint32_t back;
    (void)!send(fd, &n, sizeof n, 0);
    usleep(20000);
    while (recv(fd, &back, sizeof back, 0) == sizeof back)
      if (now() - told >= 100) {
        told = now();
        printf("tick-%s %lld %u\n", label, told, back);
      }
  }
}

static void look(void) {
  struct ifaddrs *all, *each;
  char text[INET6_ADDRSTRLEN];
  if (getifaddrs(&all) < 0) fail("getifaddrs");
  for (each = all; each != NULL; each = each->ifa_next) {
    int family = each->ifa_addr == NULL ? 0 : each->ifa_addr->sa_family;
    const void *at = family == AF_INET    ? (void *)&((struct sockaddr_in *)each->ifa_addr)->sin_addr
                     : family == AF_INET6 ? (void *)&((struct sockaddr_in6 *)each->ifa_addr)->sin6_addr
                                          : NULL;
    printf("%s %s\n", each->ifa_name, at == NULL ? "-" : inet_ntop(family, at, text, sizeof text));
  }
}

int main(int count, char **words) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  signal(SIGPIPE, SIG_IGN);
  const char *mode = count > 1 ? words[1] : "";
  if (strcmp(mode, "serve") == 0 && count == 3) serve(words[2]);
  else if (strcmp(mode, "check") == 0) for (int i = 2; i < count; i++) check(words[i]);
  else if (strcmp(mode, "many") == 0 && count == 3) many(words[2]);
  else if (strcmp(mode, "hold") == 0 && count == 3) hold(words[2]);
  else if (strcmp(mode, "flow") == 0 && count == 3) flow(words[2]);
  else if (strcmp(mode, "tick") == 0 && count == 4) tick(words[2], words[3]);
  else if (strcmp(mode, "look") == 0) look();
  else return 64;
  return 0;
}
