#include "daemon/front_keeper.h"

#include "daemon/front_overrides_sync.h"
#include "daemon/log.h"
#include "proc/chan.h"
#include "proc/msg.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Writes on their way at a time: what the keeper has to hold while its store does not take them. */
#define WINDOW ((size_t)512)

/* Policies from the store that go into the cache together: see ww_cache_soon. */
#define TOGETHER 16

/* Where a policy came from: kept beside the cache until it is stored, as a million entries have no need of
 * it. */
struct source {
    int64_t fetched; /* of that policy */
    struct ww_origin origin;
};

TAILQ_HEAD(keeper_waits, ww_keeper_wait);

struct change {
    char *domain;          /* NULL once there is nothing to send */
    struct source *source; /* or NULL */
    enum ww_keep what;
};

/* A policy from the store, and its place in the cache. */
struct stored {
    struct ww_msg_policy m;
    struct ww_front_name name;
};

struct ww_front_keeper {
    struct event_base *base;
    struct ww_cache *cache;
    struct ww_overrides_sync overrides;
    const struct ww_hash_key *key;
    const struct ww_life_rules *rules;
    void (*ready)(void *ctx);
    void *ctx;
    struct ww_chan *chan; /* NULL while there is no keeper */
    struct event *patience;
    unsigned waited; /* steps */
    bool progress;
    bool is_ready;
    bool enforced_loaded;
    size_t left_out; /* policies of the store for which the cache had no room */
    bool loaded;     /* all that the store had is here */
    bool full;       /* the backlog was, which was said: what did not go in is owed */
    bool anew;       /* all of the cache is sent once more, */
    uint32_t part;   /* and this part of it comes next */
    /* Counters that only grow: changes from done to sent are on their way, those from sent to end wait. */
    size_t done;
    size_t sent;
    size_t end;
    size_t forget_end; /* behind the last change that forgets; not after done: there is none */
    struct keeper_waits waits;
    struct change changes[WW_FRONT_KEEPER_BACKLOG];
    struct stored stored[TOGETHER];
    char message[WW_CHAN_MESSAGE_MAX];
};

static struct change *change_at(struct ww_front_keeper *k, size_t i)
{
    return &k->changes[i % WW_FRONT_KEEPER_BACKLOG];
}

static void forget(struct change *c)
{
    free(c->domain);
    free(c->source);
    c->domain = NULL;
    c->source = NULL;
}

static void become_ready(struct ww_front_keeper *k)
{
    if (k->is_ready)
        return;
    k->is_ready = true;
    event_del(k->patience);
    k->ready(k->ctx);
}

static void on_patience(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    struct ww_front_keeper *k = arg;
    k->waited += WW_FRONT_KEEPER_STEP_SECONDS;
    if (k->progress && k->waited < WW_FRONT_KEEPER_LOAD_SECONDS) {
        k->progress = false;
        return;
    }
    ww_log_warning("store-late", "done", "look-ups begin before the stored policies are loaded");
    become_ready(k);
}

struct ww_front_keeper *ww_front_keeper_new(struct event_base *base, struct ww_cache *cache,
                                            struct ww_overrides *overrides, const struct ww_hash_key *key,
                                            const struct ww_life_rules *rules, void (*ready)(void *ctx),
                                            void *ctx)
{
    struct ww_front_keeper *k = calloc(1, sizeof *k);
    if (k == NULL)
        return NULL;
    k->base = base;
    k->cache = cache;
    k->overrides.overrides = overrides;
    k->key = key;
    k->rules = rules;
    k->ready = ready;
    k->ctx = ctx;
    TAILQ_INIT(&k->waits);
    k->patience = event_new(base, -1, EV_PERSIST, on_patience, k);
    const struct timeval step = {.tv_sec = WW_FRONT_KEEPER_STEP_SECONDS};
    if (k->patience == NULL || event_add(k->patience, &step) != 0) {
        ww_front_keeper_free(k);
        return NULL;
    }
    return k;
}

void ww_front_keeper_free(struct ww_front_keeper *keeper)
{
    if (keeper == NULL)
        return;
    ww_chan_free(keeper->chan);
    if (keeper->patience != NULL)
        event_free(keeper->patience);
    for (size_t i = keeper->done; i < keeper->end; i++)
        forget(change_at(keeper, i));
    free(keeper);
}

/*
 * What is refreshed without being used must not look used after a restart: it would never come to rest on a
 * host that is started again each week.
 */
static int64_t checked_for_use(const struct ww_cache_entry *entry)
{
    int64_t used = (int64_t)entry->used_at;
    return used < entry->life.checked ? used : entry->life.checked;
}

