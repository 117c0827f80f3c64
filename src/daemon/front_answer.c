#include "daemon/front_answer.h"

#include "codec/explain.h"
#include "codec/idn.h"
#include "codec/policy_json.h"
#include "core/decision_text.h"
#include "core/exim.h"
#include "core/line.h"
#include "core/postfix.h"
#include "core/sendmail.h"
#include "daemon/front_dane.h"

#define NOTFOUND "NOTFOUND "

/* "100000:" */
#define PREFIX_MAX 7

/* Takes the domain from a key, or the answer where there is none. */
static void read_key(struct ww_slice key, const char *no_policy, const char *no_memory,
                     struct ww_question *out)
{
    struct ww_slice domain;
    if (ww_socketmap_key(key, &domain) == WW_KEY_NO_POLICY) {
        out->fixed = no_policy;
        return;
    }
    enum ww_err err = ww_idn_to_domain(domain, out->domain);
    if (err == WW_E_NO_MEMORY)
        out->fixed = no_memory;
    else if (err != WW_OK)
        out->fixed = no_policy;
}

/* Takes the MX host from a key and leaves the domain. */
static bool read_host(struct ww_slice *key, char host[WW_DNAME_SIZE])
{
    struct ww_slice name;
    if (!ww_sendmail_key(*key, &name, key))
        return false;
    /* What is no host name may still take the mail of a domain that demands nothing. */
    if (ww_dname_canon(name.p, name.n, host) != WW_OK)
        host[0] = '\0';
    return true;
}

void ww_question_read(struct ww_slice payload, struct ww_question *out)
{
    struct ww_socketmap_request request;
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
        out->fixed =
            "PERM unknown map name: Waxwing has QUERY, QUERYwithTLSRPT, DECISION, EXPLAIN, sts and stsmx";
        return;
    }
    if (request.map == WW_MAP_STS_MX && !read_host(&request.key, out->host)) {
        out->fixed = "TEMP the key is not an MX host, an @ and a domain";
        return;
    }
    const char *no_policy = request.map == WW_MAP_STS_MX ? WW_SENDMAIL_MX_NONE : NOTFOUND;
    read_key(request.key, no_policy, "TEMP Waxwing is out of memory", out);
}

void ww_question_read_line(struct ww_slice line, struct ww_question *out)
{
    struct ww_slice key;
    *out = (struct ww_question){.map = WW_MAP_LINE};
    if (ww_line_request(line, &key))
        read_key(key, WW_EXIM_NONE, WW_EXIM_TEMPERR("Waxwing is out of memory"), out);
    else
        out->fixed = WW_EXIM_TEMPERR("the request is not the word sts, a space and a domain");
}

/* False: there is a policy, and it cannot be read. */
static bool unpack(const struct ww_known *known, const struct ww_dane_settings *settings, int64_t now,
                   struct ww_answer_room *room)
{
    room->has_policy = false;
    room->has_dane = settings->use != WW_DANE_OFF && known->dane.n > 0;
    if (room->has_dane)
        room->dane = ww_front_dane_unpack(known->dane, known->dane_until, room->hosts);
    if (known->life == NULL || !ww_life_has_policy(known->life, now))
        return true;
    room->has_policy = ww_policy_parse_again(known->body.p, known->body.n, &room->policy) == WW_OK;
    return room->has_policy;
}

static struct ww_domain_case case_of(const char *domain, const struct ww_known *known,
                                     const struct ww_dane_settings *settings,
                                     const struct ww_answer_room *room)
{
    return (struct ww_domain_case){
        .domain = domain,
        .policy = room->has_policy ? &room->policy : NULL,
        .policy_until = known->life != NULL ? known->life->next_flight : 0,
        .listed = known->listed.found ? &known->listed.entry : NULL,
        .listed_until = known->listed.found ? known->listed.until : 0,
        .override = known->override,
        .dane = room->has_dane ? &room->dane : NULL,
        .settings = *settings,
    };
}

struct ww_decision ww_answer_decide(const char *domain, const struct ww_known *known,
                                    const struct ww_dane_settings *settings, int64_t now,
                                    struct ww_answer_room *room)
{
    bool good = unpack(known, settings, now, room);
    if (!good && (known->override == NULL || !ww_override_stands_alone(known->override))) {
        /* It was valid when it came in, so that this cannot be; but it must never mean that there is none. */
        return (struct ww_decision){.level = WW_LEVEL_HOLD,
                                    .domain = domain,
                                    .reason = "its cached policy cannot be read",
                                    .rule = WW_RULE_COUNT};
    }
    const struct ww_domain_case c = case_of(domain, known, settings, room);
    return ww_domain_decide(&c);
}

