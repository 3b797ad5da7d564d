/* What a sandboxed payload may not ask of the kernel. A list of refusals: whatever else it asks, it
 * asks without capabilities, in namespaces of its own, as a uid that owns nothing. */
#include "atoll.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define ARCH 0xC000003Eu
#define NR_KEXEC_FILE_LOAD 320
#elif defined(__aarch64__)
#define ARCH 0xC00000B7u
#define NR_KEXEC_FILE_LOAD 294
#else
#error "no system call table for this architecture"
#endif

/* The kernel's interface, from linux/seccomp.h and linux/filter.h, which musl-gcc does not find. */
struct seccomp_data { int nr; uint32_t arch; uint64_t instruction, args[6]; };
struct sock_filter { uint16_t code; uint8_t jt, jf; uint32_t k; };
struct sock_fprog { unsigned short len; struct sock_filter *filter; };
#define MODE_FILTER 2
#define RET_KILL_PROCESS 0x80000000u
#define RET_ERRNO 0x00050000u
#define RET_ALLOW 0x7fff0000u
#define OP_LOAD 0x20    /* BPF_LD | BPF_W | BPF_ABS */
#define OP_RETURN 0x06  /* BPF_RET | BPF_K */
#define OP_EQUAL 0x15   /* BPF_JMP | BPF_JEQ | BPF_K */
#define OP_AT_LEAST 0x35
#define OP_ANY_BIT 0x45

/* Numbers above 423 are the same on every architecture; older headers lack them. */
#define NR_OPEN_TREE 428
#define NR_MOVE_MOUNT 429
#define NR_FSOPEN 430
#define NR_FSCONFIG 431
#define NR_FSMOUNT 432
#define NR_FSPICK 433
#define NR_CLONE3 435
#define NR_MOUNT_SETATTR 442
#define NR_QUOTACTL_FD 443
#define NR_OPEN_TREE_ATTR 467
#define NEWUSER 0x10000000u
#define IOCTL_TIOCSTI 0x5412u
#define IOCTL_TIOCLINUX 0x541Cu

#define AT(field) ((unsigned)offsetof(struct seccomp_data, field))
#define LOAD(at) {OP_LOAD, 0, 0, (at)}
#define RETURN(what) {OP_RETURN, 0, 0, (what)}
#define FAIL(error) RETURN(RET_ERRNO | (error))
#define IF(value, then, otherwise) {OP_EQUAL, (then), (otherwise), (value)}
#define IF_ANY(bits, then, otherwise) {OP_ANY_BIT, (then), (otherwise), (bits)}
#define REFUSE(nr) IF((nr), 0, 1), FAIL(EPERM)

static struct sock_filter filter[] = {
    LOAD(AT(arch)),
    IF(ARCH, 1, 0),
    RETURN(RET_KILL_PROCESS),
    LOAD(AT(nr)),
#if defined(__x86_64__)
    {OP_AT_LEAST, 0, 1, 0x40000000u}, /* x32 */
    RETURN(RET_KILL_PROCESS),
#endif
    /* The flags of clone3 lie in memory, where a filter cannot look: the libc falls back to clone. */
    IF(NR_CLONE3, 0, 1),
    FAIL(ENOSYS),
    IF(__NR_clone, 1, 0),
    IF(__NR_unshare, 0, 4),
    LOAD((unsigned)offsetof(struct seccomp_data, args)),
    IF_ANY(NEWUSER, 0, 1),
    FAIL(EPERM),
    RETURN(RET_ALLOW),
    IF(__NR_ioctl, 0, 5),
    LOAD((unsigned)offsetof(struct seccomp_data, args) + 8),
    IF(IOCTL_TIOCSTI, 1, 0),
    IF(IOCTL_TIOCLINUX, 0, 1),
    FAIL(EPERM),
    RETURN(RET_ALLOW),
    REFUSE(__NR_bpf),
    REFUSE(__NR_keyctl),
    REFUSE(__NR_add_key),
    REFUSE(__NR_request_key),
    REFUSE(__NR_userfaultfd),
    REFUSE(__NR_perf_event_open),
    REFUSE(425), /* io_uring_setup, _enter, _register */
    REFUSE(426),
    REFUSE(427),
    REFUSE(__NR_mount),
    REFUSE(__NR_umount2),
    REFUSE(__NR_pivot_root),
    REFUSE(__NR_chroot),
    REFUSE(NR_OPEN_TREE),
    REFUSE(NR_MOVE_MOUNT),
    REFUSE(NR_FSOPEN),
    REFUSE(NR_FSCONFIG),
    REFUSE(NR_FSMOUNT),
    REFUSE(NR_FSPICK),
    REFUSE(NR_MOUNT_SETATTR),
    REFUSE(NR_OPEN_TREE_ATTR),
    REFUSE(__NR_setns),
    REFUSE(__NR_kexec_load),
    REFUSE(NR_KEXEC_FILE_LOAD),
    REFUSE(__NR_init_module),
    REFUSE(__NR_finit_module),
    REFUSE(__NR_delete_module),
    REFUSE(__NR_acct),
    REFUSE(__NR_swapon),
    REFUSE(__NR_swapoff),
    REFUSE(__NR_reboot),
    REFUSE(__NR_quotactl),
    REFUSE(NR_QUOTACTL_FD),
    REFUSE(__NR_syslog),
    REFUSE(__NR_open_by_handle_at),
    REFUSE(__NR_fanotify_init),
    REFUSE(__NR_settimeofday),
    REFUSE(__NR_clock_settime),
    REFUSE(__NR_adjtimex),
    REFUSE(__NR_clock_adjtime),
#if defined(__x86_64__)
    REFUSE(__NR_iopl),
    REFUSE(__NR_ioperm),
#endif
    RETURN(RET_ALLOW),
};

int seccomp_install(void) {
  struct sock_fprog program = {.len = sizeof filter / sizeof *filter, .filter = filter};
  return prctl(PR_SET_SECCOMP, MODE_FILTER, &program, 0, 0);
}
