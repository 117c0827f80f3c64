#include "proc/msg_publish.h"

#include "proc/msg_parts.h"

static void put_time(struct ww_buf *b, int64_t at)
{
    ww_buf_u64(b, (uint64_t)at);
}

static int64_t get_time(struct ww_cursor *c)
{
    return (int64_t)ww_cursor_u64(c);
}

typedef char pattern[WW_PUBLISHED_PATTERN_SIZE];

static void put_patterns(struct ww_buf *b, const pattern *patterns, size_t count)
{
    ww_buf_u16(b, (uint16_t)count);
    if (count > WW_PUBLISHED_MX_MAX)
        b->failed = true;
    for (size_t i = 0; !b->failed && i < count; i++)
        put_text(b, patterns[i], sizeof patterns[i]);
}

static size_t get_patterns(struct ww_cursor *c, pattern *patterns)
{
    size_t count = get_enum(c, WW_PUBLISHED_MX_MAX + 1);
    for (size_t i = 0; i < count; i++)
        get_text(c, patterns[i], sizeof patterns[i], TEXT_WORD);
    return count;
}

static void put_wanted(struct ww_buf *b, const struct ww_published *d)
{
    ww_buf_u16(b, (uint16_t)d->goal);
    ww_buf_u16(b, d->automatic);
    ww_buf_u16(b, d->stopped);
    put_patterns(b, d->mx, d->mx_count);
    ww_buf_u32(b, d->max_age);
    put_text(b, d->rua, sizeof d->rua);
    ww_buf_u16(b, (uint16_t)d->host);
    ww_buf_u16(b, (uint16_t)d->dns);
    ww_buf_u16(b, (uint16_t)d->certificate);
    put_text(b, d->mirror, sizeof d->mirror);
}

static void get_wanted(struct ww_cursor *c, struct ww_published *d)
{
    d->goal = (enum ww_published_goal)get_enum(c, WW_GOAL_RETIRE + 1);
    d->automatic = get_bool(c);
    d->stopped = get_bool(c);
    d->mx_count = get_patterns(c, d->mx);
    d->max_age = ww_cursor_u32(c);
    get_text(c, d->rua, sizeof d->rua, TEXT_LINE);
    d->host = (enum ww_published_host)get_enum(c, WW_HOSTED_MIRROR + 1);
    d->dns = (enum ww_published_dns)get_enum(c, WW_DNS_BY_UPDATE + 1);
    d->certificate = (enum ww_published_certificate)get_enum(c, WW_CERTIFICATE_ACME + 1);
    get_text(c, d->mirror, sizeof d->mirror, TEXT_WORD);
}

static void put_domain(struct ww_buf *b, const struct ww_published *d)
{
    put_text(b, d->domain, sizeof d->domain);
    ww_buf_u64(b, d->version);
    put_wanted(b, d);
    ww_buf_u16(b, (uint16_t)d->state);
    put_time(b, d->added_at);
    put_time(b, d->state_since);
    put_time(b, d->grown_at);
    put_time(b, d->bad_at);
    put_text(b, d->bad_why, sizeof d->bad_why);
    put_time(b, d->looked_at);
    ww_buf_u64(b, d->asked);
    ww_buf_u64(b, d->answered);
    ww_buf_u64(b, d->afresh);
    put_text(b, d->record_id, sizeof d->record_id);
    put_time(b, d->record_since);
    ww_buf_u32(b, d->record_ttl);
    ww_buf_u32(b, d->mx_ttl);
    put_text(b, d->shown_id, sizeof d->shown_id);
    put_time(b, d->shown_at);
    put_time(b, d->certificate_until);
    put_text(b, d->here, sizeof d->here);
    ww_buf_u32(b, d->here_ttl);
    put_time(b, d->here_gone_at);
    put_time(b, d->next_at);
    put_time(b, d->until);
    ww_buf_u16(b, d->needs_operator);
    put_text(b, d->waits, sizeof d->waits);
    put_text(b, d->trouble, sizeof d->trouble);
}

