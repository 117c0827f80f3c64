#include "core/mx_hosts.h"

#include "base/buf.h"
#include "core/dns_answer.h"

void ww_mx_hosts_fail(struct ww_mx_hosts *out, enum ww_err why, const char *detail)
{
    size_t n = detail != NULL ? strnlen(detail, sizeof out->detail - 1) : 0;
    memset(out, 0, sizeof *out);
    out->outcome = WW_MX_FAILED;
    out->why = why;
    if (n > 0)
        memcpy(out->detail, detail, n);
}

/* Behind those of the same preference, and before those of a worse one. */
static void insert(struct ww_mx_hosts *out, const struct ww_mx_host *host)
{
    size_t at = out->count;
    while (at > 0 && out->hosts[at - 1].preference > host->preference)
        at--;
    if (out->count == WW_MX_HOSTS_MAX)
        out->more = true;
    else
        out->count++;
    if (at == WW_MX_HOSTS_MAX)
        return;
    memmove(&out->hosts[at + 1], &out->hosts[at], (out->count - 1 - at) * sizeof *host);
    out->hosts[at] = *host;
}

/* A name that is too long to be shown holds escapes; its dots make it one that nothing can match. */
static void copy_name(char out[WW_DNAME_SIZE], const char *name)
{
    size_t n = strlen(name);
    if (n < WW_DNAME_SIZE) {
        memcpy(out, name, n + 1);
        return;
    }
    memcpy(out, name, WW_DNAME_SIZE - 4);
    memcpy(out + WW_DNAME_SIZE - 4, "...", 4);
}

static enum ww_err read_hosts(struct ww_dns_answer *answer, struct ww_mx_hosts *out)
{
    struct ww_dns_rr rr;
    while (ww_dns_answer_next(answer, &rr)) {
        struct ww_cursor c = ww_cursor(rr.rdata.p, rr.rdata.n);
        char name[WW_DNS_NAME_TEXT_SIZE];
        struct ww_mx_host host = {.preference = ww_cursor_u16(&c)};
        if (c.failed || ww_dns_rr_name(answer, &rr, 2, name) != WW_OK)
            return WW_E_DNS_MALFORMED;
        /* A null MX beside others is against RFC 7505 section 3, and no host. */
        if (name[0] == '\0')
            continue;
        copy_name(host.name, name);
        insert(out, &host);
    }
    return WW_OK;
}

void ww_mx_hosts_read(struct ww_slice packet, const char *domain, struct ww_mx_hosts *out)
{
    struct ww_dns_answer answer;
    memset(out, 0, sizeof *out);
    enum ww_err err = ww_dns_answer_open(&answer, packet.p, packet.n, domain, WW_DNS_TYPE_MX);
    if (err == WW_OK && answer.rcode != WW_DNS_NOERROR && answer.rcode != WW_DNS_NXDOMAIN)
        err = WW_E_DNS_RCODE;
    bool listed = answer.count > 0;
    if (err == WW_OK)
        err = read_hosts(&answer, out);
    if (err != WW_OK) {
        ww_mx_hosts_fail(out, err, NULL);
    } else if (listed) {
        out->outcome = out->count > 0 ? WW_MX_LISTED : WW_MX_NULL;
    } else if (answer.rcode == WW_DNS_NXDOMAIN) {
        out->outcome = WW_MX_NO_DOMAIN;
    } else {
        out->outcome = WW_MX_IMPLICIT;
        out->count = 1;
        copy_name(out->hosts[0].name, domain);
    }
    out->ttl = err == WW_OK ? answer.ttl : 0;
}

const char *ww_mx_outcome_name(enum ww_mx_outcome outcome)
{
    static const char *const names[WW_MX_OUTCOMES] = {
        [WW_MX_LISTED] = "listed",       [WW_MX_IMPLICIT] = "implicit", [WW_MX_NULL] = "null",
        [WW_MX_NO_DOMAIN] = "no-domain", [WW_MX_FAILED] = "failed",
    };
    return (unsigned)outcome < WW_MX_OUTCOMES ? names[outcome] : "unknown";
}
