#include "daemon/supervisor.h"

#include "daemon/activation.h"
#include "daemon/crew.h"
#include "daemon/datagram_queue.h"
#include "daemon/log.h"
#include "daemon/log_timer.h"
#include "daemon/notify.h"
#include "daemon/preload_keep.h"
#include "daemon/publish_folder.h"
#include "daemon/reload.h"
#include "daemon/store_folder.h"

#include <event2/event.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STOP_DEADLINE 5 /* seconds */

enum { SIGNALS = 4 };

struct supervisor {
    struct ww_crew crew;
    struct ww_activation inherited;
    struct ww_listeners listeners;
    struct ww_reload reload;
    struct event_base *base;
    struct event *signals[SIGNALS];
    struct event *deadline;
    struct event *log_timer;
    struct event *watchdog; /* NULL without one */
    struct ww_notify notify;
    bool ready; /* was, once */
    bool stopping;
    bool keeper_told;
    int status;
};

static void go_on_stopping(struct supervisor *s)
{
    if (ww_crew_living(&s->crew, true) == 0) {
        event_base_loopexit(s->base, NULL);
    } else if (!s->keeper_told && ww_crew_living(&s->crew, false) == 0) {
        s->keeper_told = true;
        ww_crew_stop_keeper(&s->crew);
    }
}

static void stop(struct supervisor *s, int status)
{
    struct timeval deadline = {.tv_sec = STOP_DEADLINE};
    s->stopping = true;
    s->status = status;
    (void)event_add(s->deadline, &deadline);
    ww_notify_send(&s->notify, "STOPPING=1\nSTATUS=Stopping");
    ww_listeners_refuse(&s->listeners);
    ww_crew_stop(&s->crew);
    go_on_stopping(s);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct supervisor *s = arg;
    ww_log_warning("stop-forced");
    ww_crew_kill(&s->crew);
}

static void on_stop_signal(evutil_socket_t number, short what, void *arg)
{
    (void)what;
    struct supervisor *s = arg;
    if (s->stopping) { /* somebody is in a hurry */
        ww_crew_kill(&s->crew);
        return;
    }
    ww_log_info("stop", "signal", sigabbrev_np(number));
    stop(s, 0);
}

static void on_hangup(evutil_socket_t number, short what, void *arg)
{
    (void)number;
    (void)what;
    struct supervisor *s = arg;
    struct timespec t;
    char lines[96];
    if (s->stopping)
        return;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    snprintf(lines, sizeof lines, "RELOADING=1\nMONOTONIC_USEC=%" PRId64 "\nSTATUS=Reloading",
             (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000);
    if (s->ready)
        ww_notify_send(&s->notify, lines);
    ww_reload_begin(&s->reload);
}

static void on_child_signal(evutil_socket_t number, short what, void *arg)
{
    (void)number;
    (void)what;
    struct supervisor *s = arg;
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (!ww_crew_ended(&s->crew, pid, status) && !s->stopping) {
            ww_log_error("start-failed", "detail", "a role could not start; what it has said stands above");
            stop(s, 1);
        }
    }
    if (s->stopping)
        go_on_stopping(s);
}

static void on_change(void *ctx)
{
    struct supervisor *s = ctx;
    char lines[64];
    const char *missing = ww_crew_missing(&s->crew);
    if (missing != NULL) {
        snprintf(lines, sizeof lines, "STATUS=Waiting for %s", missing);
        ww_notify_send(&s->notify, lines);
        return;
    }
    if (!s->ready)
        ww_log_info("ready");
    ww_notify_send(&s->notify, s->ready ? "STATUS=Running" : "READY=1\nSTATUS=Running");
    s->ready = true;
}

static void on_renewed(void *ctx, bool good)
{
    struct supervisor *s = ctx;
    ww_reload_renewed(&s->reload, good);
}

static void on_anchors_changed(void *ctx)
{
    struct supervisor *s = ctx;
    ww_log_info("anchors-replaced", "done", "the resolvers are replaced, one after the other");
    ww_reload_resolvers(&s->reload);
}

static void on_reloaded(void *ctx)
{
    struct supervisor *s = ctx;
    if (s->ready)
        ww_notify_send(&s->notify, "READY=1");
    on_change(s);
}

/* Silent while a role is missing: one that comes back at once is not missed by the watchdog. */
static void on_watchdog(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct supervisor *s = arg;
    if (ww_crew_missing(&s->crew) == NULL || s->stopping)
        ww_notify_send(&s->notify, "WATCHDOG=1");
}

static bool start_watchdog(struct supervisor *s)
{
    int64_t ms = s->notify.watchdog_ms / 2;
    const struct timeval half = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    if (ms == 0)
        return true;
    s->watchdog = event_new(s->base, -1, EV_PERSIST, on_watchdog, s);
    return s->watchdog != NULL && event_add(s->watchdog, &half) == 0;
}

