#include "daemon/steward_handover.h"

static bool is_known(const struct ww_addresses_answer *answer)
{
    return answer->ended && answer->err == WW_OK;
}

static bool shows(const struct ww_host_address_sight *a, const struct ww_steward_certificate *own)
{
    return a->leaf.not_before == own->from && a->leaf.cert.not_after == own->until;
}

static bool is_among(const char *list, const char *text)
{
    size_t n = strlen(text);
    for (const char *p = list; *p != '\0'; p += strspn(p, " ")) {
        size_t length = strcspn(p, " ");
        if (length == n && memcmp(p, text, n) == 0)
            return true;
        p += length;
    }
    return false;
}

static uint32_t longest(const struct ww_host_sight *host, uint32_t than)
{
    than = host->ipv6.longest_ttl > than ? host->ipv6.longest_ttl : than;
    return host->ipv4.longest_ttl > than ? host->ipv4.longest_ttl : than;
}

/* Where it was seen just now; what was known stays where nothing was. */
static void find_here(const struct ww_host_sight *host, const struct ww_steward_certificate *own,
                      struct ww_published *domain)
{
    char text[WW_ADDR_TEXT_SIZE], here[WW_PUBLISHED_HERE_SIZE];
    struct ww_buf b = ww_buf(here, sizeof here - 1);
    for (size_t i = 0; i < host->count; i++) {
        const struct ww_host_address_sight *a = &host->addresses[i];
        if (!a->tested || !a->leaf.shown || own->until == 0 || !shows(a, own))
            continue;
        ww_addr_format(&a->addr, text);
        ww_buf_str(&b, b.n > 0 ? " " : "");
        ww_buf_str(&b, text);
    }
    here[b.n] = '\0';
    domain->here_gone_at = 0;
    if (b.n == 0 || b.failed)
        return;
    memcpy(domain->here, here, sizeof here);
    domain->here_ttl = longest(host, domain->here_ttl);
}

/* More than one answer is needed to say that nobody is led here, and only one to say that somebody is. */
static enum {
    LED_UNKNOWN,
    LED_HERE,
    LED_ELSEWHERE
} leads(const struct ww_host_sight *host, const struct ww_steward_certificate *own,
        const struct ww_published *domain)
{
    char text[WW_ADDR_TEXT_SIZE];
    if (!host->looked || host->late || !host->resolved)
        return LED_UNKNOWN;
    for (size_t i = 0; i < host->count; i++) {
        const struct ww_host_address_sight *a = &host->addresses[i];
        bool another = a->tested && a->leaf.shown && own->until != 0 && !shows(a, own);
        ww_addr_format(&a->addr, text);
        if (!another && is_among(domain->here, text))
            return LED_HERE;
    }
    return is_known(&host->ipv6) && is_known(&host->ipv4) ? LED_ELSEWHERE : LED_UNKNOWN;
}

static void forget(struct ww_published *domain)
{
    domain->here[0] = '\0';
    domain->here_ttl = 0;
    domain->here_gone_at = 0;
}

void ww_steward_handover(const struct ww_host_sight *host, const struct ww_steward_certificate *own,
                         bool listens, int64_t at, struct ww_published *domain)
{
    if (ww_published_is_here(domain)) {
        if (host->looked && !host->late)
            find_here(host, own, domain);
        return;
    }
    if (domain->here[0] == '\0')
        return;
    if (!listens) {
        forget(domain);
        return;
    }
    switch (leads(host, own, domain)) {
    case LED_HERE:
        domain->here_ttl = longest(host, domain->here_ttl);
        domain->here_gone_at = 0;
        break;
    case LED_ELSEWHERE:
        if (domain->here_gone_at == 0)
            domain->here_gone_at = at;
        if (ww_rollout_handed_over_at(domain) <= at)
            forget(domain);
        break;
    case LED_UNKNOWN:
        break;
    }
}
