#include "engine/line_sessions.h"

#include <search.h>
#include <stdlib.h>
#include <sys/queue.h>

/* ---- an event alone ---- */

static bool is_fetch_failure(enum ww_result_type type)
{
    return type == WW_RESULT_STS_POLICY_FETCH_ERROR || type == WW_RESULT_STS_POLICY_INVALID ||
           type == WW_RESULT_STS_WEBPKI_INVALID;
}

static bool is_dane_failure(enum ww_result_type type)
{
    return type == WW_RESULT_TLSA_INVALID || type == WW_RESULT_DNSSEC_INVALID ||
           type == WW_RESULT_DANE_REQUIRED;
}

static void set_policy(const struct ww_tls_result *event, struct ww_sessions *m)
{
    bool fetch = is_fetch_failure(event->type), dane = !event->policy_known && is_dane_failure(event->type);
    struct ww_sessions_policy *policy = &m->policy;
    m->policy_known = event->policy_known || fetch || dane;
    if (fetch)
        policy->type = WW_POLICY_TYPE_STS;
    else if (dane)
        policy->type = WW_POLICY_TYPE_TLSA;
    else if (event->policy_known &&
             !(event->policy == WW_POLICY_TYPE_STS && event->mode == WW_RESULT_MODE_NONE))
        policy->type = event->policy;
    if (policy->type == WW_POLICY_TYPE_STS)
        memcpy(policy->domain, event->domain, sizeof policy->domain);
    if (policy->type == WW_POLICY_TYPE_TLSA)
        memcpy(policy->domain, event->mx, sizeof policy->domain);
    if (policy->type == WW_POLICY_TYPE_STS && !fetch)
        memcpy(m->policy_id, event->policy_id, sizeof m->policy_id);
}

/* TLS that no MTA-STS policy is content with. */
static bool falls_short(enum ww_tls_seen tls)
{
    return tls == WW_TLS_SEEN_NONE || tls == WW_TLS_SEEN_UNTRUSTED || tls == WW_TLS_SEEN_TRUSTED;
}

static bool is_unverified(const struct ww_tls_result *event, const struct ww_sessions *m)
{
    if (event->tls == WW_TLS_SEEN_VERIFIED)
        return false;
    return !m->policy_known || (m->policy.type == WW_POLICY_TYPE_STS &&
                                (event->mode == WW_RESULT_MODE_TESTING || falls_short(event->tls)));
}

void ww_line_sessions_of(const struct ww_tls_result *event, struct ww_sessions *out,
                         struct ww_sessions_detail *detail)
{
    *out = (struct ww_sessions){.day = ww_day_of(event->time), .details = detail};
    memcpy(out->domain, event->domain, sizeof out->domain);
    out->by_us = strcmp(event->mta, WW_TLS_RESULT_OURS) == 0;
    set_policy(event, out);
    if (event->type == WW_RESULT_NONE) {
        *(is_unverified(event, out) ? &out->unverified : &out->success) = 1;
        return;
    }
    out->failure = 1;
    out->detail_count = 1;
    *detail = (struct ww_sessions_detail){
        .type = event->type,
        .sending_ip = ww_slice_str(event->from),
        .receiving_mx = ww_slice_str(event->mx),
        .receiving_ip = ww_slice_str(event->ip),
        .reason = ww_slice_str(event->text),
        .count = 1,
    };
}

/* ---- events of the same session ---- */

struct seen {
    TAILQ_ENTRY(seen) entry;
    const char *domain, *session; /* its name; in the octets behind it, as is policy_domain */
    int64_t time;                 /* of its first event */
    bool failed;
    /* What was counted of it before it has failed. */
    int64_t day, success, unverified;
    bool policy_known, by_us;
    enum ww_policy_type policy;
    const char *policy_domain;
    char policy_id[WW_TLS_RESULT_ID_SIZE];
    char texts[];
};

struct ww_line_sessions {
    void *names; /* tree of struct seen: names are chosen by strangers, and a tree needs no secret */
    TAILQ_HEAD(, seen) order; /* in which they began */
    size_t count;
};

static int by_name(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;
    int order = strcmp(x->domain, y->domain);
    return order != 0 ? order : strcmp(x->session, y->session);
}