/* The policy may be a newer one than that whose source was noted down. */
static enum ww_err send_policy(struct ww_front_keeper *k, const struct ww_cache_entry *entry,
                               const struct source *source)
{
    struct ww_buf b = ww_buf(k->message, sizeof k->message);
    bool known = source != NULL && source->fetched == entry->life.fetched;
    const struct ww_stored_policy policy = {
        .domain = ww_cache_domain(entry),
        .id = entry->life.id,
        .body = ww_cache_body(entry),
        .mode = entry->life.mode,
        .fetched = entry->life.fetched,
        .expires = entry->life.expires,
        .checked = checked_for_use(entry),
        .origin = known ? &source->origin : NULL,
    };
    ww_msg_put_policy(&b, &policy);
    return b.failed ? WW_E_TOO_LONG : ww_chan_send(k->chan, WW_MSG_POLICY, ww_slice(b.p, b.n), -1);
}

static enum ww_err send_times(struct ww_front_keeper *k, const struct ww_cache_entry *entry)
{
    struct ww_buf b = ww_buf(k->message, sizeof k->message);
    struct ww_msg_confirm m = {
        .checked = checked_for_use(entry),
    };
    memcpy(m.domain, ww_cache_domain(entry), strlen(ww_cache_domain(entry)) + 1);
    memcpy(m.id, entry->life.id, sizeof m.id);
    ww_msg_put_confirm(&b, &m);
    return b.failed ? WW_E_TOO_LONG : ww_chan_send(k->chan, WW_MSG_CONFIRM, ww_slice(b.p, b.n), -1);
}

static void begin_anew(struct ww_front_keeper *k)
{
    k->anew = true;
    k->part = 0;
}

/* What is known by now of all that is forgotten, is put anew; what of it waits already comes after this. */
static enum ww_err send_forget(struct ww_front_keeper *k, const char *domain)
{
    struct ww_buf b = ww_buf(k->message, sizeof k->message);
    struct ww_msg_forget m = {.domain = ""};
    memcpy(m.domain, domain, strlen(domain) + 1);
    ww_msg_put_forget(&b, &m);
    if (domain[0] == '\0')
        begin_anew(k);
    return b.failed ? WW_E_TOO_LONG : ww_chan_send(k->chan, WW_MSG_FORGET, ww_slice(b.p, b.n), -1);
}

/* The policy as it is now, which may be a newer one than when it was noted down. */
static enum ww_err send_change(struct ww_front_keeper *k, struct change *c)
{
    if (c->domain == NULL)
        return WW_OK;
    if (c->what == WW_KEEP_FORGET)
        return send_forget(k, c->domain);
    struct ww_front_name name = ww_front_name(k->key, c->domain);
    struct ww_cache_entry *entry = ww_cache_find(k->cache, &name);
    if (entry != NULL)
        entry->unsent &= (uint8_t) ~(1U << c->what);
    if (entry == NULL || entry->life.id[0] == '\0') {
        forget(c);
        return WW_OK;
    }
    return c->what == WW_KEEP_POLICY ? send_policy(k, entry, c->source) : send_times(k, entry);
}

/* Takes off the front what is through: count of what was sent, and what there was nothing to send of. */
static void finish(struct ww_front_keeper *k, size_t count)
{
    while (k->done < k->sent && (count > 0 || change_at(k, k->done)->domain == NULL)) {
        struct change *c = change_at(k, k->done++);
        if (c->domain != NULL)
            count--;
        forget(c);
    }
}

/* Without memory for it the source is not known; the policy is stored all the same. */
static struct source *source_of(const struct ww_cache_entry *entry, const struct ww_origin *origin)
{
    bool known = origin != NULL && origin->address[0] != '\0';
    struct source *source = known ? malloc(sizeof *source) : NULL;
    if (source != NULL)
        *source = (struct source){entry->life.fetched, *origin};
    return source;
}

static bool append(struct ww_front_keeper *k, struct ww_cache_entry *entry, enum ww_keep what,
                   const struct ww_origin *origin)
{
    unsigned bits = entry->unsent;
    /* What waits is sent as it is by then. */
    if ((bits & (1U << WW_KEEP_POLICY)) != 0 || (bits & (1U << what)) != 0)
        return true;
    char *copy = k->end - k->done < WW_FRONT_KEEPER_BACKLOG ? strdup(ww_cache_domain(entry)) : NULL;
    if (copy == NULL)
        return false;
    *change_at(k, k->end++) = (struct change){copy, source_of(entry, origin), what};
    entry->unsent = (uint8_t)(bits | 1U << what);
    return true;
}

static void append_again(void *ctx, struct ww_cache_entry *entry)
{
    struct ww_front_keeper *k = ctx;
    if (ww_life_has_policy(&entry->life, (int64_t)time(NULL)) && !append(k, entry, WW_KEEP_POLICY, NULL))
        k->full = true;
}

