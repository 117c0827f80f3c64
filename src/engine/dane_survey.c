#include "engine/dane_survey.h"

#include "core/words.h"

#define TLSA_PREFIX "_25._tcp."

static void put_detail(struct ww_dane_host *h, const char *question, const char *name, const char *words)
{
    struct ww_buf b = ww_buf(h->detail, sizeof h->detail - 1);
    if (question != NULL) {
        ww_buf_str(&b, question);
        ww_buf_str(&b, " of ");
        ww_words_put_domain(&b, ww_slice_str(name));
        ww_buf_str(&b, words != NULL ? ": " : "");
    }
    if (words != NULL)
        ww_words_put_cut(&b, ww_slice_str(words));
    h->detail[b.n] = '\0';
}

static void settle(struct ww_dane_host *h, enum ww_dane_state state, enum ww_err why)
{
    h->settled = true;
    h->state = state;
    h->why = why;
    h->detail[0] = '\0'; /* of a question whose failure did not matter */
}

void ww_dane_survey_give_up(struct ww_dane_host *h, enum ww_err why, const char *detail)
{
    settle(h, WW_DANE_LOOKUP_FAILED, why);
    put_detail(h, NULL, NULL, detail);
}

static void settle_not_validating(struct ww_dane_host *h)
{
    settle(h, WW_DANE_LOOKUP_FAILED, WW_E_DNS_NOT_VALIDATING);
}

static void want(struct ww_dane_host *h, enum ww_dane_question q)
{
    h->answers[q].progress = WW_DANE_WANTED;
}

/* False: the name would be longer than DNS permits. */
static bool name_of(const struct ww_dane_host *h, enum ww_dane_question q, char out[WW_DNAME_SIZE])
{
    struct ww_buf b = ww_buf(out, WW_DNAME_SIZE - 1);
    if (q == WW_DANE_ASK_TLSA_ALIAS || q == WW_DANE_ASK_TLSA)
        ww_buf_str(&b, TLSA_PREFIX);
    ww_buf_str(&b, q == WW_DANE_ASK_TLSA_ALIAS ? h->alias : h->name);
    out[b.n] = '\0';
    return !b.failed;
}

static void note_failure(struct ww_dane_host *h, enum ww_dane_question q, const char *detail)
{
    char name[WW_DNAME_SIZE];
    h->why = h->answers[q].err;
    (void)name_of(h, q, name);
    put_detail(h, ww_dane_question_name(q), name, detail);
}

/* By what was noted. */
static void settle_failed(struct ww_dane_host *h)
{
    h->settled = true;
    h->state = h->why == WW_E_DNS_BOGUS ? WW_DANE_BOGUS : WW_DANE_LOOKUP_FAILED;
}

/* Also when it cannot be asked for: no such record can exist then. */
static void no_record(struct ww_dane_host *h, enum ww_dane_question q)
{
    char name[WW_DNAME_SIZE];
    if (q == WW_DANE_ASK_TLSA_ALIAS && name_of(h, WW_DANE_ASK_TLSA, name)) {
        want(h, WW_DANE_ASK_TLSA);
        return;
    }
    bool insecure = h->answers[WW_DANE_ASK_TLSA_ALIAS].dnssec == WW_DNSSEC_INSECURE ||
                    h->answers[WW_DANE_ASK_TLSA].dnssec == WW_DNSSEC_INSECURE;
    settle(h, insecure ? WW_DANE_INSECURE : WW_DANE_NONE, WW_OK);
}

static void want_tlsa(struct ww_dane_host *h, enum ww_dane_question q)
{
    char name[WW_DNAME_SIZE];
    if (name_of(h, q, name))
        want(h, q);
    else
        no_record(h, q);
}

/* The first answer with addresses. */
static void on_addresses(struct ww_dane_host *h, const struct ww_dns_answer *answer, enum ww_dnssec dnssec)
{
    bool alias = strcmp(answer->owner, h->name) != 0;
    size_t n = strlen(answer->owner);
    if (alias && n >= sizeof h->alias) {
        ww_dane_survey_give_up(h, WW_E_DNS_NAME, answer->owner);
        return;
    }
    if (alias)
        memcpy(h->alias, answer->owner, n + 1);
    if (dnssec == WW_DNSSEC_SECURE)
        want_tlsa(h, alias ? WW_DANE_ASK_TLSA_ALIAS : WW_DANE_ASK_TLSA);
    else if (alias)
        want(h, WW_DANE_ASK_CNAME);
    else
        settle(h, WW_DANE_INSECURE, WW_OK);
}

