#include "core/words.h"
#include "engine/rollout_private.h"

static bool enforces(const struct ww_rollout_view *v)
{
    return v->last != NULL && v->policy.mode == WW_MODE_ENFORCE;
}

bool ww_rollout_evidence_speaks_against(const struct ww_rollout_view *v)
{
    return v->in->evidence == WW_EVIDENCE_MEND || v->in->evidence == WW_EVIDENCE_BAD;
}

bool ww_rollout_held(struct ww_rollout_hold *hold, struct ww_buf *b, int64_t until, bool needs_operator)
{
    ww_rollout_said(b);
    hold->until = until;
    hold->needs_operator = needs_operator;
    return true;
}

static bool hold_stranger(const struct ww_rollout_view *v, const struct ww_published_mx *mx,
                          struct ww_rollout_hold *h)
{
    struct ww_buf b = ww_rollout_say(h->words, "");
    ww_rollout_say_name(&b, mx->name);
    if (mx->gone_at != 0) {
        int64_t until = ww_rollout_leaves_at(v->domain, mx);
        ww_buf_str(&b, " has left the MX records, but resolvers may have it until ");
        ww_rollout_say_time(&b, until);
        ww_buf_str(&b, "; no pattern of the policy covers it");
        return ww_rollout_held(h, &b, until, false);
    }
    ww_buf_str(&b, " is in the MX records, and no pattern of the policy covers it");
    if (enforces(v))
        ww_buf_str(&b, ", so that senders refuse it");
    ww_buf_str(&b, ": take it out of them, or say waxwing publish mx --add ");
    ww_rollout_say_name(&b, mx->name);
    ww_buf_char(&b, ' ');
    ww_rollout_say_name(&b, v->domain->domain);
    return ww_rollout_held(h, &b, 0, true);
}

void ww_rollout_say_bad_host(struct ww_buf *b, const struct ww_published_mx *mx)
{
    ww_rollout_say_name(b, mx->name);
    ww_buf_str(b, " could not take mail under mode enforce");
    if (mx->why[0] != '\0') {
        ww_buf_str(b, ": ");
        ww_words_put_cut(b, ww_slice_str(mx->why));
    }
}

static bool hold_tls(const struct ww_published_mx *mx, struct ww_rollout_hold *h)
{
    bool bad = mx->tls == WW_PUBLISHED_MX_BAD;
    struct ww_buf b = ww_rollout_say(h->words, "");
    if (bad) {
        ww_rollout_say_bad_host(&b, mx);
    } else {
        ww_rollout_say_name(&b, mx->name);
        ww_buf_str(&b, " could not be looked at yet");
    }
    return ww_rollout_held(h, &b, 0, bad);
}

bool ww_rollout_stranger_hold(const struct ww_rollout_view *v, bool live, struct ww_rollout_hold *h)
{
    for (size_t i = 0; i < v->mx_count; i++)
        if (v->kinds[i] == WW_ROLLOUT_MX_STRANGER && (v->in->mx[i].gone_at == 0) == live)
            return hold_stranger(v, &v->in->mx[i], h);
    return false;
}

bool ww_rollout_hosts_hold(const struct ww_rollout_view *v, struct ww_rollout_hold *h)
{
    size_t live = 0;
    if (ww_rollout_stranger_hold(v, true, h) || ww_rollout_stranger_hold(v, false, h))
        return true;
    for (size_t i = 0; i < v->mx_count; i++) {
        if (v->in->mx[i].gone_at != 0)
            continue;
        if (v->in->mx[i].tls != WW_PUBLISHED_MX_GOOD)
            return hold_tls(&v->in->mx[i], h);
        live++;
    }
    if (live > 0)
        return false;
    struct ww_buf b = ww_rollout_say(h->words, "");
    ww_rollout_say_name(&b, v->domain->domain);
    ww_buf_str(&b, " has no MX hosts");
    return ww_rollout_held(h, &b, 0, true);
}

void ww_rollout_say_evidence(struct ww_buf *b, const struct ww_rollout_view *v)
{
    const char *why = v->in->evidence_why;
    if (v->in->evidence == WW_EVIDENCE_MEND)
        ww_buf_str(b, enforces(v) ? "not all mail gets through as it should"
                                  : "something has to be mended before mode enforce");
    else
        ww_buf_str(b, enforces(v) ? "mail is refused under mode enforce"
                                  : "mail would be refused under mode enforce");
    if (why != NULL && why[0] != '\0') {
        ww_buf_str(b, ": ");
        ww_words_put_cut(b, ww_slice_str(why));
    }
}

bool ww_rollout_evidence_hold(const struct ww_rollout_view *v, struct ww_rollout_hold *h)
{
    if (!ww_rollout_evidence_speaks_against(v))
        return false;
    struct ww_buf b = ww_rollout_say(h->words, "");
    ww_rollout_say_evidence(&b, v);
    ww_buf_str(&b, "; see waxwing advise ");
    ww_rollout_say_name(&b, v->domain->domain);
    if (enforces(v) && v->in->evidence == WW_EVIDENCE_BAD) {
        ww_buf_str(&b, ", or go back with waxwing publish demote ");
        ww_rollout_say_name(&b, v->domain->domain);
    }
    return ww_rollout_held(h, &b, 0, true);
}

static bool waits_for_evidence(const struct ww_rollout_view *v)
{
    return v->domain->automatic && v->domain->goal == WW_GOAL_ENFORCE;
}

static bool automatic_hold(const struct ww_rollout_view *v, struct ww_rollout_hold *h)
{
    int64_t from = ww_rollout_served_since(v, false) + WW_ROLLOUT_TESTING_MIN;
    struct ww_buf b = ww_rollout_say(h->words, "");
    if (v->in->now < from) {
        ww_buf_str(&b, "mode testing lasts until ");
        ww_rollout_say_time(&b, from);
        ww_buf_str(&b, " at least; then evidence decides about enforce");
        return ww_rollout_held(h, &b, from, false);
    }
    if (v->in->evidence == WW_EVIDENCE_GOOD)
        return false;
    ww_buf_str(&b, "what reports say is not enough for mode enforce yet: see waxwing advise ");
    ww_rollout_say_name(&b, v->domain->domain);
    return ww_rollout_held(h, &b, 0, false);
}

bool ww_rollout_enforce_hold(const struct ww_rollout_view *v, struct ww_rollout_hold *h)
{
    return ww_rollout_hosts_hold(v, h) || ww_rollout_evidence_hold(v, h) ||
           (waits_for_evidence(v) && automatic_hold(v, h));
}
