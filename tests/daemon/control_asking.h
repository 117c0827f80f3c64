/* The role control with its socket, and a client that asks one command after the other. The rest of the test
 * sets what the roles behind it are. */
#ifndef WW_TESTS_DAEMON_CONTROL_ASKING_H
#define WW_TESTS_DAEMON_CONTROL_ASKING_H

#include "control_socket.h"
#include "daemon/asked.h"
#include "daemon/control.h"

#include <jansson.h>

#define ANSWERS 2000

static struct control_socket control;

static struct {
    json_t *items[ANSWERS];
    size_t count;
    char error[64], detail[640]; /* of the end; "" */
} got;

/* Control, and behind it this role alone. */
static inline void control_begin(struct event_base *base, const struct ww_config *config,
                                 struct ww_asked *asked)
{
    int fds[2];
    const struct ww_role_env env = {.base = base, .config = config};
    control_socket_open(&control, &env);
    assert_int_equal(ww_chan_pair(fds), WW_OK);
    control_socket_peer(&control, WW_ROLE_KEEPER, fds[0]);
    ww_asked_peer(asked, fds[1]);
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
    control_socket_close(&control);
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
    static char text[4 << 20], request[2048];
    size_t n = 0, at = 0;
    bool over = false;
    int fd = control_socket_connect(&control);
    forget();
    (void)snprintf(request, sizeof request, "{\"waxwing\":1,\"command\":\"%s\"%s}", command, arguments);
    control_socket_ask(&control, fd, request);
    for (int turns = 0; !over && turns < 10000; turns++) {
        test_settle(control.base);
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
