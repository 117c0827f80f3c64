#include "core/mx_match.h"
#include "engine/rollout_private.h"

static bool is_live(const struct ww_rollout_view *v, const char *host)
{
    for (size_t i = 0; i < v->mx_count; i++)
        if (v->in->mx[i].gone_at == 0 && ww_dname_eq(ww_slice_str(v->in->mx[i].name), ww_slice_str(host)))
            return true;
    return false;
}

/* A host of the MX records that some senders refuse, though what is served covers it by now. */
static bool refused_hold(const struct ww_rollout_view *v, struct ww_rollout_hold *h)
{
    for (size_t i = 0; i < v->mx_count; i++) {
        const struct ww_published_mx *mx = &v->in->mx[i];
        if (mx->gone_at != 0 || v->kinds[i] == WW_ROLLOUT_MX_STRANGER)
            continue;
        int64_t from = ww_rollout_host_from(v->binding, v->binding_count, v->in->now, mx->name);
        if (from <= v->in->now || from == INT64_MAX)
            continue;
        struct ww_buf b = ww_rollout_say(h->words, "");
        ww_rollout_say_name(&b, mx->name);
        ww_buf_str(
            &b, " is in the MX records too early: senders that hold an older policy, without it, refuse it "
                "until ");
        ww_rollout_say_time(&b, from);
        ww_buf_str(&b, "; take it out of the MX records until then");
        return ww_rollout_held(h, &b, from, true);
    }
    return false;
}

/* Wanted hosts that may not go into the MX records yet: the one that may first. */
static bool coming_hold(const struct ww_rollout_view *v, struct ww_rollout_hold *h)
{
    const char *first = NULL;
    int64_t until = INT64_MAX;
    size_t count = 0;
    for (size_t i = 0; i < v->wanted_count; i++) {
        const char *host = v->wanted[i];
        if (ww_rollout_is_wildcard(host) || is_live(v, host))
            continue;
        int64_t from = ww_rollout_host_from(v->binding, v->binding_count, v->in->now, host);
        if (from <= v->in->now)
            continue;
        count++;
        if (first == NULL || from < until) {
            first = host;
            until = from;
        }
    }
    if (first == NULL)
        return false;
    struct ww_buf b = ww_rollout_say(h->words, "");
    ww_rollout_say_name(&b, first);
    if (count > 1) {
        ww_buf_str(&b, " (and ");
        ww_buf_decimal(&b, count - 1);
        ww_buf_str(&b, " more, later)");
    }
    ww_buf_str(&b, " may go into the MX records from ");
    ww_rollout_say_time(&b, until);
    ww_buf_str(&b, ": until then senders may hold a policy without it");
    return ww_rollout_held(h, &b, until, false);
}

/* A wanted host that is not in the MX records, and may be. */
static const char *ready_host(const struct ww_rollout_view *v)
{
    for (size_t i = 0; i < v->wanted_count; i++) {
        const char *host = v->wanted[i];
        if (!ww_rollout_is_wildcard(host) && !is_live(v, host) &&
            ww_rollout_host_from(v->binding, v->binding_count, v->in->now, host) <= v->in->now)
            return host;
    }
    return NULL;
}

static void say_ready(const struct ww_rollout_view *v, struct ww_buf *b, const char *end)
{
    const char *ready = ready_host(v);
    if (ready == NULL)
        return;
    ww_rollout_say_name(b, ready);
    ww_buf_str(b, " may go into the MX records now");
    ww_buf_str(b, end);
}

