/* The agent of a microVM: the same program, as /init of the guest. It mounts the image, runs one
 * payload and gives its output to the host over a virtio-serial port.
 *
 *   host ── port "io.atoll.agent" ──▶ agent (pid 1) ── fork, chroot ──▶ payload
 *                  ◀── frames ── ring ◀── pipes: stdout, stderr ──┘
 *
 * Nothing that the payload wrote leaves the ring before the host has said that it is on its disk; the
 * host may go away and come back at any moment. The frames are drawn in io.atoll.runtime.qemu. */
#ifndef GUEST_H
#define GUEST_H

#include "atoll.h"
#include "cards.h"

/* ---- guest_frame.c: frames on a line that may lose its host within one */

#define FRAME_MAGIC 0x41544741u
#define FRAME_VERSION 1
#define FRAME_HEAD 12
#define FRAME_BODY 16384

enum frame {
  F_HELLO = 1,   /* u64 nonce, u64 output that the host has */
  F_WORDS = 2,   /* u32 offset, then a piece of the start's words */
  F_START = 3,   /* u32 length of the words, u64 clock ns, 64 bytes of entropy */
  F_ACK = 4,     /* u64 output that the host has */
  F_SIGNAL = 5,  /* u8 number */
  F_STOP = 6,    /* u32 grace ms */
  F_BYE = 7,     /* the end is on the host's disk */
  F_CLOCK = 8,   /* u64 clock ns */
  F_MOVE = 9,    /* u32 number, a card's word, the text of /etc/hosts; each text with a zero byte */
  F_WELCOME = 65, /* u64 nonce, u8 phase, u64 output end */
  F_OUTPUT = 66,  /* u64 offset, u8 stream, bytes */
  F_STARTED = 67, /* nothing: the payload's program runs */
  F_EXIT = 68,    /* u8 cause, u8 started, u16 zero, u32 code, u64 output end, i64 cpu ns, i64 peak,
                  * u64 clock ns at the end, text */
  F_MOVED = 69,   /* u32 number, u8 errno */
};

struct frame_in { size_t have, used; unsigned char bytes[FRAME_HEAD + FRAME_BODY]; };

/* Takes the next whole frame out of what was read, passing over what is none; false if there is none
 * yet. The body stays valid until more is read. */
bool frame_next(struct frame_in *in, unsigned char *type, const unsigned char **body, size_t *size);
/* Room for more bytes. */
unsigned char *frame_room(struct frame_in *in, size_t *room);

struct frame_out { size_t have, sent; unsigned char bytes[FRAME_HEAD + FRAME_BODY]; };

/* Puts a head before the body that lies at out->bytes + FRAME_HEAD. */
void frame_seal(struct frame_out *out, unsigned char type, size_t size);
uint64_t get64(const unsigned char *at);
uint32_t get32(const unsigned char *at);

/* ---- guest_ring.c: output that the host may not have yet */

#define RING_BYTES (256u << 10)
#define RING_PIECES 4096

/* Offsets count over both streams. acked <= sent <= end. */
void ring_acked(uint64_t offset);
void ring_rewind(void);
uint64_t ring_end(void);
/* How much one read may bring; 0 = the host must take something first. */
size_t ring_room(void);
void ring_add(int stream, const unsigned char *data, size_t size);
/* The next piece to send, of at most `most` bytes; 0 if all is sent. */
size_t ring_next(unsigned char *into, size_t most, uint64_t *offset, int *stream);

/* ---- guest_boot.c: from the kernel's first process to a waiting agent */

/* Mounts, modules. On failure says why on the console and never returns. */
void guest_boot(void);
#define AGENT_PORT "io.atoll.agent"
#define EXEC_PORT "io.atoll.exec"
/* Opens a port of virtio-serial, waiting at most that long for the device; -1 if it does not come. */
int guest_port(const char *name, int atmost_ms);
/* Turns the machine off. */
void guest_off(void) __attribute__((noreturn));
void guest_die(const char *what) __attribute__((noreturn));

/* ---- guest_payload.c: the image and what runs in it */

