/*
 * Answers as they were last written, of the domains that are asked for most: parsing and rendering a policy
 * takes as long as all else that a look-up needs of us. Bounded; never wrong, as a stamp names one body.
 */
#ifndef WW_DAEMON_FRONT_MEMO_H
#define WW_DAEMON_FRONT_MEMO_H

#include "base/buf.h"
#include "proc/stats.h"

/* A longer answer is not kept. */
#define WW_MEMO_ANSWER_MAX 1000

struct ww_memo;

/* NULL when memory is short. */
struct ww_memo *ww_memo_new(void);
void ww_memo_free(struct ww_memo *memo);

/* Forgets all answers. */
void ww_memo_clear(struct ww_memo *memo);

/* Appends the answer, and says what kind of one it is; false when it is not here. */
bool ww_memo_get(struct ww_memo *memo, uint64_t hash, uint32_t stamp, enum ww_socketmap_map map,
                 struct ww_buf *b, enum ww_stat_answer *kind);

/*
 * Keeps an answer, in place of an older one, when it is put for the second time within a short while: what is
 * asked for once would only push others out, of the processor's caches too.
 */
void ww_memo_put(struct ww_memo *memo, uint64_t hash, uint32_t stamp, enum ww_socketmap_map map,
                 struct ww_slice answer, enum ww_stat_answer kind);

#endif
