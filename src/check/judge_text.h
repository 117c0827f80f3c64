/* What the judges of the two TXT records share. */
#ifndef WW_CHECK_JUDGE_TEXT_H
#define WW_CHECK_JUDGE_TEXT_H

#include "check/check.h"
#include "check/names_sight.h"
#include "core/lint_record.h"

/* A text in quotes, escaped, cut where it is long; NUL-terminated. */
#define WW_JUDGE_QUOTE_SIZE 300
void ww_judge_quote(struct ww_slice text, char out[WW_JUDGE_QUOTE_SIZE]);

/*
 * Finds what the linter has found, under the ids of its rules; `leave_out` rules aside, and those that follow
 * from a semicolon that is missing.
 */
void ww_judge_lint(struct ww_check_report *report, const struct ww_name_texts *texts,
                   const struct ww_lint_record *lint, const enum ww_err *leave_out, size_t leave_out_count);

/* Of the names from first to last, or the apex, one with a record of this kind that no wildcard has put
 * there; NULL: there is none. */
const struct ww_name_texts *ww_judge_misplaced(const struct ww_names_sight *sight, enum ww_names_text first,
                                               enum ww_names_text last, const struct ww_txt_kind *kind,
                                               struct ww_slice *text);

/* What was seen of a look-up that failed, in words. */
const char *ww_judge_failure(enum ww_err err, const char *detail, char out[WW_JUDGE_QUOTE_SIZE]);

/* Whether a look-up failed by the fault of the other side. */
bool ww_judge_is_their_failure(enum ww_err err);

#endif
