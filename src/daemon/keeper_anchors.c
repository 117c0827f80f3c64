#include "daemon/keeper_anchors.h"

#include "daemon/log.h"
#include "daemon/trust.h"
#include "net/dnskey_verify.h"
#include "proc/chan.h"
#include "proc/msg.h"
#include "store/store_anchors.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct ww_keeper_anchors {
    struct event_base *base;
    struct ww_keeper_store *store;
    struct ww_stats *stats;
    void (*changed)(void *ctx);
    void *ctx;
    const char *path; /* of the store */
    char file[PATH_MAX];
    struct ww_anchor_file handed; /* what stands there; without a seed: nothing of use */
    struct event *timer;          /* when to look at the root's keys */
    struct ww_chan *resolver;     /* NULL while there is none */
    bool asked;                   /* the root's keys are wanted */
    bool seeded;
    bool updates;
    bool loaded;      /* point is what is kept */
    bool unsaved;     /* the store does not have it */
    bool unconfirmed; /* and that was said */
    struct ww_anchor_seed seed;
    struct ww_anchor_point point;
};

static int64_t now(void)
{
    return (int64_t)time(NULL);
}

static void schedule(struct ww_keeper_anchors *a)
{
    const struct timeval tv = {.tv_sec = (time_t)ww_anchors_wait(&a->point, now())};
    if (event_add(a->timer, &tv) != 0)
        ww_log_error("no-memory", "for", "a timer");
}

static void ask(struct ww_keeper_anchors *a)
{
    a->asked = true;
    if (a->resolver != NULL && ww_chan_send(a->resolver, WW_MSG_ROOT_KEYS_ASK, ww_slice("", 0), -1) != WW_OK)
        ww_log_debug("not-told", "name", "resolver-0"); /* it is gone; the next one is asked */
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    ask(arg);
}

static void save(struct ww_keeper_anchors *a)
{
    struct ww_store *store = ww_keeper_store_to_write(a->store);
    a->unsaved = a->updates;
    if (store == NULL || !a->updates)
        return;
    enum ww_err err = ww_store_put_anchors(store, a->seed.id, &a->point);
    a->unsaved = err != WW_OK;
    if (err != WW_OK)
        ww_keeper_store_failed(a->store, err);
}

/* In one step: who reads meanwhile reads the one of before. */
static bool replace(const char *path, struct ww_slice text)
{
    char draft[PATH_MAX + 8];
    snprintf(draft, sizeof draft, "%s.new", path);
    int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return false;
    bool good = write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;
    int saved = errno;
    close(fd);
    if (good && rename(draft, path) == 0)
        return true;
    if (!good)
        errno = saved;
    saved = errno;
    (void)unlink(draft);
    errno = saved;
    return false;
}

static bool is_revoked(const struct ww_anchor_key *key)
{
    return key->state == WW_ANCHOR_REVOKED || key->state == WW_ANCHOR_REMOVED;
}

static void list_keys(const struct ww_keeper_anchors *a, struct ww_anchor_file *file)
{
    memset(file, 0, sizeof *file);
    memcpy(file->seed, a->seed.id, sizeof file->seed);
    file->confirmed = a->point.confirmed;
    for (size_t i = 0; i < a->point.count; i++) {
        const struct ww_anchor_key *k = &a->point.keys[i];
        bool revoked = is_revoked(k);
        if ((!revoked && !ww_anchor_is_trusted(k)) || k->digest_type != WW_ANCHOR_SHA256)
            continue;
        struct ww_anchor_ds *ds =
            revoked ? &file->revoked[file->revoked_count++] : &file->keys[file->count++];
        ds->tag = k->tag;
        ds->algorithm = k->algorithm;
        memcpy(ds->digest, k->digest, sizeof ds->digest);
    }
}

static bool has_key(const struct ww_anchor_file *file, const struct ww_anchor_ds *ds)
{
    for (size_t i = 0; i < file->count; i++)
        if (file->keys[i].algorithm == ds->algorithm &&
            memcmp(file->keys[i].digest, ds->digest, sizeof ds->digest) == 0)
            return true;
    return false;
}

static bool same_keys(const struct ww_anchor_file *x, const struct ww_anchor_file *y)
{
    for (size_t i = 0; i < x->count; i++)
        if (!has_key(y, &x->keys[i]))
            return false;
    return x->count == y->count;
}

