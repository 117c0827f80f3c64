/* Published domains as JSON: the shapes of control_publish.c. */
#include "codec/json_values.h"
#include "core/mx_match.h"
#include "daemon/keeper_publish_private.h"

/* The last second of the year 9999: what is later is never. */
#define TIME_MAX INT64_C(253402300799)
/* The newest of what has happened, and octets of policies: all fits into a message of control. */
#define NOTES 100
#define BODIES ((size_t)48 * 1024)
#define REFUSALS 64

static json_t *time_json(int64_t at)
{
    return at <= TIME_MAX ? ww_json_time(at) : json_null();
}

static json_t *text_or_null(const char *text)
{
    return text[0] != '\0' ? json_string(text) : json_null();
}

static bool read_policy(const struct ww_served *served, struct ww_policy *out)
{
    size_t offset;
    return served != NULL && ww_policy_parse(served->body.p, served->body.n, out, &offset) == WW_OK;
}

/* What is being tended to is due again when that is over. */
json_t *ww_publish_row_json(const struct ww_published *d, const struct ww_served *served, int64_t given_at)
{
    struct ww_policy policy;
    bool has_policy = read_policy(served, &policy);
    return json_pack("{s:s, s:s, s:s, s:b, s:b, s:o, s:o, s:o, s:s, s:s, s:s, s:o, s:o, s:b, s:o, s:b, s:o}",
                     "domain", d->domain, "state", ww_published_state_name(d->state), "goal",
                     ww_published_goal_name(d->goal), "automatic", d->automatic, "stopped", d->stopped,
                     "mode", has_policy ? json_string(ww_policy_mode_name(policy.mode)) : json_null(),
                     "max_age", has_policy ? json_integer((json_int_t)policy.max_age) : json_null(), "id",
                     has_policy ? json_string(served->id) : json_null(), "host",
                     ww_published_host_name(d->host), "dns", ww_published_dns_name(d->dns), "certificate",
                     ww_published_certificate_name(d->certificate), "waits", text_or_null(d->waits), "until",
                     time_json(d->until), "needs_operator", d->needs_operator, "trouble",
                     text_or_null(d->trouble), "tending", given_at != 0, "next_at",
                     time_json(given_at != 0 ? given_at : d->next_at));
}

struct showing {
    const struct ww_publish_known *known;
    int64_t now;
    size_t fact_count;
    struct ww_served fact[WW_PUBLISHED_SERVED_MAX]; /* what senders may have: ww_rollout_in_fact */
};

static json_t *patterns_json(const struct ww_policy *policy)
{
    json_t *list = json_array();
    struct ww_slice pattern;
    for (size_t pos = 0; ww_policy_next_mx(policy, &pos, &pattern);)
        (void)json_array_append_new(list, json_stringn(pattern.p, pattern.n));
    return list;
}

static json_t *wanted_json(const struct ww_published *d)
{
    json_t *list = json_array();
    for (size_t i = 0; i < d->mx_count; i++)
        (void)json_array_append_new(list, json_string(d->mx[i]));
    return list;
}

/* ---- Hosts ---- */

static const char *tls_name(const struct ww_published_mx *mx)
{
    return mx->tls == WW_PUBLISHED_MX_GOOD ? "good" : mx->tls == WW_PUBLISHED_MX_BAD ? "bad" : "unknown";
}

/* A host that is there may leave; one that is not may enter the MX records. */
static json_t *host_json(const struct showing *s, const struct ww_published_mx *mx)
{
    const struct ww_published *d = &s->known->domain;
    bool there = mx->seen_at != 0 && mx->gone_at == 0;
    json_t *json =
        json_pack("{s:s, s:o, s:o, s:s, s:o}", "name", mx->name, "seen_at", time_json(mx->seen_at), "gone_at",
                  time_json(mx->gone_at), "tls", tls_name(mx), "why", text_or_null(mx->why));
    if (!there && json != NULL)
        (void)json_object_set_new(json, "may_enter_at",
                                  time_json(ww_rollout_host_from(s->fact, s->fact_count, s->now, mx->name)));
    if (mx->gone_at != 0 && json != NULL)
        (void)json_object_set_new(json, "may_leave_at", time_json(ww_rollout_leaves_at(d, mx)));
    return json;
}

static bool is_known_host(const struct ww_publish_known *known, const char *name)
{
    for (size_t i = 0; i < known->mx_count; i++)
        if (strcmp(known->mx[i].name, name) == 0)
            return true;
    return false;
}

/* Those of the MX records, and those that are wanted and are not there. */
static json_t *hosts_json(const struct showing *s)
{
    const struct ww_publish_known *known = s->known;
    json_t *list = json_array();
    for (size_t i = 0; i < known->mx_count; i++)
        (void)json_array_append_new(list, host_json(s, &known->mx[i]));
    for (size_t i = 0; i < known->domain.mx_count; i++) {
        struct ww_published_mx mx = {.seen_at = 0};
        const char *pattern = known->domain.mx[i];
        if (pattern[0] == '*' || is_known_host(known, pattern) || strlen(pattern) >= sizeof mx.name)
            continue;
        memcpy(mx.name, pattern, strlen(pattern) + 1);
        (void)json_array_append_new(list, host_json(s, &mx));
    }
    return list;
}

/* ---- Policies ---- */

static json_t *served_json(const struct ww_served *served, const struct ww_served *fact)
{
    struct ww_policy policy;
    if (!read_policy(served, &policy))
        return NULL;
    return json_pack("{s:o, s:b, s:s, s:I, s:o, s:o, s:o, s:o}", "id", text_or_null(served->id), "foreign",
                     served->foreign, "mode", ww_policy_mode_name(policy.mode), "max_age",
                     (json_int_t)policy.max_age, "mx", patterns_json(&policy), "since",
                     time_json(served->since), "until", time_json(served->until), "binds_until",
                     time_json(ww_rollout_bound_until(fact)));
}

