#include "daemon/front_memo.h"

#include <stdlib.h>

#define SETS ((size_t)2048)
#define WAYS 4

struct slot {
    uint32_t stamp; /* 0: empty */
    uint16_t n;
    uint8_t map;
    char answer[WW_MEMO_ANSWER_MAX];
};

struct set {
    struct slot slots[WAYS];
    unsigned next; /* the slot that is given up next */
};

struct ww_memo {
    struct set sets[SETS]; /* pages that were never written take no memory */
};

struct ww_memo *ww_memo_new(void)
{
    return calloc(1, sizeof(struct ww_memo));
}

void ww_memo_free(struct ww_memo *memo)
{
    free(memo);
}

void ww_memo_clear(struct ww_memo *memo)
{
    for (size_t i = 0; i < SETS; i++) {
        for (int j = 0; j < WAYS; j++) {
            if (memo->sets[i].slots[j].stamp != 0)
                memo->sets[i].slots[j].stamp = 0;
        }
    }
}

bool ww_memo_get(const struct ww_memo *memo, uint64_t hash, uint32_t stamp, enum ww_socketmap_map map,
                 struct ww_buf *b)
{
    const struct set *set = &memo->sets[hash & (SETS - 1)];
    for (int i = 0; i < WAYS; i++) {
        const struct slot *slot = &set->slots[i];
        if (slot->stamp == stamp && slot->map == map) {
            ww_buf_bytes(b, slot->answer, slot->n);
            return true;
        }
    }
    return false;
}

void ww_memo_put(struct ww_memo *memo, uint64_t hash, uint32_t stamp, enum ww_socketmap_map map,
                 struct ww_slice answer)
{
    struct set *set = &memo->sets[hash & (SETS - 1)];
    if (answer.n > WW_MEMO_ANSWER_MAX)
        return;
    struct slot *slot = &set->slots[set->next++ % WAYS];
    slot->stamp = stamp;
    slot->map = (uint8_t)map;
    slot->n = (uint16_t)answer.n;
    memcpy(slot->answer, answer.p, answer.n);
}
