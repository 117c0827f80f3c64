/* What holds for the findings of every linter. */
#ifndef WW_FUZZ_CHECK_LINT_H
#define WW_FUZZ_CHECK_LINT_H

#include "check.h"
#include "core/lint.h"

/* In order, inside the input, and with an error exactly when the verdict is invalid. */
static inline void check_findings(const struct ww_findings *f, enum ww_verdict verdict, size_t size)
{
    size_t errors = 0, last = 0;
    CHECK(f->count <= WW_FINDINGS_MAX);
    for (size_t i = 0; i < f->count; i++) {
        CHECK(f->list[i].offset >= last && f->list[i].offset <= size);
        CHECK(f->list[i].rule != WW_OK);
        last = f->list[i].offset;
        errors += f->list[i].severity == WW_SEVERITY_ERROR ? 1 : 0;
    }
    CHECK((errors > 0) == (verdict == WW_VERDICT_INVALID));
}

#endif
