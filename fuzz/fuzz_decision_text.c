/* Decisions in words: what is read lies inside the text, within the limits, and is counted as it is walked.
 */
#include "core/decision_text.h"
#include "core/dname.h"
#include "core/mx_match.h"
#include "core/sts_record.h"

#include "check.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(const struct ww_decision_text *t, struct ww_slice s)
{
    CHECK(s.n == 0 || (s.p >= t->text.p && s.p + s.n <= t->text.p + t->text.n));
}

static void check_plain(struct ww_slice s)
{
    static char room[WW_DECISION_TEXT_MAX];
    struct ww_buf b = ww_buf(room, s.n);
    ww_decision_text_plain(&b, s);
    CHECK(!b.failed);
}

static void check_lists(const struct ww_decision_text *t)
{
    struct ww_slice value;
    enum ww_dane_state dane;
    size_t offset, n = 0;
    for (size_t pos = 0; ww_decision_text_next_mx(t, &pos, &value); n++) {
        check_inside(t, value);
        CHECK(ww_mx_pattern_check(value, &offset) == WW_OK);
    }
    CHECK(n == t->mx_count);
    n = 0;
    for (size_t pos = 0; ww_decision_text_next_host(t, &pos, &value, &dane); n++) {
        check_inside(t, value);
        CHECK(dane < WW_DANE_STATES && ww_dname_check(value.p, value.n, &offset) == WW_OK);
    }
    CHECK(n == t->host_count && n <= WW_DANE_HOSTS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ww_decision_text t;
    size_t offset;
    enum ww_err err = ww_decision_text_parse((const char *)data, size, &t, &offset);
    CHECK(offset <= size);
    if (err != WW_OK)
        return 0;
    check_inside(&t, t.domain);
    check_inside(&t, t.id);
    check_inside(&t, t.section);
    check_inside(&t, t.why);
    CHECK(t.domain.n > 0 && t.domain.n <= WW_DNAME_MAX && t.id.n <= WW_STS_ID_MAX);
    check_plain(t.why);
    check_plain(t.section);
    check_lists(&t);
    return 0;
}
