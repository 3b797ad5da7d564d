/* The four requests that a session makes of a container engine, over its unix socket. The daemon has
 * made the exec; the connection that carries its bytes is ours, and outlives the daemon. */
#include "atoll.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_SECONDS 10

static int connect_engine(const struct spec *spec) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(spec->engine) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(address.sun_path, spec->engine);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

static bool send_all(int fd, const char *text, size_t size) {
  while (size > 0) {
    ssize_t n = send(fd, text, size, MSG_NOSIGNAL);
    if (n <= 0) return false;
    text += n;
    size -= (size_t)n;
  }
  return true;
}

/* Reads the head of an answer, byte for byte: what follows it is not ours to take. The status, or -1. */
static int read_head(int fd) {
  char head[8192];
  size_t have = 0;
  while (have < sizeof head - 1) {
    if (recv(fd, head + have, 1, 0) != 1) return -1;
    have++;
    head[have] = 0;
    if (have >= 4 && memcmp(head + have - 4, "\r\n\r\n", 4) == 0)
      return strncmp(head, "HTTP/1.", 7) == 0 ? atoi(head + 9) : -1;
  }
  return -1;
}

/* One request whose answer is short and ends with the connection; the status, or -1. */
static int ask(const struct spec *spec, const char *verb, const char *what, char *answer, size_t size) {
  char request[1024];
  int length = snprintf(request, sizeof request,
                        "%s /exec/%s%s HTTP/1.1\r\nHost: engine\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", verb,
                        spec->exec, what);
  int fd = connect_engine(spec);
  if (fd < 0) return -1;
  int status = -1;
  size_t have = 0;
  if (length > 0 && (size_t)length < sizeof request && send_all(fd, request, (size_t)length)) {
    status = read_head(fd);
    for (ssize_t n; have < size - 1 && (n = recv(fd, answer + have, size - 1 - have, 0)) > 0;) have += (size_t)n;
  }
  answer[have] = 0;
  close(fd);
  return status;
}

int engine_start(const struct spec *spec, char *why, size_t size) {
  char body[128], request[1024];
  /* Engines before API 1.42 skip the size, and get it by a request of its own. */
  if (spec->tty)
    snprintf(body, sizeof body, "{\"Detach\":false,\"Tty\":true,\"ConsoleSize\":[%ld,%ld]}", spec->rows, spec->cols);
  else
    snprintf(body, sizeof body, "{\"Detach\":false,\"Tty\":false}");
  int length = snprintf(request, sizeof request,
                        "POST /exec/%s/start HTTP/1.1\r\nHost: engine\r\nContent-Type: application/json\r\n"
                        "Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: %zu\r\n\r\n%s",
                        spec->exec, strlen(body), body);
  int fd = connect_engine(spec);
  if (fd < 0 || length < 0 || (size_t)length >= sizeof request || !send_all(fd, request, (size_t)length)) {
    snprintf(why, size, "the engine at %.200s cannot be reached: %s", spec->engine, strerror(errno));
    if (fd >= 0) close(fd);
    return -1;
  }
  int status = read_head(fd);
  if (status == 101 || status == 200) {
    struct timeval none = {0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof none);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof none);
    return fd;
  }
  char said[256];
  ssize_t n = status < 0 ? 0 : recv(fd, said, sizeof said - 1, 0);
  said[n > 0 ? n : 0] = 0;
  snprintf(why, size, "the engine refused it (%d): %.200s", status, said);
  close(fd);
  return -1;
}

void engine_resize(const struct spec *spec, int rows, int cols) {
  char what[64], answer[512];
  snprintf(what, sizeof what, "/resize?h=%d&w=%d", rows, cols);
  /* The engine begins a moment after it has said so. */
  for (int tries = 0; tries < 20; tries++) {
    int status = ask(spec, "POST", what, answer, sizeof answer);
    if (status >= 200 && status < 300) return;
    usleep(10000);
  }
}

/* A number behind a name in the engine's JSON; its names are unique there. */
static long field(const char *json, const char *name) {
  const char *at = strstr(json, name);
  if (at == NULL) return -1;
  at += strlen(name);
  while (*at == ' ' || *at == ':') at++;
  return *at >= '0' && *at <= '9' ? atol(at) : -1;
}

void engine_signal(const struct spec *spec, int number) {
  char answer[16384];
  if (ask(spec, "GET", "/json", answer, sizeof answer) != 200 || strstr(answer, "\"Running\":true") == NULL) return;
  long pid = field(answer, "\"Pid\"");
  if (pid > 1) kill((pid_t)pid, number); /* engines have no request for it */
}

int engine_exit(const struct spec *spec) {
  char answer[16384];
  /* The bytes may end a moment before the engine has noted how. */
  for (int tries = 0; tries < 100; tries++) {
    if (ask(spec, "GET", "/json", answer, sizeof answer) != 200) return -1;
    if (strstr(answer, "\"Running\":true") == NULL) return (int)field(answer, "\"ExitCode\"");
    usleep(20000);
  }
  return -1;
}
