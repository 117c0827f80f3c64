/*
 * The role that has the preload list: it reads what is kept, looks at the list's source by its schedule and
 * when control asks for it, and hands front the list that counts.
 */
#include "base/time.h"
#include "daemon/asked.h"
#include "daemon/preload_image.h"
#include "daemon/preload_update.h"
#include "daemon/role.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* After a failure the source is looked at again after so long, and then ever later, up to the schedule. */
#define RETRY_SECONDS 300
/* So is what is kept, where it could not be judged. */
#define KEPT_RETRY_SECONDS 10
/* So often in a row a refusal of what is kept that may have another cause is taken for such. */
#define DOUBTS_MAX 4
/* Whether a list has expired is looked at so often. */
#define TICK_SECONDS 60
/* So many may wait for the end of one look. */
#define WAITING_MAX 16

struct preload {
    struct event_base *base;
    const struct ww_config *config;
    struct ww_stats *stats;
    struct ww_role_stats *role_stats;
    struct ww_asked *asked;
    struct ww_chan *front;
    char *folder;
    char *settings[3];  /* source, signature and key that the list was judged by */
    struct event *look; /* when the source is looked at again */
    struct event *tick;
    struct ww_preload_update *update; /* NULL: none is under way */
    bool loaded;                      /* what is kept was looked at: front may be told */
    bool expired;                     /* which was logged */
    struct ww_preload_image image;    /* the list that was accepted last */
    struct ww_openpgp_signer signer;
    struct ww_msg_preload last; /* outcome to next */
    unsigned failures;          /* in a row */
    unsigned doubts;            /* in a row */
    bool again;                 /* somebody has asked while a look was under way */
    struct ww_question_ref waiting[WAITING_MAX];
    unsigned waiting_count;
    char message[4096];
};

static void begin(struct preload *p);

static int64_t now(void)
{
    return (int64_t)time(NULL);
}

static void schedule(struct preload *p, int64_t seconds)
{
    const struct timeval tv = {.tv_sec = (time_t)seconds};
    p->last.next = now() + seconds;
    (void)event_add(p->look, &tv);
}

static void tell_front(struct preload *p)
{
    if (p->front == NULL || !p->loaded)
        return;
    if (ww_chan_send(p->front, WW_MSG_PRELOAD, ww_slice("", 0), p->image.fd) != WW_OK)
        ww_log_debug("not-told", "name", "front");
}

static void copy_cut(char *to, size_t size, struct ww_slice from)
{
    size_t n = from.n < size ? from.n : size - 1;
    memcpy(to, from.p, n);
    to[n] = '\0';
}

static struct ww_slice status_of(struct preload *p)
{
    struct ww_buf b = ww_buf(p->message, sizeof p->message);
    struct ww_msg_preload m = p->last;
    m.there = p->image.fd >= 0;
    m.timestamp = p->image.list.timestamp;
    m.expires = p->image.list.expires;
    m.domains = p->image.list.count;
    copy_cut(m.author, sizeof m.author, p->image.list.author);
    copy_cut(m.key, sizeof m.key, ww_slice_str(p->signer.key));
    copy_cut(m.user, sizeof m.user, ww_slice_str(p->signer.user));
    ww_msg_put_preload(&b, &m);
    return ww_slice(b.p, b.n);
}

static void log_list(const struct preload *p, const char *from)
{
    char domains[16], made[WW_TIME_SIZE], expires[WW_TIME_SIZE];
    (void)snprintf(domains, sizeof domains, "%" PRIu32, p->image.list.count);
    ww_time_format(p->image.list.timestamp, made);
    ww_time_format(p->image.list.expires, expires);
    ww_log_info("preload-list", "from", from, "timestamp", made, "expires", expires, "domains", domains,
                "key", p->signer.key, "signer", p->signer.user);
}