/* A store that is new is filled at the pace at which it takes writes. */
static void append_parts(struct ww_front_keeper *k)
{
    while (k->anew && k->end - k->sent < WINDOW) {
        ww_cache_visit(k->cache, k->part, append_again, k);
        k->anew = ++k->part < WW_CACHE_PARTS;
    }
}

static void pump(struct ww_front_keeper *k)
{
    while (k->chan != NULL && k->sent - k->done < WINDOW) {
        append_parts(k);
        if (k->sent == k->end)
            return;
        if (send_change(k, change_at(k, k->sent)) != WW_OK)
            return; /* the keeper is gone: its channel says so soon, and all is sent to the next one */
        k->sent++;
        finish(k, 0);
    }
}

bool ww_front_keeper_forget(struct ww_front_keeper *keeper, const char *domain)
{
    char *copy = keeper->end - keeper->done < WW_FRONT_KEEPER_BACKLOG ? strdup(domain) : NULL;
    if (copy == NULL)
        return false;
    *change_at(keeper, keeper->end++) = (struct change){.domain = copy, .what = WW_KEEP_FORGET};
    keeper->forget_end = keeper->end;
    pump(keeper);
    return true;
}

/* What the store still has of it is to be deleted. */
static bool is_forgotten(struct ww_front_keeper *k, const char *domain)
{
    for (size_t i = k->done; i < k->forget_end; i++) {
        const struct change *c = change_at(k, i);
        if (c->what == WW_KEEP_FORGET && c->domain != NULL &&
            (c->domain[0] == '\0' || strcmp(c->domain, domain) == 0))
            return true;
    }
    return false;
}

static void end_wait(struct ww_front_keeper *k, struct ww_keeper_wait *wait, enum ww_err trouble)
{
    TAILQ_REMOVE(&k->waits, wait, link);
    wait->done(wait, trouble);
}

/* They came in the order of what they wait for. */
static void end_waits(struct ww_front_keeper *k, enum ww_err trouble)
{
    struct ww_keeper_wait *wait;
    while ((wait = TAILQ_FIRST(&k->waits)) != NULL && (trouble != WW_OK || wait->until <= k->done))
        end_wait(k, wait, trouble);
}

/* So that the keeper writes at once, or says why it cannot. One that does not take this is gone. */
static void await(struct ww_front_keeper *k)
{
    if (TAILQ_EMPTY(&k->waits) || k->chan == NULL)
        return;
    if (ww_chan_send(k->chan, WW_MSG_AWAIT, ww_slice(NULL, 0), -1) != WW_OK)
        ww_log_debug("not-told", "name", "keeper"); /* the next one is */
}

void ww_front_keeper_wait(struct ww_front_keeper *keeper, struct ww_keeper_wait *wait)
{
    wait->until = keeper->end;
    TAILQ_INSERT_TAIL(&keeper->waits, wait, link);
    end_waits(keeper, WW_OK);
    await(keeper);
}

void ww_front_keeper_stop_waiting(struct ww_front_keeper *keeper, struct ww_keeper_wait *wait)
{
    TAILQ_REMOVE(&keeper->waits, wait, link);
}

void ww_front_keeper_put(struct ww_front_keeper *keeper, struct ww_cache_entry *entry, enum ww_keep what,
                         const struct ww_origin *origin)
{
    size_t waiting = keeper->end - keeper->done;
    if (what == WW_KEEP_TIMES && (keeper->chan == NULL || waiting >= WW_FRONT_KEEPER_BACKLOG / 2))
        return;
    if (append(keeper, entry, what, origin)) {
        pump(keeper);
        return;
    }
    if (!keeper->full)
        ww_log_warning("store-backlog", "done", "new policies are only kept in memory for now");
    keeper->full = true;
}

static void take_policy(struct ww_front_keeper *k, const struct stored *s, int64_t now)
{
    const struct ww_stored_policy *m = &s->m.policy;
    struct ww_policy policy;
    size_t offset;
    if (ww_policy_parse(m->body.p, m->body.n, &policy, &offset) != WW_OK) {
        ww_log_warning("store-policy-invalid", "domain", m->domain);
        return;
    }
    struct ww_life life = {
        .mode = policy.mode,
        .fetched = m->fetched,
        .expires = m->expires,
        .checked = m->checked,
    };
    memcpy(life.id, s->m.id, sizeof life.id);
    const struct ww_cache_entry *entry = ww_cache_find(k->cache, &s->name);
    bool known =
        entry != NULL && ww_life_has_policy(&entry->life, now) && entry->life.fetched >= life.fetched;
    if (known || is_forgotten(k, m->domain) || !ww_life_restore(&life, now, k->rules))
        return;
    bool is_new = entry == NULL;
    struct ww_cache_entry *made = ww_cache_put(k->cache, &s->name, &life, m->body, "", now);
    if (made != NULL && is_new)
        made->used_at = (uint32_t)m->checked;
    k->left_out += made == NULL;
}

