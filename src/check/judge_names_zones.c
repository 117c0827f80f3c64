#include "check/judge_names.h"

#include "base/buf.h"
#include "check/judge_text.h"
#include "check/judges.h"
#include "core/dns_answer.h"

#include <stdio.h>

/* ---- DNSSEC ---- */

static bool is_bogus(const struct ww_name_zone *zone)
{
    return zone->ended && zone->err == WW_E_DNS_BOGUS;
}

static bool is_insecure(const struct ww_name_zone *zone)
{
    return zone->ended && zone->err == WW_OK && zone->dnssec == WW_DNSSEC_INSECURE;
}

static void find_bogus(const struct ww_name_zone *zone, struct ww_check_report *report)
{
    char words[WW_JUDGE_QUOTE_SIZE];
    ww_check_found(report, WW_CHECK_RECORD_DNSSEC_BOGUS, zone->name, "%s",
                   ww_judge_failure(zone->err, zone->detail, words));
}

static void find_insecure(const struct ww_name_zone *zone, struct ww_check_report *report)
{
    ww_check_found(report, WW_CHECK_RECORD_DNSSEC_ABSENT, zone->zone[0] != '\0' ? zone->zone : zone->name,
                   "There is no DS record that vouches for it");
}

/*
 * What is broken or unsigned makes all below it so, so that the top is the fault. The names below the domain
 * know nothing of each other.
 */
static bool find_top(const struct ww_names_sight *names, struct ww_check_report *report,
                     bool (*is)(const struct ww_name_zone *),
                     void (*find)(const struct ww_name_zone *, struct ww_check_report *))
{
    bool found = false;
    for (size_t i = 0; i < names->above_count; i++)
        if (is(&names->above[i])) {
            find(&names->above[i], report);
            return true;
        }
    for (size_t i = 0; i < WW_NAMES_ZONES; i++)
        if (is(&names->zones[i])) {
            find(&names->zones[i], report);
            found = true;
        }
    return found;
}

/* One record set alone does not stand up to validation, though its zone does. */
static bool find_bogus_text(const struct ww_name_texts *texts, struct ww_check_report *report)
{
    char words[WW_JUDGE_QUOTE_SIZE];
    if (!texts->ended || texts->err != WW_E_DNS_BOGUS)
        return false;
    ww_check_found(report, WW_CHECK_RECORD_DNSSEC_BOGUS, texts->name, "%s",
                   ww_judge_failure(texts->err, texts->detail, words));
    return true;
}

static bool find_all_bogus(const struct ww_names_sight *names, struct ww_check_report *report)
{
    if (find_top(names, report, is_bogus, find_bogus))
        return true;
    bool sts = find_bogus_text(&names->texts[WW_NAMES_STS], report);
    return find_bogus_text(&names->texts[WW_NAMES_TLSRPT], report) || sts;
}

static bool is_known(const struct ww_names_sight *names)
{
    for (size_t i = 0; i < names->above_count; i++)
        if (names->above[i].ended && names->above[i].dnssec != WW_DNSSEC_UNKNOWN)
            return true;
    return false;
}

static void judge_dnssec(const struct ww_names_sight *names, struct ww_check_report *report)
{
    if (!is_known(names)) {
        static const char why[] = "no answer can be validated by DNSSEC on this machine now";
        ww_check_not_tested(report, WW_CHECK_RECORD_DNSSEC_BOGUS, why);
        ww_check_not_tested(report, WW_CHECK_RECORD_DNSSEC_ABSENT, why);
        return;
    }
    ww_check_made(report, WW_CHECK_RECORD_DNSSEC_BOGUS);
    ww_check_made(report, WW_CHECK_RECORD_DNSSEC_ABSENT);
    if (!find_all_bogus(names, report))
        (void)find_top(names, report, is_insecure, find_insecure);
}

/* ---- Delegation ---- */

/* It is in other hands: a zone of its own, or an alias that leads out of the domain's zone. */
static bool is_delegated(const struct ww_names_sight *names, enum ww_names_zone which)
{
    const struct ww_name_zone *zone = &names->zones[which];
    const char *own = names->above_count > 0 ? names->above[names->above_count - 1].zone : "";
    return zone->cut || (zone->alias && strcmp(zone->zone, own) != 0);
}

static bool are_zones_known(const struct ww_names_sight *names)
{
    const struct ww_name_zone *record = &names->zones[WW_NAMES_ZONE_RECORD];
    const struct ww_name_zone *host = &names->zones[WW_NAMES_ZONE_HOST];
    return record->ended && host->ended && record->err == WW_OK && host->err == WW_OK;
}

