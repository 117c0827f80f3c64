/* Findings as text, for tables of cases: "error host-not-found, info host-cached", in the report's order. */
#ifndef WW_TESTS_CHECK_FOUND_H
#define WW_TESTS_CHECK_FOUND_H

#include "check/check.h"

#include <stdio.h>

#define FOUND_SIZE 1000

static inline void found_text(const struct ww_check_report *report, char out[FOUND_SIZE])
{
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < report->count && n < FOUND_SIZE; i++)
        n += (size_t)snprintf(out + n, FOUND_SIZE - n, "%s%s %s", i > 0 ? ", " : "",
                              ww_severity_name(report->findings[i].severity),
                              ww_check_info(report->findings[i].check)->id);
}

#endif
