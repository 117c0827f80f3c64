#include "daemon/front_news.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW 10000

#define STRONG "version: STSv1\nmode: enforce\nmx: mx.example\nmax_age: 86400\n"
#define WEAK "version: STSv1\nmode: testing\nmx: mx.example\nmax_age: 3600\n"

static const struct news_case {
    const char *old_id;
    int64_t old_expires;
    const char *old_body;
    const char *id, *body;
    bool changed;
    const char *old_mode, *weaker;
} cases[] = {
    {"", 0, "", "1", STRONG, true, NULL, ""},
    {"1", 20000, STRONG, "1", STRONG, false, "enforce", ""},
    {"1", 20000, STRONG, "2", STRONG, true, "enforce", ""},
    {"1", 20000, STRONG, "2", WEAK, true, "enforce", "mode enforce -> testing, max_age 86400 -> 3600"},
    /* under the same id */
    {"1", 20000, STRONG, "1", WEAK, true, "enforce", "mode enforce -> testing, max_age 86400 -> 3600"},
    /* after the old one has ended */
    {"1", 5000, STRONG, "2", WEAK, true, NULL, "mode enforce -> testing, max_age 86400 -> 3600"},
    {"1", 5000, STRONG, "1", STRONG, true, NULL, ""},
    {"1", 20000, "broken", "1", WEAK, true, "enforce", ""},
};

static void tells_news(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct news_case *c = &cases[i];
        struct ww_life before = {.mode = WW_MODE_ENFORCE, .fetched = 1000, .expires = c->old_expires};
        struct ww_life after = {.fetched = NOW, .expires = NOW + 3600};
        struct ww_policy policy;
        struct ww_policy_news news;
        size_t offset;
        memcpy(before.id, c->old_id, strlen(c->old_id) + 1);
        memcpy(after.id, c->id, strlen(c->id) + 1);
        assert_int_equal(ww_policy_parse(c->body, strlen(c->body), &policy, &offset), WW_OK);
        ww_policy_news(&before, ww_slice_str(c->old_body), &after, &policy, NOW, &news);
        if (news.changed != c->changed || strcmp(news.weaker, c->weaker) != 0 ||
            (news.old_mode == NULL) != (c->old_mode == NULL))
            fail_msg("case %zu: %d \"%s\"", i, news.changed, news.weaker);
        if (c->old_mode != NULL) {
            assert_string_equal(news.old_mode, c->old_mode);
            assert_string_equal(news.old_id, c->old_id);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_news),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
