#include "net/https_private.h"

#include <event2/event.h>

/* Takes down what has ended. Nobody is told from here: libcurl's caller may be in the midst of anything. */
static void collect(struct ww_https *https)
{
    CURLMsg *m;
    int left;
    while ((m = curl_multi_info_read(https->multi, &left)) != NULL) {
        struct ww_https_get *get = NULL;
        CURLcode code = m->data.result;
        if (m->msg == CURLMSG_DONE && curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &get) == CURLE_OK)
            ww_https_ended(get, code);
    }
}

static void on_socket(evutil_socket_t fd, short what, void *arg)
{
    struct ww_https *https = arg;
    int running;
    int mask =
        ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0) | ((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0);
    (void)curl_multi_socket_action(https->multi, fd, mask, &running);
    collect(https);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct ww_https *https = arg;
    int running;
    (void)fd, (void)what;
    (void)curl_multi_socket_action(https->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect(https);
}

static int set_timer(CURLM *multi, long timeout_ms, void *arg)
{
    struct ww_https *https = arg;
    (void)multi;
    if (timeout_ms < 0)
        return evtimer_del(https->timer);
    struct timeval tv = {timeout_ms / 1000, timeout_ms % 1000 * 1000};
    return evtimer_add(https->timer, &tv);
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *watched)
{
    struct ww_https *https = arg;
    struct event *event = watched;
    (void)easy;
    if (event != NULL)
        event_free(event);
    event = NULL;
    if (what != CURL_POLL_REMOVE) {
        short flags = (short)(EV_PERSIST | (what != CURL_POLL_OUT ? EV_READ : 0) |
                              (what != CURL_POLL_IN ? EV_WRITE : 0));
        event = event_new(https->base, fd, flags, on_socket, https);
        if (event != NULL && event_add(event, NULL) != 0) {
            event_free(event);
            event = NULL;
        }
    }
    (void)curl_multi_assign(https->multi, fd, event);
    return what == CURL_POLL_REMOVE || event != NULL ? 0 : -1;
}

enum ww_err ww_https_loop_init(struct ww_https *https)
{
    CURLM *multi = https->multi = curl_multi_init();
    https->timer = evtimer_new(https->base, on_timer, https);
    bool ok = multi != NULL && https->timer != NULL &&
              curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch_socket) == CURLM_OK &&
              curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, https) == CURLM_OK &&
              curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer) == CURLM_OK &&
              curl_multi_setopt(multi, CURLMOPT_TIMERDATA, https) == CURLM_OK;
    return ok ? WW_OK : WW_E_NO_MEMORY;
}

void ww_https_loop_free(struct ww_https *https)
{
    if (https->multi != NULL)
        (void)curl_multi_cleanup(https->multi); /* calls set_timer and watch_socket once more */
    if (https->timer != NULL)
        event_free(https->timer);
}
