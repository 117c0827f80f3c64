#include "engine/discovery.h"

#include "base/buf.h"
#include "core/dns_answer.h"
#include "core/media_type.h"
#include "core/words.h"

/* More TXT records than this at one name are no mistake that anybody makes by hand. */
#define RECORDS_MAX 64

#define DNS_MESSAGE_MAX 65535

static void end(struct ww_discovery *d, enum ww_discovery_outcome outcome, enum ww_err why)
{
    d->result.outcome = outcome;
    d->result.why = why;
    d->want = WW_WANT_NOTHING;
}

void ww_discovery_start(struct ww_discovery *d, const struct ww_discovery_ask *ask)
{
    memset(d, 0, sizeof *d);
    d->ask = *ask;
    d->want = WW_WANT_RECORD;
    /* A name that leaves no room for the label in front has no record. */
    if (strlen("_mta-sts.") + strlen(ask->domain) > WW_DNAME_MAX)
        end(d, WW_FOUND_NO_RECORD, WW_OK);
}

enum ww_discovery_want ww_discovery_want(const struct ww_discovery *d)
{
    return d->want;
}

void ww_discovery_name(const struct ww_discovery *d, char out[WW_DISCOVERY_NAME_SIZE])
{
    struct ww_buf b = ww_buf(out, WW_DISCOVERY_NAME_SIZE);
    ww_buf_str(&b, d->want == WW_WANT_RECORD ? "_mta-sts." : "mta-sts.");
    ww_buf_str(&b, d->ask.domain);
    ww_buf_char(&b, '\0');
}

const struct ww_discovery_result *ww_discovery_result(const struct ww_discovery *d)
{
    return &d->result;
}

static struct ww_buf begin_detail(struct ww_discovery *d)
{
    /* The last octet is kept for the NUL. */
    struct ww_buf b = ww_buf(d->result.detail, sizeof d->result.detail - 1);
    bool record = d->want == WW_WANT_RECORD;
    ww_buf_str(&b, record ? "_mta-sts." : "https://mta-sts.");
    ww_words_put_domain(&b, ww_slice_str(d->ask.domain));
    if (!record)
        ww_buf_str(&b, WW_POLICY_PATH);
    ww_buf_str(&b, ": ");
    return b;
}

/* Ends with a failure, its message and, if there are any, more words about it. */
static void fail(struct ww_discovery *d, enum ww_discovery_outcome outcome, enum ww_err why,
                 const char *words)
{
    struct ww_buf b = begin_detail(d);
    ww_buf_str(&b, ww_err_message(why));
    if (words != NULL && words[0] != '\0') {
        ww_buf_str(&b, " (");
        ww_words_put(&b, ww_slice_str(words));
        ww_buf_char(&b, ')');
    }
    d->result.detail[b.n] = '\0';
    end(d, outcome, why);
}

/* The same with a number instead of words. */
static void fail_number(struct ww_discovery *d, enum ww_discovery_outcome outcome, enum ww_err why,
                        const char *what, uint64_t number)
{
    char words[64];
    struct ww_buf b = ww_buf(words, sizeof words - 1);
    ww_buf_str(&b, what);
    ww_buf_decimal(&b, number);
    words[b.n] = '\0';
    fail(d, outcome, why, words);
}

enum selection {
    SELECTION_RECORD,
    SELECTION_NONE,
    SELECTION_INVALID,
    SELECTION_UNREADABLE,
};

/*
 * Picks the record among the TXT RRs of an answer. All of them lie side by side in one block: together they
 * are shorter than the message they were cut from.
 */
static enum selection select_record(struct ww_dns_answer *answer, struct ww_sts_record *record,
                                    enum ww_err *why)
{
    char text[DNS_MESSAGE_MAX];
    struct ww_slice rrs[RECORDS_MAX];
    struct ww_dns_rr rr;
    size_t used = 0;
    size_t count = 0;
    while (ww_dns_answer_next(answer, &rr)) {
        if (count == RECORDS_MAX) {
            *why = WW_E_STS_TOO_MANY;
            return SELECTION_INVALID;
        }
        size_t n = 0;
        *why = ww_dns_txt_join(rr.rdata, text + used, sizeof text - used, &n);
        if (*why != WW_OK)
            return SELECTION_UNREADABLE;
        rrs[count++] = ww_slice(text + used, n);
        used += n;
    }
    switch (ww_sts_record_select(rrs, count, record, why)) {
    case WW_TXT_ABSENT:
        return SELECTION_NONE;
    case WW_TXT_INVALID:
        return SELECTION_INVALID;
    case WW_TXT_PRESENT:
        break;
    }
    return SELECTION_RECORD;
}

