/* One run, from the lock on its folder to the exit on disk. */
#include "atoll.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LISTENER 3
#define HINT_MS 5
#define SWEEP_FIRST_MS 2
#define SWEEP_MOST_MS 64
#define SWEEP_LIMIT_MS 10000
#define SIGTERM_GRACE_MS 5000

/* All that changes while a run lasts; the loop below owns it. */
static struct {
  struct spec spec;
  struct output output;
  struct clients clients;
  struct started child;
  unsigned char exit[EXIT_SIZE];
  /* What the status socket said. */
  bool first_seen, started;
  char failed;
  int failed_stage, failed_errno;
  pid_t payload;
  int payload_fd;
  /* What bubblewrap said before our first program ran. */
  char complaint[256];
  size_t complained;
  /* The end. */
  bool main_ended, sweeping, stopped;
  int main_status;
  char reason[256];
  int64_t kill_at, sweep_at, sweep_pause, sweep_until, last_hint;
  bool hint_due;
} run = {.payload_fd = -1};

static int64_t min_time(int64_t a, int64_t b) { return a == 0 ? b : b == 0 ? a : a < b ? a : b; }

static void settle_in(void) {
  setsid();
  umask(077);
  int null = open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; fd++) dup2(null, fd);
  if (null > 2 && null != LISTENER) close(null);
  syscall(SYS_close_range, 4u, ~0u, 0u);
  fcntl(LISTENER, F_SETFD, FD_CLOEXEC);
  fcntl(LISTENER, F_SETFL, O_NONBLOCK);
  for (int number = 1; number < 32; number++)
    if (number != SIGCHLD && number != SIGTERM) signal(number, SIG_IGN);
  signal(SIGCHLD, SIG_DFL);
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

static int open_signals(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_SETMASK, &set, NULL);
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void signal_payload(int number) {
  if (run.payload <= 0 || run.main_ended) return;
  if (run.payload_fd >= 0) syscall(SYS_pidfd_send_signal, run.payload_fd, number, NULL, 0);
  else kill(run.payload, number);
}

static void stop(uint32_t grace_ms, const char *reason) {
  if (run.main_ended) return;
  if (!run.stopped) {
    run.stopped = true;
    snprintf(run.reason, sizeof run.reason, "%s", reason);
  }
  int64_t at = mono_ms() + grace_ms;
  if (run.kill_at == 0 || at < run.kill_at) run.kill_at = at;
  if (grace_ms > 0) signal_payload(SIGTERM);
  remains_thaw(&run.spec);
}

static void on_request(int client, const struct request *request) {
  switch (request->type) {
    case M_STOP: stop(request->grace_ms, request->text); break;
    case M_SIGNAL: signal_payload(request->signal); break;
    case M_CARD: clients_card(&run.clients, client, &run.spec.cards, request->text); break;
    case M_ADDRESS: clients_addressed(&run.clients, client, cards_readdress(&run.spec.cards, request->text)); break;
    default: break;
  }
}

/* Reads one piece of a pipe; false at its end. */
static bool take_output(int fd, int stream) {
  static char piece[65536];
  ssize_t n = read(fd, piece, sizeof piece);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  if (n == 0) return false;
  if (!run.first_seen && stream == 2 && run.complained < sizeof run.complaint - 1) {
    size_t room = sizeof run.complaint - 1 - run.complained;
    size_t length = (size_t)n < room ? (size_t)n : room;
    memcpy(run.complaint + run.complained, piece, length);
    run.complained += length;
  }
  output_take(&run.output, stream, piece, (size_t)n);
  run.hint_due = true;
  return true;
}

static void close_pipe(int *fd) {
  close(*fd);
  *fd = -1;
}

/* What the child has made of the network is ours to keep. */
static void take_card(char kind, const struct cmsghdr *head) {
  int fd;
  memcpy(&fd, CMSG_DATA(head), sizeof fd);
  struct cards *cards = &run.spec.cards;
  int at = 0;
  while (at < cards->count && cards->tun[at] >= 0) at++;
  if (kind == 'D' && at < cards->count) cards->tun[at] = fd;
  else if (kind == 'N' && cards->netlink < 0) cards->netlink = fd;
  else close(fd);
}

