/* A master file (RFC 1035 section 5), read by ldns, that answers questions as a server with it would. */
#ifndef WW_CHECK_ZONE_TEXT_H
#define WW_CHECK_ZONE_TEXT_H

#include "base/slice.h"

#include <stddef.h>
#include <stdint.h>

struct ww_zone_text;

/*
 * Names without a dot at their end are below `origin`, until $ORIGIN says otherwise; $INCLUDE is refused.
 * NULL: *line (from 1; 0: the whole) and `why` say what is wrong. The text is not borrowed.
 */
struct ww_zone_text *ww_zone_text_new(struct ww_slice text, const char *origin, unsigned *line, char *why,
                                      size_t size);
void ww_zone_text_free(struct ww_zone_text *zone);

/* Whether there is a record of this name, or below it. */
bool ww_zone_text_has(const struct ww_zone_text *zone, const char *name);

/*
 * The answer to a question, aliases followed as far as the file has them; n octets for the caller to free.
 * NULL: memory is short, or it takes more than 64 KiB.
 */
char *ww_zone_text_answer(const struct ww_zone_text *zone, const char *name, uint16_t type, size_t *n);

#endif
