#include "engine/herald.h"

/* Pauses after a message that has failed, in seconds; the last one from then on. */
static const int64_t pauses[] = {60, 300, 1800, 3600};
#define PAUSES (sizeof pauses / sizeof *pauses)

/* Messages that come close upon each other are held back for so many times as long as the first. */
static const int64_t stretches[] = {1, 4, 20, 60};
#define STRETCHES (sizeof stretches / sizeof *stretches)

const char *ww_herald_channel_name(enum ww_herald_channel channel)
{
    static const char *const names[WW_HERALD_CHANNELS] = {"mail", "webhook", "command"};
    return names[channel];
}

static void sweep(struct ww_herald *h)
{
    size_t kept = 0;
    for (size_t i = 0; i < h->count; i++) {
        if (h->alerts[i].missing != 0)
            h->alerts[kept++] = h->alerts[i];
        else
            h->gone(h->gone_ctx, h->alerts[i].of);
    }
    h->count = kept;
}

/* Who is told of a channel's alerts hears no more of one that was closed. */
static void close_road(struct ww_herald *h, enum ww_herald_channel channel)
{
    const struct ww_herald_road closed = {.open = false};
    for (size_t i = 0; i < h->count; i++) {
        h->alerts[i].missing &= ~WW_HERALD_BIT(channel);
        h->alerts[i].message &= ~WW_HERALD_BIT(channel);
    }
    h->roads[channel] = closed;
}

void ww_herald_configure(struct ww_herald *h, unsigned channels, int64_t collect)
{
    h->collect = collect;
    for (unsigned i = 0; i < WW_HERALD_CHANNELS; i++) {
        if ((channels & WW_HERALD_BIT(i)) == 0)
            close_road(h, (enum ww_herald_channel)i);
        else
            h->roads[i].open = true;
    }
    sweep(h);
}

static unsigned open_channels(const struct ww_herald *h)
{
    unsigned bits = 0;
    for (unsigned i = 0; i < WW_HERALD_CHANNELS; i++)
        bits |= h->roads[i].open ? WW_HERALD_BIT(i) : 0;
    return bits;
}

enum ww_herald_take ww_herald_take(struct ww_herald *h, uint64_t number, int64_t made, unsigned missing,
                                   void *of, int64_t now)
{
    missing &= open_channels(h);
    for (size_t i = 0; i < h->count; i++) {
        if (h->alerts[i].number == number)
            return WW_HERALD_KNOWN;
    }
    if (missing == 0)
        return WW_HERALD_NOBODY;
    if (h->count == WW_HERALD_ALERTS_MAX)
        return WW_HERALD_FULL;
    h->alerts[h->count++] =
        (struct ww_herald_alert){.number = number, .of = of, .made = made, .taken = now, .missing = missing};
    return WW_HERALD_TAKEN;
}

/* The first that waits, and is in no message of the channel's; NULL: none does. */
static const struct ww_herald_alert *first_waiting(const struct ww_herald *h, unsigned bit)
{
    for (size_t i = 0; i < h->count; i++) {
        if ((h->alerts[i].missing & bit) != 0 && (h->alerts[i].message & bit) == 0)
            return &h->alerts[i];
    }
    return NULL;
}

/* When the alerts that wait may become a message. */
static int64_t opening(const struct ww_herald *h, const struct ww_herald_road *road,
                       const struct ww_herald_alert *first)
{
    int64_t collected = first->taken + h->collect;
    int64_t spaced = road->last != 0 ? road->last + h->collect * stretches[road->haste] : 0;
    return collected > spaced ? collected : spaced;
}

static void note_haste(const struct ww_herald *h, struct ww_herald_road *road, int64_t now)
{
    bool close_upon = road->last != 0 && now <= road->last + 2 * h->collect * stretches[road->haste];
    if (!close_upon)
        road->haste = 0;
    else if (road->haste + 1 < STRETCHES)
        road->haste++;
    road->last = now;
}

static void put_together(struct ww_herald *h, enum ww_herald_channel channel, int64_t now)
{
    struct ww_herald_road *road = &h->roads[channel];
    int64_t oldest = now;
    for (size_t i = 0; i < h->count && road->count < WW_HERALD_MESSAGE_MAX; i++) {
        struct ww_herald_alert *a = &h->alerts[i];
        if ((a->missing & WW_HERALD_BIT(channel)) == 0)
            continue;
        a->message |= WW_HERALD_BIT(channel);
        oldest = a->made < oldest ? a->made : oldest;
        road->count++;
    }
    note_haste(h, road, now);
    road->tries = 0;
    road->due = now;
    road->deadline = oldest + WW_HERALD_KEEP;
    if (road->deadline < now + WW_HERALD_KEEP_LEAST)
        road->deadline = now + WW_HERALD_KEEP_LEAST;
}

bool ww_herald_due(struct ww_herald *h, enum ww_herald_channel channel, int64_t now, int64_t *when)
{
    struct ww_herald_road *road = &h->roads[channel];
    *when = 0;
    if (!road->open || road->busy)
        return false;
    if (road->count == 0) {
        const struct ww_herald_alert *first = first_waiting(h, WW_HERALD_BIT(channel));
        if (first == NULL)
            return false;
        *when = opening(h, road, first);
        if (*when > now)
            return false;
        put_together(h, channel, now);
    }
    *when = road->due;
    road->busy = road->due <= now;
    return road->busy;
}

enum ww_herald_end ww_herald_ended(struct ww_herald *h, enum ww_herald_channel channel, bool delivered,
                                   int64_t now)
{
    struct ww_herald_road *road = &h->roads[channel];
    road->busy = false;
    if (delivered)
        return WW_HERALD_DELIVERED;
    if (now >= road->deadline)
        return WW_HERALD_LOST;
    road->due = now + pauses[road->tries < PAUSES ? road->tries : PAUSES - 1];
    road->tries++;
    return WW_HERALD_LATER;
}

void ww_herald_forget(struct ww_herald *h, enum ww_herald_channel channel)
{
    for (size_t i = 0; i < h->count; i++) {
        struct ww_herald_alert *a = &h->alerts[i];
        if ((a->message & WW_HERALD_BIT(channel)) == 0)
            continue;
        a->missing &= ~WW_HERALD_BIT(channel);
        a->message &= ~WW_HERALD_BIT(channel);
    }
    h->roads[channel].count = 0;
    sweep(h);
}

void ww_herald_hurry(struct ww_herald *h)
{
    for (unsigned i = 0; i < WW_HERALD_CHANNELS; i++)
        h->roads[i].due = 0;
}

size_t ww_herald_waiting(const struct ww_herald *h, enum ww_herald_channel channel)
{
    size_t n = 0;
    for (size_t i = 0; i < h->count; i++)
        n += (h->alerts[i].missing & WW_HERALD_BIT(channel)) != 0;
    return n;
}
