/* RUN/spec: what the daemon wants run. Words `key=value`, each ended by a zero byte, the first
 * `atoll-spec=1`, the last `end=`. A key that is not known is refused: a spec of a newer daemon
 * may mean a limit that this supervisor would not set.
 *
 *   boot=ID            boot id of the machine when the spec was written
 *   uid= gid=          who the payload is; absent: who the supervisor is
 *   enter=FILE         cgroup v1: file `tasks` of a group (repeated)
 *   into=FOLDER        cgroup v2: the group to be born in
 *   remove=FOLDER      group to remove at the end (repeated, in order)
 *   kill=FILE          cgroup.kill
 *   oom=FILE           has a line `oom_kill N`
 *   peak=FILE          most memory used, in bytes
 *   thaw=TEXT:FILE     text that thaws, file that takes it
 *   segment=N segments=N   size and number of the output's segments
 *   nofile= nproc= fsize=  rlimits
 *   work=FOLDER        where the payload runs; created by the daemon
 *   stage=FOLDER       bind `work` here, in a mount namespace of our own, before bubblewrap: it
 *                      cannot walk to `work` itself
 *   device=FILE        with a stage: a character device, copied to STAGE/device for the run's user
 *                      alone; `work`, if there is one, is bound at STAGE/work then
 *   image=FOLDER       with a stage: bound read-only at STAGE/image; `work` as above
 *   hosts=FILE         with a stage: bound at STAGE/hosts; `work` as above
 *   container=PID      in place of a program: the container whose cards are kept (keeper.c)
 *   card=WORDS         a network interface (repeated); see cards.h
 *   alone=1            a network namespace with nothing in it, for a program that needs none, where that can be had
 *   meet=FOLDER        with a stage: bound at STAGE/meet; `work` as above
 *   file=N:PATH        open PATH for reading as descriptor N (6 and up), for bubblewrap
 *   box=WORD           bubblewrap and its arguments (repeated); absent: bare
 *   seccomp=1          refuse the system calls listed in seccomp.c
 *   join=PID:PID       a session: the run's supervisor and payload
 *   boxed=1            the payload is in a sandbox: join it, without any capability
 *   tty=ROWSxCOLS      give it a terminal
 *   engine=SOCKET exec=ID   a session that a container engine has prepared
 *   files=pack:PATH files=unpack:PATH   in place of a program: files out of the task, or into it (files.h)
 *   arg=WORD           the payload's program and its arguments (repeated)
 *   env=NAME=VALUE     its variables (repeated); it gets no others */
#include "atoll.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *read_whole(int fd, size_t *size) {
  struct stat st;
  if (fstat(fd, &st) < 0 || st.st_size <= 0 || st.st_size > 8 << 20) return NULL;
  char *bytes = malloc((size_t)st.st_size + 1);
  if (bytes == NULL) return NULL;
  size_t have = 0;
  while (have < (size_t)st.st_size) {
    ssize_t n = pread(fd, bytes + have, (size_t)st.st_size - have, (off_t)have);
    if (n <= 0) {
      if (n < 0 && errno == EINTR) continue;
      free(bytes);
      return NULL;
    }
    have += (size_t)n;
  }
  bytes[have] = 0;
  *size = have;
  return bytes;
}

static bool number(const char *text, long long *into) {
  char *end;
  errno = 0;
  *into = strtoll(text, &end, 10);
  return errno == 0 && end != text && *end == 0 && *into >= 0;
}

