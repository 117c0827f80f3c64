#include "advise/advise.h"

#include "advise/advice_private.h"
#include "advise/say.h"
#include "core/dname.h"
#include "core/sessions.h"

#include <stdio.h>
#include <stdlib.h>

static const char have_looked[] = "Have it looked at: ask without `--no-look`, or `waxwing watch add` it.";

const char *ww_advice_name(enum ww_advice_kind kind)
{
    static const char *const names[WW_ADVICE_KINDS] = {
        [WW_ADVICE_ENFORCE] = "enforce", [WW_ADVICE_WAIT] = "wait", [WW_ADVICE_FIX] = "fix",
        [WW_ADVICE_KEEP] = "keep",       [WW_ADVICE_BACK] = "back", [WW_ADVICE_PUBLISH] = "publish",
    };
    return names[kind];
}

const char *ww_advice_weight_name(enum ww_advice_weight weight)
{
    static const char *const names[WW_WEIGHTS] = {
        [WW_WEIGHT_BAD] = "error",
        [WW_WEIGHT_MISSING] = "warning",
        [WW_WEIGHT_NOTE] = "info",
        [WW_WEIGHT_GOOD] = "ok",
    };
    return names[weight];
}

/* The first day on which a sender used a version that has had the mode since. */
static int64_t used_since(const struct ww_evidence *e, size_t versions, int64_t since)
{
    for (size_t i = 0; i < e->use_count; i++) {
        const struct ww_evidence_use *u = &e->uses[i];
        const struct ww_use use = ww_use_of(e->versions, e->version_count, u->type, u->strings, u->mx_hosts);
        if ((use.kind == WW_USE_NOW || use.kind == WW_USE_BEFORE) && use.version < versions &&
            u->first_day * WW_DAY_SECONDS < since)
            since = u->first_day * WW_DAY_SECONDS;
    }
    return since;
}

static void find_policy(struct ww_advice_state *s)
{
    const struct ww_evidence *e = s->e;
    const char *mode = "";
    size_t n = 0;
    bool seen = e->look.looked && (strcmp(e->look.outlook, "unknown") != 0 || e->look.mode[0] != '\0');
    s->knows_policy = seen || e->version_count > 0;
    if (seen)
        mode = e->look.mode;
    else if (e->version_count > 0)
        mode = ww_policy_mode_name(e->versions[0].mode);
    (void)snprintf(s->a->mode, sizeof s->a->mode, "%s", mode);
    s->a->enforced = strcmp(mode, "enforce") == 0;
    while (n < e->version_count && strcmp(ww_policy_mode_name(e->versions[n].mode), mode) == 0)
        s->a->since = e->versions[n++].first_seen;
    if (n > 0)
        s->a->since = used_since(e, n, s->a->since);
}

static void decide(struct ww_advice *a, enum ww_advice_kind kind, const char *next, const char *format,
                   const char *domain)
{
    char name[WW_SAY_NAME_SIZE];
    a->kind = kind;
    (void)snprintf(a->next, sizeof a->next, "%s", next);
    const char *mark = strstr(format, "%s");
    ww_say_name(name, domain);
    if (mark == NULL)
        (void)snprintf(a->words, sizeof a->words, "%s", format);
    else
        (void)snprintf(a->words, sizeof a->words, "%.*s%s%s", (int)(mark - format), format, name, mark + 2);
}

static void decide_without_policy(struct ww_advice_state *s)
{
    struct ww_advice *a = s->a;
    const char *domain = s->e->domain;
    if (s->no_domain) {
        (void)ww_advice_say(a, "no-domain", WW_WEIGHT_BAD, "DNS says that there is no such domain");
        decide(a, WW_ADVICE_FIX, "", "There is no domain %s: is the name right?", domain);
    } else if (strcmp(s->e->look.outlook, "no-mail") == 0) {
        (void)ww_advice_say(a, "no-mail", WW_WEIGHT_NOTE, "the domain takes no mail");
        decide(a, WW_ADVICE_KEEP, "", "%s takes no mail: there is nothing to enforce, leave it so.", domain);
    } else if (s->bad_policy) {
        decide(a, WW_ADVICE_FIX, "Mend what breaks, then ask again.",
               "Mend the policy of %s first: no sender can use it.", domain);
    } else {
        const char *id = a->mode[0] == '\0' ? "no-policy" : "opted-out";
        (void)ww_advice_say(a, id, WW_WEIGHT_BAD,
                            a->mode[0] == '\0'
                                ? "no policy is published: senders demand no TLS"
                                : "the policy has mode none: it tells senders to demand no TLS");
        decide(a, WW_ADVICE_PUBLISH,
               "`waxwing generate` writes all that is to be published, and in which order.",
               "Publish a policy for %s first, in mode testing.", domain);
    }
}

/* Some failure that counts is at this host, or nobody knows at which. */
static bool fails_at(const struct ww_advice_state *s, struct ww_slice mx)
{
    for (size_t i = 0; i < s->e->cause_count && i < WW_EVIDENCE_CAUSES_MAX; i++) {
        const char *at = s->e->causes[i].mx;
        enum ww_cause_verdict verdict = s->a->verdicts[i];
        if ((verdict == WW_CAUSE_COUNTS || verdict == WW_CAUSE_DANE) &&
            (at[0] == '\0' || ww_slice_is(mx, at)))
            return true;
    }
    return false;
}

