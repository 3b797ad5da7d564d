/* Who programs inside a guest are: in the image's root and work folder, as its user. */
#include "atoll.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Finds a line of /etc/passwd or /etc/group by name or number; `fields` gets up to 6 parts. */
static bool lookup(const char *file, const char *who, char *line, size_t size, char *fields[6]) {
  FILE *all = fopen(file, "re");
  if (all == NULL) return false;
  bool found = false;
  while (!found && fgets(line, (int)size, all) != NULL) {
    line[strcspn(line, "\n")] = 0;
    char *rest = line;
    for (int i = 0; i < 6; i++) fields[i] = rest == NULL ? NULL : strsep(&rest, ":");
    found = fields[2] != NULL && (strcmp(fields[0], who) == 0 || strcmp(fields[2], who) == 0);
  }
  fclose(all);
  return found;
}

static bool number(const char *text, long *into) {
  char *end;
  *into = strtol(text, &end, 10);
  return end != text && *end == 0 && *into >= 0;
}

/* "user", "uid", "user:group", "uid:gid" or nothing, as images say it; looked up in the image. */
static bool become_user(const char *user, char home[256]) {
  char text[256], line[1024], *fields[6];
  long uid = 0, gid = 0;
  snprintf(text, sizeof text, "%s", user);
  char *group = strchr(text, ':');
  if (group != NULL) *group++ = 0;
  snprintf(home, 256, "HOME=/%s", text[0] == 0 || strcmp(text, "0") == 0 || strcmp(text, "root") == 0 ? "root" : "");
  if (lookup("/etc/passwd", text[0] == 0 ? "0" : text, line, sizeof line, fields)) {
    if (!number(fields[2], &uid) || fields[3] == NULL || !number(fields[3], &gid)) return false;
    if (fields[5] != NULL && fields[5][0] == '/') snprintf(home, 256, "HOME=%s", fields[5]);
  } else if (text[0] != 0 && !number(text, &uid)) {
    return false;
  }
  if (group != NULL && *group != 0) {
    if (lookup("/etc/group", group, line, sizeof line, fields)) {
      if (!number(fields[2], &gid)) return false;
    } else if (!number(group, &gid)) {
      return false;
    }
  }
  gid_t only = (gid_t)gid;
  return setgroups(1, &only) == 0 && setresgid(only, only, only) == 0 &&
         setresuid((uid_t)uid, (uid_t)uid, (uid_t)uid) == 0;
}

/* A work folder that the image lacks is made, as by container engines. */
static void make_folders(const char *path) {
  char part[1024];
  for (size_t i = 1; i < sizeof part && i <= strlen(path); i++)
    if (path[i] == '/' || path[i] == 0) {
      snprintf(part, i + 1, "%s", path);
      mkdir(part, 0755);
    }
}

enum stage inside_enter(const struct inside *inside, char home[256]) {
  if ((inside->root != NULL && chroot(inside->root) < 0) || chdir("/") < 0) return ST_IMAGE;
  make_folders(inside->work);
  if (chdir(inside->work) < 0) return ST_WORK;
  errno = 0;
  return become_user(inside->user, home) ? 0 : ST_IDENTITY;
}
