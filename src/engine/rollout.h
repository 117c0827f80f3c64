/*
 * The order of every change to a published policy, so that no compliant sender breaks (RFC 8461 sections 3.2,
 * 5.1, 8.3 and 10.2): what comes next for a domain, and who would refuse which host until when. Pure: all
 * that is known, and the time, are passed in.
 *
 * The rule behind it: a sender that fetched a policy at any time while it was served may hold it for its
 * max_age from then on, whatever is published later; a wider policy that is published does not reach it
 * before (RFC 8461 section 5.1 has it look for one before it fails for good, but its mail waits). So each
 * policy binds until it was last served plus its max_age. While a policy of mode enforce binds, every host of
 * the MX records has to match it and to have a good certificate. A host counts as one of the MX records for
 * as long as a resolver may have them. The second in which a policy is served no more is not counted: whoever
 * asks then gets the next one.
 *
 * A policy of somebody else at the domain's policy host binds senders as well: one from before the domain was
 * added, or one that somebody has put in the place of ours (also one of ours that was replaced, and is back).
 * Each look that sees such a one, valid and over a TLS that holds, takes it down, whether a record leads to
 * it or not: a sender may have taken it when one did. It counts as served from when it was first seen until
 * something else was, which ends it: ours, or another one. That nothing is seen there, or nothing valid, ends
 * nothing, as nobody can tell how far that is so. Resolvers may lead to the former host for a day more: so
 * much longer it binds (WW_ROLLOUT_SLOW). Our first policy counts as served from when it was first seen.
 * While somebody else's is shown in the place of ours, nothing goes on.
 *
 * What nobody has seen is not known: a host that came into the MX records and left them between two looks,
 * one that left them before the domain was added, a policy that was served then and was no more, a TTL of
 * more than a day that was made shorter together with the change. Senders that still have it in mind may
 * refuse it, and turn to another.
 *
 * What follows from that:
 *   add a host     it goes into the policy first, and into the MX records when no policy without it binds
 *   drop a host    out of the MX records first; out of the policy when its MX records are out of caches
 *   enforce        when all hosts are good, the policy is seen from outside, evidence allows
 *   back           to testing, where the operator leaves it to evidence, when mail is refused
 *   max_age        grows in steps while nothing speaks against it: what was published can be mended sooner
 *   retire         mode none under a new id until no enforce or testing policy binds; then the record goes,
 *                  then, when no resolver has it any more, the host
 *   another host   the one before serves, too, until no resolver leads to it any more
 *   first of all   certificate, then policy, then record: each is seen from outside before the next
 */
#ifndef WW_ENGINE_ROLLOUT_H
#define WW_ENGINE_ROLLOUT_H

#include "core/published.h"

/* Seconds. While testing, and after enforce began, as confidence grows; at last the wanted max_age. */
#define WW_ROLLOUT_TESTING_MAX_AGE 86400
#define WW_ROLLOUT_FIRST_MAX_AGE 604800
#define WW_ROLLOUT_SECOND_MAX_AGE 2592000
/* Resolvers forget records after their TTL, of which more than a week is not believed, and slow ones a day
 * later. */
#define WW_ROLLOUT_TTL_MAX 604800
#define WW_ROLLOUT_SLOW 86400
/* Of that evidence counts, and so long testing lasts at the least where nobody promotes by hand. */
#define WW_ROLLOUT_TESTING_MIN (14 * 86400)

/*
 * What reports and looks say about enforce (advise/advise.h). Under enforce a session that a report counts as
 * failed is an attempt to deliver that was refused; the mail itself goes to the next MX host, or waits. So
 * failures are worth going back for when they leave no way in, and more than one tells of them: that is BAD.
 * One sender's alone may be an attack on its path, from which enforce protects: that is to be mended.
 */
enum ww_rollout_evidence {
    WW_EVIDENCE_UNKNOWN, /* too little */
    WW_EVIDENCE_GOOD,
    WW_EVIDENCE_MEND, /* something has to be mended, but going back would harm more: what is served stays */
    WW_EVIDENCE_BAD,  /* mail would be refused, or is */
};

struct ww_rollout {
    int64_t now;
    const struct ww_published *domain;
    const struct ww_served *served; /* all that may still bind, and the last one: see struct ww_served */
    size_t served_count;
    const struct ww_published_mx *mx; /* in the MX records, and those that were; until ww_rollout_leaves_at */
    size_t mx_count;
    bool facts;        /* mx, and what domain says was seen, are fresh enough to act on */
    bool mx_authentic; /* the MX records: signed, or all name servers have agreed on them for long enough */
    bool certificate_good; /* of the policy host, for at least some days yet; true where it is not ours */
    const char *rua_seen;  /* of the TLSRPT record; NULL: none */
    enum ww_rollout_evidence evidence;
    const char *evidence_why; /* of MEND and BAD: what fails where, a clause; printable ASCII; NULL or "" */
    struct ww_slice mirrored; /* the policy that a WW_HOSTED_MIRROR follows; empty: it is not known */
};

