#include "core/lint.h"

bool ww_findings_has_room(const struct ww_findings *f, enum ww_severity severity)
{
    return f->count < (severity == WW_SEVERITY_ERROR ? WW_FINDINGS_MAX : WW_FINDINGS_MAX / 2);
}

void ww_findings_add(struct ww_findings *f, enum ww_err rule, enum ww_severity severity, size_t offset)
{
    if (!ww_findings_has_room(f, severity)) {
        f->left_out++;
        return;
    }
    size_t i = f->count++;
    for (; i > 0 && f->list[i - 1].offset > offset; i--)
        f->list[i] = f->list[i - 1];
    f->list[i] = (struct ww_finding){rule, severity, offset};
}

const char *ww_severity_name(enum ww_severity severity)
{
    switch (severity) {
    case WW_SEVERITY_ERROR:
        return "error";
    case WW_SEVERITY_WARNING:
        return "warning";
    case WW_SEVERITY_INFO:
        break;
    }
    return "info";
}

const char *ww_verdict_name(enum ww_verdict verdict)
{
    switch (verdict) {
    case WW_VERDICT_VALID:
        return "valid";
    case WW_VERDICT_NONE:
        return "none";
    case WW_VERDICT_INVALID:
        break;
    case WW_VERDICT_MATCH:
        return "match";
    case WW_VERDICT_NO_MATCH:
        return "no-match";
    }
    return "invalid";
}