/* Mail that one MX host does not get goes to the next: an MX host is left that takes it. */
static bool has_way(const struct ww_advice_state *s)
{
    const struct ww_evidence_look *look = &s->e->look;
    for (const char *p = look->looked ? look->mx : ""; *p != '\0'; p += strspn(p, " ")) {
        char name[WW_DNAME_SIZE];
        size_t n = strcspn(p, " ");
        (void)snprintf(name, sizeof name, "%.*s", (int)n, p);
        if (!fails_at(s, ww_slice(p, n)) && ww_look_fault_at(look, name) == NULL)
            return true;
        p += n;
    }
    return false;
}

/* Good mail is refused, by the mode, and it is not one sender's trouble. */
static bool is_worth_going_back(const struct ww_advice_state *s)
{
    int64_t all = ww_evidence_sessions(s->e, WW_ADVISE_QUIET_DAYS);
    bool held = s->e->look.looked && s->by_mode && strcmp(s->e->look.outlook, "held") == 0;
    return held || (s->goes_on && s->shared && s->refused > 0 && s->refused >= all / WW_ADVISE_BACK_OF &&
                    !has_way(s));
}

static void decide_enforced(struct ww_advice_state *s)
{
    struct ww_advice *a = s->a;
    const char *domain = s->e->domain;
    if (is_worth_going_back(s))
        decide(a, WW_ADVICE_BACK,
               "Publish the policy with `mode: testing` under a new id: mail flows again as soon as senders "
               "see it.",
               "Go back to mode testing until this is mended: good mail to %s is being refused.", domain);
    else if (s->refusing || s->bad_policy || s->goes_on)
        decide(a, WW_ADVICE_FIX,
               "Leave the policy as it is: what it refuses is little, and it protects the rest.",
               "Keep enforce on, and mend this soon: not all mail to %s gets through as it should.", domain);
    else
        decide(a, WW_ADVICE_KEEP, "", "Enforce is on for %s, and well: leave it so.", domain);
}

static void say_until(struct ww_advice_state *s, int64_t until)
{
    char day[WW_SAY_DAY_SIZE], name[WW_SAY_NAME_SIZE];
    s->a->until = until;
    if (until > 0)
        (void)snprintf(s->a->words, sizeof s->a->words,
                       "Stay in mode testing for now, and ask again on %s: %s is not ready yet.",
                       ww_say_time(day, until), ww_say_name(name, s->e->domain));
}

static bool is_in_time(struct ww_advice_state *s, int64_t *until)
{
    if (!s->recent)
        return true;
    int64_t quiet = (s->last_failed + WW_ADVISE_QUIET_DAYS + 1) * WW_DAY_SECONDS;
    char day[WW_SAY_DAY_SIZE];
    struct ww_advice_reason *r = ww_advice_say(
        s->a, "not-quiet", WW_WEIGHT_MISSING,
        "the last failure that would have refused mail was on %s; it takes %d days without one to trust that "
        "it is mended",
        ww_say_day(day, s->last_failed), WW_ADVISE_QUIET_DAYS);
    if (r != NULL)
        r->until = quiet;
    *until = quiet > *until ? quiet : *until;
    return false;
}

static void decide_testing(struct ww_advice_state *s)
{
    struct ww_advice *a = s->a;
    const char *domain = s->e->domain;
    int64_t until = 0;
    bool enough = ww_advice_say_enough(s, &until);
    if (s->refusing || s->bad_policy || s->goes_on) {
        decide(a, WW_ADVICE_FIX, "Mend what breaks, then ask again; mode testing harms nobody meanwhile.",
               "Do not enforce yet: mail to %s would be refused. Mend this first.", domain);
        return;
    }
    enough &= is_in_time(s, &until);
    if (enough) {
        decide(
            a, WW_ADVICE_ENFORCE,
            "`waxwing generate --mode enforce` writes the policy; publish it, then its record with the new "
            "id. With a max_age of some days at first, a mistake is soon forgotten.",
            "It is safe to enforce the policy of %s.", domain);
        return;
    }
    decide(a, WW_ADVICE_WAIT, s->e->look.looked ? "" : have_looked,
           "Stay in mode testing for now: too little is known of %s.", domain);
    say_until(s, until);
}

static int by_weight(const void *a, const void *b)
{
    const struct ww_advice_reason *x = a, *y = b;
    return (int)x->weight - (int)y->weight;
}

/* qsort does not keep the order of equals, and sorts little here. */
static void sort_reasons(struct ww_advice *a)
{
    for (size_t i = 1; i < a->reason_count; i++)
        for (size_t k = i; k > 0 && by_weight(&a->reasons[k], &a->reasons[k - 1]) < 0; k--) {
            struct ww_advice_reason other = a->reasons[k];
            a->reasons[k] = a->reasons[k - 1];
            a->reasons[k - 1] = other;
        }
}

void ww_advise(const struct ww_evidence *evidence, struct ww_advice *out)
{
    struct ww_advice_state s = {.e = evidence, .a = out, .today = ww_day_of(evidence->now)};
    memset(out, 0, sizeof *out);
    find_policy(&s);
    ww_advice_find_breaks(&s);
    if (!s.knows_policy) {
        (void)ww_advice_say(out, "not-seen", WW_WEIGHT_MISSING,
                            evidence->look.looked
                                ? "it could not be found out whether there is a policy"
                                : "nobody has looked at the domain, and no policy of it is known");
        decide(out, WW_ADVICE_WAIT, evidence->look.looked ? "" : have_looked,
               "Nothing can be advised for %s before it was looked at.", evidence->domain);
    } else if (out->mode[0] == '\0' || strcmp(out->mode, "none") == 0) {
        decide_without_policy(&s);
    } else if (out->enforced) {
        int64_t until = 0;
        (void)ww_advice_say_enough(&s, &until);
        decide_enforced(&s);
    } else {
        decide_testing(&s);
    }
    ww_advice_say_notes(&s);
    sort_reasons(out);
}
