/*
 * When alerts go out through which channel: they are collected for a while, so that a storm becomes one
 * message; a message that fails is tried again ever later; what was delivered is never sent again. No I/O:
 * the caller asks what is due, sends, and tells how it went.
 *
 * A message is a frozen set of alerts: a retry sends the same ones, so that who gets it twice all the same
 * (the answer was lost) can tell. Alerts that come meanwhile wait for the next.
 */
#ifndef WW_ENGINE_HERALD_H
#define WW_ENGINE_HERALD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ww_herald_channel {
    WW_HERALD_MAIL,
    WW_HERALD_WEBHOOK,
    WW_HERALD_COMMAND,
    WW_HERALD_CHANNELS,
};

/* "mail", "webhook", "command". */
const char *ww_herald_channel_name(enum ww_herald_channel channel);

#define WW_HERALD_BIT(channel) (1u << (channel))

/* Alerts that are held, and those of one message. */
#define WW_HERALD_ALERTS_MAX 10000
#define WW_HERALD_MESSAGE_MAX 1000

/* So long a message is tried, from the making of its oldest alert on; and at least for the second time, from
 * when it was put together. Seconds. */
#define WW_HERALD_KEEP (3 * 24 * 3600)
#define WW_HERALD_KEEP_LEAST 3600

struct ww_herald_alert {
    uint64_t number;
    void *of; /* the caller's */
    int64_t made;
    int64_t taken;
    unsigned missing; /* channels that it has to go through yet, by bits */
    unsigned message; /* those whose present message has it */
};

struct ww_herald_road {
    bool open;        /* the channel is configured */
    bool busy;        /* a message is being sent */
    size_t count;     /* alerts of the present message; 0: there is none */
    unsigned tries;   /* of it that have failed */
    int64_t due;      /* when it is tried again */
    int64_t deadline; /* when it is given up */
    int64_t last;     /* when the last message was put together; 0: never */
    unsigned haste;   /* how often in a row messages came close upon each other */
};

struct ww_herald {
    int64_t collect; /* seconds */
    /* Called with `of` of each alert that is held no longer. */
    void (*gone)(void *ctx, void *of);
    void *gone_ctx;
    size_t count;
    struct ww_herald_alert alerts[WW_HERALD_ALERTS_MAX];
    struct ww_herald_road roads[WW_HERALD_CHANNELS];
};

/* A zeroed struct with `gone` set is a herald without channels. May be called again; the alerts stay, but for
 * those that no channel is left for. */
void ww_herald_configure(struct ww_herald *h, unsigned channels, int64_t collect);

enum ww_herald_take {
    WW_HERALD_TAKEN,
    WW_HERALD_KNOWN,  /* it is held already */
    WW_HERALD_NOBODY, /* none of its channels is open */
    WW_HERALD_FULL,   /* ask again when some are gone */
};

/* `missing`: the channels that it has to go through. `of` stays the caller's unless it is TAKEN. */
enum ww_herald_take ww_herald_take(struct ww_herald *h, uint64_t number, int64_t made, unsigned missing,
                                   void *of, int64_t now);

/*
 * True: the channel has a message to send, which is put together unless it was before; its alerts are those
 * with the channel's bit in `message`. Tell how it went with ww_herald_ended. False: *when is when to ask
 * again at the latest, 0 when only news or an end change anything.
 */
bool ww_herald_due(struct ww_herald *h, enum ww_herald_channel channel, int64_t now, int64_t *when);

enum ww_herald_end {
    WW_HERALD_DELIVERED,
    WW_HERALD_LATER, /* it is tried again */
    WW_HERALD_LOST,  /* and given up */
};

/*
 * After DELIVERED and LOST the caller tells whom it concerns of each alert of the message, and then calls
 * ww_herald_forget.
 */
enum ww_herald_end ww_herald_ended(struct ww_herald *h, enum ww_herald_channel channel, bool delivered,
                                   int64_t now);
void ww_herald_forget(struct ww_herald *h, enum ww_herald_channel channel);

/* What has failed is due again at once: something has changed that may help. */
void ww_herald_hurry(struct ww_herald *h);

/* How many alerts wait for a channel, those of its message included. */
size_t ww_herald_waiting(const struct ww_herald *h, enum ww_herald_channel channel);

#endif
