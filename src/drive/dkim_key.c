#include "drive/dkim_key.h"

#include "core/dns_answer.h"

#include <stdio.h>
#include <stdlib.h>

struct ww_dkim_key_lookup {
    struct ww_dns_query *query;
    ww_dkim_key_cb *cb;
    void *ctx;
    struct ww_dkim_found_key found;
    char record[WW_DKIM_KEY_RECORD_MAX];
};

static enum ww_err read_record(struct ww_dkim_key_lookup *l, struct ww_slice packet)
{
    struct ww_dns_answer answer;
    struct ww_dns_rr rr;
    size_t n = 0;
    enum ww_err err = ww_dns_answer_open(&answer, packet.p, packet.n, l->found.name, WW_DNS_TYPE_TXT);
    l->found.found = WW_DKIM_KEY_ABSENT;
    if (err != WW_OK || answer.count != 1 || !ww_dns_answer_next(&answer, &rr))
        return err;
    err = ww_dns_txt_join(rr.rdata, l->record, sizeof l->record, &n);
    if (err == WW_E_TOO_LONG)
        return WW_OK;
    l->found.found = WW_DKIM_KEY_FOUND;
    l->found.record = ww_slice(l->record, n);
    return err;
}

static void on_reply(void *ctx, const struct ww_dns_reply *reply)
{
    struct ww_dkim_key_lookup *l = ctx;
    enum ww_err err = reply->err;
    l->query = NULL;
    if (err == WW_OK)
        err = read_record(l, reply->packet);
    if (err != WW_OK) {
        l->found.found = WW_DKIM_KEY_NOT_NOW;
        l->found.record = ww_slice("", 0);
    }
    l->cb(l->ctx, &l->found, err);
    free(l);
}

struct ww_dkim_key_lookup *ww_dkim_key_lookup(struct ww_dns *dns, const char *name, ww_dkim_key_cb *cb,
                                              void *ctx, enum ww_err *err)
{
    const char *place = strstr(name, "._domainkey.");
    struct ww_dkim_key_lookup *l = calloc(1, sizeof *l);
    *err = WW_E_NO_MEMORY;
    if (l == NULL)
        return NULL;
    l->cb = cb;
    l->ctx = ctx;
    l->found.record = ww_slice("", 0);
    int n = snprintf(l->found.name, sizeof l->found.name, "%s", name);
    *err = WW_E_DNS_NAME;
    /* Who has made the names has read the mail, and is not trusted to know what it asks for. */
    if (n > 0 && (size_t)n < sizeof l->found.name && place != NULL && place != name)
        l->query = ww_dns_ask(dns, name, WW_DNS_TYPE_TXT, on_reply, l, err);
    if (l->query != NULL)
        return l;
    free(l);
    return NULL;
}

void ww_dkim_key_lookup_cancel(struct ww_dkim_key_lookup *lookup)
{
    ww_dns_cancel(lookup->query);
    free(lookup);
}
