/* What has come of a domain that the steward had. */
#include "core/publication.h"
#include "daemon/keeper_publish_private.h"
#include "daemon/log.h"

#include <stdlib.h>
#include <time.h>

/* A domain is looked at once a day at the least, whatever a steward says. */
#define DAY_SECONDS 86400

struct taking {
    struct ww_keeper_publish *k;
    struct ww_store *store;
    const struct ww_msg_tended *m;
    int64_t now;
    struct ww_published before, row;
    bool serves, ends; /* another policy is served, or none any more */
    bool back;         /* from mode enforce to testing: not as anybody wants it, but as something is bad */
    bool had;          /* a policy was served */
    bool showed_foreign, new_foreign; /* one of somebody else was seen; another one is */
    struct ww_served policy;
    struct ww_policy read; /* what it says */
};

static enum ww_err note(const struct taking *t, const char *words)
{
    return ww_publish_note(t->store, t->row.domain, t->now, words);
}

/* ---- What is written down of it ---- */

static int64_t next_of(const struct taking *t, bool again, int64_t pause)
{
    int64_t next = t->m->domain.next_at;
    bool asked = t->before.asked != t->m->domain.asked;
    if (again || asked)
        return t->now;
    if (t->m->done_something || t->serves || t->ends)
        return t->now + pause;
    pause = pause > 0 ? pause : 1;
    if (next < t->now + pause)
        next = t->now + pause;
    return next < t->now + DAY_SECONDS ? next : t->now + DAY_SECONDS;
}

/* What the operator wants stays as it is; all else is the steward's to say. */
static void fill_row(struct taking *t, bool again, int64_t pause)
{
    const struct ww_published *m = &t->m->domain;
    struct ww_published *row = &t->row;
    row->state = m->state;
    row->state_since = m->state != t->before.state ? t->now : t->before.state_since;
    row->grown_at = m->grown_at;
    row->bad_at = m->bad_at;
    memcpy(row->bad_why, m->bad_why, sizeof row->bad_why);
    row->looked_at = m->looked_at;
    row->answered = m->asked; /* as it was when the steward got it */
    memcpy(row->record_id, m->record_id, sizeof row->record_id);
    row->record_since = m->record_since;
    row->record_ttl = m->record_ttl;
    row->mx_ttl = m->mx_ttl;
    memcpy(row->shown_id, m->shown_id, sizeof row->shown_id);
    row->shown_at = m->shown_at;
    row->certificate_until = m->certificate_until;
    memcpy(row->here, m->here, sizeof row->here);
    row->here_ttl = m->here_ttl;
    row->here_gone_at = m->here_gone_at;
    row->until = m->until;
    row->needs_operator = m->needs_operator;
    memcpy(row->waits, m->waits, sizeof row->waits);
    memcpy(row->trouble, m->trouble, sizeof row->trouble);
    row->next_at = next_of(t, again, pause);
}

/* Reports or hosts, in the look that is told of. */
static bool spoke_against(const struct ww_published *tended)
{
    return tended->bad_at != 0 && tended->bad_at >= tended->looked_at;
}

static bool enforces(const struct ww_served *served)
{
    struct ww_policy policy;
    size_t offset;
    return ww_policy_parse(served->body.p, served->body.n, &policy, &offset) == WW_OK &&
           policy.mode == WW_MODE_ENFORCE;
}

/* It is the one of somebody else that is seen already. */
static bool is_shown(const struct ww_served *served, size_t count, struct ww_slice body)
{
    const struct ww_served *foreign = ww_published_foreign(served, count);
    return foreign != NULL && ww_slice_eq(foreign->body, body);
}

/* The id changes exactly when the policy does. */
static enum ww_err prepare_policy(struct taking *t)
{
    struct ww_served served[WW_PUBLISHED_SERVED_MAX];
    size_t count = 0, offset;
    char *space = NULL;
    enum ww_err err = ww_publish_served(t->store, t->row.domain, t->now, served, &count, &space);
    const struct ww_served *last = count > 0 && !served[count - 1].foreign ? &served[count - 1] : NULL;
    bool is_served = last != NULL && last->until == 0;
    t->showed_foreign = ww_published_foreign(served, count) != NULL;
    t->had = is_served;
    t->ends = t->m->what == WW_TENDED_UNSERVE && is_served;
    if (err == WW_OK && t->m->what == WW_TENDED_SERVE) {
        if (ww_policy_parse(t->m->body.p, t->m->body.n, &t->read, &offset) != WW_OK)
            err = WW_E_MSG_MALFORMED;
        t->serves = err == WW_OK && !(is_served && ww_slice_eq(last->body, t->m->body));
        t->back = t->serves && is_served && t->read.mode == WW_MODE_TESTING &&
                  t->before.goal == WW_GOAL_ENFORCE && spoke_against(&t->m->domain) && enforces(last);
        t->policy = (struct ww_served){.since = t->now, .body = t->m->body};
        ww_publication_make_id(t->now, t->m->body, last != NULL ? last->id : NULL, t->policy.id);
    }
    t->new_foreign = err == WW_OK && t->m->foreign.n > 0 && !is_shown(served, count, t->m->foreign);
    free(space);
    return err;
}

