#include "engine/anchors.h"

#include <string.h>

const char *ww_anchor_state_name(enum ww_anchor_state state)
{
    static const char *const names[WW_ANCHOR_STATES] = {"pending", "valid", "missing", "revoked", "removed"};
    return (unsigned)state < WW_ANCHOR_STATES ? names[state] : "unknown";
}

bool ww_anchor_is_trusted(const struct ww_anchor_key *key)
{
    return key->state == WW_ANCHOR_VALID || key->state == WW_ANCHOR_MISSING;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static size_t digest_size(uint8_t type)
{
    return type == WW_ANCHOR_SHA256 ? 32 : type == WW_ANCHOR_SHA384 ? 48 : 0;
}

static void drop(struct ww_anchor_point *p, size_t i)
{
    p->count--;
    memmove(&p->keys[i], &p->keys[i + 1], (p->count - i) * sizeof p->keys[0]);
}

/* Where there is no room, the key that was removed first is forgotten. */
static struct ww_anchor_key *add(struct ww_anchor_point *p)
{
    size_t oldest = p->count;
    for (size_t i = 0; p->count == WW_ANCHOR_KEYS_MAX && i < p->count; i++)
        if (p->keys[i].state == WW_ANCHOR_REMOVED &&
            (oldest == p->count || p->keys[i].since < p->keys[oldest].since))
            oldest = i;
    if (p->count == WW_ANCHOR_KEYS_MAX && oldest < p->count)
        drop(p, oldest);
    return p->count < WW_ANCHOR_KEYS_MAX ? &p->keys[p->count++] : NULL;
}

static void enter(struct ww_anchor_key *k, enum ww_anchor_state state, int64_t now)
{
    k->state = state;
    k->since = k->seen = now;
    k->held = 0;
}

static bool same(const struct ww_anchor_key *a, const struct ww_anchor_key *b)
{
    return a->algorithm == b->algorithm && a->digest_type == b->digest_type &&
           memcmp(a->digest, b->digest, digest_size(a->digest_type)) == 0;
}

static bool is_of(const struct ww_anchor_key *k, const struct ww_seen_key *seen)
{
    const uint8_t *digest = k->digest_type == WW_ANCHOR_SHA256 ? seen->sha256 : seen->sha384;
    return k->algorithm == seen->algorithm && memcmp(k->digest, digest, digest_size(k->digest_type)) == 0;
}

void ww_anchors_trust(struct ww_anchor_point *point, const struct ww_anchor_key *keys, size_t count,
                      int64_t now)
{
    for (size_t i = 0; i < count; i++) {
        struct ww_anchor_key *known = NULL;
        for (size_t j = 0; j < point->count; j++)
            if (same(&point->keys[j], &keys[i]))
                known = &point->keys[j];
        if (digest_size(keys[i].digest_type) == 0)
            continue;
        if (known != NULL && known->state == WW_ANCHOR_PENDING)
            enter(known, WW_ANCHOR_VALID, now);
        if (known == NULL && (known = add(point)) != NULL) {
            *known = keys[i];
            enter(known, WW_ANCHOR_VALID, now);
        }
    }
}

static struct ww_anchor_key *find(struct ww_anchor_point *p, const struct ww_seen_key *seen)
{
    for (size_t i = 0; i < p->count; i++)
        if (is_of(&p->keys[i], seen))
            return &p->keys[i];
    return NULL;
}

static void name_by(struct ww_anchor_key *k, const struct ww_seen_key *seen)
{
    k->tag = seen->tag;
    k->algorithm = seen->algorithm;
    k->digest_type = WW_ANCHOR_SHA256;
    memset(k->digest, 0, sizeof k->digest);
    memcpy(k->digest, seen->sha256, sizeof seen->sha256);
}

/* Two records may have named one key by different digests: the one that is worse off stays. */
static void name_once(struct ww_anchor_point *p, const struct ww_seen_key *seen)
{
    struct ww_anchor_key *k = find(p, seen);
    if (k == NULL)
        return;
    for (size_t i = p->count; i-- > (size_t)(k - p->keys) + 1;) {
        if (!is_of(&p->keys[i], seen))
            continue;
        if (p->keys[i].state >= WW_ANCHOR_REVOKED && k->state < WW_ANCHOR_REVOKED)
            *k = p->keys[i];
        drop(p, i);
    }
    name_by(k, seen);
}

/* Section 2.1: its own signature is enough, and nothing brings it back. */
static bool revoke(struct ww_anchor_point *p, const struct ww_seen_keys *seen, int64_t now)
{
    bool any = false;
    for (size_t i = 0; i < seen->count; i++) {
        struct ww_anchor_key *k = find(p, &seen->keys[i]);
        if (!seen->keys[i].revoked || !seen->keys[i].signs || k == NULL || !ww_anchor_is_trusted(k))
            continue;
        enter(k, WW_ANCHOR_REVOKED, now);
        any = true;
    }
    return any;
}

/* A key that signs with the REVOKE bit has been revoked by now. */
static bool is_vouched_for(struct ww_anchor_point *p, const struct ww_seen_keys *seen)
{
    for (size_t i = 0; i < seen->count; i++) {
        const struct ww_anchor_key *k = find(p, &seen->keys[i]);
        if (seen->keys[i].signs && k != NULL && ww_anchor_is_trusted(k))
            return true;
    }
    return false;
}

static bool is_there(const struct ww_anchor_key *k, const struct ww_seen_keys *seen)
{
    for (size_t i = 0; i < seen->count; i++)
        if (!seen->keys[i].revoked && is_of(k, &seen->keys[i]))
            return true;
    return false;
}

/*
 * What has passed since the last look counts, but no more than the longest interval between two: a clock that
 * jumps must not end the hold-down.
 */
static void wait_on(struct ww_anchor_key *k, int64_t seen_at, int64_t now)
{
    if (k->seen > now) /* the clock was set back */
        k->seen = seen_at;
    if (seen_at <= k->seen)
        return;
    k->held += least(seen_at - k->seen, WW_ANCHOR_QUERY_MAX);
    k->seen = seen_at;
}

/* False: it is back in the state Start. */
static bool advance(struct ww_anchor_key *k, bool there, int64_t hold, int64_t seen_at, int64_t now,
                    struct ww_anchors_news *news)
{
    switch (k->state) {
    case WW_ANCHOR_PENDING:
        if (!there) {
            news->waits = true;
            return false;
        }
        wait_on(k, seen_at, now);
        if (k->held >= hold) {
            enter(k, WW_ANCHOR_VALID, now);
            news->trust = true;
        }
        break;
    case WW_ANCHOR_VALID:
        if (!there)
            enter(k, WW_ANCHOR_MISSING, now);
        break;
    case WW_ANCHOR_MISSING:
        if (there)
            enter(k, WW_ANCHOR_VALID, now);
        break;
    case WW_ANCHOR_REVOKED:
        wait_on(k, now, now);
        if (k->held >= WW_ANCHOR_HOLD)
            enter(k, WW_ANCHOR_REMOVED, now);
        break;
    case WW_ANCHOR_REMOVED:
    case WW_ANCHOR_STATES:
        break;
    }
    return true;
}

static bool add_new(struct ww_anchor_point *p, const struct ww_seen_keys *seen, int64_t now)
{
    bool any = false;
    for (size_t i = 0; i < seen->count; i++) {
        const struct ww_seen_key *s = &seen->keys[i];
        if (!s->sep || s->revoked || find(p, s) != NULL)
            continue;
        struct ww_anchor_key *k = add(p);
        if (k == NULL)
            break;
        name_by(k, s);
        enter(k, WW_ANCHOR_PENDING, now);
        any = true;
    }
    return any;
}

/* Section 2.3, of what is left of the TTL and of the signatures' time. */
static int64_t interval(const struct ww_seen_keys *seen, int64_t part, int64_t max)
{
    int64_t wait = least(max, least(seen->ttl, seen->sig_left) / part);
    return wait > WW_ANCHOR_QUERY_MIN ? wait : WW_ANCHOR_QUERY_MIN;
}

struct ww_anchors_news ww_anchors_observe(struct ww_anchor_point *point, const struct ww_seen_keys *seen,
                                          int64_t now)
{
    struct ww_anchors_news news = {.trust = false};
    /* From a cache: so long ago it was as it is here. */
    int64_t age = seen->whole_ttl > seen->ttl ? (int64_t)seen->whole_ttl - seen->ttl : 0;
    int64_t hold = seen->whole_ttl > WW_ANCHOR_HOLD ? seen->whole_ttl : WW_ANCHOR_HOLD;
    for (size_t i = 0; i < seen->count; i++)
        name_once(point, &seen->keys[i]);
    news.trust = revoke(point, seen, now);
    news.confirmed = is_vouched_for(point, seen);
    if (!news.confirmed) {
        ww_anchors_unseen(point, now);
        return news;
    }
    for (size_t i = 0; i < point->count;) {
        struct ww_anchor_key *k = &point->keys[i];
        if (advance(k, is_there(k, seen), hold, now - age, now, &news))
            i++;
        else
            drop(point, i);
    }
    news.waits |= add_new(point, seen, now);
    point->confirmed = now;
    point->next = now + interval(seen, 2, WW_ANCHOR_QUERY_MAX);
    point->retry = interval(seen, 10, WW_ANCHOR_RETRY_MAX);
    return news;
}

void ww_anchors_unseen(struct ww_anchor_point *point, int64_t now)
{
    point->next = now + (point->retry > 0 ? point->retry : WW_ANCHOR_QUERY_MIN);
}

int64_t ww_anchors_wait(const struct ww_anchor_point *point, int64_t now)
{
    int64_t wait = point->next - now;
    return wait < 0 ? 0 : least(wait, WW_ANCHOR_QUERY_MAX);
}