static struct ww_answered answered_by(const struct ww_decision *d)
{
    return (struct ww_answered){
        .level = d->level,
        .told = d->level,
        .overridden = d->override != NULL,
        .listed = d->listed != NULL,
    };
}

static struct ww_answered tell(struct ww_buf *b, const char *domain, const struct ww_known *known,
                               const struct ww_answer_style *how, const struct ww_answer_room *room)
{
    const struct ww_domain_case c = case_of(domain, known, &how->dane, room);
    const struct ww_decision_told told = {
        .about = &c,
        .id = known->life != NULL ? known->life->id : "",
        .expires = known->life != NULL ? known->life->expires : 0,
        .source = known->live ? WW_SOURCE_LIVE : WW_SOURCE_CACHE,
        .dry_run = how->dry_run,
    };
    ww_buf_str(b, "OK ");
    const struct ww_decision d = ww_decision_text_put(b, &told);
    struct ww_answered answered = answered_by(&d);
    if (how->dry_run)
        answered.told = WW_LEVEL_NONE;
    return answered;
}

static struct ww_explain explanation(const char *domain, const struct ww_known *known,
                                     const struct ww_answer_style *style, const struct ww_answer_room *room)
{
    struct ww_explain e = {
        .domain = domain,
        .policy = room->has_policy ? &room->policy : NULL,
        .source = known->live ? "live" : "cache",
        .detail = known->detail,
        .testing_may = style->testing_may,
        .listed = known->listed.found ? &known->listed.entry : NULL,
        .listed_until = known->listed.until,
        .override = known->override,
        .dry_run = style->dry_run,
        .dane = room->has_dane ? &room->dane : NULL,
        .settings = style->dane,
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
    return e;
}

static void explain(struct ww_buf *b, const struct ww_explain *e)
{
    size_t start = b->n;
    ww_buf_str(b, "OK ");
    if (ww_explain_json(b, e) == WW_OK)
        return;
    b->n = start;
    b->failed = false;
    ww_buf_str(b, "TEMP Waxwing cannot explain: out of memory");
}

/* Debian's Sendmail has no DANE. */
static struct ww_answered put_for_sendmail(struct ww_buf *b, const struct ww_question *q,
                                           const struct ww_known *known, const struct ww_answer_style *how,
                                           int64_t now)
{
    struct ww_answer_room room;
    struct ww_dane_settings dane = how->dane;
    if (dane.use != WW_DANE_OFF)
        dane.use = WW_DANE_BLIND;
    struct ww_decision d = ww_answer_decide(q->domain, known, &dane, now, &room);
    if (q->map == WW_MAP_STS_MX)
        ww_sendmail_mx_reply(b, &d, ww_slice_str(q->host), how->dry_run);
    else
        ww_sendmail_reply(b, &d, how->dry_run);
    return answered_by(&d);
}

/* Nothing at all when memory is short: the server says so. */
static void tell_policy(struct ww_buf *b, const struct ww_explain *e, const struct ww_decision *d)
{
    _Static_assert(WW_POLICY_JSON_MAX <= WW_SOCKETMAP_REPLY_MAX, "it fits where replies are written");
    if (ww_policy_json(b, e, d) != WW_OK)
        b->n = 0;
}

static struct ww_answered put_payload(struct ww_buf *b, const struct ww_question *q,
                                      const struct ww_known *known, const struct ww_answer_style *how,
                                      int64_t now)
{
    struct ww_answer_room room;
    if (q->fixed != NULL) {
        ww_buf_str(b, q->fixed);
        bool none = strcmp(q->fixed, WW_EXIM_NONE) == 0;
        return (struct ww_answered){.level = WW_LEVEL_NONE, .told = none ? WW_LEVEL_NONE : WW_LEVEL_HOLD};
    }
    if (q->map == WW_MAP_STS || q->map == WW_MAP_STS_MX)
        return put_for_sendmail(b, q, known, how, now);
    struct ww_decision d = ww_answer_decide(q->domain, known, &how->dane, now, &room);
    struct ww_answered answered = answered_by(&d);
    if (q->map == WW_MAP_LINE) {
        const struct ww_domain_case c = case_of(q->domain, known, &how->dane, &room);
        const struct ww_exim_style line = {known->life != NULL ? known->life->id : "", how->dry_run};
        answered.told = ww_exim_line(b, &c, &d, &line);
        return answered;
    }
    if (q->map == WW_MAP_HTTP || (q->map == WW_MAP_EXPLAIN && d.rule != WW_RULE_COUNT)) {
        const struct ww_explain e = explanation(q->domain, known, how, &room);
        answered.told = how->dry_run && d.level != WW_LEVEL_TESTING ? WW_LEVEL_NONE : d.level;
        if (q->map == WW_MAP_EXPLAIN)
            explain(b, &e);
        else
            tell_policy(b, &e, &d);
        return answered;
    }
    if (q->map == WW_MAP_DECISION && d.rule != WW_RULE_COUNT)
        return tell(b, q->domain, known, how, &room);
    const struct ww_postfix_style style = {
        .tlsrpt = q->map == WW_MAP_QUERY_WITH_TLSRPT,
        .testing_may = how->testing_may,
        .dry_run = how->dry_run && q->map != WW_MAP_EXPLAIN,
    };
    ww_postfix_reply(b, &d, &style);
    return answered;
}

struct ww_answered ww_answer_put(struct ww_buf *b, const struct ww_question *question,
                                 const struct ww_known *known, const struct ww_answer_style *style,
                                 int64_t now)
{
    if (b->failed || b->cap - b->n < WW_ANSWER_ROOM) {
        b->failed = true;
        return (struct ww_answered){.level = WW_LEVEL_NONE};
    }
    if (question->map == WW_MAP_LINE) {
        struct ww_answered told = put_payload(b, question, known, style, now);
        ww_buf_char(b, '\n');
        return told;
    }
    /* Written where it stands when its length has all digits, then moved up: the length is known at the end
     * only. */
    char *start = b->p + b->n;
    struct ww_buf payload = ww_buf(start + PREFIX_MAX, WW_SOCKETMAP_REPLY_MAX);
    struct ww_answered answered = put_payload(&payload, question, known, style, now);
    ww_buf_decimal(b, payload.n);
    ww_buf_char(b, ':');
    memmove(b->p + b->n, payload.p, payload.n);
    b->n += payload.n;
    ww_buf_char(b, ',');
    return answered;
}

static enum ww_stat_answer kind_of_ok(struct ww_slice level)
{
    static const char only[] = "dane-only";
    switch (level.p[0]) {
    case 's':
        return WW_ANSWERED_SECURE;
    case 'd':
        return ww_slice_starts(level, only) ? WW_ANSWERED_DANE_ONLY : WW_ANSWERED_DANE;
    case 'e':
        return WW_ANSWERED_ENCRYPT;
    case 'm':
        return WW_ANSWERED_MAY;
    case 'n':
        return WW_ANSWERED_NOTFOUND;
    default:
        return WW_ANSWERED_EXPLAINED;
    }
}

enum ww_stat_answer ww_answer_kind(struct ww_slice answer, const struct ww_life *life, int64_t now)
{
    static const size_t ok = sizeof "OK " - 1;
    size_t at = 0;
    while (at < answer.n && answer.p[at] != ':')
        at++;
    enum ww_stat_answer kind = WW_ANSWERED_TEMP;
    if (answer.n - at <= ok + 1)
        return kind;
    if (answer.p[at + 1] == 'O')
        kind = kind_of_ok(ww_slice(answer.p + at + 1 + ok, answer.n - at - 1 - ok));
    else if (answer.p[at + 1] == 'N')
        kind = WW_ANSWERED_NOTFOUND;
    else if (answer.p[at + 1] == 'P')
        kind = WW_ANSWERED_PERM;
    bool open = kind == WW_ANSWERED_NOTFOUND || kind == WW_ANSWERED_MAY;
    if (open && life != NULL && life->mode == WW_MODE_TESTING && ww_life_has_policy(life, now))
        return WW_ANSWERED_TESTING;
    return kind;
}

enum ww_stat_answer ww_answer_kind_of_level(enum ww_level told)
{
    switch (told) {
    case WW_LEVEL_TESTING:
        return WW_ANSWERED_TESTING;
    case WW_LEVEL_SECURE:
        return WW_ANSWERED_SECURE;
    case WW_LEVEL_HOLD:
        return WW_ANSWERED_TEMP;
    case WW_LEVEL_MAY:
        return WW_ANSWERED_MAY;
    case WW_LEVEL_ENCRYPT:
        return WW_ANSWERED_ENCRYPT;
    case WW_LEVEL_DANE:
        return WW_ANSWERED_DANE;
    case WW_LEVEL_DANE_ONLY:
        return WW_ANSWERED_DANE_ONLY;
    case WW_LEVEL_NONE:
        break;
    }
    return WW_ANSWERED_NOTFOUND;
}
