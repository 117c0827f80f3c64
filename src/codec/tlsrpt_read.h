/*
 * Reads the JSON of a report (RFC 8460 section 4.4) as generously as senders need it. What is right
 * docs/schema/tlsrpt.json says; each deviation from it is noted.
 *
 * Accepted: a count that is an integer, an integral float or a decimal string, and a missing one as 0; a null
 * or missing list as an empty one; dates with a space for the T, or without a zone, which is UTC then;
 * strings where lists are due, and the other way round; keys under their older and mistaken names. Not
 * accepted: anything that is not one JSON object, a key twice, invalid UTF-8, nesting deeper than
 * WW_TLSRPT_DEPTH_MAX; no date-range, no policies, a policy without a summary; negative, fractional or
 * overflowing counts, also of their sums.
 */
#ifndef WW_CODEC_TLSRPT_READ_H
#define WW_CODEC_TLSRPT_READ_H

#include "core/received.h"

#define WW_TLSRPT_DEPTH_MAX 32
/* Octets of JSON. */
#define WW_TLSRPT_JSON_MAX ((size_t)64 << 20)

struct ww_tlsrpt_read;

/*
 * Adds to deviations; without an error among them the report is whole. NULL: memory is short. What could be
 * read of a report with errors (its name and id, sums so far) is there as well.
 */
struct ww_tlsrpt_read *ww_tlsrpt_read(struct ww_slice json, struct ww_deviations *deviations);

/* Borrowed until it is freed. */
const struct ww_received *ww_tlsrpt_report(const struct ww_tlsrpt_read *read);
void ww_tlsrpt_read_free(struct ww_tlsrpt_read *read);

#endif
