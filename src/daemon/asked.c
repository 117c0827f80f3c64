#include "daemon/asked.h"

#include "daemon/log.h"
#include "proc/chan.h"

#include <stdlib.h>
#include <unistd.h>

struct ww_asked {
    struct event_base *base;
    ww_asked_cb *cb;
    void *ctx;
    struct ww_chan *control; /* NULL while there is none */
    unsigned generation;
    char message[WW_CHAN_MESSAGE_MAX];
};

struct ww_asked *ww_asked_new(struct event_base *base, ww_asked_cb *cb, void *ctx)
{
    struct ww_asked *a = calloc(1, sizeof *a);
    if (a == NULL)
        return NULL;
    a->base = base;
    a->cb = cb;
    a->ctx = ctx;
    return a;
}

static void leave_control(struct ww_asked *a)
{
    ww_chan_free(a->control);
    a->control = NULL;
    a->generation++;
}

void ww_asked_free(struct ww_asked *asked)
{
    if (asked == NULL)
        return;
    ww_chan_free(asked->control);
    free(asked);
}

static void on_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    (void)chan;
    struct ww_asked *a = ctx;
    struct ww_msg_ask ask;
    if (fd >= 0)
        close(fd);
    if (type == WW_MSG_ASK && ww_msg_get_ask(payload, &ask) == WW_OK)
        a->cb(a->ctx, &ask, (struct ww_question_ref){a->generation, ask.number});
    else
        ww_log_error("message-malformed", "from", "control");
}

static void on_down(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    leave_control(ctx);
}

void ww_asked_peer(struct ww_asked *asked, int fd)
{
    static const struct ww_chan_handlers handlers = {on_message, on_down};
    leave_control(asked);
    asked->control = ww_chan_new(asked->base, fd, &handlers, asked);
    if (asked->control == NULL)
        ww_log_error("no-memory", "for", "channel to control");
}

static void tell(struct ww_asked *a, struct ww_question_ref ref, const struct ww_msg_told *told)
{
    struct ww_buf b = ww_buf(a->message, sizeof a->message);
    if (a->control == NULL || ref.generation != a->generation)
        return;
    ww_msg_put_told(&b, told);
    if (b.failed)
        ww_asked_fail(a, ref, WW_E_TOO_LONG);
    else if (ww_chan_send(a->control, WW_MSG_TOLD, ww_slice(b.p, b.n), -1) != WW_OK)
        ww_log_debug("not-told", "name", "control"); /* it is gone; whoever asked it hears that */
}

void ww_asked_tell(struct ww_asked *asked, struct ww_question_ref ref, struct ww_slice payload, bool more)
{
    const struct ww_msg_told told = {.number = ref.number, .err = WW_OK, .more = more, .payload = payload};
    tell(asked, ref, &told);
}

void ww_asked_fail(struct ww_asked *asked, struct ww_question_ref ref, enum ww_err err)
{
    const struct ww_msg_told told = {.number = ref.number, .err = err, .payload = ww_slice(NULL, 0)};
    tell(asked, ref, &told);
}
