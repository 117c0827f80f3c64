#include "daemon/control_client.h"

#include "core/netstring.h"
#include "daemon/log.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

/* Octets of a user's name. */
#define USER_MAX 64

/* An answer pauses above. */
#define OUTPUT_FULL ((size_t)256 * 1024)

/* The longest request with its framing. */
#define INPUT_MAX (WW_CONTROL_MESSAGE_MAX + 16)

struct ww_request {
    struct ww_control *control;
    struct ww_control_clients *all;
    struct bufferevent *be;
    uid_t uid;
    json_t *json;       /* NULL: none is being answered */
    bool out_of_memory; /* a part of the answer is missing */
    void *state;
    void (*release)(void *state);
    void (*drained)(struct ww_request *request);
    LIST_ENTRY(ww_request) link;
};

struct ww_control_clients {
    struct ww_control *control;
    struct evconnlistener *listener; /* or NULL */
    LIST_HEAD(control_list, ww_request) requests;
    size_t count;
};

static void forget(struct ww_request *r)
{
    if (r->release != NULL)
        r->release(r->state);
    json_decref(r->json);
    r->json = NULL;
    r->out_of_memory = false;
    r->state = NULL;
    r->release = NULL;
    r->drained = NULL;
}

static void hang_up(struct ww_request *r)
{
    forget(r);
    LIST_REMOVE(r, link);
    r->all->count--;
    bufferevent_free(r->be);
    if (r->all->listener != NULL)
        (void)evconnlistener_enable(r->all->listener);
    free(r);
}

/* From the loop: a command may be further up the stack. */
static void hang_up_soon(struct ww_request *r)
{
    bufferevent_trigger_event(r->be, BEV_EVENT_ERROR, BEV_TRIG_DEFER_CALLBACKS);
}

static void send_json(struct ww_request *r, const json_t *json)
{
    char head[16];
    size_t n = json_dumpb(json, NULL, 0, JSON_COMPACT);
    char *text = n > 0 && n <= WW_CONTROL_MESSAGE_MAX ? malloc(n) : NULL;
    if (text == NULL) {
        r->out_of_memory = true;
        return;
    }
    (void)json_dumpb(json, text, n, JSON_COMPACT);
    int digits = snprintf(head, sizeof head, "%zu:", n);
    if (digits < 0 || bufferevent_write(r->be, head, (size_t)digits) != 0 ||
        bufferevent_write(r->be, text, n) != 0 || bufferevent_write(r->be, ",", 1) != 0)
        hang_up_soon(r); /* half of it may be there */
    free(text);
}

const json_t *ww_request_json(const struct ww_request *request)
{
    return request->json;
}

const char *ww_request_string(const struct ww_request *request, const char *key)
{
    return json_string_value(json_object_get(request->json, key));
}

uid_t ww_request_uid(const struct ww_request *request)
{
    return request->uid;
}

/* A name that is cut amid a character would be no JSON any more, and take what it stands beside with it. */
void ww_request_who(const struct ww_request *request, char *out, size_t size)
{
    const char *user = ww_request_string(request, "user");
    bool named = user != NULL && user[0] != '\0' && strlen(user) <= USER_MAX;
    (void)snprintf(out, size, "%s%suid %ju%s", named ? user : "", named ? " (" : "", (uintmax_t)request->uid,
                   named ? ")" : "");
}

struct ww_control *ww_request_control(const struct ww_request *request)
{
    return request->control;
}

void ww_request_keep(struct ww_request *request, void *state, void (*release)(void *state))
{
    request->state = state;
    request->release = release;
}

void *ww_request_state(const struct ww_request *request)
{
    return request->state;
}

void ww_request_item(struct ww_request *request, json_t *item)
{
    if (item == NULL)
        request->out_of_memory = true;
    else
        send_json(request, item);
    json_decref(item);
}

void ww_request_when_drained(struct ww_request *request, void (*go_on)(struct ww_request *request))
{
    if (evbuffer_get_length(bufferevent_get_output(request->be)) > OUTPUT_FULL)
        request->drained = go_on;
    else
        go_on(request);
}

static json_t *error_json(enum ww_err err, const char *detail)
{
    if (err == WW_OK)
        return json_null();
    return json_pack("{s:s, s:s, s:s?}", "id", ww_err_id(err), "message", ww_err_message(err), "detail",
                     detail);
}

void ww_request_end(struct ww_request *request, enum ww_err err, const char *detail)
{
    if (request->out_of_memory && err == WW_OK)
        err = WW_E_NO_MEMORY;
    json_t *end = json_pack("{s:b, s:o}", "end", 1, "error", error_json(err, detail));
    if (end != NULL)
        send_json(request, end);
    if (end == NULL || request->out_of_memory)
        hang_up_soon(request);
    json_decref(end);
    forget(request);
    /* The next one may be there already. */
    bufferevent_trigger(request->be, EV_READ, BEV_TRIG_DEFER_CALLBACKS | BEV_TRIG_IGNORE_WATERMARKS);
}

