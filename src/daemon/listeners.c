#include "daemon/listeners.h"

#include "daemon/listen_at.h"
#include "daemon/log.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int new_socket(int family)
{
    return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/*
 * Removes the file that a killed daemon has left: a socket on which nobody listens. False when it is anything
 * else, with errno set.
 */
static bool remove_stale(const struct ww_listen_at *at)
{
    struct stat st;
    const char *path = ww_listen_at_path(at);
    if (lstat(path, &st) != 0)
        return errno == ENOENT;
    if (!S_ISSOCK(st.st_mode)) {
        errno = ENOTSOCK;
        return false;
    }
    int fd = new_socket(AF_UNIX);
    if (fd < 0)
        return false;
    bool refused =
        connect(fd, (const struct sockaddr *)&at->address, at->length) != 0 && errno == ECONNREFUSED;
    close(fd);
    if (!refused) {
        errno = EADDRINUSE;
        return false;
    }
    return unlink(path) == 0;
}

static bool bind_unix(int fd, const struct ww_listen_at *at, mode_t mode)
{
    if (!remove_stale(at))
        return false;
    /* By the umask, so that it never has other permissions, not even for a moment. */
    mode_t before = umask(~mode & 0777);
    bool good = bind(fd, (const struct sockaddr *)&at->address, at->length) == 0;
    int saved = errno;
    umask(before);
    errno = saved;
    return good;
}

static bool bind_inet(int fd, const struct ww_listen_at *at)
{
    int on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
        return false;
    if (at->address.ss_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0)
        return false;
    return bind(fd, (const struct sockaddr *)&at->address, at->length) == 0;
}

static bool open_one(struct ww_listener *l, mode_t mode)
{
    struct ww_listen_at at;
    const char *why = NULL;
    if (!ww_listen_at_parse(l->name, &at, &why)) {
        ww_log_error("listen-failed", "listener", l->name, "detail", why);
        return false;
    }
    bool is_unix = ww_listen_at_path(&at) != NULL;
    l->fd = new_socket(at.address.ss_family);
    if (l->fd >= 0 && (is_unix ? bind_unix(l->fd, &at, mode) : bind_inet(l->fd, &at))) {
        if (listen(l->fd, SOMAXCONN) == 0)
            return true;
    }
    const char *detail = errno == EADDRINUSE ? "somebody else listens there already" : strerror(errno);
    ww_log_error("listen-failed", "listener", l->name, "detail", detail);
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
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

bool ww_listeners_prepare(struct ww_listeners *next, const struct ww_config *config,
                          const struct ww_listeners *now)
{
    size_t count = 0;
    while (config->listen[count] != NULL)
        count++;
    next->count = 0;
    next->items = calloc(count + 1, sizeof *next->items);
    if (next->items == NULL) {
        ww_log_error("no-memory");
        return false;
    }
    for (; next->count < count; next->count++) {
        struct ww_listener *l = &next->items[next->count];
        l->name = config->listen[next->count];
        /* The second of the same name finds the place taken. */
        bool first = ww_listeners_find(next, l->name) == NULL;
        const struct ww_listener *open = first ? ww_listeners_find(now, l->name) : NULL;
        l->kept = open != NULL;
        if (l->kept) {
            l->fd = open->fd;
        } else if (!open_one(l, config->socket_mode)) {
            ww_listeners_cancel(next);
            return false;
        }
    }
    return true;
}

bool ww_listeners_open(struct ww_listeners *l, const struct ww_config *config)
{
    static const struct ww_listeners none;
    return ww_listeners_prepare(l, config, &none);
}

static void close_one(const struct ww_listener *l)
{
    struct ww_listen_at at;
    const char *why;
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
            close_one(&next->items[i]);
    }
    clear(next);
}

void ww_listeners_replace(struct ww_listeners *now, struct ww_listeners *next)
{
    for (size_t i = 0; i < now->count; i++) {
        if (ww_listeners_find(next, now->items[i].name) == NULL)
            close_one(&now->items[i]);
    }
    clear(now);
    *now = *next;
    *next = (struct ww_listeners){NULL, 0};
}

void ww_listeners_close(struct ww_listeners *l)
{
    for (size_t i = 0; i < l->count; i++)
        close_one(&l->items[i]);
    clear(l);
}
