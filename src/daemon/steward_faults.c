#include "daemon/steward_faults.h"

#include "base/time.h"
#include "core/words.h"

#include <stdio.h>

/* What is served is changed so soon after hosts or reports were bad. */
#define WW_STEWARD_BACK_WITHIN 3600

/* Senders that cannot reach a policy deliver all the same: that is less than mail which is refused. */
static struct ww_msg_tended_fault *add(struct ww_msg_tended *tended, enum ww_severity severity,
                                       const char *check, const char *where)
{
    if (tended->fault_count == WW_MSG_TENDED_FAULTS_MAX)
        return NULL;
    struct ww_msg_tended_fault *f = &tended->faults[tended->fault_count++];
    f->severity = severity;
    (void)snprintf(f->check, sizeof f->check, "%s", check);
    (void)snprintf(f->where, sizeof f->where, "%s", where);
    return f;
}

static const struct ww_served *last_of(const struct ww_rollout *r)
{
    return ww_published_own(r->served, r->served_count);
}

static void find_certificate_end(const struct ww_rollout *r, const struct ww_steward_in *in,
                                 struct ww_msg_tended *tended)
{
    char where[WW_STEWARD_HOST_SIZE], when[WW_TIME_SIZE];
    int64_t until = r->domain->certificate_until, left = until - r->now;
    int64_t life = in->certificate.until == until ? until - in->certificate.from : 0;
    bool soon = left < WW_STEWARD_CERTIFICATE_SOON && (life == 0 || left < life / 4);
    if (until == 0 || !soon || last_of(r) == NULL)
        return;
    (void)snprintf(where, sizeof where, "mta-sts.%s", r->domain->domain);
    struct ww_msg_tended_fault *f = add(tended, left < 2 * 86400 ? WW_SEVERITY_ERROR : WW_SEVERITY_WARNING,
                                        WW_PUBLISH_CERTIFICATE_END, where);
    ww_time_format(until, when);
    if (f != NULL)
        (void)snprintf(f->seen, sizeof f->seen,
                       "Its certificate %s %s, and there is no other: senders get no policy "
                       "without one",
                       left > 0 ? "ends at" : "has ended at", when);
}

static void find_unseen(const struct ww_rollout *r, struct ww_msg_tended *tended)
{
    const struct ww_served *last = last_of(r);
    char where[WW_STEWARD_HOST_SIZE], when[WW_TIME_SIZE];
    if (last == NULL)
        return;
    bool was_seen = strcmp(r->domain->shown_id, last->id) == 0;
    int64_t since = was_seen ? r->domain->shown_at : last->since;
    if (r->now - since < WW_STEWARD_UNSEEN)
        return;
    (void)snprintf(where, sizeof where, "mta-sts.%s", r->domain->domain);
    bool asked_for = r->domain->record_id[0] != '\0';
    struct ww_msg_tended_fault *f =
        add(tended, asked_for ? WW_SEVERITY_ERROR : WW_SEVERITY_WARNING, WW_PUBLISH_UNSEEN, where);
    ww_time_format(since, when);
    if (f != NULL)
        (void)snprintf(f->seen, sizeof f->seen, "The policy with id %s was not seen from outside since %s",
                       last->id, when);
}

static enum ww_policy_mode mode_of(const struct ww_served *served)
{
    struct ww_policy policy;
    size_t offset;
    return ww_policy_parse(served->body.p, served->body.n, &policy, &offset) == WW_OK ? policy.mode
                                                                                      : WW_MODE_NONE;
}

bool ww_steward_is_replaced(const struct ww_rollout *r)
{
    bool is_there = ww_published_foreign(r->served, r->served_count) != NULL;
    return is_there && last_of(r) != NULL && r->domain->shown_id[0] != '\0';
}

static void find_foreign(const struct ww_rollout *r, struct ww_msg_tended *tended)
{
    const struct ww_served *foreign = ww_published_foreign(r->served, r->served_count);
    char where[WW_STEWARD_HOST_SIZE];
    if (!ww_steward_is_replaced(r))
        return;
    enum ww_policy_mode mode = mode_of(foreign);
    (void)snprintf(where, sizeof where, "mta-sts.%s", r->domain->domain);
    struct ww_msg_tended_fault *f = add(
        tended, mode == WW_MODE_ENFORCE ? WW_SEVERITY_ERROR : WW_SEVERITY_WARNING, WW_PUBLISH_FOREIGN, where);
    if (f != NULL)
        (void)snprintf(f->seen, sizeof f->seen,
                       "In the place of ours a policy of mode %s is seen that is none of ours",
                       ww_policy_mode_name(mode));
}

static bool is_live(const struct ww_published_mx *mx)
{
    return mx->gone_at == 0;
}

/* The policy that binds longest and refuses the host; 0: none does. */
static int64_t refused_until(const struct ww_rollout *r, const char *host, const struct ww_served **by)
{
    struct ww_rollout_refusal all[WW_PUBLISHED_SERVED_MAX];
    size_t count =
        ww_rollout_refusals(r->served, r->served_count, r->now, &host, 1, all, WW_PUBLISHED_SERVED_MAX);
    int64_t until = 0;
    for (size_t i = 0; i < count && i < WW_PUBLISHED_SERVED_MAX; i++)
        if (all[i].until > until) {
            until = all[i].until;
            *by = &r->served[all[i].served];
        }
    return until;
}

