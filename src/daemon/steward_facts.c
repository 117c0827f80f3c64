#include "daemon/steward_facts.h"

#include "core/judge.h"
#include "daemon/steward_hosts.h"

#include <stdio.h>
#include <string.h>

static bool take_line(struct ww_slice *rest, struct ww_slice *line)
{
    const char *end = rest->n > 0 ? memchr(rest->p, '\n', rest->n) : NULL;
    size_t n = end != NULL ? (size_t)(end - rest->p) : rest->n;
    if (rest->n == 0)
        return false;
    *line = ww_slice(rest->p, n > 0 && rest->p[n - 1] == '\r' ? n - 1 : n);
    *rest = ww_slice(rest->p + n + (end != NULL), rest->n - n - (end != NULL));
    return true;
}

bool ww_steward_same_policy(struct ww_slice a, struct ww_slice b)
{
    struct ww_slice of_a, of_b;
    for (;;) {
        bool more = take_line(&a, &of_a);
        if (more != take_line(&b, &of_b))
            return false;
        if (!more)
            return true;
        if (of_a.n != of_b.n || memcmp(of_a.p, of_b.p, of_a.n) != 0)
            return false;
    }
}

/* ---- The record ---- */

struct record {
    enum { RECORD_UNKNOWN, RECORD_NONE, RECORD_THERE } what;
    char id[WW_STS_ID_MAX + 1];
    uint32_t ttl;
    const char *why; /* it is not known */
};

static bool has_answered(const struct ww_name_server *s)
{
    return s->ended && s->err == WW_OK && s->authoritative &&
           (s->rcode == WW_DNS_NOERROR || s->rcode == WW_DNS_NXDOMAIN);
}

/* A broken record is none to a sender. */
static bool says(const struct ww_name_server *s, const struct record *r)
{
    bool there = s->presence == WW_TXT_PRESENT;
    return there == (r->what == RECORD_THERE) && (!there || strcmp(s->id, r->id) == 0);
}

/* Servers come with their addresses one behind the other. */
static size_t count_names(const struct ww_names_sight *names, bool answered)
{
    size_t count = 0;
    for (size_t i = 0; i < names->server_count; i++) {
        const struct ww_name_server *s = &names->servers[i];
        bool again = false;
        for (size_t k = 0; k < i && !again; k++)
            again = strcmp(names->servers[k].name, s->name) == 0 &&
                    (!answered || has_answered(&names->servers[k]));
        count += !again && (!answered || has_answered(s));
    }
    return count;
}

static struct record by_servers(const struct ww_names_sight *names)
{
    struct record r = {.what = RECORD_UNKNOWN};
    for (size_t i = 0; i < names->server_count; i++) {
        const struct ww_name_server *s = &names->servers[i];
        if (!has_answered(s))
            continue;
        if (r.what != RECORD_UNKNOWN && !says(s, &r))
            return (struct record){.why =
                                       "the name servers of the domain do not agree on its record _mta-sts"};
        r.what = s->presence == WW_TXT_PRESENT ? RECORD_THERE : RECORD_NONE;
        memcpy(r.id, s->id, sizeof r.id);
        r.ttl = s->ttl > r.ttl ? s->ttl : r.ttl;
    }
    if (2 * count_names(names, true) < count_names(names, false))
        return (struct record){.why = "most of the domain's name servers do not answer"};
    return r;
}

static struct record by_resolver(const struct ww_names_sight *names)
{
    const struct ww_name_texts *texts = &names->texts[WW_NAMES_STS];
    if (!texts->ended || texts->err != WW_OK)
        return (struct record){.why = "the look-up of its record _mta-sts fails"};
    struct record r = {.what = names->record == WW_TXT_PRESENT ? RECORD_THERE : RECORD_NONE,
                       .ttl = texts->ttl};
    if (r.what == RECORD_THERE)
        memcpy(r.id, names->sts.id, sizeof r.id);
    return r;
}

static struct record find_record(const struct ww_names_sight *names)
{
    if (!names->looked)
        return (struct record){.why = "its records were not looked at"};
    if (count_names(names, true) > 0)
        return by_servers(names);
    return by_resolver(names);
}

/* The TTL of a record that is gone stays known: caches may hold it for so long. */
static void take_record(const struct record *r, int64_t at, struct ww_published *domain)
{
    const char *id = r->what == RECORD_THERE ? r->id : "";
    if (r->what == RECORD_UNKNOWN)
        return;
    if (strcmp(domain->record_id, id) != 0 || domain->record_since == 0)
        domain->record_since = at;
    (void)snprintf(domain->record_id, sizeof domain->record_id, "%s", id);
    if (r->what == RECORD_THERE)
        domain->record_ttl = r->ttl;
}