/* That ours is seen ends what was seen in its place. */
static bool ends_foreign(const struct taking *t)
{
    return t->showed_foreign && t->m->foreign.n == 0 && t->row.shown_at != t->before.shown_at;
}

static enum ww_err write_foreign(const struct taking *t)
{
    struct ww_served policy = {.body = t->m->foreign};
    memcpy(policy.id, t->m->foreign_id, sizeof policy.id);
    if (policy.body.n > 0)
        return ww_publish_foreign(t->store, t->row.domain, &policy, t->now);
    return ends_foreign(t) ? ww_publish_foreign_over(t->store, t->row.domain, t->row.shown_at) : WW_OK;
}

static enum ww_err write_policy(const struct taking *t)
{
    const char *domain = t->row.domain;
    enum ww_err err = WW_OK;
    if (t->serves)
        err = ww_publish_serve(t->store, domain, &t->policy, t->now);
    else if (t->ends)
        err = ww_publish_unserve(t->store, domain, t->now);
    if (err == WW_OK && t->row.shown_id[0] != '\0' && strcmp(t->row.shown_id, t->before.shown_id) != 0)
        err = ww_publish_shown(t->store, domain, t->before.shown_id, t->row.shown_id, t->row.shown_at);
    if (err == WW_OK)
        err = write_foreign(t);
    /* Others may follow it. */
    return err == WW_OK && (t->serves || t->ends) ? ww_publish_mirrors_due(t->store, domain, t->now) : err;
}

/* ---- What is told of it ---- */

static enum ww_err note_policy(const struct taking *t)
{
    char words[WW_PUBLISHED_WORDS_SIZE];
    if (t->serves)
        (void)snprintf(words, sizeof words, "a policy of mode %s with max_age %u is served, its id is %s",
                       ww_policy_mode_name(t->read.mode), (unsigned)t->read.max_age, t->policy.id);
    else if (t->ends)
        (void)snprintf(words, sizeof words, "no policy is served any more");
    enum ww_err err = t->serves || t->ends ? note(t, words) : WW_OK;
    if (err != WW_OK || !t->back || t->row.bad_why[0] == '\0')
        return err;
    (void)snprintf(words, sizeof words, "it goes back to mode testing: %.480s", t->row.bad_why);
    return note(t, words);
}

static enum ww_err note_foreign(const struct taking *t)
{
    char words[WW_PUBLISHED_WORDS_SIZE];
    struct ww_policy policy;
    size_t offset;
    if (ends_foreign(t))
        return note(t, "the policy of somebody else is seen no more");
    if (!t->new_foreign || ww_policy_parse(t->m->foreign.p, t->m->foreign.n, &policy, &offset) != WW_OK)
        return WW_OK;
    (void)snprintf(words, sizeof words, "a policy of somebody else is seen: mode %s, max_age %u",
                   ww_policy_mode_name(policy.mode), (unsigned)policy.max_age);
    ww_log_warning("publish-foreign", "domain", t->row.domain, "mode", ww_policy_mode_name(policy.mode), "id",
                   t->m->foreign_id[0] != '\0' ? t->m->foreign_id : (char *)NULL);
    return note(t, words);
}

static enum ww_err note_seen(const struct taking *t)
{
    char words[WW_PUBLISHED_WORDS_SIZE];
    const char *id = t->row.record_id;
    enum ww_err err = WW_OK;
    if (t->row.shown_id[0] != '\0' && strcmp(t->row.shown_id, t->before.shown_id) != 0) {
        (void)snprintf(words, sizeof words, "the policy %s is seen from outside", t->row.shown_id);
        err = note(t, words);
    }
    if (err != WW_OK || strcmp(id, t->before.record_id) == 0)
        return err;
    if (id[0] != '\0')
        (void)snprintf(words, sizeof words, "the record has the id %s at all name servers", id);
    else
        (void)snprintf(words, sizeof words, "the record is gone from all name servers");
    return note(t, words);
}

/* The publisher serves it no more, though a policy is served. */
static bool is_handed_over(const struct taking *t)
{
    return t->before.here[0] != '\0' && t->row.here[0] == '\0';
}

