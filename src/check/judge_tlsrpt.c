#include "check/judge_text.h"
#include "check/judges.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char no_time[] = "there was no time left for it";

static const enum ww_check rules[] = {
#define WW_CHECK(...)
#define WW_CHECK_RULE(name, ...) WW_CHECK_##name,
#include "check/table_tlsrpt.h"
#undef WW_CHECK
#undef WW_CHECK_RULE
};

static const enum ww_check all[] = {
#define WW_CHECK(name, ...) WW_CHECK_##name,
#define WW_CHECK_RULE(name, ...) WW_CHECK_##name,
#include "check/table_tlsrpt.h"
#undef WW_CHECK
#undef WW_CHECK_RULE
};

static void not_tested(struct ww_check_report *report, const char *why)
{
    for (size_t i = 0; i < COUNT(all); i++)
        ww_check_not_tested(report, all[i], why);
}

/* ---- The record ---- */

static const struct ww_name_texts *find_misplaced(const struct ww_sight *sight, struct ww_slice *text)
{
    return ww_judge_misplaced(&sight->names, WW_NAMES_TLSRPT_WRONG_FIRST, WW_NAMES_TLSRPT_WRONG_LAST,
                              &ww_tlsrpt_record_kind, text);
}

static void find_missing(const struct ww_sight *sight, struct ww_check_report *report)
{
    const struct ww_name_texts *texts = &sight->names.texts[WW_NAMES_TLSRPT];
    char quoted[WW_JUDGE_QUOTE_SIZE];
    struct ww_slice text;
    const struct ww_name_texts *misplaced = find_misplaced(sight, &text);
    if (misplaced != NULL) {
        ww_judge_quote(text, quoted);
        ww_check_found(report, WW_CHECK_TLSRPT_WRONG_LABEL, misplaced->name,
                       "%s stands there, and none at %s", quoted, texts->name);
    } else {
        ww_check_found(report, WW_CHECK_TLSRPT_NONE, texts->name, "%s",
                       texts->nxdomain    ? "The name does not exist (NXDOMAIN)"
                       : texts->count > 0 ? "Other TXT records stand there, and no TLSRPT record"
                                          : "The name exists, but has no TXT record (NODATA)");
    }
}

/* URIs that stand in the list before, and those that do not. */
static void count_uris(const struct ww_tlsrpt_record *record, size_t *different, struct ww_slice *twice)
{
    struct ww_slice uri, earlier;
    enum ww_rua_scheme scheme;
    *different = 0;
    *twice = ww_slice(NULL, 0);
    for (size_t pos = 0; *different <= WW_RUA_MAX && ww_tlsrpt_next_rua(record, &pos, &uri, &scheme);) {
        bool known = false;
        for (size_t at = 0;
             !known && ww_tlsrpt_next_rua(record, &at, &earlier, &scheme) && earlier.p != uri.p;)
            known = ww_slice_eq(uri, earlier);
        *different += known ? 0 : 1;
        if (known)
            *twice = uri;
    }
}

static void judge_texts(const struct ww_sight *sight, struct ww_check_report *report)
{
    enum ww_err told[4] = {WW_E_TLSRPT_NONE};
    size_t told_count = 1;
    const struct ww_name_texts *texts = &sight->names.texts[WW_NAMES_TLSRPT];
    bool wildcard = ww_name_texts_same(texts, &sight->names.texts[WW_NAMES_SIBLING]);
    static struct ww_lint_record lint;
    char quoted[WW_JUDGE_QUOTE_SIZE];
    for (size_t i = 0; i < COUNT(rules); i++)
        ww_check_made(report, rules[i]);
    ww_check_made(report, WW_CHECK_TLSRPT_TOO_MANY);
    ww_check_made(report, WW_CHECK_TLSRPT_WRONG_LABEL);
    ww_check_made(report, WW_CHECK_TLSRPT_RUA_TWICE);
    if (texts->more) {
        ww_check_found(report, WW_CHECK_TLSRPT_TOO_MANY, texts->name, "There are more than %d",
                       WW_NAME_TEXTS_MAX);
        return;
    }
    ww_lint_tlsrpt_texts(texts->all, texts->count, &lint);
    if (wildcard) {
        told[told_count++] = WW_E_TLSRPT_UNRELATED;
        told[told_count++] = WW_E_TLSRPT_DROPPED;
    }
    if (lint.verdict == WW_VERDICT_VALID) {
        struct ww_slice twice;
        size_t different;
        count_uris(&lint.record.tlsrpt, &different, &twice);
        if (twice.p != NULL) {
            ww_judge_quote(twice, quoted);
            ww_check_found(report, WW_CHECK_TLSRPT_RUA_TWICE, texts->name, "%s stands there twice", quoted);
        }
        if (different == 1)
            told[told_count++] = WW_E_TLSRPT_RUA_SEVERAL;
    }
    ww_judge_lint(report, texts, &lint, told, told_count);
    if (lint.verdict == WW_VERDICT_NONE && (texts->count == 0 || wildcard))
        find_missing(sight, report);
}

