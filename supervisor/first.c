/* The last of Atoll before the payload: it runs inside the sandbox, tells the supervisor who it is,
 * and becomes the payload. Its own failure is told apart from a failure of the sandbox before it and
 * of the payload after it. */
#include "atoll.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

extern char **environ;

void report_failure(int status, char kind, int stage, int error) {
  unsigned char message[3] = {(unsigned char)kind, (unsigned char)stage, (unsigned char)error};
  (void)!send(status, message, sizeof message, MSG_NOSIGNAL);
  _exit(125);
}

bool hand_over(int status, char kind, int fd) {
  union { char room[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control;
  memset(&control, 0, sizeof control);
  struct iovec part = {&kind, 1};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room};
  struct cmsghdr *head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(head), &fd, sizeof fd);
  return sendmsg(status, &message, MSG_NOSIGNAL) == 1;
}

void first_program(const struct spec *spec, int status) {
  fcntl(status, F_SETFD, FD_CLOEXEC);
  if (spec->seccomp && seccomp_install() < 0) report_failure(status, 'F', ST_SECCOMP, errno);
  environ = spec->env;
  /* The socket adds our pid, as the supervisor's namespace knows it. */
  if (send(status, "S", 1, MSG_NOSIGNAL) != 1) _exit(125);
  if (spec->copy != NULL) _exit(files_run(spec->copy));
  execvp(spec->arg[0], spec->arg);
  report_failure(status, 'E', 0, errno);
}
