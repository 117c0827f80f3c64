#include "advise/known.h"

#include "advise/cause.h"
#include "advise/say.h"
#include "core/sessions.h"

#include <stdarg.h>
#include <stdio.h>

struct telling {
    const struct ww_evidence *e;
    const struct ww_known_failure *f;
    struct ww_use use;
    char mx[WW_SAY_NAME_SIZE];
    struct ww_known *out;
    size_t count;
};

static void tell(struct telling *t, const char *id, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void tell(struct telling *t, const char *id, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (t->count < WW_KNOWN_MAX) {
        struct ww_known *k = &t->out[t->count++];
        k->id = id;
        (void)vsnprintf(k->words, sizeof k->words, format, args);
    }
    va_end(args);
}

static void tell_older(struct telling *t)
{
    const struct ww_evidence_version *old = &t->e->versions[t->use.version], *now = &t->e->versions[0];
    char from[WW_SAY_DAY_SIZE], to[WW_SAY_DAY_SIZE], since[WW_SAY_DAY_SIZE];
    tell(t, "policy-older", "this sender still used the policy of %s (id %s), which was last seen on %s",
         ww_say_time(from, old->first_seen), old->id, ww_say_time(to, old->last_seen));
    if (t->mx[0] == '\0' || ww_version_names(old, t->f->mx))
        return;
    int64_t named = ww_versions_name_since(t->e->versions, t->e->version_count, t->f->mx);
    if (ww_version_names(now, t->f->mx))
        tell(t, "mx-new", "%s is not in that policy, and is in the one of now, since %s", t->mx,
             ww_say_time(since, named));
}

/* Though there was one. */
static void tell_not_found(struct telling *t)
{
    char day[WW_SAY_DAY_SIZE];
    const struct ww_evidence_version *now = t->e->versions;
    if (t->e->version_count > 0 && now->first_seen <= t->f->day * WW_DAY_SECONDS)
        tell(t, "policy-not-found", "the sender found no policy, though one (id %s) was there since %s",
             now->id, ww_say_time(day, now->first_seen));
}

static void tell_policy(struct telling *t)
{
    char day[WW_SAY_DAY_SIZE];
    const struct ww_evidence_version *now = t->e->versions; /* of NOW there is one */
    switch (t->use.kind) {
    case WW_USE_NOW:
        tell(t, "policy-current", "the sender used the present policy (id %s), which was first seen on %s",
             now->id, ww_say_time(day, now->first_seen));
        break;
    case WW_USE_BEFORE:
        tell_older(t);
        break;
    case WW_USE_STRANGE:
        tell(t, "policy-unknown",
             "the policy that the sender used is none that we have ever seen: it was served by somebody "
             "else, or "
             "is older than what is kept");
        break;
    case WW_USE_NONE:
        tell_not_found(t);
        break;
    case WW_USE_NOT_SAID:
        tell(t, "policy-not-said", "the sender does not tell which policy it used");
        break;
    case WW_USE_DANE:
        tell(t, "policy-dane",
             "the sender went by TLSA records: the mode of the policy changes nothing here");
        break;
    case WW_USES:
        break;
    }
}

static bool is_covered(const struct telling *t)
{
    return t->e->version_count > 0 && ww_version_names(&t->e->versions[0], t->f->mx);
}

static void tell_mx(struct telling *t)
{
    const struct ww_evidence *e = t->e;
    bool mx_known = e->look.looked && e->look.mx[0] != '\0';
    bool has_policy =
        e->version_count > 0 && e->versions[0].has_policy && e->versions[0].mode != WW_MODE_NONE;
    if (t->mx[0] == '\0')
        return;
    if (mx_known && !ww_look_has_mx(&e->look, t->f->mx))
        tell(t, "mx-not-ours",
             "%s is no MX host of the domain: the sender has old DNS data, or somebody else's", t->mx);
    if (t->use.kind != WW_USE_DANE && has_policy && !is_covered(t))
        tell(t, "mx-not-in-policy", "the present policy does not name %s: mode enforce refuses mail there",
             t->mx);
}

static void tell_fault(struct telling *t, const struct ww_evidence_fault *f)
{
    char day[WW_SAY_DAY_SIZE];
    if (f->since > 0)
        tell(t, "fault", "%s: %s; found by the watch since %s (%s)", f->where, f->seen,
             ww_say_time(day, f->since), f->check);
    else
        tell(t, "fault", "%s: %s; found on %s (%s)", f->where, f->seen, ww_say_time(day, t->e->look.at),
             f->check);
}

static bool is_of_policy_host(const struct ww_known_failure *f)
{
    return strncmp(f->result, "sts-", 4) == 0;
}

/* Of a host's TLSA records who goes by the policy knows nothing. */
static bool bears_on(const struct telling *t, const struct ww_evidence_fault *f)
{
    if (is_of_policy_host(t->f))
        return f->kind == WW_FAULT_POLICY;
    return ww_fault_is_at(f, t->f->mx) &&
           (f->kind != WW_FAULT_DANE || t->use.kind == WW_USE_DANE || ww_result_is_of_dane(t->f->result));
}

/* What an inspection has found where it failed, whatever its severity; that it has found nothing is worth
 * knowing, too. */
static void tell_faults(struct telling *t)
{
    const struct ww_evidence_look *look = &t->e->look;
    bool of_host = is_of_policy_host(t->f);
    size_t found = 0;
    char day[WW_SAY_DAY_SIZE];
    for (size_t i = 0; look->looked && i < look->count; i++) {
        if (!bears_on(t, &look->faults[i]))
            continue;
        found++;
        tell_fault(t, &look->faults[i]);
    }
    if (!look->looked || found > 0 || (!of_host && !ww_look_has_mx(look, t->f->mx)))
        return;
    if (of_host)
        tell(t, "policy-host-well", "the policy could be fetched on %s, when it was looked at last",
             ww_say_time(day, look->at));
    else
        tell(t, "mx-well", "%s showed nothing wrong on %s, when it was looked at last", t->mx,
             ww_say_time(day, look->at));
}

size_t ww_known_of(const struct ww_evidence *evidence, const struct ww_known_failure *failure,
                   struct ww_known out[WW_KNOWN_MAX])
{
    struct telling t = {.e = evidence, .f = failure, .out = out};
    t.use = ww_use_of(evidence->versions, evidence->version_count, failure->type, failure->strings,
                      failure->mx_hosts);
    if (failure->mx[0] != '\0')
        (void)ww_say_name(t.mx, failure->mx);
    if (!is_of_policy_host(failure))
        tell_policy(&t);
    tell_mx(&t);
    tell_faults(&t);
    return t.count;
}