static void get_domain(struct ww_cursor *c, struct ww_published *d)
{
    *d = (struct ww_published){.domain = ""};
    get_text(c, d->domain, sizeof d->domain, TEXT_WORD);
    d->version = ww_cursor_u64(c);
    get_wanted(c, d);
    d->state = (enum ww_published_state)get_enum(c, WW_PUBLISHED_GONE + 1);
    d->added_at = get_time(c);
    d->state_since = get_time(c);
    d->grown_at = get_time(c);
    d->bad_at = get_time(c);
    get_text(c, d->bad_why, sizeof d->bad_why, TEXT_LINE);
    d->looked_at = get_time(c);
    d->asked = ww_cursor_u64(c);
    d->answered = ww_cursor_u64(c);
    d->afresh = ww_cursor_u64(c);
    get_text(c, d->record_id, sizeof d->record_id, TEXT_WORD);
    d->record_since = get_time(c);
    d->record_ttl = ww_cursor_u32(c);
    d->mx_ttl = ww_cursor_u32(c);
    get_text(c, d->shown_id, sizeof d->shown_id, TEXT_WORD);
    d->shown_at = get_time(c);
    d->certificate_until = get_time(c);
    get_text(c, d->here, sizeof d->here, TEXT_LINE);
    d->here_ttl = ww_cursor_u32(c);
    d->here_gone_at = get_time(c);
    d->next_at = get_time(c);
    d->until = get_time(c);
    d->needs_operator = get_bool(c);
    get_text(c, d->waits, sizeof d->waits, TEXT_LINE);
    get_text(c, d->trouble, sizeof d->trouble, TEXT_LINE);
}

static void put_hosts(struct ww_buf *b, const struct ww_published_mx *mx, size_t count)
{
    ww_buf_u16(b, (uint16_t)count);
    if (count > WW_PUBLISHED_MX_MAX)
        b->failed = true;
    for (size_t i = 0; !b->failed && i < count; i++) {
        put_text(b, mx[i].name, sizeof mx[i].name);
        put_time(b, mx[i].seen_at);
        put_time(b, mx[i].gone_at);
        ww_buf_u16(b, (uint16_t)mx[i].tls);
        put_text(b, mx[i].why, sizeof mx[i].why);
    }
}

static size_t get_hosts(struct ww_cursor *c, struct ww_published_mx *mx)
{
    size_t count = get_enum(c, WW_PUBLISHED_MX_MAX + 1);
    for (size_t i = 0; i < count; i++) {
        get_text(c, mx[i].name, sizeof mx[i].name, TEXT_WORD);
        mx[i].seen_at = get_time(c);
        mx[i].gone_at = get_time(c);
        unsigned tls = get_enum(c, WW_PUBLISHED_MX_BAD + 1);
        mx[i].tls = tls == WW_PUBLISHED_MX_GOOD  ? WW_PUBLISHED_MX_GOOD
                    : tls == WW_PUBLISHED_MX_BAD ? WW_PUBLISHED_MX_BAD
                                                 : WW_PUBLISHED_MX_UNKNOWN;
        get_text(c, mx[i].why, sizeof mx[i].why, TEXT_LINE);
    }
    return count;
}

static void put_policy(struct ww_buf *b, struct ww_slice body)
{
    put_slice(b, body);
    if (body.n > WW_PUBLISHED_BODY_MAX)
        b->failed = true;
}

static struct ww_slice get_policy(struct ww_cursor *c)
{
    return get_slice(c, WW_PUBLISHED_BODY_MAX);
}

void ww_msg_put_steward_room(struct ww_buf *b, const struct ww_msg_steward_room *m)
{
    ww_buf_u16(b, m->room);
}

enum ww_err ww_msg_get_steward_room(struct ww_slice payload, struct ww_msg_steward_room *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->room = ww_cursor_u16(&c);
    return done(&c);
}

