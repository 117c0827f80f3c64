#include "net/dns.h"

#include "core/dns_answer.h"
#include "core/words.h"
#include "net/dns_context.h"
#include "net/dns_private.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <unbound-event.h>
#include <unbound.h>

#define HEADER_SIZE 12
#define BOGUS 1
#define SECURE 2

/* Questions that libunbound may work on at a time, those included that nobody waits for any more. */
#define TICKETS_MAX 8192

/*
 * What libunbound holds of a question: it cannot be made to forget one, so a question that has ended early
 * leaves its ticket behind.
 */
struct ww_dns_ticket {
    LIST_ENTRY(ww_dns_ticket) entry;
    struct ww_dns *dns;
    struct ww_dns_query *query; /* NULL: nobody waits any more */
};

struct ww_dns_query {
    LIST_ENTRY(ww_dns_query) entry;
    struct ww_dns *dns;
    struct ww_dns_ticket *ticket; /* NULL: libunbound has answered */
    struct event *event;          /* the deadline; made active early when the answer is there */
    ww_dns_cb *cb;
    void *ctx;
    enum ww_dns_mode mode;
    enum ww_err err;
    enum ww_dnssec dnssec;
    char *packet; /* a copy: libunbound's own is overwritten by the next question */
    size_t packet_size;
    char detail[WW_DNS_DETAIL_SIZE];
};

static void ticket_free(struct ww_dns_ticket *t)
{
    LIST_REMOVE(t, entry);
    t->dns->ticket_count--;
    free(t);
}

/* From here on nothing leads to the question any more. */
static void query_detach(struct ww_dns_query *q)
{
    if (q->ticket != NULL)
        q->ticket->query = NULL;
    LIST_REMOVE(q, entry);
}

static void query_free(struct ww_dns_query *q)
{
    event_free(q->event);
    free(q->packet);
    free(q);
}

static enum ww_err judge_rcode(struct ww_dns_query *q, int rcode)
{
    switch (rcode) {
    case WW_DNS_NOERROR:
    case WW_DNS_NXDOMAIN:
        return WW_OK;
    case WW_DNS_SERVFAIL:
        return WW_E_DNS_SERVFAIL;
    case WW_DNS_REFUSED:
        return WW_E_DNS_REFUSED;
    default:
        (void)snprintf(q->detail, sizeof q->detail, "RCODE %d", rcode);
        return WW_E_DNS_RCODE;
    }
}

/* Names and texts of strangers stand in it. */
static void explain(struct ww_dns_query *q, const char *why)
{
    struct ww_buf b = ww_buf(q->detail, sizeof q->detail - 1);
    ww_words_put_cut(&b, ww_slice_str(why));
    q->detail[b.n] = '\0';
}

static enum ww_dnssec judge_security(const struct ww_dns_query *q, int security)
{
    if (q->mode == WW_DNS_WITHOUT_VALIDATION)
        return WW_DNSSEC_UNKNOWN;
    return security == SECURE ? WW_DNSSEC_SECURE : WW_DNSSEC_INSECURE;
}

/* libunbound gives an RCODE of its own beside the one in the packet, and sometimes no packet. */
static enum ww_err judge(struct ww_dns_query *q, int rcode, const uint8_t *packet, int length, int security,
                         const char *why)
{
    if (security == BOGUS) {
        q->dnssec = WW_DNSSEC_BOGUS;
        if (why != NULL)
            explain(q, why);
        return WW_E_DNS_BOGUS;
    }
    bool whole = packet != NULL && length >= HEADER_SIZE;
    enum ww_err err = judge_rcode(q, rcode != 0 || !whole ? rcode : packet[3] & 0xf);
    if (err != WW_OK)
        return err;
    if (rcode != 0 || !whole)
        return WW_E_DNS_SERVFAIL;
    q->packet = malloc((size_t)length);
    if (q->packet == NULL)
        return WW_E_NO_MEMORY;
    memcpy(q->packet, packet, (size_t)length);
    q->packet_size = (size_t)length;
    q->dnssec = judge_security(q, security);
    return WW_OK;
}

/*
 * libunbound may call this while it is being asked, and must not be asked, let alone freed, while it calls:
 * so the answer is only taken down here, and delivered from the loop.
 */
static void on_answer(void *mydata, int rcode, void *packet, int length, int security, char *why, int limited)
{
    struct ww_dns_ticket *t = mydata;
    struct ww_dns_query *q = t->query;
    (void)limited;
    ticket_free(t);
    if (q == NULL)
        return;
    q->ticket = NULL;
    q->err = judge(q, rcode, packet, length, security, why);
    event_active(q->event, EV_TIMEOUT, 0);
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
    struct ww_dns_query *q = arg;
    char text[32];
    (void)fd, (void)what;
    struct ww_dns_reply reply = {
        .err = q->err,
        .detail = q->detail[0] != '\0' ? q->detail : NULL,
        .packet = ww_slice(q->packet, q->packet_size),
        .dnssec = q->dnssec,
    };
    if (q->ticket != NULL) {
        (void)snprintf(text, sizeof text, "after %u ms", q->dns->timeout_ms);
        reply.err = WW_E_DNS_TIMEOUT;
        reply.detail = text;
    }
    query_detach(q); /* before the callback, which may free all of `dns` */
    q->cb(q->ctx, &reply);
    query_free(q);
}

