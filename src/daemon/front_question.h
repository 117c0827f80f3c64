/* What a request of an MTA asks: no state, no waiting. */
#ifndef WW_DAEMON_FRONT_QUESTION_H
#define WW_DAEMON_FRONT_QUESTION_H

#include "core/dname.h"
#include "core/socketmap.h"

#include <stdint.h>

struct ww_question {
    enum ww_socketmap_map map;
    const char *fixed;          /* the whole answer when it depends on no policy (static); else NULL */
    uint64_t hash;              /* of the domain, once it is known; 0 before */
    char domain[WW_DNAME_SIZE]; /* canonical; only set when fixed is NULL */
    char host[WW_DNAME_SIZE];   /* canonical, or "" for what is no name; of WW_MAP_STS_MX alone */
};

void ww_question_read(struct ww_slice payload, struct ww_question *out);

/* The same for a request of the line protocol (core/line.h). */
void ww_question_read_line(struct ww_slice line, struct ww_question *out);

#endif