static void judge_stray(const struct ww_sight *sight, struct ww_check_report *report)
{
    char quoted[WW_JUDGE_QUOTE_SIZE];
    struct ww_slice text;
    const struct ww_name_texts *stray = find_misplaced(sight, &text);
    ww_check_made(report, WW_CHECK_TLSRPT_STRAY);
    if (stray == NULL)
        return;
    ww_judge_quote(text, quoted);
    ww_check_found(report, WW_CHECK_TLSRPT_STRAY, stray->name, "%s stands there", quoted);
}

/* ---- The destinations ---- */

/* An MX host of the domain that was inspected has answered: our way to port 25 is open. */
static bool is_port_open(const struct ww_sight *sight)
{
    for (size_t i = 0; i < sight->survey.count && i < WW_DANE_HOSTS_MAX; i++) {
        const struct ww_mx_sight *mx = sight->mx[i];
        for (size_t k = 0; mx != NULL && mx->complete && k < mx->count; k++)
            if (mx->addresses[k].first.err == WW_OK)
                return true;
    }
    return false;
}

static bool takes_no_mail(const struct ww_rua_destination *d, const char **words)
{
    char room[WW_JUDGE_QUOTE_SIZE];
    static char failure[WW_JUDGE_QUOTE_SIZE];
    switch (d->mail.outcome) {
    case WW_MX_NULL:
        *words = "it says that it takes no mail (null MX)";
        return true;
    case WW_MX_NO_DOMAIN:
        *words = "it does not exist (NXDOMAIN)";
        return true;
    case WW_MX_FAILED:
        memcpy(failure, ww_judge_failure(d->mail.mx_err, d->mail.detail, room), sizeof failure);
        *words = failure;
        return ww_judge_is_their_failure(d->mail.mx_err) || d->mail.mx_err == WW_E_DNS_BOGUS;
    case WW_MX_LISTED:
    case WW_MX_IMPLICIT:
    case WW_MX_OUTCOMES:
        break;
    }
    *words = "none of its MX hosts has an address";
    return d->mail.tried == 0 && d->mail.err == WW_E_FETCH_NO_ADDRESS;
}

static void judge_mail(const struct ww_sight *sight, const struct ww_rua_destination *d,
                       struct ww_check_report *report)
{
    const char *words;
    char failure[WW_JUDGE_QUOTE_SIZE];
    if (!d->mail.found) {
        static const char why[] = "the MX records of that domain were not looked at";
        ww_check_not_tested(report, WW_CHECK_TLSRPT_RUA_NO_MAIL, why);
        ww_check_not_tested(report, WW_CHECK_TLSRPT_RUA_MAIL_SILENT, why);
        return;
    }
    ww_check_made(report, WW_CHECK_TLSRPT_RUA_NO_MAIL);
    if (takes_no_mail(d, &words)) {
        ww_check_found(report, WW_CHECK_TLSRPT_RUA_NO_MAIL, d->uri, "%s: %s", d->name, words);
        return;
    }
    if (d->mail.greeted || is_port_open(sight))
        ww_check_made(report, WW_CHECK_TLSRPT_RUA_MAIL_SILENT);
    else
        ww_check_not_tested(report, WW_CHECK_TLSRPT_RUA_MAIL_SILENT,
                            "no mail host at all answers this machine; port 25 may be blocked");
    if (!d->mail.greeted && is_port_open(sight) && d->mail.err != WW_E_NO_MEMORY)
        ww_check_found(report, WW_CHECK_TLSRPT_RUA_MAIL_SILENT, d->uri, "%s: %s", d->mail.host,
                       ww_judge_failure(d->mail.err, d->mail.detail, failure));
}

static void judge_policy(const struct ww_sight *sight, const struct ww_rua_destination *d,
                         struct ww_check_report *report)
{
    bool own = strcmp(d->name, sight->domain) == 0;
    ww_check_made(report, WW_CHECK_TLSRPT_RUA_OWN_POLICY);
    if (own && ww_sight_is_enforced(sight))
        ww_check_found(report, WW_CHECK_TLSRPT_RUA_OWN_POLICY, d->uri, "%s is enforced for %s", "MTA-STS",
                       d->name);
    if (own || d->mail.policy_known)
        ww_check_made(report, WW_CHECK_TLSRPT_RUA_STS);
    else
        ww_check_not_tested(report, WW_CHECK_TLSRPT_RUA_STS,
                            "the MTA-STS policy of that domain cannot be found out");
    if (!own && d->mail.enforced)
        ww_check_found(report, WW_CHECK_TLSRPT_RUA_STS, d->uri, "%s has a policy of mode enforce", d->name);
}

enum web_fault { WEB_ANSWERS, WEB_SILENT, WEB_CERTIFICATE };