enum ww_rollout_step {
    WW_ROLLOUT_LOOK,        /* facts have to be gathered */
    WW_ROLLOUT_CERTIFICATE, /* have one made, or wait until it is there */
    WW_ROLLOUT_SERVE,       /* begin to serve plan.policy */
    WW_ROLLOUT_SHOWN,       /* wait until it is seen from outside */
    WW_ROLLOUT_RECORD,      /* set the TXT record _mta-sts to the id that is served */
    WW_ROLLOUT_TLSRPT,      /* set the TXT record _smtp._tls */
    WW_ROLLOUT_UNRECORD,    /* remove the record */
    WW_ROLLOUT_UNSERVE,     /* serve no more */
    WW_ROLLOUT_WAIT,        /* until plan.until */
    WW_ROLLOUT_OPERATOR,    /* the operator has to do or decide something: plan.waits */
    WW_ROLLOUT_IDLE,        /* all is as it is wanted; plan.until: look again */
};

struct ww_rollout_plan {
    enum ww_rollout_step step;
    enum ww_published_state state; /* that it is in */
    int64_t until;                 /* of what is waited for; 0: not known */
    /* With SERVE: what the policy is to say. The id is made when it is served (core/publication.h). */
    enum ww_policy_mode mode;
    uint32_t max_age;
    char mx[WW_PUBLISHED_MX_MAX][WW_PUBLISHED_PATTERN_SIZE];
    size_t mx_count;
    char waits[WW_PUBLISHED_WORDS_SIZE]; /* why, and what for; printable ASCII */
    bool needs_operator; /* what comes next is the operator's: to decide, or to change where Waxwing cannot */
    bool bad;            /* hosts or evidence speak against enforce now: domain->bad_at */
    char bad_why[WW_PUBLISHED_WORDS_SIZE]; /* and why, a clause, while mode enforce is served: domain->bad_why
                                            */
};

/*
 * What is due now, one step at a time: the caller does it, looks, and asks again. Does nothing for a domain
 * that is stopped: IDLE then. SERVE comes only with a policy that says something else than the one that is
 * served.
 *
 * Of the domain these are facts: record_id, "" when all its name servers say that there is none, since
 * record_since; shown_id; certificate_until; bad_at. A record of somebody else is one with another id.
 */
void ww_rollout_plan(const struct ww_rollout *in, struct ww_rollout_plan *out);

/* Which senders would refuse a host: those that still hold this policy. */
struct ww_rollout_refusal {
    size_t served;    /* index of the policy */
    const char *host; /* borrowed */
    int64_t until;    /* the last of them has forgotten it then */
};

/*
 * Of the hosts that would be in the MX records, for each policy of mode enforce that binds: those that it
 * does not cover. The number of them, of which out holds the first max.
 */
size_t ww_rollout_refusals(const struct ww_served *served, size_t count, int64_t now,
                           const char *const *hosts, size_t host_count, struct ww_rollout_refusal *out,
                           size_t max);

/* When this policy binds nobody any more; INT64_MAX while it is served. */
int64_t ww_rollout_bound_until(const struct ww_served *served);

/* When a host may go into the MX records: no policy that does not cover it binds any more. At the earliest
 * now. While such a one is served: INT64_MAX. */
int64_t ww_rollout_host_from(const struct ww_served *served, size_t count, int64_t now, const char *host);

/*
 * What counts: a policy of ours is served until the next one was seen from outside. While that was not, those
 * from the one that was seen last have an `until` of 0 in the copy. When it is seen first, `until` of the one
 * before becomes that time in the history.
 */
size_t ww_rollout_in_fact(const struct ww_published *domain, const struct ww_served *served, size_t count,
                          struct ww_served out[WW_PUBLISHED_SERVED_MAX]);

/*
 * What a look has seen at the policy host: a policy that is none of ours (its id and body; the body is
 * borrowed on), or, with NULL, that ours is shown. The list, with no more of either kind
 * than there may be, is brought up to that; its new length.
 */
size_t ww_rollout_saw(struct ww_served served[WW_PUBLISHED_SERVED_MAX], size_t count,
                      const struct ww_served *foreign, int64_t at);

/* The end of all policies of mode enforce or testing; 0: there were none. */
int64_t ww_rollout_binds_until(const struct ww_served *served, size_t count);

/* When a host may leave the policy: no resolver has the MX records with it any more. INT64_MAX while it is in
 * them. */
int64_t ww_rollout_leaves_at(const struct ww_published *domain, const struct ww_published_mx *mx);

/* When the publisher may forget a policy host that is somebody else's by now: no resolver has the addresses
 * any more at which it was. INT64_MAX while DNS leads there; 0 when it never did, or does no more. */
int64_t ww_rollout_handed_over_at(const struct ww_published *domain);

/* What an operator wants to change, judged before it is taken: "" or why not, and what to do instead. */
enum ww_rollout_wish {
    WW_WISH_START,   /* draft to testing */
    WW_WISH_PROMOTE, /* to enforce */
    WW_WISH_DEMOTE,  /* back to testing */
    WW_WISH_RETIRE,
    WW_WISH_REMOVE, /* forget the domain: gone, or a draft */
};
bool ww_rollout_allows(const struct ww_rollout *in, enum ww_rollout_wish wish,
                       char why[WW_PUBLISHED_WORDS_SIZE]);

#endif
