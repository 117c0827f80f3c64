#include "engine/rollout_private.h"

static void step(struct ww_rollout_plan *out, enum ww_rollout_step step, struct ww_buf *words)
{
    out->step = step;
    ww_rollout_said(words);
}

static void take_hold(struct ww_rollout_plan *out, const struct ww_rollout_hold *h)
{
    out->step = h->needs_operator ? WW_ROLLOUT_OPERATOR : WW_ROLLOUT_WAIT;
    out->until = h->until;
    memcpy(out->waits, h->words, sizeof out->waits);
}

/* When ours is gone, a record before somebody else's policy is theirs. */
static bool has_own_record(const struct ww_rollout_view *v)
{
    return v->domain->record_id[0] != '\0' && v->foreign == NULL;
}

static enum ww_published_state state_of(const struct ww_rollout_view *v)
{
    if (v->domain->goal == WW_GOAL_RETIRE)
        return v->last == NULL && !has_own_record(v) ? WW_PUBLISHED_GONE : WW_PUBLISHED_RETIRING;
    if (v->last == NULL)
        return WW_PUBLISHED_DRAFT;
    if (v->changing)
        return WW_PUBLISHED_CHANGING;
    return v->policy.mode == WW_MODE_ENFORCE ? WW_PUBLISHED_ENFORCE : WW_PUBLISHED_TESTING;
}

/* ---- the steps that a policy takes to the world ---- */

/* A certificate that still holds for a while is no reason to leave other things undone. */
static bool certificate_step(const struct ww_rollout_view *v, bool urgent, struct ww_rollout_plan *out)
{
    const struct ww_published *d = v->domain;
    if (v->in->certificate_good || (urgent && v->last != NULL && d->certificate_until > v->in->now))
        return false;
    struct ww_buf b = ww_rollout_say(out->waits, "mta-sts.");
    ww_rollout_say_name(&b, d->domain);
    if (d->certificate_until > v->in->now) {
        ww_buf_str(&b, " needs a new certificate before ");
        ww_rollout_say_time(&b, d->certificate_until);
    } else {
        ww_buf_str(&b, " needs a certificate before anything can be served");
    }
    step(out, WW_ROLLOUT_CERTIFICATE, &b);
    return true;
}

static bool has_pattern(const struct ww_rollout_plan *plan, struct ww_slice pattern)
{
    for (size_t i = 0; i < plan->mx_count; i++)
        if (ww_dname_eq(ww_slice_str(plan->mx[i]), pattern))
            return true;
    return false;
}

/* The order of patterns says nothing. */
static bool is_served(const struct ww_rollout_view *v, const struct ww_rollout_plan *target)
{
    struct ww_slice pattern;
    size_t count = 0;
    if (v->last == NULL || v->policy.body.n == 0 || v->policy.mode != target->mode ||
        v->policy.max_age != target->max_age)
        return false;
    for (size_t pos = 0; ww_policy_next_mx(&v->policy, &pos, &pattern); count++)
        if (!has_pattern(target, pattern))
            return false;
    return count == target->mx_count;
}

/* All that binds has to be known: with one more the oldest would be forgotten before its time. Those of
 * somebody else have room of their own. */
static int64_t room_at(const struct ww_rollout_view *v)
{
    size_t own = ww_published_first_own(v->binding, v->binding_count);
    int64_t first = INT64_MAX;
    if (v->binding_count - own < WW_PUBLISHED_OWN_MAX)
        return v->in->now;
    for (size_t i = own; i < v->binding_count; i++) {
        int64_t until = ww_rollout_bound_until(&v->binding[i]);
        first = until < first ? until : first;
    }
    return first;
}

static bool serve_step(const struct ww_rollout_view *v, struct ww_rollout_plan *out)
{
    if (is_served(v, out))
        return false;
    int64_t until = room_at(v);
    struct ww_buf b = ww_rollout_say(out->waits, "");
    if (until > v->in->now) {
        ww_buf_str(&b, "the policy has changed too often: the next change has to wait until ");
        if (until == INT64_MAX)
            ww_buf_str(&b, "the last one was seen from outside");
        else
            ww_rollout_say_time(&b, until);
        out->until = until == INT64_MAX ? 0 : until;
        step(out, WW_ROLLOUT_WAIT, &b);
        return true;
    }
    ww_buf_str(&b, "a policy of mode ");
    ww_buf_str(&b, ww_policy_mode_name(out->mode));
    ww_buf_str(&b, " is to be served");
    step(out, WW_ROLLOUT_SERVE, &b);
    return true;
}

