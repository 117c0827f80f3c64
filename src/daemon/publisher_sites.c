#include "daemon/publisher_sites.h"

#include "base/hash.h"

#include <stdlib.h>
#include <sys/random.h>

#define BUCKETS_FIRST ((size_t)64)
#define LABEL "mta-sts."

LIST_HEAD(bucket, ww_publisher_site);

struct ww_publisher_sites {
    struct ww_hash_key key;
    struct bucket *buckets;
    size_t bucket_count; /* a power of two */
    size_t count;
    TAILQ_HEAD(, ww_publisher_site) all;
    struct ww_publisher_site *next; /* of the walk */
};

struct ww_publisher_sites *ww_publisher_sites_new(void)
{
    struct ww_publisher_sites *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    TAILQ_INIT(&s->all);
    s->buckets = calloc(BUCKETS_FIRST, sizeof *s->buckets);
    s->bucket_count = BUCKETS_FIRST;
    if (s->buckets != NULL && getrandom(&s->key, sizeof s->key, 0) == (ssize_t)sizeof s->key)
        return s;
    free(s->buckets);
    free(s);
    return NULL;
}

static struct bucket *bucket_of(const struct ww_publisher_sites *s, uint64_t hash)
{
    return &s->buckets[hash & (s->bucket_count - 1)];
}

static struct ww_publisher_site *find(const struct ww_publisher_sites *s, const char *domain, uint64_t *hash)
{
    struct ww_publisher_site *site;
    *hash = ww_hash(&s->key, domain, strlen(domain));
    LIST_FOREACH(site, bucket_of(s, *hash), bucket)
    {
        if (site->hash == *hash && strcmp(site->domain, domain) == 0)
            return site;
    }
    return NULL;
}

/* Without memory for more buckets those that are there get longer. */
static void grow(struct ww_publisher_sites *s)
{
    struct ww_publisher_site *site;
    struct bucket *more = calloc(s->bucket_count * 2, sizeof *more);
    if (more == NULL)
        return;
    free(s->buckets);
    s->buckets = more;
    s->bucket_count *= 2;
    TAILQ_FOREACH(site, &s->all, entry)
    {
        LIST_INSERT_HEAD(bucket_of(s, site->hash), site, bucket);
    }
}

static void forget(struct ww_publisher_sites *s, struct ww_publisher_site *site)
{
    if (s->next == site)
        s->next = TAILQ_NEXT(site, entry);
    LIST_REMOVE(site, bucket);
    TAILQ_REMOVE(&s->all, site, entry);
    s->count--;
    ww_tls_pair_clear(&site->keys.pair);
    free(site->keys.why);
    free(site->told);
    free(site->body);
    free(site);
}

void ww_publisher_sites_free(struct ww_publisher_sites *s)
{
    if (s == NULL)
        return;
    while (!TAILQ_EMPTY(&s->all))
        forget(s, TAILQ_FIRST(&s->all));
    free(s->buckets);
    free(s);
}

/* Who tells of them may be another keeper, which has not heard yet how they fare. */
void ww_publisher_sites_begin(struct ww_publisher_sites *s)
{
    struct ww_publisher_site *site;
    TAILQ_FOREACH(site, &s->all, entry)
    {
        site->stale = true;
        free(site->told);
        site->told = NULL;
    }
}

void ww_publisher_sites_end(struct ww_publisher_sites *s)
{
    struct ww_publisher_site *next;
    for (struct ww_publisher_site *site = TAILQ_FIRST(&s->all); site != NULL; site = next) {
        next = TAILQ_NEXT(site, entry);
        if (site->stale)
            forget(s, site);
    }
}

static struct ww_publisher_site *add(struct ww_publisher_sites *s, const char *domain, uint64_t hash)
{
    struct ww_publisher_site *site = calloc(1, sizeof *site);
    if (site == NULL)
        return NULL;
    if (s->count >= s->bucket_count)
        grow(s);
    site->hash = hash;
    memcpy(site->domain, domain, strlen(domain) + 1);
    LIST_INSERT_HEAD(bucket_of(s, hash), site, bucket);
    TAILQ_INSERT_TAIL(&s->all, site, entry);
    s->count++;
    return site;
}

struct ww_publisher_site *ww_publisher_sites_put(struct ww_publisher_sites *s, const struct ww_msg_site *m)
{
    uint64_t hash;
    char *body = m->body.n > 0 ? malloc(m->body.n) : NULL;
    if (body == NULL && m->body.n > 0)
        return NULL;
    struct ww_publisher_site *site = find(s, m->domain, &hash);
    if (site == NULL)
        site = add(s, m->domain, hash);
    if (site == NULL) {
        free(body);
        return NULL;
    }
    if (body != NULL)
        memcpy(body, m->body.p, m->body.n);
    free(site->body);
    site->body = body;
    site->body_n = m->body.n;
    memcpy(site->id, m->id, sizeof site->id);
    site->stale = false;
    return site;
}

void ww_publisher_sites_gone(struct ww_publisher_sites *s, const char *domain)
{
    uint64_t hash;
    struct ww_publisher_site *site = find(s, domain, &hash);
    if (site != NULL)
        forget(s, site);
}

struct ww_publisher_site *ww_publisher_sites_of_host(struct ww_publisher_sites *s, const char *host)
{
    uint64_t hash;
    return strncmp(host, LABEL, sizeof LABEL - 1) == 0 ? find(s, host + sizeof LABEL - 1, &hash) : NULL;
}

void ww_publisher_sites_rewind(struct ww_publisher_sites *s)
{
    s->next = TAILQ_FIRST(&s->all);
}

struct ww_publisher_site *ww_publisher_sites_next(struct ww_publisher_sites *s)
{
    struct ww_publisher_site *site = s->next;
    if (site != NULL)
        s->next = TAILQ_NEXT(site, entry);
    return site;
}

const struct ww_publisher_site *ww_publisher_sites_after(const struct ww_publisher_sites *s,
                                                         const struct ww_publisher_site *site)
{
    return site == NULL ? TAILQ_FIRST(&s->all) : TAILQ_NEXT(site, entry);
}

size_t ww_publisher_sites_count(const struct ww_publisher_sites *s)
{
    return s->count;
}
