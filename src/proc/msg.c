#include "proc/msg.h"

#include "proc/msg_parts.h"

const char *ww_role_kind_name(enum ww_role_kind kind)
{
    static const char *const names[WW_ROLE_COUNT] = {
        [WW_ROLE_SUPERVISOR] = "supervisor", [WW_ROLE_FRONT] = "front",     [WW_ROLE_RESOLVER] = "resolver",
        [WW_ROLE_KEEPER] = "keeper",         [WW_ROLE_CONTROL] = "control", [WW_ROLE_PRELOAD] = "preload",
        [WW_ROLE_WATCHER] = "watcher",       [WW_ROLE_HERALD] = "herald",   [WW_ROLE_COLLECTOR] = "collector",
        [WW_ROLE_COURIER] = "courier",       [WW_ROLE_INTAKE] = "intake",   [WW_ROLE_DECODER] = "decoder",
        [WW_ROLE_PUBLISHER] = "publisher",   [WW_ROLE_STEWARD] = "steward", [WW_ROLE_CLERK] = "clerk",
    };
    return (unsigned)kind < WW_ROLE_COUNT ? names[kind] : "unknown";
}

void ww_role_name(enum ww_role_kind kind, unsigned index, char out[WW_ROLE_NAME_SIZE])
{
    struct ww_buf b = ww_buf(out, WW_ROLE_NAME_SIZE);
    ww_buf_str(&b, ww_role_kind_name(kind));
    if (kind == WW_ROLE_RESOLVER) {
        ww_buf_char(&b, '-');
        ww_buf_decimal(&b, index);
    }
    ww_buf_char(&b, '\0');
}

void ww_msg_put_peer(struct ww_buf *b, const struct ww_msg_peer *m)
{
    ww_buf_u16(b, (uint16_t)m->kind);
    ww_buf_u16(b, m->index);
    ww_buf_u16(b, m->count);
    ww_buf_u16(b, m->instead);
}

enum ww_err ww_msg_get_peer(struct ww_slice payload, struct ww_msg_peer *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->kind = (enum ww_role_kind)get_enum(&c, WW_ROLE_COUNT);
    m->index = ww_cursor_u16(&c);
    m->count = ww_cursor_u16(&c);
    m->instead = get_bool(&c);
    if (m->index >= m->count)
        c.failed = true;
    return done(&c);
}

void ww_msg_put_listener(struct ww_buf *b, const struct ww_msg_listener *m)
{
    ww_buf_u16(b, (uint16_t)m->purpose);
    put_text(b, m->name, sizeof m->name);
}

enum ww_err ww_msg_get_listener(struct ww_slice payload, struct ww_msg_listener *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->purpose = (enum ww_listen_purpose)get_enum(&c, WW_LISTEN_PURPOSES);
    get_text(&c, m->name, sizeof m->name, TEXT_ANY);
    return done(&c);
}

void ww_msg_put_roles(struct ww_buf *b, const struct ww_msg_roles *m)
{
    ww_buf_u64(b, (uint64_t)m->since);
    ww_buf_u32(b, m->pid);
    ww_buf_u16(b, m->count);
    for (unsigned i = 0; i < m->count; i++) {
        const struct ww_role_status *r = &m->roles[i];
        ww_buf_u16(b, (uint16_t)r->kind);
        ww_buf_u16(b, r->index);
        ww_buf_u16(b, r->ready);
        ww_buf_u32(b, r->pid);
        ww_buf_u32(b, r->restarts);
        ww_buf_u64(b, (uint64_t)r->since);
    }
}

enum ww_err ww_msg_get_roles(struct ww_slice payload, struct ww_msg_roles *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->since = (int64_t)ww_cursor_u64(&c);
    m->pid = ww_cursor_u32(&c);
    m->count = (uint16_t)get_enum(&c, WW_MSG_ROLES_MAX + 1);
    for (unsigned i = 0; i < m->count; i++) {
        struct ww_role_status *r = &m->roles[i];
        r->kind = (enum ww_role_kind)get_enum(&c, WW_ROLE_COUNT);
        r->index = ww_cursor_u16(&c);
        r->ready = get_bool(&c);
        r->pid = ww_cursor_u32(&c);
        r->restarts = ww_cursor_u32(&c);
        r->since = (int64_t)ww_cursor_u64(&c);
    }
    return done(&c);
}

void ww_msg_put_ask(struct ww_buf *b, const struct ww_msg_ask *m)
{
    ww_buf_u32(b, m->number);
    ww_buf_u16(b, (uint16_t)m->what);
    ww_buf_slice(b, m->payload);
}

