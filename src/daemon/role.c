#include "daemon/role.h"

#include "daemon/config_text.h"
#include "daemon/log_timer.h"
#include "daemon/preload_keep.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

struct process {
    const struct ww_role *role;
    struct ww_config *config;
    struct ww_config *first; /* what it was when the role was started, once that has changed */
    struct event_base *base;
    struct event *log_timer;
    struct ww_chan *supervisor;
    void *state;
    struct ww_role_stats stats;
    char name[WW_ROLE_NAME_SIZE];
};

static void on_peer(struct process *p, struct ww_slice payload, int fd)
{
    struct ww_msg_peer peer;
    if (fd >= 0 && ww_msg_get_peer(payload, &peer) == WW_OK) {
        p->role->peer(p->state, &peer, fd);
        return;
    }
    ww_log_error("message-malformed", "from", "supervisor");
    if (fd >= 0)
        close(fd);
}

static void on_listener(struct process *p, struct ww_slice payload, int fd)
{
    struct ww_msg_listener listener;
    if (fd >= 0 && p->role->listener != NULL && ww_msg_get_listener(payload, &listener) == WW_OK) {
        p->role->listener(p->state, &listener, fd);
        return;
    }
    ww_log_error("message-malformed", "from", "supervisor");
    if (fd >= 0)
        close(fd);
}

static void on_listener_gone(struct process *p, struct ww_slice payload)
{
    struct ww_msg_listener listener;
    if (p->role->listener_gone != NULL && ww_msg_get_listener(payload, &listener) == WW_OK)
        p->role->listener_gone(p->state, &listener);
}

static void on_roles(struct process *p, struct ww_slice payload)
{
    struct ww_msg_roles roles;
    if (p->role->roles != NULL && ww_msg_get_roles(payload, &roles) == WW_OK)
        p->role->roles(p->state, &roles);
}

static struct ww_config *read_config(int fd)
{
    struct ww_config_text text = {NULL, 0};
    struct ww_config *config = NULL;
    char detail[1024] = "it cannot be read";
    if (ww_config_text_add_sealed(&text, fd))
        config = ww_config_parse("waxwing.conf", text.p, text.n, detail, sizeof detail);
    ww_config_text_free(&text);
    if (config == NULL)
        ww_log_error("config-unreadable", "detail", detail);
    return config;
}

static void on_reload(struct process *p, int fd)
{
    struct ww_config *next = read_config(fd);
    if (next == NULL)
        return;
    ww_log_open(p->name, next->log_level, next->log_format);
    if (p->role->reload != NULL) {
        struct ww_config old = *p->config;
        *p->config = *next;
        *next = old;
        p->role->reload(p->state);
    }
    /* What a role opened when it was started may point into that for ever. */
    if (p->role->reload != NULL && p->first == NULL)
        p->first = next;
    else
        ww_config_free(next);
}

static void on_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    (void)chan;
    struct process *p = ctx;
    if (type == WW_MSG_PEER) {
        on_peer(p, payload, fd);
        return;
    }
    if (type == WW_MSG_LISTENER) {
        on_listener(p, payload, fd);
        return;
    }
    if (type == WW_MSG_ANCHOR_SEED && p->role->anchor_seed != NULL) {
        p->role->anchor_seed(p->state, payload, fd);
        return;
    }
    if (type == WW_MSG_JOURNAL && p->role->journal != NULL && fd >= 0) {
        p->role->journal(p->state, fd);
        return;
    }
    if (type == WW_MSG_RELOAD)
        on_reload(p, fd);
    if (fd >= 0)
        close(fd);
    if (type == WW_MSG_RELOAD || type == WW_MSG_ANCHOR_SEED)
        return;
    if (type == WW_MSG_LISTENER_GONE)
        on_listener_gone(p, payload);
    else if (type == WW_MSG_ROLES)
        on_roles(p, payload);
    else if (type == WW_MSG_STOP)
        p->role->stop(p->state);
    else
        ww_log_error("message-unknown", "from", "supervisor");
}

/* Nobody is left to serve for. */
static void on_down(void *ctx, struct ww_chan *chan)
{
    struct process *p = ctx;
    ww_chan_free(chan);
    p->supervisor = NULL;
    p->role->stop(p->state);
}

static void set_name(struct process *p, unsigned index)
{
    char title[48]; /* the system keeps the first 15 characters */
    ww_role_name(p->role->kind, index, p->name);
    snprintf(title, sizeof title, "waxwing:%s", p->name);
    (void)prctl(PR_SET_NAME, title, 0, 0, 0);
}

