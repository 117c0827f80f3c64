#include "engine/rollout_private.h"

static bool no(char *why, const char *text)
{
    struct ww_buf b = ww_rollout_say(why, text);
    ww_rollout_said(&b);
    return false;
}

/* With the name of the domain, which a command needs, between two texts. */
static bool no_but(const struct ww_rollout_view *v, char *why, const char *text, const char *end)
{
    struct ww_buf b = ww_rollout_say(why, text);
    ww_rollout_say_name(&b, v->domain->domain);
    ww_buf_str(&b, end);
    ww_rollout_said(&b);
    return false;
}

static bool starts(const struct ww_rollout_view *v, char *why)
{
    const struct ww_published *d = v->domain;
    if (d->goal == WW_GOAL_TESTING || d->goal == WW_GOAL_ENFORCE)
        return no(why, "it is started already");
    return v->wanted_count > 0 || d->host == WW_HOSTED_MIRROR ||
           no(why, "no MX hosts are wanted: name them with waxwing publish mx");
}

static bool promotes(const struct ww_rollout_view *v, char *why)
{
    const struct ww_published *d = v->domain;
    struct ww_rollout_hold h;
    if (d->goal != WW_GOAL_TESTING && d->goal != WW_GOAL_ENFORCE)
        return no_but(v, why, "testing comes first: waxwing publish start ", "");
    if (v->last != NULL && v->policy.mode == WW_MODE_ENFORCE)
        return d->goal == WW_GOAL_TESTING || no(why, "it enforces already");
    /* Of a policy that is fetched nothing is known here: it is served only as what it is. */
    if (v->unknown == NULL && v->most != WW_MODE_ENFORCE)
        return no(why, "the policy that it follows does not enforce");
    if (!v->in->facts)
        return no_but(v, why, "its MX hosts were not looked at lately: waxwing publish look ",
                      ", then try again");
    if (!v->published)
        return no_but(v, why, "the policy of mode testing is not published yet: waxwing publish status ",
                      " says what it waits for");
    if (ww_rollout_hosts_hold(v, &h) || ww_rollout_evidence_hold(v, &h))
        return no(why, h.words);
    return !(d->automatic && d->goal == WW_GOAL_ENFORCE) ||
           no_but(v, why,
                  "it goes to enforce by itself, on evidence; to do it now, say waxwing publish set "
                  "--no-automatic ",
                  " first");
}

static bool demotes(const struct ww_rollout_view *v, char *why)
{
    if (v->domain->goal == WW_GOAL_RETIRE)
        return no_but(v, why, "it retires; waxwing publish start ", " begins anew, with testing");
    return v->domain->goal == WW_GOAL_ENFORCE || no(why, "it does not enforce");
}

static bool retires(const struct ww_rollout_view *v, char *why)
{
    if (v->domain->goal == WW_GOAL_RETIRE)
        return no(why, "it retires already");
    return v->last != NULL || no_but(v, why, "nothing is published: waxwing publish remove ", " forgets it");
}

static bool removes(const struct ww_rollout_view *v, char *why)
{
    size_t own = ww_published_first_own(v->binding, v->binding_count);
    int64_t until = ww_rollout_binds_until(v->binding + own, v->binding_count - own);
    if (v->last != NULL && v->domain->goal != WW_GOAL_RETIRE)
        return no_but(v, why, "senders hold its policy: waxwing publish retire ", " first");
    if (until > v->in->now && until != INT64_MAX) {
        struct ww_buf b = ww_rollout_say(why, "senders may hold its policy until ");
        ww_rollout_say_time(&b, until);
        ww_rollout_said(&b);
        return false;
    }
    return v->last == NULL ||
           no_but(v, why, "it is not gone yet: waxwing publish status ", " says what it waits for");
}

bool ww_rollout_allows(const struct ww_rollout *in, enum ww_rollout_wish wish,
                       char why[WW_PUBLISHED_WORDS_SIZE])
{
    struct ww_rollout_view v;
    why[0] = '\0';
    ww_rollout_look(in, &v);
    switch (wish) {
    case WW_WISH_START:
        return starts(&v, why);
    case WW_WISH_PROMOTE:
        return promotes(&v, why);
    case WW_WISH_DEMOTE:
        return demotes(&v, why);
    case WW_WISH_RETIRE:
        return retires(&v, why);
    case WW_WISH_REMOVE:
        return removes(&v, why);
    }
    return no(why, "there is no such wish");
}
