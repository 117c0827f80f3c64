/*
 * The policy cache: domain → what is known of it, in memory. Compact (one allocation a domain), never slow
 * for long (the table grows a little with each entry), capped: what is cheap to lose goes first.
 */
#ifndef WW_DAEMON_FRONT_CACHE_H
#define WW_DAEMON_FRONT_CACHE_H

#include "base/hash.h"
#include "engine/life.h"

#include <sys/queue.h>

/* A canonical domain with its hash, which table and shards share. */
struct ww_front_name {
    const char *domain; /* NUL-terminated, at most WW_DNAME_MAX octets */
    size_t n;
    uint64_t hash;
};

struct ww_front_name ww_front_name(const struct ww_hash_key *key, const char *domain);

/* In the order of being given up. */
enum ww_cache_class {
    WW_CACHE_CHEAP, /* no policy, or one that has expired */
    WW_CACHE_OTHER, /* an unexpired policy that demands nothing */
    WW_CACHE_ENFORCED,
    WW_CACHE_CLASSES,
};

/*
 * Owned by the cache; valid until the next call of ww_cache_put, ww_cache_put_dane, ww_cache_forget or
 * ww_cache_sweep. What a look-up needs stands together, from the end of `life` on.
 */
struct ww_cache_entry {
    struct ww_cache_entry *chain;
    uint32_t hash;
    uint8_t class;
    uint8_t unsent; /* the holder's own note: what of it waits to be stored; 0 at first */
    TAILQ_ENTRY(ww_cache_entry) order;
    struct ww_life life;
    uint32_t stamp;      /* another one for each body, and for each state of DANE; never 0 */
    uint32_t used_at;    /* last use in Unix seconds, up to 2106; `checked` at first */
    uint32_t failed_at;  /* the holder's own note: when deliveries last had the policy looked at again */
    uint32_t dane_until; /* what is known of DANE counts until then, Unix seconds; 0: nothing is known */
    uint32_t body_n;
    uint16_t dane_n;
    uint16_t detail_n;
    uint8_t domain_n;
    bool used;   /* since it was last spared from eviction */
    char text[]; /* domain, NUL, detail, NUL, DANE, body */
};

const char *ww_cache_domain(const struct ww_cache_entry *entry);
/* Words on the last flight; "" without. */
const char *ww_cache_detail(const struct ww_cache_entry *entry);
/* Of the policy, also when it has expired. */
struct ww_slice ww_cache_body(const struct ww_cache_entry *entry);

/*
 * What DANE has come to (front_dane.h); empty when nothing is known, or that has ended, or was found by a
 * clock that was further ahead than it may live.
 */
struct ww_slice ww_cache_dane(const struct ww_cache_entry *entry, int64_t now);
bool ww_cache_knows_dane(const struct ww_cache_entry *entry, int64_t now);

struct ww_cache;

/* What the cache may hold. Any one entry fits. */
struct ww_cache_max {
    size_t domains; /* at least 1 */
    size_t bytes;   /* of memory, the table included; at least WW_CACHE_BYTES_MIN */
};
#define WW_CACHE_BYTES_MIN ((size_t)1 << 20)

/* NULL when memory is short. */
struct ww_cache *ww_cache_new(const struct ww_cache_max *max);
void ww_cache_free(struct ww_cache *cache);

/* What is too much then goes little by little, while others come. */
void ww_cache_set_max(struct ww_cache *cache, const struct ww_cache_max *max);

struct ww_cache_entry *ww_cache_find(struct ww_cache *cache, const struct ww_front_name *name);

/*
 * A domain will be looked for soon. Whoever has several tells of each, then of each that it is near, and
 * finds them: memory that the processor has at hand by then costs a look-up no waiting.
 */
void ww_cache_soon(struct ww_cache *cache, uint64_t hash);
void ww_cache_near(struct ww_cache *cache, uint64_t hash);

/*
 * Remembers or replaces what is known of a domain; body and detail are copied, and may be those of the entry
 * itself. At a cap the least used entries of the cheapest class make room; but nothing is given up for what
 * is cheaper. NULL when there is no room, or no memory: then what was known before is known still.
 */
struct ww_cache_entry *ww_cache_put(struct ww_cache *cache, const struct ww_front_name *name,
                                    const struct ww_life *life, struct ww_slice body, const char *detail,
                                    int64_t now);

/*
 * The same for what DANE has come to, which counts until `until`; all else that is known of the domain stays,
 * even if that is nothing.
 */
struct ww_cache_entry *ww_cache_put_dane(struct ww_cache *cache, const struct ww_front_name *name,
                                         struct ww_slice dane, int64_t until, int64_t now);

/* Forgets what DANE has come to, of all domains: the clock by which it would end was set back. */
void ww_cache_forget_dane(struct ww_cache *cache);

/* Forgets what is known of a domain, whatever that is. */
void ww_cache_forget(struct ww_cache *cache, const struct ww_front_name *name);

/*
 * Calls cb for each entry of one part of all; the cache must not be changed meanwhile. Whoever visits every
 * part once has seen whatever was there from first to last, however the table grew in between.
 */
#define WW_CACHE_PARTS ((uint32_t)65536)
void ww_cache_visit(struct ww_cache *cache, uint32_t part,
                    void (*cb)(void *ctx, struct ww_cache_entry *entry), void *ctx);

/* A look-up was answered from the entry. */
void ww_cache_use(struct ww_cache_entry *entry, int64_t now);

/* Shown each entry that a sweep leaves there; does not put any. */
typedef void ww_cache_visitor(void *ctx, const struct ww_cache_entry *entry);

/*
 * Looks at about `buckets` buckets, round and round: drops what has no value any more. visit may be NULL.
 *
 * An expired policy stays as long as no other was fetched after its end: it may be the clock that is wrong,
 * and a fetch is what proves the time, by a certificate.
 */
void ww_cache_sweep(struct ww_cache *cache, int64_t now, size_t buckets, ww_cache_visitor *visit, void *ctx);

size_t ww_cache_count(const struct ww_cache *cache, enum ww_cache_class class);
size_t ww_cache_bytes(const struct ww_cache *cache);
size_t ww_cache_buckets(const struct ww_cache *cache);

/* How many unexpired enforced policies were given up so far. */
uint64_t ww_cache_enforced_lost(const struct ww_cache *cache);

#endif
