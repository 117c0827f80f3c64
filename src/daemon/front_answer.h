/* The answer to a request, from what is known of the domain: no state, no waiting. */
#ifndef WW_DAEMON_FRONT_ANSWER_H
#define WW_DAEMON_FRONT_ANSWER_H

#include "base/buf.h"
#include "core/domain_decision.h"
#include "daemon/front_preload.h"
#include "daemon/front_question.h"
#include "engine/life.h"
#include "proc/stats.h"

/* Room that an answer may need, framing included. */
#define WW_ANSWER_ROOM (WW_SOCKETMAP_REPLY_MAX + sizeof "100000:,")

/* What is known of the domain; life is NULL when that is nothing. All borrowed. */
struct ww_known {
    const struct ww_life *life;
    struct ww_slice body;
    const char *detail;
    struct ww_slice dane; /* packed (front_dane.h); empty: not known */
    int64_t dane_until;
    bool live;                          /* a flight has ended for this very look-up */
    const struct ww_override *override; /* the one that counts, or NULL */
    struct ww_listed listed;            /* by the preload list */
};

/* How answers are given, by the configuration. */
struct ww_answer_style {
    bool testing_may;
    bool dry_run;
    struct ww_dane_settings dane;
};

/* What was decided of the domain; NONE where the answer depends on no policy. */
struct ww_answered {
    enum ww_level level;
    enum ww_stat_answer kind; /* as which it counts: what it says in the end */
    bool overridden;          /* by the override */
    bool listed;              /* by the preload list */
};

/* Appends the answer as a netstring, or as a line; b has room for WW_ANSWER_ROOM. */
struct ww_answered ww_answer_put(struct ww_buf *b, const struct ww_question *question,
                                 const struct ww_known *known, const struct ww_answer_style *style,
                                 int64_t now);

/* What a decision may point to. */
struct ww_answer_room {
    bool has_policy;
    bool has_dane;
    struct ww_policy policy;
    struct ww_domain_dane dane;
    struct ww_domain_host hosts[WW_DANE_HOSTS_MAX];
};

/* What there is to decide about; borrows the same. */
struct ww_domain_case ww_answer_case(const char *domain, const struct ww_known *known,
                                     const struct ww_dane_settings *settings,
                                     const struct ww_answer_room *room);

/* What is decided of a domain from what is known; the decision borrows from it, and from *room. */
struct ww_decision ww_answer_decide(const char *domain, const struct ww_known *known,
                                    const struct ww_dane_settings *settings, int64_t now,
                                    struct ww_answer_room *room);

#endif
