#include "daemon/front_memo.h"

#include <stdlib.h>

#define SETS ((size_t)2048)
#define KEPT 4
#define ONCE 3

struct tag {
    uint32_t stamp; /* 0: empty */
    uint16_t n;
    uint8_t map;
    uint8_t kind;
};

/* One line of the processor's cache, so that a miss costs no more than that. */
struct set {
    struct tag kept[KEPT];
    struct tag once[ONCE]; /* were put once */
    uint32_t next_kept;    /* the places that are given up next */
    uint32_t next_once;
};
_Static_assert(sizeof(struct set) == 64, "a set is one line");

struct ww_memo {
    struct set sets[SETS];
    char answers[SETS][KEPT][WW_MEMO_ANSWER_MAX]; /* pages that were never written take no memory */
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
    memset(memo->sets, 0, sizeof memo->sets);
}

static struct tag *find(struct tag *tags, size_t count, uint32_t stamp, enum ww_socketmap_map map)
{
    for (size_t i = 0; i < count; i++)
        if (tags[i].stamp == stamp && tags[i].map == map)
            return &tags[i];
    return NULL;
}

bool ww_memo_get(struct ww_memo *memo, uint64_t hash, uint32_t stamp, enum ww_socketmap_map map,
                 struct ww_buf *b, enum ww_stat_answer *kind)
{
    size_t which = hash & (SETS - 1);
    struct set *set = &memo->sets[which];
    const struct tag *tag = find(set->kept, KEPT, stamp, map);
    if (tag == NULL)
        return false;
    ww_buf_bytes(b, memo->answers[which][tag - set->kept], tag->n);
    *kind = (enum ww_stat_answer)tag->kind;
    return true;
}

void ww_memo_put(struct ww_memo *memo, uint64_t hash, uint32_t stamp, enum ww_socketmap_map map,
                 struct ww_slice answer, enum ww_stat_answer kind)
{
    size_t which = hash & (SETS - 1);
    struct set *set = &memo->sets[which];
    if (answer.n > WW_MEMO_ANSWER_MAX)
        return;
    const struct tag tag = {stamp, (uint16_t)answer.n, (uint8_t)map, (uint8_t)kind};
    struct tag *before = find(set->once, ONCE, stamp, map);
    if (before == NULL) {
        set->once[set->next_once++ % ONCE] = tag;
        return;
    }
    *before = (struct tag){0};
    size_t at = set->next_kept++ % KEPT;
    set->kept[at] = tag;
    memcpy(memo->answers[which][at], answer.p, answer.n);
}
