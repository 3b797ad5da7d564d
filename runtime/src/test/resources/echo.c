/* Echoes on 7000/tcp (one connection at a time) and 7001/udp. For the tests of published ports. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static int bound(int type, int port) {
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
  int fd = socket(AF_INET, type, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof any) != 0) {
    _exit(1);
  }
  return fd;
}

int main(void) {
  struct pollfd fds[2] = {{.fd = bound(SOCK_STREAM, 7000), .events = POLLIN},
                          {.fd = bound(SOCK_DGRAM, 7001), .events = POLLIN}};
  char data[2048];
  listen(fds[0].fd, 8);
  while (poll(fds, 2, -1) > 0) {
    if (fds[0].revents) {
      int peer = accept(fds[0].fd, 0, 0);
      ssize_t n;
      while ((n = read(peer, data, sizeof data)) > 0 && write(peer, data, n) == n) {
      }
      close(peer);
    }
    if (fds[1].revents) {
      struct sockaddr_in from;
      socklen_t length = sizeof from;
      ssize_t n = recvfrom(fds[1].fd, data, sizeof data, 0, (struct sockaddr *)&from, &length);
      if (n > 0 && sendto(fds[1].fd, data, n, 0, (struct sockaddr *)&from, length) != n) {
        _exit(2);
      }
    }
  }
  return 3;
}
