/* What the files that make up advise.h share. */
#ifndef WW_ADVISE_ADVICE_PRIVATE_H
#define WW_ADVISE_ADVICE_PRIVATE_H

#include "advise/advise.h"

/* What the rules are about. */
struct ww_advice_state {
    const struct ww_evidence *e;
    struct ww_advice *a;
    int64_t today;
    bool knows_policy; /* somebody has seen it, or that there is none */
    bool bad_policy;   /* senders cannot get it */
    bool no_domain;    /* in DNS */
    bool refusing;     /* hosts, by the inspection */
    bool by_mode;      /* and of them some by the mode, not by DANE alone */
    bool recent;       /* failures that count, by reports */
    bool goes_on;      /* and they go on */
    bool shared;       /* from more than one sender, or where the inspection sees it too */
    int64_t failed;    /* their sessions */
    int64_t refused;   /* and of them those by the mode, not by DANE */
    int64_t last_failed;
};

/* Appends a reason. The reason is to be filled in, or NULL: there is no room. */
struct ww_advice_reason *ww_advice_say(struct ww_advice *a, const char *id, enum ww_advice_weight weight,
                                       const char *format, ...) __attribute__((format(printf, 4, 5)));

/* What breaks, from the inspection and from reports; sets what the state has of it. */
void ww_advice_find_breaks(struct ww_advice_state *s);

/* Of the causes that do not count, of silent senders, and of reports that count for nothing. */
void ww_advice_say_notes(struct ww_advice_state *s);

/* Whether there is enough evidence: days, senders, time. *until is moved on; false: something is missing. */
bool ww_advice_say_enough(struct ww_advice_state *s, int64_t *until);

#endif
