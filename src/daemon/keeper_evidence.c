#include "daemon/keeper_evidence.h"

#include "advise/advise.h"
#include "core/sessions.h"
#include "daemon/keeper_evidence_private.h"
#include "store/history.h"

#include <stdio.h>
#include <stdlib.h>

static const char not_kept[] = "sts";

const char *ww_keeper_evidence_keep(struct ww_keeper_evidence *k, struct ww_slice octets)
{
    struct ww_evidence_text *text = malloc(sizeof *text + octets.n + 1);
    if (text == NULL) {
        k->failed = true;
        return "";
    }
    if (octets.n > 0)
        memcpy(text->octets, octets.p, octets.n);
    text->octets[octets.n] = '\0';
    text->next = k->texts;
    k->texts = text;
    return text->octets;
}

static struct ww_slice keep_slice(struct ww_keeper_evidence *k, struct ww_slice octets)
{
    const char *copy = ww_keeper_evidence_keep(k, octets);
    return ww_slice(copy, k->failed ? 0 : octets.n);
}

void ww_keeper_evidence_free(struct ww_keeper_evidence *k)
{
    while (k != NULL && k->texts != NULL) {
        struct ww_evidence_text *next = k->texts->next;
        free(k->texts);
        k->texts = next;
    }
    free(k);
}

const struct ww_evidence *ww_keeper_evidence_of(const struct ww_keeper_evidence *k)
{
    return &k->e;
}

const struct ww_evidence_unverified *ww_keeper_evidence_unverified(const struct ww_keeper_evidence *k)
{
    return &k->unverified;
}

static struct ww_evidence_version *add_version(struct ww_keeper_evidence *k, const char *id,
                                               struct ww_slice body)
{
    size_t offset;
    if (k->e.version_count == WW_EVIDENCE_VERSIONS_MAX)
        return NULL;
    struct ww_evidence_version *v = &k->versions[k->e.version_count++];
    (void)snprintf(v->id, sizeof v->id, "%s", id);
    body = keep_slice(k, body);
    v->has_policy = body.n > 0 && ww_policy_parse(body.p, body.n, &v->policy, &offset) == WW_OK;
    return v;
}

static void on_version(void *ctx, const struct ww_version *version)
{
    struct ww_keeper_evidence *k = ctx;
    struct ww_slice body = version->body.p != NULL ? version->body : ww_slice("", 0);
    bool is_first = k->e.version_count == 1;
    struct ww_evidence_version *seen = &k->versions[0];
    /* The one that was just inspected is the newest already. */
    if (is_first && seen->has_policy && strcmp(seen->id, version->id) == 0 &&
        ww_slice_eq(seen->policy.body, body)) {
        seen->first_seen = version->first_seen < seen->first_seen ? version->first_seen : seen->first_seen;
        return;
    }
    struct ww_evidence_version *v = add_version(k, version->id, body);
    if (v == NULL)
        return;
    v->mode = version->mode;
    v->first_seen = version->first_seen;
    v->last_seen = version->last_seen;
}

/* What was served is what senders know; what somebody else has served says nothing of how ours fares. */
static void take_served(struct ww_keeper_evidence *k, const struct ww_keeper_evidence_want *want)
{
    size_t first = ww_published_first_own(want->served, want->served_count);
    for (size_t i = want->served_count; i > first; i--) {
        const struct ww_served *s = &want->served[i - 1];
        struct ww_evidence_version *v = add_version(k, s->id, s->body);
        if (v == NULL)
            return;
        v->mode = v->has_policy ? v->policy.mode : WW_MODE_NONE;
        v->first_seen = s->since;
        v->last_seen = s->until != 0 ? s->until : want->now;
    }
}

static enum ww_err take_versions(struct ww_keeper_evidence *k, struct ww_store *store,
                                 const struct ww_keeper_evidence_want *want)
{
    const struct ww_msg_advise_ask *m = want->asked;
    if (want->served != NULL) {
        take_served(k, want);
        return WW_OK;
    }
    if (m != NULL && m->looked && m->body.n > 0) {
        struct ww_evidence_version *v = add_version(k, m->id, m->body);
        if (v->has_policy)
            v->mode = v->policy.mode;
        else
            k->e.version_count = 0;
        v->first_seen = v->last_seen = m->at;
    }
    return ww_history_list(store, k->domain, INT64_MAX, WW_EVIDENCE_VERSIONS_MAX, on_version, k);
}

static unsigned small(int64_t count)
{
    return count < 0 ? 0 : count > UINT32_MAX ? UINT32_MAX : (unsigned)count;
}

static void on_day(void *ctx, const struct ww_evidence_day_row *r)
{
    struct ww_keeper_evidence *k = ctx;
    if (k->e.day_count < WW_EVIDENCE_DAYS_ROOM)
        k->days[k->e.day_count++] =
            (struct ww_evidence_day){r->day, small(r->senders), r->success, r->failure};
}

