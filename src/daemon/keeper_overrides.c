#include "daemon/keeper_overrides.h"

#include "base/time.h"
#include "daemon/log.h"
#include "store/store_override.h"

#include <event2/event.h>
#include <stdlib.h>
#include <time.h>

/* As parcels of policies: larger messages would keep the front from its look-ups. */
#define PARCEL ((size_t)16 * 1024)
#define MESSAGE_MAX ((size_t)4096)

/* The clock may be set meanwhile. */
#define LOOK_SECONDS_MAX 60

struct ww_keeper_overrides {
    struct ww_keeper_store *store;
    ww_keeper_tell *tell;
    void *ctx;
    struct event *end; /* when the next one ends */
    bool owed;         /* the front has not got all, */
    uint32_t number;   /* of which it has asked by this number */
    bool first;        /* nothing of it was sent */
    char parts[PARCEL];
    size_t parts_n;
};

static void log_change(const char *event, const struct ww_override *o, const char *who)
{
    char until[WW_TIME_SIZE];
    ww_time_format(o->until, until);
    ww_log_info(event, "key", o->key, "level", ww_override_level_name(o->level), "from", "run time", "until",
                o->until != 0 ? until : NULL, "mx", o->mx[0] != '\0' ? o->mx : NULL, "reason",
                o->reason[0] != '\0' ? o->reason : NULL, "who", who[0] != '\0' ? who : NULL);
}

static void send_parts(struct ww_keeper_overrides *k, bool last, bool whole)
{
    char message[PARCEL + 16];
    struct ww_buf b = ww_buf(message, sizeof message);
    const struct ww_msg_overrides m = {
        .number = k->number,
        .first = k->first,
        .last = last,
        .whole = whole,
        .parts = ww_slice(k->parts, k->parts_n),
    };
    ww_msg_put_overrides(&b, &m);
    k->tell(k->ctx, WW_MSG_OVERRIDES, ww_slice(b.p, b.n));
    k->first = false;
    k->parts_n = 0;
}

static void send_stored(void *ctx, const struct ww_override *override)
{
    struct ww_keeper_overrides *k = ctx;
    char one[MESSAGE_MAX];
    struct ww_buf part = ww_buf(one, sizeof one);
    ww_msg_put_override(&part, override);
    if (k->parts_n + part.n + sizeof(uint32_t) > sizeof k->parts)
        send_parts(k, false, false);
    struct ww_buf b = {k->parts, sizeof k->parts, k->parts_n, false};
    ww_msg_put_part(&b, ww_slice(part.p, part.n));
    if (!part.failed && !b.failed)
        k->parts_n = b.n;
}

/* A store that can only be read may lack what was written last: the front keeps what it has besides. */
static void send_all(struct ww_keeper_overrides *k)
{
    struct ww_store *store = ww_keeper_store_to_read(k->store);
    if (store == NULL)
        return;
    bool whole = ww_keeper_store_to_write(k->store) != NULL && !ww_keeper_store_read_only(k->store);
    k->first = true;
    k->parts_n = 0;
    enum ww_err err = ww_store_each_override(store, send_stored, k);
    send_parts(k, true, whole && err == WW_OK);
    k->owed = !whole || err != WW_OK;
    if (err != WW_OK)
        ww_keeper_store_failed(k->store, err);
}

static void log_ended(void *ctx, const struct ww_override *override)
{
    struct ww_keeper_overrides *k = ctx;
    char message[WW_OVERRIDE_KEY_SIZE + 2];
    struct ww_buf b = ww_buf(message, sizeof message);
    log_change("override-ended", override, override->who);
    ww_msg_put_key(&b, override->key);
    k->tell(k->ctx, WW_MSG_OVERRIDE_GONE, ww_slice(b.p, b.n));
}

static void schedule(struct ww_keeper_overrides *k, int64_t seconds)
{
    if (seconds > LOOK_SECONDS_MAX)
        seconds = LOOK_SECONDS_MAX;
    const struct timeval tv = {.tv_sec = seconds > 0 ? (time_t)seconds : 1};
    if (event_add(k->end, &tv) != 0)
        ww_log_error("no-memory", "for", "a timer");
}

/* In the front they have ended by themselves; here they are deleted, and that is told once. */
static void end_some(struct ww_keeper_overrides *k)
{
    struct ww_store *store = ww_keeper_store_to_write(k->store);
    int64_t now = (int64_t)time(NULL);
    int64_t next = 0;
    if (store == NULL)
        return;
    enum ww_err err = ww_store_next_override_end(store, &next);
    if (err == WW_OK && next != 0 && next <= now) {
        err = ww_store_expire_overrides(store, now, log_ended, k);
        if (err == WW_OK)
            err = ww_store_next_override_end(store, &next);
    }
    if (err != WW_OK)
        ww_keeper_store_failed(k->store, err);
    else if (next != 0)
        schedule(k, next - now);
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    end_some(arg);
}

