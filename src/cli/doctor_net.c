#include "cli/doctor_net.h"

#include <stdio.h>
#include <string.h>

const char *ww_family_name(enum ww_family family)
{
    return family == WW_FAMILY_IPV4 ? "IPv4" : "IPv6";
}

static void lower(unsigned *ms, unsigned limit)
{
    if (*ms > limit)
        *ms = limit;
}

bool ww_doctor_net_open(struct ww_outside *net, const struct ww_config *config, const char **detail)
{
    struct ww_config hurried = *config;
    lower(&hurried.dns_timeout_ms, WW_DOCTOR_DNS_MS);
    lower(&hurried.fetch_deadline_ms, WW_DOCTOR_FETCH_MS);
    if (!ww_outside_open(net, &hurried, detail))
        return false;
    if (ww_outside_confine(net, detail))
        return true;
    ww_outside_close(net);
    return false;
}

size_t ww_family_pick(enum ww_family family, const struct ww_addresses_reply *reply, struct ww_addr *out)
{
    size_t n = 0;
    for (size_t i = 0; i < reply->count && n < WW_ADDRESSES_FAMILY_MAX; i++)
        if ((reply->addrs[i].length == 4) == (family == WW_FAMILY_IPV4))
            out[n++] = reply->addrs[i];
    return n;
}

/* Of names with ", " between two of them. */
static bool is_listed(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = list; *at != '\0'; at += strspn(at, ", ")) {
        size_t length = strcspn(at, ",");
        if (length == n && memcmp(at, name, n) == 0)
            return true;
        at += length;
    }
    return false;
}

void ww_doctor_tally_add(struct ww_doctor_tally *tally, enum ww_reach reach, const char *who,
                         const char *words)
{
    size_t n = strlen(tally->who);
    tally->count[reach]++;
    if (reach == WW_REACH_WORKS && !is_listed(tally->who, who))
        (void)snprintf(tally->who + n, sizeof tally->who - n, "%s%s", n > 0 ? ", " : "", who);
    else if (reach != WW_REACH_WORKS && tally->words[0] == '\0' && words != NULL)
        (void)snprintf(tally->words, sizeof tally->words, "%s: %s", who, words);
}

enum ww_finding ww_doctor_tally_judge(const struct ww_doctor_tally *tally,
                                      const struct ww_doctor_tally *other)
{
    bool other_works = other->count[WW_REACH_WORKS] > 0;
    if (tally->count[WW_REACH_WORKS] > 0)
        return WW_FINDING_OK;
    if (tally->count[WW_REACH_NO_ANSWER] + tally->count[WW_REACH_BAD] > 0)
        return other_works ? WW_FINDING_WARN : WW_FINDING_FAIL;
    if (tally->count[WW_REACH_NO_ROUTE] > 0 && !other_works &&
        other->count[WW_REACH_NO_ANSWER] + other->count[WW_REACH_BAD] == 0)
        return WW_FINDING_FAIL;
    return WW_FINDING_SKIP;
}
