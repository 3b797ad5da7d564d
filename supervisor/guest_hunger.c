/* A payload at its memory limit that lives on what little the kernel can still take from it: the pages of
 * its own program, read again as soon as they are gone. The kernel counts each as progress and never calls
 * it out of memory; or it goes through the group's pages in one search that finds nothing and does not end.
 * A small guest that is emulated stands still for minutes. So the agent looks: while the group's pages are
 * searched all the time, and hardly anything of what it holds could be given back, for PATIENCE_MS, it is
 * out of memory. */
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
  long long limit, searched;
  int64_t next, since; /* since when it is so; 0: it is not */
} h = {.events = -1};

struct held {
  long long kept;     /* what cannot be given back: there is no swap */
  long long searched; /* pages that the kernel looked at for something to take back */
};

static long long field(const char *text, const char *key) {
  const char *line = strstr(text, key);
  return line == NULL ? 0 : atoll(line + strlen(key));
}

static struct held held(void) {
  static char text[8192];
  if (read_file(PAYLOAD_GROUP "/memory.stat", text, sizeof text) <= 0) return (struct held){0, 0};
  return (struct held){
      field(text, "anon ") + field(text, "\nshmem ") + field(text, "\nkernel "),
      field(text, "\npgscan "),
  };
}

static void forget_events(void) {
  char text[512];
  if (pread(h.events, text, sizeof text, 0) < 0) return;
}

int hunger_events(void) {
  char text[64];
  if (h.events < 0 && read_file(PAYLOAD_GROUP "/memory.max", text, sizeof text) > 0 && atoll(text) > 0) {
    h.limit = atoll(text);
    h.events = open(PAYLOAD_GROUP "/memory.events", O_RDONLY | O_CLOEXEC);
    forget_events();
  }
  return h.events;
}

bool hunger_look(int64_t now, bool told) {
  if (told && h.next == 0) h.next = now + LOOK_MS;
  if (h.next == 0 || now < h.next) return false;
  struct held held_now = held();
  bool searching = held_now.searched != h.searched;
  bool so = searching && h.limit - held_now.kept <= HARDLY_ANYTHING;
  h.next = searching ? now + LOOK_MS : 0;
  h.searched = held_now.searched;
  forget_events();
  if (!so) h.since = 0;
  else if (h.since == 0) h.since = now;
  return so && now - h.since >= PATIENCE_MS;
}

int64_t hunger_next(void) { return h.next; }
