#include "daemon/log_timer.h"

#include "daemon/log.h"

#include <event2/event.h>

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what, (void)arg;
    ww_log_flush(false);
}

struct event *ww_log_timer_new(struct event_base *base)
{
    const struct timeval step = {.tv_sec = WW_LOG_FLUSH_SECONDS};
    struct event *timer = event_new(base, -1, EV_PERSIST, on_timer, NULL);
    if (timer != NULL && event_add(timer, &step) != 0) {
        event_free(timer);
        timer = NULL;
    }
    return timer;
}