/* Both families have ended, without an address. */
static void on_no_address(struct ww_dane_host *h)
{
    const struct ww_dane_answer *a = &h->answers[WW_DANE_ASK_A];
    const struct ww_dane_answer *aaaa = &h->answers[WW_DANE_ASK_AAAA];
    bool secure = a->dnssec == WW_DNSSEC_SECURE && aaaa->dnssec == WW_DNSSEC_SECURE;
    if (h->why != WW_OK) {
        settle_failed(h);
        return;
    }
    h->no_address = true;
    settle(h, secure ? WW_DANE_NONE : WW_DANE_INSECURE, WW_E_MX_NO_ADDRESS);
}

static bool has_ended(const struct ww_dane_answer *a)
{
    return a->progress == WW_DANE_ANSWERED || a->progress == WW_DANE_NO_ANSWER;
}

static void take_address(struct ww_dane_host *h, enum ww_dane_question asked,
                         const struct ww_dns_answer *answer, const struct ww_dane_reply *reply)
{
    for (int q = WW_DANE_ASK_CNAME; q < WW_DANE_QUESTIONS; q++)
        if (h->answers[q].progress != WW_DANE_NOT_ASKED)
            return; /* the other family has decided */
    /* Bogus goes before other failures: it is the one to look into. */
    if (answer == NULL && (h->why == WW_OK || reply->err == WW_E_DNS_BOGUS))
        note_failure(h, asked, reply->detail);
    if (answer != NULL && answer->count > 0)
        on_addresses(h, answer, reply->dnssec);
    else if (has_ended(&h->answers[WW_DANE_ASK_A]) && has_ended(&h->answers[WW_DANE_ASK_AAAA]))
        on_no_address(h);
}

static void take_alias(struct ww_dane_host *h, const struct ww_dns_answer *answer,
                       const struct ww_dane_reply *reply)
{
    if (answer == NULL) {
        note_failure(h, WW_DANE_ASK_CNAME, reply->detail);
        settle_failed(h);
    } else if (reply->dnssec == WW_DNSSEC_SECURE && answer->count > 0) {
        want_tlsa(h, WW_DANE_ASK_TLSA);
    } else {
        settle(h, WW_DANE_INSECURE, WW_OK);
    }
}

static void keep_records(struct ww_dane_host *h, struct ww_dns_answer walk)
{
    struct ww_dns_rr rr;
    struct ww_tlsa tlsa;
    while (h->record_count < WW_DANE_RECORDS_MAX && ww_dns_answer_next(&walk, &rr)) {
        struct ww_dane_record *r = &h->records[h->record_count++];
        enum ww_err err = ww_tlsa_parse(rr.rdata.p, rr.rdata.n, &tlsa);
        *r = (struct ww_dane_record){
            .usage = tlsa.usage, .selector = tlsa.selector, .matching = tlsa.matching};
        r->unusable = err != WW_OK ? err : ww_tlsa_check(&tlsa);
        r->size = (uint16_t)tlsa.data.n;
        size_t kept = tlsa.data.n < sizeof r->data ? tlsa.data.n : sizeof r->data;
        if (kept > 0)
            memcpy(r->data, tlsa.data.p, kept);
    }
}

static void take_tlsa(struct ww_dane_host *h, enum ww_dane_question q, const struct ww_dns_answer *answer,
                      const struct ww_dane_reply *reply)
{
    if (answer == NULL) {
        note_failure(h, q, reply->detail);
        settle_failed(h);
        return;
    }
    enum ww_dane_state state = ww_dane_classify(answer, reply->dnssec == WW_DNSSEC_SECURE);
    if (state != WW_DANE_SECURE_USABLE && state != WW_DANE_SECURE_UNUSABLE) {
        no_record(h, q);
        return;
    }
    h->base = q;
    keep_records(h, *answer);
    settle(h, state, state == WW_DANE_SECURE_UNUSABLE ? h->records[0].unusable : WW_OK);
}

/* Writes the answer down, and opens it; NULL when there is none. */
static const struct ww_dns_answer *note(struct ww_dane_host *h, enum ww_dane_question q,
                                        const struct ww_dane_reply *reply, struct ww_dns_answer *room)
{
    struct ww_dane_answer *a = &h->answers[q];
    char name[WW_DNAME_SIZE];
    a->err = reply->err;
    a->dnssec = reply->dnssec;
    (void)name_of(h, q, name);
    if (a->err == WW_OK)
        a->err = ww_dns_answer_open(room, reply->packet.p, reply->packet.n, name, ww_dane_survey_type(q));
    if (a->err == WW_OK && room->rcode != WW_DNS_NOERROR && room->rcode != WW_DNS_NXDOMAIN)
        a->err = WW_E_DNS_RCODE;
    if (a->err != WW_OK) {
        a->progress = WW_DANE_NO_ANSWER;
        return NULL;
    }
    a->progress = WW_DANE_ANSWERED;
    a->ttl = room->ttl;
    a->count = room->count < UINT16_MAX ? (uint16_t)room->count : UINT16_MAX;
    return room;
}