/* Those of somebody else, then ours, oldest first; of many long ones the last. */
static json_t *policies_json(const struct showing *s)
{
    const struct ww_publish_known *known = s->known;
    json_t *list = json_array();
    size_t octets = 0, first = known->served_count;
    while (first > 0 && octets + known->served[first - 1].body.n <= BODIES)
        octets += known->served[--first].body.n;
    for (size_t i = first; i < known->served_count; i++)
        (void)json_array_append_new(list, served_json(&known->served[i], &s->fact[i]));
    return list;
}

static json_t *refusal_json(const struct ww_served *served, const struct ww_rollout_refusal *r)
{
    return json_pack("{s:o, s:b, s:s, s:o}", "id", text_or_null(served->id), "foreign", served->foreign,
                     "host", r->host, "until", time_json(r->until));
}

static json_t *refusals_json(const struct showing *s)
{
    const struct ww_publish_known *known = s->known;
    struct ww_rollout_refusal refusals[REFUSALS];
    const char *hosts[WW_PUBLISHED_MX_MAX];
    size_t count = 0;
    json_t *list = json_array();
    for (size_t i = 0; i < known->mx_count; i++)
        if (known->mx[i].gone_at == 0)
            hosts[count++] = known->mx[i].name;
    size_t n = ww_rollout_refusals(s->fact, s->fact_count, s->now, hosts, count, refusals, REFUSALS);
    for (size_t i = 0; i < n && i < REFUSALS; i++)
        (void)json_array_append_new(list, refusal_json(&s->fact[refusals[i].served], &refusals[i]));
    return list;
}

/* ---- All of it ---- */

static void on_note(void *ctx, int64_t at, const char *words)
{
    json_t *list = ctx;
    (void)json_array_insert_new(list, 0, json_pack("{s:o, s:s}", "at", time_json(at), "what", words));
}

static json_t *faults_json(const struct ww_publish_fault *faults, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(list,
                                    json_pack("{s:s, s:s, s:s, s:s, s:o}", "id", faults[i].check, "severity",
                                              ww_severity_name(faults[i].severity), "where", faults[i].where,
                                              "seen", faults[i].seen, "since", time_json(faults[i].since)));
    return list;
}

static json_t *record_json(const struct ww_published *d)
{
    if (d->record_id[0] == '\0')
        return json_null();
    return json_pack("{s:s, s:o, s:I}", "id", d->record_id, "since", time_json(d->record_since), "ttl",
                     (json_int_t)d->record_ttl);
}

static json_t *shown_json(const struct ww_published *d)
{
    if (d->shown_id[0] == '\0')
        return json_null();
    return json_pack("{s:s, s:o}", "id", d->shown_id, "at", time_json(d->shown_at));
}

/* Where it is served as well while DNS may lead there. */
static json_t *handover_json(const struct ww_published *d)
{
    json_t *list = json_array();
    if (ww_published_is_here(d) || d->here[0] == '\0') {
        json_decref(list);
        return json_null();
    }
    for (const char *p = d->here; *p != '\0'; p += strspn(p, " ")) {
        size_t n = strcspn(p, " ");
        (void)json_array_append_new(list, json_stringn(p, n));
        p += n;
    }
    return json_pack("{s:o, s:o, s:o}", "addresses", list, "gone_at", time_json(d->here_gone_at), "until",
                     time_json(ww_rollout_handed_over_at(d)));
}

static json_t *more_json(const struct showing *s)
{
    const struct ww_published *d = &s->known->domain;
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I}",
                     "version", (json_int_t)d->version, "added_at", time_json(d->added_at), "state_since",
                     time_json(d->state_since), "looked_at", time_json(d->looked_at), "mx_wanted",
                     wanted_json(d), "max_age_wanted", (json_int_t)d->max_age, "rua", text_or_null(d->rua),
                     "mirror", text_or_null(d->mirror), "record", record_json(d), "shown", shown_json(d),
                     "certificate_until", time_json(d->certificate_until), "handover", handover_json(d),
                     "hosts", hosts_json(s), "served", policies_json(s), "refusals", refusals_json(s),
                     "asked", (json_int_t)d->asked, "answered", (json_int_t)d->answered);
}

json_t *ww_publish_show_json(struct ww_store *store, const struct ww_publish_known *known, int64_t given_at,
                             int64_t now, enum ww_err *err)
{
    struct ww_publish_fault faults[WW_PUBLISH_FAULTS_MAX];
    struct showing s = {.known = known, .now = now};
    size_t count = 0;
    json_t *notes = json_array();
    *err =
        notes != NULL ? ww_publish_notes(store, known->domain.domain, NOTES, on_note, notes) : WW_E_NO_MEMORY;
    if (*err == WW_OK)
        *err = ww_publish_faults(store, known->domain.domain, faults, &count);
    if (*err != WW_OK) {
        json_decref(notes);
        return NULL;
    }
    s.fact_count = ww_rollout_in_fact(&known->domain, known->served, known->served_count, s.fact);
    json_t *json = ww_publish_row_json(&known->domain, ww_publish_known_served(known), given_at);
    json_t *more = more_json(&s);
    (void)json_object_update(json, more);
    json_decref(more);
    (void)json_object_set_new(json, "faults", faults_json(faults, count));
    (void)json_object_set_new(json, "log", notes);
    return json;
}
