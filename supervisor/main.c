/* atoll-supervisor RUN_FOLDER     supervises the run of that folder; descriptor 3 is a listening
 *                                 unix socket (see atoll.h)
 * atoll-supervisor --session FOLDER  keeps one command beside a run's payload; descriptor 3 as above
 * atoll-supervisor --first        inside the sandbox: becomes the payload (see first.c)
 * atoll-supervisor --files ORDER  packs or unpacks files, where it is started (see files.h)
 * atoll-supervisor --cards FOLDER keeps the network interfaces of a container; descriptor 3 as above
 * atoll-supervisor --enter DOOR PROGRAM...  inside a container: waits for them, then becomes the program
 * atoll-supervisor --version      the version of its protocol
 * atoll-supervisor --guest-exec   inside a virtual machine: keeps the sessions of its host (see guest.h)
 * /init, as process 1             the agent of a microVM (see guest.h) */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"

static int first(void) {
  static struct spec spec;
  size_t size = 0;
  char *bytes = read_whole(FD_SPEC, &size);
  const char *wrong = bytes == NULL ? "unreadable" : spec_parse(&spec, bytes, size);
  close(FD_SPEC);
  close(FD_SELF);
  if (wrong != NULL) report_failure(FD_STATUS, 'F', ST_SPEC, EINVAL);
  first_program(&spec, FD_STATUS);
}

int main(int argc, char **argv) {
  if (getpid() == 1 && argc > 0 && strcmp(argv[0], "/init") == 0) return guest_main();
  if (argc == 2 && strcmp(argv[1], "--first") == 0) return first();
  if (argc == 2 && strcmp(argv[1], "--version") == 0) {
    printf("%d\n", PROTOCOL_VERSION);
    return 0;
  }
  if (argc == 3 && strcmp(argv[1], "--session") == 0) return session(session_folder = argv[2]);
  if (argc == 3 && strcmp(argv[1], "--files") == 0 && files_order(argv[2])) return files_run(argv[2]);
  if (argc == 3 && strcmp(argv[1], "--cards") == 0) return keep_cards(argv[2]);
  if (argc >= 4 && strcmp(argv[1], "--enter") == 0) return enter_container(argv[2], argv + 3);
  if (argc == 2 && strcmp(argv[1], "--guest-exec") == 0) return exec_main();
  if (argc == 2 && argv[1][0] == '/') return supervise(argv[1]);
  fprintf(stderr, "usage: atoll-supervisor RUN_FOLDER, with a listening unix socket as descriptor 3\n");
  return 64;
}