enum ww_err ww_msg_get_ask(struct ww_slice payload, struct ww_msg_ask *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->number = ww_cursor_u32(&c);
    m->what = (enum ww_ask)get_enum(&c, WW_ASK_COUNT);
    m->payload = rest_of(&c);
    return done(&c);
}

void ww_msg_put_told(struct ww_buf *b, const struct ww_msg_told *m)
{
    ww_buf_u32(b, m->number);
    ww_buf_u16(b, (uint16_t)m->err);
    ww_buf_u16(b, m->more);
    ww_buf_slice(b, m->payload);
}

enum ww_err ww_msg_get_told(struct ww_slice payload, struct ww_msg_told *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->number = ww_cursor_u32(&c);
    m->err = (enum ww_err)get_enum(&c, WW_ERR_COUNT);
    m->more = get_bool(&c);
    m->payload = rest_of(&c);
    /* Whoever hears of an error takes the answer for ended. */
    c.failed = c.failed || (m->err != WW_OK && (m->more || m->payload.n > 0));
    return done(&c);
}

void ww_msg_put_resolve(struct ww_buf *b, const struct ww_msg_resolve *m)
{
    ww_buf_u64(b, m->flight);
    ww_buf_u16(b, m->sts);
    ww_buf_u16(b, m->dane);
    put_text(b, m->ask.domain, sizeof m->ask.domain);
    put_text(b, m->ask.known_id, sizeof m->ask.known_id);
    put_text(b, m->ask.failed_id, sizeof m->ask.failed_id);
    ww_buf_u64(b, (uint64_t)m->ask.retry_at);
    ww_buf_u16(b, m->ask.refetch);
}

enum ww_err ww_msg_get_resolve(struct ww_slice payload, struct ww_msg_resolve *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->flight = ww_cursor_u64(&c);
    m->sts = get_bool(&c);
    m->dane = get_bool(&c);
    get_text(&c, m->ask.domain, sizeof m->ask.domain, TEXT_WORD);
    get_text(&c, m->ask.known_id, sizeof m->ask.known_id, TEXT_WORD);
    get_text(&c, m->ask.failed_id, sizeof m->ask.failed_id, TEXT_WORD);
    m->ask.retry_at = (int64_t)ww_cursor_u64(&c);
    m->ask.refetch = get_bool(&c);
    return done(&c);
}

void ww_msg_put_resolved(struct ww_buf *b, const struct ww_msg_resolved *m)
{
    const struct ww_discovery_result *r = &m->result;
    ww_buf_u64(b, m->flight);
    ww_buf_u16(b, (uint16_t)r->outcome);
    ww_buf_u16(b, (uint16_t)r->why);
    put_text(b, r->id, sizeof r->id);
    ww_buf_u32(b, r->record_ttl);
    put_body(b, r->body);
    put_origin(b, &r->origin);
    put_text(b, r->detail, sizeof r->detail);
}

enum ww_err ww_msg_get_resolved(struct ww_slice payload, struct ww_msg_resolved *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    struct ww_discovery_result *r = &m->result;
    m->flight = ww_cursor_u64(&c);
    r->outcome = (enum ww_discovery_outcome)get_enum(&c, WW_FOUND_WAITING + 1);
    r->why = (enum ww_err)get_enum(&c, WW_ERR_COUNT);
    get_text(&c, r->id, sizeof r->id, TEXT_WORD);
    r->record_ttl = ww_cursor_u32(&c);
    r->body = get_body(&c);
    get_origin(&c, &r->origin);
    get_text(&c, r->detail, sizeof r->detail, TEXT_LINE);
    return done(&c);
}

void ww_msg_put_policy(struct ww_buf *b, const struct ww_stored_policy *m)
{
    put_text(b, m->domain, WW_DNAME_SIZE);
    put_text(b, m->id, WW_STS_ID_MAX + 1);
    put_body(b, m->body);
    ww_buf_u16(b, (uint16_t)m->mode);
    ww_buf_u64(b, (uint64_t)m->fetched);
    ww_buf_u64(b, (uint64_t)m->expires);
    ww_buf_u64(b, (uint64_t)m->checked);
    if (m->origin != NULL)
        put_origin(b, m->origin);
}

enum ww_err ww_msg_get_policy(struct ww_slice payload, struct ww_msg_policy *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_text(&c, m->domain, sizeof m->domain, TEXT_WORD);
    get_text(&c, m->id, sizeof m->id, TEXT_WORD);
    m->policy.domain = m->domain;
    m->policy.id = m->id;
    m->policy.body = get_body(&c);
    m->policy.mode = (enum ww_policy_mode)get_enum(&c, WW_MODE_ENFORCE + 1);
    m->policy.fetched = (int64_t)ww_cursor_u64(&c);
    m->policy.expires = (int64_t)ww_cursor_u64(&c);
    m->policy.checked = (int64_t)ww_cursor_u64(&c);
    m->policy.origin = ww_cursor_left(&c) > 0 ? &m->origin : NULL;
    if (m->policy.origin != NULL)
        get_origin(&c, &m->origin);
    return done(&c);
}

