/*
 * waxwingd with the real collector, and of the others what it needs: a keeper that adds up what is folded,
 * durably, as the real one does, and writes the sums to a file; a front that is told of domains to look up.
 * A keeper that dies begins where its file ends; told to, it forgets answers.
 */
#include "daemon/role.h"
#include "proc/msg_report.h"
#include "proc/msg_watch.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sums {
    uint8_t journal[WW_MSG_JOURNAL_ID_SIZE];
    uint64_t known;
    uint64_t position;
    int64_t success, failure, unverified;
    uint64_t folds, details;
};

struct fake {
    struct event_base *base;
    const struct ww_config *config;
    enum ww_role_kind kind;
    struct ww_asked *asked;
    struct ww_role_stats *stats;
    struct ww_chan *collector;
    int ears[8];
    size_t ear_count;
    char *folder;
    struct sums sums;
    char fold[WW_MSG_FOLD_MAX];
    size_t fold_n;
};

static void path_of(const struct fake *f, const char *name, char out[4096])
{
    (void)snprintf(out, 4096, "%s/%s", f->folder, name);
}

/* Whole or not at all. */
static void keep(const struct fake *f)
{
    char now[4096], next[4096];
    path_of(f, "sums", now);
    path_of(f, "sums.new", next);
    FILE *file = fopen(next, "we");
    if (file == NULL || fwrite(&f->sums, sizeof f->sums, 1, file) != 1 || fclose(file) != 0 ||
        rename(next, now) != 0)
        abort();
}

static void recall(struct fake *f)
{
    char now[4096];
    path_of(f, "sums", now);
    FILE *file = fopen(now, "re");
    if (file != NULL && fread(&f->sums, sizeof f->sums, 1, file) != 1)
        abort();
    if (file != NULL)
        (void)fclose(file);
}

static void answer(struct fake *f, const uint8_t *journal)
{
    struct ww_msg_folded m = {.known = f->sums.known != 0 &&
                                       memcmp(journal, f->sums.journal, sizeof m.journal) == 0,
                              .position = f->sums.position};
    char bytes[64];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    memcpy(m.journal, journal, sizeof m.journal);
    ww_msg_put_folded(&b, &m);
    (void)!ww_chan_send(f->collector, WW_MSG_FOLDED, ww_slice(b.p, b.n), -1);
}

static void fold(struct fake *f)
{
    static struct ww_msg_sessions one;
    struct ww_msg_fold m;
    struct ww_slice part;
    if (ww_msg_get_fold(ww_slice(f->fold, f->fold_n), &m) != WW_OK)
        abort();
    bool same = f->sums.known != 0 && memcmp(m.journal, f->sums.journal, sizeof m.journal) == 0;
    if (same && m.from != f->sums.position) {
        answer(f, m.journal);
        return;
    }
    struct ww_cursor c = ww_cursor(m.items.p, m.items.n);
    while (ww_msg_next_part(&c, &part)) {
        if (ww_msg_get_sessions(part, &one) != WW_OK)
            abort();
        f->sums.success += one.sessions.success;
        f->sums.failure += one.sessions.failure;
        f->sums.unverified += one.sessions.unverified;
        f->sums.details += one.sessions.detail_count;
    }
    if (c.failed)
        abort();
    memcpy(f->sums.journal, m.journal, sizeof m.journal);
    f->sums.known = 1;
    f->sums.position = m.to;
    f->sums.folds++;
    keep(f);
    answer(f, m.journal);
}

static void on_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct fake *f = ctx;
    struct ww_msg_fold_ask ask;
    struct ww_slice octets;
    bool last;
    (void)chan;
    if (fd >= 0)
        (void)close(fd);
    if (type == WW_MSG_FOLD_ASK && ww_msg_get_fold_ask(payload, &ask) == WW_OK) {
        answer(f, ask.journal);
    } else if (type == WW_MSG_FOLD && ww_msg_get_piece(payload, &last, &octets) == WW_OK) {
        if (octets.n > sizeof f->fold - f->fold_n)
            abort();
        memcpy(f->fold + f->fold_n, octets.p, octets.n);
        f->fold_n += octets.n;
        if (!last)
            return;
        fold(f);
        f->fold_n = 0;
    }
}

