/* RUN/out.0, out.1, …: records of what the payload wrote, as drawn in io.atoll.runtime.output. */
#include "atoll.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/uio.h>
#include <unistd.h>

void output_init(struct output *out, int run, const struct spec *spec) {
  *out = (struct output){
      .run = run, .fd = -1, .segment_bytes = spec->segment_bytes, .segments = spec->segments};
}

static void name(unsigned number, char into[24]) { snprintf(into, 24, "out.%u", number); }

static bool open_segment(struct output *out) {
  char file[24];
  name(out->current, file);
  out->fd = openat(out->run, file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  out->in_segment = 0;
  return out->fd >= 0;
}

/* Starts the next segment and removes the oldest beyond the allowed number. */
static void next_segment(struct output *out) {
  char file[24];
  close(out->fd);
  out->fd = -1;
  out->current++;
  while (out->current - out->first >= out->segments) {
    name(out->first++, file);
    unlinkat(out->run, file, 0);
  }
}

void output_take(struct output *out, int stream, const char *data, size_t size) {
  unsigned char head[24] = {0};
  put64(head, out->end);
  put64(head + 8, wall_ns());
  head[16] = (unsigned char)stream;
  put32(head + 20, (uint32_t)size);
  out->end += size;

  if (out->fd >= 0 && out->in_segment >= out->segment_bytes) next_segment(out);
  if (out->fd < 0 && !open_segment(out)) {
    out->dropped += size;
    return;
  }
  struct iovec parts[2] = {{head, sizeof head}, {(void *)data, size}};
  ssize_t n;
  do n = writev(out->fd, parts, 2); while (n < 0 && errno == EINTR);
  if (n == (ssize_t)(sizeof head + size)) {
    out->in_segment += (uint64_t)n;
    return;
  }
  /* A record is whole or not there: what follows it must still be found. */
  if (n > 0 && ftruncate(out->fd, (off_t)out->in_segment) < 0) next_segment(out);
  out->dropped += size;
}