struct start {
  char **arg; int args;
  char **env; int envs;
  const char *work, *user, *host;
  struct cards cards;
  const char *mac[MAX_CARDS]; int macs; /* theirs, in the same order */
  const char *resolver, *hosts;         /* what is in the files of these names; without cards the image's own are */
  long long memory, processes, disk; /* 0: no limit beside the machine's own */
};

/* Takes over `bytes`, which ends with a zero byte. Returns NULL, or what is wrong. */
const char *start_parse(struct start *start, char *bytes, size_t size);
void guest_entropy(const unsigned char bytes[64]);
void guest_clock(uint64_t ns);
/* Mounts the image and starts the payload. Returns NULL, or fills `wrong` and returns it. `status` tells
 * by its end that the program was executed, or brings the text of a failure. */
const char *payload_start(struct start *start, struct started *started, char *wrong, size_t size);
bool payload_out_of_memory(void);
int64_t payload_cpu_ns(void);
int64_t payload_memory_peak(void);
#define PAYLOAD_GROUP "/group/payload"
/* Kills what is left of it; `whatever`: and everything else but the agent. */
void payload_kill(bool whatever);
struct inside payload_inside(const struct start *start);
#define PAYLOAD_ROOT "/root"

/* ---- guest_cards.c: network cards, which the host plugs in by the order of their template addresses */

/* Gives the cards of the machine their own addresses, names and routes. NULL, or what is wrong. */
const char *guest_cards_up(struct start *start);
/* Writes what the payload knows of its networks into the image's /etc. */
void guest_names(const struct start *start, const char *root);
/* Takes the body of F_MOVE behind its number; 0 or errno. */
int guest_cards_move(struct start *start, const char *root, const char *body, size_t size);

/* ---- guest_hunger.c: a payload that can neither go on nor die */

/* Says by POLLPRI that the payload ran into its limit; -1 while it has none. */
int hunger_events(void);
/* Whether it is out of memory, though the kernel does not say so. `told`: the events said something. */
bool hunger_look(int64_t now, bool told);
/* When it wants to look again; 0: not before it is told. */
int64_t hunger_next(void);

/* ---- guest_sessions.c: the sessions inside a guest, each a process of its own */

#define MAX_SESSIONS 16

enum begun { BEGUN = 0, BEGUN_BEFORE = 1, TOO_MANY_SESSIONS = 2, NOT_BEGUN = 3 };

/* `keeper` and `payload` are as in a spec's `join`; `group` may be NULL. */
void sessions_of(const char *folder, pid_t keeper, pid_t payload, const char *group, const struct inside *inside);
/* `words` is a spec without its end; it is copied. */
enum begun sessions_begin(const char *id, const char *words, size_t size, const char **why);
/* A new connection, or -1 if there is no such session any more. */
int sessions_connect(const char *id);
void sessions_reap(void);

/* ---- guest_exec.c: their multiplexer on a port of its own */

enum exec_frame {
  X_HELLO = 1,   /* u64 nonce: lines of an earlier host are closed */
  X_WORDS = 2,   /* u32 offset, then a piece of a session's spec */
  X_BEGIN = 3,   /* u32 length of the words, then the session's id */
  X_ATTACH = 4,  /* u32 line, then the session's id */
  X_DATA = 5,    /* u32 line, then bytes */
  X_CLOSE = 6,   /* u32 line */
  X_WELCOME = 65, /* u64 nonce */
  X_BEGUN = 66,   /* u8 how (enum begun), u8 length of the id, id, text */
  X_OPENED = 67,  /* u32 line */
  X_SAID = 68,    /* u32 line, then bytes */
  X_CLOSED = 69,  /* u32 line, u8 why (enum closed) */
};

enum closed { CLOSED_BY_SESSION = 0, NO_SESSION = 1, LINE_OVERRUN = 2, NO_LINE = 3 };

/* Serves the port for ever, as a process of its own; ends every session with itself. */
int exec_serve(int port) __attribute__((noreturn));
/* The same as a program of a whole virtual machine, where commands are root's. */
int exec_main(void);

/* ---- guest.c */

int guest_main(void);

#endif
