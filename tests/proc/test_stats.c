#include "proc/stats.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct ww_stat_family *family(enum ww_stat at)
{
    for (unsigned i = 0; i < ww_stat_family_count; i++)
        if (ww_stat_families[i].at == at)
            return &ww_stat_families[i];
    fail_msg("no family at %d", at);
    return NULL;
}

/* Each value belongs to one family, and the families stand in order without a gap. */
static void families_share_out_all_values(void **state)
{
    (void)state;
    unsigned next = 0;
    for (unsigned i = 0; i < ww_stat_family_count; i++) {
        assert_int_equal(ww_stat_families[i].at, next);
        next += ww_stat_families[i].count;
    }
    assert_int_equal(next, WW_STAT_VALUES);
    /* A message's index and count are 16 bits; so is all of it one message. */
    assert_true(WW_STAT_VALUES < 6000);
}

static void labels_name_each_value(void **state)
{
    (void)state;
    static const struct {
        enum ww_stat family;
        unsigned at;
        const char *labels;
    } cases[] = {
        {WW_STAT_FLIGHTS, WW_STAT_FLIGHTS, ""},
        {WW_STAT_LOOKUPS, WW_STAT_LOOKUPS, "map=\"QUERY\",answer=\"secure\",from=\"memory\""},
        {WW_STAT_LOOKUPS, WW_STAT_LOOKUPS_END, "map=\"other\",answer=\"explained\",from=\"network\""},
        {WW_STAT_CACHE_ENTRIES, WW_STAT_CACHE_ENTRIES_END, "policy=\"enforce\""},
        {WW_STAT_DISCOVERIES, WW_STAT_DISCOVERIES + WW_FOUND_UNCHANGED, "outcome=\"unchanged\""},
        {WW_STAT_FETCH_ERRORS, WW_STAT_FETCH_ERRORS + WW_E_HTTPS_TIMEOUT, "error=\"https-timeout\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[128];
        struct ww_buf b = ww_buf(text, sizeof text);
        ww_stat_labels(family(cases[i].family), cases[i].at - cases[i].family, &b);
        if (!ww_slice_is(ww_slice(b.p, b.n), cases[i].labels))
            fail_msg("%.*s", (int)b.n, b.p);
    }
    assert_int_equal(ww_stat_lookup(WW_MAP_UNKNOWN, WW_ANSWERED_EXPLAINED, true), WW_STAT_LOOKUPS_END);
}

static void observations_fall_into_buckets(void **state)
{
    (void)state;
    static struct ww_stats s;
    ww_stat_observe_fast(&s, WW_STAT_LOOKUP_CACHED, 0, 1);
    ww_stat_observe_fast(&s, WW_STAT_LOOKUP_CACHED, 10, 2);
    ww_stat_observe_fast(&s, WW_STAT_LOOKUP_CACHED, 11, 3);
    ww_stat_observe_fast(&s, WW_STAT_LOOKUP_CACHED, 100001, 1);
    assert_int_equal(s.values[WW_STAT_LOOKUP_CACHED], 3);
    assert_int_equal(s.values[WW_STAT_LOOKUP_CACHED + 1], 3);
    assert_int_equal(s.values[WW_STAT_LOOKUP_CACHED + WW_STAT_FAST_BUCKETS], 1);
    assert_int_equal(s.values[WW_STAT_LOOKUP_CACHED_END], 2 * 10 + 3 * 11 + 100001);
    ww_stat_observe_slow(&s, WW_STAT_LOOKUP_WAITED, 30000001);
    assert_int_equal(s.values[WW_STAT_LOOKUP_WAITED + WW_STAT_SLOW_BUCKETS], 1);
    assert_int_equal(s.values[WW_STAT_LOOKUP_WAITED_END], 30000001);
}

static void quantiles_lie_in_their_bucket(void **state)
{
    (void)state;
    static struct ww_stats s;
    const struct ww_stat_family *f = family(WW_STAT_FETCH_SECONDS);
    assert_int_equal(ww_stat_quantile(f, &s, 0.5), 0);
    for (int i = 0; i < 98; i++)
        ww_stat_observe_slow(&s, WW_STAT_FETCH_SECONDS, 7000);
    ww_stat_observe_slow(&s, WW_STAT_FETCH_SECONDS, 200000);
    ww_stat_observe_slow(&s, WW_STAT_FETCH_SECONDS, 60000000);
    assert_in_range(ww_stat_quantile(f, &s, 0.5), 5001, 10000);
    assert_in_range(ww_stat_quantile(f, &s, 0.99), 100001, 250000);
    assert_int_equal(ww_stat_quantile(f, &s, 1), 30000000);
}

static void sums_leave_gauges_out(void **state)
{
    (void)state;
    static struct ww_stats sum, s;
    ww_stat_add(&s, WW_STAT_CONNECTED, 2);
    ww_stat_set(&s, WW_STAT_CONNECTIONS, 3);
    ww_stat_set(&s, WW_STAT_STORE_TROUBLE, 4);
    ww_stat_observe_slow(&s, WW_STAT_DNS_SECONDS, 1);
    ww_stats_add(&sum, &s);
    ww_stats_add(&sum, &s);
    assert_int_equal(sum.values[WW_STAT_CONNECTED], 4);
    assert_int_equal(sum.values[WW_STAT_CONNECTIONS], 0);
    assert_int_equal(sum.values[WW_STAT_STORE_TROUBLE], 0);
    assert_int_equal(sum.values[WW_STAT_DNS_SECONDS], 2);
    assert_int_equal(sum.values[WW_STAT_DNS_SECONDS_END], 2);
}

static void messages_bring_all(void **state)
{
    (void)state;
    static struct ww_stats s, out;
    static char bytes[96 * 1024];
    s.process = UINT64_MAX;
    for (unsigned i = 0; i < WW_STAT_VALUES; i++)
        s.values[i] = i % 3 == 0 ? 0 : (uint64_t)1 << (i % 64);
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    ww_stats_put(&b, &s);
    assert_false(b.failed);
    struct ww_cursor c = ww_cursor(b.p, b.n);
    assert_int_equal(ww_stats_get(&c, &out), WW_OK);
    assert_int_equal(ww_cursor_left(&c), 0);
    assert_memory_equal(&s, &out, sizeof s);
    for (size_t n = 0; n < b.n; n += 7) {
        c = ww_cursor(b.p, n);
        assert_int_equal(ww_stats_get(&c, &out), WW_E_MSG_MALFORMED);
    }
}

static void messages_are_checked(void **state)
{
    (void)state;
    static const struct {
        uint16_t first, second;
        uint64_t value;
    } bad[] = {
        {1, 1, 1},              /* twice */
        {2, 1, 1},              /* out of order */
        {1, WW_STAT_VALUES, 1}, /* there is none */
        {1, 2, 0},              /* zero is said by silence */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char bytes[64];
        static struct ww_stats out;
        struct ww_buf b = ww_buf(bytes, sizeof bytes);
        ww_buf_u64(&b, 1);
        ww_buf_u16(&b, 2);
        ww_buf_u16(&b, bad[i].first);
        ww_buf_u64(&b, 1);
        ww_buf_u16(&b, bad[i].second);
        ww_buf_u64(&b, bad[i].value);
        struct ww_cursor c = ww_cursor(b.p, b.n);
        assert_int_equal(ww_stats_get(&c, &out), WW_E_MSG_MALFORMED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(families_share_out_all_values),  cmocka_unit_test(labels_name_each_value),
        cmocka_unit_test(observations_fall_into_buckets), cmocka_unit_test(quantiles_lie_in_their_bucket),
        cmocka_unit_test(sums_leave_gauges_out),          cmocka_unit_test(messages_bring_all),
        cmocka_unit_test(messages_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
