/* A pattern and a host, with a line feed between them: what matches is valid, in upper or lower case alike.
 */
#include "base/ascii.h"
#include "check_lint.h"
#include "core/dname.h"
#include "core/lint_mx.h"
#include "core/mx_match.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t labels(struct ww_slice s)
{
    size_t n = 1;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '.' ? 1 : 0;
    return n;
}

static void check_lint(struct ww_slice pattern, struct ww_slice host, bool san, bool match)
{
    struct ww_lint_mx lint;
    ww_lint_mx(pattern, host, san, &lint);
    check_findings(&lint.findings, lint.verdict, pattern.n > host.n ? pattern.n : host.n);
    CHECK((lint.verdict == WW_VERDICT_MATCH) == match);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *p = (const char *)data;
    const char *feed = size > 0 ? memchr(p, '\n', size) : NULL;
    if (feed == NULL)
        return 0;
    struct ww_slice pattern = ww_slice(p, (size_t)(feed - p));
    struct ww_slice host = ww_slice(feed + 1, size - pattern.n - 1);
    size_t offset = SIZE_MAX;
    bool is_pattern = ww_mx_pattern_check(pattern, &offset) == WW_OK;
    CHECK(offset <= pattern.n);
    bool match = ww_mx_match(pattern, host), san = ww_san_match(pattern, host);
    check_lint(pattern, host, false, match);
    check_lint(pattern, host, true, san);
    CHECK(!san || match);
    if (!match)
        return 0;
    char canon[WW_DNAME_SIZE];
    CHECK(is_pattern && ww_dname_canon(host.p, host.n, canon) == WW_OK);
    CHECK(labels(pattern) == labels(ww_slice_str(canon)));
    CHECK(ww_mx_match(pattern, ww_slice_str(canon)));
    CHECK(pattern.p[0] == '*' || ww_dname_eq(pattern, host));
    return 0;
}