/* How many are somebody else's: they come first. */
static void put_whose(struct ww_buf *b, const struct ww_served *served, size_t count)
{
    size_t foreign = ww_published_first_own(served, count);
    ww_buf_u16(b, (uint16_t)foreign);
    if (foreign > WW_PUBLISHED_FOREIGN_MAX || count - foreign > WW_PUBLISHED_OWN_MAX)
        b->failed = true;
}

static void get_whose(struct ww_cursor *c, struct ww_served *served, size_t count)
{
    size_t foreign = get_enum(c, WW_PUBLISHED_FOREIGN_MAX + 1);
    if (foreign > count || count - foreign > WW_PUBLISHED_OWN_MAX)
        c->failed = true;
    for (size_t i = 0; i < count; i++)
        served[i].foreign = i < foreign;
}

void ww_msg_put_tend(struct ww_buf *b, const struct ww_msg_tend *m)
{
    put_domain(b, &m->domain);
    ww_buf_u16(b, (uint16_t)m->served_count);
    if (m->served_count > WW_PUBLISHED_SERVED_MAX)
        b->failed = true;
    for (size_t i = 0; !b->failed && i < m->served_count; i++) {
        put_text(b, m->served[i].id, sizeof m->served[i].id);
        put_time(b, m->served[i].since);
        put_time(b, m->served[i].until);
        put_policy(b, m->served[i].body);
    }
    put_hosts(b, m->mx, m->mx_count);
    ww_buf_u16(b, (uint16_t)m->evidence);
    put_text(b, m->evidence_why, sizeof m->evidence_why);
    put_policy(b, m->mirrored);
    put_whose(b, m->served, m->served_count);
}

enum ww_err ww_msg_get_tend(struct ww_slice payload, struct ww_msg_tend *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_domain(&c, &m->domain);
    m->served_count = get_enum(&c, WW_PUBLISHED_SERVED_MAX + 1);
    for (size_t i = 0; i < m->served_count; i++) {
        get_text(&c, m->served[i].id, sizeof m->served[i].id, TEXT_WORD);
        m->served[i].since = get_time(&c);
        m->served[i].until = get_time(&c);
        m->served[i].body = get_policy(&c);
    }
    m->mx_count = get_hosts(&c, m->mx);
    m->evidence = (enum ww_rollout_evidence)get_enum(&c, WW_EVIDENCE_BAD + 1);
    get_text(&c, m->evidence_why, sizeof m->evidence_why, TEXT_LINE);
    m->mirrored = get_policy(&c);
    get_whose(&c, m->served, m->served_count);
    return done(&c);
}

static void put_faults(struct ww_buf *b, const struct ww_msg_tended *m)
{
    ww_buf_u16(b, (uint16_t)m->fault_count);
    if (m->fault_count > WW_MSG_TENDED_FAULTS_MAX)
        b->failed = true;
    for (size_t i = 0; !b->failed && i < m->fault_count; i++) {
        const struct ww_msg_tended_fault *f = &m->faults[i];
        ww_buf_u16(b, (uint16_t)f->severity);
        put_text(b, f->check, sizeof f->check);
        put_text(b, f->where, sizeof f->where);
        put_text(b, f->seen, sizeof f->seen);
    }
}

static void get_faults(struct ww_cursor *c, struct ww_msg_tended *m)
{
    m->fault_count = get_enum(c, WW_MSG_TENDED_FAULTS_MAX + 1);
    for (size_t i = 0; i < m->fault_count; i++) {
        struct ww_msg_tended_fault *f = &m->faults[i];
        f->severity = (enum ww_severity)get_enum(c, WW_SEVERITY_INFO + 1);
        get_text(c, f->check, sizeof f->check, TEXT_WORD);
        get_text(c, f->where, sizeof f->where, TEXT_LINE);
        get_text(c, f->seen, sizeof f->seen, TEXT_LINE);
    }
}