/* Whatever comes over TLS, even if it is no good HTTP, shows that somebody listens. */
static enum web_fault web_fault(enum ww_err err)
{
    static const enum ww_err certificate[] = {
        WW_E_HTTPS_CERT_EXPIRED,     WW_E_HTTPS_CERT_EARLY, WW_E_HTTPS_CERT_UNTRUSTED,
        WW_E_HTTPS_CERT_SELF_SIGNED, WW_E_HTTPS_CERT_CHAIN, WW_E_HTTPS_CERT_NAME,
        WW_E_HTTPS_CERT_NO_SAN,      WW_E_HTTPS_CERT,
    };
    static const enum ww_err answers[] = {
        WW_OK,          WW_E_HTTPS_TOO_LARGE, WW_E_HTTPS_HEADERS,
        WW_E_HTTPS_CUT, WW_E_HTTPS_CODING,    WW_E_HTTPS_PROTOCOL,
    };
    for (size_t i = 0; i < COUNT(certificate); i++)
        if (certificate[i] == err)
            return WEB_CERTIFICATE;
    for (size_t i = 0; i < COUNT(answers); i++)
        if (answers[i] == err)
            return WEB_ANSWERS;
    return WEB_SILENT;
}

static void judge_web(const struct ww_rua_destination *d, struct ww_check_report *report)
{
    const struct ww_rua_web *web = &d->web;
    if (!web->asked || !d->ended) {
        ww_check_not_tested(report, WW_CHECK_TLSRPT_RUA_WEB_SILENT,
                            web->other_port ? "only port 443 is looked at"
                            : web->asked    ? no_time
                                            : "the server was not looked at");
        return;
    }
    ww_check_made(report, WW_CHECK_TLSRPT_RUA_WEB_SILENT);
    ww_check_made(report, WW_CHECK_TLSRPT_RUA_WEB_CERTIFICATE);
    ww_check_made(report, WW_CHECK_TLSRPT_RUA_WEB_STATUS);
    enum web_fault fault = web_fault(web->err);
    if (fault != WEB_ANSWERS)
        ww_check_found(report,
                       fault == WEB_SILENT ? WW_CHECK_TLSRPT_RUA_WEB_SILENT
                                           : WW_CHECK_TLSRPT_RUA_WEB_CERTIFICATE,
                       d->uri, "A GET ends with %s%s%s", ww_err_id(web->err),
                       web->detail[0] != '\0' ? ": " : "", web->detail);
    else if (web->status == 404 || web->status == 410 || web->status >= 500)
        ww_check_found(report, WW_CHECK_TLSRPT_RUA_WEB_STATUS, d->uri, "A GET is answered with status %u",
                       web->status);
}

/* Of kinds of destinations that are not there nothing can be wrong. */
static void judge_destinations(const struct ww_sight *sight, struct ww_check_report *report)
{
    static const enum ww_check checks[] = {
        WW_CHECK_TLSRPT_RUA_NO_MAIL,    WW_CHECK_TLSRPT_RUA_MAIL_SILENT,
        WW_CHECK_TLSRPT_RUA_WEB_SILENT, WW_CHECK_TLSRPT_RUA_WEB_CERTIFICATE,
        WW_CHECK_TLSRPT_RUA_WEB_STATUS, WW_CHECK_TLSRPT_RUA_OWN_POLICY,
        WW_CHECK_TLSRPT_RUA_STS,
    };
    const struct ww_rua_sight *rua = &sight->rua;
    if (!rua->looked)
        return;
    for (size_t i = 0; i < rua->count; i++) {
        const struct ww_rua_destination *d = &rua->destinations[i];
        if (d->name[0] == '\0')
            continue;
        if (d->scheme == WW_RUA_HTTPS) {
            judge_web(d, report);
        } else {
            judge_mail(sight, d, report);
            judge_policy(sight, d, report);
        }
    }
    for (size_t i = 0; i < COUNT(checks); i++) {
        if (rua->late)
            ww_check_not_tested(report, checks[i], no_time);
        else if (report->states[checks[i]] == WW_CHECK_NOT_MADE)
            ww_check_made(report, checks[i]);
    }
}

void ww_judge_tlsrpt(const struct ww_sight *sight, struct ww_check_report *report)
{
    const struct ww_names_sight *names = &sight->names;
    const struct ww_name_texts *texts = &names->texts[WW_NAMES_TLSRPT];
    const struct ww_name_texts *sts = &names->texts[WW_NAMES_STS];
    char words[WW_JUDGE_QUOTE_SIZE];
    if (!names->looked || report->states[WW_CHECK_RECORD_NO_DOMAIN] == WW_CHECK_FOUND)
        return;
    bool failed = texts->ended && texts->err != WW_OK;
    bool own_fault = failed && ww_judge_is_their_failure(texts->err) && sts->ended && sts->err == WW_OK;
    if (!texts->ended || (failed && !own_fault)) {
        not_tested(report, !texts->ended ? no_time : "there is no answer to the look-up of the record");
        return;
    }
    ww_check_made(report, WW_CHECK_TLSRPT_LOOKUP_FAILED);
    if (own_fault) {
        ww_check_found(report, WW_CHECK_TLSRPT_LOOKUP_FAILED, texts->name, "%s",
                       ww_judge_failure(texts->err, texts->detail, words));
        return;
    }
    judge_texts(sight, report);
    if (names->tlsrpt != WW_TXT_PRESENT)
        return;
    judge_stray(sight, report);
    judge_destinations(sight, report);
}