/* Resolvers have started with what stood there; or with the seed, of which nothing has changed without trust.
 */
static void hand_on(struct ww_keeper_anchors *a, bool trust)
{
    struct ww_anchor_file file;
    char text[WW_ANCHOR_FILE_MAX];
    struct ww_buf b = ww_buf(text, sizeof text);
    list_keys(a, &file);
    bool had = strcmp(a->handed.seed, file.seed) == 0;
    bool changed = had ? !same_keys(&file, &a->handed) : trust;
    ww_anchor_file_put(&b, &file);
    bool good = !b.failed && replace(a->file, ww_slice(b.p, b.n));
    if (good)
        a->handed = file;
    if (good && changed && a->updates)
        a->changed(a->ctx);
    if (!good)
        ww_log_error("anchors-not-written", "file", a->file, "detail", strerror(errno), "done",
                     "resolvers start with the trust anchors of before");
}

/* What trust begins with, as keys of the engine. Those of other digests can be used, but not be followed. */
static size_t seed_keys(const struct ww_anchor_seed *seed, struct ww_anchor_key *out)
{
    size_t n = 0;
    for (size_t i = 0; i < seed->count; i++) {
        const struct ww_anchor *s = &seed->anchors[i];
        struct ww_anchor_key *k = &out[n];
        struct ww_slice data = ww_slice(s->data, s->n);
        memset(k, 0, sizeof *k);
        k->tag = s->tag;
        k->algorithm = s->algorithm;
        k->digest_type = s->is_key ? WW_ANCHOR_SHA256 : s->digest_type;
        size_t size = k->digest_type == WW_ANCHOR_SHA256 ? 32 : k->digest_type == WW_ANCHOR_SHA384 ? 48 : 0;
        if (!ww_anchor_is_root(s) || size == 0 || (!s->is_key && s->n != WW_ANCHOR_DS_HEAD + size))
            continue;
        if (s->is_key && !ww_dnskey_digest(data, WW_ANCHOR_SHA256, k->digest))
            continue;
        if (!s->is_key)
            memcpy(k->digest, s->data + WW_ANCHOR_DS_HEAD, size);
        n++;
    }
    return n;
}

static void trust_seed(struct ww_keeper_anchors *a)
{
    struct ww_anchor_key keys[WW_ANCHOR_SEED_MAX];
    size_t n = seed_keys(&a->seed, keys);
    if (n == 0)
        ww_log_warning("anchors-not-followed", "detail", "there is none with a digest of type 2 or 4", "file",
                       a->seed.path);
    ww_anchors_trust(&a->point, keys, n, now());
}

static struct ww_anchor_key as_key(const struct ww_anchor_ds *ds)
{
    struct ww_anchor_key k = {.tag = ds->tag, .algorithm = ds->algorithm, .digest_type = WW_ANCHOR_SHA256};
    memcpy(k.digest, ds->digest, sizeof ds->digest);
    return k;
}

/* A store that was lost is no reason to fall back on anchors that may be long out of date. */
static bool trust_file(struct ww_keeper_anchors *a)
{
    const struct ww_anchor_file *file = &a->handed;
    if (strcmp(file->seed, a->seed.id) != 0 || file->count == 0)
        return false;
    for (size_t i = 0; i < file->count; i++) {
        const struct ww_anchor_key k = as_key(&file->keys[i]);
        ww_anchors_trust(&a->point, &k, 1, now());
    }
    a->point.confirmed = file->confirmed;
    return true;
}

static void add_revoked(struct ww_anchor_point *p, const struct ww_anchor_ds *ds)
{
    struct ww_anchor_key k = as_key(ds);
    for (size_t i = 0; i < p->count; i++)
        if (p->keys[i].algorithm == k.algorithm && p->keys[i].digest_type == k.digest_type &&
            memcmp(p->keys[i].digest, k.digest, sizeof k.digest) == 0)
            return;
    if (p->count == WW_ANCHOR_KEYS_MAX)
        return;
    k.state = WW_ANCHOR_REVOKED;
    k.since = k.seen = now();
    p->keys[p->count++] = k;
}

