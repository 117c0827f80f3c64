#include "daemon/front_cache.h"

#include "core/dane_survey.h"
#include "daemon/front_cache_table.h"

#include <stdlib.h>

/* How many recently used entries are spared in one search, so that it stays short. */
#define SPARES 32

/* Of an entry that is near: the lines that a typical policy takes. */
#define LINE ((size_t)64)
#define NEAR (sizeof(struct ww_cache_entry) + (size_t)160)

TAILQ_HEAD(order, ww_cache_entry);

struct ww_cache {
    struct ww_cache_table table;
    struct ww_cache_max max;
    size_t bytes;
    int64_t last_fetch; /* of any policy */
    size_t counts[WW_CACHE_CLASSES];
    struct order orders[WW_CACHE_CLASSES];
    size_t sweep; /* the bucket that is looked at next */
    uint64_t enforced_lost;
    uint32_t stamp;
};

struct ww_front_name ww_front_name(const struct ww_hash_key *key, const char *domain)
{
    size_t n = strlen(domain);
    return (struct ww_front_name){domain, n, ww_hash(key, domain, n)};
}

const char *ww_cache_domain(const struct ww_cache_entry *entry)
{
    return entry->text;
}

const char *ww_cache_detail(const struct ww_cache_entry *entry)
{
    return entry->text + entry->domain_n + 1;
}

static struct ww_slice dane_of(const struct ww_cache_entry *entry)
{
    return ww_slice(entry->text + entry->domain_n + 1 + entry->detail_n + 1, entry->dane_n);
}

bool ww_cache_knows_dane(const struct ww_cache_entry *entry, int64_t now)
{
    int64_t left = (int64_t)entry->dane_until - now;
    return left > 0 && left <= WW_DANE_LIFETIME_MAX;
}

struct ww_slice ww_cache_dane(const struct ww_cache_entry *entry, int64_t now)
{
    return ww_cache_knows_dane(entry, now) ? dane_of(entry) : ww_slice(NULL, 0);
}

struct ww_slice ww_cache_body(const struct ww_cache_entry *entry)
{
    return ww_slice(dane_of(entry).p + entry->dane_n, entry->body_n);
}

struct ww_cache *ww_cache_new(const struct ww_cache_max *max)
{
    struct ww_cache *cache = calloc(1, sizeof *cache);
    if (cache == NULL || !ww_cache_table_init(&cache->table)) {
        free(cache);
        return NULL;
    }
    cache->max = *max;
    for (int i = 0; i < WW_CACHE_CLASSES; i++)
        TAILQ_INIT(&cache->orders[i]);
    return cache;
}

void ww_cache_free(struct ww_cache *cache)
{
    if (cache == NULL)
        return;
    for (int i = 0; i < WW_CACHE_CLASSES; i++) {
        struct ww_cache_entry *entry;
        while ((entry = TAILQ_FIRST(&cache->orders[i])) != NULL) {
            TAILQ_REMOVE(&cache->orders[i], entry, order);
            free(entry);
        }
    }
    ww_cache_table_free(&cache->table);
    free(cache);
}

static size_t total(const struct ww_cache *cache)
{
    size_t n = 0;
    for (int i = 0; i < WW_CACHE_CLASSES; i++)
        n += cache->counts[i];
    return n;
}

void ww_cache_set_max(struct ww_cache *cache, const struct ww_cache_max *max)
{
    cache->max = *max;
}

struct ww_cache_entry *ww_cache_find(struct ww_cache *cache, const struct ww_front_name *name)
{
    return ww_cache_table_find(&cache->table, name);
}

void ww_cache_soon(struct ww_cache *cache, uint64_t hash)
{
    __builtin_prefetch(ww_cache_table_bucket(&cache->table, (uint32_t)hash));
}

void ww_cache_near(struct ww_cache *cache, uint64_t hash)
{
    const char *entry = (const char *)*ww_cache_table_bucket(&cache->table, (uint32_t)hash);
    for (size_t at = offsetof(struct ww_cache_entry, life.mode); entry != NULL && at < NEAR; at += LINE)
        __builtin_prefetch(entry + at);
}

