/* The lock and the record of the run.
 *
 * RUN/began, 512 bytes, made with O_EXCL before the payload may execute, renamed to RUN/exit at the
 * end:
 *    0 u32 "ATRN"  4 u8 version 1  5 zero  8 u32 supervisor's pid  12 zero
 *   16 u64 began (ns since 1970)  24 boot id, 40 bytes, zero-filled
 *   64 u32 "ATEX" (zero until the end)  68 u8 cause  69 u8 started  70 u8 signal  71 zero
 *   72 i32 code  76 zero  80 u64 ended (ns since 1970)  88 u64 output end  96 u64 bytes dropped
 *  104 i64 cpu ns  112 i64 most memory, -1 unknown  120 u16 length of detail  122 detail
 *
 * Its room is taken at the start, so that the exit can be written on a full disk. All of it lies in
 * one sector: after a power cut a record that still has the name `began` counts if "ATEX" is there. */
#include "atoll.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int record = -1;

enum claim folder_claim(int run) {
  int lock = openat(run, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return BROKEN;
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  if (fcntl(lock, F_SETLK, &whole) < 0) return errno == EACCES || errno == EAGAIN ? TAKEN : BROKEN;
  /* The descriptor stays open: closing it would give up the lock. */
  if (faccessat(run, "exit", F_OK, 0) == 0 || faccessat(run, "began", F_OK, 0) == 0) return SETTLED;
  return CLAIMED;
}

int folder_begin(int run, const struct spec *spec) {
  unsigned char bytes[RECORD_SIZE] = {0};
  put32(bytes, 0x4154524e);
  bytes[4] = 1;
  put32(bytes + 8, (uint32_t)getpid());
  put64(bytes + 16, wall_ns());
  memcpy(bytes + 24, spec->boot, strnlen(spec->boot, 40));
  record = openat(run, "began", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (record < 0) return -1;
  ssize_t n = pwrite(record, bytes, sizeof bytes, 0);
  if (n == (ssize_t)sizeof bytes) return 0;
  int error = n < 0 ? errno : ENOSPC;
  unlinkat(run, "began", 0);
  errno = error;
  return -1;
}

void ending_encode(const struct ending *e, unsigned char into[EXIT_SIZE]) {
  memset(into, 0, EXIT_SIZE);
  put32(into, 0x41544558);
  into[4] = (unsigned char)e->cause;
  into[5] = e->started;
  into[6] = (unsigned char)e->signal;
  put32(into + 8, (uint32_t)e->code);
  put64(into + 16, wall_ns());
  put64(into + 24, e->output_end);
  put64(into + 32, e->dropped);
  put64(into + 40, (uint64_t)e->cpu_ns);
  put64(into + 48, (uint64_t)e->memory_peak);
  size_t length = strnlen(e->detail, sizeof e->detail - 1);
  put16(into + 56, (uint16_t)length);
  memcpy(into + 58, e->detail, length);
}

int folder_end(int run, const unsigned char exit[EXIT_SIZE]) {
  if (record < 0) return -1;
  ssize_t n;
  do n = pwrite(record, exit, EXIT_SIZE, EXIT_AT); while (n < 0 && errno == EINTR);
  if (n != EXIT_SIZE) return -1;
  fdatasync(record);
  return renameat(run, "began", run, "exit");
}
