/* The socket: frames of u8 type, u8 zero, u16 length of what follows; see enum message. A client
 * that sends nonsense or does not read is dropped; nobody waits for it. */
#include "atoll.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const unsigned char *exit_sent; /* once known, told to whoever comes */

enum sent { SENT, FULL, GONE };

static enum sent send_frame(int fd, enum message type, const unsigned char *body, size_t size) {
  unsigned char frame[4 + EXIT_SIZE] = {(unsigned char)type};
  put16(frame + 2, (uint16_t)size);
  memcpy(frame + 4, body, size);
  ssize_t n;
  do n = send(fd, frame, size + 4, MSG_NOSIGNAL | MSG_DONTWAIT); while (n < 0 && errno == EINTR);
  if (n == (ssize_t)(size + 4)) return SENT;
  return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? FULL : GONE;
}

void clients_drop(struct clients *clients, int index) {
  close(clients->all[index].fd);
  clients->all[index] = clients->all[--clients->count];
}

void clients_accept(struct clients *clients, const struct state_now *now) {
  int fd = accept4(clients->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  struct ucred peer;
  socklen_t size = sizeof peer;
  bool trusted = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
                 (peer.uid == 0 || peer.uid == geteuid());
  unsigned char hello[20] = {PROTOCOL_VERSION, now->started};
  put32(hello + 4, (uint32_t)getpid());
  put32(hello + 8, (uint32_t)now->payload);
  put64(hello + 12, now->output_end);
  if (!trusted || clients->count == MAX_CLIENTS || send_frame(fd, M_HELLO, hello, sizeof hello) != SENT ||
      (exit_sent != NULL && send_frame(fd, M_EXIT, exit_sent, EXIT_SIZE) != SENT)) {
    close(fd);
    return;
  }
  clients->all[clients->count++] = (struct client){.fd = fd};
}

void clients_started(struct clients *clients, pid_t payload) {
  unsigned char body[4];
  put32(body, (uint32_t)payload);
  for (int i = clients->count - 1; i >= 0; i--)
    if (send_frame(clients->all[i].fd, M_STARTED, body, sizeof body) != SENT) clients_drop(clients, i);
}

static void send_output(struct clients *clients, int index, uint64_t end) {
  unsigned char body[8];
  put64(body, end);
  enum sent sent = send_frame(clients->all[index].fd, M_OUTPUT, body, sizeof body);
  if (sent == GONE) clients_drop(clients, index);
  else clients->all[index].hint_due = sent == FULL;
}

void clients_output(struct clients *clients, uint64_t end) {
  for (int i = clients->count - 1; i >= 0; i--)
    if (!clients->all[i].hint_due) send_output(clients, i, end);
}

static void send_exit(struct clients *clients, int index) {
  enum sent sent = send_frame(clients->all[index].fd, M_EXIT, exit_sent, EXIT_SIZE);
  if (sent == GONE) clients_drop(clients, index);
  else clients->all[index].exit_due = sent == FULL;
}

void clients_exit(struct clients *clients, const unsigned char exit[EXIT_SIZE]) {
  exit_sent = exit;
  for (int i = clients->count - 1; i >= 0; i--) send_exit(clients, i);
}

void clients_flush(struct clients *clients, int index, uint64_t end) {
  if (clients->all[index].exit_due) send_exit(clients, index);
  else if (clients->all[index].hint_due) send_output(clients, index, end);
}

void clients_addressed(struct clients *clients, int index, int error) {
  unsigned char body[1] = {(unsigned char)error};
  if (send_frame(clients->all[index].fd, M_ADDRESSED, body, sizeof body) != SENT) clients_drop(clients, index);
}

void clients_card(struct clients *clients, int index, const struct cards *cards, const char *id) {
  int fd = clients->all[index].fd, tun = cards_tun(cards, id), known = 0;
  for (int i = 0; i < cards->count; i++) known |= strcmp(cards->all[i].id, id) == 0;
  unsigned char frame[5] = {M_CARD_IS, 0, 0, 1, tun >= 0 ? 0 : known ? EAGAIN : ENOENT};
  union { char room[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control;
  memset(&control, 0, sizeof control);
  struct iovec part = {frame, sizeof frame};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (tun >= 0) {
    message.msg_control = control.room;
    message.msg_controllen = sizeof control.room;
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(head), &tun, sizeof tun);
  }
  if (sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)sizeof frame) clients_drop(clients, index);
}

/* Takes the first whole frame out of what was read. */
static bool take(struct client *client, struct request *request) {
  while (client->have >= 4) {
    size_t size = ((size_t)client->in[2] << 8) | client->in[3];
    if (client->have < size + 4) return false;
    const unsigned char *body = client->in + 4;
    memset(request, 0, sizeof *request);
    request->type = client->in[0];
    bool known = false;
    if (request->type == M_SIGNAL && size == 1) {
      request->signal = body[0];
      known = request->signal >= 1 && request->signal <= 64;
    } else if ((request->type == M_CARD || request->type == M_ADDRESS) && size < sizeof request->text) {
      memcpy(request->text, body, size);
      known = true;
    } else if (request->type == M_STOP && size >= 4) {
      request->grace_ms = (uint32_t)body[0] << 24 | (uint32_t)body[1] << 16 | (uint32_t)body[2] << 8 | body[3];
      size_t length = size - 4 < sizeof request->text - 1 ? size - 4 : sizeof request->text - 1;
      memcpy(request->text, body + 4, length);
      known = true;
    }
    client->have -= size + 4;
    memmove(client->in, client->in + size + 4, client->have);
    if (known) return true;
  }
  return false;
}

bool clients_read(struct clients *clients, int index, struct request *request) {
  struct client *client = &clients->all[index];
  if (take(client, request)) return true; /* left over from the read before */
  ssize_t n = recv(client->fd, client->in + client->have, sizeof client->in - client->have, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (n <= 0) {
    clients_drop(clients, index); /* gone, or a frame larger than any of ours */
    return false;
  }
  client->have += (size_t)n;
  return take(client, request);
}
