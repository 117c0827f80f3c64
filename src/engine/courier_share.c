#include "engine/courier_share.h"

#define MINUTE_MS 60000

static struct ww_courier_destination *find(struct ww_courier_share *s, uint64_t key)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->destinations[i].key == key)
            return &s->destinations[i];
    return NULL;
}

/* Of a minute that is over nothing needs to be known. */
static struct ww_courier_destination *place(struct ww_courier_share *s, int64_t now_ms)
{
    bool full = s->count == WW_COURIER_DESTINATIONS;
    for (size_t i = 0; full && i < s->count;) {
        const struct ww_courier_destination *d = &s->destinations[i];
        if (d->busy == 0 && now_ms - d->since_ms >= MINUTE_MS)
            s->destinations[i] = s->destinations[--s->count];
        else
            i++;
    }
    return s->count < WW_COURIER_DESTINATIONS ? &s->destinations[s->count++] : NULL;
}

bool ww_courier_share_take(struct ww_courier_share *s, uint64_t key, unsigned per_minute, int64_t now_ms)
{
    struct ww_courier_destination *d = find(s, key);
    if (d == NULL) {
        d = place(s, now_ms);
        if (d == NULL)
            return false;
        *d = (struct ww_courier_destination){.key = key, .since_ms = now_ms};
    }
    if (now_ms - d->since_ms >= MINUTE_MS) {
        d->since_ms = now_ms;
        d->begun = 0;
    }
    if (d->busy >= WW_COURIER_PARALLEL || d->begun >= per_minute)
        return false;
    d->busy++;
    d->begun++;
    return true;
}

void ww_courier_share_give_back(struct ww_courier_share *s, uint64_t key)
{
    struct ww_courier_destination *d = find(s, key);
    if (d != NULL && d->busy > 0)
        d->busy--;
}
