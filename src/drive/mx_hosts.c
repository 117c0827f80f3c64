#include "drive/mx_hosts.h"

#include "core/dns_answer.h"

#include <stdlib.h>

struct ww_mx_lookup {
    struct ww_dns_query *query;
    ww_mx_lookup_cb *cb;
    void *ctx;
    char domain[WW_DNAME_SIZE];
};

static void on_reply(void *ctx, const struct ww_dns_reply *reply)
{
    struct ww_mx_lookup *l = ctx;
    struct ww_mx_hosts found;
    if (reply->err == WW_OK)
        ww_mx_hosts_read(reply->packet, l->domain, &found);
    else
        ww_mx_hosts_fail(&found, reply->err, reply->detail);
    found.dnssec = reply->dnssec;
    ww_mx_lookup_cb *cb = l->cb;
    void *cb_ctx = l->ctx;
    free(l);
    cb(cb_ctx, &found);
}

struct ww_mx_lookup *ww_mx_lookup(struct ww_dns *dns, const char *domain, ww_mx_lookup_cb *cb, void *ctx,
                                  enum ww_err *err)
{
    size_t n = strlen(domain);
    *err = n < WW_DNAME_SIZE ? WW_E_NO_MEMORY : WW_E_DNS_NAME;
    struct ww_mx_lookup *l = n < WW_DNAME_SIZE ? malloc(sizeof *l) : NULL;
    if (l == NULL)
        return NULL;
    memcpy(l->domain, domain, n + 1);
    l->cb = cb;
    l->ctx = ctx;
    l->query = ww_dns_ask(dns, domain, WW_DNS_TYPE_MX, on_reply, l, err);
    if (l->query != NULL)
        return l;
    free(l);
    return NULL;
}

void ww_mx_lookup_cancel(struct ww_mx_lookup *lookup)
{
    ww_dns_cancel(lookup->query);
    free(lookup);
}