static struct event_base *new_base(void)
{
    struct event_config *how = event_config_new();
    struct event_base *base = NULL;
    if (how != NULL && event_config_set_flag(how, EVENT_BASE_FLAG_IGNORE_ENV) == 0)
        base = event_base_new_with_config(how);
    if (how != NULL)
        event_config_free(how);
    return base;
}

static bool has_folder(const struct process *p)
{
    return (p->role->rights & (WW_MAY_FILES | WW_MAY_READ)) != 0 || p->role->kind == WW_ROLE_PRELOAD ||
           p->role->kind == WW_ROLE_CLERK;
}

/* Where its files are, for the caller to free. NULL: memory is short. */
static char *folder_of(const struct process *p)
{
    if (p->role->kind == WW_ROLE_PRELOAD)
        return ww_preload_folder(p->config);
    if (p->role->kind == WW_ROLE_PUBLISHER || p->role->kind == WW_ROLE_CLERK)
        return strdup(p->config->publish_folder);
    const char *slash = strrchr(p->config->store, '/');
    return strndup(p->config->store, slash == p->config->store ? 1 : (size_t)(slash - p->config->store));
}

static bool confine(struct process *p)
{
    if (!p->config->confine)
        return true;
    char user[WW_USER_SIZE], detail[256];
    char *folder = has_folder(p) ? folder_of(p) : NULL;
    if (folder == NULL && has_folder(p)) {
        ww_log_error("no-memory");
        return false;
    }
    (void)ww_role_user(p->config, p->role->kind, user);
    const struct ww_confine how = {
        .rights = p->role->rights,
        .user = user,
        .directory = folder,
        .also = p->role->kind == WW_ROLE_CLERK ? p->config->publish_tree : NULL,
    };
    bool partial;
    enum ww_err err = ww_confine(&how, &partial, detail, sizeof detail);
    free(folder);
    if (err != WW_OK)
        ww_log_error("confine-failed", "detail", detail);
    else if (partial)
        ww_log_warning("confine-partial", "detail", detail);
    return err == WW_OK;
}

static void tell(void *process, enum ww_msg_type type)
{
    struct process *p = process;
    if (p->supervisor != NULL && ww_chan_send(p->supervisor, (uint16_t)type, ww_slice("", 0), -1) != WW_OK)
        ww_log_debug("not-told", "name", "supervisor");
}

static bool start(struct process *p, unsigned index, int channel)
{
    static const struct ww_chan_handlers handlers = {.message = on_message, .down = on_down};
    p->base = new_base();
    p->log_timer = p->base == NULL ? NULL : ww_log_timer_new(p->base);
    p->supervisor = p->base == NULL ? NULL : ww_chan_new(p->base, channel, &handlers, p);
    if (p->supervisor == NULL || p->log_timer == NULL) {
        ww_log_error("start-failed", "detail", ww_err_message(WW_E_NO_MEMORY));
        return false;
    }
    const struct ww_role_env env = {
        .base = p->base, .config = p->config, .index = index, .stats = &p->stats, .tell = tell, .process = p};
    p->state = p->role->start(&env);
    if (p->state == NULL) {
        ww_log_error("start-failed");
        return false;
    }
    if (!confine(p))
        return false;
    if (p->role->confined != NULL && !p->role->confined(p->state)) {
        ww_log_error("start-failed");
        return false;
    }
    return ww_chan_send(p->supervisor, WW_MSG_READY, ww_slice("", 0), -1) == WW_OK;
}

int ww_role_main(const struct ww_role *role, unsigned index, int channel, int config)
{
    struct process p = {.role = role};
    set_name(&p, index);
    ww_log_open(p.name, WW_LOG_INFO, WW_LOG_AUTO);
    /*
     * The supervisor alone is stopped by signals; a terminal sends them to the whole group. Should the
     * supervisor be killed, nothing of it may stay behind with its listeners.
     */
    const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);

    ww_role_stats_open(&p.stats);
    p.config = read_config(config);
    bool good = p.config != NULL;
    close(config);
    if (good) {
        ww_log_open(p.name, p.config->log_level, p.config->log_format);
        good = start(&p, index, channel);
    } else {
        close(channel);
    }
    if (good)
        good = event_base_dispatch(p.base) >= 0;
    if (p.state != NULL)
        role->finish(p.state);
    ww_chan_free(p.supervisor);
    if (p.log_timer != NULL)
        event_free(p.log_timer);
    if (p.base != NULL)
        event_base_free(p.base);
    ww_role_stats_close(&p.stats);
    ww_config_free(p.config);
    ww_config_free(p.first);
    ww_log_flush(true);
    libevent_global_shutdown();
    return good ? 0 : 1;
}