static bool catch_signals(struct supervisor *s)
{
    static const struct {
        int number;
        event_callback_fn cb;
    } caught[SIGNALS] = {
        {SIGCHLD, on_child_signal},
        {SIGTERM, on_stop_signal},
        {SIGINT, on_stop_signal},
        {SIGHUP, on_hangup},
    };
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < SIGNALS; i++) {
        s->signals[i] = evsignal_new(s->base, caught[i].number, caught[i].cb, s);
        if (s->signals[i] == NULL || event_add(s->signals[i], NULL) != 0)
            return false;
    }
    s->deadline = event_new(s->base, -1, 0, on_deadline, s);
    s->log_timer = ww_log_timer_new(s->base);
    return s->deadline != NULL && s->log_timer != NULL;
}

static bool check_users(const struct ww_config *config)
{
    char user[WW_USER_SIZE];
    bool good = true;
    if (geteuid() != 0 || !config->confine)
        return true;
    for (unsigned kind = WW_ROLE_SUPERVISOR + 1; good && kind < WW_ROLE_COUNT; kind++)
        good = ww_role_user(config, (enum ww_role_kind)kind, user);
    if (!good)
        ww_log_error(
            "no-user", "user", user, "detail",
            "started as root, the roles become this user: make it with useradd --system --user-group, "
            "or set user");
    return good;
}

static void log_start(const struct supervisor *s)
{
    char where[512] = "", resolvers[16];
    size_t n = 0;
    for (size_t i = 0; i < s->listeners.count && n < sizeof where; i++)
        n += (size_t)snprintf(where + n, sizeof where - n, "%s%s", i > 0 ? " " : "",
                              s->listeners.items[i].name);
    snprintf(resolvers, sizeof resolvers, "%u", s->crew.config->resolvers);
    ww_log_info("start", "version", WW_VERSION, "listen", where, "store", s->crew.config->store, "resolvers",
                resolvers);
    if (!s->crew.config->confine)
        ww_log_warning("not-confined", "detail",
                       "confine is false: the roles keep all rights of who started this");
}

/* Where it is too short, Postfix's results are lost in a burst, and only Postfix knows. */
static void check_queue(const struct ww_config *config)
{
    char length[16];
    unsigned queue = ww_datagram_queue();
    if (!config->collect || queue == 0 || queue >= WW_DATAGRAM_QUEUE_WANTED)
        return;
    snprintf(length, sizeof length, "%u", queue);
    ww_log_warning("queue-short", "length", length, "detail",
                   "the socket for TLS results holds so many: bursts of them are lost", "advice",
                   WW_DATAGRAM_QUEUE_COMMAND ", and start the daemon again");
}

static bool prepare(struct supervisor *s)
{
    const struct ww_config *config = s->crew.config;
    if (!check_users(config) || !ww_store_folder_make(config) ||
        (config->preload_source != NULL && !ww_preload_folder_make(config)) ||
        (config->publish && !ww_publish_folder_make(config)) ||
        !ww_listeners_open(&s->listeners, config, &s->inherited))
        return false;
    check_queue(config);
    ww_activation_close_unused(&s->inherited);
    s->base = event_base_new();
    s->crew.base = s->base;
    if (s->base != NULL && catch_signals(s) && ww_notify_loop(&s->notify, s->base) && start_watchdog(s) &&
        ww_crew_init(&s->crew))
        return true;
    ww_log_error("start-failed", "detail", ww_err_message(WW_E_NO_MEMORY));
    return false;
}

static void clean_up(struct supervisor *s)
{
    ww_crew_clear(&s->crew);
    for (size_t i = 0; i < SIGNALS; i++) {
        if (s->signals[i] != NULL)
            event_free(s->signals[i]);
    }
    if (s->deadline != NULL)
        event_free(s->deadline);
    if (s->log_timer != NULL)
        event_free(s->log_timer);
    if (s->watchdog != NULL)
        event_free(s->watchdog);
    ww_listeners_close(&s->listeners); /* their names are the configuration's */
    ww_activation_close(&s->inherited);
    ww_reload_clear(&s->reload);
    ww_notify_close(&s->notify);
    if (s->base != NULL)
        event_base_free(s->base);
}

int ww_supervise(const struct ww_config_source *source, struct ww_config *config, int config_fd)
{
    struct supervisor s = {.status = 1};
    s.crew = (struct ww_crew){
        .config = config,
        .config_fd = config_fd,
        .listeners = &s.listeners,
        .since = (int64_t)time(NULL),
        .changed = on_change,
        .renewed = on_renewed,
        .anchors_changed = on_anchors_changed,
        .ctx = &s,
    };
    s.reload = (struct ww_reload){
        .source = source,
        .crew = &s.crew,
        .listeners = &s.listeners,
        .config = config,
        .config_fd = config_fd,
        .done = on_reloaded,
        .ctx = &s,
    };
    ww_resolver_files_look(&s.reload.files, config);
    ww_intake_files_look(&s.reload.intake, config);
    ww_activation_open(&s.inherited);
    ww_notify_open(&s.notify);
    if (prepare(&s)) {
        log_start(&s);
        ww_crew_start(&s.crew);
        (void)event_base_dispatch(s.base);
        ww_log_info("stopped");
    }
    clean_up(&s);
    ww_log_flush(true);
    libevent_global_shutdown();
    return s.status;
}
