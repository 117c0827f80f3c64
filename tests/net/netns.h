/* Network tests run in a network namespace of their own, where every address and port is theirs. */
#ifndef WW_TESTS_NET_NETNS_H
#define WW_TESTS_NET_NETNS_H

#include <sys/types.h>

/*
 * Enters a fresh namespace with a loopback interface; the whole of 127.0.0.0/8 is on it. Where none can be
 * made, says so and ends the program as skipped. Call it first.
 */
void netns_enter(void);

/* Puts an IPv6 address on the loopback interface. */
void netns_add_ipv6(const char *address);

/* Forks; the child dies with its parent. */
pid_t netns_fork(void);

/* Ends and reaps a child. */
void netns_end(pid_t pid);

/* A listening socket, or a bound datagram one; 0 as backlog makes it deaf to all connections. Ends the
 * program on failure. */
int netns_listen(const char *address, int port, int type, int backlog);

#endif
