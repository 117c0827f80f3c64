/* The role control with its socket, and a client that asks one command after the other. The rest of the test
 * sets what the roles behind it are. */
#ifndef WW_TESTS_DAEMON_CONTROL_ASKING_H
#define WW_TESTS_DAEMON_CONTROL_ASKING_H

#include "daemon/asked.h"
#include "daemon/control.h"
#include "fake_peer.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#define ANSWERS 2000

static void *control;
static struct event_base *control_base;
static struct sockaddr_un address;
static socklen_t address_n;

static struct {
    json_t *items[ANSWERS];
    size_t count;
    char error[64], detail[640]; /* of the end; "" */
} got;

/* Control, and behind it this role alone. */
static inline void control_begin(struct event_base *base, const struct ww_config *config,
                                 struct ww_asked *asked)
{
    static const struct ww_msg_peer peer = {.kind = WW_ROLE_KEEPER, .count = 1};
    static const struct ww_msg_listener m = {.purpose = WW_LISTEN_CONTROL, .name = "unix:test"};
    int fds[2];
    const struct ww_role_env env = {.base = base, .config = config};
    control = ww_role_control.start(&env);
    assert_non_null(control);
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    (void)snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "waxwing-asking-%d", (int)getpid());
    address_n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(address.sun_path + 1));
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(listener, (const struct sockaddr *)&address, address_n), 0);
    assert_int_equal(listen(listener, 10), 0);
    ww_role_control.listener(control, &m, listener);
    assert_int_equal(ww_chan_pair(fds), WW_OK);
    ww_role_control.peer(control, &peer, fds[0]);
    ww_asked_peer(asked, fds[1]);
    control_base = base;
}

static inline void forget(void)
{
    for (size_t i = 0; i < got.count; i++)
        json_decref(got.items[i]);
    memset(&got, 0, sizeof got);
}

static inline void control_end(void)
{
    forget();
    ww_role_control.finish(control);
}

static inline void copy(char *out, size_t size, const json_t *error, const char *key)
{
    const char *text = json_string_value(json_object_get(error, key));
    (void)snprintf(out, size, "%s", text != NULL ? text : "");
}

/* One netstring. True: it ends the answer. */
static inline bool take_item(const char *p, size_t n)
{
    json_t *json = json_loadb(p, n, 0, NULL);
    assert_non_null(json);
    if (!json_is_true(json_object_get(json, "end"))) {
        assert_true(got.count < ANSWERS);
        got.items[got.count++] = json;
        return false;
    }
    copy(got.error, sizeof got.error, json_object_get(json, "error"), "id");
    copy(got.detail, sizeof got.detail, json_object_get(json, "error"), "detail");
    json_decref(json);
    return true;
}

/* arguments: members behind the command, each with a comma before it. */
static inline void run(const char *command, const char *arguments)
{
    static char text[4 << 20], request[2048], framed[2100];
    size_t n = 0, at = 0;
    bool over = false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    forget();
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, address_n), 0);
    (void)snprintf(request, sizeof request, "{\"waxwing\":1,\"command\":\"%s\"%s}", command, arguments);
    int length = snprintf(framed, sizeof framed, "%zu:%s,", strlen(request), request);
    assert_int_equal(write(fd, framed, (size_t)length), length);
    for (int turns = 0; !over && turns < 10000; turns++) {
        test_settle(control_base);
        ssize_t more = read(fd, text + n, sizeof text - 1 - n);
        n += more > 0 ? (size_t)more : 0;
        text[n] = '\0';
        for (char *colon; !over && (colon = strchr(text + at, ':')) != NULL;) {
            size_t size = strtoul(text + at, NULL, 10), from = (size_t)(colon - text) + 1;
            assert_true(size <= WW_CONTROL_MESSAGE_MAX);
            if (from + size >= n)
                break;
            over = take_item(text + from, size);
            at = from + size + 1;
        }
    }
    assert_true(over);
    close(fd);
}

static inline json_int_t number_of(size_t i, const char *key)
{
    assert_true(i < got.count);
    return json_integer_value(json_object_get(got.items[i], key));
}

#endif
