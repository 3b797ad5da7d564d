/* The multiplexer of sessions: lines of one host over one port, each to a session's socket. It passes
 * bytes; the session and whoever sits before the terminal keep what the other side does not have.
 *
 *   host ── port "io.atoll.exec" ──▶ this process ── unix sockets ──▶ sessions ── pipes, terminals ──▶ commands
 *
 * What a session says waits in its socket while the port is full, so nothing is kept here but one frame;
 * towards a session, which always reads, at most QUEUE bytes a line: a line that has more is closed, and
 * goes on from its offsets when its owner comes again. */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_LINES (2 * MAX_SESSIONS)
#define QUEUE (128u << 10)
#define MAX_REPLIES 64
#define MAX_WORDS (512u << 10)
#define LONGEST_ID 40
#define PORT 3
/* How long a host may seem to be away: its first bytes come before the port says that it is there. */
#define PATIENCE_MS 1000
#define LOOK_AGAIN_MS 50
/* For a host that came without the port's saying so. */
#define ABSENT_MS 2000

struct reply { unsigned char type; size_t size; unsigned char body[256]; };

static struct {
  int signals;
  bool greeted, absent;
  int64_t absent_since;
  struct frame_in in;
  struct frame_out out;
  struct line { uint32_t number; int fd; size_t have; unsigned char due[QUEUE]; } lines[MAX_LINES];
  unsigned turn;
  struct reply replies[MAX_REPLIES];
  unsigned first, count;
  char words[MAX_WORDS];
} x;

/* There is room: the port is not read while there is not. */
static unsigned char *reply(unsigned char type, size_t size) {
  struct reply *one = &x.replies[(x.first + x.count++) % MAX_REPLIES];
  one->type = type;
  one->size = size;
  return one->body;
}

static void say_closed(uint32_t number, enum closed why) {
  unsigned char *body = reply(X_CLOSED, 5);
  put32(body, number);
  body[4] = (unsigned char)why;
}

static struct line *line_of(uint32_t number) {
  for (int i = 0; i < MAX_LINES; i++)
    if (x.lines[i].fd >= 0 && x.lines[i].number == number) return &x.lines[i];
  return NULL;
}

static void close_line(struct line *line) {
  close(line->fd);
  line->fd = -1;
  line->have = 0;
}

static void forget_host(void) {
  for (int i = 0; i < MAX_LINES; i++)
    if (x.lines[i].fd >= 0) close_line(&x.lines[i]);
  x.count = 0;
  x.out.have = x.out.sent = 0;
  x.greeted = false;
}

static bool take_id(const unsigned char *from, size_t size, char id[LONGEST_ID + 1]) {
  if (size == 0 || size > LONGEST_ID) return false;
  memcpy(id, from, size);
  id[size] = 0;
  return true;
}

static void begin(const unsigned char *body, size_t size) {
  char id[LONGEST_ID + 1];
  if (size < 5 || get32(body) > MAX_WORDS || !take_id(body + 4, size - 4, id)) return;
  const char *why = "";
  enum begun how = sessions_begin(id, x.words, get32(body), &why);
  size_t length = strlen(id), text = strnlen(why, 200);
  unsigned char *answer = reply(X_BEGUN, 2 + length + text);
  answer[0] = (unsigned char)how;
  answer[1] = (unsigned char)length;
  memcpy(answer + 2, id, length);
  memcpy(answer + 2 + length, why, text);
}

static void attach(const unsigned char *body, size_t size) {
  char id[LONGEST_ID + 1];
  if (size < 5 || !take_id(body + 4, size - 4, id)) return;
  uint32_t number = get32(body);
  struct line *line = line_of(number), *room = NULL;
  if (line != NULL) close_line(line);
  for (int i = 0; i < MAX_LINES; i++)
    if (x.lines[i].fd < 0) room = &x.lines[i];
  int fd = room == NULL ? -1 : sessions_connect(id);
  if (fd < 0) {
    say_closed(number, room == NULL ? NO_LINE : NO_SESSION);
    return;
  }
  room->number = number;
  room->fd = fd;
  put32(reply(X_OPENED, 4), number);
}

static void give(struct line *line) {
  while (line->have > 0) {
    ssize_t n = send(line->fd, line->due, line->have, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
      line->have = 0; /* gone: reading says so, after what it said last */
      return;
    }
    line->have -= (size_t)n;
    memmove(line->due, line->due + n, line->have);
  }
}

static void data(const unsigned char *body, size_t size) {
  struct line *line = size < 4 ? NULL : line_of(get32(body));
  if (line == NULL) return;
  if (line->have + size - 4 > QUEUE) {
    say_closed(line->number, LINE_OVERRUN);
    close_line(line);
    return;
  }
  memcpy(line->due + line->have, body + 4, size - 4);
  line->have += size - 4;
  give(line);
}

