#include "daemon/crew_private.h"

#include "daemon/anchor_seed.h"
#include "daemon/child.h"
#include "daemon/clock.h"
#include "daemon/herald_send.h"
#include "daemon/journal_open.h"

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

#define SUCCESSION 20000 /* a successor that is not ready after so long will never be */

static void set_timer(struct event *timer, unsigned ms)
{
    struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000};
    (void)event_add(timer, &tv);
}

/* Those that there are only where they have something to do. */
static bool is_wanted(const struct ww_child *c)
{
    if (c->kind == WW_ROLE_WATCHER)
        return c->crew->watching;
    if (c->kind == WW_ROLE_HERALD)
        return ww_herald_channels_of(c->crew->config) != 0;
    if (c->kind == WW_ROLE_COLLECTOR)
        return c->crew->config->collect;
    if (c->kind == WW_ROLE_COURIER)
        return c->crew->config->report_contact != NULL;
    if (is_for_reception(c))
        return c->crew->config->intake;
    if (is_for_publication(c))
        return c->crew->config->publish;
    return c->kind != WW_ROLE_PRELOAD || c->crew->config->preload_source != NULL;
}

static bool is_extra(const struct ww_child *c)
{
    return c->kind == WW_ROLE_PRELOAD || c->kind == WW_ROLE_COLLECTOR || is_for_reception(c) ||
           is_for_publication(c) || has_store_work(c);
}

static void tell_roles(const struct ww_crew *crew)
{
    const struct ww_child *control = control_of(crew);
    struct ww_msg_roles m = {.since = crew->since, .pid = (uint32_t)getpid()};
    char bytes[4096];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    if (control->chan == NULL)
        return;
    for (size_t i = 0; i < crew->count && m.count < WW_MSG_ROLES_MAX; i++) {
        const struct ww_child *c = crew->children[i];
        if (!is_wanted(c))
            continue;
        m.roles[m.count++] = (struct ww_role_status){
            .kind = c->kind,
            .index = c->index,
            .ready = c->ready,
            .pid = (uint32_t)c->pid,
            .restarts = c->restarts,
            .since = c->since,
        };
    }
    ww_msg_put_roles(&b, &m);
    if (b.failed || ww_chan_send(control->chan, WW_MSG_ROLES, ww_slice(b.p, b.n), -1) != WW_OK)
        ww_log_debug("not-told", "name", control->name);
}

static void tell_change(struct ww_crew *crew)
{
    tell_roles(crew);
    crew->changed(crew->ctx);
}

const char *ww_crew_missing(const struct ww_crew *crew)
{
    for (size_t i = 0; i < crew->count; i++) {
        if (!crew->children[i]->ready && is_wanted(crew->children[i]))
            return crew->children[i]->name;
    }
    return NULL;
}

static void take_over(struct ww_child *c);
static void replace_journal(struct ww_crew *crew);
static void set_watching(struct ww_crew *crew, bool watching);

static void on_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    (void)chan;
    (void)payload;
    struct ww_child *c = ctx;
    if (fd >= 0)
        close(fd);
    if (type == WW_MSG_ANCHORS_CHANGED && c->kind == WW_ROLE_KEEPER) {
        if (!c->crew->stopping)
            c->crew->anchors_changed(c->crew->ctx);
        return;
    }
    if ((type == WW_MSG_WATCHING || type == WW_MSG_WATCHING_NOTHING) && c->kind == WW_ROLE_KEEPER) {
        set_watching(c->crew, type == WW_MSG_WATCHING);
        return;
    }
    if (type == WW_MSG_JOURNAL && c->kind == WW_ROLE_COLLECTOR) {
        replace_journal(c->crew);
        return;
    }
    if (type != WW_MSG_READY) {
        ww_log_error("message-unknown", "from", c->name);
        return;
    }
    c->ready = true;
    if (c->was_ready)
        ww_log_info("role-back", "name", c->name);
    c->was_ready = true;
    if (c->crew->stopping)
        return;
    if (c == spare_of(c->crew))
        take_over(c);
    else
        tell_change(c->crew);
}

static void on_down(void *ctx, struct ww_chan *chan)
{
    struct ww_child *c = ctx;
    ww_chan_free(chan);
    c->chan = NULL;
    if (c->pid > 0 && !c->crew->stopping)
        set_timer(c->timer, LINGER);
}

