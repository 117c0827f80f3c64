#include "check/judges.h"

#include "core/mx_match.h"
#include "core/words.h"

static const enum ww_check of_policy[] = {WW_CHECK_COVER_MX_MISSED, WW_CHECK_COVER_MX_UNUSED};
static const enum ww_check of_mx[] = {WW_CHECK_COVER_MX_LOOKUP, WW_CHECK_COVER_NULL_MX, WW_CHECK_COVER_NO_MX};

static void not_tested(struct ww_check_report *report, const enum ww_check *checks, size_t count,
                       const char *why)
{
    for (size_t i = 0; i < count; i++)
        ww_check_not_tested(report, checks[i], why);
}

static bool is_theirs(enum ww_err err)
{
    return err != WW_E_DNS_TIMEOUT && err != WW_E_DNS_BUSY && err != WW_E_NO_MEMORY && err != WW_E_DNS_BOGUS;
}

/* A bogus answer is dane-dnssec-bogus; a time-out may be of this side's making. */
static void judge_lookup(const struct ww_sight *sight, struct ww_check_report *report)
{
    const struct ww_dane_survey *s = &sight->survey;
    if (is_theirs(s->why))
        ww_check_found(report, WW_CHECK_COVER_MX_LOOKUP, sight->domain, "%s%s%s", ww_err_message(s->why),
                       s->detail[0] != '\0' ? ": " : "", s->detail);
    else
        ww_check_not_tested(report, WW_CHECK_COVER_MX_LOOKUP,
                            s->why == WW_E_DNS_BOGUS ? "the answer for the MX records is bogus"
                                                     : "no answer for the MX records came in time");
    not_tested(report, of_mx, sizeof of_mx / sizeof *of_mx, "the MX records could not be looked up");
}

static void judge_mx(const struct ww_sight *sight, struct ww_check_report *report)
{
    const char *domain = sight->domain;
    for (size_t i = 0; i < sizeof of_mx / sizeof *of_mx; i++)
        ww_check_made(report, of_mx[i]);
    if (sight->survey.outcome == WW_MX_NULL)
        ww_check_found(report, WW_CHECK_COVER_NULL_MX, domain, "the MX record is \"0 .\"");
    else if (sight->survey.outcome == WW_MX_IMPLICIT)
        ww_check_found(report, WW_CHECK_COVER_NO_MX, domain, "there is none, so that %s is the host itself",
                       domain);
}

static void put_patterns(const struct ww_policy *policy, struct ww_buf *b)
{
    struct ww_slice pattern;
    for (size_t pos = 0; ww_policy_next_mx(policy, &pos, &pattern) && b->n < 200;) {
        ww_buf_str(b, b->n > 0 ? ", " : "");
        ww_words_put_domain(b, pattern);
    }
}

static void judge_missed(const struct ww_sight *sight, struct ww_check_report *report)
{
    char patterns[360];
    struct ww_buf b = ww_buf(patterns, sizeof patterns - 1);
    put_patterns(&sight->policy, &b);
    patterns[b.n] = '\0';
    ww_check_made(report, WW_CHECK_COVER_MX_MISSED);
    for (size_t i = 0; i < sight->survey.count; i++) {
        const struct ww_dane_host *host = &sight->survey.hosts[i];
        if (!ww_mx_match_policy(&sight->policy, ww_slice_str(host->name)))
            ww_check_found(report, WW_CHECK_COVER_MX_MISSED, host->name,
                           "preference %u; the policy has the patterns %s", host->preference, patterns);
    }
}

static bool is_used(const struct ww_sight *sight, struct ww_slice pattern)
{
    bool used = false;
    for (size_t i = 0; i < sight->survey.count; i++)
        used = used || ww_mx_match(pattern, ww_slice_str(sight->survey.hosts[i].name));
    return used;
}

static void judge_unused(const struct ww_sight *sight, struct ww_check_report *report)
{
    struct ww_slice pattern;
    if (sight->survey.more) {
        ww_check_not_tested(report, WW_CHECK_COVER_MX_UNUSED, "there are more MX hosts than were looked at");
        return;
    }
    ww_check_made(report, WW_CHECK_COVER_MX_UNUSED);
    for (size_t pos = 0; ww_policy_next_mx(&sight->policy, &pos, &pattern);) {
        char text[WW_WORDS_DOMAIN_MAX + 1];
        struct ww_buf b = ww_buf(text, sizeof text - 1);
        if (is_used(sight, pattern))
            continue;
        ww_words_put_domain(&b, pattern);
        text[b.n] = '\0';
        ww_check_found(report, WW_CHECK_COVER_MX_UNUSED, sight->domain, "mx: %s, among %zu MX hosts", text,
                       sight->survey.count);
    }
}

/*
 * Where the domain takes no mail, or its policy wants nothing, no host has to be covered; that there is no
 * domain is found of its names.
 */
void ww_judge_cover(const struct ww_sight *sight, struct ww_check_report *report)
{
    const struct ww_dane_survey *s = &sight->survey;
    const size_t mx = sizeof of_mx / sizeof *of_mx, policy = sizeof of_policy / sizeof *of_policy;
    if (!sight->surveyed || s->outcome == WW_MX_FAILED) {
        const char *why = sight->offline     ? "the zone file has no MX records for the domain"
                          : !sight->surveyed ? "the MX records were not looked up in time"
                                             : "the MX records could not be looked up";
        if (sight->surveyed)
            judge_lookup(sight, report);
        not_tested(report, of_mx, mx, why);
        not_tested(report, of_policy, policy, why);
        return;
    }
    judge_mx(sight, report);
    if (s->count == 0)
        return;
    if (!sight->has_policy) {
        not_tested(report, of_policy, policy, "there is no valid policy");
        return;
    }
    if (sight->policy.mode == WW_MODE_NONE)
        return;
    judge_missed(sight, report);
    judge_unused(sight, report);
}
