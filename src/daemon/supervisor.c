#include "daemon/supervisor.h"

#include "daemon/child.h"
#include "daemon/listeners.h"
#include "daemon/log.h"
#include "daemon/role.h"
#include "daemon/store_folder.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BACKOFF_FIRST 100 /* milliseconds; the first start after a death waits for nothing */
#define BACKOFF_MAX 800
#define STEADY 2000 /* who has lived so long starts with a clean slate */
#define LINGER 1000 /* from the end of a channel to the end of its process */
#define STOP_DEADLINE 5000

struct supervisor;

struct child {
    struct supervisor *supervisor;
    enum ww_role_kind kind;
    uint16_t index;
    char name[32];
    pid_t pid; /* 0: dead */
    struct ww_chan *chan;
    struct event *timer; /* dead: start it again; its channel is down: kill it */
    int64_t started;
    unsigned deaths;
    bool ready;
    bool was_ready;
};

enum { SIGNALS = 4 };

struct supervisor {
    const struct ww_config *config;
    int config_fd;
    struct event_base *base;
    struct ww_listeners listeners;
    struct child *children;
    size_t count;
    struct event *signals[SIGNALS];
    struct event *deadline;
    bool announced;
    bool stopping;
    bool keeper_told;
    int status;
};

static int64_t milliseconds(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void set_timer(struct event *timer, unsigned ms)
{
    struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000};
    (void)event_add(timer, &tv);
}

static void start_child(struct child *c);

/* Channels between roles: front talks to each of the others. */

static uint16_t count_of(const struct supervisor *s, enum ww_role_kind kind)
{
    return kind == WW_ROLE_RESOLVER ? (uint16_t)s->config->resolvers : 1;
}

static bool send_peer(struct child *to, const struct child *peer, int fd)
{
    char bytes[16];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    struct ww_msg_peer m = {peer->kind, peer->index, count_of(to->supervisor, peer->kind)};
    ww_msg_put_peer(&b, &m);
    return !b.failed && ww_chan_send(to->chan, WW_MSG_PEER, ww_slice(b.p, b.n), fd) == WW_OK;
}

static void join(struct child *a, struct child *b)
{
    bool wanted = (a->kind == WW_ROLE_FRONT) != (b->kind == WW_ROLE_FRONT);
    if (!wanted || a->chan == NULL || b->chan == NULL)
        return;
    int ends[2];
    if (ww_chan_pair(ends) != WW_OK) {
        ww_log_error("join-failed", "detail", strerror(errno));
        return;
    }
    /* One of them may have died in this moment; it is joined again when it is started again. */
    if (!send_peer(a, b, ends[0]) || !send_peer(b, a, ends[1]))
        ww_log_debug("join-failed", "a", a->name, "b", b->name);
    close(ends[0]);
    close(ends[1]);
}

static void hand_listeners(struct child *front)
{
    const struct ww_listeners *l = &front->supervisor->listeners;
    for (size_t i = 0; i < l->count; i++) {
        char bytes[256];
        struct ww_msg_listener m;
        struct ww_buf b = ww_buf(bytes, sizeof bytes);
        snprintf(m.name, sizeof m.name, "%s", l->items[i].name);
        ww_msg_put_listener(&b, &m);
        if (ww_chan_send(front->chan, WW_MSG_LISTENER, ww_slice(b.p, b.n), l->items[i].fd) != WW_OK)
            ww_log_error("listener-lost", "listener", l->items[i].name);
    }
}

/* The life of a child */

static void announce(struct supervisor *s)
{
    for (size_t i = 0; i < s->count; i++) {
        if (!s->children[i].ready)
            return;
    }
    if (!s->announced)
        ww_log_info("ready");
    s->announced = true;
}

static void on_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    (void)chan;
    (void)payload;
    struct child *c = ctx;
    if (fd >= 0)
        close(fd);
    if (type != WW_MSG_READY) {
        ww_log_error("message-unknown", "from", c->name);
        return;
    }
    c->ready = true;
    if (c->was_ready)
        ww_log_info("role-back", "name", c->name);
    c->was_ready = true;
    announce(c->supervisor);
}