/* What a valid record leads to. A refresh that has to wait still confirms the id that is known. */
static void on_id(struct ww_discovery *d, const char *id, int64_t now)
{
    bool known = strcmp(id, d->ask.known_id) == 0;
    bool waits = strcmp(id, d->ask.failed_id) == 0 && now < d->ask.retry_at;
    memcpy(d->result.id, id, strlen(id) + 1);
    if (known && (waits || !d->ask.refetch))
        end(d, WW_FOUND_UNCHANGED, WW_OK);
    else if (waits)
        fail(d, WW_FOUND_WAITING, WW_E_FETCH_WAITS, NULL);
    else
        d->want = WW_WANT_POLICY;
}

void ww_discovery_on_record(struct ww_discovery *d, const struct ww_record_event *event, int64_t now)
{
    struct ww_dns_answer answer;
    struct ww_sts_record record;
    if (d->want != WW_WANT_RECORD)
        return;
    if (event->failure != WW_OK) {
        fail(d, WW_FOUND_DNS_FAILURE, event->failure, event->detail);
        return;
    }
    char name[WW_DISCOVERY_NAME_SIZE];
    ww_discovery_name(d, name);
    enum ww_err why = ww_dns_answer_open(&answer, event->packet.p, event->packet.n, name, WW_DNS_TYPE_TXT);
    if (why != WW_OK) {
        fail(d, WW_FOUND_DNS_FAILURE, why, NULL);
        return;
    }
    if (answer.rcode != WW_DNS_NOERROR && answer.rcode != WW_DNS_NXDOMAIN) {
        fail_number(d, WW_FOUND_DNS_FAILURE, WW_E_DNS_RCODE, "RCODE ", answer.rcode);
        return;
    }
    d->result.record_ttl = answer.ttl;
    switch (select_record(&answer, &record, &why)) {
    case SELECTION_RECORD:
        on_id(d, record.id, now);
        return;
    case SELECTION_NONE:
        end(d, WW_FOUND_NO_RECORD, WW_OK);
        return;
    case SELECTION_INVALID:
        fail(d, WW_FOUND_RECORD_INVALID, why, NULL);
        return;
    case SELECTION_UNREADABLE:
        fail(d, WW_FOUND_DNS_FAILURE, why, NULL);
        return;
    }
}

void ww_discovery_on_policy(struct ww_discovery *d, const struct ww_policy_event *event)
{
    struct ww_policy policy;
    size_t offset = 0;
    if (d->want != WW_WANT_POLICY)
        return;
    if (event->failure != WW_OK) {
        fail(d, WW_FOUND_FETCH_FAILURE, event->failure, event->detail);
        return;
    }
    if (event->status != 200) {
        bool redirect = event->status >= 300 && event->status < 400;
        fail_number(d, WW_FOUND_FETCH_FAILURE, redirect ? WW_E_HTTP_REDIRECT : WW_E_HTTP_STATUS,
                    "HTTP status ", event->status);
        return;
    }
    const char *type = event->content_type != NULL ? event->content_type : "no Content-Type";
    if (!ww_media_type_is_text_plain(ww_slice_str(type))) {
        fail(d, WW_FOUND_FETCH_FAILURE, WW_E_MEDIA_TYPE, type);
        return;
    }
    enum ww_err why = ww_policy_parse(event->body.p, event->body.n, &policy, &offset);
    if (why != WW_OK && ww_policy_is_page(event->body.p, event->body.n)) {
        fail(d, WW_FOUND_POLICY_INVALID, WW_E_POLICY_HTML, NULL);
        return;
    }
    if (why != WW_OK) {
        fail_number(d, WW_FOUND_POLICY_INVALID, why, "at offset ", offset);
        return;
    }
    d->result.body = event->body;
    if (event->origin != NULL)
        d->result.origin = *event->origin;
    end(d, WW_FOUND_POLICY, WW_OK);
}

const char *ww_discovery_outcome_name(enum ww_discovery_outcome outcome)
{
    static const char *const names[] = {
        [WW_FOUND_POLICY] = "policy",
        [WW_FOUND_UNCHANGED] = "unchanged",
        [WW_FOUND_NO_RECORD] = "no-record",
        [WW_FOUND_RECORD_INVALID] = "record-invalid",
        [WW_FOUND_DNS_FAILURE] = "dns-failure",
        [WW_FOUND_FETCH_FAILURE] = "fetch-failure",
        [WW_FOUND_POLICY_INVALID] = "policy-invalid",
        [WW_FOUND_WAITING] = "waiting",
    };
    return (unsigned)outcome < sizeof names / sizeof names[0] ? names[outcome] : "unknown";
}
