/* Reports as JSON (RFC 8460 section 4.4, I-JSON: RFC 7493). */
#ifndef WW_CODEC_TLSRPT_JSON_H
#define WW_CODEC_TLSRPT_JSON_H

#include "core/report.h"

/*
 * The text of a report, on one line; allocated, with its length in *n. What is empty or not known is left
 * out where the RFC lets it; docs/schema/tlsrpt.json describes it. NULL: memory is short.
 */
char *ww_tlsrpt_json(const struct ww_report *report, size_t *n);

#endif
