#include "check/host_faults.h"

#include "core/dns_answer.h"

#include <stdio.h>

/* A failure that tells nothing of the host. */
static bool is_ours(enum ww_err err)
{
    return err == WW_E_NO_MEMORY || err == WW_E_DNS_BUSY;
}

/* The whole domain cannot be looked up, so that the policy host is no finding of its own. */
static bool is_all_of_domain(const struct ww_sight *sight, enum ww_err err)
{
    return sight->surveyed && sight->survey.why == err && sight->survey.count == 0;
}

/* That there is nothing at the name follows from a finding of the record's. */
static bool is_told_of_record(const struct ww_check_report *report)
{
    return report->states[WW_CHECK_RECORD_WITHOUT_POLICY] == WW_CHECK_FOUND ||
           report->states[WW_CHECK_RECORD_HALF_DELEGATED] == WW_CHECK_FOUND;
}

static const char *words_of(const struct ww_host_sight *host, enum ww_err err)
{
    return host->dns_err == err && host->dns_detail[0] != '\0' ? host->dns_detail : ww_err_message(err);
}

/* The look-up of one family has failed, of both, or of none: "" then. */
static void put_failure(const struct ww_host_sight *host, char *words, size_t size)
{
    bool a = host->ipv4.err != WW_OK, aaaa = host->ipv6.err != WW_OK;
    enum ww_err err = a ? host->ipv4.err : host->ipv6.err;
    words[0] = '\0';
    if (a || aaaa)
        (void)snprintf(words, size, "%s: %s%s", a && aaaa ? "A and AAAA" : (a ? "A" : "AAAA"),
                       words_of(host, err), host->count > 0 ? "; the other family has addresses" : "");
}

static void judge_nothing(const struct ww_host_sight *host, const char *name, struct ww_check_report *report)
{
    const char *owner = host->ipv4.owner[0] != '\0' ? host->ipv4.owner : host->ipv6.owner;
    bool missing = host->ipv4.rcode == WW_DNS_NXDOMAIN || host->ipv6.rcode == WW_DNS_NXDOMAIN;
    if (owner[0] != '\0' && missing)
        ww_check_found(report, WW_CHECK_HOST_DANGLING_ALIAS, name, "it is an alias of %s: NXDOMAIN", owner);
    else if (missing)
        ww_check_found(report, WW_CHECK_HOST_UNRESOLVED, name, "NXDOMAIN: there is no such name");
    else if (owner[0] != '\0')
        ww_check_found(report, WW_CHECK_HOST_UNRESOLVED, name,
                       "it is an alias of %s, which has neither A nor AAAA records", owner);
    else
        ww_check_found(report, WW_CHECK_HOST_UNRESOLVED, name, "the name has neither A nor AAAA records");
}

static size_t put_refused(struct ww_buf *b, const struct ww_addresses_answer *answer)
{
    char text[WW_ADDR_TEXT_SIZE];
    if (answer->refused == 0)
        return 0;
    ww_addr_format(&answer->refused_addr, text);
    ww_buf_str(b, b->n > 0 ? ", and " : "");
    ww_buf_str(b, text);
    ww_buf_str(b, " is ");
    ww_buf_str(b, answer->refused_as);
    if (answer->refused > 1) {
        ww_buf_str(b, " (and ");
        ww_buf_decimal(b, answer->refused - 1);
        ww_buf_str(b, " more of its family are special)");
    }
    return answer->refused;
}

static void judge_refused(const struct ww_host_sight *host, const char *name, struct ww_check_report *report)
{
    char words[WW_CHECK_SEEN_SIZE];
    struct ww_buf b = ww_buf(words, sizeof words - 1);
    size_t n = put_refused(&b, &host->ipv4);
    n += put_refused(&b, &host->ipv6);
    words[b.n] = '\0';
    if (n > 0)
        ww_check_found(report, WW_CHECK_HOST_SPECIAL_ADDRESS, name, "%s; nobody connected to it", words);
}

void ww_judge_host_names(const struct ww_sight *sight, const char *name, struct ww_check_report *report)
{
    static const enum ww_check checks[] = {WW_CHECK_HOST_UNRESOLVED, WW_CHECK_HOST_DANGLING_ALIAS,
                                           WW_CHECK_HOST_SPECIAL_ADDRESS, WW_CHECK_HOST_IPV6_ONLY};
    const struct ww_host_sight *host = &sight->host;
    const struct ww_addresses_answer *a = &host->ipv4, *aaaa = &host->ipv6;
    enum ww_err failed = a->err != WW_OK ? a->err : aaaa->err;
    bool silent = failed != WW_OK && (is_ours(failed) || is_all_of_domain(sight, failed));
    char words[WW_HOST_DETAIL_SIZE + 80];
    put_failure(host, words, sizeof words);
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        if (failed == WW_OK)
            ww_check_made(report, checks[i]);
        else
            ww_check_not_tested(report, checks[i],
                                silent ? "no look-up of the domain came to an end"
                                       : "a look-up of the policy host's addresses failed");
    }
    judge_refused(host, name, report);
    if (silent || is_told_of_record(report))
        return;
    if (failed != WW_OK)
        ww_check_found(report, WW_CHECK_HOST_UNRESOLVED, name, "%s", words);
    else if (host->count == 0 && a->refused + aaaa->refused == 0)
        judge_nothing(host, name, report);
    else if (aaaa->count > 0 && a->count + a->refused == 0)
        ww_check_found(report, WW_CHECK_HOST_IPV6_ONLY, name, "%zu AAAA records, and no A record",
                       aaaa->count);
}
