#include "daemon/steward_hosts.h"

#include "core/judge.h"

#include <stdio.h>
#include <string.h>

/* ---- Which there are ---- */

static bool lists(const struct ww_mx_hosts *hosts, const char *name)
{
    for (size_t i = 0; i < hosts->count; i++)
        if (strcmp(hosts->hosts[i].name, name) == 0)
            return true;
    return false;
}

static bool surveys(const struct ww_dane_survey *survey, const char *name)
{
    for (size_t i = 0; i < survey->count; i++)
        if (strcmp(survey->hosts[i].name, name) == 0)
            return true;
    return false;
}

/* All that answer list these hosts, and no others; and there is one that answers. */
static bool servers_agree(const struct ww_servers_said *said)
{
    const struct ww_mx_hosts *first = NULL;
    for (size_t i = 0; i < said->count; i++) {
        const struct ww_mx_hosts *mx = &said->servers[i].mx;
        if (!said->servers[i].mx_known)
            continue;
        first = first != NULL ? first : mx;
        if (mx->more || mx->outcome != first->outcome || mx->count != first->count)
            return false;
        for (size_t k = 0; k < mx->count; k++)
            if (!lists(first, mx->hosts[k].name))
                return false;
    }
    return first != NULL;
}

static bool server_lists(const struct ww_servers_said *said, const char *name)
{
    for (size_t i = 0; i < said->count; i++)
        if (said->servers[i].mx_known && lists(&said->servers[i].mx, name))
            return true;
    return false;
}

/* Senders go by what a cache has kept, too: it is there while anybody says so. */
static bool is_there(const struct ww_steward_seen *seen, const char *name)
{
    return surveys(&seen->sight->survey, name) || server_lists(seen->said, name);
}

static size_t find(const struct ww_published_mx *mx, size_t count, const char *name)
{
    size_t i = 0;
    while (i < count && strcmp(mx[i].name, name) != 0)
        i++;
    return i;
}

/* Where all places are taken, that of the host which went first is given away. */
static struct ww_published_mx *place(struct ww_published_mx *mx, size_t *count)
{
    struct ww_published_mx *oldest = NULL;
    if (*count < WW_PUBLISHED_MX_MAX)
        return &mx[(*count)++];
    for (size_t i = 0; i < *count; i++)
        if (mx[i].gone_at != 0 && (oldest == NULL || mx[i].gone_at < oldest->gone_at))
            oldest = &mx[i];
    return oldest;
}

static void see(struct ww_published_mx *mx, size_t *count, const char *name, int64_t at)
{
    size_t i = find(mx, *count, name);
    struct ww_published_mx *host = i < *count ? &mx[i] : place(mx, count);
    if (host == NULL || (i < *count && host == &mx[i] && host->gone_at == 0 && host->seen_at != 0))
        return;
    *host = (struct ww_published_mx){.seen_at = at};
    (void)snprintf(host->name, sizeof host->name, "%s", name);
}

static void forget(struct ww_published_mx *mx, size_t *count, int64_t at)
{
    size_t n = 0;
    for (size_t i = 0; i < *count; i++)
        if (mx[i].gone_at == 0 || at - mx[i].gone_at < WW_STEWARD_GONE_KEPT)
            mx[n++] = mx[i];
    *count = n;
}

static void see_all(const struct ww_steward_seen *seen, struct ww_published_mx *mx, size_t *count)
{
    const struct ww_dane_survey *survey = &seen->sight->survey;
    for (size_t i = 0; i < survey->count; i++)
        see(mx, count, survey->hosts[i].name, seen->at);
    for (size_t i = 0; i < seen->said->count; i++) {
        const struct ww_server_said *s = &seen->said->servers[i];
        for (size_t k = 0; s->mx_known && k < s->mx.count; k++)
            see(mx, count, s->mx.hosts[k].name, seen->at);
    }
}

/* Who could be asked says the same, and nothing is left out. */
static bool may_go(const struct ww_steward_seen *seen, bool agreed)
{
    bool asked = false;
    for (size_t i = 0; i < seen->said->count; i++)
        asked = asked || seen->said->servers[i].mx_known;
    return !seen->sight->survey.more &&
           (agreed || !asked || seen->sight->survey.mx_dnssec == WW_DNSSEC_SECURE);
}

