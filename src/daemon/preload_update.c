#include "daemon/preload_update.h"

#include "codec/preload_json.h"
#include "daemon/job.h"
#include "daemon/preload_fetch.h"
#include "daemon/role.h"
#include "daemon/settings.h"
#include "proc/confine.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* GnuPG takes a tenth of a second, and the largest list a few. */
#define CHECK_MS 60000u

_Static_assert(sizeof(struct ww_preload_checked) <= PIPE_BUF && sizeof(struct ww_preload_fetched) <= PIPE_BUF,
               "a job's result is written whole");

struct ww_preload_update {
    struct event_base *base;
    struct ww_job *job;
    struct ww_preload_fetch fetch;
    struct ww_preload_task task;
    ww_preload_update_cb *cb;
    void *ctx;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

void ww_preload_update_cancel(struct ww_preload_update *update)
{
    if (update == NULL)
        return;
    ww_job_cancel(update->job);
    close_fd(&update->task.fds[0]);
    close_fd(&update->task.fds[1]);
    close_fd(&update->task.image);
    free(update);
}

static void end(struct ww_preload_update *u, const struct ww_preload_checked *checked)
{
    ww_preload_update_cb *cb = u->cb;
    void *ctx = u->ctx;
    int image = -1;
    if (checked->verdict == WW_PRELOAD_TAKE &&
        fcntl(u->task.image, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0) {
        image = u->task.image;
        u->task.image = -1;
    }
    u->job = NULL;
    ww_preload_update_cancel(u);
    cb(ctx, checked, image);
}

static void fail(struct ww_preload_update *u, enum ww_err err, const char *detail)
{
    struct ww_preload_checked checked = {.verdict = WW_PRELOAD_REFUSE, .err = err};
    (void)snprintf(checked.detail, sizeof checked.detail, "%s", detail);
    end(u, &checked);
}

static void on_checked(void *ctx, const void *result)
{
    struct ww_preload_update *u = ctx;
    if (result != NULL)
        end(u, result);
    else
        fail(u, WW_E_PRELOAD_PROCESS, "while it checked the list");
}

/* GnuPG reads what strangers wrote, and needs to talk to nobody for it. */
static bool give_up(const struct ww_preload_update *u, char *detail, size_t size)
{
    const struct ww_config *c = u->fetch.config;
    char user[WW_USER_SIZE];
    bool partial;
    (void)ww_role_user(c, WW_ROLE_PRELOAD, user);
    const struct ww_confine how = {.rights = WW_MAY_RUN, .user = user, .directory = u->task.folder};
    return !c->confine || ww_confine(&how, &partial, detail, size) == WW_OK;
}

static void check(void *ctx, void *result)
{
    const struct ww_preload_update *u = ctx;
    struct ww_preload_checked *checked = result;
    if (give_up(u, checked->detail, sizeof checked->detail)) {
        checked->detail[0] = '\0';
        ww_preload_check(&u->task, checked);
        return;
    }
    checked->verdict = WW_PRELOAD_REFUSE;
    checked->err = WW_E_PRELOAD_PROCESS;
}

static bool begin_check(struct ww_preload_update *u)
{
    const int keep[] = {u->task.fds[0], u->task.fds[1], u->task.image};
    const struct ww_job_what what = {
        .run = check,
        .run_ctx = u,
        .result_size = sizeof(struct ww_preload_checked),
        .keep = keep,
        .keep_count = sizeof keep / sizeof *keep,
        .deadline_ms = CHECK_MS,
        .done = on_checked,
        .done_ctx = u,
    };
    u->task.now = (int64_t)time(NULL);
    u->job = ww_job_begin(u->base, &what);
    return u->job != NULL;
}

static void on_fetched(void *ctx, const void *result)
{
    struct ww_preload_update *u = ctx;
    const struct ww_preload_fetched *fetched = result;
    u->job = NULL;
    if (fetched == NULL)
        fail(u, WW_E_PRELOAD_PROCESS, "while it fetched the list");
    else if (fetched->err != WW_OK)
        fail(u, fetched->err, fetched->detail);
    else if (!begin_check(u))
        fail(u, WW_E_NO_MEMORY, "");
}

static void fetch(void *ctx, void *result)
{
    ww_preload_fetch(ctx, result);
}

static bool begin_fetch(struct ww_preload_update *u)
{
    const struct ww_job_what what = {
        .run = fetch,
        .run_ctx = &u->fetch,
        .result_size = sizeof(struct ww_preload_fetched),
        .keep = u->task.fds,
        .keep_count = 2,
        .deadline_ms = WW_PRELOAD_FETCH_MS,
        .done = on_fetched,
        .done_ctx = u,
    };
    u->job = ww_job_begin(u->base, &what);
    return u->job != NULL;
}

static int memory_file(const char *name)
{
    return memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

static bool open_files(struct ww_preload_update *u, const struct ww_preload_look *look)
{
    const char *const sources[] = {look->config->preload_source, look->config->preload_signature};
    u->task.image = memory_file("preload-image");
    bool good = u->task.image >= 0;
    for (unsigned i = 0; !look->kept && i < 2; i++) {
        u->task.paths[i] = sources[i];
        if (!ww_setting_is_url(sources[i]))
            continue;
        u->fetch.urls[i] = sources[i];
        u->fetch.fds[i] = u->task.fds[i] = memory_file("preload-source");
        good = good && u->task.fds[i] >= 0;
    }
    return good;
}

struct ww_preload_update *ww_preload_update_begin(struct event_base *base, const struct ww_preload_look *look,
                                                  ww_preload_update_cb *cb, void *ctx)
{
    struct ww_preload_update *u = calloc(1, sizeof *u);
    if (u == NULL)
        return NULL;
    *u = (struct ww_preload_update){
        .base = base,
        .fetch = {.config = look->config, .most = {WW_PRELOAD_JSON_MAX, WW_OPENPGP_SIGNATURE_MAX}},
        .task = {.fds = {-1, -1},
                 .key = look->config->preload_key,
                 .folder = look->folder,
                 .kept = look->kept,
                 .before = look->before,
                 .image = -1},
        .cb = cb,
        .ctx = ctx,
    };
    if (open_files(u, look) &&
        (u->fetch.urls[0] != NULL || u->fetch.urls[1] != NULL ? begin_fetch(u) : begin_check(u)))
        return u;
    ww_preload_update_cancel(u);
    return NULL;
}
