/* Numbers, clocks, small files. */
#include "atoll.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void put16(unsigned char *at, uint16_t v) {
  at[0] = (unsigned char)(v >> 8);
  at[1] = (unsigned char)v;
}

void put32(unsigned char *at, uint32_t v) {
  put16(at, (uint16_t)(v >> 16));
  put16(at + 2, (uint16_t)v);
}

void put64(unsigned char *at, uint64_t v) {
  put32(at, (uint32_t)(v >> 32));
  put32(at + 4, (uint32_t)v);
}

uint64_t wall_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int64_t mono_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t n = write(fd, text, strlen(text));
  int error = errno;
  close(fd);
  errno = error;
  return n < 0 ? -1 : 0;
}

ssize_t read_file(const char *path, char *into, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t n = read(fd, into, size - 1);
  close(fd);
  if (n >= 0) into[n] = 0;
  return n;
}
