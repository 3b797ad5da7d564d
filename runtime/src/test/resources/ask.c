/* Sends a text from a UDP socket, and prints what comes back within so many seconds, from anybody.
 * For payloads of tests that have no other tool for it: ask ADDRESS PORT TEXT SECONDS */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
  struct sockaddr_in four = {.sin_family = AF_INET};
  struct sockaddr_in6 six = {.sin6_family = AF_INET6};
  if (argc != 5) {
    return 64;
  }
  four.sin_port = six.sin6_port = htons(atoi(argv[2]));
  int is_four = inet_pton(AF_INET, argv[1], &four.sin_addr) == 1;
  if (!is_four && inet_pton(AF_INET6, argv[1], &six.sin6_addr) != 1) {
    return 64;
  }
  const struct sockaddr *to = is_four ? (struct sockaddr *)&four : (struct sockaddr *)&six;
  int fd = socket(to->sa_family, SOCK_DGRAM, 0);
  if (fd < 0 || sendto(fd, argv[3], strlen(argv[3]), 0, to, is_four ? sizeof four : sizeof six) < 0) {
    perror("ask");
    return 1;
  }
  char data[128];
  alarm(atoi(argv[4]));
  ssize_t n = recv(fd, data, sizeof data, 0);
  return n >= 0 && printf("%.*s\n", (int)n, data) > 0 ? 0 : 2;
}
