/*
 * The differences between two policies as people read them: which lines went, which came, which stayed.
 * Pure text: it looks at lines alone, and takes any bytes.
 */
#ifndef WW_CORE_POLICY_DIFF_H
#define WW_CORE_POLICY_DIFF_H

#include "base/slice.h"

/*
 * Between what both begin and end with, so many lines a side are compared one by one; of more, all old ones
 * are shown as gone and all new ones as come.
 */
#define WW_POLICY_DIFF_LINES 200

enum ww_diff_mark {
    WW_DIFF_STAYS = ' ',
    WW_DIFF_GONE = '-',
    WW_DIFF_NEW = '+',
};

/* The line is without its line end and trailing white space, and borrowed from its body. */
typedef void ww_policy_diff_cb(void *ctx, enum ww_diff_mark mark, struct ww_slice line);

/* Calls cb for each line of both, in their order; as few lines as can be are gone and new. */
void ww_policy_diff(struct ww_slice before, struct ww_slice after, ww_policy_diff_cb *cb, void *ctx);

#endif
