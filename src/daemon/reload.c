#include "daemon/reload.h"

#include "daemon/log.h"
#include "daemon/preload_keep.h"
#include "daemon/publish_folder.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define FAILED_DONE "everything stays as it was"

static void on_fixed(const char *setting)
{
    ww_log_warning("restart-needed", "setting", setting, "done", "it keeps its value until then");
}

static void log_errors(char *detail)
{
    char *rest = detail;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;)
        ww_log_error("reload-failed", "detail", line, "done", FAILED_DONE);
}

static void forget_next(struct ww_reload *r)
{
    if (r->next == NULL)
        return;
    ww_listeners_cancel(&r->next_listeners);
    ww_config_free(r->next);
    close(r->next_fd);
    r->next = NULL;
}

static void finish(struct ww_reload *r)
{
    bool again = r->again;
    bool renew = r->renew;
    r->running = r->again = r->renew = false;
    r->stale = r->stale || (again && renew); /* that one replaces them then */
    if (again)
        ww_reload_begin(r);
    else if (renew)
        ww_reload_resolvers(r);
    else
        r->done(r->ctx);
}

static void fail(struct ww_reload *r)
{
    forget_next(r);
    finish(r);
}

static bool load(struct ww_reload *r)
{
    struct ww_config_text text = {NULL, 0};
    char detail[4096];
    r->next = ww_config_reload(r->source, r->config, &text, on_fixed, detail, sizeof detail);
    if (r->next == NULL) {
        log_errors(detail);
        ww_config_text_free(&text);
        return false;
    }
    r->next_fd = ww_config_text_seal(&text);
    int saved = errno;
    ww_config_text_free(&text);
    bool folder = (r->next->preload_source == NULL || ww_preload_folder_make(r->next)) &&
                  (!r->next->publish || ww_publish_folder_make(r->next));
    if (r->next_fd >= 0 && folder && ww_listeners_prepare(&r->next_listeners, r->next, r->listeners))
        return true;
    const char *why = folder ? "a listener cannot be opened" : "a folder cannot be made";
    ww_log_error("reload-failed", "detail", r->next_fd < 0 ? strerror(saved) : why, "done", FAILED_DONE);
    if (r->next_fd >= 0)
        close(r->next_fd);
    ww_config_free(r->next);
    r->next = NULL;
    return false;
}

static void swap_listeners(struct ww_reload *r)
{
    const struct ww_listeners *now = r->listeners, *next = &r->next_listeners;
    for (size_t i = 0; i < now->count; i++) {
        if (ww_listeners_find(next, now->items[i].name) == NULL)
            ww_crew_listener_gone(r->crew, &now->items[i]);
    }
    for (size_t i = 0; i < next->count; i++) {
        if (!next->items[i].kept)
            ww_crew_listener(r->crew, &next->items[i]);
    }
    ww_listeners_replace(r->listeners, &r->next_listeners);
}

static void put_in_force(struct ww_reload *r)
{
    struct ww_config *old = r->config;
    int old_fd = r->config_fd;
    struct ww_intake_files intake;
    /* Before it is started, as those of the resolvers. */
    ww_intake_files_look(&intake, r->next);
    bool anew = !ww_intake_inputs_same(&r->intake, &intake, old, r->next);
    r->intake = intake;
    r->config = r->next;
    r->config_fd = r->next_fd;
    r->files = r->next_files;
    r->next = NULL;
    swap_listeners(r);
    ww_log_open("supervisor", r->config->log_level, r->config->log_format);
    ww_crew_reload(r->crew, r->config, r->config_fd);
    if (anew)
        ww_crew_begin_intake_anew(r->crew);
    ww_config_free(old);
    close(old_fd);
}

static void succeed(struct ww_reload *r)
{
    ww_log_info("reloaded");
    finish(r);
}

static bool resolvers_may_stay(struct ww_reload *r)
{
    /* Before they are read: what changes meanwhile counts as a change the next time. */
    ww_resolver_files_look(&r->next_files, r->next);
    return !r->stale && ww_resolver_settings_same(r->config, r->next) &&
           ww_resolver_files_same(&r->files, &r->next_files);
}

void ww_reload_begin(struct ww_reload *r)
{
    if (r->running) {
        r->again = true;
        return;
    }
    ww_log_info("reload");
    r->running = true;
    r->resolver = 0;
    if (!load(r)) {
        finish(r);
    } else if (resolvers_may_stay(r)) {
        put_in_force(r);
        succeed(r);
    } else if (!ww_crew_renew(r->crew, 0, r->next_fd)) {
        fail(r);
    }
}

void ww_reload_resolvers(struct ww_reload *r)
{
    if (r->running) {
        r->renew = true;
        return;
    }
    r->running = true;
    r->resolver = 0;
    if (ww_crew_renew(r->crew, 0, r->config_fd))
        return;
    ww_log_error("renew-failed", "done", "the resolvers go on as they are");
    r->stale = true;
    finish(r);
}

void ww_reload_renewed(struct ww_reload *r, bool good)
{
    if (!good && r->next != NULL) {
        ww_log_error("reload-failed", "detail",
                     "a resolver could not start with it; what it has said stands above", "done",
                     FAILED_DONE);
        fail(r);
        return;
    }
    if (r->next != NULL)
        put_in_force(r);
    /* One that fails where the first did well has found no memory or the like. */
    if (!good ||
        (++r->resolver < r->config->resolvers && !ww_crew_renew(r->crew, r->resolver, r->config_fd))) {
        ww_log_error("renew-failed", "done",
                     "some resolvers go on with the configuration of before, or its trust anchors");
        r->stale = true;
        finish(r);
    } else if (r->resolver == r->config->resolvers) {
        r->stale = false;
        ww_crew_begin_anew(r->crew);
        succeed(r);
    }
}

void ww_reload_clear(struct ww_reload *r)
{
    forget_next(r);
    ww_config_free(r->config);
    close(r->config_fd);
}
