/* A published domain as the keeper gives it, and what a look at it would see: for the tests of the steward.
 */
#ifndef WW_TESTS_DAEMON_STEWARD_MADE_H
#define WW_TESTS_DAEMON_STEWARD_MADE_H

#include "daemon/steward_turn.h"

#define MADE_NOW ((int64_t)1800000000)
#define MADE_DAY ((int64_t)86400)
#define MADE_DOMAIN "a.example"
#define MADE_HOST "mx1.a.example"
#define MADE_ID "20261130T000000Z"
#define MADE_POLICY(mode, max_age) \
    "version: STSv1\r\nmode: " mode "\r\nmx: " MADE_HOST "\r\nmax_age: " max_age "\r\n"
#define MADE_TESTING MADE_POLICY("testing", "86400")
#define MADE_ENFORCE MADE_POLICY("enforce", "604800")

struct made {
    struct ww_config config;
    char *no_listeners[1];
    struct ww_addr dns_server;
    struct ww_msg_tend tend;
    struct ww_sight *sight;
    struct ww_servers_said said;
    struct ww_steward_in in;
};

/*
 * Wants enforce, has been added and nothing more: hosted here, DNS by update, certificate by ACME, which is
 * there. One MX host, which is good; the name servers show no record. Freed by made_free.
 */
struct made *made_new(void);
void made_free(struct made *m);

/* Has been served for so long, and, unless NULL, its end. */
void made_served(struct made *m, const char *id, const char *body, int64_t since, int64_t until);
/* The policy host serves this; NULL: nothing. It is borrowed. */
void made_shows(struct made *m, const char *body);
/* All name servers show this record; "": none. */
void made_record(struct made *m, const char *id);
/* All of it: what is served is shown, and the record is there. */
void made_published(struct made *m, const char *body);

#endif
