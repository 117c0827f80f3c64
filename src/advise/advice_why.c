#include "advise/advise.h"
#include "advise/say.h"

#include <stdio.h>

/* What senders tell is known with its numbers; of it what the mode refuses, and of that the most. */
static bool weighs_more(const struct ww_advice_break *a, const struct ww_advice_break *b)
{
    bool a_counts = a->reported && a->verdict == WW_CAUSE_COUNTS;
    bool b_counts = b->reported && b->verdict == WW_CAUSE_COUNTS;
    return a_counts != b_counts ? a_counts : a->sessions > b->sessions;
}

static void say_break(const struct ww_advice_break *b, size_t others, char *out)
{
    char where[WW_SAY_NAME_SIZE], more[32] = "";
    if (others > 0)
        (void)snprintf(more, sizeof more, ", and %zu more", others);
    (void)snprintf(out, WW_ADVICE_WHY_SIZE, "%s: %.180s%s",
                   b->where[0] != '\0' ? ww_say_name(where, b->where) : "a host that is not named", b->words,
                   more);
}

void ww_advice_why(const struct ww_advice *advice, char out[WW_ADVICE_WHY_SIZE])
{
    const struct ww_advice_break *worst = NULL;
    out[0] = '\0';
    for (size_t i = 0; i < advice->break_count; i++)
        if (worst == NULL || weighs_more(&advice->breaks[i], worst))
            worst = &advice->breaks[i];
    if (worst != NULL)
        say_break(worst, advice->break_count - 1 + advice->breaks_left_out, out);
    else if (advice->reason_count > 0 && advice->reasons[0].weight == WW_WEIGHT_BAD)
        (void)snprintf(out, WW_ADVICE_WHY_SIZE, "%.300s", advice->reasons[0].words);
}