static void begin(struct ww_request *r, struct ww_slice payload)
{
    r->json = json_loadb(payload.p, payload.n, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(r->json)) {
        ww_control_run(r);
        return;
    }
    json_decref(r->json);
    r->json = json_object();
    ww_request_end(r, WW_E_CONTROL_REQUEST, "it is not a JSON object");
}

static void on_readable(struct bufferevent *be, void *arg)
{
    struct ww_request *r = arg;
    struct evbuffer *in = bufferevent_get_input(be);
    size_t n = evbuffer_get_length(in);
    if (r->json != NULL || n == 0)
        return;
    const char *p = (const char *)evbuffer_pullup(in, -1);
    struct ww_slice payload;
    size_t used = 0;
    if (p == NULL) {
        hang_up(r);
        return;
    }
    switch (ww_netstring_cut(p, n, WW_CONTROL_MESSAGE_MAX, &payload, &used)) {
    case WW_NETSTRING_MALFORMED:
        hang_up(r);
        return;
    case WW_NETSTRING_WHOLE:
        begin(r, payload);
        (void)evbuffer_drain(in, used);
        return;
    case WW_NETSTRING_MORE:
        break;
    }
}

static void on_written(struct bufferevent *be, void *arg)
{
    (void)be;
    struct ww_request *r = arg;
    void (*drained)(struct ww_request * request) = r->drained;
    r->drained = NULL;
    if (drained != NULL)
        drained(r);
}

/* A time-out of reading while an answer is under way says nothing: the answer has deadlines of its own. */
static void on_event(struct bufferevent *be, short what, void *arg)
{
    struct ww_request *r = arg;
    bool idle = (what & BEV_EVENT_TIMEOUT) != 0 && (what & BEV_EVENT_READING) != 0;
    if (idle && r->json != NULL)
        (void)bufferevent_enable(be, EV_READ);
    else
        hang_up(r);
}

static uid_t uid_of(int fd)
{
    struct ucred peer = {.uid = (uid_t)-1};
    socklen_t size = sizeof peer;
    (void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
    return peer.uid;
}

static void on_connection(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from,
                          int from_n, void *arg)
{
    (void)from;
    (void)from_n;
    struct ww_control_clients *all = arg;
    const struct timeval idle = {.tv_sec = WW_CONTROL_IDLE_SECONDS};
    struct ww_request *r = calloc(1, sizeof *r);
    struct bufferevent *be =
        r == NULL ? NULL
                  : bufferevent_socket_new(evconnlistener_get_base(listener), fd, BEV_OPT_CLOSE_ON_FREE);
    if (be == NULL) {
        free(r);
        close(fd);
        return;
    }
    r->control = all->control;
    r->all = all;
    r->be = be;
    r->uid = uid_of(fd);
    LIST_INSERT_HEAD(&all->requests, r, link);
    if (++all->count >= WW_CONTROL_CLIENTS_MAX)
        (void)evconnlistener_disable(listener);
    bufferevent_setcb(be, on_readable, on_written, on_event, r);
    bufferevent_setwatermark(be, EV_READ, 0, INPUT_MAX);
    if (bufferevent_set_timeouts(be, &idle, &idle) != 0 || bufferevent_enable(be, EV_READ | EV_WRITE) != 0)
        hang_up(r);
}

struct ww_control_clients *ww_control_clients_new(struct ww_control *control)
{
    struct ww_control_clients *all = calloc(1, sizeof *all);
    if (all == NULL)
        return NULL;
    all->control = control;
    LIST_INIT(&all->requests);
    return all;
}

void ww_control_clients_deaf(struct ww_control_clients *clients)
{
    if (clients->listener != NULL)
        evconnlistener_free(clients->listener);
    clients->listener = NULL;
}

void ww_control_clients_free(struct ww_control_clients *clients)
{
    if (clients == NULL)
        return;
    ww_control_clients_deaf(clients);
    while (!LIST_EMPTY(&clients->requests))
        hang_up(LIST_FIRST(&clients->requests));
    free(clients);
}

void ww_control_clients_listen(struct ww_control_clients *clients, int fd)
{
    ww_control_clients_deaf(clients);
    /* No backlog: it listens already. */
    clients->listener = evconnlistener_new(clients->control->env->base, on_connection, clients,
                                           LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
    if (clients->listener != NULL)
        return;
    ww_log_error("no-memory", "for", "the control socket");
    close(fd);
}