/* ---- TLSRPT ---- */

static const char *find_rua(const struct ww_steward_seen *seen, const struct ww_published *domain)
{
    const struct ww_names_sight *names = &seen->sight->names;
    const struct ww_name_texts *texts = &names->texts[WW_NAMES_TLSRPT];
    const char *rua = NULL;
    for (size_t i = 0; i < seen->said->count; i++) {
        const struct ww_server_said *s = &seen->said->servers[i];
        /* Of several that differ one is to be set right. */
        if (s->tlsrpt_known && (rua == NULL || strcmp(s->rua, domain->rua) != 0))
            rua = s->rua;
    }
    if (rua == NULL && texts->ended && texts->err == WW_OK)
        rua = names->rua;
    if (rua == NULL)
        rua = domain->rua;
    return rua[0] != '\0' ? rua : NULL;
}

/* ---- The policy ---- */

/* A sender may come to any address: all that answer have to show it. */
static bool is_shown(const struct ww_host_sight *host, struct ww_slice body)
{
    if (host->late || host->body.p == NULL || !ww_steward_same_policy(host->body, body))
        return false;
    for (size_t i = 0; i < host->count; i++) {
        const struct ww_host_address_sight *a = &host->addresses[i];
        if (a->tested && a->err == WW_OK && (a->status != 200 || a->other_line != 0))
            return false;
    }
    return true;
}

static bool take_shown(const struct ww_steward_seen *seen, struct ww_published *domain)
{
    const struct ww_served *own = ww_published_own(seen->served, seen->served_count);
    if (own == NULL || !seen->sight->has_policy || !is_shown(&seen->sight->host, own->body))
        return false;
    memcpy(domain->shown_id, own->id, sizeof domain->shown_id);
    domain->shown_at = seen->at;
    return true;
}

/* ---- A policy of somebody else ---- */

static bool counts_as_served(const struct ww_steward_seen *seen, const struct ww_published *domain)
{
    struct ww_served fact[WW_PUBLISHED_SERVED_MAX];
    bool binds = seen->sight->policy.mode != WW_MODE_NONE;
    size_t count = ww_rollout_in_fact(domain, seen->served, seen->served_count, fact);
    for (size_t i = ww_published_first_own(fact, count); i < count; i++)
        if ((fact[i].until == 0 || !binds) && ww_steward_same_policy(fact[i].body, seen->sight->host.body))
            return true;
    return false;
}

static bool is_own_id(const struct ww_steward_seen *seen, const char *id)
{
    for (size_t i = ww_published_first_own(seen->served, seen->served_count); i < seen->served_count; i++)
        if (strcmp(seen->served[i].id, id) == 0)
            return true;
    return false;
}

static void find_foreign(const struct ww_steward_seen *seen, const struct ww_published *domain,
                         struct ww_steward_facts *out)
{
    const struct ww_slice body = seen->sight->host.body;
    if (!seen->sight->has_policy || counts_as_served(seen, domain))
        return;
    if (body.n > WW_PUBLISHED_BODY_MAX) {
        (void)snprintf(out->why, sizeof out->why,
                       "the policy that somebody else serves is too long to be kept");
        return;
    }
    out->foreign.body = body;
    if (!is_own_id(seen, domain->record_id))
        memcpy(out->foreign.id, domain->record_id, sizeof out->foreign.id);
}

void ww_steward_facts(const struct ww_steward_seen *seen, struct ww_published *domain,
                      struct ww_published_mx mx[WW_PUBLISHED_MX_MAX], size_t *mx_count,
                      struct ww_steward_facts *out)
{
    const struct record record = find_record(&seen->sight->names);
    struct ww_steward_hosts hosts;
    *out = (struct ww_steward_facts){.rua = find_rua(seen, domain)};
    take_record(&record, seen->at, domain);
    out->shown = take_shown(seen, domain);
    if (!out->shown)
        find_foreign(seen, domain, out);
    ww_steward_hosts(seen, domain, mx, mx_count, &hosts);
    out->mx_authentic = hosts.authentic;
    out->complete = record.what != RECORD_UNKNOWN && hosts.known;
    if (out->complete)
        domain->looked_at = seen->at;
    else
        (void)snprintf(out->why, sizeof out->why, "%s", record.why != NULL ? record.why : hosts.why);
}