struct ww_keeper_overrides *ww_keeper_overrides_new(struct event_base *base, struct ww_keeper_store *store,
                                                    ww_keeper_tell *tell, void *ctx)
{
    struct ww_keeper_overrides *k = calloc(1, sizeof *k);
    if (k == NULL)
        return NULL;
    k->store = store;
    k->tell = tell;
    k->ctx = ctx;
    k->end = evtimer_new(base, on_end, k);
    if (k->end != NULL)
        return k;
    free(k);
    return NULL;
}

void ww_keeper_overrides_free(struct ww_keeper_overrides *overrides)
{
    if (overrides == NULL)
        return;
    event_free(overrides->end);
    free(overrides);
}

void ww_keeper_overrides_load(struct ww_keeper_overrides *overrides, uint32_t number)
{
    overrides->number = number;
    overrides->owed = true;
    end_some(overrides);
    send_all(overrides);
}

void ww_keeper_overrides_leave(struct ww_keeper_overrides *overrides)
{
    overrides->owed = false;
}

void ww_keeper_overrides_well(struct ww_keeper_overrides *overrides)
{
    end_some(overrides);
    if (overrides->owed)
        send_all(overrides);
}

/* One transaction for a single write: it begins with a look at whether the file is there still. */
static enum ww_err settle(struct ww_keeper_overrides *k, struct ww_store *store, enum ww_err err)
{
    if (err == WW_OK)
        err = ww_store_commit(store);
    if (err == WW_OK)
        return WW_OK;
    ww_store_rollback(store);
    if (err == WW_E_OVERRIDE_FULL || err == WW_E_OVERRIDE_NONE)
        return err;
    ww_keeper_store_failed(k->store, err);
    return WW_E_OVERRIDE_NOT_KEPT;
}

static enum ww_err put(struct ww_store *store, const struct ww_override *override)
{
    size_t others = 0;
    enum ww_err err = ww_store_count_overrides(store, override->key, &others);
    if (err == WW_OK && others >= WW_OVERRIDES_MAX)
        err = WW_E_OVERRIDE_FULL;
    return err == WW_OK ? ww_store_put_override(store, override) : err;
}

enum ww_err ww_keeper_overrides_set(struct ww_keeper_overrides *overrides, const struct ww_override *override)
{
    char message[MESSAGE_MAX];
    struct ww_buf b = ww_buf(message, sizeof message);
    struct ww_store *store = ww_keeper_store_to_write(overrides->store);
    if (!ww_override_counts(override, (int64_t)time(NULL)))
        return WW_E_OVERRIDE_PAST;
    if (store == NULL)
        return WW_E_OVERRIDE_NOT_KEPT;
    enum ww_err err = ww_store_begin(store);
    if (err == WW_OK)
        err = put(store, override);
    err = settle(overrides, store, err);
    if (err != WW_OK)
        return err;
    log_change("override-set", override, override->who);
    ww_msg_put_override(&b, override);
    overrides->tell(overrides->ctx, WW_MSG_OVERRIDE, ww_slice(b.p, b.n));
    end_some(overrides);
    return WW_OK;
}

enum ww_err ww_keeper_overrides_remove(struct ww_keeper_overrides *overrides, const char *key,
                                       const char *who)
{
    char message[WW_OVERRIDE_KEY_SIZE + 2];
    struct ww_buf b = ww_buf(message, sizeof message);
    struct ww_store *store = ww_keeper_store_to_write(overrides->store);
    bool found = false;
    if (store == NULL)
        return WW_E_OVERRIDE_NOT_KEPT;
    enum ww_err err = ww_store_begin(store);
    if (err == WW_OK)
        err = ww_store_remove_override(store, key, &found);
    if (err == WW_OK && !found)
        err = WW_E_OVERRIDE_NONE;
    err = settle(overrides, store, err);
    if (err != WW_OK)
        return err;
    ww_log_info("override-removed", "key", key, "who", who[0] != '\0' ? who : NULL);
    ww_msg_put_key(&b, key);
    overrides->tell(overrides->ctx, WW_MSG_OVERRIDE_GONE, ww_slice(b.p, b.n));
    return WW_OK;
}

enum ww_err ww_keeper_overrides_asked(struct ww_keeper_overrides *overrides, const struct ww_msg_ask *ask)
{
    struct ww_msg_override set;
    struct ww_msg_override_remove gone;
    enum ww_err err = WW_E_CONTROL_COMMAND;
    if (ask->what == WW_ASK_OVERRIDE_SET) {
        err = ww_msg_get_override(ask->payload, &set);
        return err == WW_OK ? ww_keeper_overrides_set(overrides, &set.override) : err;
    }
    if (ask->what == WW_ASK_OVERRIDE_REMOVE) {
        err = ww_msg_get_override_remove(ask->payload, &gone);
        return err == WW_OK ? ww_keeper_overrides_remove(overrides, gone.key, gone.who) : err;
    }
    return err;
}
