/* What the parts of the roll-out share: rollout*.c. */
#ifndef WW_ENGINE_ROLLOUT_PRIVATE_H
#define WW_ENGINE_ROLLOUT_PRIVATE_H

#include "base/buf.h"
#include "engine/rollout.h"

/* What a host is to the policy. */
enum ww_rollout_mx {
    WW_ROLLOUT_MX_FORGOTTEN, /* no resolver has it any more */
    WW_ROLLOUT_MX_WANTED,
    WW_ROLLOUT_MX_ADOPTED,  /* not asked for, but automatic: authentic now, or when it came in */
    WW_ROLLOUT_MX_LEAVING,  /* not wanted, but what is served covers it */
    WW_ROLLOUT_MX_STRANGER, /* nobody asked for it */
};

/* What is known, read once. Borrows from `in`. */
struct ww_rollout_view {
    const struct ww_rollout *in;
    const struct ww_published *domain;
    const struct ww_served *last;                      /* of ours, that is served; NULL: none */
    const struct ww_served *foreign;                   /* that somebody else shows instead; NULL: none */
    struct ww_policy policy;                           /* what it says */
    struct ww_served binding[WW_PUBLISHED_SERVED_MAX]; /* of ww_rollout_in_fact; what is served, too */
    size_t binding_count;
    bool published; /* it is seen from outside, and the record has its id */
    /* What is wanted: the operator's, or that of the mirrored domain. */
    size_t wanted_count;
    char wanted[WW_PUBLISHED_MX_MAX][WW_PUBLISHED_PATTERN_SIZE];
    uint32_t max_age;
    enum ww_policy_mode most; /* no mode is stricter */
    const char *unknown;      /* what is wrong with the mirrored policy, so that nothing is known; NULL */
    size_t mx_count;
    enum ww_rollout_mx kinds[WW_PUBLISHED_MX_MAX];
    bool changing; /* hosts come or go, or senders may still be on their way to the policy that is served */
};

void ww_rollout_look(const struct ww_rollout *in, struct ww_rollout_view *v);

/* Such a pattern names no host. */
static inline bool ww_rollout_is_wildcard(const char *pattern)
{
    return pattern[0] == '*';
}

/* Of what has left DNS. */
int64_t ww_rollout_forgotten_at(int64_t gone_at, uint32_t ttl);

/* Since when policies of this mode, with this max_age if that counts too, were served without a gap. */
int64_t ww_rollout_served_since(const struct ww_rollout_view *v, bool max_age_too);

/* Something that has to be waited for. */
struct ww_rollout_hold {
    int64_t until; /* 0: not known */
    bool needs_operator;
    char words[WW_PUBLISHED_WORDS_SIZE];
};

/* ---- rollout_mode.c ---- */

/* The policy that is to be served: mode, max_age, mx. False: there is none that could be, see hold. */
bool ww_rollout_target(const struct ww_rollout_view *v, struct ww_rollout_plan *out,
                       struct ww_rollout_hold *h);

/* When max_age may be made longer; 0: it is long enough, or something is in the way. */
int64_t ww_rollout_grows_at(const struct ww_rollout_view *v);

/* ---- rollout_hold.c: what has to be waited for. True when there is something; *h says what ---- */

/* Ends its words; always true. */
bool ww_rollout_held(struct ww_rollout_hold *h, struct ww_buf *b, int64_t until, bool needs_operator);

/* What speaks against enforce. */
bool ww_rollout_stranger_hold(const struct ww_rollout_view *v, bool live, struct ww_rollout_hold *h);
bool ww_rollout_hosts_hold(const struct ww_rollout_view *v, struct ww_rollout_hold *h); /* strangers too */
bool ww_rollout_evidence_hold(const struct ww_rollout_view *v, struct ww_rollout_hold *h);
bool ww_rollout_evidence_speaks_against(const struct ww_rollout_view *v);
/* What does, as a clause. */
void ww_rollout_say_bad_host(struct ww_buf *b, const struct ww_published_mx *mx);
void ww_rollout_say_evidence(struct ww_buf *b, const struct ww_rollout_view *v);
bool ww_rollout_enforce_hold(const struct ww_rollout_view *v, struct ww_rollout_hold *h); /* all of it */

/* While what is wanted is published: hosts that come and go, and the way to enforce. */
bool ww_rollout_rest(const struct ww_rollout_view *v, struct ww_rollout_hold *h);

/* ---- rollout_words.c ---- */

/* Sentences, put together of literal text, names and times. */
struct ww_buf ww_rollout_say(char out[WW_PUBLISHED_WORDS_SIZE], const char *text);
void ww_rollout_say_time(struct ww_buf *b, int64_t at);
void ww_rollout_say_name(struct ww_buf *b, const char *name);
void ww_rollout_said(struct ww_buf *b); /* the end */

#endif
