/* Whether a preload list that was read and verified may take the place of the one kept, as a pure rule. */
#ifndef WW_ENGINE_PRELOAD_H
#define WW_ENGINE_PRELOAD_H

#include "core/preload.h"

/* The clocks of the list's maker and of this machine may differ by so much. */
#define WW_PRELOAD_SKEW ((int64_t)24 * 3600)

enum ww_preload_verdict {
    WW_PRELOAD_TAKE,   /* from now on it counts */
    WW_PRELOAD_SAME,   /* its timestamp is that of the kept one, which stays */
    WW_PRELOAD_REFUSE, /* *why says it */
};

/*
 * kept is the list that was accepted last, or NULL; that it has expired makes an older one no better. *why is
 * WW_OK unless the candidate is refused: WW_E_PRELOAD_TIMES, WW_E_PRELOAD_FUTURE, WW_E_PRELOAD_EXPIRED or
 * WW_E_PRELOAD_OLDER.
 */
enum ww_preload_verdict ww_preload_decide(const struct ww_preload *candidate, const struct ww_preload *kept,
                                          int64_t now, enum ww_err *why);

#endif
