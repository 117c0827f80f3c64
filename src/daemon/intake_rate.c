#include "daemon/intake_rate.h"

#include <stdlib.h>
#include <string.h>

#define WAYS 8 /* places that an address may have */
#define SETS (WW_INTAKE_RATE_ENTRIES / WAYS)
#define MINUTE INT64_C(60000000)

/* An entry is empty when its time is over: then the address has all its requests. */
struct entry {
    uint8_t address[9]; /* its length, and as much of it as counts */
    int64_t
        until; /* when it has all of them again, in microseconds; each request takes its part of a minute */
};

struct ww_intake_rate {
    struct ww_hash_key key;
    struct entry sets[SETS][WAYS];
};

struct ww_intake_rate *ww_intake_rate_new(const struct ww_hash_key *key)
{
    struct ww_intake_rate *rate = calloc(1, sizeof *rate);
    if (rate != NULL)
        rate->key = *key;
    return rate;
}

void ww_intake_rate_free(struct ww_intake_rate *rate)
{
    free(rate);
}

static struct entry *find(struct ww_intake_rate *rate, const struct entry *wanted)
{
    struct entry *set = rate->sets[ww_hash(&rate->key, wanted->address, sizeof wanted->address) % SETS];
    struct entry *least = set;
    for (size_t i = 0; i < WAYS; i++) {
        if (memcmp(set[i].address, wanted->address, sizeof wanted->address) == 0)
            return &set[i];
        if (set[i].until < least->until)
            least = &set[i];
    }
    *least = *wanted;
    return least;
}

bool ww_intake_rate_take(struct ww_intake_rate *rate, const struct ww_addr *who, unsigned per_minute,
                         int64_t now, unsigned *wait)
{
    int64_t us = now * 1000;
    struct entry wanted = {.address = {who->length}, .until = us};
    memcpy(wanted.address + 1, who->octets, who->length == 4 ? 4 : 8);
    struct entry *e = find(rate, &wanted);
    int64_t each = MINUTE / per_minute;
    int64_t until = (e->until > us ? e->until : us) + each;
    int64_t late = until - (us + each * per_minute);
    *wait = late > 0 ? (unsigned)((late + 999999) / 1000000) : 0;
    if (late > 0)
        return false;
    e->until = until;
    return true;
}
