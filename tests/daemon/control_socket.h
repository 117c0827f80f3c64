/* The role control with its socket, and what its clients send and hear. */
#ifndef WW_TESTS_DAEMON_CONTROL_SOCKET_H
#define WW_TESTS_DAEMON_CONTROL_SOCKET_H

#include "daemon/role.h"
#include "fake_peer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

struct control_socket {
    void *control;
    struct event_base *base;
    struct sockaddr_un address; /* an abstract name that the system picks */
    socklen_t address_n;
};

static inline int control_socket_new(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    return fd;
}

static inline void control_socket_open(struct control_socket *s, const struct ww_role_env *env)
{
    static const struct ww_msg_listener m = {.purpose = WW_LISTEN_CONTROL, .name = "unix:test"};
    *s = (struct control_socket){.base = env->base, .address_n = sizeof s->address};
    s->address.sun_family = AF_UNIX;
    s->control = ww_role_control.start(env);
    assert_non_null(s->control);
    int listener = control_socket_new();
    assert_int_equal(bind(listener, (struct sockaddr *)&s->address, sizeof(sa_family_t)), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&s->address, &s->address_n), 0);
    assert_int_equal(listen(listener, 100), 0);
    ww_role_control.listener(s->control, &m, listener);
}

static inline void control_socket_close(struct control_socket *s)
{
    ww_role_control.finish(s->control);
}

/* A role behind it; owns fd. */
static inline void control_socket_peer(const struct control_socket *s, enum ww_role_kind kind, int fd)
{
    const struct ww_msg_peer m = {.kind = kind, .count = 1};
    ww_role_control.peer(s->control, &m, fd);
}

static inline int control_socket_connect(const struct control_socket *s)
{
    int fd = control_socket_new();
    assert_int_equal(connect(fd, (const struct sockaddr *)&s->address, s->address_n), 0);
    return fd;
}

static inline void control_socket_ask(const struct control_socket *s, int fd, const char *json)
{
    char text[4096];
    int n = snprintf(text, sizeof text, "%zu:%s,", strlen(json), json);
    assert_true(n > 0 && (size_t)n < sizeof text);
    assert_int_equal(write(fd, text, (size_t)n), n);
    test_settle(s->base);
}

/* What has come so far; NULL when the connection has ended. */
static inline const char *control_socket_heard(const struct control_socket *s, int fd)
{
    static char text[1 << 20];
    test_settle(s->base);
    ssize_t n = read(fd, text, sizeof text - 1);
    if (n == 0)
        return NULL;
    if (n < 0)
        assert_int_equal(errno, EAGAIN);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

/* What a role behind it is asked next; the payload is borrowed. */
static inline struct ww_msg_ask control_socket_asked(const struct control_socket *s, struct fake_peer *peer,
                                                     enum ww_ask what)
{
    struct ww_msg_ask ask;
    test_settle(s->base);
    const struct fake_message *m = fake_peer_next(peer);
    assert_non_null(m);
    assert_int_equal(m->type, WW_MSG_ASK);
    assert_int_equal(ww_msg_get_ask(m->payload, &ask), WW_OK);
    assert_int_equal(ask.what, what);
    return ask;
}

/* What the role tells. */
static inline void control_socket_tell(const struct control_socket *s, struct fake_peer *peer,
                                       const struct ww_msg_told *told)
{
    static char space[WW_CHAN_MESSAGE_MAX];
    struct ww_buf b = ww_buf(space, sizeof space);
    ww_msg_put_told(&b, told);
    fake_peer_send(peer, WW_MSG_TOLD, &b);
    test_settle(s->base);
}

#endif
