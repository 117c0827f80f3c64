/*
 * What a linter found, as one JSON object: `result`, then the values when the result is valid and only then,
 * then `findings`, a list of {"id", "severity", "offset", "message", "source"}.
 */
#ifndef WW_CODEC_LINT_JSON_H
#define WW_CODEC_LINT_JSON_H

#include "core/lint_mx.h"
#include "core/lint_policy.h"
#include "core/lint_record.h"

/*
 * Each returns one line of text without a line end, which the caller frees with free(); NULL when memory is
 * out. The values: `id`; `rua` (URIs as written); `version`, `mode`, `max_age`, `mx` (patterns as published).
 */
char *ww_lint_sts_json(const struct ww_lint_record *lint);
char *ww_lint_tlsrpt_json(const struct ww_lint_record *lint);
char *ww_lint_policy_json(const struct ww_lint_policy *lint);
char *ww_lint_mx_json(const struct ww_lint_mx *lint);

#endif
