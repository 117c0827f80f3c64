#include "check/judge_mx.h"

#include <stdlib.h>

static const enum ww_check talking[] = {
    WW_CHECK_MX_NO_ADDRESS,  WW_CHECK_MX_ADDRESS_REFUSED, WW_CHECK_MX_UNREACHABLE,     WW_CHECK_MX_REFUSED,
    WW_CHECK_MX_NO_STARTTLS, WW_CHECK_OUR_PORT_25,        WW_CHECK_OUR_ADDRESS_LISTED, WW_CHECK_OUR_NO_ROUTE,
};

static const enum ww_check starting_tls[] = {WW_CHECK_MX_STARTTLS_REFUSED, WW_CHECK_MX_PLAIN_TEXT,
                                             WW_CHECK_MX_HANDSHAKE_FAILS};

static const enum ww_check over_tls[] = {
    WW_CHECK_MX_STARTTLS_INJECTION,
    WW_CHECK_MX_TLS_VERSION,
    WW_CHECK_MX_OLD_TLS,
    WW_CHECK_MX_SSL3,
    WW_CHECK_MX_WEAK_CIPHER,
    WW_CHECK_MX_NO_FORWARD_SECRECY,
    WW_CHECK_MX_RSA_KEY_EXCHANGE,

    WW_CHECK_MX_SELF_SIGNED,
    WW_CHECK_MX_UNTRUSTED,
    WW_CHECK_MX_INCOMPLETE_CHAIN,
    WW_CHECK_MX_EXPIRED,
    WW_CHECK_MX_NOT_YET_VALID,
    WW_CHECK_MX_EXPIRES_SOON,
    WW_CHECK_MX_NAME_MISMATCH,
    WW_CHECK_MX_KEY_USAGE,
    WW_CHECK_MX_REVOKED,
    WW_CHECK_MX_WEAK_KEY,
    WW_CHECK_MX_WEAK_SIGNATURE,
    WW_CHECK_MX_SNI_DIFFERS,
    WW_CHECK_MX_DANE_ONLY,
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void not_tested(struct ww_check_report *report, const enum ww_check *checks, size_t count,
                       const char *why)
{
    for (size_t i = 0; i < count; i++)
        ww_check_not_tested(report, checks[i], why);
}

static void judge_host(const struct ww_mx_case *c, const struct ww_mx_our_side *ours)
{
    ww_judge_mx_reach(c, ours);
    for (size_t i = 0; i < c->mx->count; i++)
        if (c->mx->addresses[i].looked && c->mx->addresses[i].first.err == WW_OK)
            ww_judge_mx_tls(c, &c->mx->addresses[i]);
    ww_judge_mx_certificates(c);
    ww_mx_gather_end(c->gather);
}

/* Of all hosts together: why what was not made by now could not be. */
struct reasons {
    bool late, no_route, handshake, several;
};

static struct reasons reasons_of(const struct ww_sight *sight)
{
    struct reasons r = {.late = false};
    for (size_t i = 0; i < sight->survey.count; i++) {
        const struct ww_mx_sight *mx = sight->mx[i];
        r.late = r.late || mx == NULL || !mx->complete;
        for (size_t k = 0; mx != NULL && k < mx->count; k++) {
            r.no_route = r.no_route || mx->addresses[k].no_route;
            r.late = r.late || (!mx->addresses[k].looked && !mx->addresses[k].no_route);
            r.handshake = r.handshake || mx->addresses[k].first.handshake;
            r.several = r.several || k > 0;
        }
    }
    return r;
}

static void tell_the_rest(const struct ww_sight *sight, const struct ww_mx_our_side *ours,
                          struct ww_check_report *report)
{
    struct reasons r = reasons_of(sight);
    const char *why = "no MX host could be talked to";
    if (ours->blocked[WW_MX_IPV4] || ours->blocked[WW_MX_IPV6])
        why = "no MX host can be reached at port 25 from here";
    else if (ours->listed)
        why = "the MX hosts refuse this machine by a block list";
    else if (r.late)
        why = "the MX hosts could not be looked at in time";
    else if (r.no_route)
        why = "this machine has no way to the MX hosts";
    not_tested(report, talking, COUNT(talking), why);
    if (report->states[WW_CHECK_MX_NO_STARTTLS] == WW_CHECK_FOUND)
        why = "no MX host offers STARTTLS";
    not_tested(report, starting_tls, COUNT(starting_tls), why);
    if (report->states[WW_CHECK_MX_NO_STARTTLS] != WW_CHECK_NOT_TESTED && !r.handshake)
        why = "no MX host has completed a TLS handshake";
    not_tested(report, over_tls, COUNT(over_tls),
               r.late && r.handshake ? "the MX hosts could not be looked at in "
                                       "time"
                                     : why);
    ww_check_not_tested(report, WW_CHECK_MX_CERTIFICATES_DIFFER,
                        r.handshake && !r.several ? "each MX host has one address" : why);
}

static void judge_all(const struct ww_sight *sight, struct ww_check_report *report,
                      struct ww_mx_gather *gather)
{
    struct ww_mx_our_side ours = ww_judge_our_side(sight, report);
    for (size_t i = 0; i < sight->survey.count; i++) {
        const struct ww_mx_case c = {sight, i, sight->mx[i], report, gather};
        gather->report = report;
        gather->host = sight->survey.hosts[i].name;
        if (sight->mx[i] != NULL)
            judge_host(&c, &ours);
    }
    tell_the_rest(sight, &ours, report);
}

/* Before publication, and where there are no MX hosts, there is nothing to make these checks of. */
void ww_judge_mx_hosts(const struct ww_sight *sight, struct ww_check_report *report)
{
    struct ww_mx_gather *gather = calloc(1, sizeof *gather);
    if (sight->offline) {
        free(gather);
        return;
    }
    if (gather == NULL) {
        report->failed = true;
    } else if (!sight->surveyed || sight->survey.outcome == WW_MX_FAILED) {
        static const char why[] = "the MX records could not be looked up";
        not_tested(report, talking, COUNT(talking), why);
        not_tested(report, starting_tls, COUNT(starting_tls), why);
        not_tested(report, over_tls, COUNT(over_tls), why);
        ww_check_not_tested(report, WW_CHECK_MX_CERTIFICATES_DIFFER, why);
    } else if (sight->survey.count > 0) {
        judge_all(sight, report, gather);
    }
    free(gather);
}