void ww_msg_put_tended(struct ww_buf *b, const struct ww_msg_tended *m)
{
    put_domain(b, &m->domain);
    put_hosts(b, m->mx, m->mx_count);
    ww_buf_u16(b, (uint16_t)m->what);
    put_policy(b, m->body);
    ww_buf_u16(b, m->done_something);
    put_faults(b, m);
    put_text(b, m->foreign_id, sizeof m->foreign_id);
    put_policy(b, m->foreign);
}

enum ww_err ww_msg_get_tended(struct ww_slice payload, struct ww_msg_tended *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_domain(&c, &m->domain);
    m->mx_count = get_hosts(&c, m->mx);
    m->what = (enum ww_tended)get_enum(&c, WW_TENDED_UNSERVE + 1);
    m->body = get_policy(&c);
    m->done_something = get_bool(&c);
    get_faults(&c, m);
    get_text(&c, m->foreign_id, sizeof m->foreign_id, TEXT_WORD);
    m->foreign = get_policy(&c);
    if ((m->what == WW_TENDED_SERVE) != (m->body.n > 0))
        c.failed = true;
    return done(&c);
}

void ww_msg_put_site(struct ww_buf *b, const struct ww_msg_site *m)
{
    put_text(b, m->domain, sizeof m->domain);
    put_text(b, m->id, sizeof m->id);
    put_policy(b, m->body);
}

enum ww_err ww_msg_get_site(struct ww_slice payload, struct ww_msg_site *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_text(&c, m->domain, sizeof m->domain, TEXT_WORD);
    get_text(&c, m->id, sizeof m->id, TEXT_WORD);
    m->body = get_policy(&c);
    return done(&c);
}

void ww_msg_put_site_gone(struct ww_buf *b, const struct ww_msg_site_gone *m)
{
    put_text(b, m->domain, sizeof m->domain);
}

enum ww_err ww_msg_get_site_gone(struct ww_slice payload, struct ww_msg_site_gone *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_text(&c, m->domain, sizeof m->domain, TEXT_WORD);
    return done(&c);
}

void ww_msg_put_site_state(struct ww_buf *b, const struct ww_msg_site_state *m)
{
    put_text(b, m->domain, sizeof m->domain);
    put_text(b, m->id, sizeof m->id);
    put_time(b, m->certificate_until);
    put_text(b, m->trouble, sizeof m->trouble);
}

enum ww_err ww_msg_get_site_state(struct ww_slice payload, struct ww_msg_site_state *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_text(&c, m->domain, sizeof m->domain, TEXT_WORD);
    get_text(&c, m->id, sizeof m->id, TEXT_WORD);
    m->certificate_until = get_time(&c);
    get_text(&c, m->trouble, sizeof m->trouble, TEXT_LINE);
    return done(&c);
}

void ww_msg_put_publish_ask(struct ww_buf *b, const struct ww_msg_publish_ask *m)
{
    ww_buf_u16(b, (uint16_t)m->what);
    put_text(b, m->domain, sizeof m->domain);
    ww_buf_u32(b, m->fields);
    ww_buf_u16(b, m->force);
    ww_buf_u64(b, m->version);
    put_wanted(b, &m->wanted);
    put_patterns(b, m->drop, m->drop_count);
}

enum ww_err ww_msg_get_publish_ask(struct ww_slice payload, struct ww_msg_publish_ask *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    *m = (struct ww_msg_publish_ask){.what = (enum ww_publish_ask)get_enum(&c, WW_PUBLISH_ASK_COUNT)};
    get_text(&c, m->domain, sizeof m->domain, TEXT_WORD);
    m->fields = ww_cursor_u32(&c);
    m->force = get_bool(&c);
    m->version = ww_cursor_u64(&c);
    get_wanted(&c, &m->wanted);
    m->drop_count = get_patterns(&c, m->drop);
    if ((m->fields & ~(unsigned)WW_PUBLISH_FIELDS) != 0)
        c.failed = true;
    return done(&c);
}