static void note_expiry(struct preload *p)
{
    char expires[WW_TIME_SIZE];
    if (p->image.fd < 0 || p->expired || ww_preload_counts(&p->image.list, now()))
        return;
    p->expired = true;
    ww_time_format(p->image.list.expires, expires);
    ww_log_warning("preload-expired", "source", p->config->preload_source, "expires", expires, "done",
                   "it counts for nothing until there is a new one");
}

static void log_refused(const struct preload *p, const char *source, enum ww_err err, const char *detail)
{
    const char *done = !p->loaded ? "it is tried again; what counted before still does"
                       : ww_preload_counts(&p->image.list, now()) ? "the list that counted before still does"
                                                                  : "there is no list that counts";
    ww_log_warning("preload-refused", "source", source, "error", ww_err_id(err), "detail",
                   detail[0] != '\0' ? detail : ww_err_message(err), "done", done);
}

/* Another list is there from now on. False (with *why): what came is no image of one. */
static bool take(struct preload *p, const struct ww_preload_checked *checked, int image, enum ww_err *why)
{
    *why = WW_E_NO_MEMORY;
    if (image < 0 || !ww_preload_image_take(&p->image, image, why))
        return false;
    p->signer = checked->signer;
    p->expired = false;
    if (checked->unkept != 0)
        ww_log_warning("preload-not-kept", "folder", p->folder, "detail", strerror(checked->unkept), "done",
                       "it counts until the daemon is started again");
    return true;
}

/* What is kept was accepted once: what else than the list can have made this of it? */
static bool is_judged(struct preload *p, const struct ww_preload_checked *checked)
{
    if (checked->verdict == WW_PRELOAD_TAKE || checked->none)
        return true;
    switch ((int)checked->err) {
    case WW_E_NO_MEMORY:
    case WW_E_OPENPGP_HOME:
    case WW_E_OPENPGP_ENGINE:
        return false;
    case WW_E_PRELOAD_READ:
    case WW_E_PRELOAD_PROCESS:
    case WW_E_OPENPGP_KEY_FILE:
    case WW_E_OPENPGP_NONE:
    case WW_E_OPENPGP_FAILED:
        return ++p->doubts >= DOUBTS_MAX;
    default:
        return true;
    }
}

static void on_loaded(struct preload *p, const struct ww_preload_checked *checked, int image)
{
    enum ww_err err = checked->err;
    p->loaded = true;
    p->failures = 0;
    p->doubts = 0;
    if (checked->verdict == WW_PRELOAD_TAKE && take(p, checked, image, &err))
        log_list(p, p->folder);
    else {
        ww_preload_image_drop(&p->image);
        if (!checked->none)
            log_refused(p, p->folder, err, checked->detail);
    }
    tell_front(p);
    note_expiry(p);
}

static void answer_waiting(struct preload *p)
{
    struct ww_slice status = status_of(p);
    for (unsigned i = 0; i < p->waiting_count; i++)
        ww_asked_tell(p->asked, p->waiting[i], status, false);
    p->waiting_count = 0;
}

static void note_failure(struct preload *p, enum ww_err err, const char *detail)
{
    int64_t wait = p->loaded ? RETRY_SECONDS : KEPT_RETRY_SECONDS;
    int64_t most = p->loaded ? p->config->preload_refresh : RETRY_SECONDS;
    p->last.outcome = WW_PRELOAD_FAILED;
    p->last.err = err;
    (void)snprintf(p->last.detail, sizeof p->last.detail, "%s", detail);
    ww_stat_add(p->stats, WW_STAT_PRELOAD_ERRORS + (unsigned)err, 1);
    log_refused(p, p->loaded ? p->config->preload_source : p->folder, err, detail);
    for (unsigned i = 0; i < p->failures && wait < most; i++)
        wait *= 2;
    p->failures++;
    schedule(p, wait < most ? wait : most);
}

