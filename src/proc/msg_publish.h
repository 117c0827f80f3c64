/*
 * Published domains in messages. The keeper has them, and all that was served; the steward looks at a domain
 * that is due, and plans (engine/rollout.h); the clerk makes changes outside (msg_order.h); the publisher
 * serves.
 *
 * keeper and steward: the steward tells how many it would take (WW_MSG_STEWARD_ROOM); the keeper gives it a
 * domain (WW_MSG_TEND, with a lease: nothing heard of it, it is due again), and gets it back with what came
 * of it (WW_MSG_TENDED). A version that an operator has changed meanwhile makes the keeper drop that, and
 * give the domain once more.
 *
 * keeper and publisher: as soon as there is a channel all sites, between WW_MSG_SITES and WW_MSG_SITES_DONE;
 * what was served before and is not among them is served no more. Later each change as WW_MSG_SITE or
 * WW_MSG_SITE_GONE. A policy is in the store before the publisher hears of it. The publisher tells how it
 * fares with each site (WW_MSG_SITE_STATE), when that changes.
 */
#ifndef WW_PROC_MSG_PUBLISH_H
#define WW_PROC_MSG_PUBLISH_H

#include "core/published.h"
#include "engine/alerts.h"
#include "engine/rollout.h"
#include "proc/msg.h"

/* Domains that one steward tends to at a time. */
#define WW_STEWARD_MAX 16
#define WW_MSG_TEND_MAX ((size_t)4 << 20)

struct ww_msg_steward_room {
    uint16_t room;
};

/* Everything in its slices is borrowed from the payload. */
struct ww_msg_tend {
    struct ww_published domain;
    size_t served_count;
    struct ww_served served[WW_PUBLISHED_SERVED_MAX];
    size_t mx_count;
    struct ww_published_mx mx[WW_PUBLISHED_MX_MAX];
    enum ww_rollout_evidence evidence;
    char evidence_why[WW_PUBLISHED_WORDS_SIZE]; /* as in engine/rollout.h */
    struct ww_slice mirrored; /* the policy to serve for a WW_HOSTED_MIRROR whose policy domain is one of
                                 ours; else empty */
};

/* What stands in the place of a check's id: see docs/alerts.md. */
#define WW_PUBLISH_CERTIFICATE_END "publish-certificate-end"
#define WW_PUBLISH_UNSEEN "publish-unseen"
#define WW_PUBLISH_REFUSED "publish-refused"
#define WW_PUBLISH_ROLLED_BACK "publish-rolled-back"
#define WW_PUBLISH_REPORTED "publish-reported"
#define WW_PUBLISH_FOREIGN "publish-foreign"

/* Something that is wrong with what a domain publishes. All texts are printable ASCII. */
struct ww_msg_tended_fault {
    enum ww_severity severity;
    char check[WW_ALERT_CHECK_SIZE]; /* one of these: an alert is told apart by it, */
    char where[WW_ALERT_WHERE_SIZE]; /* and the host that it is about */
    char seen[WW_ALERT_SEEN_SIZE];   /* in words */
};
#define WW_MSG_TENDED_FAULTS_MAX 16

enum ww_tended {
    WW_TENDED_NOTHING, /* is to be served otherwise */
    WW_TENDED_SERVE,
    WW_TENDED_UNSERVE,
};

struct ww_msg_tended {
    struct ww_published domain; /* with its progress; what an operator wants is not taken from it */
    size_t mx_count;
    struct ww_published_mx mx[WW_PUBLISHED_MX_MAX];
    enum ww_tended what;
    struct ww_slice body; /* with WW_TENDED_SERVE: the policy; the keeper makes its id */
    bool done_something;  /* it is due again at once */
    size_t fault_count; /* all that is wrong now: the keeper alerts of each once, and once when it is over */
    struct ww_msg_tended_fault faults[WW_MSG_TENDED_FAULTS_MAX];
    char foreign_id[WW_STS_ID_MAX + 1]; /* of it, or "" */
    struct ww_slice
        foreign; /* a policy that is none of ours, and is shown; empty: none is, as far as is seen */
};

/* One policy domain to serve. */
struct ww_msg_site {
    char domain[WW_DNAME_SIZE];
    char id[WW_STS_ID_MAX + 1];
    struct ww_slice body; /* borrowed; empty: none yet, but its host and certificate are wanted */
};