/* Handed over open: it has no right to open what lies outside of its own directory. */
static void send_anchor_seed(const struct ww_crew *crew)
{
    struct ww_child *keeper = keeper_of(crew);
    struct ww_msg_anchor_seed m = {.updates = crew->config->dns_anchor_updates};
    char bytes[WW_MSG_ANCHOR_SEED_MAX];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    if (keeper->chan == NULL) /* it gets it when it is started again */
        return;
    int fd = ww_anchor_seed_open(crew->config, ww_anchor_system_files, &m.source, m.path, sizeof m.path);
    m.error = fd < 0 && m.source == WW_ANCHORS_FILE ? (uint16_t)errno : 0;
    ww_msg_put_anchor_seed(&b, &m);
    if (b.failed || ww_chan_send(keeper->chan, WW_MSG_ANCHOR_SEED, ww_slice(b.p, b.n), fd) != WW_OK)
        ww_log_debug("not-told", "name", keeper->name);
    if (fd >= 0)
        close(fd);
}

/* It stays open here, so that it is there for the next one when a collector dies. */
static void send_journal(struct ww_crew *crew)
{
    struct ww_child *collector = collector_of(crew);
    if (!crew->has_journal)
        crew->journal = ww_journal_open_file(crew->config);
    crew->has_journal = true;
    if (collector->chan != NULL && crew->journal >= 0 &&
        ww_chan_send(collector->chan, WW_MSG_JOURNAL, ww_slice("", 0), crew->journal) != WW_OK)
        ww_log_debug("not-told", "name", collector->name);
}

static void close_journal(struct ww_crew *crew)
{
    if (crew->has_journal && crew->journal >= 0)
        (void)close(crew->journal);
    crew->has_journal = false;
}

/* Once: memory that was just made is no better a second time. */
static void replace_journal(struct ww_crew *crew)
{
    if (crew->journal_in_memory || crew->stopping)
        return;
    close_journal(crew);
    crew->journal = ww_journal_open_memory(crew->config);
    crew->has_journal = crew->journal_in_memory = true;
    send_journal(crew);
}

static void schedule(struct ww_child *c)
{
    unsigned wait = 0;
    if (ww_clock_ms() - c->started >= STEADY)
        c->deaths = 0;
    if (c->deaths > 0)
        wait = c->deaths > 3 ? BACKOFF_MAX : (unsigned)BACKOFF_FIRST << (c->deaths - 1);
    c->deaths++;
    set_timer(c->timer, wait);
}

static bool launch(struct ww_child *c, int config_fd)
{
    static const struct ww_chan_handlers handlers = {.message = on_message, .down = on_down};
    int channel = -1;
    c->started = ww_clock_ms();
    c->since = (int64_t)time(NULL);
    c->pid = ww_child_start(c->kind, c->index, config_fd, &channel);
    if (c->pid < 0) {
        c->pid = 0;
        ww_log_error("role-not-started", "name", c->name, "detail", strerror(errno));
        return false;
    }
    c->chan = ww_chan_new(c->crew->base, channel, &handlers, c);
    if (c->chan == NULL) /* its channel is down, so it ends */
        ww_log_error("role-not-started", "name", c->name, "detail", ww_err_message(WW_E_NO_MEMORY));
    return true;
}

static void start_child(struct ww_child *c)
{
    struct ww_crew *crew = c->crew;
    if (!launch(c, crew->config_fd)) {
        schedule(c);
        return;
    }
    for (size_t i = 0; i < crew->count; i++)
        ww_crew_join(c, crew->children[i], false);
    if (c == collector_of(crew))
        send_journal(crew);
    for (size_t i = 0; i < crew->listeners->count; i++) {
        if (ww_crew_server(crew, &crew->listeners->items[i]) == c)
            ww_crew_listener(crew, &crew->listeners->items[i]);
    }
    if (c == keeper_of(crew))
        send_anchor_seed(crew);
    tell_roles(crew);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct ww_child *c = arg;
    if (c->pid > 0)
        kill(c->pid, SIGKILL);
    else if (!c->crew->stopping && is_wanted(c))
        start_child(c);
}

static void tell(struct ww_child *c, enum ww_msg_type type, int fd)
{
    /* Who cannot be told any more is dead already, or is killed at the deadline. */
    if (c->chan != NULL && ww_chan_send(c->chan, (uint16_t)type, ww_slice("", 0), fd) != WW_OK)
        ww_log_debug("not-told", "name", c->name);
}