static bool is_settled(const struct ww_published_mx *mx, size_t count, int64_t at)
{
    for (size_t i = 0; i < count; i++) {
        int64_t changed = mx[i].gone_at != 0 ? mx[i].gone_at : mx[i].seen_at;
        if (at - changed < WW_STEWARD_AGREED)
            return false;
    }
    return true;
}

/* ---- Their TLS ---- */

/* It may be the way there, or the hour. */
static bool is_passing(const struct ww_mx_probe_result *r)
{
    return r->starttls && !r->handshake &&
           (r->tls_err == WW_E_SMTP_TIMEOUT || r->tls_err == WW_E_SMTP_CLOSED);
}

static void say_bad(struct ww_published_mx *host, const struct ww_addr *addr, enum ww_rule rule)
{
    char text[WW_ADDR_TEXT_SIZE];
    ww_addr_format(addr, text);
    host->tls = WW_PUBLISHED_MX_BAD;
    (void)snprintf(host->why, sizeof host->why, "at %s %s", text, ww_rule_text(rule));
}

/* A host that could not be talked to is as it was. */
static void judge(const struct ww_dane_host *of, const struct ww_mx_sight *sight,
                  struct ww_published_mx *host)
{
    struct ww_slice room[WW_MX_PROBE_NAMES_MAX];
    bool good = false;
    for (size_t i = 0; sight != NULL && i < sight->count; i++) {
        const struct ww_mx_address_sight *a = &sight->addresses[i];
        if (!a->looked || a->first.err != WW_OK || is_passing(&a->first))
            continue;
        const struct ww_seen_mx seen = ww_mx_probe_seen(&a->first, of->name, WW_DANE_NONE, room);
        enum ww_rule rule = ww_judge_sts_host(&seen);
        if (ww_rule_result(rule) != WW_RESULT_NONE) {
            say_bad(host, &a->addr, rule);
            return;
        }
        good = true;
    }
    if (good) {
        host->tls = WW_PUBLISHED_MX_GOOD;
        host->why[0] = '\0';
    } else if (host->tls == WW_PUBLISHED_MX_UNKNOWN) {
        (void)snprintf(host->why, sizeof host->why, "%s",
                       of->no_address ? "it has no address" : "it could not be talked to");
    }
}

static void judge_all(const struct ww_sight *sight, struct ww_published_mx *mx, size_t count)
{
    for (size_t i = 0; i < sight->survey.count; i++) {
        size_t at = find(mx, count, sight->survey.hosts[i].name);
        if (at < count)
            judge(&sight->survey.hosts[i], sight->mx[i], &mx[at]);
    }
}

/* A cache has let some of its TTL go by; who has it from a name server says it whole. */
static uint32_t find_ttl(const struct ww_steward_seen *seen, uint32_t before)
{
    uint32_t ttl = 0;
    for (size_t i = 0; i < seen->said->count; i++) {
        const struct ww_server_said *s = &seen->said->servers[i];
        ttl = s->mx_known && s->mx.ttl > ttl ? s->mx.ttl : ttl;
    }
    if (ttl > 0)
        return ttl;
    return seen->sight->survey.mx_ttl > before ? seen->sight->survey.mx_ttl : before;
}

void ww_steward_hosts(const struct ww_steward_seen *seen, struct ww_published *domain,
                      struct ww_published_mx mx[WW_PUBLISHED_MX_MAX], size_t *mx_count,
                      struct ww_steward_hosts *out)
{
    const struct ww_sight *sight = seen->sight;
    *out = (struct ww_steward_hosts){.why = "the look-up of its MX records fails"};
    if (!sight->surveyed || sight->survey.outcome == WW_MX_FAILED)
        return;
    bool agreed = servers_agree(seen->said);
    see_all(seen, mx, mx_count);
    for (size_t i = 0; may_go(seen, agreed) && i < *mx_count; i++)
        if (mx[i].gone_at == 0 && !is_there(seen, mx[i].name))
            mx[i].gone_at = seen->at;
    forget(mx, mx_count, seen->at);
    judge_all(sight, mx, *mx_count);
    domain->mx_ttl = find_ttl(seen, domain->mx_ttl);
    out->known = true;
    out->why = NULL;
    out->authentic =
        sight->survey.mx_dnssec == WW_DNSSEC_SECURE || (agreed && is_settled(mx, *mx_count, seen->at));
}