static enum ww_cache_class class_of(const struct ww_life *life, int64_t now)
{
    if (!ww_life_has_policy(life, now))
        return WW_CACHE_CHEAP;
    return life->mode == WW_MODE_ENFORCE ? WW_CACHE_ENFORCED : WW_CACHE_OTHER;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t entry_size(size_t domain_n, size_t detail_n, size_t dane_n, size_t body_n)
{
    return offsetof(struct ww_cache_entry, text) + domain_n + 1 + detail_n + 1 + dane_n + body_n;
}

/* With its places in the table and in the heap. */
static size_t cost(const struct ww_cache_entry *entry)
{
    const size_t heap = 16; /* what it rounds up to */
    size_t size = entry_size(entry->domain_n, entry->detail_n, entry->dane_n, entry->body_n) + sizeof(size_t);
    return (size + heap - 1) / heap * heap + WW_CACHE_TABLE_COST;
}

static void enlist(struct ww_cache *cache, struct ww_cache_entry *entry, enum ww_cache_class class)
{
    entry->class = (uint8_t) class;
    TAILQ_INSERT_TAIL(&cache->orders[class], entry, order);
    cache->counts[class]++;
    cache->bytes += cost(entry);
}

static void delist(struct ww_cache *cache, struct ww_cache_entry *entry)
{
    TAILQ_REMOVE(&cache->orders[entry->class], entry, order);
    cache->counts[entry->class]--;
    cache->bytes -= cost(entry);
}

static void reclass(struct ww_cache *cache, struct ww_cache_entry *entry, int64_t now)
{
    enum ww_cache_class class = class_of(&entry->life, now);
    if (class == (enum ww_cache_class)entry->class)
        return;
    delist(cache, entry);
    enlist(cache, entry, class);
}

/* It is in no list. */
static void unchain(struct ww_cache *cache, struct ww_cache_entry *entry)
{
    ww_cache_table_take(&cache->table, entry);
    free(entry);
}

static void drop(struct ww_cache *cache, struct ww_cache_entry *entry)
{
    delist(cache, entry);
    unchain(cache, entry);
}

/* The least recently used of a class, roughly: a second chance for each that was used meanwhile. */
static struct ww_cache_entry *least_used(struct ww_cache *cache, enum ww_cache_class class)
{
    struct order *order = &cache->orders[class];
    struct ww_cache_entry *entry = TAILQ_FIRST(order);
    for (int i = 0; i < SPARES && entry->used; i++) {
        entry->used = false;
        TAILQ_REMOVE(order, entry, order);
        TAILQ_INSERT_TAIL(order, entry, order);
        entry = TAILQ_FIRST(order);
    }
    return entry;
}

/* False when all that is there is worth more than this class. */
static bool give_one_up(struct ww_cache *cache, enum ww_cache_class class, int64_t now)
{
    enum ww_cache_class from = WW_CACHE_CHEAP;
    while (from <= class && cache->counts[from] == 0)
        from++;
    if (from > class)
        return false;
    struct ww_cache_entry *victim = least_used(cache, from);
    if (class_of(&victim->life, now) == WW_CACHE_ENFORCED)
        cache->enforced_lost++;
    drop(cache, victim);
    return true;
}

/* What there may be after the next change: where a cap was lowered, no more than before. */
static struct ww_cache_max allowed(const struct ww_cache *cache)
{
    return (struct ww_cache_max){larger(cache->max.domains, total(cache)),
                                 larger(cache->max.bytes, cache->bytes)};
}

/* Makes room for an entry that costs so much, and gives another up while there is too much. */
static bool make_room(struct ww_cache *cache, const struct ww_cache_max *may, enum ww_cache_class class,
                      size_t bytes, int64_t now)
{
    while (total(cache) >= may->domains || cache->bytes + bytes > may->bytes)
        if (!give_one_up(cache, class, now))
            return false;
    if (may->domains > cache->max.domains || may->bytes > cache->max.bytes)
        (void)give_one_up(cache, class, now);
    return true;
}

/* What an entry is made of. */
struct content {
    const struct ww_life *life;
    const char *detail;
    struct ww_slice dane;
    uint32_t dane_until;
    struct ww_slice body;
};

static char *put(char *to, const char *p, size_t n)
{
    if (n > 0)
        memcpy(to, p, n);
    return to + n;
}

static struct ww_cache_entry *entry_new(const struct ww_front_name *name, const struct content *c)
{
    size_t detail_n = strnlen(c->detail, WW_DISCOVERY_DETAIL_SIZE - 1);
    size_t size = entry_size(name->n, detail_n, c->dane.n, c->body.n);
    struct ww_cache_entry *entry = malloc(larger(size, sizeof *entry));
    if (entry == NULL)
        return NULL;
    memset(entry, 0, sizeof *entry);
    entry->life = *c->life;
    entry->hash = (uint32_t)name->hash;
    entry->dane_until = c->dane_until;
    entry->dane_n = (uint16_t)c->dane.n;
    entry->body_n = (uint32_t)c->body.n;
    entry->detail_n = (uint16_t)detail_n;
    entry->domain_n = (uint8_t)name->n;
    char *to = put(entry->text, name->domain, name->n + 1);
    to = put(to, c->detail, detail_n);
    *to++ = '\0';
    to = put(to, c->dane.p, c->dane.n);
    put(to, c->body.p, c->body.n);
    return entry;
}

static uint32_t next_stamp(struct ww_cache *cache)
{
    if (++cache->stamp == 0)
        cache->stamp = 1;
    return cache->stamp;
}

/* Puts an entry in the place of the one that was there before, or of none (NULL). */
static struct ww_cache_entry *replace(struct ww_cache *cache, const struct ww_front_name *name,
                                      struct ww_cache_entry *before, const struct content *content,
                                      int64_t now)
{
    enum ww_cache_class class = class_of(content->life, now);
    struct ww_cache_entry *entry = entry_new(name, content);
    if (entry == NULL)
        return NULL;
    entry->used_at = (uint32_t)(content->life->checked != 0 ? content->life->checked : now);
    const struct ww_cache_max may = allowed(cache);
    /* What is replaced counts no more, and cannot be what makes room. */
    if (before != NULL)
        delist(cache, before);
    if (!make_room(cache, &may, class, cost(entry), now)) {
        if (before != NULL)
            enlist(cache, before, (enum ww_cache_class)before->class);
        free(entry);
        return NULL;
    }
    if (before != NULL) {
        entry->used = before->used;
        entry->used_at = before->used_at;
        entry->unsent = before->unsent;
        entry->failed_at = before->failed_at;
        unchain(cache, before);
    }
    entry->stamp = next_stamp(cache);
    ww_cache_table_grow(&cache->table, total(cache));
    ww_cache_table_put(&cache->table, entry);
    enlist(cache, entry, class);
    return entry;
}

struct ww_cache_entry *ww_cache_put(struct ww_cache *cache, const struct ww_front_name *name,
                                    const struct ww_life *life, struct ww_slice body, const char *detail,
                                    int64_t now)
{
    struct content content = {.life = life, .detail = detail, .body = body};
    if (life->fetched > cache->last_fetch)
        cache->last_fetch = life->fetched;
    struct ww_cache_entry *before = ww_cache_find(cache, name);
    if (before != NULL && body.p == ww_cache_body(before).p && strcmp(detail, ww_cache_detail(before)) == 0) {
        before->life = *life;
        reclass(cache, before, now);
        return before;
    }
    if (before != NULL) {
        content.dane = dane_of(before);
        content.dane_until = before->dane_until;
    }
    return replace(cache, name, before, &content, now);
}

struct ww_cache_entry *ww_cache_put_dane(struct ww_cache *cache, const struct ww_front_name *name,
                                         struct ww_slice dane, int64_t until, int64_t now)
{
    static const struct ww_life nothing;
    struct content content = {.life = &nothing, .detail = "", .dane = dane, .dane_until = (uint32_t)until};
    struct ww_cache_entry *before = ww_cache_find(cache, name);
    if (before != NULL && ww_slice_eq(dane, dane_of(before))) {
        before->dane_until = (uint32_t)until;
        return before;
    }
    if (before != NULL) {
        content.life = &before->life;
        content.detail = ww_cache_detail(before);
        content.body = ww_cache_body(before);
    }
    return replace(cache, name, before, &content, now);
}

static void forget_dane_of(void *ctx, struct ww_cache_entry *entry)
{
    (void)ctx;
    entry->dane_until = 0;
}

void ww_cache_forget_dane(struct ww_cache *cache)
{
    for (uint32_t part = 0; part < WW_CACHE_PARTS; part++)
        ww_cache_visit(cache, part, forget_dane_of, NULL);
}

void ww_cache_forget(struct ww_cache *cache, const struct ww_front_name *name)
{
    struct ww_cache_entry *entry = ww_cache_find(cache, name);
    if (entry != NULL)
        drop(cache, entry);
}

/* Nothing is known that would spare a flight, or a GET, or that would be known again by another clock. */
static bool worthless(const struct ww_cache_entry *entry, int64_t last_fetch, int64_t now)
{
    const struct ww_life *life = &entry->life;
    bool over = life->id[0] == '\0' || life->expires < last_fetch;
    return over && !ww_life_can_answer(life, now) && now >= life->retry_at &&
           !ww_cache_knows_dane(entry, now);
}

void ww_cache_use(struct ww_cache_entry *entry, int64_t now)
{
    entry->used = true;
    entry->used_at = (uint32_t)now;
}

void ww_cache_sweep(struct ww_cache *cache, int64_t now, size_t buckets, ww_cache_visitor *visit, void *ctx)
{
    ww_cache_table_move(&cache->table, buckets);
    /* While the table moves, entries stand in both halves: the next round finds those that were missed. */
    for (; buckets > 0; buckets--) {
        cache->sweep = (cache->sweep + 1) & (cache->table.now.count - 1);
        struct ww_cache_entry *entry = cache->table.now.first[cache->sweep];
        while (entry != NULL) {
            struct ww_cache_entry *next = entry->chain;
            if (worthless(entry, cache->last_fetch, now)) {
                drop(cache, entry);
            } else {
                reclass(cache, entry, now);
                if (visit != NULL)
                    visit(ctx, entry);
            }
            entry = next;
        }
    }
}

void ww_cache_visit(struct ww_cache *cache, uint32_t part,
                    void (*cb)(void *ctx, struct ww_cache_entry *entry), void *ctx)
{
    ww_cache_table_visit(&cache->table, part, cb, ctx);
}

size_t ww_cache_count(const struct ww_cache *cache, enum ww_cache_class class)
{
    return cache->counts[class];
}

size_t ww_cache_bytes(const struct ww_cache *cache)
{
    return cache->bytes;
}

size_t ww_cache_buckets(const struct ww_cache *cache)
{
    return cache->table.now.count;
}

uint64_t ww_cache_enforced_lost(const struct ww_cache *cache)
{
    return cache->enforced_lost;
}
