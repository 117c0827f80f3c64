#include "daemon/front_preload.h"

#include "daemon/log.h"
#include "daemon/preload_image.h"
#include "proc/chan.h"
#include "proc/msg.h"

#include <stdlib.h>
#include <unistd.h>

struct ww_front_preload {
    struct event_base *base;
    struct ww_chan *chan;
    struct ww_preload_image image;
    void (*told)(void *ctx);
    void *ctx;
};

struct ww_front_preload *ww_front_preload_new(struct event_base *base, void (*told)(void *ctx), void *ctx)
{
    struct ww_front_preload *p = calloc(1, sizeof *p);
    if (p != NULL)
        *p = (struct ww_front_preload){.base = base, .image = WW_PRELOAD_NO_IMAGE, .told = told, .ctx = ctx};
    return p;
}

void ww_front_preload_free(struct ww_front_preload *preload)
{
    if (preload == NULL)
        return;
    ww_chan_free(preload->chan);
    ww_preload_image_drop(&preload->image);
    free(preload);
}

void ww_front_preload_drop(struct ww_front_preload *preload)
{
    ww_preload_image_drop(&preload->image);
}

static void on_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    (void)chan;
    (void)payload;
    struct ww_front_preload *p = ctx;
    enum ww_err why = WW_OK;
    if (type != WW_MSG_PRELOAD) {
        ww_log_error("message-unknown", "from", "preload");
        if (fd >= 0)
            (void)close(fd);
        return;
    }
    if (fd < 0)
        ww_preload_image_drop(&p->image);
    else if (!ww_preload_image_take(&p->image, fd, &why))
        ww_log_error("preload-refused", "error", ww_err_id(why), "detail", ww_err_message(why), "done",
                     "the list that counted before still does");
    p->told(p->ctx);
}

static void on_down(void *ctx, struct ww_chan *chan)
{
    struct ww_front_preload *p = ctx;
    ww_chan_free(chan);
    if (p->chan == chan)
        p->chan = NULL;
}

void ww_front_preload_peer(struct ww_front_preload *preload, int fd)
{
    static const struct ww_chan_handlers handlers = {on_message, on_down};
    ww_chan_free(preload->chan);
    preload->chan = ww_chan_new(preload->base, fd, &handlers, preload);
    if (preload->chan == NULL)
        ww_log_error("no-memory", "for", "channel to preload");
}

struct ww_listed ww_front_preload_find(const struct ww_front_preload *preload, const char *domain,
                                       int64_t now)
{
    const struct ww_preload *list = &preload->image.list;
    struct ww_listed listed = {.until = list->expires};
    listed.found = ww_preload_counts(list, now) && ww_preload_find(list, ww_slice_str(domain), &listed.entry);
    return listed;
}

uint32_t ww_front_preload_count(const struct ww_front_preload *preload, int64_t now)
{
    return ww_preload_counts(&preload->image.list, now) ? preload->image.list.count : 0;
}

int64_t ww_front_preload_expires(const struct ww_front_preload *preload)
{
    return preload->image.list.expires;
}
