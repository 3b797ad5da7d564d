/* One command beside a payload, and whoever sits before it. It outlives the daemon: bytes carry their
 * offset both ways and are kept until the other side has them, so that whoever comes back goes on
 * where it was. Frames of u8 type, u8 zero, u16 length of what follows, as in io.atoll.core.exec.
 *
 * A new client takes the place of the one before. Without any for ten minutes, the
 * command is ended: a daemon may be long in coming back, and a terminal in finding it. */
#include "atoll.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define LISTENER 3
#define RING (256u << 10)    /* output that is kept until it is acknowledged; then the command waits */
#define WINDOW (64u << 10)   /* input beyond what the command has read */
#define PIECE 16384u
#define ALONE_MS 600000      /* without a client */
#define DRAIN_MS 1000        /* for output behind the end: a child of the command may hold it open */

enum frame {
  F_ATTACH = 1, F_INPUT = 2, F_END_INPUT = 3, F_ACK = 4, F_RESIZE = 5, F_SIGNAL = 6, F_RELEASE = 7, F_PING = 8,
  F_ATTACHED = 16, F_OUT = 17, F_ERR = 18, F_TAKEN = 19, F_EXIT = 20, F_PONG = 21,
};

struct stream { uint64_t acked, sent, end; char bytes[RING]; };

static struct {
  struct spec spec;
  struct joined joined;
  int payload, engine, terminal;
  pid_t command;
  /* The engine's own frames: what is left of the present one, and to whom it goes. */
  unsigned char head[8];
  size_t head_have, left;
  int left_for;
  struct stream out, err;
  char input[WINDOW];
  uint64_t taken, written, input_end;
  bool input_ends, input_closed, input_lost;
  /* The end. */
  bool ended, drained;
  int64_t ended_at, asked_at;
  uint64_t out_owed, err_owed; /* what it wrote before it ended */
  unsigned char cause, signal;
  uint16_t code;
  char detail[256];
  char failed;
  int failed_stage, failed_errno;
  /* The client. */
  int client;
  bool greeted, attached_due, taken_due, pong_due, exit_due, released;
  unsigned char got[PIECE + 64], due[PIECE + 64];
  size_t got_have, due_at, due_have;
  int64_t alone_since;
} s; /* filled in at run time: so that its buffers take no room in the program */

static uint64_t get64(const unsigned char *at) {
  uint64_t v = 0;
  for (int i = 0; i < 8; i++) v = v << 8 | at[i];
  return v;
}

static uint64_t max64(uint64_t a, uint64_t b) { return a > b ? a : b; }

