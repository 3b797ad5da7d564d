/* The agent's loop: one thread, one payload, one host at a time. */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_WORDS (2u << 20)
/* What has not died by then has left the payload's group. */
#define STUBBORN_MS 1000
/* How often to look whether a host that went away is back: the port does not say it by itself. */
#define ABSENT_MS 20

enum phase { WAITING = 0, RUNNING = 1, ENDED = 2 };

static struct {
  int port, exec_port;
  bool greeted, absent;
  bool called; /* a host may have come to the port of sessions */
  pid_t exec;  /* whoever serves that port; 0 = nobody yet */
  struct frame_in in;
  struct frame_out out;
  uint64_t nonce;
  bool welcome_due, started_due, exit_due;
  bool moved_due;
  uint32_t move;
  int moved;
  unsigned char *words;
  size_t words_size;
  enum phase phase;
  struct start start;
  struct started child;
  bool executed, main_ended, stopped, hungry;
  int main_status;
  int64_t kill_at, killing_since, killed_at;
  uint64_t ended_ns;
  char failed[384];
  size_t failed_size;
} g;

static void end_without_start(const char *why) {
  snprintf(g.failed, sizeof g.failed, "%s", why);
  g.phase = ENDED;
  g.ended_ns = wall_ns();
  g.main_ended = true;
  g.exit_due = true;
}

static void start(const unsigned char *body, size_t size) {
  if (g.phase != WAITING || size != 4 + 8 + 64) return;
  uint32_t length = get32(body);
  guest_entropy(body + 12);
  guest_clock(get64(body + 4));
  if (length == 0 || length > g.words_size) {
    end_without_start("the start's words are not all there");
    return;
  }
  g.words[length] = 0;
  const char *wrong = start_parse(&g.start, (char *)g.words, length);
  if (wrong == NULL) wrong = payload_start(&g.start, &g.child, g.failed, sizeof g.failed);
  if (wrong != NULL) {
    char text[384];
    snprintf(text, sizeof text, "%s", wrong);
    end_without_start(text);
    return;
  }
  fcntl(g.child.out, F_SETFL, O_NONBLOCK);
  fcntl(g.child.err, F_SETFL, O_NONBLOCK);
  fcntl(g.child.status, F_SETFL, O_NONBLOCK);
  g.phase = RUNNING;
}

static void words(const unsigned char *body, size_t size) {
  if (size < 4 || g.phase != WAITING) return;
  uint32_t at = get32(body);
  if (at > g.words_size || at + (size - 4) > MAX_WORDS) return;
  unsigned char *more = realloc(g.words, at + size - 4 + 1);
  if (more == NULL) return;
  g.words = more;
  memcpy(g.words + at, body + 4, size - 4);
  g.words_size = at + size - 4;
}

static void stop(uint32_t grace_ms) {
  if (g.phase != RUNNING || g.main_ended) return;
  g.stopped = true;
  int64_t at = mono_ms() + grace_ms;
  if (g.kill_at == 0 || at < g.kill_at) g.kill_at = at;
  if (grace_ms > 0) kill(g.child.pid, SIGTERM);
}

static void on_frame(unsigned char type, const unsigned char *body, size_t size) {
  switch (type) {
    case F_HELLO:
      if (size != 16) return;
      g.greeted = true;
      g.nonce = get64(body);
      g.out.have = g.out.sent = 0; /* the rest would be read by nobody */
      ring_acked(get64(body + 8));
      ring_rewind();
      g.welcome_due = true;
      g.started_due = g.executed;
      g.exit_due = g.phase == ENDED;
      g.moved_due = false;
      return;
    case F_WORDS: words(body, size); return;
    case F_START: start(body, size); return;
    case F_ACK:
      if (size == 8) ring_acked(get64(body));
      return;
    case F_SIGNAL:
      if (size == 1 && g.phase == RUNNING && !g.main_ended && body[0] > 0 && body[0] < 65) kill(g.child.pid, body[0]);
      return;
    case F_STOP:
      if (size == 4) stop(get32(body));
      return;
    case F_BYE:
      if (g.phase == ENDED) guest_off();
      return;
    case F_MOVE:
      if (size < 4) return;
      g.move = get32(body);
      g.moved = g.phase == RUNNING ? guest_cards_move(&g.start, PAYLOAD_ROOT, (const char *)body + 4, size - 4) : ENOENT;
      g.moved_due = true;
      return;
    case F_CLOCK:
      if (size == 8) guest_clock(get64(body));
      return;
    default: return; /* of a newer host */
  }
}