static int64_t enforced_until(const struct ww_rollout *r)
{
    int64_t until = 0;
    for (size_t i = 0; i < r->served_count; i++) {
        int64_t bound = ww_rollout_bound_until(&r->served[i]);
        if (bound > r->now && bound > until && mode_of(&r->served[i]) == WW_MODE_ENFORCE)
            until = bound;
    }
    return until;
}

static void put_until(struct ww_buf *b, int64_t until)
{
    char when[WW_TIME_SIZE];
    if (until == INT64_MAX) {
        ww_buf_str(b, ", which is served now");
        return;
    }
    ww_time_format(until, when);
    ww_buf_str(b, ", until ");
    ww_buf_str(b, when);
}

static void put_name(struct ww_buf *b, const struct ww_served *served)
{
    ww_buf_str(b, served->foreign ? "of somebody else" : "");
    ww_buf_str(b, served->id[0] == '\0' ? "" : served->foreign ? " with id " : "with id ");
    ww_buf_str(b, served->id);
}

static void find_refused(const struct ww_rollout *r, const struct ww_published_mx *mx,
                         struct ww_msg_tended *tended)
{
    const struct ww_served *by = NULL;
    int64_t not_covered = refused_until(r, mx->name, &by);
    int64_t bad = mx->tls == WW_PUBLISHED_MX_BAD ? enforced_until(r) : 0;
    struct ww_msg_tended_fault *f =
        not_covered > 0 || bad > 0 ? add(tended, WW_SEVERITY_ERROR, WW_PUBLISH_REFUSED, mx->name) : NULL;
    if (f == NULL)
        return;
    struct ww_buf b = ww_buf(f->seen, sizeof f->seen - 1);
    if (not_covered > 0) {
        ww_buf_str(&b, "Senders refuse it that hold the policy ");
        put_name(&b, by);
        put_until(&b, not_covered);
    } else {
        ww_buf_str(&b, "Senders refuse it that hold a policy of mode enforce");
        put_until(&b, bad);
        ww_buf_str(&b, ": ");
        ww_words_put_cut(&b, ww_slice_str(mx->why));
    }
    f->seen[b.n] = '\0';
}

/* When the last policy of mode enforce was served no more; 0: there was none. */
static int64_t enforced_before(const struct ww_rollout *r)
{
    size_t first = ww_published_first_own(r->served, r->served_count);
    for (size_t i = r->served_count; i > first; i--)
        if (mode_of(&r->served[i - 1]) == WW_MODE_ENFORCE)
            return r->served[i - 1].until;
    return 0;
}

/* An operator who goes back has another goal, and needs no alert. */
static void find_rolled_back(const struct ww_rollout *r, struct ww_msg_tended *tended)
{
    const struct ww_published *d = r->domain;
    const struct ww_served *last = last_of(r);
    int64_t before = enforced_before(r);
    if (d->goal != WW_GOAL_ENFORCE || last == NULL || mode_of(last) != WW_MODE_TESTING || before == 0 ||
        d->bad_at < before - WW_STEWARD_BACK_WITHIN)
        return;
    struct ww_msg_tended_fault *f = add(tended, WW_SEVERITY_WARNING, WW_PUBLISH_ROLLED_BACK, d->domain);
    if (f == NULL)
        return;
    (void)snprintf(f->seen, sizeof f->seen, "What was enforced is in mode testing again, as %.440s",
                   d->bad_why[0] != '\0' ? d->bad_why : "reports or hosts spoke against it");
}

/* What goes back at once by itself is told of when it has. */
static void find_reported(const struct ww_rollout *r, struct ww_msg_tended *tended)
{
    const struct ww_served *last = last_of(r);
    bool bad = r->evidence == WW_EVIDENCE_BAD;
    if ((!bad && r->evidence != WW_EVIDENCE_MEND) || last == NULL || mode_of(last) != WW_MODE_ENFORCE ||
        tended->what == WW_TENDED_SERVE)
        return;
    struct ww_msg_tended_fault *f =
        add(tended, bad ? WW_SEVERITY_ERROR : WW_SEVERITY_WARNING, WW_PUBLISH_REPORTED, r->domain->domain);
    if (f != NULL)
        (void)snprintf(f->seen, sizeof f->seen, "%s%s%.400s",
                       bad ? "Senders report that mail is refused" : "Not all mail gets through as it should",
                       r->evidence_why[0] != '\0' ? ": " : "", r->evidence_why);
}

void ww_steward_faults(const struct ww_rollout *rollout, const struct ww_steward_in *in,
                       struct ww_msg_tended *tended)
{
    struct ww_served served[WW_PUBLISHED_SERVED_MAX];
    struct ww_rollout r = *rollout;
    r.served_count = ww_rollout_in_fact(r.domain, rollout->served, rollout->served_count, served);
    r.served = served;
    find_certificate_end(&r, in, tended);
    find_unseen(&r, tended);
    find_foreign(&r, tended);
    for (size_t i = 0; i < r.mx_count; i++)
        if (is_live(&r.mx[i]))
            find_refused(&r, &r.mx[i], tended);
    find_rolled_back(&r, tended);
    find_reported(&r, tended);
}
