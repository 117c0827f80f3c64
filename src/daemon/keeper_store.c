#include "daemon/keeper_store.h"

#include "daemon/clock.h"
#include "daemon/log.h"
#include "store/aside.h"

#include <event2/event.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* A disk that is full, has room, and is full again must not fill the log: who relapses waits longer. */
#define RETRY_SECONDS 5
#define RETRY_SECONDS_MAX 320
#define RELAPSE_MS (10 * 60 * 1000)

/* Troubles that may follow one another before it is over; more are not spoken of. */
#define SAID 8

struct ww_keeper_store {
    const char *path;
    size_t (*well)(void *ctx);
    void *ctx;
    struct ww_store *store; /* may be there in trouble too: to read from */
    bool read_only;         /* it was opened to read from alone */
    bool in_trouble;
    enum ww_err why; /* the last trouble */
    bool is_new;
    struct ww_stats *stats;
    enum ww_err said[SAID]; /* since the trouble began */
    size_t said_n;
    int64_t over_at; /* when the last trouble ended; 0 never */
    time_t delay;
    struct event *retry;
};

static const char *advice(enum ww_err err)
{
    switch ((int)err) {
    case WW_E_STORE_NO_FOLDER:
        return "make its directory, and give it to Waxwing's user";
    case WW_E_STORE_NO_FILE:
        return "set `store` to the path of a file";
    case WW_E_STORE_OPEN:
    case WW_E_STORE_DENIED:
        return "give the file and its directory to Waxwing's user";
    case WW_E_STORE_READONLY:
        return "let Waxwing's user write to the file and to its directory";
    case WW_E_STORE_FULL:
        return "make room on the disk";
    case WW_E_STORE_FOREIGN:
        return "move the file away, or set `store` to another path";
    case WW_E_STORE_NEWER:
        return "install the newer version again, or move the file away";
    case WW_E_STORE_CORRUPT:
        return "a new store is filled from memory; look for what damaged the old one, and delete it";
    case WW_E_STORE_ASIDE:
        return "find out what damages it, and move the damaged files away";
    case WW_E_STORE_MOVED:
        return "a new store is made at the path";
    case WW_E_STORE_BUSY:
        return "end the program that holds the lock";
    default:
        return "see whether the disk is in order";
    }
}

/* Whether it was said since the trouble began, or is not to be said at all. Notes it down. */
static bool was_said(struct ww_keeper_store *s, enum ww_err err)
{
    for (size_t i = 0; i < s->said_n; i++)
        if (s->said[i] == err)
            return true;
    if (s->said_n == SAID)
        return true;
    s->said[s->said_n++] = err;
    return false;
}

/* kept: the new name of a damaged file; each of them is spoken of. */
static void say(struct ww_keeper_store *s, enum ww_err err, const char *detail, const char *kept)
{
    if (was_said(s, err) && kept == NULL)
        return;
    ww_log_error("store-failed", "store", s->path, "error", ww_err_id(err), "message", ww_err_message(err),
                 "detail", detail, "kept", kept, "advice", advice(err), "done",
                 "look-ups are answered from memory; what is new waits to be written");
}

static void close_store(struct ww_keeper_store *s)
{
    ww_store_close(s->store);
    s->store = NULL;
    s->read_only = false;
}

static void schedule(struct ww_keeper_store *s, time_t seconds)
{
    const struct timeval tv = {.tv_sec = seconds};
    if (event_add(s->retry, &tv) != 0)
        ww_log_error("no-memory", "for", "a timer");
}

static void begin_trouble(struct ww_keeper_store *s)
{
    if (s->in_trouble)
        return;
    s->in_trouble = true;
    bool relapse = s->over_at != 0 && ww_clock_ms() - s->over_at < RELAPSE_MS;
    if (s->said_n > 0)
        return; /* it never was over */
    s->delay = relapse ? s->delay * 2 : RETRY_SECONDS;
    if (s->delay > RETRY_SECONDS_MAX)
        s->delay = RETRY_SECONDS_MAX;
}

/* The store is closed. */
static void put_aside(struct ww_keeper_store *s, const char *detail)
{
    char kept[PATH_MAX];
    char why[PATH_MAX + 128];
    enum ww_err err = ww_store_put_aside(s->path, (int64_t)time(NULL), kept, sizeof kept, why, sizeof why);
    if (err == WW_OK)
        say(s, WW_E_STORE_CORRUPT, detail, kept);
    else
        say(s, err, why, NULL);
    schedule(s, err == WW_OK ? 0 : s->delay);
}