bool ww_crew_renew(struct ww_crew *crew, unsigned resolver, int config_fd)
{
    struct ww_child *c = spare_of(crew);
    c->index = (uint16_t)resolver;
    ww_role_name(c->kind, c->index, c->name);
    c->deaths = 0;
    c->restarts = 0;
    c->was_ready = false;
    c->succeeded = false;
    if (!launch(c, config_fd))
        return false;
    set_timer(c->timer, SUCCESSION);
    return true;
}

static void take_over(struct ww_child *c)
{
    struct ww_crew *crew = c->crew;
    size_t place = 0;
    while (crew->children[place]->kind != c->kind || crew->children[place]->index != c->index)
        place++;
    struct ww_child *before = crew->children[place];
    crew->children[place] = c;
    crew->children[crew->count] = before;
    event_del(c->timer);
    c->restarts = before->restarts + 1;
    ww_crew_join(c, front_of(crew), before->ready);
    ww_crew_join(c, control_of(crew), before->ready);
    ww_crew_join(c, keeper_of(crew), before->ready);
    tell_change(crew);
    before->succeeded = true;
    before->ready = false;
    event_del(before->timer);
    if (before->pid == 0) {
        crew->renewed(crew->ctx, true);
        return;
    }
    tell(before, WW_MSG_STOP, -1);
    set_timer(before->timer, LINGER);
}

/* When it has ended it is started again, should it be wanted then. */
static void dismiss(struct ww_child *c)
{
    c->dismissed = true;
    c->ready = false;
    tell(c, WW_MSG_STOP, -1);
    set_timer(c->timer, LINGER);
}

static void call_or_dismiss(struct ww_child *c)
{
    if (is_wanted(c) == (c->pid > 0 && !c->dismissed))
        return;
    if (!is_wanted(c)) {
        dismiss(c);
    } else if (c->pid == 0) {
        c->deaths = 0;
        start_child(c);
    }
    tell_change(c->crew);
}

static bool looks_things_up(const struct ww_child *c)
{
    return c->kind == WW_ROLE_WATCHER || c->kind == WW_ROLE_COURIER || c->kind == WW_ROLE_INTAKE ||
           c->kind == WW_ROLE_STEWARD;
}

static void begin_anew(struct ww_child *c)
{
    if (c->pid == 0 || c->dismissed || c->crew->stopping)
        return;
    dismiss(c);
    tell_change(c->crew);
}

void ww_crew_begin_anew(struct ww_crew *crew)
{
    for (size_t i = 0; i < EXTRAS; i++) {
        if (looks_things_up(extra_of(crew, i)))
            begin_anew(extra_of(crew, i));
    }
}

void ww_crew_begin_intake_anew(struct ww_crew *crew)
{
    begin_anew(intake_of(crew));
}

static void set_watching(struct ww_crew *crew, bool watching)
{
    crew->watching = watching;
    for (size_t i = 0; i < EXTRAS && !crew->stopping; i++)
        call_or_dismiss(extra_of(crew, i));
}

void ww_crew_reload(struct ww_crew *crew, const struct ww_config *config, int config_fd)
{
    crew->config = config;
    crew->config_fd = config_fd;
    for (size_t i = 0; i < crew->count; i++)
        tell(crew->children[i], WW_MSG_RELOAD, config_fd);
    send_anchor_seed(crew);
    for (size_t i = 0; i < EXTRAS; i++)
        call_or_dismiss(extra_of(crew, i));
}

size_t ww_crew_living(const struct ww_crew *crew, bool keeper_too)
{
    size_t n = 0;
    for (size_t i = 0; i <= crew->count; i++)
        n += crew->children[i]->pid > 0 && (keeper_too || crew->children[i]->kind != WW_ROLE_KEEPER);
    return n;
}

static void ask_to_stop(struct ww_crew *crew, bool keeper)
{
    for (size_t i = 0; i <= crew->count; i++) {
        if ((crew->children[i]->kind == WW_ROLE_KEEPER) == keeper)
            tell(crew->children[i], WW_MSG_STOP, -1);
    }
}

void ww_crew_stop(struct ww_crew *crew)
{
    crew->stopping = true;
    for (size_t i = 0; i <= crew->count; i++)
        event_del(crew->children[i]->timer);
    ask_to_stop(crew, false);
}

