/* The supervisor of one run: what its parts share.
 *
 * One process per run, started by the daemon and outliving it:
 *
 *   daemon ── spec, socket ──▶ supervisor ── fork ──▶ [bubblewrap ──▶] first program ── exec ──▶ payload
 *                                 │ pipes ◀── stdout, stderr ─────────────────────────────┘
 *                                 ├──▶ RUN/out.N    output in segments
 *                                 ├──▶ RUN/began    then renamed to RUN/exit
 *                                 └──▶ RUN/sock     whoever attaches
 *
 * All numbers on disk and on the socket are big-endian. */
#ifndef ATOLL_H
#define ATOLL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cards.h"

/* ---- bytes.h: numbers, clocks, small files */

void put16(unsigned char *at, uint16_t v);
void put32(unsigned char *at, uint32_t v);
void put64(unsigned char *at, uint64_t v);
uint64_t wall_ns(void);
int64_t mono_ms(void);
/* Writes a short text into an existing file; 0 or -1 with errno. */
int write_file(const char *path, const char *text);
/* Reads a short file as text; the length or -1. */
ssize_t read_file(const char *path, char *into, size_t size);

/* ---- spec.c: what the daemon wants run; the words are listed there */

#define MAX_LIST 64

struct file_word { int fd; const char *path; };
struct inside;

struct spec {
  char *bytes;
  const char *boot;
  long uid, gid;                /* -1: stay who we are */
  const char *enter[8]; int enters;   /* files that take "0" to enter a cgroup (v1 tasks) */
  const char *into;             /* cgroup v2 folder to be born in */
  const char *remove[8]; int removes; /* cgroup folders to remove at the end */
  const char *kill, *oom, *peak;      /* cgroup.kill; files to read at the end */
  const char *thaw_path, *thaw_text;  /* how to thaw a suspended run */
  uint64_t segment_bytes; unsigned segments;
  long max_files, max_processes; long long max_file_bytes; /* rlimits; -1: leave */
  const char *work, *stage;     /* folder to run in; where to bind it for bubblewrap, if needed */
  const char *device, *image;   /* to be copied, to be bound beside the stage's work folder */
  const char *meet;             /* the same, for sockets that outlive the run */
  long container;               /* whose cards are kept: its first process */
  const char *hosts;            /* to be bound there, too */
  struct cards cards;           /* network interfaces, in a namespace of our own making */
  bool alone;                   /* a namespace with nothing in it */
  struct file_word files[MAX_LIST]; int file_count;
  char **box; int boxes;        /* bubblewrap and its flags; none: bare */
  char **arg; int args;         /* the payload's program and arguments */
  char **env; int envs;
  bool seccomp;
  /* A session beside a run (exec.c): who to join, or which exec of an engine to talk to. */
  long supervisor, payload;
  bool boxed, tty;
  long rows, cols;
  const char *engine, *exec;    /* the engine's unix socket; its id of the exec */
  const struct inside *inside;  /* a session inside a guest; no word says this */
  const char *copy;             /* in place of a program: see files.h */
};

/* Takes over `bytes`, which ends with a zero byte. Returns NULL, or what is wrong. */
const char *spec_parse(struct spec *spec, char *bytes, size_t size);
char *read_whole(int fd, size_t *size);

/* ---- folder.c: the lock and the record of the run */

enum cause {
  EXITED = 1, SIGNALED = 2, OUT_OF_MEMORY = 3, STOPPED = 4, START_FAILED = 6
};

#define RECORD_SIZE 512
#define EXIT_AT 64
#define EXIT_SIZE (RECORD_SIZE - EXIT_AT)

struct ending {
  enum cause cause;
  bool started;
  int signal, code;
  uint64_t output_end, dropped;
  int64_t cpu_ns, memory_peak;
  char detail[384];
};

enum claim { CLAIMED, TAKEN, SETTLED, BROKEN };

/* Locks RUN/lock and looks whether the run began or ended before. */
enum claim folder_claim(int run);
/* Writes RUN/began with room for the exit; must succeed before the payload may execute. */
int folder_begin(int run, const struct spec *spec);
void ending_encode(const struct ending *ending, unsigned char into[EXIT_SIZE]);
/* Puts the exit on disk: record, fdatasync, rename to RUN/exit. */
int folder_end(int run, const unsigned char exit[EXIT_SIZE]);

/* ---- output.c: RUN/out.N, as drawn in io.atoll.runtime.output */

struct output {
  int run, fd;
  unsigned first, current;
  uint64_t in_segment, segment_bytes, unchecked;
  unsigned segments;
  uint64_t end, dropped;
};

void output_init(struct output *out, int run, const struct spec *spec);
/* Takes a piece of at most 65,536 bytes. A disk that is nearly full makes it give up the oldest output, and
 * with none left count and go on. */
void output_take(struct output *out, int stream, const char *data, size_t size);

/* ---- start.c and first.c: how the payload comes to life */

/* Stages of a start, told over the status socket: 'D' = a card's device, in the order of the cards, and 'N' =
 * the namespace's netlink socket, each with its descriptor; 'S' = about to execute the payload;
 * 'E' errno = the payload's program did not execute; 'F' stage errno = something before it. */
enum stage { ST_CGROUP = 1, ST_LIMITS, ST_IDENTITY, ST_WORK, ST_FILES, ST_BOX, ST_SECCOMP, ST_SPEC, ST_JOIN, ST_DROP, ST_TTY, ST_IMAGE, ST_NETWORK };
const char *stage_name(int stage);

struct started { pid_t pid; int status, out, err; };

