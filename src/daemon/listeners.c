#include "daemon/listeners.h"

#include "daemon/listen_at.h"
#include "daemon/log.h"
#include "daemon/socket_file.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool bind_inet(int fd, const struct ww_listen_at *at, struct ww_socket_fault *fault)
{
    int on = 1;
    bool good = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
    if (at->address.ss_family == AF_INET6)
        good = good && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0;
    if (good && bind(fd, (const struct sockaddr *)&at->address, at->length) == 0)
        return true;
    snprintf(fault->detail, sizeof fault->detail, "%s",
             errno == EADDRINUSE ? "somebody else listens there already" : strerror(errno));
    return false;
}

/* A descriptor that listens; -1: *fault says why. */
static int open_at(const struct ww_listen_at *at, int type, const struct ww_socket_access *access,
                   struct ww_socket_fault *fault)
{
    int fd = socket(at->address.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        snprintf(fault->detail, sizeof fault->detail, "%s", strerror(errno));
        return -1;
    }
    bool is_unix = ww_listen_at_path(at) != NULL;
    bool bound = is_unix ? ww_socket_file_bind(fd, at, access, fault) : bind_inet(fd, at, fault);
    /* Before anything is sent: who it is from is noted with each datagram as it comes. */
    if (bound && type == SOCK_DGRAM)
        (void)setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &(int){1}, sizeof(int));
    if (bound && (type == SOCK_DGRAM || listen(fd, SOMAXCONN) == 0))
        return fd;
    if (bound)
        snprintf(fault->detail, sizeof fault->detail, "%s", strerror(errno));
    if (bound && is_unix)
        (void)unlink(ww_listen_at_path(at));
    close(fd);
    return -1;
}

/* Who may reach the control socket may do all that the daemon can be told to do: nobody but who started it.
 */
static struct ww_socket_access access_of(enum ww_listen_purpose purpose, const struct ww_config *config)
{
    if (purpose == WW_LISTEN_CONTROL)
        return (struct ww_socket_access){.mode = 0600};
    return (struct ww_socket_access){config->socket_owner, config->socket_group, config->socket_mode};
}

/* What no look-up needs must not keep any from being answered. */
static bool may_be_missing(enum ww_listen_purpose purpose)
{
    return purpose != WW_LISTEN_SOCKETMAP && purpose != WW_LISTEN_HTTP;
}

static bool open_one(struct ww_listener *l, const struct ww_config *config, struct ww_activation *inherited)
{
    const struct ww_socket_access access = access_of(l->purpose, config);
    struct ww_socket_fault fault = {.advice = NULL};
    struct ww_listen_at at;
    const char *why = NULL;
    l->fd = -1;
    const int type = l->purpose == WW_LISTEN_DATAGRAMS ? SOCK_DGRAM : SOCK_STREAM;
    if (ww_listen_at_parse(l->name, &at, &why)) {
        l->fd = ww_activation_use(inherited, type, &at);
        l->inherited = l->fd >= 0;
        if (!l->inherited)
            l->fd = open_at(&at, type, &access, &fault);
    }
    if (l->fd >= 0)
        return true;
    ww_log_error("listen-failed", "listener", l->name, "detail", why != NULL ? why : fault.detail, "advice",
                 fault.advice, "done",
                 may_be_missing(l->purpose) ? "look-ups are answered without it; a reload tries again"
                                            : NULL);
    return false;
}

const struct ww_listener *ww_listeners_find(const struct ww_listeners *l, const char *name)
{
    for (size_t i = 0; i < l->count; i++) {
        if (strcmp(l->items[i].name, name) == 0)
            return &l->items[i];
    }
    return NULL;
}

/* Opens one more, or keeps the one that is open already. */
static bool add(struct ww_listeners *next, const char *name, enum ww_listen_purpose purpose,
                const struct ww_config *config, const struct ww_listeners *now)
{
    struct ww_listener *l = &next->items[next->count];
    /* The second of the same name finds the place taken. */
    bool first = ww_listeners_find(next, name) == NULL;
    const struct ww_listener *open = first ? ww_listeners_find(now, name) : NULL;
    *l = (struct ww_listener){.name = name, .purpose = purpose, .fd = -1};
    if (open != NULL && open->purpose == purpose) {
        l->kept = true;
        l->fd = open->fd;
        l->inherited = open->inherited;
    } else if (!open_one(l, config, next->inherited)) {
        return may_be_missing(purpose);
    }
    next->count++;
    return true;
}