static void on_frame(unsigned char type, const unsigned char *body, size_t size) {
  if (type == X_HELLO && size == 8) {
    forget_host();
    memcpy(reply(X_WELCOME, 8), body, 8);
    x.greeted = true;
    return;
  }
  if (!x.greeted) return;
  switch (type) {
    case X_WORDS:
      if (size >= 4 && get32(body) <= MAX_WORDS && size - 4 <= MAX_WORDS - get32(body))
        memcpy(x.words + get32(body), body + 4, size - 4);
      return;
    case X_BEGIN: begin(body, size); return;
    case X_ATTACH: attach(body, size); return;
    case X_DATA: data(body, size); return;
    case X_CLOSE: {
      struct line *line = size == 4 ? line_of(get32(body)) : NULL;
      if (line == NULL) return;
      /* The last of it, a release perhaps, is in the socket already or will never be. */
      close_line(line);
      return;
    }
    default: return; /* of a newer host */
  }
}

static bool may_hear(void) { return x.count < MAX_REPLIES / 2; }

static void take_frames(void) {
  unsigned char type;
  const unsigned char *body;
  size_t size;
  while (may_hear() && frame_next(&x.in, &type, &body, &size)) on_frame(type, body, size);
}

static void read_port(void) {
  size_t room;
  unsigned char *into = frame_room(&x.in, &room);
  ssize_t n = room == 0 ? -1 : read(PORT, into, room);
  if (n == 0 && !x.absent) x.absent_since = mono_ms();
  x.absent = n == 0;
  if (x.absent && x.greeted && mono_ms() - x.absent_since > PATIENCE_MS) forget_host();
  if (n > 0) x.in.have += (size_t)n;
}

/* What one session has said, as a frame; false if nothing. */
static bool said_by(struct line *line) {
  unsigned char *body = x.out.bytes + FRAME_HEAD;
  if (line->fd < 0) return false;
  ssize_t n = recv(line->fd, body + 4, FRAME_BODY - 4, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  put32(body, line->number);
  if (n > 0) {
    frame_seal(&x.out, X_SAID, 4 + (size_t)n);
    return true;
  }
  body[4] = CLOSED_BY_SESSION;
  close_line(line);
  frame_seal(&x.out, X_CLOSED, 5);
  return true;
}

static bool next_frame(void) {
  if (x.count > 0) {
    struct reply *one = &x.replies[x.first++ % MAX_REPLIES];
    x.count--;
    memcpy(x.out.bytes + FRAME_HEAD, one->body, one->size);
    frame_seal(&x.out, one->type, one->size);
    return true;
  }
  for (int i = 0; i < MAX_LINES; i++)
    if (said_by(&x.lines[x.turn++ % MAX_LINES])) return true;
  return false;
}

static void write_port(void) {
  while (x.greeted && (x.out.sent < x.out.have || next_frame())) {
    ssize_t n = write(PORT, x.out.bytes + x.out.sent, x.out.have - x.out.sent);
    if (n <= 0) return;
    x.out.sent += (size_t)n;
  }
}

static void wait_for_more(void) {
  struct pollfd fds[2 + MAX_LINES];
  bool full = x.out.sent < x.out.have;
  fds[0] = (struct pollfd){x.absent ? -1 : PORT, (short)((may_hear() ? POLLIN : 0) | (full ? POLLOUT : 0)), 0};
  fds[1] = (struct pollfd){x.signals, POLLIN, 0};
  for (int i = 0; i < MAX_LINES; i++)
    fds[2 + i] = (struct pollfd){
        full && x.lines[i].have == 0 ? -1 : x.lines[i].fd,
        (short)((full ? 0 : POLLIN) | (x.lines[i].have > 0 ? POLLOUT : 0)), 0};
  if (poll(fds, 2 + MAX_LINES, !x.absent ? -1 : x.greeted ? LOOK_AGAIN_MS : ABSENT_MS) < 0) return;
  if (fds[1].revents != 0) {
    struct signalfd_siginfo info;
    while (read(x.signals, &info, sizeof info) == sizeof info) {}
    sessions_reap();
  }
  for (int i = 0; i < MAX_LINES; i++)
    if (x.lines[i].fd >= 0 && fds[2 + i].revents & POLLOUT) give(&x.lines[i]);
}

int exec_serve(int port) {
  if (port != PORT) dup2(port, PORT);
  syscall(SYS_close_range, PORT + 1u, ~0u, 0u);
  write_file("/proc/self/oom_score_adj", "-1000");
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigaddset(&set, SIGIO);
  sigprocmask(SIG_SETMASK, &set, NULL);
  x.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  for (int i = 0; i < MAX_LINES; i++) x.lines[i].fd = -1;
  /* Of the open port, which may be shared: whoever serves it hears of hosts that come and go. */
  if (x.signals < 0 || fcntl(PORT, F_SETOWN, getpid()) < 0 || fcntl(PORT, F_SETFL, O_NONBLOCK | O_ASYNC) < 0) _exit(71);
  for (;;) {
    read_port();
    take_frames();
    write_port();
    wait_for_more();
  }
}

int exec_main(void) {
  static char *env[] = {
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "USER=root", "LOGNAME=root", NULL};
  static const struct inside machine = {NULL, "/root", "root", env, 3};
  int port = guest_port(EXEC_PORT, 20000);
  if (port < 0) {
    fprintf(stderr, "atoll-exec: this machine has no port " EXEC_PORT "\n");
    return 69;
  }
  /* The payload is the machine itself. */
  sessions_of("/run/atoll-exec", 1, 1, NULL, &machine);
  exec_serve(port);
}