static void read_port(void) {
  size_t room;
  unsigned char *into = frame_room(&g.in, &room);
  ssize_t n = read(g.port, into, room);
  g.absent = n == 0;
  if (n <= 0) return;
  g.in.have += (size_t)n;
  unsigned char type;
  const unsigned char *body;
  size_t size;
  while (frame_next(&g.in, &type, &body, &size)) on_frame(type, body, size);
}

static size_t exit_body(unsigned char *body) {
  bool oom = g.executed && (g.hungry || payload_out_of_memory());
  int code = 125, cause = START_FAILED;
  if (g.executed) {
    bool by_signal = WIFSIGNALED(g.main_status);
    code = by_signal ? 128 + WTERMSIG(g.main_status) : WEXITSTATUS(g.main_status);
    cause = g.stopped ? STOPPED : oom && code == 128 + SIGKILL ? OUT_OF_MEMORY : by_signal ? SIGNALED : EXITED;
  } else if (g.child.pid > 0 && WIFEXITED(g.main_status)) {
    code = WEXITSTATUS(g.main_status);
  } else if (g.stopped) {
    cause = STOPPED;
    code = 128 + SIGKILL;
  }
  const char *text = cause == START_FAILED ? g.failed : "";
  body[0] = (unsigned char)cause;
  body[1] = g.executed;
  body[2] = body[3] = 0;
  put32(body + 4, (uint32_t)code);
  put64(body + 8, ring_end());
  put64(body + 16, (uint64_t)payload_cpu_ns());
  put64(body + 24, (uint64_t)payload_memory_peak());
  put64(body + 32, g.ended_ns);
  size_t length = strlen(text);
  memcpy(body + 40, text, length);
  return 40 + length;
}

/* Fills the next frame into the empty buffer; false if nothing is due. */
static bool next_frame(void) {
  unsigned char *body = g.out.bytes + FRAME_HEAD;
  if (g.welcome_due) {
    put64(body, g.nonce);
    body[8] = (unsigned char)g.phase;
    put64(body + 9, ring_end());
    g.welcome_due = false;
    frame_seal(&g.out, F_WELCOME, 17);
    return true;
  }
  if (g.started_due) {
    g.started_due = false;
    frame_seal(&g.out, F_STARTED, 0);
    return true;
  }
  if (g.moved_due) {
    put32(body, g.move);
    body[4] = (unsigned char)g.moved;
    g.moved_due = false;
    frame_seal(&g.out, F_MOVED, 5);
    return true;
  }
  uint64_t offset;
  int stream;
  size_t size = ring_next(body + 9, FRAME_BODY - 9, &offset, &stream);
  if (size > 0) {
    put64(body, offset);
    body[8] = (unsigned char)stream;
    frame_seal(&g.out, F_OUTPUT, 9 + size);
    return true;
  }
  if (g.exit_due) {
    g.exit_due = false;
    frame_seal(&g.out, F_EXIT, exit_body(body));
    return true;
  }
  return false;
}

static void write_port(void) {
  while (g.greeted && (g.out.sent < g.out.have || next_frame())) {
    ssize_t n = write(g.port, g.out.bytes + g.out.sent, g.out.have - g.out.sent);
    if (n <= 0) return;
    g.out.sent += (size_t)n;
  }
}

static void take_output(int *fd, int stream) {
  static unsigned char piece[65536];
  size_t room = ring_room();
  if (room == 0) return;
  ssize_t n = read(*fd, piece, room < sizeof piece ? room : sizeof piece);
  if (n > 0) ring_add(stream, piece, (size_t)n);
  if (n == 0) {
    close(*fd);
    *fd = -1;
  }
}

static void take_status(void) {
  ssize_t n = read(g.child.status, g.failed + g.failed_size, sizeof g.failed - 1 - g.failed_size);
  if (n > 0) g.failed_size += (size_t)n;
  if (n != 0) return;
  close(g.child.status);
  g.child.status = -1;
  g.failed[g.failed_size] = 0;
  /* It also closes when a child dies before it executes anything. */
  if (g.failed_size == 0) g.executed = g.started_due = true;
}

static void reap(void) {
  int status;
  for (pid_t pid = waitpid(-1, &status, WNOHANG); pid > 0; pid = waitpid(-1, &status, WNOHANG))
    if (pid == g.child.pid) {
      g.main_ended = true;
      g.main_status = status;
    } else if (pid == g.exec) {
      g.exec = 0;
      g.called = true;
    }
}

