/*
 * What of the courier's deliveries one destination gets, a mail domain or a host: few at a time, and so many
 * a minute. No I/O: time is passed in.
 */
#ifndef WW_ENGINE_COURIER_SHARE_H
#define WW_ENGINE_COURIER_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Deliveries to one destination at a time. */
#define WW_COURIER_PARALLEL 2
/* Destinations of one minute; further ones have to wait. */
#define WW_COURIER_DESTINATIONS 8192

struct ww_courier_destination {
    uint64_t key;     /* stands for its name */
    int64_t since_ms; /* when the first one of this minute was begun */
    unsigned begun;   /* since then */
    unsigned busy;    /* under way */
};

/* Zero: nobody has got anything. */
struct ww_courier_share {
    size_t count;
    struct ww_courier_destination destinations[WW_COURIER_DESTINATIONS];
};

/*
 * True: a delivery to that destination may begin now; tell of its end with ww_courier_share_give_back. The
 * clock never goes back.
 */
bool ww_courier_share_take(struct ww_courier_share *s, uint64_t key, unsigned per_minute, int64_t now_ms);
void ww_courier_share_give_back(struct ww_courier_share *s, uint64_t key);

#endif