static void on_looked(struct preload *p, const struct ww_preload_checked *checked, int image)
{
    enum ww_err err = checked->err;
    bool fresh = checked->verdict == WW_PRELOAD_TAKE && take(p, checked, image, &err);
    p->last.looked = now();
    if (fresh || checked->verdict == WW_PRELOAD_SAME) {
        p->last.outcome = fresh ? WW_PRELOAD_NEW : WW_PRELOAD_UNCHANGED;
        p->last.err = WW_OK;
        p->last.detail[0] = '\0';
        p->failures = 0;
        ww_stat_set(p->stats, WW_STAT_PRELOAD_LOOKED, (uint64_t)p->last.looked);
        schedule(p, p->config->preload_refresh);
    } else {
        note_failure(p, err, checked->detail);
    }
    if (fresh) {
        log_list(p, p->config->preload_source);
        tell_front(p);
    }
    if (!p->again)
        answer_waiting(p);
}

/* A list that counts at the front does so until what is kept can be judged, and goes before older ones. */
static void on_ended(void *ctx, const struct ww_preload_checked *checked, int image)
{
    struct preload *p = ctx;
    p->update = NULL;
    if (p->loaded) {
        on_looked(p, checked, image);
    } else if (is_judged(p, checked)) {
        on_loaded(p, checked, image);
        p->again = true;
    } else {
        note_failure(p, checked->err, checked->detail);
        if (!p->again)
            answer_waiting(p);
    }
    if (p->again)
        begin(p);
}

/* At what is kept, first of all; then at the source. */
static void begin(struct preload *p)
{
    const struct ww_preload_look look = {
        .config = p->config,
        .folder = p->folder,
        .kept = !p->loaded,
        .before = p->image.fd >= 0 ? &p->image.list : NULL,
    };
    (void)event_del(p->look);
    p->again = false;
    p->update = ww_preload_update_begin(p->base, &look, on_ended, p);
    if (p->update != NULL)
        return;
    const struct ww_preload_checked failed = {.verdict = WW_PRELOAD_REFUSE, .err = WW_E_NO_MEMORY};
    on_ended(p, &failed, -1);
}

static void on_look(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct preload *p = arg;
    if (p->update == NULL)
        begin(p);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    note_expiry(arg);
}

static void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    struct preload *p = ctx;
    if (ask->what == WW_ASK_STATS) {
        ww_role_stats_tell(p->role_stats, p->asked, ref);
    } else if (ask->what == WW_ASK_PRELOAD) {
        ww_asked_tell(p->asked, ref, status_of(p), false);
    } else if (ask->what != WW_ASK_PRELOAD_UPDATE) {
        ww_asked_fail(p->asked, ref, WW_E_CONTROL_COMMAND);
    } else if (p->waiting_count == WAITING_MAX) {
        ww_asked_fail(p->asked, ref, WW_E_CONTROL_TIMEOUT);
    } else {
        p->waiting[p->waiting_count++] = ref;
        if (p->update == NULL)
            begin(p);
        else
            p->again = true; /* what is under way may have read what was there before */
    }
}

static void on_front(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    (void)ctx;
    (void)chan;
    (void)type;
    (void)payload;
    if (fd >= 0)
        (void)close(fd);
    ww_log_error("message-unknown", "from", "front");
}

static void on_front_down(void *ctx, struct ww_chan *chan)
{
    struct preload *p = ctx;
    ww_chan_free(chan);
    if (p->front == chan)
        p->front = NULL;
}

static void peer(void *state, const struct ww_msg_peer *m, int fd)
{
    static const struct ww_chan_handlers handlers = {.message = on_front, .down = on_front_down};
    struct preload *p = state;
    if (m->kind == WW_ROLE_CONTROL) {
        ww_asked_peer(p->asked, fd);
        return;
    }
    if (m->kind != WW_ROLE_FRONT) {
        (void)close(fd);
        return;
    }
    ww_chan_free(p->front);
    p->front = ww_chan_new(p->base, fd, &handlers, p);
    if (p->front == NULL)
        ww_log_error("no-memory", "for", "channel to the front");
    tell_front(p);
}