/* Sessions cost nothing until a host asks for one. The port says by a signal that somebody came. */
static void serve_sessions(void) {
  if (!g.called || g.exec != 0 || g.phase != RUNNING || !g.executed) return;
  g.called = false;
  fcntl(g.exec_port, F_SETOWN, getpid());
  struct pollfd port = {g.exec_port, POLLIN, 0};
  if (poll(&port, 1, 0) > 0 && port.revents & POLLHUP) return;
  struct inside image = payload_inside(&g.start);
  pid_t pid = fork();
  if (pid == 0) {
    sessions_of("/sessions", getppid(), g.child.pid, PAYLOAD_GROUP, &image);
    exec_serve(g.exec_port);
  }
  g.exec = pid < 0 ? 0 : pid;
}

/* Once the payload has ended, what is left of it is killed, and its output read to the end. */
static void on_time(void) {
  if (g.phase != RUNNING) return;
  int64_t now = mono_ms();
  bool due = g.main_ended || (g.kill_at != 0 && now >= g.kill_at);
  if (due && now - g.killed_at >= 50) {
    if (g.killing_since == 0) g.killing_since = now;
    payload_kill(now - g.killing_since > STUBBORN_MS);
    g.killed_at = now;
    reap();
  }
  if (g.main_ended && g.child.status < 0 && g.child.out < 0 && g.child.err < 0) {
    g.phase = ENDED;
    g.ended_ns = wall_ns();
    g.exit_due = true;
  }
}

static int timeout(void) {
  int64_t at = 0, now = mono_ms(), look = hunger_next();
  if (g.phase == RUNNING && g.main_ended) at = now + 5;
  else if (g.phase == RUNNING && g.kill_at != 0) at = g.kill_at > now ? g.kill_at : now + 5;
  if (g.phase == RUNNING && look != 0 && (at == 0 || look < at)) at = look > now ? look : now;
  int wait = at == 0 ? -1 : (int)(at - now);
  return g.absent && (wait < 0 || wait > ABSENT_MS) ? ABSENT_MS : wait;
}

int guest_main(void) {
  guest_boot();
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigaddset(&set, SIGIO);
  sigprocmask(SIG_SETMASK, &set, NULL);
  int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  g.port = guest_port(AGENT_PORT, 20000);
  if (g.port < 0) guest_die("looking for port " AGENT_PORT);
  if (signals < 0) guest_die("listening to signals");
  g.exec_port = guest_port(EXEC_PORT, 1000);
  g.called = true; /* before the port could signal */
  if (g.exec_port < 0 || fcntl(g.exec_port, F_SETOWN, getpid()) < 0 || fcntl(g.exec_port, F_SETFL, O_NONBLOCK | O_ASYNC) < 0)
    guest_die("looking for port " EXEC_PORT);
  g.child = (struct started){.pid = -1, .status = -1, .out = -1, .err = -1};
  for (;;) {
    on_time();
    write_port();
    bool full = ring_room() == 0;
    struct pollfd fds[6] = {
        {g.absent ? -1 : g.port, (short)(POLLIN | (g.out.sent < g.out.have ? POLLOUT : 0)), 0},
        {signals, POLLIN, 0},
        {g.child.status, POLLIN, 0},
        {full ? -1 : g.child.out, POLLIN, 0},
        {full ? -1 : g.child.err, POLLIN, 0},
        {g.phase == RUNNING && !g.main_ended && hunger_next() == 0 ? hunger_events() : -1, POLLPRI, 0},
    };
    poll(fds, 6, timeout());
    if (fds[1].revents != 0) {
      struct signalfd_siginfo info;
      while (read(signals, &info, sizeof info) == sizeof info)
        if (info.ssi_signo == SIGIO) g.called = true;
    }
    if (g.phase == RUNNING) reap();
    if (g.child.status >= 0 && fds[2].revents != 0) take_status();
    if (g.child.out >= 0 && fds[3].revents != 0) take_output(&g.child.out, 1);
    if (g.child.err >= 0 && fds[4].revents != 0) take_output(&g.child.err, 2);
    if (g.absent || fds[0].revents != 0) read_port();
    if (g.phase == RUNNING && !g.main_ended && !g.hungry && hunger_look(mono_ms(), fds[5].revents != 0)) {
      g.hungry = true;
      payload_kill(false);
    }
    serve_sessions();
  }
}