static enum ww_err note_host(const struct taking *t)
{
    char words[WW_PUBLISHED_WORDS_SIZE];
    const char *domain = t->row.domain;
    bool before = ww_published_leads_here(&t->before), leads = ww_published_leads_here(&t->row);
    if (is_handed_over(t))
        (void)snprintf(words, sizeof words, "nobody is led to Waxwing any more by mta-sts.%s", domain);
    else if (before != leads)
        (void)snprintf(words, sizeof words, "mta-sts.%s leads %s", domain,
                       leads ? "to Waxwing" : "elsewhere");
    else
        return WW_OK;
    return note(t, words);
}

static enum ww_err note_state(const struct taking *t)
{
    char words[2 * WW_PUBLISHED_WORDS_SIZE];
    bool waits =
        t->row.needs_operator && (!t->before.needs_operator || strcmp(t->row.waits, t->before.waits) != 0);
    enum ww_err err = WW_OK;
    if (t->row.state != t->before.state) {
        (void)snprintf(words, sizeof words, "from %s to %s", ww_published_state_name(t->before.state),
                       ww_published_state_name(t->row.state));
        err = note(t, words);
    }
    if (err == WW_OK && waits && t->row.waits[0] != '\0') {
        (void)snprintf(words, WW_PUBLISHED_WORDS_SIZE, "the operator is waited for: %.480s", t->row.waits);
        err = note(t, words);
    }
    if (err == WW_OK && t->row.trouble[0] != '\0' && strcmp(t->row.trouble, t->before.trouble) != 0) {
        (void)snprintf(words, WW_PUBLISHED_WORDS_SIZE, "trouble: %.500s", t->row.trouble);
        err = note(t, words);
    }
    return err;
}

static void log_all(const struct taking *t)
{
    const char *domain = t->row.domain;
    char max_age[16];
    (void)snprintf(max_age, sizeof max_age, "%u", (unsigned)t->read.max_age);
    if (t->serves)
        ww_log_info("publish-served", "domain", domain, "id", t->policy.id, "mode",
                    ww_policy_mode_name(t->read.mode), "max_age", max_age);
    else if (t->ends)
        ww_log_info("publish-unserved", "domain", domain);
    if (t->back)
        ww_log_warning("publish-rolled-back", "domain", domain, "why", t->row.bad_why);
    if (is_handed_over(t))
        ww_log_info("publish-handed-over", "domain", domain, "host", ww_published_host_name(t->row.host));
    if (t->row.state != t->before.state)
        ww_log_info("publish-state", "domain", domain, "state", ww_published_state_name(t->row.state),
                    "before", ww_published_state_name(t->before.state));
}

static enum ww_err write_all(const struct taking *t)
{
    enum ww_err err = ww_publish_put(t->store, &t->row);
    if (err == WW_OK)
        err = ww_publish_put_mx(t->store, t->row.domain, t->m->mx, t->m->mx_count);
    if (err == WW_OK)
        err = write_policy(t);
    if (err == WW_OK)
        err = note_seen(t);
    if (err == WW_OK)
        err = note_foreign(t);
    if (err == WW_OK)
        err = note_policy(t);
    if (err == WW_OK)
        err = note_state(t);
    if (err == WW_OK)
        err = note_host(t);
    return err == WW_OK ? ww_keeper_publish_faults(t->k, t->store, t->row.domain, t->m, t->now) : err;
}

static enum ww_err write_at_once(const struct taking *t)
{
    enum ww_err err = ww_store_begin(t->store);
    if (err == WW_OK)
        err = write_all(t);
    if (err == WW_OK)
        err = ww_store_commit(t->store);
    if (err != WW_OK)
        ww_store_rollback(t->store);
    return err;
}

enum ww_err ww_keeper_publish_take(struct ww_keeper_publish *k, struct ww_store *store,
                                   const struct ww_msg_tended *m, bool again, int64_t pause)
{
    struct taking t = {.k = k, .store = store, .m = m, .now = (int64_t)time(NULL)};
    bool found = false;
    enum ww_err err = ww_publish_get(store, m->domain.domain, &t.before, &found);
    if (err != WW_OK || !found)
        return err;                            /* it was removed meanwhile */
    if (t.before.version != m->domain.version) /* it was planned for what is not wanted any more */
        return ww_publish_set_due(store, t.before.domain, t.now);
    t.row = t.before;
    err = prepare_policy(&t);
    if (err != WW_OK)
        return err;
    fill_row(&t, again, pause);
    err = write_at_once(&t);
    if (err != WW_OK)
        return err;
    log_all(&t);
    if (t.serves || t.ends || is_handed_over(&t) || t.row.state != t.before.state)
        ww_keeper_publish_tell_site(k, store, t.row.domain);
    if (k->alert.count > 0)
        k->raised(k->ctx);
    return WW_OK;
}