struct ww_line_sessions *ww_line_sessions_new(void)
{
    struct ww_line_sessions *s = calloc(1, sizeof *s);
    if (s != NULL)
        TAILQ_INIT(&s->order);
    return s;
}

void ww_line_sessions_free(struct ww_line_sessions *sessions)
{
    if (sessions == NULL)
        return;
    tdestroy(sessions->names, free);
    free(sessions);
}

static struct seen *new_seen(const struct ww_tls_result *event, const struct ww_sessions *m)
{
    const char *const texts[] = {m->domain, event->session, m->policy.domain};
    size_t at[3], n = 0;
    for (size_t i = 0; i < 3; i++) {
        at[i] = n;
        n += strlen(texts[i]) + 1;
    }
    struct seen *seen = calloc(1, sizeof *seen + n);
    if (seen == NULL)
        return NULL;
    for (size_t i = 0; i < 3; i++)
        memcpy(seen->texts + at[i], texts[i], strlen(texts[i]) + 1);
    seen->domain = seen->texts + at[0];
    seen->session = seen->texts + at[1];
    seen->policy_domain = seen->texts + at[2];
    seen->time = event->time;
    seen->failed = m->failure > 0;
    seen->day = m->day;
    seen->success = m->success;
    seen->unverified = m->unverified;
    seen->policy_known = m->policy_known;
    seen->by_us = m->by_us;
    seen->policy = m->policy.type;
    memcpy(seen->policy_id, m->policy_id, sizeof seen->policy_id);
    return seen;
}

static void forget_oldest(struct ww_line_sessions *s)
{
    struct seen *oldest = TAILQ_FIRST(&s->order);
    (void)tdelete(oldest, &s->names, by_name);
    TAILQ_REMOVE(&s->order, oldest, entry);
    free(oldest);
    s->count--;
}

/* In the place of an older one of the same name. */
static bool remember(struct ww_line_sessions *s, const struct ww_tls_result *event,
                     const struct ww_sessions *m)
{
    struct seen *seen = new_seen(event, m);
    struct seen **place = seen != NULL ? tsearch(seen, &s->names, by_name) : NULL;
    if (place == NULL) {
        free(seen);
        return false;
    }
    if (*place == seen) {
        s->count++;
    } else {
        struct seen *older = *place;
        *place = seen;
        TAILQ_REMOVE(&s->order, older, entry);
        free(older);
    }
    TAILQ_INSERT_TAIL(&s->order, seen, entry);
    if (s->count > WW_LINE_SESSIONS_MAX)
        forget_oldest(s);
    return true;
}

static struct seen *find(const struct ww_line_sessions *s, const struct ww_tls_result *event)
{
    const struct seen wanted = {.domain = event->domain, .session = event->session};
    struct seen *const *found = tfind(&wanted, &s->names, by_name);
    if (found == NULL)
        return NULL;
    int64_t apart = event->time - (*found)->time;
    return apart <= WW_LINE_SESSION_SECONDS && apart >= -WW_LINE_SESSION_SECONDS ? *found : NULL;
}

static void take_back(const struct seen *seen, ww_tally_cb *cb, void *ctx)
{
    struct ww_sessions m = {
        .day = seen->day,
        .policy_known = seen->policy_known,
        .by_us = seen->by_us,
        .policy = {.type = seen->policy},
        .success = -seen->success,
        .unverified = -seen->unverified,
    };
    memcpy(m.domain, seen->domain, strlen(seen->domain) + 1);
    memcpy(m.policy.domain, seen->policy_domain, strlen(seen->policy_domain) + 1);
    memcpy(m.policy_id, seen->policy_id, sizeof m.policy_id);
    cb(ctx, &m);
}

bool ww_line_sessions_take(struct ww_line_sessions *sessions, const struct ww_tls_result *event, bool counted,
                           ww_tally_cb *cb, void *ctx)
{
    struct ww_sessions m;
    struct ww_sessions_detail detail;
    ww_line_sessions_of(event, &m, &detail);
    struct seen *before = find(sessions, event);
    if (before != NULL && (before->failed || m.failure == 0))
        return true;
    if (before == NULL && event->session[0] != '\0' && !remember(sessions, event, &m))
        return false;
    if (before != NULL) {
        before->failed = true;
        if (!counted)
            take_back(before, cb, ctx);
    }
    if (!counted)
        cb(ctx, &m);
    return true;
}
