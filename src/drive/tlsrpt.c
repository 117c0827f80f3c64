#include "drive/tlsrpt.h"

#include "core/dns_answer.h"

#include <stdio.h>
#include <stdlib.h>

#define RRS_MAX 32
#define TEXT_MAX 16384

struct ww_tlsrpt_lookup {
    struct ww_dns_query *query;
    ww_tlsrpt_cb *cb;
    void *ctx;
    char name[WW_DNAME_SIZE];
    char text[TEXT_MAX];
    struct ww_slice rrs[RRS_MAX];
};

/* What does not fit would have to be several records, or one that nobody publishes. */
static enum ww_err read_texts(struct ww_tlsrpt_lookup *l, struct ww_slice packet, size_t *count)
{
    struct ww_dns_answer answer;
    struct ww_dns_rr rr;
    size_t used = 0;
    enum ww_err err = ww_dns_answer_open(&answer, packet.p, packet.n, l->name, WW_DNS_TYPE_TXT);
    *count = 0;
    while (err == WW_OK && ww_dns_answer_next(&answer, &rr)) {
        size_t n = 0;
        if (*count == RRS_MAX)
            return WW_E_TOO_LONG;
        err = ww_dns_txt_join(rr.rdata, l->text + used, sizeof l->text - used, &n);
        l->rrs[(*count)++] = ww_slice(l->text + used, n);
        used += n;
    }
    return err;
}

static void on_reply(void *ctx, const struct ww_dns_reply *reply)
{
    struct ww_tlsrpt_lookup *l = ctx;
    struct ww_tlsrpt_found found = {.err = reply->err, .detail = reply->detail};
    size_t count = 0;
    l->query = NULL;
    if (found.err == WW_OK)
        found.err = read_texts(l, reply->packet, &count);
    if (found.err == WW_OK)
        found.presence = ww_tlsrpt_record_select(l->rrs, count, &found.record, &found.why);
    l->cb(l->ctx, &found);
    free(l);
}

struct ww_tlsrpt_lookup *ww_tlsrpt_lookup(struct ww_dns *dns, const char *domain, ww_tlsrpt_cb *cb, void *ctx,
                                          enum ww_err *err)
{
    struct ww_tlsrpt_lookup *l = calloc(1, sizeof *l);
    *err = WW_E_NO_MEMORY;
    if (l == NULL)
        return NULL;
    l->cb = cb;
    l->ctx = ctx;
    int n = snprintf(l->name, sizeof l->name, "_smtp._tls.%s", domain);
    *err = WW_E_DNS_NAME;
    if (n > 0 && (size_t)n < sizeof l->name)
        l->query = ww_dns_ask(dns, l->name, WW_DNS_TYPE_TXT, on_reply, l, err);
    if (l->query != NULL)
        return l;
    free(l);
    return NULL;
}

void ww_tlsrpt_lookup_cancel(struct ww_tlsrpt_lookup *lookup)
{
    ww_dns_cancel(lookup->query);
    free(lookup);
}