struct ww_msg_site_gone {
    char domain[WW_DNAME_SIZE];
};

struct ww_msg_site_state {
    char domain[WW_DNAME_SIZE];
    char id[WW_STS_ID_MAX + 1]; /* that is served; "": nothing can be */
    int64_t certificate_until;  /* its end; 0: there is none that can be used */
    char trouble[WW_PUBLISHED_WORDS_SIZE];
};

void ww_msg_put_steward_room(struct ww_buf *b, const struct ww_msg_steward_room *m);
WW_MUST_CHECK enum ww_err ww_msg_get_steward_room(struct ww_slice payload, struct ww_msg_steward_room *m);
void ww_msg_put_tend(struct ww_buf *b, const struct ww_msg_tend *m);
WW_MUST_CHECK enum ww_err ww_msg_get_tend(struct ww_slice payload, struct ww_msg_tend *m);
void ww_msg_put_tended(struct ww_buf *b, const struct ww_msg_tended *m);
WW_MUST_CHECK enum ww_err ww_msg_get_tended(struct ww_slice payload, struct ww_msg_tended *m);
void ww_msg_put_site(struct ww_buf *b, const struct ww_msg_site *m);
WW_MUST_CHECK enum ww_err ww_msg_get_site(struct ww_slice payload, struct ww_msg_site *m);
void ww_msg_put_site_gone(struct ww_buf *b, const struct ww_msg_site_gone *m);
WW_MUST_CHECK enum ww_err ww_msg_get_site_gone(struct ww_slice payload, struct ww_msg_site_gone *m);
void ww_msg_put_site_state(struct ww_buf *b, const struct ww_msg_site_state *m);
WW_MUST_CHECK enum ww_err ww_msg_get_site_state(struct ww_slice payload, struct ww_msg_site_state *m);

/* ---- What control asks of the keeper: WW_ASK_PUBLISH ---- */

enum ww_publish_ask {
    WW_PUBLISH_ASK_LIST,   /* told: rows of JSON in pages, beginning behind `domain` */
    WW_PUBLISH_ASK_SHOW,   /* told: one JSON text, in pieces */
    WW_PUBLISH_ASK_ADD,    /* `wanted`; told when it is durable */
    WW_PUBLISH_ASK_CHANGE, /* `wanted`, what `fields` names of it */
    WW_PUBLISH_ASK_REMOVE,
    WW_PUBLISH_ASK_LOOK, /* it is due at once */
    WW_PUBLISH_ASK_COUNT,
};

/* What a change may name; bits. */
enum ww_publish_field {
    WW_PUBLISH_GOAL = 1 << 0,
    WW_PUBLISH_AUTOMATIC = 1 << 1,
    WW_PUBLISH_STOPPED = 1 << 2,
    WW_PUBLISH_MX = 1 << 3, /* these, and no others */
    WW_PUBLISH_MAX_AGE = 1 << 4,
    WW_PUBLISH_RUA = 1 << 5,
    WW_PUBLISH_HOST = 1 << 6, /* and mirror */
    WW_PUBLISH_DNS = 1 << 7,
    WW_PUBLISH_CERTIFICATE = 1 << 8,
    WW_PUBLISH_MX_ADD = 1 << 9,   /* these as well; never with WW_PUBLISH_MX */
    WW_PUBLISH_MX_DROP = 1 << 10, /* not those of `drop`; the same */
    WW_PUBLISH_FIELDS = (1 << 11) - 1,
};

struct ww_msg_publish_ask {
    enum ww_publish_ask what;
    char domain[WW_DNAME_SIZE];
    unsigned fields;
    bool force;       /* also what the engine would refuse; it is logged */
    uint64_t version; /* the change is one of this version; 0: of any */
    struct ww_published wanted;
    size_t drop_count;
    char drop[WW_PUBLISHED_MX_MAX][WW_PUBLISHED_PATTERN_SIZE];
};

void ww_msg_put_publish_ask(struct ww_buf *b, const struct ww_msg_publish_ask *m);
WW_MUST_CHECK enum ww_err ww_msg_get_publish_ask(struct ww_slice payload, struct ww_msg_publish_ask *m);

#endif
