/* The part of a bounce that machines read (RFC 3464): groups of fields, one for each recipient. */
#ifndef WW_REPORT_BOUNCE_STATUS_H
#define WW_REPORT_BOUNCE_STATUS_H

#include "report/bounce.h"

/*
 * Takes the next field off a header, or off a group of fields: its name, and its value with the folds taken
 * out, cut to size. False: the group has ended; what is left begins after its empty line.
 */
bool ww_bounce_field(struct ww_slice *text, struct ww_slice *name, char *value, size_t size);

/* Adds those whose delivery has failed for good. */
void ww_bounce_status(struct ww_slice text, struct ww_bounce *out);

#endif