/* Where a policy of somebody else is, the name leads there, or somebody has put it in the place of ours. */
static bool shown_step(const struct ww_rollout_view *v, struct ww_rollout_plan *out)
{
    if (v->foreign == NULL && strcmp(v->domain->shown_id, v->last->id) == 0)
        return false;
    if (certificate_step(v, false, out))
        return true;
    struct ww_buf b = ww_rollout_say(out->waits, "");
    bool elsewhere = v->domain->host == WW_HOSTED_ELSEWHERE;
    ww_buf_str(&b, elsewhere ? "put the policy at" : "the policy has to be seen from outside at");
    ww_buf_str(&b, " https://mta-sts.");
    ww_rollout_say_name(&b, v->domain->domain);
    ww_buf_str(&b, "/.well-known/mta-sts.txt");
    if (v->foreign != NULL && elsewhere)
        ww_buf_str(&b, ", in the place of the one there, which is none of ours");
    else if (v->foreign != NULL)
        ww_buf_str(&b, ": what was seen there is a policy of somebody else; let this name lead to where ours "
                       "is served");
    out->needs_operator = elsewhere || v->foreign != NULL;
    step(out, WW_ROLLOUT_SHOWN, &b);
    return true;
}

static bool record_step(const struct ww_rollout_view *v, struct ww_rollout_plan *out)
{
    if (strcmp(v->domain->record_id, v->last->id) == 0)
        return false;
    struct ww_buf b = ww_rollout_say(out->waits, "the TXT record at _mta-sts.");
    ww_rollout_say_name(&b, v->domain->domain);
    ww_buf_str(&b, " has to be v=STSv1; id=");
    ww_buf_str(&b, v->last->id);
    ww_buf_str(&b, "; at all name servers");
    out->needs_operator = v->domain->dns == WW_DNS_BY_HAND;
    step(out, WW_ROLLOUT_RECORD, &b);
    return true;
}

static struct ww_slice next_uri(const char **p)
{
    *p += strspn(*p, ", \t");
    size_t n = strcspn(*p, ", \t");
    struct ww_slice uri = ww_slice(*p, n);
    *p += n;
    return uri;
}

static bool names_uri(const char *list, struct ww_slice uri)
{
    for (struct ww_slice s = next_uri(&list); s.n > 0; s = next_uri(&list))
        if (ww_slice_eq(s, uri))
            return true;
    return false;
}

static bool names_all(const char *list, const char *uris)
{
    for (struct ww_slice s = next_uri(&uris); s.n > 0; s = next_uri(&uris))
        if (!names_uri(list, s))
            return false;
    return true;
}

static bool tlsrpt_step(const struct ww_rollout_view *v, struct ww_rollout_plan *out)
{
    const char *wanted = v->domain->rua, *seen = v->in->rua_seen;
    if (wanted[0] == '\0' || (seen != NULL && names_all(seen, wanted) && names_all(wanted, seen)))
        return false;
    struct ww_buf b = ww_rollout_say(out->waits, "the TXT record at _smtp._tls.");
    ww_rollout_say_name(&b, v->domain->domain);
    ww_buf_str(&b, " has to ask for reports");
    out->needs_operator = v->domain->dns == WW_DNS_BY_HAND;
    step(out, WW_ROLLOUT_TLSRPT, &b);
    return true;
}

/* ---- retiring ---- */

/* The patterns stay, as some senders may want one in every policy. */
static void mode_none(const struct ww_rollout_view *v, struct ww_rollout_plan *out)
{
    struct ww_slice pattern;
    out->mode = WW_MODE_NONE;
    out->max_age = WW_ROLLOUT_TESTING_MAX_AGE;
    if (v->policy.mx_count == 0)
        return;
    for (size_t pos = 0; ww_policy_next_mx(&v->policy, &pos, &pattern);)
        if (out->mx_count < WW_PUBLISHED_MX_MAX && pattern.n < WW_PUBLISHED_PATTERN_SIZE)
            memcpy(out->mx[out->mx_count++], pattern.p, pattern.n);
}

static bool wait_step(const struct ww_rollout_view *v, int64_t until, const char *why,
                      struct ww_rollout_plan *out)
{
    if (until <= v->in->now || certificate_step(v, false, out))
        return until > v->in->now;
    struct ww_buf b = ww_rollout_say(out->waits, why);
    ww_rollout_say_time(&b, until);
    out->until = until;
    step(out, WW_ROLLOUT_WAIT, &b);
    return true;
}

static void unrecord_step(const struct ww_rollout_view *v, struct ww_rollout_plan *out)
{
    struct ww_buf b = ww_rollout_say(out->waits, "the TXT record at _mta-sts.");
    ww_rollout_say_name(&b, v->domain->domain);
    ww_buf_str(&b, " can be removed: no sender holds a policy any more");
    out->needs_operator = v->domain->dns == WW_DNS_BY_HAND;
    step(out, WW_ROLLOUT_UNRECORD, &b);
}

