#include "advise/cause.h"

#include "advise/advise.h"
#include "core/sessions.h"

const char *ww_cause_verdict_name(enum ww_cause_verdict verdict)
{
    static const char *const names[WW_CAUSE_VERDICTS] = {
        [WW_CAUSE_COUNTS] = "counts", [WW_CAUSE_DANE] = "dane",   [WW_CAUSE_POLICY] = "policy",
        [WW_CAUSE_OVER] = "over",     [WW_CAUSE_STALE] = "stale", [WW_CAUSE_STRAY] = "stray",
        [WW_CAUSE_BLIP] = "blip",
    };
    return names[verdict];
}

static bool is_among(const char *result, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(result, names[i]) == 0)
            return true;
    return false;
}

static bool is_of_policy(const char *result)
{
    static const char *const names[] = {"sts-policy-fetch-error", "sts-policy-invalid", "sts-webpki-invalid"};
    return is_among(result, names, sizeof names / sizeof *names);
}

bool ww_result_is_of_dane(const char *result)
{
    static const char *const names[] = {"tlsa-invalid", "dnssec-invalid", "dane-required"};
    return is_among(result, names, sizeof names / sizeof *names);
}

/* The older policy does not name the host, and the present one does: that is why, and it passes. */
static bool is_mended(const struct ww_evidence *e, const struct ww_use *use, const char *mx)
{
    return use->kind == WW_USE_BEFORE && mx[0] != '\0' && e->versions[use->version].has_policy &&
           !ww_version_names(&e->versions[use->version], mx) && ww_version_names(&e->versions[0], mx);
}

static bool is_stray(const struct ww_evidence *e, const struct ww_evidence_cause *c)
{
    bool knows = e->look.looked && e->look.mx[0] != '\0' && c->mx[0] != '\0';
    return knows && c->senders == 1 && !ww_look_has_mx(&e->look, c->mx) &&
           !(e->version_count > 0 && ww_version_names(&e->versions[0], c->mx));
}

/* Without an inspection nobody knows that the host is well. */
static bool is_blip(const struct ww_evidence *e, const struct ww_evidence_cause *c)
{
    int64_t all = ww_evidence_sessions(e, WW_ADVISE_QUIET_DAYS);
    return c->senders == 1 && e->look.looked && ww_look_fault_at(&e->look, c->mx) == NULL &&
           c->recent < all / WW_ADVISE_BLIP_OF + (all % WW_ADVISE_BLIP_OF != 0);
}

enum ww_cause_verdict ww_cause_judge(const struct ww_evidence *evidence,
                                     const struct ww_evidence_cause *cause)
{
    const struct ww_evidence_use *u = &evidence->uses[cause->use];
    const struct ww_use use =
        ww_use_of(evidence->versions, evidence->version_count, u->type, u->strings, u->mx_hosts);
    if (cause->last_day < ww_day_of(evidence->now) - WW_ADVISE_QUIET_DAYS)
        return WW_CAUSE_OVER;
    if (is_of_policy(cause->result))
        return WW_CAUSE_POLICY;
    if (is_mended(evidence, &use, cause->mx))
        return WW_CAUSE_STALE;
    if (is_stray(evidence, cause))
        return WW_CAUSE_STRAY;
    if (is_blip(evidence, cause))
        return WW_CAUSE_BLIP;
    return use.kind == WW_USE_DANE || ww_result_is_of_dane(cause->result) ? WW_CAUSE_DANE : WW_CAUSE_COUNTS;
}

static bool is_of_last(const struct ww_evidence *e, int64_t day, unsigned days)
{
    return day >= ww_day_of(e->now) - (int64_t)days;
}

int64_t ww_evidence_sessions(const struct ww_evidence *evidence, unsigned days)
{
    int64_t sum = 0;
    for (size_t i = 0; i < evidence->day_count; i++)
        if (is_of_last(evidence, evidence->day_list[i].day, days))
            sum += evidence->day_list[i].success + evidence->day_list[i].failure;
    return sum;
}

unsigned ww_evidence_days_told(const struct ww_evidence *evidence, unsigned days)
{
    unsigned count = 0;
    for (size_t i = 0; i < evidence->day_count; i++)
        count += is_of_last(evidence, evidence->day_list[i].day, days) &&
                 evidence->day_list[i].day < ww_day_of(evidence->now);
    return count;
}

bool ww_sender_is_silent(const struct ww_evidence_sender *sender, int64_t today)
{
    int64_t gone = today - 1 - sender->last_day;
    int64_t span = sender->last_day - sender->first_day;
    return sender->days >= WW_ADVISE_SILENT_DAYS &&
           gone * ((int64_t)sender->days - 1) >= WW_ADVISE_SILENT_TIMES * span;
}
