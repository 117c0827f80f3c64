/*
 * What follows of a look at a published domain: facts, the plan of the engine, what is to be done at once,
 * and what the keeper is told of it. Pure.
 */
#ifndef WW_DAEMON_STEWARD_TURN_H
#define WW_DAEMON_STEWARD_TURN_H

#include "daemon/config.h"
#include "daemon/steward_facts.h"
#include "daemon/steward_patience.h"
#include "proc/msg_order.h"
#include "proc/msg_publish.h"

/* "mta-sts." and the longest domain. */
#define WW_STEWARD_HOST_SIZE (WW_DNAME_SIZE + 8)

/* A certificate of the policy host that is good for no longer than this is as good as none; seconds. */
#define WW_STEWARD_CERTIFICATE_LEAST 86400

struct ww_steward_certificate {
    int64_t from, until; /* of the one in publish.folder; 0: there is none */
};

struct ww_steward_in {
    int64_t now;
    const struct ww_config *config;
    const struct ww_msg_tend *tend;
    const struct ww_sight *sight;
    const struct ww_servers_said *said;
    struct ww_slice
        mirrored; /* the policy that a mirror follows, from our own store or from its host; or empty */
    struct ww_steward_certificate certificate;
    const char *trouble; /* something of ours that did not go well before; "" */
};

struct ww_steward_turn {
    struct ww_msg_tended tended;
    char body[WW_PUBLISHED_BODY_MAX], foreign[WW_PUBLISHED_BODY_MAX]; /* of tended */
    enum ww_order work;                                               /* to be asked for */
    bool renews; /* the certificate; the plan goes on without it */
    unsigned
        before; /* how often the work, or what is waited for, was tried before, one time behind the other */
    char host[WW_STEWARD_HOST_SIZE];
};

/* The policy host's own certificate is kept by Waxwing, or lies where Waxwing is told to look for it. */
bool ww_steward_has_certificate(const struct ww_published *domain);

/* out is whole but for what comes of its work. It borrows from what is passed in nothing. */
void ww_steward_turn(const struct ww_steward_in *in, struct ww_patience *patience,
                     struct ww_steward_turn *out);

/* What has come of the work; detail is printable ASCII, or "". */
void ww_steward_turn_worked(struct ww_steward_turn *turn, int64_t now, bool good, const char *detail);

#endif