void ww_crew_stop_keeper(struct ww_crew *crew)
{
    ask_to_stop(crew, true);
}

void ww_crew_kill(struct ww_crew *crew)
{
    for (size_t i = 0; i <= crew->count; i++) {
        if (crew->children[i]->pid > 0)
            kill(crew->children[i]->pid, SIGKILL);
    }
}

static bool on_death(struct ww_child *c, int status)
{
    struct ww_crew *crew = c->crew;
    char end[WW_CHILD_END_SIZE];
    ww_child_end(status, end);
    c->pid = 0;
    c->ready = false;
    ww_chan_free(c->chan);
    c->chan = NULL;
    if (crew->stopping || c->succeeded || c->dismissed) {
        if (status != 0)
            ww_log_warning("role-ended", "name", c->name, "status", end);
    } else {
        ww_log_error("role-died", "name", c->name, "status", end);
    }
    if (crew->stopping)
        return true;
    if (c->dismissed) {
        c->dismissed = false;
        c->was_ready = false;
        event_del(c->timer);
        if (is_wanted(c)) /* it is again */
            start_child(c);
        return true;
    }
    if (c == spare_of(crew)) {
        event_del(c->timer);
        crew->renewed(crew->ctx, c->succeeded);
        return true;
    }
    /* Who gives up by itself before it was ever ready will not fare better next time. */
    if (!c->was_ready && WIFEXITED(status) && !is_extra(c))
        return false;
    c->restarts++;
    schedule(c);
    tell_change(crew);
    return true;
}

bool ww_crew_ended(struct ww_crew *crew, pid_t pid, int status)
{
    for (size_t i = 0; i <= crew->count; i++) {
        if (crew->children[i]->pid == pid)
            return on_death(crew->children[i], status);
    }
    return true;
}

static bool add_child(struct ww_crew *crew, enum ww_role_kind kind, uint16_t index)
{
    struct ww_child *c = calloc(1, sizeof *c);
    if (c == NULL)
        return false;
    crew->children[crew->count++] = c;
    c->crew = crew;
    c->kind = kind;
    c->index = index;
    ww_role_name(kind, index, c->name);
    c->timer = event_new(crew->base, -1, 0, on_timer, c);
    return c->timer != NULL;
}

/* The order is that of keeper_of, extra_of, collector_of, intake_of, publisher_of, control_of, front_of and
 * spare_of. */
bool ww_crew_init(struct ww_crew *crew)
{
    crew->children =
        calloc((size_t)crew->config->resolvers + 5 + EXTRAS, sizeof(struct ww_child *)); /* ended by NULL */
    bool good = crew->children != NULL && add_child(crew, WW_ROLE_KEEPER, 0);
    for (unsigned i = 0; good && i < crew->config->resolvers; i++)
        good = add_child(crew, WW_ROLE_RESOLVER, (uint16_t)i);
    good = good && add_child(crew, WW_ROLE_PRELOAD, 0) && add_child(crew, WW_ROLE_WATCHER, 0) &&
           add_child(crew, WW_ROLE_HERALD, 0) && add_child(crew, WW_ROLE_COLLECTOR, 0) &&
           add_child(crew, WW_ROLE_COURIER, 0) && add_child(crew, WW_ROLE_INTAKE, 0) &&
           add_child(crew, WW_ROLE_DECODER, 0) && add_child(crew, WW_ROLE_PUBLISHER, 0) &&
           add_child(crew, WW_ROLE_STEWARD, 0) && add_child(crew, WW_ROLE_CLERK, 0) &&
           add_child(crew, WW_ROLE_CONTROL, 0) && add_child(crew, WW_ROLE_FRONT, 0) &&
           add_child(crew, WW_ROLE_RESOLVER, 0);
    if (crew->count > 0)
        crew->count--;
    return good;
}

void ww_crew_start(struct ww_crew *crew)
{
    for (size_t i = 0; i < crew->count; i++) {
        if (is_wanted(crew->children[i]))
            start_child(crew->children[i]);
    }
}

void ww_crew_clear(struct ww_crew *crew)
{
    for (size_t i = 0; crew->children != NULL && crew->children[i] != NULL; i++) {
        struct ww_child *c = crew->children[i];
        ww_chan_free(c->chan);
        if (c->timer != NULL)
            event_free(c->timer);
        free(c);
    }
    free(crew->children);
    crew->children = NULL;
    crew->count = 0;
    close_journal(crew);
}
