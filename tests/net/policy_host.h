/* Policy hosts for tests: each in a process of its own, each with one habit. */
#ifndef WW_TESTS_NET_POLICY_HOST_H
#define WW_TESTS_NET_POLICY_HOST_H

#include "pki.h"

#include <sys/types.h>

#define POLICY_HOST_BODY "version: STSv1\r\nmode: enforce\r\nmx: mx.example\r\nmax_age: 86400\r\n"
#define POLICY_HOST_DATE "Sun, 06 Nov 1994 08:49:37 GMT" /* of each 200 */

enum habit {
    HABIT_GOOD,        /* 200, text/plain, POLICY_HOST_BODY */
    HABIT_CHUNKED,     /* the same in chunks */
    HABIT_CALLER,      /* 200; the body is the address that the request came from */
    HABIT_FULL,        /* 200; exactly 64 KiB */
    HABIT_LARGE,       /* 200; one octet more, announced */
    HABIT_ENDLESS,     /* 200; a body without an end */
    HABIT_MISSING,     /* 404; a body without an end */
    HABIT_GONE,        /* 404; gzip, and nothing in it */
    HABIT_REDIRECT,    /* 301 */
    HABIT_CODED,       /* 200; gzip */
    HABIT_HEADERS,     /* 200; headers without an end */
    HABIT_HEADER_LINE, /* 200; one header line without an end */
    HABIT_DRIP,        /* 200; after two lines an octet a tenth of a second */
    HABIT_SPEECHLESS,  /* TLS, then silence */
    HABIT_EMPTY,       /* TLS, then the end */
    HABIT_CUT,         /* 200; half of the body that was announced */
    HABIT_UNFRAMED,    /* 200; no length, ended by closing TLS */
    HABIT_TORN,        /* the same, ended by closing TCP alone */
    HABIT_BAD_CHUNK,   /* 200; a chunk without a length */
    HABIT_HTTP09,      /* a body alone */
    HABIT_RESET_LATE,  /* TLS, the request, then a reset */
    HABIT_NO_TLS,      /* HTTP without TLS */
    HABIT_SILENT,      /* accepts, then silence */
    HABIT_RESET,       /* accepts, then a reset */
    HABIT_CLOSED,      /* accepts, then the end */
    HABIT_TLS11,       /* TLS 1.1 at most */
    HABIT_DEAF,        /* takes no connection */
    HABIT_FILTER,      /* 403, but for who calls himself Mozilla */
    HABIT_CACHED,      /* 200; another body, of mode testing, with Cache-Control, and an Age of 7 */
};

/* Starts a host on port 443 of the address; end it with netns_end. */
pid_t policy_host(const struct pki *pki, const char *address, const char *name, enum leaf leaf,
                  enum habit habit);

#endif
