#include "files.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

char *session_folder; /* where argv has it */
static int worst;

void files_spoiled(int code) { worst = worst == 0 || worst == code ? code : 1; }

int files_code(void) { return worst; }

void files_say(const char *path, const char *what) {
  char line[LONGEST_NAME + 256];
  int n = snprintf(line, sizeof line, "%s: %s\n", path, what);
  if (n > 0) (void)!write(2, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

void files_failed(const char *path, int error) {
  files_say(path, strerror(error));
  switch (error) {
    case ENOENT: files_spoiled(FC_MISSING); break;
    case EACCES: case EPERM: case EROFS: files_spoiled(FC_DENIED); break;
    case EEXIST: case ENOTDIR: case EISDIR: case ENOTEMPTY: case ELOOP: files_spoiled(FC_THERE); break;
    case ENOSPC: case EDQUOT: case EFBIG: files_spoiled(FC_FULL); break;
    default: files_spoiled(1);
  }
}

bool files_order(const char *order) {
  return strncmp(order, "pack:", 5) == 0 ? order[5] != 0 : strncmp(order, "unpack:", 7) == 0 && order[7] != 0;
}

int files_run(const char *order) {
  /* There was no exec to take away what the payload may not see of who we were. */
  prctl(PR_SET_DUMPABLE, 0);
  syscall(SYS_close_range, 3u, ~0u, 0u);
  if (session_folder != NULL) memset(session_folder, 0, strlen(session_folder));
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  return order[0] == 'p' ? files_pack(order + 5) : files_unpack(order + 7);
}