static bool leaving_hold(const struct ww_rollout_view *v, bool live, struct ww_rollout_hold *h)
{
    for (size_t i = 0; i < v->mx_count; i++) {
        const struct ww_published_mx *mx = &v->in->mx[i];
        if (v->kinds[i] != WW_ROLLOUT_MX_LEAVING || (mx->gone_at == 0) != live)
            continue;
        struct ww_buf b = ww_rollout_say(h->words, "");
        int64_t until = live ? 0 : ww_rollout_leaves_at(v->domain, mx);
        if (live)
            say_ready(v, &b, "; ");
        ww_rollout_say_name(&b, mx->name);
        if (live) {
            ww_buf_str(&b, " is not wanted any more, and can be taken out of the MX records; it stays in the "
                           "policy until resolvers have forgotten it");
            return ww_rollout_held(h, &b, until, true);
        }
        ww_buf_str(&b, " has left the MX records; it stays in the policy until ");
        ww_rollout_say_time(&b, until);
        ww_buf_str(&b, ", when resolvers have forgotten it");
        return ww_rollout_held(h, &b, until, false);
    }
    return false;
}

/* The operator alone can lead the name elsewhere: it is no record of the policy. */
static bool handover_hold(const struct ww_rollout_view *v, bool live, struct ww_rollout_hold *h)
{
    const struct ww_published *d = v->domain;
    int64_t until = ww_rollout_handed_over_at(d);
    if ((d->host != WW_HOSTED_ELSEWHERE && d->host != WW_HOSTED_TREE) || until == 0 ||
        (until == INT64_MAX) != live)
        return false;
    struct ww_buf b = ww_rollout_say(h->words, "mta-sts.");
    ww_rollout_say_name(&b, d->domain);
    if (live) {
        ww_buf_str(&b, " still leads to Waxwing, which serves the policy until nobody comes any more: ");
        ww_buf_str(&b, d->host == WW_HOSTED_TREE ? "have the web server serve it" : "put it at its new host");
        ww_buf_str(&b, ", then lead the name, or what it is an alias of, there");
        return ww_rollout_held(h, &b, 0, true);
    }
    ww_buf_str(&b, " leads elsewhere; Waxwing serves the policy as well until ");
    ww_rollout_say_time(&b, until);
    ww_buf_str(&b, ", when resolvers have forgotten that it led here");
    return ww_rollout_held(h, &b, until, false);
}

static bool mode_hold(const struct ww_rollout_view *v, struct ww_rollout_hold *h)
{
    if (v->domain->goal != WW_GOAL_ENFORCE || v->most != WW_MODE_ENFORCE)
        return false;
    if (v->policy.mode == WW_MODE_ENFORCE)
        return ww_rollout_hosts_hold(v, h) || ww_rollout_evidence_hold(v, h);
    return ww_rollout_enforce_hold(v, h);
}

/* Nothing has to be waited for; what may be done nevertheless, or comes by itself. */
static void rest_words(const struct ww_rollout_view *v, struct ww_rollout_hold *h)
{
    struct ww_buf b = ww_rollout_say(h->words, "");
    int64_t grows_at = ww_rollout_grows_at(v);
    say_ready(v, &b, "");
    if (b.n > 0) {
        h->until = grows_at;
    } else if (grows_at != 0) {
        h->until = grows_at;
        ww_buf_str(&b, "max_age is made longer at ");
        ww_rollout_say_time(&b, grows_at);
        ww_buf_str(&b, " unless something speaks against it");
    } else if (v->domain->goal == WW_GOAL_TESTING) {
        ww_buf_str(&b, "mode testing, as it is wanted; waxwing publish promote ");
        ww_rollout_say_name(&b, v->domain->domain);
        ww_buf_str(&b, " goes on to enforce");
    }
    ww_rollout_said(&b);
}

bool ww_rollout_rest(const struct ww_rollout_view *v, struct ww_rollout_hold *h)
{
    if (ww_rollout_stranger_hold(v, true, h) || refused_hold(v, h) || handover_hold(v, true, h) ||
        coming_hold(v, h) || leaving_hold(v, true, h) || leaving_hold(v, false, h) || mode_hold(v, h) ||
        handover_hold(v, false, h))
        return true;
    rest_words(v, h);
    return false;
}