static const char *word(struct spec *s, char *key, char *value) {
  long long n = 0;
#define IS(name) (strcmp(key, name) == 0)
#define NUMBER(field, type) (number(value, &n) ? ((field) = (type)n, NULL) : "a number is wrong")
  if (IS("arg")) { s->arg[s->args++] = value; return NULL; }
  if (IS("env")) { s->env[s->envs++] = value; return NULL; }
  if (IS("box")) { s->box[s->boxes++] = value; return NULL; }
  if (IS("boot")) { s->boot = value; return NULL; }
  if (IS("uid")) return NUMBER(s->uid, long);
  if (IS("gid")) return NUMBER(s->gid, long);
  if (IS("enter")) return s->enters == 8 ? "too many groups" : (s->enter[s->enters++] = value, NULL);
  if (IS("into")) { s->into = value; return NULL; }
  if (IS("remove")) return s->removes == 8 ? "too many groups" : (s->remove[s->removes++] = value, NULL);
  if (IS("kill")) { s->kill = value; return NULL; }
  if (IS("oom")) { s->oom = value; return NULL; }
  if (IS("peak")) { s->peak = value; return NULL; }
  if (IS("thaw")) {
    char *colon = strchr(value, ':');
    if (colon == NULL) return "thaw has no file";
    *colon = 0;
    s->thaw_text = value;
    s->thaw_path = colon + 1;
    return NULL;
  }
  if (IS("segment")) return NUMBER(s->segment_bytes, uint64_t);
  if (IS("segments")) return NUMBER(s->segments, unsigned);
  if (IS("nofile")) return NUMBER(s->max_files, long);
  if (IS("nproc")) return NUMBER(s->max_processes, long);
  if (IS("fsize")) return NUMBER(s->max_file_bytes, long long);
  if (IS("work")) { s->work = value; return NULL; }
  if (IS("stage")) { s->stage = value; return NULL; }
  if (IS("device")) { s->device = value; return NULL; }
  if (IS("image")) { s->image = value; return NULL; }
  if (IS("hosts")) { s->hosts = value; return NULL; }
  if (IS("container")) return NUMBER(s->container, long);
  if (IS("card"))
    return s->cards.count == MAX_CARDS ? "too many cards" : card_parse(&s->cards.all[s->cards.count++], value);
  if (IS("meet")) { s->meet = value; return NULL; }
  if (IS("alone")) { s->alone = true; return NULL; }
  if (IS("seccomp")) { s->seccomp = true; return NULL; }
  if (IS("join")) {
    char *colon = strchr(value, ':');
    if (colon == NULL) return "whom to join is wrong";
    *colon = 0;
    if (!number(value, &n)) return "whom to join is wrong";
    s->supervisor = (long)n;
    if (!number(colon + 1, &n)) return "whom to join is wrong";
    s->payload = (long)n;
    return NULL;
  }
  if (IS("boxed")) { s->boxed = true; return NULL; }
  if (IS("tty")) {
    char *x = strchr(value, 'x');
    if (x == NULL) return "the terminal's size is wrong";
    *x = 0;
    if (!number(value, &n) || n > 65535) return "the terminal's size is wrong";
    s->rows = (long)n;
    if (!number(x + 1, &n) || n > 65535) return "the terminal's size is wrong";
    s->cols = (long)n;
    s->tty = true;
    return NULL;
  }
  if (IS("engine")) { s->engine = value; return NULL; }
  if (IS("exec")) { s->exec = value; return NULL; }
  if (IS("files")) { s->copy = value; return files_order(value) ? NULL : "what to do with files is not known"; }
  if (IS("file")) {
    char *colon = strchr(value, ':');
    if (colon == NULL || s->file_count == MAX_LIST) return "a file is wrong";
    *colon = 0;
    if (!number(value, &n) || n < FD_FREE || n > 200) return "a file's descriptor is wrong";
    s->files[s->file_count].fd = (int)n;
    s->files[s->file_count++].path = colon + 1;
    return NULL;
  }
  return "a word is not known";
#undef IS
#undef NUMBER
}

const char *spec_parse(struct spec *spec, char *bytes, size_t size) {
  memset(spec, 0, sizeof *spec);
  spec->bytes = bytes;
  spec->boot = "";
  spec->uid = spec->gid = -1;
  spec->max_files = spec->max_processes = -1;
  spec->max_file_bytes = -1;
  spec->cards.netlink = -1;
  for (int i = 0; i < MAX_CARDS; i++) spec->cards.tun[i] = -1;
  spec->segment_bytes = 4 << 20;
  spec->segments = 16;
  size_t words = 1;
  for (size_t i = 0; i < size; i++) words += bytes[i] == 0;
  /* Each list may take every word, and ends with a null. */
  char **lists = calloc(3 * (words + 1), sizeof *lists);
  if (lists == NULL) return "no memory";
  spec->arg = lists;
  spec->env = lists + words + 1;
  spec->box = lists + 2 * (words + 1);

  bool first = true, ended = false;
  for (size_t at = 0, next; at < size && !ended; at = next) {
    char *key = bytes + at, *equals = strchr(key, '=');
    next = at + strlen(key) + 1; /* before words are cut in two */
    if (equals == NULL) return "a word has no =";
    *equals = 0;
    const char *wrong = NULL;
    if (first) {
      wrong = strcmp(key, "atoll-spec") == 0 && strcmp(equals + 1, "1") == 0 ? NULL : "not a spec of version 1";
      first = false;
    } else if (strcmp(key, "end") == 0) {
      ended = true;
    } else {
      wrong = word(spec, key, equals + 1);
    }
    if (wrong != NULL) return wrong;
  }
  if (!ended) return "it is cut short";
  if (spec->args == 0 && spec->copy == NULL && spec->container == 0) return "it names no program";
  if (spec->segment_bytes < 1 || spec->segments < 1) return "no room for output";
  return NULL;
}