/* What was revoked is never trusted again, whatever it is that trust begins with now. */
static void begin_anew(struct ww_keeper_anchors *a)
{
    static struct ww_anchor_point before;
    before = a->point;
    memset(&a->point, 0, sizeof a->point);
    for (size_t i = 0; a->updates && i < before.count; i++)
        if (is_revoked(&before.keys[i]))
            a->point.keys[a->point.count++] = before.keys[i];
    for (size_t i = 0; a->updates && i < a->handed.revoked_count; i++)
        add_revoked(&a->point, &a->handed.revoked[i]);
    if (!a->updates || !trust_file(a))
        trust_seed(a);
}

static void load(struct ww_keeper_anchors *a)
{
    char seed[WW_ANCHOR_SEED_SIZE] = "";
    struct ww_store *store = ww_keeper_store_to_read(a->store);
    if (!a->seeded || a->loaded || store == NULL)
        return;
    enum ww_err err = ww_store_get_anchors(store, seed, &a->point);
    if (err != WW_OK) {
        ww_keeper_store_failed(a->store, err);
        return;
    }
    (void)ww_trust_read(a->file, a->path, &a->handed);
    if (!a->updates || strcmp(seed, a->seed.id) != 0 || a->point.count == 0)
        begin_anew(a);
    else if (a->seed.source != WW_ANCHORS_FILE)
        trust_seed(a);
    a->loaded = true;
    ask(a);
}

static void log_changes(const struct ww_anchor_point *before, const struct ww_anchor_point *after)
{
    for (size_t i = 0; i < after->count; i++) {
        const struct ww_anchor_key *k = &after->keys[i];
        const struct ww_anchor_key *was = NULL;
        char tag[8];
        for (size_t j = 0; j < before->count && was == NULL; j++)
            if (before->keys[j].tag == k->tag && before->keys[j].algorithm == k->algorithm)
                was = &before->keys[j];
        if (was != NULL && was->state == k->state)
            continue;
        snprintf(tag, sizeof tag, "%u", k->tag);
        ww_log_info(
            "anchor-changed", "key", tag, "from", was != NULL ? ww_anchor_state_name(was->state) : "start",
            "to", ww_anchor_state_name(k->state), "done",
            k->state == WW_ANCHOR_PENDING ? "it is trusted once it has been there for 30 days" : NULL);
    }
}

static void tell_unconfirmed(struct ww_keeper_anchors *a, const char *detail)
{
    if (!a->unconfirmed)
        ww_log_warning("anchors-unconfirmed", "detail", detail, "done",
                       "the trust anchors stay as they are; looked at again in an hour or later");
    a->unconfirmed = true;
}

static bool any_trusted(const struct ww_anchor_point *point)
{
    for (size_t i = 0; i < point->count; i++)
        if (ww_anchor_is_trusted(&point->keys[i]))
            return true;
    return false;
}

static void take_in(struct ww_keeper_anchors *a, const struct ww_seen_keys *seen)
{
    const struct ww_anchor_point before = a->point;
    struct ww_anchors_news news = ww_anchors_observe(&a->point, seen, now());
    if (a->updates)
        log_changes(&before, &a->point);
    if (!news.confirmed && !news.trust) {
        tell_unconfirmed(a, "no signature of a trusted key over the root's keys holds");
        return;
    }
    if (news.confirmed && (a->unconfirmed || before.confirmed == 0))
        ww_log_info("anchors-confirmed");
    a->unconfirmed = !news.confirmed;
    if (!any_trusted(&a->point))
        ww_log_error("anchors-revoked", "detail", "every key that was trusted has been revoked", "done",
                     "nothing validates until dns.trust_anchor, the system's root key, or a newer version "
                     "brings others");
    save(a);
    hand_on(a, news.trust);
}

static void look(struct ww_keeper_anchors *a, struct ww_slice packet)
{
    static struct ww_dnskey_set set;
    struct ww_seen_keys seen;
    enum ww_err err = WW_OK;
    if (packet.n > 0) {
        err = ww_dnskey_read(&set, packet.p, packet.n);
        if (err == WW_OK)
            err = ww_dnskey_observe(&set, now(), &seen);
    }
    if (packet.n == 0 || err != WW_OK) {
        tell_unconfirmed(a, packet.n == 0 ? "no answer came with the root's keys" : ww_err_message(err));
        ww_anchors_unseen(&a->point, now());
        return;
    }
    take_in(a, &seen);
}

