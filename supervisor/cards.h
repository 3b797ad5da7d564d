/* The network interfaces of a payload: each a TUN device in a network namespace that has nothing else,
 * whose other end is kept here and handed to whatever daemon asks for it.
 *
 *   daemon ◀── SCM_RIGHTS ── supervisor or keeper ── holds ──▶ the device's descriptor, a netlink socket
 *                                                                  │
 *                                     namespace of the payload ── device, addresses, routes
 *
 * Both descriptors belong to the namespace, wherever who holds them is: no one has to enter it again. */
#ifndef CARDS_H
#define CARDS_H

#include <stdbool.h>
#include <stdint.h>

#define MAX_CARDS 16
#define CARD_ID 40

/* ---- netlink.c: what is asked of the kernel about interfaces; each gives 0, or -1 with errno */

/* A socket of the present namespace; good for it from anywhere. */
int netlink_open(void);
/* The number of an interface, or -1. */
int netlink_index(int netlink, const char *device);
/* Sets the longest packet (0: leave it), and the link up. */
int netlink_up(int netlink, int index, int mtu);
struct address { int family; unsigned char bytes[16]; int bits; };
int netlink_delete(int netlink, int index);
/* Adds it; one that is there already is no failure. */
int netlink_add(int netlink, int index, const struct address *address);
/* Removes it; one that is not there is no failure. */
int netlink_remove(int netlink, int index, const struct address *address);
struct route { struct address to; const struct address *by; bool everybody; };
/* Adds a route over an interface: by a neighbour, or straight; `everybody`: one of multicast, before all others. */
int netlink_route(int netlink, int index, const struct route *route);
/* Removes it; one that is not there is no failure. */
int netlink_unroute(int netlink, int index, const struct route *route);

/* ---- cards.c */

/* "ID DEVICE MTU V4/BITS V6/BITS GATEWAY4 GATEWAY6 LEAVES": LEAVES is 1 where everything else goes by the
 * gateways, else 0. */
struct card {
  char id[CARD_ID], device[16];
  int mtu;
  struct address v4, v6, gateway4, gateway6;
  bool leaves;
};
/* Reads one; NULL, or what is wrong. The text stays as it is. */
const char *card_parse(struct card *card, const char *text);

/* Gives a device that is there its addresses and its routes, and takes it up; `first`: it has multicast, too.
 * 0, or -1 with errno. */
int card_up(int netlink, const struct card *card, bool first);

/* What is held of them. */
struct cards {
  struct card all[MAX_CARDS];
  int tun[MAX_CARDS];
  int count, netlink; /* netlink: -1 until there are any */
};

/* Makes the interfaces in the present namespace, up and with all they have; 0, or -1 with errno. */
int cards_make(struct cards *cards);
/* The descriptor of a card's device; -1 if there is no such card, or it is not there yet. */
int cards_tun(const struct cards *cards, const char *id);
/* Gives a card the addresses of this word, and takes the old ones away behind it; then the way out of its network, or
 * takes that away, as the word says. 0 or errno. */
int cards_readdress(struct cards *cards, const char *word);

#endif
