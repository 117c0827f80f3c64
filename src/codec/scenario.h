/*
 * A delivery that somebody describes in JSON, to be judged: what `waxwing simulate` reads and writes. The
 * keys and what they mean when they are left out are in docs/simulate.md.
 */
#ifndef WW_CODEC_SCENARIO_H
#define WW_CODEC_SCENARIO_H

#include "codec/json_read.h"
#include "core/judge.h"

/* Longest text of one scenario, in octets. */
#define WW_SCENARIO_MAX ((size_t)1 << 20)

struct ww_scenario {
    struct ww_delivery delivery;
    const struct ww_seen_mx *mx; /* in order of preference */
    size_t mx_count;
    struct ww_scenario_own *own; /* private: what the others borrow */
};

/*
 * Reads the first scenario of a text, of which more may follow; *used is where it ends. NULL: *why says where
 * it is wrong (a place in it, or a line and a column of the text), or that memory is out. Free with
 * ww_scenario_free.
 */
struct ww_scenario *ww_scenario_read(const char *p, size_t n, size_t *used, char why[WW_JSON_READ_WHY_SIZE]);
void ww_scenario_free(struct ww_scenario *scenario);

/* The judgements as one JSON object on one line, which the caller frees with free(); NULL when memory is out.
 */
char *ww_scenario_result(const struct ww_scenario *scenario);

#endif
