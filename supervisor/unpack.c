/* A tar on stdin becomes files. Into a folder that is there its members go by their names; a target that is
 * not there, or is a file, takes the place of the first part of their names, as cp does it.
 *
 * No name leads out of the target, and no link is followed below it. A file is written beside its place
 * and renamed, so that nobody ever sees half of one. */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LONGEST_PAX (1u << 20)

struct member { char name[LONGEST_NAME + 1], link[LONGEST_NAME + 1], type; mode_t mode; int64_t mtime; uint64_t size; };
struct folder { struct folder *before; int64_t mtime; mode_t mode; char name[]; };

static int root;                  /* folder that names begin at */
static char base[NAME_MAX + 1];   /* what the first part becomes; empty: itself */
static char first[NAME_MAX + 1];  /* the first part that all members must have then */
static bool only_file;            /* the target is one */
static struct folder *folders;    /* get their modes last: some may not be written to */

/* Of the file that is being written; for a signal. */
static int half_dir = -1;
static char half[64];

static void give_up(int number) {
  if (half_dir >= 0) unlinkat(half_dir, half, 0);
  _exit(128 + number);
}

static void wrong(const char *what) {
  files_say("the archive", what);
  files_spoiled(FC_ARCHIVE);
  if (half_dir >= 0) unlinkat(half_dir, half, 0);
  _exit(files_code());
}

static void take(void *into, size_t size) {
  for (char *at = into; size > 0;) {
    ssize_t n = read(0, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) wrong("ends in its middle");
    at += n;
    size -= (size_t)n;
  }
}

static void skip(uint64_t size) {
  static char bytes[16384];
  for (; size > 0; size -= size < sizeof bytes ? size : sizeof bytes) take(bytes, size < sizeof bytes ? (size_t)size : sizeof bytes);
}

static uint64_t padding(uint64_t size) { return -size & (BLOCK - 1); }

static int64_t number(const unsigned char *at, int width) {
  uint64_t value = 0;
  if (at[0] & 0x80) { /* GNU's base 256 */
    for (int i = 0; i < width; i++) {
      if (value >> 54 != 0) wrong("has a number that is too large");
      value = value << 8 | (i == 0 ? at[i] & 0x7fu : at[i]);
    }
    return (int64_t)value;
  }
  int i = 0;
  while (i < width && at[i] == ' ') i++;
  for (; i < width && at[i] >= '0' && at[i] <= '7'; i++) value = value << 3 | (unsigned)(at[i] - '0');
  if (i < width && at[i] != 0 && at[i] != ' ') wrong("has a number that is none");
  return (int64_t)value;
}

/* The body of a member that describes the next one, with a zero behind it. */
static char *preface(uint64_t size) {
  static char *bytes;
  if (size > LONGEST_PAX) wrong("has a header that is too long");
  if (bytes == NULL && (bytes = malloc(LONGEST_PAX + BLOCK + 1)) == NULL) wrong("takes more memory than there is");
  take(bytes, (size_t)(size + padding(size)));
  bytes[size] = 0;
  return bytes;
}

static void keep(char *into, const char *value) {
  if (strlen(value) > LONGEST_NAME) wrong("has a name that is too long");
  strcpy(into, value);
}

static void pax(char *at, uint64_t size, struct member *m, bool *has) {
  for (char *end = at + size; at < end;) {
    char *space, *line = at;
    unsigned long length = strtoul(at, &space, 10);
    if (length < 5 || length > (size_t)(end - line) || *space != ' ' || line[length - 1] != '\n') wrong("has a damaged header");
    line[length - 1] = 0;
    char *key = space + 1, *value = strchr(key, '=');
    if (value == NULL) wrong("has a damaged header");
    *value++ = 0;
    if (strcmp(key, "path") == 0) keep(m->name, value), has[0] = true;
    else if (strcmp(key, "linkpath") == 0) keep(m->link, value), has[1] = true;
    else if (strcmp(key, "size") == 0) m->size = strtoull(value, NULL, 10), has[2] = true;
    else if (strcmp(key, "mtime") == 0) m->mtime = strtoll(value, NULL, 10), has[3] = true;
    else if (strncmp(key, "GNU.sparse", 10) == 0) wrong("has a sparse file in GNU's way; pack it without");
    at = line + length;
  }
}

