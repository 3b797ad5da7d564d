/* The sessions inside a guest: session.c in a process of its own each, behind a unix socket. */
#include "guest.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define LISTENER 3
#define LONGEST_ID 40
/* Ids of sessions that ended are known a while, so that none begins twice. */
#define REMEMBERED 256

static struct {
  const char *folder, *group;
  pid_t keeper, payload;
  const struct inside *inside;
  struct one { char id[LONGEST_ID + 1]; pid_t pid; } all[REMEMBERED];
  unsigned next;
} k;

void sessions_of(const char *folder, pid_t keeper, pid_t payload, const char *group, const struct inside *inside) {
  k.folder = folder;
  k.keeper = keeper;
  k.payload = payload;
  k.group = group;
  k.inside = inside;
  mkdir(folder, 0700);
}

static bool is_id(const char *id) {
  size_t length = strlen(id);
  return length >= 8 && length <= LONGEST_ID && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789") == length;
}

static struct one *find(const char *id) {
  for (int i = 0; i < REMEMBERED; i++)
    if (strcmp(k.all[i].id, id) == 0) return &k.all[i];
  return NULL;
}

static int alive(void) {
  int alive = 0;
  for (int i = 0; i < REMEMBERED; i++) alive += k.all[i].pid > 0;
  return alive;
}

static struct sockaddr_un address(const char *id) {
  struct sockaddr_un at = {.sun_family = AF_UNIX};
  snprintf(at.sun_path, sizeof at.sun_path, "%s/%s", k.folder, id);
  return at;
}

void sessions_reap(void) {
  for (pid_t pid = waitpid(-1, NULL, WNOHANG); pid > 0; pid = waitpid(-1, NULL, WNOHANG))
    for (int i = 0; i < REMEMBERED; i++)
      if (k.all[i].pid == pid) {
        k.all[i].pid = 0;
        unlink(address(k.all[i].id).sun_path);
      }
}

static bool overridden(const struct spec *spec, const char *variable) {
  size_t name = strcspn(variable, "=") + 1;
  for (int i = 0; i < spec->envs; i++)
    if (strncmp(spec->env[i], variable, name) == 0) return true;
  return false;
}

/* On top of what everybody in the guest has. NULL, or what is wrong. */
static const char *add_variables(struct spec *spec) {
  char **env = calloc((size_t)(spec->envs + k.inside->envs) + 2, sizeof *env); /* one more, and a null */
  if (env == NULL) return "no memory";
  int count = 0;
  for (int i = 0; i < k.inside->envs; i++)
    if (!overridden(spec, k.inside->env[i])) env[count++] = k.inside->env[i];
  for (int i = 0; i < spec->envs; i++) env[count++] = spec->env[i];
  spec->env = env;
  spec->envs = count;
  return NULL;
}

static int listen_at(const char *id) {
  struct sockaddr_un at = address(id);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  unlink(at.sun_path);
  if (bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 4) == 0) return fd;
  close(fd);
  return -1;
}

static void keep(const char *words, size_t size, int listener, pid_t parent) __attribute__((noreturn));

static void keep(const char *words, size_t size, int listener, pid_t parent) {
  static const char end[] = "end=";
  static struct spec spec;
  if (listener != LISTENER) dup2(listener, LISTENER);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);
  char *bytes = malloc(size + sizeof end);
  const char *wrong = "no memory";
  if (bytes != NULL) {
    memcpy(bytes, words, size);
    memcpy(bytes + size, end, sizeof end);
    wrong = spec_parse(&spec, bytes, size + sizeof end);
  }
  spec.supervisor = k.keeper;
  spec.payload = k.payload;
  spec.into = k.group;
  spec.inside = k.inside;
  if (wrong == NULL) wrong = add_variables(&spec);
  _exit(session_of(&spec, wrong));
}

enum begun sessions_begin(const char *id, const char *words, size_t size, const char **why) {
  *why = "it has no id";
  if (!is_id(id)) return NOT_BEGUN;
  if (find(id) != NULL) return BEGUN_BEFORE;
  if (alive() >= MAX_SESSIONS) return TOO_MANY_SESSIONS;
  int listener = listen_at(id);
  pid_t parent = getpid(), pid = listener < 0 ? -1 : fork();
  if (pid == 0) keep(words, size, listener, parent);
  *why = strerror(errno);
  if (listener >= 0) close(listener);
  if (pid < 0) return NOT_BEGUN;
  while (k.all[k.next % REMEMBERED].pid > 0) k.next++;
  struct one *one = &k.all[k.next++ % REMEMBERED];
  snprintf(one->id, sizeof one->id, "%s", id);
  one->pid = pid;
  return BEGUN;
}

int sessions_connect(const char *id) {
  struct one *one = find(id);
  if (one == NULL || one->pid == 0) return -1;
  struct sockaddr_un at = address(id);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0) return fd;
  if (fd >= 0) close(fd);
  return -1;
}