static void note_left_out(struct ww_front_keeper *k)
{
    char count[24];
    if (k->left_out == 0)
        return;
    snprintf(count, sizeof count, "%zu", k->left_out);
    ww_log_warning("cache-full", "policies", count, "done", "they are in the store, and not loaded");
    k->left_out = 0;
}

static void take_together(struct ww_front_keeper *k, size_t n)
{
    int64_t now = (int64_t)time(NULL);
    for (size_t i = 0; i < n; i++)
        ww_cache_near(k->cache, k->stored[i].name.hash);
    for (size_t i = 0; i < n; i++)
        take_policy(k, &k->stored[i], now);
}

static void take_policies(struct ww_front_keeper *k, struct ww_slice payload)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    struct ww_slice part;
    size_t n = 0;
    while (ww_msg_next_part(&c, &part)) {
        struct stored *s = &k->stored[n];
        if (ww_msg_get_policy(part, &s->m) != WW_OK) {
            c.failed = true;
            break;
        }
        s->name = ww_front_name(k->key, s->m.domain);
        ww_cache_soon(k->cache, s->name.hash);
        if (++n == TOGETHER) {
            take_together(k, n);
            n = 0;
        }
    }
    take_together(k, n);
    if (c.failed)
        ww_log_error("message-malformed", "from", "keeper");
}

static void on_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    (void)chan;
    struct ww_front_keeper *k = ctx;
    struct ww_msg_stored stored;
    struct ww_msg_not_stored trouble;
    k->progress = true;
    if (fd >= 0)
        evutil_closesocket(fd);
    switch (type) {
    case WW_MSG_POLICIES:
        take_policies(k, payload);
        break;
    case WW_MSG_ENFORCED_LOADED:
        k->enforced_loaded = true;
        become_ready(k);
        break;
    case WW_MSG_LOADED:
        note_left_out(k);
        k->loaded = k->enforced_loaded;
        become_ready(k);
        break;
    case WW_MSG_STORED:
        if (ww_msg_get_stored(payload, &stored) != WW_OK) {
            ww_log_error("message-malformed", "from", "keeper");
            break;
        }
        finish(k, stored.count);
        if (k->full)
            begin_anew(k);
        k->full = false;
        pump(k);
        end_waits(k, WW_OK);
        await(k);
        break;
    case WW_MSG_NOT_STORED:
        if (ww_msg_get_not_stored(payload, &trouble) == WW_OK && trouble.why != WW_OK)
            end_waits(k, trouble.why);
        break;
    case WW_MSG_ANEW:
        ww_overrides_sync_anew(&k->overrides, k->chan);
        begin_anew(k);
        pump(k);
        break;
    default:
        if (!ww_overrides_sync_message(&k->overrides, type, payload))
            ww_log_error("message-unknown", "from", "keeper");
        break;
    }
}

static void leave_keeper(struct ww_front_keeper *k)
{
    ww_chan_free(k->chan);
    k->chan = NULL;
    k->sent = k->done;
    if (!k->loaded)
        k->enforced_loaded = false;
}

static void on_down(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    leave_keeper(ctx);
}

static bool ask_for_load(struct ww_front_keeper *k)
{
    return ww_chan_send(k->chan, WW_MSG_LOAD, ww_slice(NULL, 0), -1) == WW_OK;
}

void ww_front_keeper_load_again(struct ww_front_keeper *keeper)
{
    keeper->loaded = keeper->enforced_loaded = false;
    if (keeper->chan != NULL)
        (void)ask_for_load(keeper); /* should it be gone, the next one is asked */
}

void ww_front_keeper_peer(struct ww_front_keeper *keeper, int fd)
{
    static const struct ww_chan_handlers handlers = {on_message, on_down};
    leave_keeper(keeper);
    keeper->chan = ww_chan_new(keeper->base, fd, &handlers, keeper);
    if (keeper->chan == NULL) {
        ww_log_error("no-memory", "for", "channel to the keeper");
        return;
    }
    ww_overrides_sync_begin(&keeper->overrides, keeper->chan);
    if (!keeper->loaded && !ask_for_load(keeper))
        return; /* the channel will say that it is down, and the next keeper comes */
    pump(keeper);
    await(keeper);
}

size_t ww_front_keeper_unsent(const struct ww_front_keeper *keeper)
{
    return keeper->end - keeper->sent;
}
