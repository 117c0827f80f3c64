#include "proc/msg_preload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static char space[4096];

static const struct ww_msg_preload full = {
    .there = true,
    .timestamp = 1795388220,
    .expires = 1796388220,
    .domains = 1000000,
    .author = "J\xc3\xb6rg",
    .key = "ED797FCC183BE98C344465153704356F839E4EA0",
    .user = "List Maker <list@example.com>",
    .outcome = WW_PRELOAD_FAILED,
    .err = WW_E_PRELOAD_OLDER,
    .detail = "why",
    .looked = 1795388221,
    .next = 1795388521,
};

static struct ww_slice encoded(const struct ww_msg_preload *m)
{
    struct ww_buf b = ww_buf(space, sizeof space);
    ww_msg_put_preload(&b, m);
    assert_false(b.failed);
    return ww_slice(b.p, b.n);
}

static void comes_back(void **state)
{
    (void)state;
    static struct ww_msg_preload got;
    assert_int_equal(ww_msg_get_preload(encoded(&full), &got), WW_OK);
    assert_true(got.there);
    assert_int_equal(got.timestamp, full.timestamp);
    assert_int_equal(got.expires, full.expires);
    assert_int_equal(got.domains, full.domains);
    assert_string_equal(got.author, full.author);
    assert_string_equal(got.key, full.key);
    assert_string_equal(got.user, full.user);
    assert_int_equal(got.outcome, full.outcome);
    assert_int_equal(got.err, full.err);
    assert_string_equal(got.detail, full.detail);
    assert_int_equal(got.looked, full.looked);
    assert_int_equal(got.next, full.next);
}

static void is_whole_or_nothing(void **state)
{
    (void)state;
    static struct ww_msg_preload got;
    const struct ww_slice whole = encoded(&full);
    for (size_t n = 0; n < whole.n; n++)
        assert_int_equal(ww_msg_get_preload(ww_slice(whole.p, n), &got), WW_E_MSG_MALFORMED);
    assert_int_equal(ww_msg_get_preload(ww_slice(whole.p, whole.n + 1), &got), WW_E_MSG_MALFORMED);
    struct ww_msg_preload wrong = full;
    wrong.outcome = WW_PRELOAD_OUTCOMES;
    assert_int_equal(ww_msg_get_preload(encoded(&wrong), &got), WW_E_MSG_MALFORMED);
    wrong = full;
    wrong.err = WW_ERR_COUNT;
    assert_int_equal(ww_msg_get_preload(encoded(&wrong), &got), WW_E_MSG_MALFORMED);
    wrong = full;
    wrong.key[3] = ' ';
    assert_int_equal(ww_msg_get_preload(encoded(&wrong), &got), WW_E_MSG_MALFORMED);
}

static void outcomes_have_names(void **state)
{
    (void)state;
    assert_string_equal(ww_preload_outcome_name(WW_PRELOAD_NOT_LOOKED), "none");
    assert_string_equal(ww_preload_outcome_name(WW_PRELOAD_NEW), "new");
    assert_string_equal(ww_preload_outcome_name(WW_PRELOAD_UNCHANGED), "unchanged");
    assert_string_equal(ww_preload_outcome_name(WW_PRELOAD_FAILED), "failed");
    assert_string_equal(ww_preload_outcome_name(WW_PRELOAD_OUTCOMES), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),
        cmocka_unit_test(is_whole_or_nothing),
        cmocka_unit_test(outcomes_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