/* Who cannot write for the moment can read; everything else begins with opening it again. */
static bool can_stay_open(enum ww_err err)
{
    return err == WW_E_STORE_BUSY || err == WW_E_STORE_FULL || err == WW_E_NO_MEMORY;
}

static void trouble(struct ww_keeper_store *s, enum ww_err err, const char *detail)
{
    begin_trouble(s);
    s->why = err;
    ww_stat_add(s->stats, WW_STAT_STORE_FAILURES + err, 1);
    if (!can_stay_open(err))
        close_store(s);
    if (err == WW_E_STORE_CORRUPT) {
        put_aside(s, detail);
        return;
    }
    say(s, err, detail, NULL);
    schedule(s, err == WW_E_STORE_MOVED ? 0 : s->delay);
}

static bool open_store(struct ww_keeper_store *s)
{
    enum ww_err err;
    char detail[256] = "";
    close_store(s);
    s->store = ww_store_open(s->path, &err, detail, sizeof detail);
    if (s->store == NULL) {
        trouble(s, err, detail);
        return false;
    }
    s->is_new = s->is_new || ww_store_is_new(s->store);
    return true;
}

static void try_again(struct ww_keeper_store *s)
{
    if ((s->store == NULL || s->read_only) && !open_store(s))
        return;
    enum ww_err err = ww_store_try(s->store);
    if (err != WW_OK) {
        ww_keeper_store_failed(s, err);
        return;
    }
    char count[24];
    s->in_trouble = false;
    size_t written = s->well(s->ctx);
    if (s->in_trouble)
        return;
    snprintf(count, sizeof count, "%zu", written);
    ww_log_info("store-recovered", "store", s->path, "writes", count);
    s->said_n = 0;
    s->over_at = ww_clock_ms();
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    try_again(arg);
}

struct ww_keeper_store *ww_keeper_store_new(struct event_base *base, const char *path, struct ww_stats *stats,
                                            size_t (*well)(void *ctx), void *ctx)
{
    struct ww_keeper_store *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->path = path;
    s->stats = stats;
    s->well = well;
    s->ctx = ctx;
    s->retry = evtimer_new(base, on_retry, s);
    if (s->retry != NULL)
        return s;
    free(s);
    return NULL;
}

void ww_keeper_store_free(struct ww_keeper_store *keeping)
{
    if (keeping == NULL)
        return;
    event_free(keeping->retry);
    close_store(keeping);
    free(keeping);
}

void ww_keeper_store_open(struct ww_keeper_store *keeping)
{
    (void)open_store(keeping);
}

struct ww_store *ww_keeper_store_to_write(struct ww_keeper_store *keeping)
{
    return keeping->in_trouble ? NULL : keeping->store;
}

enum ww_err ww_keeper_store_trouble(const struct ww_keeper_store *keeping)
{
    return keeping->in_trouble ? keeping->why : WW_OK;
}

struct ww_store *ww_keeper_store_to_read(struct ww_keeper_store *keeping)
{
    enum ww_err err;
    char detail[256];
    if (keeping->store == NULL) {
        keeping->store = ww_store_open_to_read(keeping->path, &err, detail, sizeof detail);
        keeping->read_only = keeping->store != NULL;
    }
    return keeping->store;
}

bool ww_keeper_store_read_only(const struct ww_keeper_store *keeping)
{
    return keeping->read_only;
}

void ww_keeper_store_failed(struct ww_keeper_store *keeping, enum ww_err err)
{
    char detail[256] = "";
    if (keeping->read_only) { /* it is in trouble already, and what is left of it is of no use */
        close_store(keeping);
        return;
    }
    if (keeping->store != NULL)
        snprintf(detail, sizeof detail, "%s", ww_store_detail(keeping->store));
    trouble(keeping, err, detail);
}

void ww_keeper_store_try_now(struct ww_keeper_store *keeping)
{
    if (keeping->in_trouble)
        try_again(keeping);
}

bool ww_keeper_store_take_new(struct ww_keeper_store *keeping)
{
    bool is_new = keeping->is_new;
    keeping->is_new = false;
    return is_new;
}