/* The next member; false at the end. */
static bool next(struct member *m) {
  bool has[4] = {false};
  for (;;) {
    unsigned char head[BLOCK];
    take(head, sizeof head);
    if (head[0] == 0 && head[148] == 0) return false;
    unsigned sum = 0;
    for (int i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? ' ' : head[i];
    if (number(head + 148, 8) != (int64_t)sum) wrong("is none, or is damaged");
    uint64_t size = (uint64_t)number(head + 124, 12);
    if (size > INT64_MAX) wrong("has an impossible size");
    char text[BLOCK];
    switch (head[156]) {
      case 'x': pax(preface(size), size, m, has); continue;
      case 'g': preface(size); continue;
      case 'L': keep(m->name, preface(size)); has[0] = true; continue;
      case 'K': keep(m->link, preface(size)); has[1] = true; continue;
      default: break;
    }
    bool prefix = memcmp(head + 257, "ustar\0", 6) == 0 && head[345] != 0;
    snprintf(text, sizeof text, "%.*s%s%.100s", prefix ? 155 : 0, (char *)head + 345, prefix ? "/" : "", (char *)head);
    if (!has[0]) keep(m->name, text);
    snprintf(text, sizeof text, "%.100s", (char *)head + 157);
    if (!has[1]) keep(m->link, text);
    if (!has[2]) m->size = size;
    if (!has[3]) m->mtime = number(head + 136, 12);
    m->mode = (mode_t)number(head + 100, 8) & 01777;
    m->type = head[156] == 0 || head[156] == '7' ? '0' : (char)head[156];
    if (m->type == '0' && m->name[0] != 0 && m->name[strlen(m->name) - 1] == '/') m->type = '5';
    if (m->type != '0') m->size = 0;
    if (m->size > INT64_MAX) wrong("has an impossible size");
    return true;
  }
}

/* The name below the root as plain parts, in place; "" for the root itself. */
static void plain(char *text) {
  char made[LONGEST_NAME + NAME_MAX + 2];
  size_t have = 0;
  bool at_first = true;
  if (text[0] == '/') wrong("has an absolute name");
  for (char *part = text; part != NULL;) {
    char *slash = strchr(part, '/');
    if (slash != NULL) *slash = 0;
    const char *as = part;
    if (strcmp(part, "..") == 0) wrong("has a name that leads out by '..'");
    if (strlen(part) > NAME_MAX) wrong("has a name that is too long");
    if (at_first && base[0] != 0) {
      if (first[0] == 0) strcpy(first, part);
      if (strcmp(first, part) != 0) wrong("has more than one file or folder for one name");
      as = base;
    } else if (strcmp(part, ".") == 0) {
      as = "";
    }
    at_first = false;
    if (as[0] != 0) have += (size_t)snprintf(made + have, sizeof made - have, "%s%s", have > 0 ? "/" : "", as);
    part = slash == NULL ? NULL : slash + 1;
  }
  made[have] = 0;
  keep(text, made);
}

/* Opens the folder of a plain name without following anything, makes what is missing on the way, and gives
 * the last part. -1 with errno. */
static int folder_of(char *plainly, char **last) {
  int at = dup(root);
  for (char *part = plainly; at >= 0;) {
    char *slash = strchr(part, '/');
    if (slash == NULL) {
      *last = part;
      return at;
    }
    *slash = 0;
    int below = openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below < 0 && errno == ENOENT && mkdirat(at, part, 0755) == 0)
      below = openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int error = errno;
    *slash = '/';
    close(at);
    errno = error;
    at = below;
    part = slash + 1;
  }
  return -1;
}

static void begin_half(int dir) {
  static unsigned count;
  snprintf(half, sizeof half, ".atoll-copy-%d-%u", (int)getpid(), count++);
  half_dir = dir;
}

/* Puts what was made beside in its place. */
static bool settle(int dir, const char *last) {
  bool done = renameat(dir, half, dir, last) == 0;
  int error = errno;
  if (!done) unlinkat(dir, half, 0);
  half_dir = -1;
  errno = error;
  return done;
}

/* Reads the member's bytes in any case. */
static bool unpack_file(int dir, const char *last, const struct member *m) {
  static char bytes[65536];
  begin_half(dir);
  int fd = openat(dir, half, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600), error = fd < 0 ? errno : 0;
  for (uint64_t left = m->size; left > 0;) {
    size_t n = left < sizeof bytes ? (size_t)left : sizeof bytes;
    take(bytes, n);
    left -= n;
    for (size_t at = 0; at < n && error == 0;) {
      ssize_t done = write(fd, bytes + at, n - at);
      if (done < 0 && errno != EINTR) error = errno;
      if (done > 0) at += (size_t)done;
    }
    if (error == ENOSPC || error == EDQUOT) break; /* it gets no better */
  }
  struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = (time_t)m->mtime}};
  if (error == 0 && (fchmod(fd, m->mode & 0777) < 0 || futimens(fd, times) < 0)) error = errno;
  if (fd >= 0 && close(fd) < 0 && error == 0) error = errno;
  if (error == 0) return settle(dir, last);
  if (fd >= 0) unlinkat(dir, half, 0);
  half_dir = -1;
  errno = error;
  return false;
}