static void on_down(void *ctx, struct ww_chan *chan)
{
    struct fake *f = ctx;
    ww_chan_free(chan);
    f->collector = NULL;
}

static void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    struct fake *f = ctx;
    if (ask->what == WW_ASK_STATS)
        ww_role_stats_tell(f->stats, f->asked, ref);
    else
        ww_asked_fail(f->asked, ref, WW_E_CONTROL_COMMAND);
}

static void *start(const struct ww_role_env *env, enum ww_role_kind kind)
{
    struct fake *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->base = env->base;
    f->config = env->config;
    f->stats = env->stats;
    f->kind = kind;
    f->asked = ww_asked_new(env->base, on_asked, f);
    char *path = strdup(env->config->store);
    f->folder = strdup(dirname(path));
    free(path);
    return f;
}

static void *start_front(const struct ww_role_env *env)
{
    return start(env, WW_ROLE_FRONT);
}

static void *start_other(const struct ww_role_env *env)
{
    return start(env, WW_ROLE_RESOLVER);
}

static void *start_keeper(const struct ww_role_env *env)
{
    struct fake *f = start(env, WW_ROLE_KEEPER);
    if (f != NULL)
        recall(f);
    return f;
}

static void peer(void *state, const struct ww_msg_peer *p, int fd)
{
    static const struct ww_chan_handlers handlers = {.message = on_message, .down = on_down};
    struct fake *f = state;
    if (p->kind == WW_ROLE_CONTROL) {
        ww_asked_peer(f->asked, fd);
    } else if (p->kind == WW_ROLE_COLLECTOR) {
        ww_chan_free(f->collector);
        f->fold_n = 0;
        f->collector = ww_chan_new(f->base, fd, &handlers, f);
    } else {
        (void)close(fd);
    }
}

static void listener(void *state, const struct ww_msg_listener *l, int fd)
{
    struct fake *f = state;
    (void)l;
    if (f->ear_count == sizeof f->ears / sizeof *f->ears)
        abort();
    f->ears[f->ear_count++] = fd;
}

static void stop(void *state)
{
    struct fake *f = state;
    (void)event_base_loopexit(f->base, NULL);
}

static void finish(void *state)
{
    struct fake *f = state;
    ww_chan_free(f->collector);
    ww_asked_free(f->asked);
    for (size_t i = 0; i < f->ear_count; i++)
        (void)close(f->ears[i]);
    free(f->folder);
    free(f);
}

#define FAKE(name, role_kind, role_rights, role_start, role_listener)   \
    const struct ww_role ww_role_##name = {.kind = (role_kind),         \
                                           .rights = (role_rights),     \
                                           .start = (role_start),       \
                                           .peer = peer,                \
                                           .listener = (role_listener), \
                                           .stop = stop,                \
                                           .finish = finish}

FAKE(front, WW_ROLE_FRONT, WW_MAY_ACCEPT, start_front, listener);
FAKE(resolver, WW_ROLE_RESOLVER, WW_MAY_CONNECT, start_other, NULL);
FAKE(keeper, WW_ROLE_KEEPER, WW_MAY_FILES, start_keeper, NULL);
FAKE(preload, WW_ROLE_PRELOAD, WW_MAY_CONNECT, start_other, NULL);
FAKE(watcher, WW_ROLE_WATCHER, WW_MAY_CONNECT, start_other, NULL);
FAKE(courier, WW_ROLE_COURIER, WW_MAY_CONNECT, start_other, NULL);
FAKE(intake, WW_ROLE_INTAKE, WW_MAY_ACCEPT, start_other, listener);
FAKE(decoder, WW_ROLE_DECODER, 0, start_other, NULL);
FAKE(publisher, WW_ROLE_PUBLISHER, WW_MAY_ACCEPT, start_other, listener);
FAKE(steward, WW_ROLE_STEWARD, WW_MAY_CONNECT, start_other, NULL);
FAKE(clerk, WW_ROLE_CLERK, WW_MAY_CONNECT, start_other, NULL);
