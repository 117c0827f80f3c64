/* The command that asks for advice, with a keeper behind it whose answer takes more than one piece. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "control_asking.h"

#include <event2/event.h>

static void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    struct ww_asked *const *asked = ctx;
    assert_int_equal(ask->what, WW_ASK_ADVISE);
    ww_asked_tell(*asked, ref, ww_slice_str("{\"verdict\":\"en"), true);
    ww_asked_tell(*asked, ref, ww_slice_str("force\"}"), false);
}

static void pieces_are_put_together(void **state)
{
    static struct ww_config config;
    struct event_base *base = event_base_new();
    struct ww_asked *asked = ww_asked_new(base, on_asked, &asked);
    (void)state;
    control_begin(base, &config, asked);
    run("advise", ",\"domain\":\"example.com\"");
    assert_string_equal(got.error, "");
    assert_int_equal(got.count, 1);
    assert_string_equal(json_string_value(json_object_get(got.items[0], "verdict")), "enforce");
    control_end();
    ww_asked_free(asked);
    event_base_free(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pieces_are_put_together)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
