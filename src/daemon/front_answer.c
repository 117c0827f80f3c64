#include "daemon/front_answer.h"

#include "codec/explain.h"
#include "codec/idn.h"
#include "core/postfix.h"

#define NOTFOUND "NOTFOUND "

/* "100000:" */
#define PREFIX_MAX 7

void ww_question_read(struct ww_slice payload, struct ww_question *out)
{
    struct ww_socketmap_request request;
    struct ww_slice domain;
    out->map = WW_MAP_UNKNOWN;
    out->fixed = NULL;
    out->hash = 0;
    /* Postfix defers mail on PERM and logs the reason: a misspelt map name must not go unnoticed. */
    if (ww_socketmap_parse(payload, &request) != WW_OK) {
        out->fixed = "PERM the request is not a map name, a space and a key";
        return;
    }
    out->map = request.map;
    if (request.map == WW_MAP_UNKNOWN) {
        out->fixed = "PERM unknown map name: Waxwing has QUERY, QUERYwithTLSRPT and EXPLAIN";
        return;
    }
    if (ww_socketmap_key(request.key, &domain) == WW_KEY_NO_POLICY) {
        out->fixed = NOTFOUND;
        return;
    }
    enum ww_err err = ww_idn_to_domain(domain, out->domain);
    if (err == WW_E_NO_MEMORY)
        out->fixed = "TEMP Waxwing is out of memory";
    else if (err != WW_OK)
        out->fixed = NOTFOUND;
}

static struct ww_decision decide(const char *domain, const struct ww_known *known, int64_t now,
                                 struct ww_policy *policy)
{
    if (known->life == NULL || !ww_life_has_policy(known->life, now))
        return ww_decide(domain, NULL, NULL);
    if (ww_policy_parse_again(known->body.p, known->body.n, policy) == WW_OK)
        return ww_decide(domain, policy, NULL);
    /* It was valid when it came in, so that this cannot be; but it must never mean that there is none. */
    return (struct ww_decision){
        .level = WW_LEVEL_HOLD, .domain = domain, .reason = "its cached policy cannot be read"};
}

static void explain(struct ww_buf *b, const struct ww_decision *d, const struct ww_known *known,
                    bool testing_may, bool has_policy, const struct ww_policy *policy)
{
    struct ww_explain e = {
        .domain = d->domain,
        .policy = has_policy ? policy : NULL,
        .source = known->live ? "live" : "cache",
        .detail = known->detail,
        .testing_may = testing_may,
    };
    if (known->life != NULL) {
        e.id = known->life->id;
        e.fetched = known->life->fetched;
        e.expires = known->life->expires;
        e.last = known->life->checked != 0 ? ww_discovery_outcome_name(known->life->last) : NULL;
        e.why = known->life->why;
        e.checked = known->life->checked;
        e.next_check = known->life->next_flight;
    }
    size_t start = b->n;
    ww_buf_str(b, "OK ");
    if (ww_explain_json(b, &e) == WW_OK)
        return;
    b->n = start;
    b->failed = false;
    ww_buf_str(b, "TEMP Waxwing cannot explain: out of memory");
}

static void put_payload(struct ww_buf *b, const struct ww_question *q, const struct ww_known *known,
                        bool testing_may, int64_t now)
{
    struct ww_policy policy;
    if (q->fixed != NULL) {
        ww_buf_str(b, q->fixed);
        return;
    }
    struct ww_decision d = decide(q->domain, known, now, &policy);
    if (q->map == WW_MAP_EXPLAIN && d.level != WW_LEVEL_HOLD) {
        bool has_policy = known->life != NULL && ww_life_has_policy(known->life, now);
        explain(b, &d, known, testing_may, has_policy, &policy);
        return;
    }
    const struct ww_postfix_style style = {
        .tlsrpt = q->map == WW_MAP_QUERY_WITH_TLSRPT,
        .testing_may = testing_may,
    };
    ww_postfix_reply(b, &d, &style);
}

void ww_answer_put(struct ww_buf *b, const struct ww_question *question, const struct ww_known *known,
                   bool testing_may, int64_t now)
{
    if (b->failed || b->cap - b->n < WW_ANSWER_ROOM) {
        b->failed = true;
        return;
    }
    /* Written where it stands when its length has all digits, then moved up: the length is known at the end
     * only. */
    char *start = b->p + b->n;
    struct ww_buf payload = ww_buf(start + PREFIX_MAX, WW_SOCKETMAP_REPLY_MAX);
    put_payload(&payload, question, known, testing_may, now);
    ww_buf_decimal(b, payload.n);
    ww_buf_char(b, ':');
    memmove(b->p + b->n, payload.p, payload.n);
    b->n += payload.n;
    ww_buf_char(b, ',');
}
