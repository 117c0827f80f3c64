/*
 * Lines of TXT records: what is read is no longer than what was written, its octets stand where they are said
 * to, and both linters of records agree with themselves.
 */
#include "check_lint.h"
#include "core/lint_record.h"
#include "core/txt_presentation.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LOCATED_MAX 64 /* each takes time that grows with the size */

static void check_line(const char *p, size_t n, char *out)
{
    size_t length = SIZE_MAX, offset = SIZE_MAX, last = 0;
    enum ww_err err = ww_txt_presentation_read(p, n, out, n, &length, &offset);
    CHECK(length <= n && offset <= n && err != WW_E_TOO_LONG);
    if (err != WW_OK)
        return;
    for (size_t i = 0; i < length && i < LOCATED_MAX; i++) {
        size_t at = ww_txt_presentation_locate(p, n, i);
        CHECK(at < n && (i == 0 || at > last));
        CHECK(p[at] == '\\' || p[at] == out[i]);
        last = at;
    }
    CHECK(ww_txt_presentation_locate(p, n, length) <= n);
    if (length > 0) {
        size_t shorter;
        CHECK(ww_txt_presentation_read(p, n, out, length - 1, &shorter, &offset) == WW_E_TOO_LONG);
        CHECK(shorter == length - 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ww_lint_record lint;
    const char *p = (const char *)data;
    char *scratch = malloc(size > 0 ? size : 1);
    CHECK(scratch != NULL);
    check_line(p, size, scratch);
    ww_lint_sts_record(p, size, scratch, &lint);
    check_findings(&lint.findings, lint.verdict, size);
    if (lint.verdict == WW_VERDICT_VALID)
        CHECK(strlen(lint.record.sts.id) >= 1);
    ww_lint_tlsrpt_record(p, size, scratch, &lint);
    check_findings(&lint.findings, lint.verdict, size);
    if (lint.verdict == WW_VERDICT_VALID)
        CHECK(lint.record.tlsrpt.rua_count >= 1);
    free(scratch);
    return 0;
}