/* An alias alone may stand for much else, by a wildcard: it counts where it leads to the one half. */
bool ww_judge_half_delegated(const struct ww_sight *sight)
{
    const struct ww_names_sight *names = &sight->names;
    bool record = is_delegated(names, WW_NAMES_ZONE_RECORD), host = is_delegated(names, WW_NAMES_ZONE_HOST);
    bool no_policy = sight->host.looked && !sight->host.late && sight->host.body.p == NULL;
    if (!are_zones_known(names) || record == host)
        return false;
    if (names->record != WW_TXT_PRESENT)
        return names->zones[WW_NAMES_ZONE_RECORD].cut || names->zones[WW_NAMES_ZONE_HOST].cut ||
               (host && sight->has_policy);
    return record ? ww_names_has_no_host(names) : no_policy && names->zones[WW_NAMES_ZONE_HOST].cut;
}

/* A policy host that is an alias is nothing unusual: it is hosted. A record that is one is in other hands. */
static bool is_split(const struct ww_sight *sight)
{
    const struct ww_names_sight *names = &sight->names;
    bool record = is_delegated(names, WW_NAMES_ZONE_RECORD), host = is_delegated(names, WW_NAMES_ZONE_HOST);
    bool served = !sight->host.looked || sight->host.body.p != NULL;
    return names->record == WW_TXT_PRESENT && served &&
           (record ? !host : names->zones[WW_NAMES_ZONE_HOST].cut);
}

static void judge_delegation(const struct ww_sight *sight, struct ww_check_report *report)
{
    const struct ww_name_zone *record = &sight->names.zones[WW_NAMES_ZONE_RECORD];
    const struct ww_name_zone *host = &sight->names.zones[WW_NAMES_ZONE_HOST];
    if (!are_zones_known(&sight->names)) {
        static const char why[] = "the zones of _mta-sts and mta-sts cannot be found out";
        ww_check_not_tested(report, WW_CHECK_RECORD_HALF_DELEGATED, why);
        ww_check_not_tested(report, WW_CHECK_RECORD_SPLIT_DELEGATION, why);
        return;
    }
    const struct ww_name_zone *one = is_delegated(&sight->names, WW_NAMES_ZONE_RECORD) ? record : host;
    const char *other = one == record ? host->name : record->name;
    ww_check_made(report, WW_CHECK_RECORD_HALF_DELEGATED);
    ww_check_made(report, WW_CHECK_RECORD_SPLIT_DELEGATION);
    if (ww_judge_half_delegated(sight))
        ww_check_found(report, WW_CHECK_RECORD_HALF_DELEGATED, one->name,
                       "It belongs to the zone %s, and %s does not; there is no %s", one->zone, other,
                       sight->names.record == WW_TXT_PRESENT ? "policy" : "record");
    else if (is_split(sight))
        ww_check_found(report, WW_CHECK_RECORD_SPLIT_DELEGATION, one->name,
                       "It belongs to the zone %s, and %s does not", one->zone, other);
}

/* ---- Name servers ---- */

static bool has_answered(const struct ww_name_server *s)
{
    return s->ended && s->err == WW_OK && s->authoritative &&
           (s->rcode == WW_DNS_NOERROR || s->rcode == WW_DNS_NXDOMAIN);
}

static void put_server(struct ww_buf *b, const struct ww_name_server *s)
{
    char addr[WW_ADDR_TEXT_SIZE];
    ww_buf_str(b, s->name);
    if (s->addr.length == 0)
        return;
    ww_addr_format(&s->addr, addr);
    ww_buf_str(b, " [");
    ww_buf_str(b, addr);
    ww_buf_char(b, ']');
}

static void put_said(struct ww_buf *b, const struct ww_name_server *s)
{
    static const char *const said[] = {[WW_TXT_ABSENT] = "no record", [WW_TXT_INVALID] = "a broken record"};
    if (s->presence == WW_TXT_PRESENT) {
        ww_buf_str(b, "id ");
        ww_buf_str(b, s->id);
    } else {
        ww_buf_str(b, said[s->presence]);
    }
}

static bool says_the_same(const struct ww_name_server *a, const struct ww_name_server *b)
{
    return a->presence == b->presence && (a->presence != WW_TXT_PRESENT || strcmp(a->id, b->id) == 0);
}

/* The first server that says something else than one before it has said, and that one. */
static bool find_odd(const struct ww_names_sight *names, size_t *one, size_t *other)
{
    *one = names->server_count;
    for (size_t i = 0; i < names->server_count; i++) {
        if (!has_answered(&names->servers[i]))
            continue;
        if (*one == names->server_count)
            *one = i;
        *other = i;
        if (!says_the_same(&names->servers[*one], &names->servers[i]))
            return true;
    }
    return false;
}

