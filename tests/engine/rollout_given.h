/* What is known of a domain, as rows of a table say it in short: hosts are "mx1", days and hours count from
 * GIVEN_NOW. */
#ifndef TESTS_ROLLOUT_GIVEN_H
#define TESTS_ROLLOUT_GIVEN_H

#include "engine/rollout.h"

#define GIVEN_NOW INT64_C(1796083200) /* 2026-12-01T00:00:00Z */
#define GIVEN_HOUR INT64_C(3600)
#define GIVEN_DAY INT64_C(86400)
#define WEEK 604800
#define MONTH 2592000

struct given_served {
    const char *mode;
    uint32_t max_age;
    const char *mx;   /* "mx1 mx2" */
    int since, until; /* days, below 0; until 0: it is served */
};

struct given_mx {
    const char *name;
    char tls; /* '+' good, '-' bad, '?' unknown */
    int gone; /* hours ago; 0: it is there */
};

struct given {
    enum ww_published_goal goal;
    const char *wanted; /* NULL: "mx1 mx2" */
    uint32_t max_age;   /* 0: a month */
    struct given_served served[4];
    size_t foreign;        /* of these, so many of the first are somebody else's */
    struct given_mx mx[5]; /* none: mx1 and mx2, good */
    enum ww_rollout_evidence evidence;
    const char *evidence_why;
    enum ww_published_host host;
    enum ww_published_dns dns;
    const char *rua, *rua_seen, *mirrored;
    bool automatic, stopped, authentic;
    bool no_facts, no_hosts;
    bool not_shown, not_recorded; /* the policy that is served */
    const char *shown;            /* id, else */
    const char *recorded_id;      /* the same of the record */
    bool no_certificate, old_certificate;
    int bad;          /* days ago, evidence was last bad */
    int recorded;     /* hours ago */
    const char *here; /* addresses of the publisher, with a TTL of two hours */
    int here_gone;    /* hours ago */
};

struct given_room {
    struct ww_rollout in;
    struct ww_published domain;
    struct ww_served served[4];
    char bodies[4][512];
    struct ww_published_mx mx[5];
};

/* What is planned for it. */
struct given_row {
    const char *name;
    struct given given;
    enum ww_rollout_step step;
    enum ww_published_state state;
    const char *policy; /* with SERVE: "enforce 604800 mx1 mx2" */
    int until;          /* hours from now; 0: none */
    bool needs_operator;
    const char *waits;   /* all of it; NULL: any */
    const char *bad_why; /* the same */
};

void given_judge(const struct given_row *rows, size_t count);

/* out->in is what the engine is asked about. */
void given_read(const struct given *given, struct given_room *out);

#endif
