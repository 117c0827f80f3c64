#include "check/judge_names.h"

#include "check/judge_text.h"
#include "check/judges.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char no_answer[] = "there is no answer to the look-up of the record";
static const char no_time[] = "there was no time left for it";

/* Rules of the record's text. */
static const enum ww_check rules[] = {
#define WW_CHECK(...)
#define WW_CHECK_RULE(name, ...) WW_CHECK_##name,
#include "check/table_names.h"
#undef WW_CHECK
#undef WW_CHECK_RULE
};

static const enum ww_check all[] = {
#define WW_CHECK(name, ...) WW_CHECK_##name,
#define WW_CHECK_RULE(name, ...) WW_CHECK_##name,
#include "check/table_names.h"
#undef WW_CHECK
#undef WW_CHECK_RULE
};

static void not_tested(struct ww_check_report *report, const enum ww_check *checks, size_t count,
                       const char *why)
{
    for (size_t i = 0; i < count; i++)
        ww_check_not_tested(report, checks[i], why);
}

/* ---- There is no record ---- */

static void find_missing(const struct ww_sight *sight, struct ww_check_report *report)
{
    const struct ww_name_texts *texts = &sight->names.texts[WW_NAMES_STS];
    const char *target = texts->alias_count > 0 ? texts->aliases[texts->alias_count - 1] : NULL;
    char quoted[WW_JUDGE_QUOTE_SIZE];
    struct ww_slice text;
    const struct ww_name_texts *misplaced = ww_judge_misplaced(
        &sight->names, WW_NAMES_STS_WRONG_FIRST, WW_NAMES_STS_WRONG_LAST, &ww_sts_record_kind, &text);
    if (misplaced != NULL) {
        bool apex = misplaced == &sight->names.texts[WW_NAMES_APEX];
        ww_judge_quote(text, quoted);
        ww_check_found(report, apex ? WW_CHECK_RECORD_AT_APEX : WW_CHECK_RECORD_WRONG_LABEL, misplaced->name,
                       "%s stands there, and none at %s", quoted, texts->name);
    } else if (ww_judge_half_delegated(sight)) {
        return;
    } else if (target != NULL && texts->nxdomain) {
        ww_judge_quote(ww_slice_str(target), quoted);
        ww_check_found(report, WW_CHECK_RECORD_ALIAS_DANGLING, texts->name, "It leads to %s: NXDOMAIN",
                       quoted);
    } else if (sight->has_policy) {
        ww_check_found(report, WW_CHECK_POLICY_WITHOUT_RECORD, texts->name, "%s; mta-sts.%s serves a policy",
                       texts->nxdomain ? "The name does not exist (NXDOMAIN)" : "There is no TXT record",
                       sight->domain);
    } else if (texts->nxdomain) {
        ww_check_found(report, WW_CHECK_STS_NONE, texts->name, "The name does not exist (NXDOMAIN)");
    } else {
        ww_check_found(report, WW_CHECK_RECORD_NO_TXT, texts->name,
                       "The name exists, but has no TXT record (NODATA)");
    }
}

static void make_missing(const struct ww_sight *sight, struct ww_check_report *report)
{
    static const enum ww_check checks[] = {WW_CHECK_RECORD_NO_TXT, WW_CHECK_RECORD_AT_APEX,
                                           WW_CHECK_RECORD_WRONG_LABEL, WW_CHECK_RECORD_ALIAS_DANGLING,
                                           WW_CHECK_RECORD_WILDCARD};
    for (size_t i = 0; i < COUNT(checks); i++)
        ww_check_made(report, checks[i]);
    if (sight->names.record == WW_TXT_PRESENT || (sight->host.looked && !sight->host.late))
        ww_check_made(report, WW_CHECK_POLICY_WITHOUT_RECORD);
    else
        ww_check_not_tested(report, WW_CHECK_POLICY_WITHOUT_RECORD,
                            sight->host.late ? no_time : "the policy host was not looked at");
}

/* ---- What stands at the name ---- */

static void judge_texts(const struct ww_sight *sight, struct ww_check_report *report)
{
    /* What a wildcard puts there, and that nothing is there, is told in other words. */
    static const enum ww_err told[] = {WW_E_STS_NONE, WW_E_STS_UNRELATED, WW_E_STS_DROPPED};
    const struct ww_names_sight *names = &sight->names;
    const struct ww_name_texts *texts = &names->texts[WW_NAMES_STS];
    static struct ww_lint_record lint;
    char quoted[WW_JUDGE_QUOTE_SIZE];
    bool wildcard = ww_name_texts_same(texts, &names->texts[WW_NAMES_SIBLING]);
    for (size_t i = 0; i < COUNT(rules); i++)
        ww_check_made(report, rules[i]);
    ww_check_made(report, WW_CHECK_RECORD_TOO_MANY);
    make_missing(sight, report);
    ww_lint_sts_texts(texts->all, texts->count, &lint);
    if (texts->more) {
        ww_check_found(report, WW_CHECK_RECORD_TOO_MANY, texts->name, "There are more than %d",
                       WW_NAME_TEXTS_MAX);
        return;
    }
    if (wildcard) {
        ww_judge_quote(texts->all[0], quoted);
        ww_check_found(report, WW_CHECK_RECORD_WILDCARD, texts->name, "%s stands at %s as well", quoted,
                       names->texts[WW_NAMES_SIBLING].name);
    }
    ww_judge_lint(report, texts, &lint, told, wildcard ? COUNT(told) : 1);
    if (lint.verdict == WW_VERDICT_NONE && texts->count == 0)
        find_missing(sight, report);
}