/* The steps of a child that joins.c takes as well; a failure is told over `status` and ends it. */
pid_t fork_into(const char *group, bool *inside);
void enter_groups(const struct spec *spec, bool inside, int status);
void set_limits(const struct spec *spec, int status);
void become(const struct spec *spec, pid_t parent, int status);

/* Forks the child; returns 0 or -1 with errno. */
int start_child(struct started *started, const struct spec *spec, int spec_fd);

#define FD_STATUS 3
#define FD_SPEC 4
#define FD_SELF 5
#define FD_FREE 6

/* Inside the sandbox (or in place of it): seccomp, then the payload. Never returns. */
void first_program(const struct spec *spec, int status) __attribute__((noreturn));
void report_failure(int status, char kind, int stage, int error) __attribute__((noreturn));
/* Tells one byte with a descriptor; false with errno. */
bool hand_over(int status, char kind, int fd);

int seccomp_install(void);

/* ---- remains.c: nothing of a run survives it */

/* Reaps whatever has ended. Returns false once no descendant is left. */
bool remains_reap(pid_t main_pid, int *main_status, bool *main_ended);
/* Kills what is left of the payload, by every means the spec gives. */
void remains_kill(const struct spec *spec, pid_t main_pid);
void remains_thaw(const struct spec *spec);

/* ---- clients.c: the socket */

/* 2: M_CARD and M_ADDRESS are answered. */
#define PROTOCOL_VERSION 2
#define MAX_CLIENTS 16

enum message {
  M_HELLO = 1,    /* u8 version, u8 started, u16 zero, u32 supervisor, u32 payload, u64 output end */
  M_STARTED = 2,  /* u32 payload */
  M_OUTPUT = 3,   /* u64 output end; coalesced */
  M_EXIT = 4,     /* the exit part of the record, as on disk */
  M_CARD_IS = 5,  /* u8 errno; 0: the card's descriptor comes with it (SCM_RIGHTS) */
  M_ADDRESSED = 6, /* u8 errno; 0: it has its new addresses, and not the old ones */
  M_SIGNAL = 16,  /* u8 number */
  M_STOP = 17,    /* u32 grace in ms, then a reason as text */
  M_CARD = 18,    /* asks for a card: its id as text. EAGAIN: not there yet */
  M_ADDRESS = 19, /* a card as text, with other addresses: see cards.h */
  /* Reserved: 32 stdin, 33 resize, 34 attach. Unknown types are ignored. */
};

struct client { int fd; size_t have; unsigned char in[512]; bool hint_due, exit_due; };

struct clients { int listener; struct client all[MAX_CLIENTS]; int count; };

/* `text`: the reason of a stop, a card's id, a card. */
struct request { enum message type; int signal; uint32_t grace_ms; char text[256]; };

struct state_now { bool started; pid_t payload; uint64_t output_end; };

void clients_accept(struct clients *clients, const struct state_now *now);
/* Reads from one; returns true when a whole request came. Drops who misbehaves. */
bool clients_read(struct clients *clients, int index, struct request *request);
void clients_started(struct clients *clients, pid_t payload);
void clients_output(struct clients *clients, uint64_t end);
void clients_exit(struct clients *clients, const unsigned char exit[EXIT_SIZE]);
/* Answers whoever asked for a card, or for other addresses of one; who cannot be told is dropped. */
void clients_card(struct clients *clients, int index, const struct cards *cards, const char *id);
void clients_addressed(struct clients *clients, int index, int error);
/* Sends what is due to one that can take it again. */
void clients_flush(struct clients *clients, int index, uint64_t end);
void clients_drop(struct clients *clients, int index);

/* ---- supervise.c */

int supervise(const char *folder);

/* ---- join.c: a process beside the payload */

struct joined {
  pid_t helper;          /* enters the namespaces and ends; 0 for a bare run */
  pid_t command;         /* of a bare run; 0 where the helper begins it */
  int status;            /* told: 'S' with credentials, 'M' with the terminal, failures as above */
  int in, out, err;      /* our ends of its pipes; -1 with a terminal */
};
/* Whether the payload is what the spec says: a descendant of that supervisor. Gives a descriptor
 * that polls readable once it has ended, or -1. */
int join_find(const struct spec *spec);
int join_start(struct joined *joined, const struct spec *spec);

/* ---- engine.c: the same, as a container engine does it */

/* Begins the exec; returns the connection, or -1 with what the engine said in `why`. */
int engine_start(const struct spec *spec, char *why, size_t size);
void engine_resize(const struct spec *spec, int rows, int cols);
void engine_signal(const struct spec *spec, int number);
/* The exit code once it has ended; -1 if the engine does not say. */
int engine_exit(const struct spec *spec);

/* ---- files.c: see files.h */

extern char *session_folder;
/* Whether it is one: "pack:PATH", "unpack:PATH". */
bool files_order(const char *order);
/* Does it, as who and where we are, over stdin and stdout; returns the exit code. */
int files_run(const char *order);

/* ---- session.c: one command beside a payload, and whoever sits before it */

int session(const char *folder);
/* The same for a spec that is there already, or with what is wrong with it; descriptor 3 as above. */
int session_of(const struct spec *spec, const char *wrong);

/* ---- keeper.c, enter.c: a container's network interfaces, from outside and from inside */

int keep_cards(const char *folder);
int enter_container(const char *door, char **words);

/* ---- guest_inside.c: who programs inside a guest are */

struct inside {
  const char *root;        /* folder of the image; NULL: the guest's own root */
  const char *work, *user; /* as images say it */
  char **env; int envs;
};
/* Enters the image, its work folder, and becomes its user; `home` gets a variable for those who have none.
 * 0, or what failed, with errno (0: there is no such user). */
enum stage inside_enter(const struct inside *inside, char home[256]);

#endif
