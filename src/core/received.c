#include "core/received.h"

#include <stdio.h>
#include <string.h>

/* The one domain that those policies name which name a recipient domain; NULL: none or several. */
static const char *only_domain(const struct ww_received *report)
{
    const char *only = NULL;
    for (size_t i = 0; i < report->count; i++) {
        const struct ww_received_policy *p = &report->policies[i];
        if (p->domain[0] == '\0' || ww_slice_is(p->type, "tlsa"))
            continue;
        if (only != NULL && strcmp(only, p->domain) != 0)
            return NULL;
        only = p->domain;
    }
    return only;
}

const char *ww_received_stand_in(const struct ww_received *report, const char *about)
{
    const char *only = about[0] != '\0' ? about : only_domain(report);
    return only != NULL ? only : "";
}

const char *ww_received_domain_by(const struct ww_received_policy *policy, const char *stand_in)
{
    bool names_one = policy->domain[0] != '\0' && !ww_slice_is(policy->type, "tlsa");
    return names_one || stand_in[0] == '\0' ? policy->domain : stand_in;
}

void ww_received_domain(const struct ww_received *report, size_t policy, const char *about,
                        char out[WW_DNAME_SIZE])
{
    const char *stand_in = ww_received_stand_in(report, about);
    (void)snprintf(out, WW_DNAME_SIZE, "%s", ww_received_domain_by(&report->policies[policy], stand_in));
}

static struct ww_deviation *deviation_of(struct ww_deviations *d, enum ww_err rule)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->list[i].rule == rule)
            return &d->list[i];
    return NULL;
}

void ww_deviations_add(struct ww_deviations *d, enum ww_err rule, enum ww_severity severity, const char *at)
{
    struct ww_deviation *known = deviation_of(d, rule);
    if (known != NULL) {
        known->count += known->count < UINT32_MAX;
        if (severity < known->severity)
            known->severity = severity;
        return;
    }
    if (d->count == WW_DEVIATIONS_MAX && severity != WW_SEVERITY_ERROR)
        return;
    if (d->count == WW_DEVIATIONS_MAX)
        d->count--;
    known = &d->list[d->count++];
    *known = (struct ww_deviation){.rule = rule, .severity = severity, .count = 1};
    (void)snprintf(known->at, sizeof known->at, "%s", at);
}

const struct ww_deviation *ww_deviations_error(const struct ww_deviations *d)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->list[i].severity == WW_SEVERITY_ERROR)
            return &d->list[i];
    return NULL;
}