static void close_fd(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

/* ---- output */

static size_t room(const struct stream *stream) { return RING - (size_t)(stream->end - stream->acked); }

static void keep(struct stream *stream, const char *bytes, size_t size) {
  for (size_t done = 0; done < size;) {
    size_t at = (size_t)(stream->end % RING), n = size - done < RING - at ? size - done : RING - at;
    memcpy(stream->bytes + at, bytes + done, n);
    stream->end += n;
    done += n;
  }
}

/* Reads as much as may be kept; false at the end. */
static bool take(int fd, struct stream *stream) {
  char piece[PIECE];
  size_t most = room(stream) < sizeof piece ? room(stream) : sizeof piece;
  if (most == 0) return true;
  ssize_t n = read(fd, piece, most);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  if (n == 0) return false;
  keep(stream, piece, (size_t)n);
  return true;
}

/* The engine sends u8 stream, three zeroes, u32 length, then so many bytes; a terminal has no heads. */
static bool take_engine(void) {
  if (s.spec.tty) return take(s.engine, &s.out);
  if (s.left == 0) {
    ssize_t n = read(s.engine, s.head + s.head_have, sizeof s.head - s.head_have);
    if (n <= 0) return n < 0 && (errno == EAGAIN || errno == EINTR);
    s.head_have += (size_t)n;
    if (s.head_have == sizeof s.head) {
      s.left = (size_t)s.head[4] << 24 | (size_t)s.head[5] << 16 | (size_t)s.head[6] << 8 | s.head[7];
      s.left_for = s.head[0];
      s.head_have = 0;
    }
    return true;
  }
  struct stream *stream = s.left_for == 2 ? &s.err : &s.out;
  char piece[PIECE];
  size_t most = room(stream) < sizeof piece ? room(stream) : sizeof piece;
  if (most > s.left) most = s.left;
  if (most == 0) return true;
  ssize_t n = read(s.engine, piece, most);
  if (n <= 0) return n < 0 && (errno == EAGAIN || errno == EINTR);
  keep(stream, piece, (size_t)n);
  s.left -= (size_t)n;
  return true;
}

/* ---- input */

static int input_fd(void) { return s.engine >= 0 ? s.engine : s.terminal >= 0 ? s.terminal : s.joined.in; }

static bool input_waits(void) {
  return !s.input_closed && input_fd() >= 0 && (s.written < s.taken || (s.input_ends && s.written == s.input_end));
}

/* Nobody reads it any more: what comes is thrown away, so that the client does not wait for ever. */
static void discard_input(void) {
  s.input_closed = true;
  s.written = s.taken;
  s.taken_due = true;
  if (s.engine < 0 && s.terminal < 0) close_fd(&s.joined.in);
}

static void give_input(void) {
  if (s.written < s.taken) {
    size_t at = (size_t)(s.written % WINDOW), n = (size_t)(s.taken - s.written);
    if (n > WINDOW - at) n = WINDOW - at;
    ssize_t done = write(input_fd(), s.input + at, n);
    if (done < 0 && errno != EAGAIN && errno != EINTR) discard_input();
    if (done > 0) {
      s.written += (uint64_t)done;
      s.taken_due = true;
    }
  } else if (s.input_ends && s.written == s.input_end) {
    /* A terminal stays open behind the end of input: closing it would hang up on the command. */
    if (s.spec.tty) (void)!write(input_fd(), "\4", 1);
    else if (s.engine >= 0) shutdown(s.engine, SHUT_WR);
    discard_input();
  }
}

/* ---- the client */

static void drop_client(void) {
  close_fd(&s.client);
  s.got_have = s.due_at = s.due_have = 0;
  s.greeted = false;
  s.alone_since = mono_ms();
}

static void accept_client(void) {
  int fd = accept4(LISTENER, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || (peer.uid != 0 && peer.uid != geteuid())) {
    close(fd);
    return;
  }
  drop_client();
  s.client = fd;
}

static void send_signal(int number) {
  if (s.ended || number < 1 || number > 64) return;
  if (s.spec.engine != NULL) engine_signal(&s.spec, number);
  else if (s.command > 0) kill(s.command, number);
}

static void end_command(void) {
  if (s.ended) return;
  if (s.spec.copy != NULL) {
    /* It takes back what it has half done. */
    if (s.asked_at == 0) {
      s.asked_at = mono_ms();
      send_signal(SIGTERM);
    }
    if (mono_ms() - s.asked_at < DRAIN_MS) return;
  }
  if (s.spec.engine != NULL) {
    engine_signal(&s.spec, SIGKILL);
  } else if (s.command > 0) {
    kill(-s.command, SIGKILL); /* it leads a group of its own */
    kill(s.command, SIGKILL);
  }
  close_fd(&s.terminal);
}

static void resize(int rows, int cols) {
  struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
  s.spec.rows = rows;
  s.spec.cols = cols;
  if (!s.spec.tty || s.ended) return;
  if (s.spec.engine != NULL) engine_resize(&s.spec, rows, cols);
  else if (s.terminal >= 0) ioctl(s.terminal, TIOCSWINSZ, &size);
}

static bool acknowledge(struct stream *stream, uint64_t have) {
  if (have < stream->acked || have > stream->end) return false;
  stream->acked = have;
  stream->sent = max64(stream->sent, have);
  return true;
}

static bool take_input(const unsigned char *body, size_t size) {
  uint64_t offset = get64(body);
  size_t n = size - 8;
  if (offset > s.taken || offset + n < offset) return false;
  size_t known = (size_t)(s.taken - offset);
  if (known >= n) return true; /* it came before */
  if (s.taken + (n - known) - s.written > WINDOW) return false;
  for (size_t i = known; i < n; i++) s.input[s.taken++ % WINDOW] = (char)body[8 + i];
  if (s.input_closed) discard_input();
  return true;
}

/* One frame; false if it is none that a client may send. */
static bool on_frame(int type, const unsigned char *body, size_t size) {
  if (!s.greeted && type != F_ATTACH) return false;
  switch (type) {
    case F_ATTACH:
      if (size != 16 || s.greeted || !acknowledge(&s.out, get64(body)) || !acknowledge(&s.err, get64(body + 8)))
        return false;
      s.out.sent = s.out.acked;
      s.err.sent = s.err.acked;
      s.greeted = s.attached_due = true;
      s.exit_due = true;
      return true;
    case F_INPUT: return size >= 8 && take_input(body, size);
    case F_END_INPUT:
      if (size != 8 || get64(body) < s.taken) return size == 8;
      if (get64(body) != s.taken) return false;
      s.input_ends = true;
      s.input_end = s.taken;
      return true;
    case F_ACK: return size == 16 && acknowledge(&s.out, get64(body)) && acknowledge(&s.err, get64(body + 8));
    case F_RESIZE:
      if (size != 4) return false;
      resize(body[0] << 8 | body[1], body[2] << 8 | body[3]);
      return true;
    case F_SIGNAL:
      if (size != 1) return false;
      send_signal(body[0]);
      return true;
    case F_RELEASE:
      s.released = true;
      return true;
    case F_PING:
      s.pong_due = true;
      return true;
    default: return true; /* of a newer daemon */
  }
}

static void read_client(void) {
  ssize_t n = recv(s.client, s.got + s.got_have, sizeof s.got - s.got_have, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    drop_client();
    return;
  }
  s.got_have += (size_t)n;
  while (s.got_have >= 4) {
    size_t size = (size_t)s.got[2] << 8 | s.got[3];
    if (size > PIECE + 8) {
      drop_client();
      return;
    }
    if (s.got_have < size + 4) return;
    if (!on_frame(s.got[0], s.got + 4, size)) {
      drop_client();
      return;
    }
    s.got_have -= size + 4;
    memmove(s.got, s.got + size + 4, s.got_have);
  }
}

static void frame(int type, size_t size) {
  s.due[0] = (unsigned char)type;
  s.due[1] = 0;
  put16(s.due + 2, (uint16_t)size);
  s.due_at = 0;
  s.due_have = size + 4;
}

static bool data_frame(int type, struct stream *stream) {
  if (stream->sent == stream->end) return false;
  size_t at = (size_t)(stream->sent % RING), n = (size_t)(stream->end - stream->sent);
  if (n > PIECE) n = PIECE;
  if (n > RING - at) n = RING - at;
  put64(s.due + 4, stream->sent);
  memcpy(s.due + 12, stream->bytes + at, n);
  frame(type, 8 + n);
  stream->sent += n;
  return true;
}

/* What is to be said next; false if nothing. */
static bool next_frame(void) {
  if (!s.greeted) return false;
  if (s.attached_due || s.taken_due) {
    put64(s.due + 4, s.written);
    frame(s.attached_due ? F_ATTACHED : F_TAKEN, 8);
    s.attached_due = s.taken_due = false;
    return true;
  }
  if (s.pong_due) {
    s.pong_due = false;
    frame(F_PONG, 0);
    return true;
  }
  if (data_frame(F_OUT, &s.out) || data_frame(F_ERR, &s.err)) return true;
  if (s.drained && s.exit_due) {
    size_t length = strlen(s.detail);
    s.exit_due = false;
    s.due[4] = s.cause;
    s.due[5] = s.signal;
    put16(s.due + 6, s.code);
    memcpy(s.due + 8, s.detail, length);
    frame(F_EXIT, 4 + length);
    return true;
  }
  return false;
}

static bool client_waits(void) {
  if (s.client < 0) return false;
  if (s.due_at < s.due_have) return true;
  return next_frame();
}

static void write_client(void) {
  while (client_waits()) {
    ssize_t n = send(s.client, s.due + s.due_at, s.due_have - s.due_at, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
      drop_client();
      return;
    }
    s.due_at += (size_t)n;
  }
}

/* ---- the command */

static uint64_t waiting(int pipe) {
  int bytes = 0;
  return pipe >= 0 && ioctl(pipe, FIONREAD, &bytes) == 0 && bytes > 0 ? (uint64_t)bytes : 0;
}

static void ends(unsigned char cause, int number, int code, const char *detail) {
  if (s.ended) return;
  s.ended = true;
  s.ended_at = mono_ms();
  s.out_owed = s.out.end + waiting(s.joined.out);
  s.err_owed = s.err.end + waiting(s.joined.err);
  s.cause = cause;
  s.signal = (unsigned char)number;
  s.code = (uint16_t)code;
  snprintf(s.detail, sizeof s.detail, "%s", detail);
}

static void ends_failed(void) {
  char text[256];
  if (s.failed == 'E' && s.failed_errno == ENOENT)
    snprintf(text, sizeof text, "no such program: %.200s", s.spec.arg[0]);
  else if (s.failed == 'E')
    snprintf(text, sizeof text, "cannot execute %.150s: %s", s.spec.arg[0], strerror(s.failed_errno));
  else
    snprintf(text, sizeof text, "%s failed: %s", stage_name(s.failed_stage), strerror(s.failed_errno));
  ends(START_FAILED, 0, s.failed == 'E' ? s.failed_errno == ENOENT ? 127 : 126 : 125, text);
}

static void take_status(void) {
  unsigned char bytes[16];
  union { char room[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control;
  struct iovec part = {bytes, sizeof bytes};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  ssize_t n = recvmsg(s.joined.status, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    close_fd(&s.joined.status);
    return;
  }
  pid_t who = 0;
  for (struct cmsghdr *head = CMSG_FIRSTHDR(&message); head != NULL; head = CMSG_NXTHDR(&message, head)) {
    if (head->cmsg_type == SCM_CREDENTIALS) {
      struct ucred sender;
      memcpy(&sender, CMSG_DATA(head), sizeof sender);
      who = sender.pid;
    } else if (head->cmsg_type == SCM_RIGHTS && s.terminal < 0) {
      memcpy(&s.terminal, CMSG_DATA(head), sizeof s.terminal);
      fcntl(s.terminal, F_SETFL, O_NONBLOCK);
      resize((int)s.spec.rows, (int)s.spec.cols);
    }
  }
  for (ssize_t i = 0; i < n; i++) {
    if (bytes[i] == 'S') s.command = who;
    if ((bytes[i] == 'E' || bytes[i] == 'F') && i + 2 < n) {
      s.failed = (char)bytes[i];
      s.failed_stage = bytes[i + 1];
      s.failed_errno = bytes[i + 2];
      i += 2;
    }
  }
}

static void reap(void) {
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    while (s.joined.status >= 0) {
      struct pollfd more = {s.joined.status, POLLIN, 0};
      if (poll(&more, 1, 0) <= 0) break;
      take_status();
    }
    if (pid == s.joined.helper) {
      if (WIFEXITED(status) && WEXITSTATUS(status) == 0) continue; /* its child is the command */
      if (s.failed == 0) s.failed = 'F';
    }
    if (s.joined.command > 0 && pid != s.joined.command) continue; /* of remains_kill */
    if (s.failed != 0) ends_failed();
    else if (WIFSIGNALED(status)) ends(SIGNALED, WTERMSIG(status), 128 + WTERMSIG(status), "");
    else ends(EXITED, 0, WEXITSTATUS(status), "");
    close_fd(&s.joined.in);
  }
}

static void engine_ended(void) {
  close_fd(&s.engine);
  int code = engine_exit(&s.spec);
  if (code < 0) ends(START_FAILED, 0, 125, "the engine does not say how it ended");
  else if (code > 128 && code <= 128 + 64) ends(SIGNALED, code - 128, code, "");
  else ends(EXITED, 0, code, "");
}

static void ends_wrong(const char *wrong) {
  char text[256];
  snprintf(text, sizeof text, "its spec is wrong: %s", wrong);
  ends(START_FAILED, 0, 125, text);
}

/* False if the spec says nothing that could be begun; that is the session's end then. */
static bool read_spec(const char *folder) {
  int dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  int spec_fd = dir < 0 ? -1 : openat(dir, "spec", O_RDONLY | O_CLOEXEC);
  size_t size = 0;
  char *bytes = spec_fd < 0 ? NULL : read_whole(spec_fd, &size);
  const char *wrong = bytes == NULL ? "it cannot be read" : spec_parse(&s.spec, bytes, size);
  close_fd(&dir);
  close_fd(&spec_fd);
  if (wrong != NULL) ends_wrong(wrong);
  return wrong == NULL;
}

static bool begin(void) {
  char text[256];
  if (s.spec.engine != NULL) {
    s.engine = engine_start(&s.spec, text, sizeof text);
    if (s.engine < 0) {
      ends(START_FAILED, 0, 126, text);
      return false;
    }
    fcntl(s.engine, F_SETFL, O_NONBLOCK);
    if (s.spec.tty) engine_resize(&s.spec, (int)s.spec.rows, (int)s.spec.cols);
    return true;
  }
  s.payload = join_find(&s.spec);
  if (s.payload < 0) {
    ends(START_FAILED, 0, 125, "the run has ended");
    return false;
  }
  if (join_start(&s.joined, &s.spec) < 0) {
    snprintf(text, sizeof text, "starting failed: %s", strerror(errno));
    ends(START_FAILED, 0, 125, text);
    return false;
  }
  int ours[] = {s.joined.in, s.joined.out, s.joined.err};
  for (int i = 0; i < 3; i++)
    if (ours[i] >= 0) fcntl(ours[i], F_SETFL, O_NONBLOCK);
  return true;
}

/* Whether nothing more can come. What the command itself wrote comes, however slowly the client takes it. */
static bool is_drained(void) {
  bool open = s.joined.out >= 0 || s.joined.err >= 0 || s.terminal >= 0 || s.engine >= 0;
  bool owes = (s.joined.out >= 0 && s.out.end < s.out_owed) || (s.joined.err >= 0 && s.err.end < s.err_owed);
  return s.ended && (!open || (!owes && mono_ms() - s.ended_at > DRAIN_MS));
}

static void on_payload_end(void) {
  close_fd(&s.payload);
  /* A sandbox takes all that is in it along; what joined a bare run goes with it here. */
  if (!s.ended) {
    end_command();
    if (!s.spec.boxed) remains_kill(&s.spec, s.command);
  }
}

static void wait_and_act(int signals) {
  bool out_open = s.joined.out >= 0 && room(&s.out) > 0, err_open = s.joined.err >= 0 && room(&s.err) > 0;
  bool tty_open = s.terminal >= 0 && room(&s.out) > 0;
  bool engine_open = s.engine >= 0 && room(&s.out) > 0 && room(&s.err) > 0;
  bool input = input_waits();
  struct pollfd fds[] = {
      {LISTENER, POLLIN, 0},
      {signals, POLLIN, 0},
      {s.joined.status, POLLIN, 0},
      {s.payload, POLLIN, 0},
      {s.client, (short)(client_waits() ? POLLIN | POLLOUT : POLLIN), 0},
      {out_open ? s.joined.out : -1, POLLIN, 0},
      {err_open ? s.joined.err : -1, POLLIN, 0},
      {tty_open || (s.terminal >= 0 && input) ? s.terminal : -1, (short)((tty_open ? POLLIN : 0) | (input ? POLLOUT : 0)), 0},
      {engine_open || (s.engine >= 0 && input) ? s.engine : -1, (short)((engine_open ? POLLIN : 0) | (input ? POLLOUT : 0)), 0},
      {s.engine < 0 && s.terminal < 0 && input ? s.joined.in : -1, POLLOUT, 0},
  };
  if (poll(fds, sizeof fds / sizeof *fds, s.ended && !s.drained ? 20 : 1000) <= 0) return;
  if (fds[2].revents != 0) take_status();
  if (fds[5].revents != 0 && !take(s.joined.out, &s.out)) close_fd(&s.joined.out);
  if (fds[6].revents != 0 && !take(s.joined.err, &s.err)) close_fd(&s.joined.err);
  if (fds[7].revents & POLLOUT) give_input();
  if (fds[7].revents & (POLLIN | POLLHUP | POLLERR) && s.terminal >= 0 && !take(s.terminal, &s.out)) close_fd(&s.terminal);
  if (fds[8].revents & POLLOUT) give_input();
  if (fds[8].revents & (POLLIN | POLLHUP | POLLERR) && !take_engine()) engine_ended();
  if (fds[9].revents != 0) give_input();
  if (fds[1].revents != 0) {
    struct signalfd_siginfo info;
    while (read(signals, &info, sizeof info) == sizeof info)
      if (info.ssi_signo == SIGTERM) end_command();
    reap();
  }
  if (fds[3].revents != 0) on_payload_end();
  if (fds[4].revents & POLLOUT) write_client();
  if (fds[4].revents & ~POLLOUT && s.client >= 0) read_client();
  if (fds[0].revents != 0) accept_client();
}

/* Until nobody needs it any more. */
static int keep_on(int signals) {
  for (;;) {
    if (!s.drained && is_drained()) {
      s.drained = true;
      close_fd(&s.joined.out);
      close_fd(&s.joined.err);
    }
    if (s.ended && !s.input_closed) discard_input();
    bool alone = s.client < 0 && mono_ms() - s.alone_since > ALONE_MS;
    if (s.released || alone) {
      if (s.drained) return 0;
      end_command();
      if (s.ended_at != 0 && mono_ms() - s.ended_at > 10 * DRAIN_MS) return 0;
    }
    wait_and_act(signals);
  }
}

/* The signals to come, or -1. */
static int settle(void) {
  struct stat st;
  if (fstat(LISTENER, &st) < 0 || !S_ISSOCK(st.st_mode)) return -1;
  s.payload = s.engine = s.terminal = s.client = -1;
  s.joined = (struct joined){.helper = -1, .status = -1, .in = -1, .out = -1, .err = -1};
  setsid();
  umask(077);
  int null = open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; fd++) dup2(null, fd);
  syscall(SYS_close_range, 4u, ~0u, 0u);
  fcntl(LISTENER, F_SETFD, FD_CLOEXEC);
  fcntl(LISTENER, F_SETFL, O_NONBLOCK);
  for (int number = 1; number < 32; number++)
    if (number != SIGCHLD && number != SIGTERM) signal(number, SIG_IGN);
  signal(SIGCHLD, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_SETMASK, &set, NULL);
  s.alone_since = mono_ms();
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int session(const char *folder) {
  int signals = settle();
  if (signals < 0) return 64;
  if (read_spec(folder)) begin();
  return keep_on(signals);
}

int session_of(const struct spec *spec, const char *wrong) {
  int signals = settle();
  if (signals < 0) return 64;
  s.spec = *spec;
  if (wrong == NULL) begin();
  else ends_wrong(wrong);
  return keep_on(signals);
}