static void on_down(void *ctx, struct ww_chan *chan)
{
    struct child *c = ctx;
    ww_chan_free(chan);
    c->chan = NULL;
    if (c->pid > 0 && !c->supervisor->stopping)
        set_timer(c->timer, LINGER);
}

static void schedule(struct child *c)
{
    unsigned wait = 0;
    if (milliseconds() - c->started >= STEADY)
        c->deaths = 0;
    if (c->deaths > 0)
        wait = c->deaths > 3 ? BACKOFF_MAX : BACKOFF_FIRST << (c->deaths - 1);
    c->deaths++;
    set_timer(c->timer, wait);
}

static void start_child(struct child *c)
{
    static const struct ww_chan_handlers handlers = {.message = on_message, .down = on_down};
    struct supervisor *s = c->supervisor;
    int channel = -1;
    c->started = milliseconds();
    c->pid = ww_child_start(c->kind, c->index, s->config_fd, &channel);
    if (c->pid < 0) {
        c->pid = 0;
        ww_log_error("role-not-started", "name", c->name, "detail", strerror(errno));
        schedule(c);
        return;
    }
    c->chan = ww_chan_new(s->base, channel, &handlers, c);
    if (c->chan == NULL) { /* its channel is down, so it ends */
        ww_log_error("role-not-started", "name", c->name, "detail", ww_err_message(WW_E_NO_MEMORY));
        return;
    }
    for (size_t i = 0; i < s->count; i++)
        join(c, &s->children[i]);
    if (c->kind == WW_ROLE_FRONT)
        hand_listeners(c);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct child *c = arg;
    if (c->pid > 0)
        kill(c->pid, SIGKILL);
    else if (!c->supervisor->stopping)
        start_child(c);
}

/* The end */

static size_t living(const struct supervisor *s, bool keeper_too)
{
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++)
        n += s->children[i].pid > 0 && (keeper_too || s->children[i].kind != WW_ROLE_KEEPER);
    return n;
}

/* The keeper is told last, when nobody is left who could have something to keep. */
static void go_on_stopping(struct supervisor *s)
{
    if (living(s, true) == 0) {
        event_base_loopexit(s->base, NULL);
        return;
    }
    if (s->keeper_told || living(s, false) > 0)
        return;
    s->keeper_told = true;
    for (size_t i = 0; i < s->count; i++) {
        struct child *c = &s->children[i];
        if (c->kind == WW_ROLE_KEEPER && c->chan != NULL)
            (void)!ww_chan_send(c->chan, WW_MSG_STOP, ww_slice("", 0), -1);
    }
}

static void kill_all(struct supervisor *s)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->children[i].pid > 0)
            kill(s->children[i].pid, SIGKILL);
    }
}

static void stop(struct supervisor *s, int status)
{
    s->stopping = true;
    s->status = status;
    set_timer(s->deadline, STOP_DEADLINE);
    for (size_t i = 0; i < s->count; i++) {
        struct child *c = &s->children[i];
        event_del(c->timer);
        if (c->kind != WW_ROLE_KEEPER && c->chan != NULL)
            (void)!ww_chan_send(c->chan, WW_MSG_STOP, ww_slice("", 0), -1);
    }
    go_on_stopping(s);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    ww_log_warning("stop-forced");
    kill_all(arg);
}

static void on_stop_signal(evutil_socket_t number, short what, void *arg)
{
    (void)what;
    struct supervisor *s = arg;
    if (s->stopping) { /* somebody is in a hurry */
        kill_all(s);
        return;
    }
    ww_log_info("stop", "signal", sigabbrev_np(number));
    stop(s, 0);
}

