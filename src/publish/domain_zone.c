#include "publish/domain_zone.h"

#include "base/time.h"

#include <stdio.h>

struct making {
    const struct ww_domain_zone *in;
    struct ww_domain_zone_room *room;
    struct ww_zone *out;
};

/* A change of the records below the domain. */
static struct ww_dns_change *add(const struct making *m, const char *label, const char *type)
{
    char name[WW_DNAME_SIZE + 16];
    (void)snprintf(name, sizeof name, "%s.%s", label, m->in->domain);
    return ww_zone_add(m->out, name, type, m->in->ttl);
}

static void add_values(const struct making *m, const char *label, const char *type,
                       const char *const values[], size_t count)
{
    struct ww_dns_change *change = count > 0 ? add(m, label, type) : NULL;
    for (size_t i = 0; change != NULL && i < count && i < WW_DNS_UPDATE_VALUES_MAX; i++)
        change->values[change->count++] = values[i];
}

static void add_host(const struct making *m)
{
    const struct ww_domain_zone *in = m->in;
    if (in->target[0] != '\0') {
        (void)snprintf(m->room->target, sizeof m->room->target, "%s.", in->target);
        add_values(m, "mta-sts", "CNAME", (const char *const[]){m->room->target}, 1);
    }
    add_values(m, "mta-sts", "A", in->ipv4, in->ipv4_count);
    add_values(m, "mta-sts", "AAAA", in->ipv6, in->ipv6_count);
    if (in->target[0] == '\0' && in->ipv4_count + in->ipv6_count == 0 && in->shown_id[0] == '\0')
        ww_zone_note(
            m->out,
            "mta-sts.%s has to lead to the server that serves the policy: --target or --address puts its "
            "record here",
            in->domain);
}

static void remove_host(const struct making *m)
{
    static const char *const types[] = {"CNAME", "A", "AAAA"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        (void)add(m, "mta-sts", types[i]);
}

static void add_tlsrpt(const struct making *m)
{
    if (m->in->rua[0] == '\0')
        return;
    (void)snprintf(m->room->tlsrpt, sizeof m->room->tlsrpt, "v=TLSRPTv1; rua=%s;", m->in->rua);
    add_values(m, "_smtp._tls", "TXT", (const char *const[]){m->room->tlsrpt}, 1);
}

/* Which one is there now, if any, stays. */
static void add_record(const struct making *m)
{
    const struct ww_domain_zone *in = m->in;
    const char *stays = in->record_id[0] != '\0' ? "; the one that is there stays until then" : "";
    if (in->served_id[0] == '\0') {
        ww_zone_note(m->out, "not yet: _mta-sts.%s TXT, for no policy is served%s", in->domain, stays);
    } else if (strcmp(in->served_id, in->shown_id) != 0) {
        ww_zone_note(m->out,
                     "not yet: _mta-sts.%s TXT, for the policy %s was not seen at https://mta-sts.%s%s",
                     in->domain, in->served_id, in->domain, stays);
    } else {
        (void)snprintf(m->room->record, sizeof m->room->record, "v=STSv1; id=%s;", in->served_id);
        add_values(m, "_mta-sts", "TXT", (const char *const[]){m->room->record}, 1);
    }
}

/* The record, then the host: a sender that still sees the record would look for the host. */
static void retire(const struct making *m)
{
    const struct ww_domain_zone *in = m->in;
    (void)add(m, "_mta-sts", "TXT");
    if (in->record_id[0] == '\0' || in->state == WW_PUBLISHED_GONE)
        remove_host(m);
    else
        ww_zone_note(m->out,
                     "the records of mta-sts.%s may go when that of _mta-sts is gone, and its TTL is over",
                     in->domain);
    if (in->rua[0] != '\0')
        ww_zone_note(m->out, "_smtp._tls.%s TXT may stay: reports tell of DANE, and of plain TLS, too",
                     in->domain);
}

void ww_domain_zone(const struct ww_domain_zone *in, struct ww_domain_zone_room *room, struct ww_zone *out)
{
    const struct making m = {.in = in, .room = room, .out = out};
    bool forgotten = in->served_id[0] == '\0' || (in->served_none && in->binds_until <= in->now);
    *out = (struct ww_zone){.count = 0};
    if (in->state == WW_PUBLISHED_GONE || (in->state == WW_PUBLISHED_RETIRING && forgotten)) {
        retire(&m);
        return;
    }
    add_tlsrpt(&m);
    add_host(&m);
    add_record(&m);
    if (in->state != WW_PUBLISHED_RETIRING || !in->served_none)
        return;
    if (in->binds_until == INT64_MAX) {
        ww_zone_note(
            out, "retiring: a policy of another mode than none is still seen; nothing may be removed yet");
    } else {
        char until[WW_TIME_SIZE];
        ww_time_format(in->binds_until, until);
        ww_zone_note(
            out, "retiring: senders may have an older policy until %s; nothing may be removed before", until);
    }
}
