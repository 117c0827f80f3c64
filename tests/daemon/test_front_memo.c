#include "daemon/front_memo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *get(struct ww_memo *memo, uint64_t hash, uint32_t stamp, enum ww_socketmap_map map)
{
    static char text[WW_MEMO_ANSWER_MAX + 1];
    struct ww_buf b = ww_buf(text, sizeof text - 1);
    enum ww_stat_answer kind;
    if (!ww_memo_get(memo, hash, stamp, map, &b, &kind))
        return NULL;
    text[b.n] = '\0';
    return text;
}

/* Twice, as it is kept only then. */
static void put(struct ww_memo *memo, uint64_t hash, uint32_t stamp, enum ww_socketmap_map map,
                struct ww_slice answer)
{
    for (int i = 0; i < 2; i++)
        ww_memo_put(memo, hash, stamp, map, answer, WW_ANSWERED_SECURE);
}

static void gives_what_was_put_for_that_stamp_and_map(void **state)
{
    (void)state;
    struct ww_memo *memo = ww_memo_new();
    assert_null(get(memo, 7, 1, WW_MAP_QUERY));
    put(memo, 7, 1, WW_MAP_QUERY, ww_slice_str("query"));
    put(memo, 7, 1, WW_MAP_QUERY_WITH_TLSRPT, ww_slice_str("tlsrpt"));
    assert_string_equal(get(memo, 7, 1, WW_MAP_QUERY), "query");
    assert_string_equal(get(memo, 7, 1, WW_MAP_QUERY_WITH_TLSRPT), "tlsrpt");
    assert_null(get(memo, 7, 2, WW_MAP_QUERY));
    assert_null(get(memo, 8, 1, WW_MAP_QUERY));
    ww_memo_free(memo);
}

static void says_the_kind_of_each_answer(void **state)
{
    (void)state;
    static const enum ww_stat_answer kinds[] = {WW_ANSWERED_TEMP, WW_ANSWERED_DANE};
    static const enum ww_socketmap_map maps[] = {WW_MAP_QUERY, WW_MAP_STS};
    struct ww_memo *memo = ww_memo_new();
    for (size_t i = 0; i < 4; i++)
        ww_memo_put(memo, 7, 1, maps[i % 2], ww_slice_str("answer"), kinds[i % 2]);
    for (size_t i = 0; i < 2; i++) {
        char text[10];
        struct ww_buf b = ww_buf(text, sizeof text);
        enum ww_stat_answer kind = WW_ANSWERED_NOTFOUND;
        assert_true(ww_memo_get(memo, 7, 1, maps[i], &b, &kind));
        assert_int_equal(kind, kinds[i]);
    }
    ww_memo_free(memo);
}

static void newer_answers_take_the_place_of_older_ones(void **state)
{
    (void)state;
    struct ww_memo *memo = ww_memo_new();
    for (uint32_t stamp = 1; stamp <= 100; stamp++) {
        put(memo, 7, stamp, WW_MAP_QUERY, ww_slice_str("answer"));
        assert_non_null(get(memo, 7, stamp, WW_MAP_QUERY));
    }
    assert_non_null(get(memo, 7, 99, WW_MAP_QUERY));
    assert_null(get(memo, 7, 1, WW_MAP_QUERY));
    ww_memo_free(memo);
}

static void keeps_what_is_put_again_soon(void **state)
{
    (void)state;
    struct ww_memo *memo = ww_memo_new();
    put(memo, 7, 1, WW_MAP_QUERY, ww_slice_str("often"));
    for (uint32_t stamp = 2; stamp <= 100; stamp++)
        ww_memo_put(memo, 7, stamp, WW_MAP_QUERY, ww_slice_str("once"), WW_ANSWERED_SECURE);
    assert_string_equal(get(memo, 7, 1, WW_MAP_QUERY), "often");
    assert_null(get(memo, 7, 100, WW_MAP_QUERY));
    ww_memo_put(memo, 7, 100, WW_MAP_QUERY_WITH_TLSRPT, ww_slice_str("other"), WW_ANSWERED_SECURE);
    assert_null(get(memo, 7, 100, WW_MAP_QUERY_WITH_TLSRPT));
    ww_memo_put(memo, 7, 100, WW_MAP_QUERY, ww_slice_str("again"), WW_ANSWERED_SECURE);
    assert_string_equal(get(memo, 7, 100, WW_MAP_QUERY), "again");
    ww_memo_put(memo, 7, 2, WW_MAP_QUERY, ww_slice_str("too long ago"), WW_ANSWERED_SECURE);
    assert_null(get(memo, 7, 2, WW_MAP_QUERY));
    ww_memo_free(memo);
}

static void long_answers_are_not_kept(void **state)
{
    (void)state;
    static char text[WW_MEMO_ANSWER_MAX + 1];
    struct ww_memo *memo = ww_memo_new();
    memset(text, 'x', sizeof text);
    put(memo, 7, 1, WW_MAP_QUERY, ww_slice(text, sizeof text));
    assert_null(get(memo, 7, 1, WW_MAP_QUERY));
    put(memo, 7, 2, WW_MAP_QUERY, ww_slice(text, sizeof text - 1));
    assert_int_equal(strlen(get(memo, 7, 2, WW_MAP_QUERY)), WW_MEMO_ANSWER_MAX);
    ww_memo_free(memo);
}

static void forgets_all(void **state)
{
    (void)state;
    struct ww_memo *memo = ww_memo_new();
    put(memo, 7, 1, WW_MAP_QUERY, ww_slice_str("answer"));
    ww_memo_clear(memo);
    assert_null(get(memo, 7, 1, WW_MAP_QUERY));
    ww_memo_free(memo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_was_put_for_that_stamp_and_map),
        cmocka_unit_test(says_the_kind_of_each_answer),
        cmocka_unit_test(newer_answers_take_the_place_of_older_ones),
        cmocka_unit_test(keeps_what_is_put_again_soon),
        cmocka_unit_test(long_answers_are_not_kept),
        cmocka_unit_test(forgets_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