static void on_death(struct child *c, int status)
{
    struct supervisor *s = c->supervisor;
    char end[WW_CHILD_END_SIZE];
    ww_child_end(status, end);
    c->pid = 0;
    c->ready = false;
    ww_chan_free(c->chan);
    c->chan = NULL;
    if (s->stopping) {
        if (status != 0)
            ww_log_warning("role-ended", "name", c->name, "status", end);
        go_on_stopping(s);
        return;
    }
    ww_log_error("role-died", "name", c->name, "status", end);
    /* Who gives up by himself before he was ever ready will not fare better next time. */
    if (!c->was_ready && WIFEXITED(status)) {
        ww_log_error("start-failed", "name", c->name);
        stop(s, 1);
        return;
    }
    schedule(c);
}

static void on_child_signal(evutil_socket_t number, short what, void *arg)
{
    (void)number;
    (void)what;
    struct supervisor *s = arg;
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        for (size_t i = 0; i < s->count; i++) {
            if (s->children[i].pid == pid)
                on_death(&s->children[i], status);
        }
    }
}

/* The start */

static bool add_child(struct supervisor *s, enum ww_role_kind kind, uint16_t index)
{
    struct child *c = &s->children[s->count];
    c->supervisor = s;
    c->kind = kind;
    c->index = index;
    if (kind == WW_ROLE_RESOLVER)
        snprintf(c->name, sizeof c->name, "%s-%u", ww_role_kind_name(kind), index);
    else
        snprintf(c->name, sizeof c->name, "%s", ww_role_kind_name(kind));
    c->timer = event_new(s->base, -1, 0, on_timer, c);
    if (c->timer == NULL)
        return false;
    s->count++;
    return true;
}

static bool add_children(struct supervisor *s)
{
    s->children = calloc((size_t)s->config->resolvers + 2, sizeof *s->children);
    bool good = s->children != NULL && add_child(s, WW_ROLE_KEEPER, 0);
    for (unsigned i = 0; good && i < s->config->resolvers; i++)
        good = add_child(s, WW_ROLE_RESOLVER, (uint16_t)i);
    return good && add_child(s, WW_ROLE_FRONT, 0);
}

static bool catch_signals(struct supervisor *s)
{
    static const int numbers[SIGNALS] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP};
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < SIGNALS; i++) {
        event_callback_fn cb = numbers[i] == SIGCHLD ? on_child_signal : on_stop_signal;
        s->signals[i] = evsignal_new(s->base, numbers[i], cb, s);
        if (s->signals[i] == NULL || event_add(s->signals[i], NULL) != 0)
            return false;
    }
    s->deadline = event_new(s->base, -1, 0, on_deadline, s);
    return s->deadline != NULL;
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
    snprintf(resolvers, sizeof resolvers, "%u", s->config->resolvers);
    ww_log_info("start", "version", WW_VERSION, "listen", where, "store", s->config->store, "resolvers",
                resolvers);
    if (!s->config->confine)
        ww_log_warning("not-confined", "detail",
                       "confine is false: the roles keep all rights of who started this");
}

static void clean_up(struct supervisor *s)
{
    for (size_t i = 0; i < s->count; i++) {
        ww_chan_free(s->children[i].chan);
        event_free(s->children[i].timer);
    }
    free(s->children);
    for (size_t i = 0; i < SIGNALS; i++) {
        if (s->signals[i] != NULL)
            event_free(s->signals[i]);
    }
    if (s->deadline != NULL)
        event_free(s->deadline);
    ww_listeners_close(&s->listeners);
    if (s->base != NULL)
        event_base_free(s->base);
}

int ww_supervise(const struct ww_config *config, int config_fd)
{
    struct supervisor s = {.config = config, .config_fd = config_fd, .status = 1};
    if (check_users(config) && ww_store_folder_make(config) && ww_listeners_open(&s.listeners, config)) {
        s.base = event_base_new();
        if (s.base != NULL && catch_signals(&s) && add_children(&s)) {
            log_start(&s);
            for (size_t i = 0; i < s.count; i++)
                start_child(&s.children[i]);
            (void)event_base_dispatch(s.base);
            ww_log_info("stopped");
        } else {
            ww_log_error("start-failed", "detail", ww_err_message(WW_E_NO_MEMORY));
        }
    }
    clean_up(&s);
    return s.status;
}
