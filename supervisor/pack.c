/* A file, or a folder with all that is in it, as a tar on stdout: ustar, with pax records where something
 * does not fit (POSIX.1-2001). The first member has the last part of the path as its name, or "." where
 * that says nothing. Links are kept as links; of a hard link each name is a file. */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char out[65536];
static size_t out_have;
static char name[LONGEST_NAME + 2], shown[2 * LONGEST_NAME]; /* in the tar, and for people */

static void flush(void) {
  for (size_t at = 0; at < out_have;) {
    ssize_t n = write(1, out + at, out_have - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) _exit(1); /* nobody takes it, so nobody reads why */
    at += (size_t)n;
  }
  out_have = 0;
}

static void emit(const void *bytes, size_t size) {
  for (const char *from = bytes; size > 0;) {
    size_t n = sizeof out - out_have < size ? sizeof out - out_have : size;
    memcpy(out + out_have, from, n);
    out_have += n;
    from += n;
    size -= n;
    if (out_have == sizeof out) flush();
  }
}

static void zeros(uint64_t size) {
  static const char none[4096];
  for (; size > 0; size -= size < sizeof none ? size : sizeof none) emit(none, size < sizeof none ? size : sizeof none);
}

static void octal(char *at, int width, uint64_t value) {
  if (value >> (3 * (width - 1)) != 0) value = 0; /* a pax record has it, or nobody needs it */
  snprintf(at, (size_t)width, "%0*llo", width - 1, (unsigned long long)value);
}

static void block(const char *member, const char *link, char type, const struct stat *st, uint64_t size) {
  char head[BLOCK] = {0};
  strncpy(head, member, 100);
  octal(head + 100, 8, st->st_mode & 07777);
  octal(head + 108, 8, st->st_uid);
  octal(head + 116, 8, st->st_gid);
  octal(head + 124, 12, size);
  octal(head + 136, 12, st->st_mtime < 0 ? 0 : (uint64_t)st->st_mtime);
  head[156] = type;
  strncpy(head + 157, link, 100);
  memcpy(head + 257, "ustar\00000", 8);
  memset(head + 148, ' ', 8);
  unsigned sum = 0;
  for (int i = 0; i < BLOCK; i++) sum += (unsigned char)head[i];
  snprintf(head + 148, 7, "%06o", sum);
  emit(head, sizeof head);
}

/* "LENGTH KEY=VALUE\n", where the length counts itself. */
static size_t record(char *into, const char *key, const char *value) {
  size_t rest = strlen(key) + strlen(value) + 3, length = rest;
  char digits[24];
  for (int i = 0; i < 2; i++) length = rest + (size_t)snprintf(digits, sizeof digits, "%zu", length);
  return (size_t)sprintf(into, "%zu %s=%s\n", length, key, value);
}

static void header(const char *link, char type, const struct stat *st, uint64_t size) {
  static char pax[2 * LONGEST_NAME + 256];
  char number[24];
  size_t have = 0;
  if (strlen(name) > 100) have += record(pax + have, "path", name);
  if (strlen(link) > 100) have += record(pax + have, "linkpath", link);
  if (size >> 33 != 0) {
    snprintf(number, sizeof number, "%llu", (unsigned long long)size);
    have += record(pax + have, "size", number);
  }
  if (st->st_mtime < 0 || st->st_mtime >> 33 != 0) {
    snprintf(number, sizeof number, "%lld", (long long)st->st_mtime);
    have += record(pax + have, "mtime", number);
  }
  if (have > 0) {
    struct stat none = {.st_mode = 0644};
    block("pax", "", 'x', &none, have);
    emit(pax, have);
    zeros(-have & (BLOCK - 1));
  }
  block(name, link, type, st, size);
}

static void pack_file(int dir, const char *at) {
  static char bytes[65536];
  struct stat st;
  /* What is looked at may be replaced by a pipe meanwhile. */
  int fd = openat(dir, at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
    files_failed(shown, fd < 0 ? errno : EINVAL);
    if (fd >= 0) close(fd);
    return;
  }
  header("", '0', &st, (uint64_t)st.st_size);
  uint64_t left = (uint64_t)st.st_size;
  while (left > 0) {
    ssize_t n = read(fd, bytes, left < sizeof bytes ? (size_t)left : sizeof bytes);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      if (n < 0) files_failed(shown, errno);
      else files_say(shown, "became shorter while it was read; zeros follow");
      files_spoiled(1);
      zeros(left);
      break;
    }
    emit(bytes, (size_t)n);
    left -= (uint64_t)n;
  }
  zeros(-(uint64_t)st.st_size & (BLOCK - 1));
  close(fd);
}

static void pack(int dir, const char *at);

static void pack_folder(int dir, const char *at, const struct stat *st) {
  int fd = openat(dir, at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *all = fd < 0 ? NULL : fdopendir(fd);
  if (all == NULL) files_failed(shown, errno);
  size_t name_had = strlen(name), shown_had = strlen(shown);
  strcpy(name + name_had, "/");
  header("", '5', st, 0);
  while (all != NULL) {
    errno = 0;
    struct dirent *one = readdir(all);
    if (one == NULL) {
      if (errno != 0) files_failed(shown, errno);
      break;
    }
    if (strcmp(one->d_name, ".") == 0 || strcmp(one->d_name, "..") == 0) continue;
    size_t length = strlen(one->d_name);
    if (name_had + length + 2 > LONGEST_NAME || shown_had + length + 2 > sizeof shown) {
      files_failed(shown, ENAMETOOLONG);
      continue;
    }
    strcpy(name + name_had + 1, one->d_name);
    snprintf(shown + shown_had, sizeof shown - shown_had, "%s%s", shown[shown_had - 1] == '/' ? "" : "/", one->d_name);
    pack(fd, one->d_name);
    shown[shown_had] = 0;
  }
  name[name_had] = 0;
  if (all != NULL) closedir(all);
}

static void pack(int dir, const char *at) {
  struct stat st;
  if (fstatat(dir, at, &st, AT_SYMLINK_NOFOLLOW) < 0) {
    files_failed(shown, errno);
  } else if (S_ISREG(st.st_mode)) {
    pack_file(dir, at);
  } else if (S_ISDIR(st.st_mode)) {
    pack_folder(dir, at, &st);
  } else if (S_ISLNK(st.st_mode)) {
    static char link[LONGEST_NAME]; /* not on the stack, which is as deep as the folders */
    ssize_t n = readlinkat(dir, at, link, sizeof link - 1);
    if (n < 0) {
      files_failed(shown, errno);
      return;
    }
    link[n] = 0;
    header(link, '2', &st, 0);
  } else {
    files_say(shown, S_ISFIFO(st.st_mode) ? "left out: a pipe" : S_ISSOCK(st.st_mode) ? "left out: a socket" : "left out: a device");
  }
}

int files_pack(const char *path) {
  size_t end = strlen(path);
  if (end >= LONGEST_NAME) {
    files_failed("the path", ENAMETOOLONG);
    return files_code();
  }
  strcpy(shown, path);
  while (end > 0 && path[end - 1] == '/') end--;
  size_t start = end;
  while (start > 0 && path[start - 1] != '/') start--;
  snprintf(name, sizeof name, "%.*s", (int)(end - start), path + start);
  if (name[0] == 0 || strcmp(name, "..") == 0) strcpy(name, ".");
  pack(AT_FDCWD, path);
  zeros(2 * BLOCK);
  flush();
  return files_code();
}
