/* What the keeper is told of trust anchors: there and back, cut at every length, and with wrong numbers. */
#include "proc/msg_anchors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct ww_msg_anchor_seed in, out;
static char bytes[WW_MSG_ANCHOR_SEED_MAX];

static void test_there_and_back(void **state)
{
    (void)state;
    for (int longest = 0; longest < 2; longest++) {
        memset(&in, 0, sizeof in);
        in.source = WW_ANCHORS_FILE;
        in.updates = true;
        in.error = 13;
        memset(in.path, 'a', longest ? sizeof in.path - 1 : 5);
        struct ww_buf b = ww_buf(bytes, sizeof bytes);
        ww_msg_put_anchor_seed(&b, &in);
        assert_false(b.failed);
        assert_int_equal(ww_msg_get_anchor_seed(ww_slice(b.p, b.n), &out), WW_OK);
        assert_memory_equal(&in, &out, sizeof in);
        for (size_t n = 0; n < b.n; n++)
            assert_int_equal(ww_msg_get_anchor_seed(ww_slice(b.p, n), &out), WW_E_MSG_MALFORMED);
        assert_int_equal(ww_msg_get_anchor_seed(ww_slice(b.p, b.n + 1), &out), WW_E_MSG_MALFORMED);
    }
}

static void test_wrong_numbers(void **state)
{
    (void)state;
    memset(&in, 0, sizeof in);
    in.source = WW_ANCHORS_KEPT; /* trust cannot begin with what it came to */
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    ww_msg_put_anchor_seed(&b, &in);
    assert_int_equal(ww_msg_get_anchor_seed(ww_slice(b.p, b.n), &out), WW_E_MSG_MALFORMED);
    bytes[1] = 0;
    assert_int_equal(ww_msg_get_anchor_seed(ww_slice(b.p, b.n), &out), WW_OK);
    bytes[3] = 2;
    assert_int_equal(ww_msg_get_anchor_seed(ww_slice(b.p, b.n), &out), WW_E_MSG_MALFORMED);
}

static void test_names(void **state)
{
    (void)state;
    for (unsigned i = 0; i < WW_ANCHOR_SOURCES; i++)
        assert_string_not_equal(ww_anchor_source_name((enum ww_anchor_source)i), "unknown");
    assert_string_equal(ww_anchor_source_name(WW_ANCHOR_SOURCES), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_wrong_numbers),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
