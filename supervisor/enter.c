/* The first program of a container that gets network interfaces: it waits until they are there, and becomes
 * what the image, or the task, wants run. It is started as that would be, so user, folder, variables,
 * capabilities and the place as first process are as they would be without it.
 *
 *   atoll-supervisor --enter DOOR PROGRAM ARGUMENTS...
 *
 * Behind the door, a unix socket that is mounted into the container, is the keeper (keeper.c). It says 'G' = go,
 * or 'F' and why not. Whoever closes it without a word has died: another keeper will come. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "atoll.h"

/* The first process of a namespace gets no signal that it does not handle. */
static void end(int number) { _exit(128 + number); }

static void fail(int code, const char *what, const char *name, const char *why) __attribute__((noreturn));

/* In the words that the daemon knows from the engine's own first program. */
static void fail(int code, const char *what, const char *name, const char *why) {
  dprintf(2, "[FATAL atoll (%d)] %s%s%s\n", (int)getpid(), what, name, why);
  _exit(code);
}

/* True once it may go on; false if nobody is there, or died meanwhile. */
static bool ask(const char *door) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, door, sizeof address.sun_path - 1);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail(125, "waiting for its network interfaces failed", "", "");
  char said[256];
  ssize_t n = -1;
  if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
    do n = recv(fd, said, sizeof said - 1, 0); while (n < 0 && errno == EINTR);
  close(fd);
  if (n <= 0) return false;
  said[n] = 0;
  if (said[0] != 'G') fail(125, "its network interfaces could not be made: ", said + 1, "");
  return true;
}

int enter_container(const char *door, char **words) {
  static const int all[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) signal(all[i], end); /* back to what it was by the exec */
  while (!ask(door)) usleep(20000);
  execvp(words[0], words);
  int error = errno;
  char why[64];
  snprintf(why, sizeof why, " failed: %s", strerror(error));
  fail(error == ENOENT ? 127 : 126, "exec ", words[0], why);
}