static void on_sender(void *ctx, const struct ww_evidence_sender_row *r)
{
    struct ww_keeper_evidence *k = ctx;
    if (k->e.sender_count == WW_EVIDENCE_SENDERS_MAX)
        return;
    k->senders[k->e.sender_count++] = (struct ww_evidence_sender){
        .name = ww_keeper_evidence_keep(k, ww_slice_str(r->sender)),
        .first_day = r->first_day,
        .last_day = r->last_day,
        .days = small(r->days),
        .reports = small(r->reports),
        .success = r->success,
        .failure = r->failure,
    };
}

static void on_use(void *ctx, const struct ww_evidence_use_row *r)
{
    struct ww_keeper_evidence *k = ctx;
    if (k->e.use_count == WW_EVIDENCE_USES_MAX - 1)
        return;
    k->digests[k->e.use_count] = keep_slice(k, r->policy);
    k->uses[k->e.use_count++] = (struct ww_evidence_use){
        .type = ww_keeper_evidence_keep(k, ww_slice_str(r->type)),
        .strings = keep_slice(k, r->strings),
        .mx_hosts = keep_slice(k, r->mx_hosts),
        .first_day = r->first_day,
        .last_day = r->last_day,
        .senders = small(r->senders),
        .success = r->success,
        .failure = r->failure,
    };
}

/* Of a policy that is among so many that it is not kept: a sender that does not say which, as the last one.
 */
static size_t use_of(struct ww_keeper_evidence *k, const struct ww_evidence_cause_row *r)
{
    size_t n = k->e.use_count;
    for (size_t i = 0; i < n; i++)
        if (ww_slice_eq(k->digests[i], r->policy) && strcmp(k->uses[i].type, r->type) == 0)
            return i;
    if (n > 0 && k->uses[n - 1].type == not_kept)
        return n - 1;
    k->digests[n] = ww_slice("", 0);
    k->uses[n] = (struct ww_evidence_use){
        .type = not_kept,
        .strings = ww_slice("", 0),
        .mx_hosts = ww_slice("", 0),
        .first_day = r->first_day,
        .last_day = r->last_day,
    };
    k->e.use_count++;
    return n;
}

static void on_cause(void *ctx, const struct ww_evidence_cause_row *r)
{
    struct ww_keeper_evidence *k = ctx;
    if (k->e.cause_count == WW_EVIDENCE_CAUSES_MAX)
        return;
    k->causes[k->e.cause_count++] = (struct ww_evidence_cause){
        .use = use_of(k, r),
        .result = ww_keeper_evidence_keep(k, ww_slice_str(r->result)),
        .mx = ww_keeper_evidence_keep(k, ww_slice_str(r->mx)),
        .sender = ww_keeper_evidence_keep(k, ww_slice_str(r->sender)),
        .senders = small(r->senders),
        .sessions = r->sessions,
        .recent = r->recent,
        .first_day = r->first_day,
        .last_day = r->last_day,
    };
}

static enum ww_err take_reports(struct ww_keeper_evidence *k, struct ww_store *store,
                                const struct ww_keeper_evidence_want *want)
{
    int64_t today = ww_day_of(want->now);
    struct ww_evidence_span span = {k->domain, today - (int64_t)want->days, WW_EVIDENCE_DAYS_ROOM};
    enum ww_err err = ww_evidence_days(store, &span, on_day, k);
    span.max = WW_EVIDENCE_SENDERS_MAX;
    if (err == WW_OK)
        err = ww_evidence_senders(store, &span, on_sender, k);
    span.max = WW_EVIDENCE_USES_MAX - 1;
    if (err == WW_OK)
        err = ww_evidence_uses(store, &span, on_use, k);
    span.max = WW_EVIDENCE_CAUSES_MAX;
    if (err == WW_OK)
        err = ww_evidence_causes(store, &span, today - WW_ADVISE_QUIET_DAYS, on_cause, k);
    if (err == WW_OK)
        err = ww_evidence_unverified(store, &span, &k->unverified);
    k->e.unverified = (uint64_t)k->unverified.reports;
    return err;
}

struct ww_keeper_evidence *ww_keeper_evidence_gather(struct ww_store *store,
                                                     const struct ww_keeper_evidence_want *want,
                                                     enum ww_err *err)
{
    struct ww_keeper_evidence *k = calloc(1, sizeof *k);
    *err = WW_E_NO_MEMORY;
    if (k == NULL)
        return NULL;
    (void)snprintf(k->domain, sizeof k->domain, "%s", want->domain);
    k->e = (struct ww_evidence){
        .domain = k->domain,
        .now = want->now,
        .days = want->days,
        .versions = k->versions,
        .day_list = k->days,
        .senders = k->senders,
        .uses = k->uses,
        .causes = k->causes,
    };
    *err = take_versions(k, store, want);
    if (*err == WW_OK)
        *err = ww_keeper_evidence_look(k, store, want);
    if (*err == WW_OK && want->days > 0)
        *err = take_reports(k, store, want);
    if (*err == WW_OK && k->failed)
        *err = WW_E_NO_MEMORY;
    if (*err == WW_OK)
        return k;
    ww_keeper_evidence_free(k);
    return NULL;
}

json_t *ww_keeper_known_json(const struct ww_keeper_evidence *k, const struct ww_known_failure *failure)
{
    struct ww_known known[WW_KNOWN_MAX];
    size_t count = ww_known_of(&k->e, failure, known);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(list, json_string(known[i].words));
    return list;
}
