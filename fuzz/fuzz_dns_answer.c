/* Raw DNS answers for TXT, A, SOA, TLSA and MX: opened, walked, their strings joined, hosts sorted. */
#include "core/dns_answer.h"
#include "core/mx_hosts.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const uint8_t *data, size_t size, const char *qname, uint16_t type)
{
    static char text[65535];
    struct ww_dns_answer a;
    struct ww_dns_rr rr;
    size_t count = 0;
    if (ww_dns_answer_open(&a, data, size, qname, type) != WW_OK)
        return;
    char name[WW_DNS_NAME_TEXT_SIZE];
    if ((ww_dns_answer_zone(&a, name) || ww_dns_answer_alias(&a, qname, name)) && strlen(name) >= sizeof name)
        abort();
    if (strlen(a.owner) >= sizeof a.owner || a.ttl > INT32_MAX)
        abort();
    while (ww_dns_answer_next(&a, &rr)) {
        size_t n = 0;
        if (rr.rdata_at > size || rr.rdata.n > size - rr.rdata_at || rr.ttl < a.ttl)
            abort();
        if (ww_dns_txt_join(rr.rdata, text, sizeof text, &n) == WW_OK && n >= rr.rdata.n)
            abort();
        count++;
    }
    if (count != a.count)
        abort();
}

static void read_mx(const uint8_t *data, size_t size)
{
    static struct ww_mx_hosts mx;
    ww_mx_hosts_read(ww_slice((const char *)data, size), "example.com", &mx);
    if (mx.count > WW_MX_HOSTS_MAX || (mx.outcome == WW_MX_FAILED) != (mx.why != WW_OK) ||
        (mx.outcome == WW_MX_LISTED || mx.outcome == WW_MX_IMPLICIT) != (mx.count > 0))
        abort();
    for (size_t i = 0; i < mx.count; i++)
        if (mx.hosts[i].name[0] == '\0' || strnlen(mx.hosts[i].name, WW_DNAME_SIZE) == WW_DNAME_SIZE ||
            (i > 0 && mx.hosts[i].preference < mx.hosts[i - 1].preference))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    walk(data, size, "_mta-sts.example", WW_DNS_TYPE_TXT);
    walk(data, size, "mta-sts.example.", WW_DNS_TYPE_A);
    walk(data, size, ".", WW_DNS_TYPE_SOA);
    walk(data, size, "_25._tcp.mx.example", WW_DNS_TYPE_TLSA);
    read_mx(data, size);
    return 0;
}
