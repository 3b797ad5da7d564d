/* A payload at its memory limit that lives on what little the kernel can still take from it: the pages of
 * its own program, read again as soon as they are gone. The kernel counts each as progress and never calls
 * it out of memory; a small guest that is emulated stands still for minutes. So the agent looks: while the
 * group runs into its limit all the time, and hardly anything of what it holds could be given back, for
 * PATIENCE_MS, it is out of memory. */
#include "guest.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOOK_MS 500
#define PATIENCE_MS 4000
#define HARDLY_ANYTHING (4 << 20)

static struct {
  int events;
  long long hits, limit;
  int64_t next, since; /* since when it is so; 0: it is not */
} h = {.events = -1};

static long long field(const char *text, const char *key) {
  const char *line = strstr(text, key);
  return line == NULL ? 0 : atoll(line + strlen(key));
}

static long long hits(void) {
  char text[512];
  ssize_t n = pread(h.events, text, sizeof text - 1, 0);
  text[n < 0 ? 0 : n] = 0;
  return field(text, "\nmax ");
}

int hunger_events(void) {
  char text[64];
  if (h.events < 0 && read_file(PAYLOAD_GROUP "/memory.max", text, sizeof text) > 0 && atoll(text) > 0) {
    h.limit = atoll(text);
    h.events = open(PAYLOAD_GROUP "/memory.events", O_RDONLY | O_CLOEXEC);
    h.hits = hits();
  }
  return h.events;
}

/* What cannot be given back: there is no swap. */
static long long kept(void) {
  static char text[8192];
  if (read_file(PAYLOAD_GROUP "/memory.stat", text, sizeof text) <= 0) return 0;
  return field(text, "anon ") + field(text, "\nshmem ") + field(text, "\nkernel ");
}

bool hunger_look(int64_t now, bool told) {
  if (told && h.next == 0) h.next = now + LOOK_MS;
  if (h.next == 0 || now < h.next) return false;
  long long seen = hits();
  bool so = seen != h.hits && h.limit - kept() <= HARDLY_ANYTHING;
  h.next = seen != h.hits ? now + LOOK_MS : 0;
  h.hits = seen;
  if (!so) h.since = 0;
  else if (h.since == 0) h.since = now;
  return so && now - h.since >= PATIENCE_MS;
}

int64_t hunger_next(void) { return h.next; }
