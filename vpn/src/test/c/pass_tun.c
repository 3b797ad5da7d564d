// Opens a TUN device where it runs, and hands it to whoever connects to a unix socket, as the
// supervisor of a sandbox does: pass_tun SOCKET NAME
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

int main(int count, char **words) {
  if (count != 3) return 2;
  int tun = open("/dev/net/tun", O_RDWR);
  struct ifreq request = {0};
  strncpy(request.ifr_name, words[2], IFNAMSIZ - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR;
  if (tun < 0 || ioctl(tun, TUNSETIFF, &request) != 0) return 3;
  int listening = socket(AF_UNIX, SOCK_STREAM, 0);
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  strncpy(name.sun_path, words[1], sizeof name.sun_path - 1);
  if (bind(listening, (struct sockaddr *)&name, sizeof name) != 0 || listen(listening, 1) != 0)
    return 4;
  puts("ready");
  fflush(stdout);
  int to = accept(listening, NULL, NULL);
  char text[] = "tun";
  struct iovec bytes = {text, sizeof text - 1};
  union {
    struct cmsghdr head;
    char room[CMSG_SPACE(sizeof(int))];
  } control = {0};
  struct msghdr message = {
      .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  struct cmsghdr *head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof tun);
  memcpy(CMSG_DATA(head), &tun, sizeof tun);
  return sendmsg(to, &message, 0) == sizeof text - 1 ? 0 : 5;
}
