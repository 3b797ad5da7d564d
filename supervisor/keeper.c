/* Keeps the network interfaces of a container: makes them in its namespace, lets its first program go on, hands
 * them to whatever daemon asks, and ends with the container. It outlives the daemon; who comes back and finds none
 * starts another.
 *
 *   atoll-supervisor --cards FOLDER, with a listening unix socket as descriptor 3, for daemons
 *
 * FOLDER/spec has the words `container=PID` (its first process) and `card=…`; FOLDER/door/sock is made here, for
 * the container (enter.c). */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "atoll.h"

#define LISTENER 3
#define CLONE_NETWORK 0x40000000

static struct {
  struct spec spec;
  struct clients clients;
  int door;
  char word[256]; /* what whoever comes to the door is told */
} keeper;

static void settle_in(void) {
  setsid();
  umask(0);
  int null = open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; fd++) dup2(null, fd);
  syscall(SYS_close_range, 4u, ~0u, 0u);
  fcntl(LISTENER, F_SETFD, FD_CLOEXEC);
  fcntl(LISTENER, F_SETFL, O_NONBLOCK);
  for (int number = 1; number < 32; number++)
    if (number != SIGTERM) signal(number, SIG_IGN);
}

/* Whatever the length of the folder's path. Everybody in the container may knock. */
static int open_door(int folder) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/door/sock", folder);
  unlinkat(folder, "door/sock", 0);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 16) < 0) return -1;
  return fd;
}

static bool same_file(int fd, const char *path) {
  struct stat a, b;
  return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/* Goes into the container's network for good, and makes what it is to have. */
static const char *make(int pidfd) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%ld/ns/net", keeper.spec.container);
  int space = open(path, O_RDONLY | O_CLOEXEC);
  struct pollfd ended = {pidfd, POLLIN, 0};
  if (space < 0 || poll(&ended, 1, 0) != 0) return "the container has ended";
  if (same_file(space, "/proc/self/ns/net")) return "the container has no network namespace of its own";
  if (setns(space, CLONE_NETWORK) < 0) return strerror(errno);
  close(space);
  return cards_make(&keeper.spec.cards) == 0 ? NULL : strerror(errno);
}

static void open_to_one(void) {
  int fd = accept4(keeper.door, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  (void)!send(fd, keeper.word, strlen(keeper.word), MSG_NOSIGNAL | MSG_DONTWAIT);
  close(fd);
}

static void answer(int client) {
  struct request request;
  struct cards *cards = &keeper.spec.cards;
  int fd = keeper.clients.all[client].fd;
  while (client < keeper.clients.count && keeper.clients.all[client].fd == fd &&
         clients_read(&keeper.clients, client, &request)) {
    if (request.type == M_CARD) clients_card(&keeper.clients, client, cards, request.text);
    if (request.type == M_ADDRESS) clients_addressed(&keeper.clients, client, cards_readdress(cards, request.text));
  }
}

static void loop(int pidfd) {
  for (;;) {
    struct pollfd fds[3 + MAX_CLIENTS] = {{pidfd, POLLIN, 0}, {LISTENER, POLLIN, 0}, {keeper.door, POLLIN, 0}};
    int clients = keeper.clients.count;
    for (int i = 0; i < clients; i++) fds[3 + i] = (struct pollfd){keeper.clients.all[i].fd, POLLIN, 0};
    if (poll(fds, (nfds_t)(3 + clients), -1) <= 0) continue;
    if (fds[0].revents != 0) return;
    for (int i = clients - 1; i >= 0; i--)
      if (fds[3 + i].revents != 0 && i < keeper.clients.count) answer(i);
    if (fds[2].revents != 0) open_to_one();
    if (fds[1].revents != 0) {
      struct state_now now = {true, (pid_t)keeper.spec.container, 0};
      clients_accept(&keeper.clients, &now);
    }
  }
}

int keep_cards(const char *path) {
  struct stat st;
  if (fstat(LISTENER, &st) < 0 || !S_ISSOCK(st.st_mode)) return 64;
  settle_in();
  int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0 || chdir("/") < 0) return 66;
  int fd = openat(folder, "spec", O_RDONLY | O_CLOEXEC);
  size_t size = 0;
  char *bytes = fd < 0 ? NULL : read_whole(fd, &size);
  if (bytes == NULL || spec_parse(&keeper.spec, bytes, size) != NULL || keeper.spec.container <= 1) return 65;
  int pidfd = (int)syscall(SYS_pidfd_open, (pid_t)keeper.spec.container, 0);
  if (pidfd < 0) return 0; /* it has ended already */
  keeper.clients.listener = LISTENER;
  const char *wrong = make(pidfd);
  snprintf(keeper.word, sizeof keeper.word, "%s%s", wrong == NULL ? "G" : "F", wrong == NULL ? "" : wrong);
  /* Only now: whoever waits in the container tries until it is there. */
  keeper.door = open_door(folder);
  if (keeper.door < 0) return 73;
  loop(pidfd);
  return 0;
}
