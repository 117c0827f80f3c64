#include "engine/tally.h"

#include "base/buf.h"
#include "base/hash.h"

#include <stddef.h>
#include <stdlib.h>

/* Octets for each bucket: less than what an entry takes, so that chains stay short. */
#define BUCKET_OCTETS 256
/* Strangers choose domains and policies, and could choose some that hash alike: with a longer chain it is
 * full. */
#define CHAIN_MAX 64
#define TEXTS 6
#define ALIGNMENT _Alignof(max_align_t)

/* What makes two entries the same, as one run of octets without a hole; the texts stand behind it. */
struct key {
    uint64_t of; /* of a failure the address of its item; of an item 0 */
    int64_t day;
    uint64_t bits;
    uint32_t n[TEXTS];
};

struct entry {
    struct entry *chain; /* the next in the same bucket */
    uint64_t hash;
    size_t size; /* of the key */
    struct key *key;
};

struct detail {
    struct entry entry;
    struct detail *next;
    int64_t count;
};

struct item {
    struct entry entry;
    struct item *next;
    struct detail *details, **last;
    size_t detail_count;
    struct ww_slice record;
    int64_t success, unverified, failure;
};

struct ww_tally {
    char *room;
    size_t size, used;
    struct entry **buckets;
    size_t mask;  /* their number, less one */
    bool crowded; /* a chain is too long */
    struct item *items, **last;
    struct ww_sessions_detail details[WW_SESSIONS_DETAILS_MAX]; /* of the item that is given out */
};

struct ww_tally *ww_tally_new(size_t max_octets)
{
    struct ww_tally *t = calloc(1, sizeof *t);
    size_t buckets = 1;
    if (t == NULL)
        return NULL;
    t->size = max_octets > WW_TALLY_OCTETS_MIN ? max_octets : WW_TALLY_OCTETS_MIN;
    while (buckets < t->size / BUCKET_OCTETS)
        buckets *= 2;
    t->mask = buckets - 1;
    t->last = &t->items;
    t->buckets = calloc(buckets, sizeof *t->buckets);
    t->room = malloc(t->size);
    if (t->buckets == NULL || t->room == NULL) {
        ww_tally_free(t);
        return NULL;
    }
    return t;
}

void ww_tally_free(struct ww_tally *tally)
{
    if (tally == NULL)
        return;
    free(tally->room);
    free(tally->buckets);
    free(tally);
}

/* ---- keys ---- */

struct wanted {
    struct key head;
    struct ww_slice texts[TEXTS];
};

/* The bits of an item; of a failure they are its type. */
#define BITS_KNOWN 0x100U
#define BITS_OURS 0x200U

static void want_item(struct wanted *w, const struct ww_sessions *m)
{
    w->head = (struct key){.day = m->day, .bits = (uint64_t)m->policy.type};
    w->head.bits |= (m->policy_known ? BITS_KNOWN : 0) | (m->by_us ? BITS_OURS : 0);
    w->texts[0] = ww_slice_str(m->domain);
    w->texts[1] = ww_slice_str(m->policy_id);
    w->texts[2] = ww_slice_str(m->policy.domain);
    w->texts[3] = m->policy.strings;
    w->texts[4] = m->policy.mx_hosts;
    w->texts[5] = ww_slice(NULL, 0);
}

static void want_detail(struct wanted *w, const struct item *item, const struct ww_sessions_detail *d)
{
    w->head = (struct key){.of = (uint64_t)(uintptr_t)item, .bits = (uint64_t)d->type};
    w->texts[0] = d->sending_ip;
    w->texts[1] = d->receiving_mx;
    w->texts[2] = d->helo;
    w->texts[3] = d->receiving_ip;
    w->texts[4] = d->info;
    w->texts[5] = d->reason;
}

