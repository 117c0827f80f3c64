/* Something that listens as waxwingd does, in this very process: it says what a test tells it, when that says
 * so. */
#ifndef WW_TESTS_LIB_FAKE_DAEMON_H
#define WW_TESTS_LIB_FAKE_DAEMON_H

#include <stddef.h>

struct fake_daemon {
    char folder[64];
    char address[96]; /* "unix:/…", for the client */
    int listener;     /* -1: down */
    int peer;         /* the connection that was taken last, or -1 */
};

void fake_daemon_up(struct fake_daemon *f);
/* Closes the listener and the connection; the address stays. */
void fake_daemon_down(struct fake_daemon *f);
void fake_daemon_listen(struct fake_daemon *f);
/* Down, and nothing is left of it. */
void fake_daemon_gone(struct fake_daemon *f);

/* Takes the next connection, in place of the one before. */
void fake_daemon_take(struct fake_daemon *f);

/* Reads one request, which has to be this one: "DECISION a.de". */
void fake_daemon_expect(struct fake_daemon *f, const char *request);

/* Sends a netstring, or octets as they are. */
void fake_daemon_reply(struct fake_daemon *f, const char *payload);
void fake_daemon_say(struct fake_daemon *f, const char *p, size_t n);

/* Forks a child that answers each of `count` connections with these octets as soon as a request is there. */
int fake_daemon_child(struct fake_daemon *f, const char *octets, int count);

#endif