void ww_dane_survey_take(struct ww_dane_host *h, enum ww_dane_question q, const struct ww_dane_reply *reply)
{
    struct ww_dns_answer room;
    const struct ww_dns_answer *answer = note(h, q, reply, &room);
    if (h->settled)
        return;
    if (answer != NULL && reply->dnssec == WW_DNSSEC_UNKNOWN)
        settle_not_validating(h);
    else if (q == WW_DANE_ASK_A || q == WW_DANE_ASK_AAAA)
        take_address(h, q, answer, reply);
    else if (q == WW_DANE_ASK_CNAME)
        take_alias(h, answer, reply);
    else
        take_tlsa(h, q, answer, reply);
}

enum ww_dane_question ww_dane_survey_next(struct ww_dane_host *h, char name[WW_DNAME_SIZE])
{
    for (int q = 0; q < WW_DANE_QUESTIONS && !h->settled; q++) {
        if (h->answers[q].progress != WW_DANE_WANTED)
            continue;
        h->answers[q].progress = WW_DANE_PENDING;
        (void)name_of(h, (enum ww_dane_question)q, name);
        return (enum ww_dane_question)q;
    }
    return WW_DANE_QUESTIONS;
}

uint16_t ww_dane_survey_type(enum ww_dane_question question)
{
    static const uint16_t types[WW_DANE_QUESTIONS] = {
        [WW_DANE_ASK_A] = WW_DNS_TYPE_A,         [WW_DANE_ASK_AAAA] = WW_DNS_TYPE_AAAA,
        [WW_DANE_ASK_CNAME] = WW_DNS_TYPE_CNAME, [WW_DANE_ASK_TLSA_ALIAS] = WW_DNS_TYPE_TLSA,
        [WW_DANE_ASK_TLSA] = WW_DNS_TYPE_TLSA,
    };
    return types[question];
}

void ww_dane_survey_begin(struct ww_dane_survey *s, const struct ww_mx_hosts *mx)
{
    memset(s, 0, sizeof *s);
    s->outcome = mx->outcome;
    s->mx_dnssec = mx->dnssec;
    s->mx_ttl = mx->ttl;
    s->why = mx->why;
    memcpy(s->detail, mx->detail, sizeof s->detail);
    s->validating = mx->outcome == WW_MX_FAILED || mx->dnssec != WW_DNSSEC_UNKNOWN;
    s->more = mx->more || mx->count > WW_DANE_HOSTS_MAX;
    s->count = mx->count < WW_DANE_HOSTS_MAX ? mx->count : WW_DANE_HOSTS_MAX;
    for (size_t i = 0; i < s->count; i++) {
        struct ww_dane_host *h = &s->hosts[i];
        h->preference = mx->hosts[i].preference;
        memcpy(h->name, mx->hosts[i].name, sizeof h->name);
        want(h, WW_DANE_ASK_A);
        want(h, WW_DANE_ASK_AAAA);
        if (!s->validating)
            settle_not_validating(h);
    }
}

static void lower(uint32_t *lifetime, uint32_t than)
{
    if (than < *lifetime)
        *lifetime = than;
}

void ww_dane_survey_end(struct ww_dane_survey *s)
{
    uint32_t lifetime = WW_DANE_LIFETIME_MAX;
    lower(&lifetime, s->outcome == WW_MX_FAILED ? WW_DANE_LIFETIME_FAILED : s->mx_ttl);
    for (size_t i = 0; i < s->count; i++) {
        const struct ww_dane_host *h = &s->hosts[i];
        if (h->why == WW_E_DNS_NOT_VALIDATING)
            s->validating = false;
        if (h->state == WW_DANE_BOGUS || h->state == WW_DANE_LOOKUP_FAILED)
            lower(&lifetime, WW_DANE_LIFETIME_FAILED);
        for (int q = 0; q < WW_DANE_QUESTIONS; q++)
            if (h->answers[q].progress == WW_DANE_ANSWERED)
                lower(&lifetime, h->answers[q].ttl);
    }
    if (!s->validating)
        lower(&lifetime, WW_DANE_LIFETIME_FAILED);
    s->lifetime = lifetime > WW_DANE_LIFETIME_MIN ? lifetime : WW_DANE_LIFETIME_MIN;
}

void ww_dane_survey_fail(struct ww_dane_survey *s, enum ww_err why, const char *detail)
{
    struct ww_mx_hosts none;
    ww_mx_hosts_fail(&none, why, detail);
    ww_dane_survey_begin(s, &none);
    ww_dane_survey_end(s);
}