/* The names we ask for are written plainly: an escape, which DNS would know, is none. */
static bool can_be_asked(const char *name)
{
    size_t n = strlen(name);
    size_t label = 0;
    if (strcmp(name, ".") == 0)
        return true;
    if (n > 0 && name[n - 1] == '.')
        n--;
    if (n == 0 || n > WW_DNAME_MAX)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (name[i] <= ' ' || name[i] > '~' || name[i] == '\\')
            return false;
        label = name[i] == '.' ? 0 : label + 1;
        if (label > WW_DNAME_LABEL_MAX || (name[i] == '.' && (i == 0 || name[i - 1] == '.')))
            return false;
    }
    return label > 0;
}

static struct ww_dns_query *query_new(struct ww_dns *dns, enum ww_dns_mode mode, ww_dns_cb *cb, void *ctx)
{
    struct ww_dns_query *q = calloc(1, sizeof *q);
    struct ww_dns_ticket *t = calloc(1, sizeof *t);
    struct event *event = q != NULL ? evtimer_new(dns->base, on_event, q) : NULL;
    if (q == NULL || t == NULL || event == NULL) {
        if (event != NULL)
            event_free(event);
        free(t);
        free(q);
        return NULL;
    }
    *t = (struct ww_dns_ticket){.dns = dns, .query = q};
    *q = (struct ww_dns_query){.dns = dns, .ticket = t, .event = event, .mode = mode, .cb = cb, .ctx = ctx};
    LIST_INSERT_HEAD(&dns->tickets, t, entry);
    LIST_INSERT_HEAD(&dns->queries, q, entry);
    dns->ticket_count++;
    return q;
}

struct ww_dns_query *ww_dns_ask_mode(struct ww_dns *dns, enum ww_dns_mode mode, const char *name,
                                     uint16_t type, ww_dns_cb *cb, void *ctx, enum ww_err *err)
{
    struct timeval deadline = {dns->timeout_ms / 1000, (long)(dns->timeout_ms % 1000) * 1000};
    *err = WW_OK;
    if (!can_be_asked(name))
        *err = WW_E_DNS_NAME;
    else if (dns->ticket_count >= TICKETS_MAX)
        *err = WW_E_DNS_BUSY;
    if (*err != WW_OK)
        return NULL;
    struct ww_dns_query *q = query_new(dns, mode, cb, ctx);
    if (q == NULL) {
        *err = WW_E_NO_MEMORY;
        return NULL;
    }
    struct ww_dns_ticket *t = q->ticket;
    if (evtimer_add(q->event, &deadline) == 0 &&
        ub_resolve_event(dns->ub[mode], name, type, WW_DNS_CLASS_IN, t, on_answer, NULL) == 0)
        return q;
    ww_dns_cancel(q);
    ticket_free(t);
    *err = WW_E_NO_MEMORY;
    return NULL;
}

struct ww_dns_query *ww_dns_ask(struct ww_dns *dns, const char *name, uint16_t type, ww_dns_cb *cb, void *ctx,
                                enum ww_err *err)
{
    return ww_dns_ask_mode(dns, dns->mode, name, type, cb, ctx, err);
}

struct ww_dns_query *ww_dns_ask_plain(struct ww_dns *dns, const char *name, uint16_t type, ww_dns_cb *cb,
                                      void *ctx, enum ww_err *err)
{
    return ww_dns_ask_mode(dns, WW_DNS_WITHOUT_VALIDATION, name, type, cb, ctx, err);
}

void ww_dns_cancel(struct ww_dns_query *query)
{
    query_detach(query);
    query_free(query);
}

struct ww_dns *ww_dns_new(struct event_base *base, const struct ww_dns_options *options, const char **detail)
{
    struct ww_dns *dns = calloc(1, sizeof *dns);
    *detail = "out of memory";
    if (dns == NULL)
        return NULL;
    dns->base = base;
    dns->timeout_ms = options->timeout_ms;
    LIST_INIT(&dns->queries);
    LIST_INIT(&dns->tickets);
    if (ww_dns_test_init(dns) != WW_OK)
        goto fail;
    /* Both now: later there is no way to read files any more. */
    for (int mode = 0; mode < WW_DNS_MODES; mode++) {
        dns->ub[mode] = ww_dns_context(base, options, mode == WW_DNS_WITH_VALIDATION, detail);
        if (dns->ub[mode] == NULL)
            goto fail;
    }
    *detail = NULL;
    return dns;
fail:
    ww_dns_free(dns);
    return NULL;
}

struct event_base *ww_dns_base(const struct ww_dns *dns)
{
    return dns->base;
}

void ww_dns_free(struct ww_dns *dns)
{
    if (dns == NULL)
        return;
    ww_dns_test_free(dns);
    for (struct ww_dns_query *q = LIST_FIRST(&dns->queries), *next; q != NULL; q = next) {
        next = LIST_NEXT(q, entry);
        ww_dns_cancel(q);
    }
    for (int mode = 0; mode < WW_DNS_MODES; mode++)
        ub_ctx_delete(dns->ub[mode]);
    for (struct ww_dns_ticket *t = LIST_FIRST(&dns->tickets), *next; t != NULL; t = next) {
        next = LIST_NEXT(t, entry);
        ticket_free(t);
    }
    free(dns);
}
