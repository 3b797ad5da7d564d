/* RUN/out.0, out.1, …: records of what the payload wrote, as drawn in io.atoll.runtime.output. */
#include "atoll.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/statvfs.h>
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

/* What all output leaves free of its disk, for the daemon's journal and the records of other runs:
 * 64 MiB, of a small disk an eighth. */
static bool tight(const struct output *out) {
  struct statvfs disk;
  if (fstatvfs(out->run, &disk) < 0) return false;
  uint64_t spare = (uint64_t)disk.f_blocks * disk.f_frsize / 8;
  if (spare > 64 << 20) spare = 64 << 20;
  return (uint64_t)disk.f_bavail * disk.f_frsize < spare;
}

/* Gives up the oldest output while the disk is tight; false if there is none left to give up. */
static bool make_room(struct output *out) {
  if (!tight(out)) return true;
  if (out->fd >= 0 && out->in_segment >= 1 << 20) next_segment(out);
  while (out->first < out->current) {
    char file[24];
    name(out->first++, file);
    unlinkat(out->run, file, 0);
    if (!tight(out)) return true;
  }
  return false;
}

void output_take(struct output *out, int stream, const char *data, size_t size) {
  unsigned char head[24] = {0};
  put64(head, out->end);
  put64(head + 8, wall_ns());
  head[16] = (unsigned char)stream;
  put32(head + 20, (uint32_t)size);
  out->end += size;

  /* Not for every line, and not for what a quiet run says. */
  out->unchecked += size;
  if (out->unchecked >= 256 << 10) {
    if (!make_room(out)) {
      out->dropped += size;
      return;
    }
    out->unchecked = 0;
  }
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