static void plan_retire(const struct ww_rollout_view *v, struct ww_rollout_plan *out)
{
    const struct ww_published *d = v->domain;
    struct ww_buf b;
    mode_none(v, out);
    if (v->last != NULL && v->policy.body.n > 0 && v->policy.mode == WW_MODE_NONE &&
        d->record_id[0] == '\0' && ww_rollout_binds_until(v->binding, v->binding_count) <= v->in->now) {
        if (wait_step(v, ww_rollout_forgotten_at(d->record_since, d->record_ttl),
                      "the record is gone; resolvers may have it until ", out))
            return;
        b = ww_rollout_say(out->waits, "the policy can be served no more: no sender looks for it");
        out->needs_operator = d->host == WW_HOSTED_ELSEWHERE;
        step(out, WW_ROLLOUT_UNSERVE, &b);
        return;
    }
    if (v->last == NULL) {
        if (has_own_record(v)) {
            unrecord_step(v, out);
            return;
        }
        b = ww_rollout_say(out->waits, "nothing is published any more");
        step(out, WW_ROLLOUT_IDLE, &b);
        return;
    }
    if (certificate_step(v, true, out) ||
        ((v->policy.body.n == 0 || v->policy.mode != WW_MODE_NONE) && serve_step(v, out)) ||
        shown_step(v, out) || record_step(v, out) ||
        wait_step(v, ww_rollout_binds_until(v->binding, v->binding_count),
                  "mode none is served until the last sender has forgotten the policy before, at ", out))
        return;
    unrecord_step(v, out);
}

/* ---- publishing ---- */

static void plan_publish(const struct ww_rollout_view *v, struct ww_rollout_plan *out)
{
    struct ww_rollout_hold none, rest = {0};
    bool target = ww_rollout_target(v, out, &none);
    if (certificate_step(v, true, out) || (target && serve_step(v, out)))
        return;
    if (v->last != NULL && (shown_step(v, out) || record_step(v, out) || tlsrpt_step(v, out)))
        return;
    if (certificate_step(v, false, out))
        return;
    if (!target) {
        take_hold(out, &none);
        return;
    }
    bool held = ww_rollout_rest(v, &rest);
    take_hold(out, &rest);
    if (!held)
        out->step = WW_ROLLOUT_IDLE;
}

static const struct ww_published_mx *bad_host(const struct ww_rollout_view *v)
{
    for (size_t i = 0; i < v->mx_count; i++)
        if (v->in->mx[i].gone_at == 0 && v->in->mx[i].tls == WW_PUBLISHED_MX_BAD)
            return &v->in->mx[i];
    return NULL;
}

/* Reports first: they alone lead back. */
static void find_bad(const struct ww_rollout_view *v, struct ww_rollout_plan *out)
{
    const struct ww_published_mx *host = bad_host(v);
    bool evidence = ww_rollout_evidence_speaks_against(v);
    out->bad = v->in->facts && (evidence || host != NULL);
    if (!out->bad || v->last == NULL || v->policy.mode != WW_MODE_ENFORCE)
        return;
    struct ww_buf b = ww_rollout_say(out->bad_why, "");
    if (evidence)
        ww_rollout_say_evidence(&b, v);
    else
        ww_rollout_say_bad_host(&b, host);
    ww_rollout_said(&b);
}

void ww_rollout_plan(const struct ww_rollout *in, struct ww_rollout_plan *out)
{
    struct ww_rollout_view v;
    struct ww_buf b;
    memset(out, 0, sizeof *out);
    ww_rollout_look(in, &v);
    out->state = state_of(&v);
    find_bad(&v, out);
    if (in->domain->stopped) {
        b = ww_rollout_say(out->waits, "stopped: nothing is changed before waxwing publish resume ");
        ww_rollout_say_name(&b, in->domain->domain);
        step(out, WW_ROLLOUT_IDLE, &b);
    } else if (!in->facts) {
        b = ww_rollout_say(out->waits, "it has to be looked at from outside");
        step(out, WW_ROLLOUT_LOOK, &b);
    } else if (in->domain->goal == WW_GOAL_RETIRE) {
        plan_retire(&v, out);
    } else if (in->domain->goal == WW_GOAL_DRAFT) {
        b = ww_rollout_say(out->waits, v.last == NULL
                                           ? "nothing is published before waxwing publish start "
                                           : "what is served stays as it is until waxwing publish start ");
        ww_rollout_say_name(&b, in->domain->domain);
        step(out, WW_ROLLOUT_IDLE, &b);
    } else {
        plan_publish(&v, out);
    }
    out->needs_operator = out->needs_operator || out->step == WW_ROLLOUT_OPERATOR;
}