static void on_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct ww_keeper_anchors *a = ctx;
    (void)chan;
    if (fd >= 0)
        close(fd);
    /* It is told when to look: so it cannot keep us busy. */
    if (type != WW_MSG_ROOT_KEYS || !a->asked || !a->loaded) {
        ww_log_error("message-unknown", "from", "resolver-0");
        return;
    }
    a->asked = false;
    look(a, payload);
    schedule(a);
}

static void on_down(void *ctx, struct ww_chan *chan)
{
    struct ww_keeper_anchors *a = ctx;
    ww_chan_free(chan);
    a->resolver = NULL;
}

struct ww_keeper_anchors *ww_keeper_anchors_new(struct event_base *base, struct ww_keeper_store *store,
                                                const char *path, struct ww_stats *stats,
                                                void (*changed)(void *ctx), void *ctx)
{
    struct ww_keeper_anchors *a = calloc(1, sizeof *a);
    if (a == NULL)
        return NULL;
    a->base = base;
    a->store = store;
    a->stats = stats;
    a->changed = changed;
    a->ctx = ctx;
    a->path = path;
    a->timer = evtimer_new(base, on_timer, a);
    if (a->timer == NULL || !ww_trust_path(path, a->file, sizeof a->file)) {
        ww_keeper_anchors_free(a);
        return NULL;
    }
    ww_dnskey_verify_prepare();
    return a;
}

void ww_keeper_anchors_free(struct ww_keeper_anchors *anchors)
{
    if (anchors == NULL)
        return;
    ww_chan_free(anchors->resolver);
    if (anchors->timer != NULL)
        event_free(anchors->timer);
    free(anchors);
}

/* What has changed begins anew; what has not is not touched. */
void ww_keeper_anchors_seed(struct ww_keeper_anchors *anchors, struct ww_slice payload, int fd)
{
    static struct ww_anchor_seed seed;
    static struct ww_msg_anchor_seed m;
    char why[200];
    if (ww_msg_get_anchor_seed(payload, &m) != WW_OK) {
        ww_log_error("message-malformed", "from", "supervisor");
        if (fd >= 0)
            close(fd);
        return;
    }
    bool good = ww_anchor_seed_read(&seed, m.source, m.path, fd, m.error, why, sizeof why);
    if (good && anchors->seeded && m.updates == anchors->updates &&
        ww_anchor_seed_same(&seed, &anchors->seed))
        return;
    anchors->seeded = good;
    anchors->updates = m.updates;
    anchors->loaded = anchors->unconfirmed = anchors->asked = false;
    anchors->seed = seed;
    (void)event_del(anchors->timer);
    if (good)
        load(anchors);
    else
        ww_log_error("anchors-unusable", "file", m.path, "detail", why, "done",
                     "no trust anchor is kept up to date");
}

void ww_keeper_anchors_peer(struct ww_keeper_anchors *anchors, int fd)
{
    static const struct ww_chan_handlers handlers = {on_message, on_down};
    ww_chan_free(anchors->resolver);
    anchors->resolver = ww_chan_new(anchors->base, fd, &handlers, anchors);
    if (anchors->resolver == NULL)
        ww_log_error("no-memory", "for", "channel to a resolver");
    else if (anchors->asked)
        ask(anchors);
}

void ww_keeper_anchors_well(struct ww_keeper_anchors *anchors)
{
    load(anchors);
    if (anchors->loaded && anchors->unsaved)
        save(anchors);
}

void ww_keeper_anchors_count(const struct ww_keeper_anchors *anchors)
{
    const struct ww_anchor_point *p = &anchors->point;
    unsigned waiting = 0;
    for (unsigned i = 0; i < WW_ANCHOR_STATES; i++)
        ww_stat_set(anchors->stats, WW_STAT_ANCHORS + i, 0);
    for (unsigned i = 0; i < WW_STAT_COUNT_TAGS; i++)
        ww_stat_set(anchors->stats, WW_STAT_ANCHOR_WAITING + i, 0);
    for (size_t i = 0; i < p->count; i++) {
        ww_stat_add(anchors->stats, WW_STAT_ANCHORS + p->keys[i].state, 1);
        if (p->keys[i].state == WW_ANCHOR_PENDING && waiting < WW_STAT_COUNT_TAGS)
            ww_stat_set(anchors->stats, WW_STAT_ANCHOR_WAITING + waiting++, p->keys[i].tag + UINT64_C(1));
    }
    ww_stat_set(anchors->stats, WW_STAT_ANCHORS_CONFIRMED, (uint64_t)p->confirmed);
}