static void forget_settings(struct preload *p)
{
    for (unsigned i = 0; i < sizeof p->settings / sizeof *p->settings; i++) {
        free(p->settings[i]);
        p->settings[i] = NULL;
    }
}

/* True when they are others than before; so they are when memory is short. */
static bool note_settings(struct preload *p)
{
    const char *const settings[] = {p->config->preload_source, p->config->preload_signature,
                                    p->config->preload_key};
    bool same = true;
    for (unsigned i = 0; i < sizeof settings / sizeof *settings; i++)
        same =
            same && p->settings[i] != NULL && settings[i] != NULL && strcmp(p->settings[i], settings[i]) == 0;
    if (same)
        return false;
    forget_settings(p);
    for (unsigned i = 0; i < sizeof settings / sizeof *settings; i++)
        p->settings[i] = settings[i] != NULL ? strdup(settings[i]) : NULL;
    return true;
}

static void finish(void *state)
{
    struct preload *p = state;
    forget_settings(p);
    ww_preload_update_cancel(p->update);
    ww_preload_image_drop(&p->image);
    ww_asked_free(p->asked);
    ww_chan_free(p->front);
    if (p->look != NULL)
        event_free(p->look);
    if (p->tick != NULL)
        event_free(p->tick);
    free(p->folder);
    free(p);
}

static void *start(const struct ww_role_env *env)
{
    const struct timeval tick = {.tv_sec = TICK_SECONDS};
    struct preload *p = calloc(1, sizeof *p);
    if (p == NULL) {
        ww_log_error("no-memory");
        return NULL;
    }
    p->base = env->base;
    p->config = env->config;
    p->role_stats = env->stats;
    p->stats = &env->stats->stats;
    p->image = WW_PRELOAD_NO_IMAGE;
    p->folder = ww_preload_folder(env->config);
    p->asked = ww_asked_new(env->base, on_asked, p);
    p->look = evtimer_new(env->base, on_look, p);
    p->tick = event_new(env->base, -1, EV_PERSIST, on_tick, p);
    if (p->folder != NULL && p->asked != NULL && p->look != NULL && p->tick != NULL &&
        event_add(p->tick, &tick) == 0) {
        if (!ww_openpgp_ready())
            ww_log_error("preload-no-gpg", "detail", ww_err_message(WW_E_OPENPGP_ENGINE), "advice",
                         "install GnuPG: no list counts without it");
        return p;
    }
    ww_log_error("no-memory");
    finish(p);
    return NULL;
}

static bool confined(void *state)
{
    struct preload *p = state;
    ww_preload_keep_sweep(p->folder);
    (void)note_settings(p);
    begin(p);
    return true;
}

/* By another key, or for another source, what is kept is judged anew. What a look has borrowed is gone. */
static void reload(void *state)
{
    struct preload *p = state;
    bool busy = p->update != NULL;
    ww_preload_update_cancel(p->update);
    p->update = NULL;
    if (p->config->preload_source == NULL) {
        (void)event_del(p->look); /* it is about to be told to end */
    } else if (note_settings(p)) {
        p->loaded = false;
        p->failures = 0;
        p->doubts = 0;
        begin(p);
    } else if (busy) {
        begin(p);
    } else if (p->last.next > now() + p->config->preload_refresh) {
        schedule(p, p->config->preload_refresh);
    }
}

static void stop(void *state)
{
    struct preload *p = state;
    event_base_loopexit(p->base, NULL);
}

const struct ww_role ww_role_preload = {
    .kind = WW_ROLE_PRELOAD,
    .rights = WW_MAY_RUN | WW_MAY_CONNECT,
    .start = start,
    .confined = confined,
    .peer = peer,
    .reload = reload,
    .stop = stop,
    .finish = finish,
};
