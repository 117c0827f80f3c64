/* What `waxwing report stats` shows, drawn: apart from where it comes from. */
#ifndef WW_CLI_RECEIVED_STATS_H
#define WW_CLI_RECEIVED_STATS_H

#include "cli/tree.h"

#include <jansson.h>
#include <stdint.h>

struct ww_received_drawing {
    const char *by;             /* "day", ... */
    int64_t first, last;        /* days, as ww_day_of, that days are shown of; both are included */
    int64_t today;              /* the same: what is missing of the last two may still come */
    struct ww_tree_style style; /* width 0: it is no terminal */
};

/* rows: those of received-stats, an array, whose order is changed. False: memory is short. */
bool ww_received_draw(FILE *to, const struct ww_received_drawing *drawing, json_t *rows);

/* The totals of the rows, and who has sent them: rows by sender. Sentences below what was drawn. */
void ww_received_draw_totals(FILE *to, const struct ww_received_drawing *drawing, const json_t *rows,
                             json_t *senders);

#endif