static size_t aligned(size_t n)
{
    return (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static size_t texts_size(const struct wanted *w)
{
    size_t n = 0;
    for (size_t i = 0; i < TEXTS; i++)
        n += w->texts[i].n;
    return n;
}

/* Of an item without its failures and its record. */
static size_t item_size(size_t key_size)
{
    return aligned(sizeof(struct item)) + aligned(key_size);
}

/* An upper bound of what an item takes; counted before anything is changed. */
static size_t size_of(const struct ww_sessions *m)
{
    struct wanted w;
    want_item(&w, m);
    size_t items = m->detail_count > 0 ? m->detail_count / WW_SESSIONS_DETAILS_MAX + 2 : 1;
    size_t n = items * item_size(sizeof(struct key) + texts_size(&w)) + aligned(m->record.n);
    for (size_t i = 0; i < m->detail_count; i++) {
        want_detail(&w, NULL, &m->details[i]);
        n += aligned(sizeof(struct detail)) + aligned(sizeof(struct key) + texts_size(&w));
    }
    return n;
}

/* ---- the table ---- */

static void *take_room(struct ww_tally *t, size_t n)
{
    void *p = t->room + t->used;
    t->used += aligned(n);
    return p;
}

/* Writes the key into the room that is free, from where it is taken only if it is a new one. */
static struct key *write_key(struct ww_tally *t, const struct wanted *w, size_t *size)
{
    struct key *key = (struct key *)(void *)(t->room + t->used);
    struct ww_buf b = ww_buf((char *)(key + 1), t->size - t->used - sizeof(struct key));
    *key = w->head;
    for (size_t i = 0; i < TEXTS; i++) {
        key->n[i] = (uint32_t)w->texts[i].n;
        ww_buf_slice(&b, w->texts[i]);
    }
    *size = sizeof(struct key) + b.n;
    return key;
}

/* The entry with this key; or a new one of so many octets, all of them zero but for the key. */
static void *find(struct ww_tally *t, const struct wanted *w, size_t entry_size, bool *is_new)
{
    static const struct ww_hash_key no_key = {{0, 0}};
    size_t size, steps = 0;
    struct key *key = write_key(t, w, &size);
    uint64_t hash = ww_hash(&no_key, key, size);
    struct entry **bucket = &t->buckets[hash & t->mask], *e;
    for (e = *bucket; e != NULL; e = e->chain, steps++) {
        if (e->hash == hash && e->size == size && memcmp(e->key, key, size) == 0)
            break;
    }
    t->crowded = t->crowded || steps > CHAIN_MAX;
    *is_new = e == NULL;
    if (e != NULL)
        return e;
    (void)take_room(t, size);
    e = take_room(t, entry_size);
    memset(e, 0, entry_size);
    *e = (struct entry){*bucket, hash, size, key};
    *bucket = e;
    return e;
}

static struct item *find_item(struct ww_tally *t, const struct ww_sessions *m)
{
    struct wanted w;
    bool is_new;
    want_item(&w, m);
    struct item *item = find(t, &w, sizeof *item, &is_new);
    if (is_new) {
        item->last = &item->details;
        *t->last = item;
        t->last = &item->next;
    }
    return item;
}

static void add_detail(struct ww_tally *t, struct item *item, const struct ww_sessions_detail *d)
{
    struct wanted w;
    bool is_new;
    want_detail(&w, item, d);
    struct detail *detail = find(t, &w, sizeof *detail, &is_new);
    if (is_new) {
        *item->last = detail;
        item->last = &detail->next;
        /* The item is given out once more for those to come, and that counts as well. */
        if (++item->detail_count % WW_SESSIONS_DETAILS_MAX == 0)
            t->used += item_size(item->entry.size);
    }
    detail->count += d->count;
}

enum ww_err ww_tally_add(struct ww_tally *tally, const struct ww_sessions *sessions)
{
    if (tally->crowded || size_of(sessions) > tally->size - tally->used)
        return WW_E_TOO_LONG;
    struct item *item = find_item(tally, sessions);
    item->success += sessions->success;
    item->unverified += sessions->unverified;
    item->failure += sessions->failure;
    if (sessions->record.n > 0 && !ww_slice_eq(sessions->record, item->record)) {
        char *record = take_room(tally, sessions->record.n);
        memcpy(record, sessions->record.p, sessions->record.n);
        item->record = ww_slice(record, sessions->record.n);
    }
    for (size_t i = 0; i < sessions->detail_count; i++)
        add_detail(tally, item, &sessions->details[i]);
    return WW_OK;
}

/* ---- giving out ---- */

static void read_texts(const struct key *key, struct ww_slice texts[TEXTS])
{
    const char *p = (const char *)(key + 1);
    for (size_t i = 0; i < TEXTS; i++) {
        texts[i] = ww_slice(p, key->n[i]);
        p += key->n[i];
    }
}

static void copy_text(char *out, struct ww_slice text)
{
    memcpy(out, text.p, text.n);
    out[text.n] = '\0';
}

static void read_item(const struct item *item, struct ww_sessions *m)
{
    const struct key *key = item->entry.key;
    struct ww_slice texts[TEXTS];
    read_texts(key, texts);
    *m = (struct ww_sessions){
        .day = key->day,
        .record = item->record,
        .policy_known = (key->bits & BITS_KNOWN) != 0,
        .by_us = (key->bits & BITS_OURS) != 0,
        .policy = {.type = (enum ww_policy_type)(key->bits & 0xff),
                   .strings = texts[3],
                   .mx_hosts = texts[4]},
        .success = item->success,
        .unverified = item->unverified,
        .failure = item->failure,
    };
    copy_text(m->domain, texts[0]);
    copy_text(m->policy_id, texts[1]);
    copy_text(m->policy.domain, texts[2]);
}

static void read_detail(const struct detail *detail, struct ww_sessions_detail *d)
{
    const struct key *key = detail->entry.key;
    struct ww_slice texts[TEXTS];
    read_texts(key, texts);
    *d = (struct ww_sessions_detail){
        .type = (enum ww_result_type)key->bits,
        .sending_ip = texts[0],
        .receiving_mx = texts[1],
        .helo = texts[2],
        .receiving_ip = texts[3],
        .info = texts[4],
        .reason = texts[5],
        .count = detail->count,
    };
}

/* What has come to nothing is not given out: all of it was taken back. */
static void give_item(struct ww_tally *t, const struct item *item, ww_tally_cb *cb, void *ctx)
{
    struct ww_sessions m;
    read_item(item, &m);
    m.details = t->details;
    for (const struct detail *d = item->details; d != NULL; d = d->next) {
        if (d->count == 0)
            continue;
        if (m.detail_count == WW_SESSIONS_DETAILS_MAX) {
            cb(ctx, &m);
            m.success = m.unverified = m.failure = 0;
            m.record = ww_slice(NULL, 0);
            m.detail_count = 0;
        }
        read_detail(d, &t->details[m.detail_count++]);
    }
    if (m.success != 0 || m.unverified != 0 || m.failure != 0 || m.detail_count > 0)
        cb(ctx, &m);
}

void ww_tally_take(struct ww_tally *tally, ww_tally_cb *cb, void *ctx)
{
    for (const struct item *item = tally->items; item != NULL; item = item->next)
        give_item(tally, item, cb, ctx);
    memset(tally->buckets, 0, (tally->mask + 1) * sizeof *tally->buckets);
    tally->items = NULL;
    tally->last = &tally->items;
    tally->used = 0;
    tally->crowded = false;
}