void ww_msg_put_confirm(struct ww_buf *b, const struct ww_msg_confirm *m)
{
    put_text(b, m->domain, sizeof m->domain);
    put_text(b, m->id, sizeof m->id);
    ww_buf_u64(b, (uint64_t)m->checked);
}

enum ww_err ww_msg_get_confirm(struct ww_slice payload, struct ww_msg_confirm *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_text(&c, m->domain, sizeof m->domain, TEXT_WORD);
    get_text(&c, m->id, sizeof m->id, TEXT_WORD);
    m->checked = (int64_t)ww_cursor_u64(&c);
    return done(&c);
}

void ww_msg_put_stored(struct ww_buf *b, const struct ww_msg_stored *m)
{
    ww_buf_u32(b, m->count);
}

enum ww_err ww_msg_get_stored(struct ww_slice payload, struct ww_msg_stored *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->count = ww_cursor_u32(&c);
    return done(&c);
}

void ww_msg_put_forget(struct ww_buf *b, const struct ww_msg_forget *m)
{
    put_text(b, m->domain, sizeof m->domain);
}

enum ww_err ww_msg_get_forget(struct ww_slice payload, struct ww_msg_forget *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_text(&c, m->domain, sizeof m->domain, TEXT_WORD);
    return done(&c);
}

void ww_msg_put_not_stored(struct ww_buf *b, const struct ww_msg_not_stored *m)
{
    ww_buf_u16(b, (uint16_t)m->why);
}

enum ww_err ww_msg_get_not_stored(struct ww_slice payload, struct ww_msg_not_stored *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->why = (enum ww_err)get_enum(&c, WW_ERR_COUNT);
    return done(&c);
}

void ww_msg_put_mx(struct ww_buf *b, const struct ww_msg_mx *m)
{
    ww_buf_u64(b, m->number);
    put_text(b, m->domain, sizeof m->domain);
}

enum ww_err ww_msg_get_mx(struct ww_slice payload, struct ww_msg_mx *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->number = ww_cursor_u64(&c);
    get_text(&c, m->domain, sizeof m->domain, TEXT_WORD);
    return done(&c);
}

void ww_msg_put_mx_hosts(struct ww_buf *b, const struct ww_msg_mx_hosts *m)
{
    const struct ww_mx_hosts *f = &m->found;
    ww_buf_u64(b, m->number);
    ww_buf_u16(b, (uint16_t)f->outcome);
    ww_buf_u16(b, (uint16_t)f->why);
    put_text(b, f->detail, sizeof f->detail);
    ww_buf_u16(b, (uint16_t)f->dnssec);
    ww_buf_u32(b, f->ttl);
    ww_buf_u16(b, f->more);
    ww_buf_u16(b, (uint16_t)f->count);
    for (size_t i = 0; i < f->count; i++) {
        ww_buf_u16(b, f->hosts[i].preference);
        put_text(b, f->hosts[i].name, sizeof f->hosts[i].name);
    }
}

enum ww_err ww_msg_get_mx_hosts(struct ww_slice payload, struct ww_msg_mx_hosts *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    struct ww_mx_hosts *f = &m->found;
    m->number = ww_cursor_u64(&c);
    f->outcome = (enum ww_mx_outcome)get_enum(&c, WW_MX_OUTCOMES);
    f->why = (enum ww_err)get_enum(&c, WW_ERR_COUNT);
    get_text(&c, f->detail, sizeof f->detail, TEXT_ANY);
    f->dnssec = (enum ww_dnssec)get_enum(&c, WW_DNSSEC_STATES);
    f->ttl = ww_cursor_u32(&c);
    f->more = get_bool(&c);
    f->count = get_enum(&c, WW_MX_HOSTS_MAX + 1);
    for (size_t i = 0; i < f->count; i++) {
        f->hosts[i].preference = ww_cursor_u16(&c);
        get_text(&c, f->hosts[i].name, sizeof f->hosts[i].name, TEXT_WORD);
    }
    return done(&c);
}

