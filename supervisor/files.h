/* Files into and out of a task, as a tar: a session of its own kind, which this program does itself where
 * the payload is. So it may what the payload may, and needs no program of the image. */
#ifndef FILES_H
#define FILES_H

#include "atoll.h"

/* ---- files.c: what both directions share */

#define BLOCK 512
#define LONGEST_NAME 4096

/* Exit codes: 0; 2 the archive is wrong; 3 no such path; 4 not permitted; 5 something else is there;
 * 6 no room; 1 anything else, or several of them. */
enum { FC_ARCHIVE = 2, FC_MISSING = 3, FC_DENIED = 4, FC_THERE = 5, FC_FULL = 6 };

/* A line on stderr. What follows is done all the same; the code is kept for the end. */
void files_failed(const char *path, int error);
void files_say(const char *path, const char *what);
void files_spoiled(int code);
int files_code(void);

/* ---- pack.c and unpack.c; both return the exit code */

int files_pack(const char *path);
int files_unpack(const char *target);

#endif