static bool add_all(struct ww_listeners *next, char *const *names, enum ww_listen_purpose purpose,
                    const struct ww_config *config, const struct ww_listeners *now)
{
    bool good = true;
    for (size_t i = 0; good && names[i] != NULL; i++)
        good = add(next, names[i], purpose, config, now);
    return good;
}

static size_t count_of(char *const *names)
{
    size_t n = 0;
    while (names[n] != NULL)
        n++;
    return n;
}

bool ww_listeners_prepare(struct ww_listeners *next, const struct ww_config *config,
                          const struct ww_listeners *now)
{
    const size_t count = count_of(config->listen) + count_of(config->http) + count_of(config->metrics) +
                         count_of(config->collect_datagrams) + count_of(config->collect_lines) +
                         count_of(config->intake_submit) + count_of(config->intake_lmtp) +
                         count_of(config->intake_https) + count_of(config->intake_http) +
                         count_of(config->publish_https) + count_of(config->publish_http);
    next->count = 0;
    next->inherited = now->inherited;
    next->items = calloc(count + 1, sizeof *next->items);
    if (next->items == NULL) {
        ww_log_error("no-memory");
        return false;
    }
    bool good = add_all(next, config->listen, WW_LISTEN_SOCKETMAP, config, now) &&
                add_all(next, config->http, WW_LISTEN_HTTP, config, now) &&
                add(next, config->control, WW_LISTEN_CONTROL, config, now) &&
                add_all(next, config->metrics, WW_LISTEN_METRICS, config, now);
    if (good && config->collect)
        good = add_all(next, config->collect_datagrams, WW_LISTEN_DATAGRAMS, config, now) &&
               add_all(next, config->collect_lines, WW_LISTEN_LINES, config, now);
    if (good && config->intake)
        good = add_all(next, config->intake_submit, WW_LISTEN_SUBMIT, config, now) &&
               add_all(next, config->intake_lmtp, WW_LISTEN_LMTP, config, now) &&
               add_all(next, config->intake_https, WW_LISTEN_REPORTS_TLS, config, now) &&
               add_all(next, config->intake_http, WW_LISTEN_REPORTS, config, now);
    if (good && config->publish)
        good = add_all(next, config->publish_https, WW_LISTEN_POLICIES, config, now) &&
               add_all(next, config->publish_http, WW_LISTEN_CHALLENGES, config, now);
    if (!good)
        ww_listeners_cancel(next);
    return good;
}

bool ww_listeners_open(struct ww_listeners *l, const struct ww_config *config,
                       struct ww_activation *inherited)
{
    const struct ww_listeners none = {.inherited = inherited};
    return ww_listeners_prepare(l, config, &none);
}

static void close_one(const struct ww_listeners *all, const struct ww_listener *l)
{
    struct ww_listen_at at;
    const char *why;
    if (l->inherited) {
        ww_activation_release(all->inherited, l->fd);
        return;
    }
    close(l->fd);
    if (ww_listen_at_parse(l->name, &at, &why) && ww_listen_at_path(&at) != NULL)
        (void)unlink(ww_listen_at_path(&at));
}

static void clear(struct ww_listeners *l)
{
    free(l->items);
    l->items = NULL;
    l->count = 0;
}

void ww_listeners_cancel(struct ww_listeners *next)
{
    for (size_t i = 0; i < next->count; i++) {
        if (!next->items[i].kept)
            close_one(next, &next->items[i]);
    }
    clear(next);
}

void ww_listeners_replace(struct ww_listeners *now, struct ww_listeners *next)
{
    for (size_t i = 0; i < now->count; i++) {
        if (ww_listeners_find(next, now->items[i].name) == NULL)
            close_one(now, &now->items[i]);
    }
    clear(now);
    *now = *next;
    *next = (struct ww_listeners){.inherited = now->inherited};
}

void ww_listeners_refuse(const struct ww_listeners *l)
{
    for (size_t i = 0; i < l->count; i++) {
        if (l->items[i].purpose == WW_LISTEN_DATAGRAMS && !l->items[i].inherited)
            (void)shutdown(l->items[i].fd, SHUT_RD);
    }
}

void ww_listeners_close(struct ww_listeners *l)
{
    for (size_t i = 0; i < l->count; i++)
        close_one(l, &l->items[i]);
    clear(l);
}
