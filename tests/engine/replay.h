/*
 * The engine run without a network and without a clock: a domain whose DNS and policy host say what a script
 * tells them to, and a holder that does with the rules of a policy's life what the daemon does.
 */
#ifndef WW_TESTS_ENGINE_REPLAY_H
#define WW_TESTS_ENGINE_REPLAY_H

#include "engine/life.h"

#define REPLAY_TEXT 96

struct replay {
    int64_t now;
    /*
     * What DNS says: "nxdomain", "nodata", "servfail", "timeout", "broken", "two" (records), or the id of a
     * valid record: "id=1". What the policy host says: "404", "301", "html", "garbage", "timeout",
     * "certificate", or a policy: "MODE MAX_AGE MX".
     */
    const char *dns;
    const char *web;
    uint32_t ttl;        /* of negative answers, */
    uint32_t record_ttl; /* and of a valid record */
    int64_t latency;     /* seconds that a flight takes */

    struct ww_life_rules rules;
    struct ww_life life;
    char body[256];
    size_t body_size;

    unsigned records;           /* look-ups of the record so far */
    unsigned gets;              /* GETs so far */
    enum ww_life_change change; /* by the last flight */
};

/* A policy in the words of `web`. False: the words are no policy. */
struct replay_policy {
    char mode[16];
    unsigned long max_age;
    const char *mx;
};
bool replay_policy_read(const char *web, struct replay_policy *out);

/* A holder that knows nothing, with the default rules. */
void replay_begin(struct replay *r, int64_t now);

/*
 * One use of the domain. Writes the answer into out: "none", "secure MX" or "testing MX". True when it was
 * there at once, and did not have to wait for a flight.
 */
bool replay_use(struct replay *r, char out[REPLAY_TEXT]);

/* A flight ahead of any use. */
void replay_refresh(struct replay *r);

/* All processes are started again: what is known comes from the store. */
void replay_restart(struct replay *r);

#endif