/* 'S' comes with the pid of whoever sent it; the socket closes when the payload is executed. */
static void take_status(void) {
  unsigned char bytes[16];
  union {
    char room[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control;
  struct iovec part = {bytes, sizeof bytes};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  ssize_t n = recvmsg(run.child.status, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    close_pipe(&run.child.status);
    if (run.first_seen && run.failed == 0) {
      run.started = true;
      clients_started(&run.clients, run.payload);
    }
    return;
  }
  for (struct cmsghdr *head = CMSG_FIRSTHDR(&message); head != NULL; head = CMSG_NXTHDR(&message, head))
    if (head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS) take_card((char)bytes[0], head);
  for (ssize_t i = 0; i < n; i++) {
    if (bytes[i] == 'S') {
      run.first_seen = true;
      struct cmsghdr *head = CMSG_FIRSTHDR(&message);
      if (head != NULL && head->cmsg_type == SCM_CREDENTIALS) {
        struct ucred who;
        memcpy(&who, CMSG_DATA(head), sizeof who);
        run.payload = who.pid;
        run.payload_fd = (int)syscall(SYS_pidfd_open, who.pid, 0);
        if (run.stopped && run.kill_at > mono_ms()) signal_payload(SIGTERM);
      }
    } else if ((bytes[i] == 'E' || bytes[i] == 'F') && i + 2 < n) {
      run.failed = (char)bytes[i];
      run.failed_stage = bytes[i + 1];
      run.failed_errno = bytes[i + 2];
      i += 2;
    }
  }
}

static bool out_of_memory(void) {
  char text[1024];
  if (run.spec.oom == NULL || read_file(run.spec.oom, text, sizeof text) <= 0) return false;
  for (char *line = text; line != NULL; line = strchr(line, '\n')) {
    if (*line == '\n') line++;
    if (strncmp(line, "oom_kill ", 9) == 0) return atol(line + 9) > 0;
  }
  return false;
}

/* As the shell: 127 = it is not there, 126 = it cannot be executed, and another try would end the
 * same; 125 = this machine could not. */
static int code_of_exec(int error) {
  switch (error) {
    case ENOENT: return 127;
    case EACCES:
    case ENOEXEC:
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
    case E2BIG: return 126;
    default: return 125;
  }
}

static void judge_failed_start(struct ending *e, bool oom) {
  e->cause = START_FAILED;
  e->code = run.failed == 'E' ? code_of_exec(run.failed_errno) : 125;
  const char *program = run.spec.arg[0];
  if (run.failed == 'E' && run.failed_errno == ENOENT)
    snprintf(e->detail, sizeof e->detail, "no such program: %.300s", program);
  else if (run.failed == 'E')
    snprintf(e->detail, sizeof e->detail, "cannot execute %.250s: %s", program, strerror(run.failed_errno));
  else if (run.failed == 'F')
    snprintf(e->detail, sizeof e->detail, "%s failed: %s", stage_name(run.failed_stage), strerror(run.failed_errno));
  else if (oom)
    snprintf(e->detail, sizeof e->detail, "its memory limit is too small for a sandbox");
  else {
    run.complaint[strcspn(run.complaint, "\n")] = 0;
    snprintf(e->detail, sizeof e->detail, "the sandbox could not be made: %s",
             run.complaint[0] ? run.complaint : "it ended before the payload began");
  }
}

static struct ending judge(void) {
  struct ending e = {.started = run.started, .output_end = run.output.end, .dropped = run.output.dropped};
  bool oom = out_of_memory();
  if (WIFSIGNALED(run.main_status)) {
    e.signal = WTERMSIG(run.main_status);
    e.code = 128 + e.signal;
  } else {
    e.code = WEXITSTATUS(run.main_status);
    /* Bubblewrap says a signal as 128 + number. */
    if (run.spec.boxes > 0 && e.code > 128 && e.code <= 128 + 31) e.signal = e.code - 128;
  }
  if (run.stopped) {
    e.cause = STOPPED;
    snprintf(e.detail, sizeof e.detail, "%s", run.reason);
  } else if (!run.first_seen || run.failed != 0) {
    judge_failed_start(&e, oom);
  } else if (oom && e.code == 128 + SIGKILL) {
    e.cause = OUT_OF_MEMORY;
    snprintf(e.detail, sizeof e.detail, "it used more memory than its limit");
  } else {
    e.cause = e.signal != 0 ? SIGNALED : EXITED;
  }
  struct rusage used;
  getrusage(RUSAGE_CHILDREN, &used);
  e.cpu_ns = ((int64_t)used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000000 +
             ((int64_t)used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000;
  char text[32];
  e.memory_peak = run.spec.peak != NULL && read_file(run.spec.peak, text, sizeof text) > 0 ? atoll(text) : -1;
  return e;
}

static void remove_groups(void) {
  struct timespec moment = {.tv_nsec = 1000000};
  for (int i = 0; i < run.spec.removes; i++)
    for (int tries = 0; rmdir(run.spec.remove[i]) < 0 && errno == EBUSY && tries < 100; tries++)
      nanosleep(&moment, NULL);
}

/* The exit goes to disk, the machine gets back what the run held, and only then is it told. */
static void finish(int folder) {
  for (int i = 0; i < 32 && run.child.out >= 0 && take_output(run.child.out, 1); i++) {}
  for (int i = 0; i < 32 && run.child.err >= 0 && take_output(run.child.err, 2); i++) {}
  if (run.child.status >= 0) take_status();
  struct ending ending = judge();
  ending.output_end = run.output.end;
  ending.dropped = run.output.dropped;
  ending_encode(&ending, run.exit);
  folder_end(folder, run.exit);
  remove_groups();
  clients_exit(&run.clients, run.exit);
  /* A reader that is slow gets a moment; the record on disk is the truth. */
  for (int64_t until = mono_ms() + 500; mono_ms() < until;) {
    struct pollfd due[MAX_CLIENTS];
    nfds_t count = 0;
    for (int i = 0; i < run.clients.count; i++)
      if (run.clients.all[i].exit_due) due[count++] = (struct pollfd){run.clients.all[i].fd, POLLOUT, 0};
    if (count == 0) break;
    poll(due, count, 100);
    for (int i = run.clients.count - 1; i >= 0; i--)
      if (run.clients.all[i].exit_due) clients_flush(&run.clients, i, run.output.end);
  }
}

static int timeout_of(int64_t now) {
  int64_t at = run.kill_at;
  if (run.sweeping) at = min_time(at, run.sweep_at);
  if (run.hint_due) at = min_time(at, run.last_hint + HINT_MS);
  return at == 0 ? -1 : at <= now ? 0 : at - now > 60000 ? 60000 : (int)(at - now);
}

/* What time has made due. Returns false once nothing of the run is left. */
static bool on_time(void) {
  int64_t now = mono_ms();
  if (run.hint_due && now - run.last_hint >= HINT_MS) {
    run.hint_due = false;
    run.last_hint = now;
    clients_output(&run.clients, run.output.end);
  }
  if (run.kill_at != 0 && now >= run.kill_at && !run.main_ended) {
    remains_kill(&run.spec, run.child.pid);
    run.kill_at = now + 100; /* again, should something have slipped through */
  }
  bool any = remains_reap(run.child.pid, &run.main_status, &run.main_ended);
  if (!run.main_ended) return true;
  run.kill_at = 0;
  if (!any) return false;
  /* A namespace takes a moment to die with its first process; each kill costs a fork. */
  if (!run.sweeping) {
    run.sweeping = true;
    run.sweep_pause = SWEEP_FIRST_MS;
    run.sweep_at = now + run.sweep_pause;
    run.sweep_until = now + SWEEP_LIMIT_MS;
  } else if (now >= run.sweep_at) {
    remains_kill(&run.spec, 0);
    if (run.sweep_pause < SWEEP_MOST_MS) run.sweep_pause *= 2;
    run.sweep_at = now + run.sweep_pause;
  }
  return now < run.sweep_until;
}

static void loop(int signals) {
  while (on_time()) {
    struct pollfd fds[5 + MAX_CLIENTS] = {
        {run.clients.listener, POLLIN, 0},
        {signals, POLLIN, 0},
        {run.child.status, POLLIN, 0},
        {run.child.out, POLLIN, 0},
        {run.child.err, POLLIN, 0},
    };
    int clients = run.clients.count;
    for (int i = 0; i < clients; i++) {
      struct client *client = &run.clients.all[i];
      fds[5 + i] = (struct pollfd){client->fd, client->hint_due ? POLLIN | POLLOUT : POLLIN, 0};
    }
    if (poll(fds, (nfds_t)(5 + clients), timeout_of(mono_ms())) <= 0) continue;
    if (fds[2].revents != 0) take_status();
    if (fds[3].revents != 0 && !take_output(run.child.out, 1)) close_pipe(&run.child.out);
    if (fds[4].revents != 0 && !take_output(run.child.err, 2)) close_pipe(&run.child.err);
    if (fds[1].revents != 0) {
      struct signalfd_siginfo info;
      while (read(signals, &info, sizeof info) == sizeof info)
        if (info.ssi_signo == SIGTERM) stop(SIGTERM_GRACE_MS, "the machine is shutting down");
    }
    /* Downwards: dropping one moves the last into its place. */
    for (int i = clients - 1; i >= 0; i--) {
      int count = run.clients.count;
      if (fds[5 + i].revents & POLLOUT) clients_flush(&run.clients, i, run.output.end);
      if (run.clients.count < count || !(fds[5 + i].revents & ~POLLOUT)) continue;
      struct request request;
      int fd = run.clients.all[i].fd;
      while (i < run.clients.count && run.clients.all[i].fd == fd && clients_read(&run.clients, i, &request))
        on_request(i, &request);
    }
    if (fds[0].revents != 0) {
      struct state_now now = {run.started, run.payload, run.output.end};
      clients_accept(&run.clients, &now);
    }
  }
}

/* The run ends before anything of it began. */
static int refuse(int folder, const char *what, int error) {
  struct ending ending = {.cause = START_FAILED, .code = 125, .cpu_ns = 0, .memory_peak = -1};
  snprintf(ending.detail, sizeof ending.detail, "%s%s%s", what, error ? ": " : "", error ? strerror(error) : "");
  ending_encode(&ending, run.exit);
  folder_end(folder, run.exit);
  remove_groups();
  struct state_now now = {false, 0, 0};
  clients_exit(&run.clients, run.exit);
  struct pollfd one = {run.clients.listener, POLLIN, 0};
  if (poll(&one, 1, 500) > 0) clients_accept(&run.clients, &now);
  return 1;
}

int supervise(const char *path) {
  struct stat st;
  if (fstat(LISTENER, &st) < 0 || !S_ISSOCK(st.st_mode)) {
    fprintf(stderr, "atoll-supervisor: descriptor 3 is not the listening socket\n");
    return 64;
  }
  settle_in();
  int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0 || chdir("/") < 0) return 66;
  switch (folder_claim(folder)) {
    case CLAIMED: break;
    case TAKEN:
    case SETTLED: return 75; /* somebody runs it, or has judged it */
    case BROKEN: return 74;
  }
  run.clients.listener = LISTENER;
  int spec_fd = openat(folder, "spec", O_RDONLY | O_CLOEXEC);
  size_t size = 0;
  char *bytes = spec_fd < 0 ? NULL : read_whole(spec_fd, &size);
  const char *wrong = bytes == NULL ? "it cannot be read" : spec_parse(&run.spec, bytes, size);
  if (folder_begin(folder, &run.spec) < 0) return refuse(folder, "writing to its folder failed", errno);
  if (wrong != NULL) {
    char text[128];
    snprintf(text, sizeof text, "its spec is wrong: %s", wrong);
    return refuse(folder, text, 0);
  }
  output_init(&run.output, folder, &run.spec);
  int signals = open_signals();
  if (signals < 0 || start_child(&run.child, &run.spec, spec_fd) < 0) return refuse(folder, "starting failed", errno);
  fcntl(run.child.out, F_SETFL, O_NONBLOCK);
  fcntl(run.child.err, F_SETFL, O_NONBLOCK);
  loop(signals);
  finish(folder);
  return 0;
}
