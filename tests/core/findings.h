/* Findings as text, for tables of cases: "warning sts-duplicate 14, info sts-none 0". */
#ifndef WW_TESTS_CORE_FINDINGS_H
#define WW_TESTS_CORE_FINDINGS_H

#include "core/lint.h"

#include <stdio.h>

#define FINDINGS_TEXT_SIZE 1000

static inline void findings_text(const struct ww_findings *f, char out[FINDINGS_TEXT_SIZE])
{
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < f->count && n < FINDINGS_TEXT_SIZE; i++)
        n += (size_t)snprintf(out + n, FINDINGS_TEXT_SIZE - n, "%s%s %s %zu", i > 0 ? ", " : "",
                              ww_severity_name(f->list[i].severity), ww_err_id(f->list[i].rule),
                              f->list[i].offset);
}

#endif