static bool unpack_folder(int dir, const char *last, const struct member *m) {
  struct stat st;
  if (last[0] != 0 && mkdirat(dir, last, 0700) < 0) {
    if (errno != EEXIST || fstatat(dir, last, &st, AT_SYMLINK_NOFOLLOW) < 0) return false;
    errno = ENOTDIR;
    return S_ISDIR(st.st_mode); /* one that was there stays as it is */
  }
  if (last[0] == 0) return true;
  struct folder *made = malloc(sizeof *made + strlen(m->name) + 1);
  if (made == NULL) return false;
  *made = (struct folder){.before = folders, .mtime = m->mtime, .mode = m->mode};
  strcpy(made->name, m->name);
  folders = made;
  return true;
}

static bool unpack_link(int dir, const char *last, struct member *m) {
  begin_half(dir);
  if (m->type == '2') {
    if (symlinkat(m->link, dir, half) == 0) return settle(dir, last);
  } else {
    char *target;
    plain(m->link);
    int from = folder_of(m->link, &target);
    bool made = from >= 0 && linkat(from, target, dir, half, 0) == 0;
    if (from >= 0) close(from);
    if (made) {
      bool done = settle(dir, last);
      unlinkat(dir, half, 0); /* a rename onto the same file leaves both names */
      return done;
    }
  }
  half_dir = -1;
  return false;
}

static void unpack(struct member *m) {
  char *last, shown[LONGEST_NAME + 1];
  strcpy(shown, m->name);
  plain(m->name);
  if (only_file && m->type != '0') {
    files_failed(base, m->type == '5' ? ENOTDIR : EEXIST);
    _exit(files_code());
  }
  int dir = folder_of(m->name, &last);
  bool done = dir >= 0;
  if (done && last[0] == 0 && m->type != '5') wrong("has a file without a name");
  if (m->type == '0' && done) done = unpack_file(dir, last, m);
  else if (m->type == '0') { int error = errno; skip(m->size); errno = error; }
  else if (m->type == '5' && done) done = unpack_folder(dir, last, m);
  else if ((m->type == '1' || m->type == '2') && done) done = unpack_link(dir, last, m);
  else if (done) files_say(shown, "left out: it is no file, folder or link");
  bool full = !done && (errno == ENOSPC || errno == EDQUOT); /* the archive is left in its middle */
  if (!done) files_failed(shown, errno);
  if (full) _exit(files_code());
  if (dir >= 0) close(dir);
  skip(padding(m->size));
}

static void finish_folders(void) {
  for (; folders != NULL; folders = folders->before) {
    char *last;
    int dir = folder_of(folders->name, &last);
    int fd = dir < 0 ? -1 : openat(dir, last, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = (time_t)folders->mtime}};
    if (fd >= 0) {
      futimens(fd, times);
      fchmod(fd, folders->mode);
      close(fd);
    }
    if (dir >= 0) close(dir);
  }
}

/* Of a link to a file, the file is replaced. Step by step: who may not look at all folders above the working
 * folder has no absolute path of it. */
static bool resolve(char *path, size_t room) {
  static char link[PATH_MAX];
  for (int steps = 0; steps < 32; steps++) {
    ssize_t n = readlink(path, link, sizeof link - 1);
    if (n < 0) return errno == EINVAL; /* no link */
    link[n] = 0;
    char *slash = link[0] == '/' ? NULL : strrchr(path, '/');
    size_t before = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    if (before + (size_t)n >= room) return errno = ENAMETOOLONG, false;
    strcpy(path + before, link);
  }
  return errno = ELOOP, false;
}

/* Where things go, by what the target is; false if it cannot be. */
static bool choose(const char *target) {
  static char real[PATH_MAX];
  struct stat st;
  bool there = stat(target, &st) == 0;
  size_t end = strlen(target);
  if (end >= sizeof real) return errno = ENAMETOOLONG, false;
  if (there && S_ISDIR(st.st_mode)) return (root = open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0;
  if (!there && (errno != ENOENT || target[end - 1] == '/')) return false;
  if (there && !S_ISREG(st.st_mode)) return errno = EEXIST, false;
  only_file = there;
  strcpy(real, target);
  if (there && !resolve(real, sizeof real)) return false;
  char *slash = strrchr(real, '/');
  const char *name = slash == NULL ? real : slash + 1;
  if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) return errno = ENOENT, false;
  if (strlen(name) > NAME_MAX) return errno = ENAMETOOLONG, false;
  strcpy(base, name);
  if (slash != NULL) slash[slash == real ? 1 : 0] = 0;
  return (root = open(slash == NULL ? "." : real, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0;
}

int files_unpack(const char *target) {
  static struct member m;
  struct sigaction ends = {.sa_handler = give_up};
  int numbers[] = {SIGTERM, SIGINT, SIGHUP};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) sigaction(numbers[i], &ends, NULL);
  if (!choose(target)) {
    files_failed(target, errno);
    return files_code();
  }
  while (next(&m)) unpack(&m);
  finish_folders();
  return files_code();
}