void ww_msg_put_override(struct ww_buf *b, const struct ww_override *m)
{
    put_text(b, m->key, WW_OVERRIDE_KEY_SIZE);
    put_text(b, m->mx, WW_OVERRIDE_MX_SIZE);
    put_text(b, m->reason, WW_OVERRIDE_TEXT_SIZE);
    put_text(b, m->who, WW_OVERRIDE_TEXT_SIZE);
    ww_buf_u16(b, (uint16_t)m->level);
    ww_buf_u64(b, (uint64_t)m->until);
    ww_buf_u64(b, (uint64_t)m->set_at);
}

static void get_key(struct ww_cursor *c, char out[WW_OVERRIDE_KEY_SIZE])
{
    char key[WW_OVERRIDE_KEY_SIZE];
    get_text(c, key, sizeof key, TEXT_WORD);
    if (ww_override_key_canon(ww_slice_str(key), out) != WW_OK || strcmp(key, out) != 0)
        c->failed = true;
}

enum ww_err ww_msg_get_override(struct ww_slice payload, struct ww_msg_override *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_key(&c, m->key);
    get_text(&c, m->mx, sizeof m->mx, TEXT_ANY);
    get_text(&c, m->reason, sizeof m->reason, TEXT_ANY);
    get_text(&c, m->who, sizeof m->who, TEXT_ANY);
    m->override = (struct ww_override){.key = m->key, .mx = m->mx, .reason = m->reason, .who = m->who};
    m->override.level = (enum ww_override_level)get_enum(&c, WW_OVERRIDE_LEVELS);
    m->override.until = (int64_t)ww_cursor_u64(&c);
    m->override.set_at = (int64_t)ww_cursor_u64(&c);
    if (m->override.until < 0 || ww_override_check(&m->override) != WW_OK)
        c.failed = true;
    return done(&c);
}

void ww_msg_put_load_overrides(struct ww_buf *b, const struct ww_msg_load_overrides *m)
{
    ww_buf_u32(b, m->number);
}

enum ww_err ww_msg_get_load_overrides(struct ww_slice payload, struct ww_msg_load_overrides *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->number = ww_cursor_u32(&c);
    return done(&c);
}

void ww_msg_put_overrides(struct ww_buf *b, const struct ww_msg_overrides *m)
{
    ww_buf_u32(b, m->number);
    ww_buf_u16(b, m->first);
    ww_buf_u16(b, m->last);
    ww_buf_u16(b, m->whole);
    ww_buf_slice(b, m->parts);
}

enum ww_err ww_msg_get_overrides(struct ww_slice payload, struct ww_msg_overrides *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->number = ww_cursor_u32(&c);
    m->first = get_bool(&c);
    m->last = get_bool(&c);
    m->whole = get_bool(&c);
    m->parts = ww_cursor_take(&c, ww_cursor_left(&c));
    return done(&c);
}

void ww_msg_put_override_remove(struct ww_buf *b, const struct ww_msg_override_remove *m)
{
    put_text(b, m->key, sizeof m->key);
    put_text(b, m->who, sizeof m->who);
}

enum ww_err ww_msg_get_override_remove(struct ww_slice payload, struct ww_msg_override_remove *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_key(&c, m->key);
    get_text(&c, m->who, sizeof m->who, TEXT_ANY);
    return done(&c);
}

void ww_msg_put_override_listed(struct ww_buf *b, const struct ww_override *override, bool counts,
                                uint64_t used)
{
    ww_buf_u16(b, override->configured);
    ww_buf_u16(b, counts);
    ww_buf_u64(b, used);
    ww_msg_put_override(b, override);
}

enum ww_err ww_msg_get_override_listed(struct ww_slice payload, struct ww_msg_override_listed *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    bool configured = get_bool(&c);
    m->counts = get_bool(&c);
    m->used = ww_cursor_u64(&c);
    if (c.failed)
        return WW_E_MSG_MALFORMED;
    enum ww_err err = ww_msg_get_override(ww_cursor_take(&c, ww_cursor_left(&c)), &m->m);
    m->m.override.configured = configured;
    return err;
}

void ww_msg_put_key(struct ww_buf *b, const char *key)
{
    put_text(b, key, WW_OVERRIDE_KEY_SIZE);
}

enum ww_err ww_msg_get_key(struct ww_slice payload, char key[WW_OVERRIDE_KEY_SIZE])
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_key(&c, key);
    return done(&c);
}

void ww_msg_put_part(struct ww_buf *b, struct ww_slice part)
{
    ww_buf_u32(b, (uint32_t)part.n);
    ww_buf_slice(b, part);
}

bool ww_msg_next_part(struct ww_cursor *c, struct ww_slice *part)
{
    if (ww_cursor_left(c) == 0)
        return false;
    uint32_t n = ww_cursor_u32(c);
    *part = ww_cursor_take(c, n);
    return !c->failed;
}