static void judge_stray(const struct ww_sight *sight, struct ww_check_report *report)
{
    char quoted[WW_JUDGE_QUOTE_SIZE];
    struct ww_slice text;
    const struct ww_name_texts *stray = ww_judge_misplaced(
        &sight->names, WW_NAMES_STS_WRONG_FIRST, WW_NAMES_STS_WRONG_LAST, &ww_sts_record_kind, &text);
    ww_check_made(report, WW_CHECK_RECORD_STRAY);
    if (stray == NULL)
        return;
    ww_judge_quote(text, quoted);
    ww_check_found(report, WW_CHECK_RECORD_STRAY, stray->name, "%s stands there", quoted);
}

static void judge_aliases(const struct ww_sight *sight, struct ww_check_report *report)
{
    const struct ww_name_texts *texts = &sight->names.texts[WW_NAMES_STS];
    ww_check_made(report, WW_CHECK_RECORD_ALIAS_DEPTH);
    if (texts->alias_count > WW_JUDGE_ALIASES_MAX)
        ww_check_found(report, WW_CHECK_RECORD_ALIAS_DEPTH, texts->name,
                       "%zu CNAME records lead to the record", texts->alias_count);
}

/* ---- Record and policy ---- */

static void judge_policy_gone(const struct ww_sight *sight, struct ww_check_report *report)
{
    const struct ww_name_zone *host = &sight->names.zones[WW_NAMES_ZONE_HOST];
    if (!host->ended || host->err != WW_OK) {
        ww_check_not_tested(report, WW_CHECK_RECORD_WITHOUT_POLICY,
                            "the name of the policy host cannot be looked up");
        return;
    }
    ww_check_made(report, WW_CHECK_RECORD_WITHOUT_POLICY);
    if (ww_names_has_no_host(&sight->names) && !ww_judge_half_delegated(sight))
        ww_check_found(report, WW_CHECK_RECORD_WITHOUT_POLICY, host->name,
                       "The record says id %s, but this name does not exist (NXDOMAIN)", sight->names.sts.id);
}

/* ---- The look-up ---- */

/* A domain none of whose names can be looked up has one fault, at the domain. */
static void judge_lookup(const struct ww_sight *sight, struct ww_check_report *report)
{
    const struct ww_names_sight *names = &sight->names;
    const struct ww_name_texts *texts = &names->texts[WW_NAMES_STS];
    const struct ww_name_zone *domain = names->above_count > 0 ? &names->above[names->above_count - 1] : NULL;
    bool all_fail = domain != NULL && domain->ended && ww_judge_is_their_failure(domain->err);
    char words[WW_JUDGE_QUOTE_SIZE];
    if (!texts->ended ||
        (texts->err != WW_OK && texts->err != WW_E_DNS_BOGUS && !ww_judge_is_their_failure(texts->err))) {
        ww_check_not_tested(report, WW_CHECK_RECORD_LOOKUP_FAILED,
                            texts->ended ? "the name could not be asked for" : no_time);
        return;
    }
    ww_check_made(report, WW_CHECK_RECORD_LOOKUP_FAILED);
    if (ww_judge_is_their_failure(texts->err))
        ww_check_found(report, WW_CHECK_RECORD_LOOKUP_FAILED, all_fail ? domain->name : texts->name, "%s",
                       ww_judge_failure(texts->err, texts->detail, words));
}

static void judge_record(const struct ww_sight *sight, struct ww_check_report *report)
{
    const struct ww_name_texts *texts = &sight->names.texts[WW_NAMES_STS];
    judge_lookup(sight, report);
    if (!texts->ended || texts->err != WW_OK) {
        not_tested(report, all, COUNT(all), texts->ended ? no_answer : no_time);
        return;
    }
    judge_texts(sight, report);
    judge_aliases(sight, report);
    if (sight->names.record != WW_TXT_PRESENT)
        return;
    judge_stray(sight, report);
    if (!sight->offline)
        judge_policy_gone(sight, report);
}

void ww_judge_names(const struct ww_sight *sight, struct ww_check_report *report)
{
    const struct ww_names_sight *names = &sight->names;
    const struct ww_name_zone *domain = names->above_count > 0 ? &names->above[names->above_count - 1] : NULL;
    if (!names->looked)
        return;
    if (ww_names_is_our_side(names)) {
        not_tested(report, all, COUNT(all),
                   names->late ? no_time
                               : "no DNS answer comes to this machine: the fault is here, or on the way");
        return;
    }
    if (domain != NULL && domain->ended && domain->err == WW_OK) {
        ww_check_made(report, WW_CHECK_RECORD_NO_DOMAIN);
        if (domain->nxdomain) {
            ww_check_found(report, WW_CHECK_RECORD_NO_DOMAIN, domain->name, "NXDOMAIN");
            return;
        }
    }
    if (!sight->offline)
        ww_judge_zones(sight, report);
    judge_record(sight, report);
}