static void judge_agreement(const struct ww_names_sight *names, struct ww_check_report *report)
{
    size_t one, other;
    char words[WW_CHECK_SEEN_SIZE];
    struct ww_buf b = ww_buf(words, sizeof words - 1);
    ww_check_made(report, WW_CHECK_RECORD_SERVERS_DISAGREE);
    if (!find_odd(names, &one, &other))
        return;
    put_server(&b, &names->servers[one]);
    ww_buf_str(&b, " says ");
    put_said(&b, &names->servers[one]);
    ww_buf_str(&b, ", ");
    put_server(&b, &names->servers[other]);
    ww_buf_char(&b, ' ');
    put_said(&b, &names->servers[other]);
    words[b.n] = '\0';
    ww_check_found(report, WW_CHECK_RECORD_SERVERS_DISAGREE, names->texts[WW_NAMES_STS].name, "%s", words);
}

/* Why a server is silent; NULL: it is not, or the fault is ours. */
static const char *silence(const struct ww_name_server *s, char words[WW_JUDGE_QUOTE_SIZE])
{
    if (!s->ended || has_answered(s) || s->err == WW_E_DNS_NO_WAY || s->err == WW_E_NO_MEMORY ||
        s->err == WW_E_DNS_BUSY)
        return NULL;
    if (s->err != WW_OK)
        return ww_judge_failure(s->err, s->detail, words);
    if (s->rcode == WW_DNS_REFUSED)
        return "It refuses to answer (REFUSED)";
    if (s->rcode == WW_DNS_SERVFAIL)
        return "It fails (SERVFAIL)";
    if (s->rcode != WW_DNS_NOERROR && s->rcode != WW_DNS_NXDOMAIN) {
        (void)snprintf(words, WW_JUDGE_QUOTE_SIZE, "It answers with RCODE %u", s->rcode);
        return words;
    }
    return "It answers, but not with authority: it does not serve the zone";
}

static void judge_silence(const struct ww_names_sight *names, struct ww_check_report *report)
{
    char words[WW_JUDGE_QUOTE_SIZE], where[WW_CHECK_WHERE_SIZE];
    ww_check_made(report, WW_CHECK_RECORD_SERVER_SILENT);
    for (size_t i = 0; i < names->server_count; i++) {
        const char *why = silence(&names->servers[i], words);
        struct ww_buf b = ww_buf(where, sizeof where - 1);
        if (why == NULL)
            continue;
        put_server(&b, &names->servers[i]);
        where[b.n] = '\0';
        ww_check_found(report, WW_CHECK_RECORD_SERVER_SILENT, where, "%s", why);
    }
}

/* A resolver's cache has cut the TTL; a server of the zone says it whole. */
static void judge_ttl(const struct ww_names_sight *names, struct ww_check_report *report)
{
    const struct ww_name_texts *texts = &names->texts[WW_NAMES_STS];
    uint32_t ttl = texts->ttl;
    if (names->record != WW_TXT_PRESENT)
        return;
    for (size_t i = 0; i < names->server_count; i++)
        if (has_answered(&names->servers[i]) && names->servers[i].ttl > ttl)
            ttl = names->servers[i].ttl;
    ww_check_made(report, WW_CHECK_RECORD_TTL_LONG);
    if (ttl > WW_JUDGE_TTL_MAX)
        ww_check_found(report, WW_CHECK_RECORD_TTL_LONG, texts->name, "The TTL is %u seconds", ttl);
}

static void judge_servers(const struct ww_names_sight *names, struct ww_check_report *report)
{
    size_t answered = 0;
    for (size_t i = 0; i < names->server_count; i++)
        answered += has_answered(&names->servers[i]);
    if (answered == 0) {
        const char *why = names->late
                              ? "there was no time left for it"
                              : "no name server answers this machine directly; port 53 may be blocked";
        ww_check_not_tested(report, WW_CHECK_RECORD_SERVERS_DISAGREE, why);
        ww_check_not_tested(report, WW_CHECK_RECORD_SERVER_SILENT, why);
    } else {
        judge_agreement(names, report);
        judge_silence(names, report);
    }
}

void ww_judge_zones(const struct ww_sight *sight, struct ww_check_report *report)
{
    const struct ww_name_texts *texts = &sight->names.texts[WW_NAMES_STS];
    judge_dnssec(&sight->names, report);
    if (!texts->ended || texts->err != WW_OK)
        return;
    judge_delegation(sight, report);
    judge_servers(&sight->names, report);
    judge_ttl(&sight->names, report);
}
