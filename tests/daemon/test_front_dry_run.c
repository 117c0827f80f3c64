#include "daemon/front_dry_run.h"

#include "daemon/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW INT64_C(1795384620)
#define RECHECK 300
#define RESOLVER 3

static struct {
    struct ww_hash_key key;
    struct ww_cache *cache;
    struct ww_overrides *overrides;
    struct ww_front_preload *preload;
    struct ww_stats stats;
    struct ww_dry_run *dry;
    struct ww_msg_mx asked; /* last */
    unsigned asks;
    int resolver;
} t;

static int on_ask(void *ctx, const struct ww_front_name *name, struct ww_slice payload)
{
    (void)ctx;
    assert_int_equal(ww_msg_get_mx(payload, &t.asked), WW_OK);
    assert_string_equal(t.asked.domain, name->domain);
    t.asks++;
    return t.resolver;
}

static struct ww_mx_hosts hosts(enum ww_mx_outcome outcome, const char *const *names, bool more)
{
    struct ww_mx_hosts found = {.outcome = outcome, .more = more};
    for (; names != NULL && names[found.count] != NULL; found.count++)
        (void)snprintf(found.hosts[found.count].name, WW_DNAME_SIZE, "%s", names[found.count]);
    return found;
}

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void judges_by_the_names(void **state)
{
    (void)state;
    static const struct ww_override o = {.key = "a.example",
                                         .level = WW_OVERRIDE_SECURE,
                                         .mx = "mx.a.example *.b.example",
                                         .reason = "",
                                         .who = ""};
    const struct {
        struct ww_mx_hosts found;
        enum ww_dry_run_verdict verdict;
        const char *unmatched;
    } cases[] = {
        {hosts(WW_MX_LISTED, NAMES("mx.a.example"), false), WW_DRY_RUN_DELIVER, ""},
        {hosts(WW_MX_LISTED, NAMES("x.b.example", "mx.c.example"), false), WW_DRY_RUN_DELIVER,
         "mx.c.example"},
        {hosts(WW_MX_LISTED, NAMES("b.example", "y.x.b.example"), false), WW_DRY_RUN_FAIL,
         "b.example y.x.b.example"},
        {hosts(WW_MX_LISTED, NAMES("mx.c.example"), true), WW_DRY_RUN_UNKNOWN, "mx.c.example"},
        {hosts(WW_MX_LISTED, NAMES("mx.c.example", "MX.A.example"), true), WW_DRY_RUN_DELIVER,
         "mx.c.example"},
        {hosts(WW_MX_IMPLICIT, NAMES("a.example"), false), WW_DRY_RUN_FAIL, "a.example"},
        {hosts(WW_MX_NULL, NULL, false), WW_DRY_RUN_UNKNOWN, ""},
        {hosts(WW_MX_NO_DOMAIN, NULL, false), WW_DRY_RUN_UNKNOWN, ""},
        {hosts(WW_MX_FAILED, NULL, false), WW_DRY_RUN_UNKNOWN, ""},
    };
    const struct ww_decision d = ww_decide("a.example", NULL, &o);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[256];
        struct ww_buf b = ww_buf(text, sizeof text);
        enum ww_dry_run_verdict verdict = ww_dry_run_judge(&d, &cases[i].found, &b);
        if (verdict != cases[i].verdict || !ww_slice_is(ww_slice(b.p, b.n), cases[i].unmatched))
            fail_msg("case %zu: %s, %.*s", i, ww_dry_run_verdict_name(verdict), (int)b.n, b.p);
    }
}

static void withheld(const char *domain, int64_t now)
{
    const struct ww_front_name name = ww_front_name(&t.key, domain);
    ww_dry_run_withheld(t.dry, &name, WW_LEVEL_SECURE, RECHECK, now);
}

static void found(int resolver, const char *host, int64_t now)
{
    const struct ww_msg_mx_hosts m = {t.asked.number, hosts(WW_MX_LISTED, NAMES(host), false)};
    ww_dry_run_found(t.dry, resolver, &m, now);
}

static void secure(const char *key)
{
    const struct ww_override o = {
        .key = key, .level = WW_OVERRIDE_SECURE, .mx = "mx.a.example", .reason = "", .who = ""};
    assert_true(ww_overrides_put(t.overrides, &o));
}

static uint64_t counted(enum ww_dry_run_verdict verdict)
{
    return t.stats.values[WW_STAT_DRY_RUN_UNKNOWN + (unsigned)verdict];
}

static void looks_once_in_a_while(void **state)
{
    (void)state;
    secure("a.example");
    for (int64_t i = 0; i < RECHECK; i++)
        withheld("a.example", NOW + i);
    assert_int_equal(t.asks, 1);
    withheld("a.example", NOW + RECHECK);
    assert_int_equal(t.asks, 2);
    withheld("a.example", NOW - 5); /* the clock was set back */
    assert_int_equal(t.asks, 3);
    assert_int_equal(t.stats.values[WW_STAT_WITHHELD], RECHECK + 2);
}

static void only_demands_for_certain_hosts_are_looked_at(void **state)
{
    (void)state;
    static const enum ww_level levels[] = {WW_LEVEL_NONE, WW_LEVEL_TESTING, WW_LEVEL_MAY, WW_LEVEL_ENCRYPT,
                                           WW_LEVEL_HOLD};
    const struct ww_front_name name = ww_front_name(&t.key, "a.example");
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        ww_dry_run_withheld(t.dry, &name, levels[i], RECHECK, NOW);
    assert_int_equal(t.asks, 0);
    assert_int_equal(t.stats.values[WW_STAT_WITHHELD], 2);
}

static void counts_what_it_comes_to(void **state)
{
    (void)state;
    secure("a.example");
    withheld("a.example", NOW);
    found(RESOLVER, "mx.a.example", NOW);
    assert_int_equal(counted(WW_DRY_RUN_DELIVER), 1);
    found(RESOLVER, "mx.a.example", NOW); /* the same answer once more */
    assert_int_equal(counted(WW_DRY_RUN_DELIVER), 1);
    withheld("a.example", NOW + RECHECK);
    found(RESOLVER, "mx.b.example", NOW + RECHECK);
    assert_int_equal(counted(WW_DRY_RUN_FAIL), 1);
}

static void a_resolver_has_no_say_in_anothers_domains(void **state)
{
    (void)state;
    secure("a.example");
    withheld("a.example", NOW);
    found(RESOLVER + 1, "mx.a.example", NOW);
    assert_int_equal(counted(WW_DRY_RUN_DELIVER), 0);
    found(RESOLVER, "mx.a.example", NOW);
    assert_int_equal(counted(WW_DRY_RUN_DELIVER), 1);
}

static void what_has_changed_meanwhile_counts(void **state)
{
    (void)state;
    secure("a.example");
    withheld("a.example", NOW);
    ww_overrides_remove(t.overrides, "a.example");
    found(RESOLVER, "mx.b.example", NOW);
    assert_int_equal(counted(WW_DRY_RUN_FAIL), 0);
}

static void no_more_are_on_their_way_than_there_is_room_for(void **state)
{
    (void)state;
    char domain[32];
    for (int i = 0; i < 100; i++) {
        (void)snprintf(domain, sizeof domain, "d%d.example", i);
        withheld(domain, NOW);
    }
    assert_int_equal(t.asks, 64);
    withheld("d99.example", NOW + 1);
    assert_int_equal(t.asks, 64);
    /* What has no answer for long makes room. */
    withheld("d99.example", NOW + 61);
    assert_int_equal(t.asks, 65);
}

static void a_resolver_that_is_away_keeps_no_place(void **state)
{
    (void)state;
    char domain[32];
    t.resolver = -1;
    for (int i = 0; i < 100; i++) {
        (void)snprintf(domain, sizeof domain, "d%d.example", i);
        withheld(domain, NOW);
    }
    assert_int_equal(t.asks, 100);
}

/* Runs log lines into a file, and gives how many lines there are. */
static unsigned logged(void (*act)(void))
{
    FILE *log = tmpfile();
    assert_non_null(log);
    int saved = dup(STDERR_FILENO);
    assert_true(saved >= 0 && dup2(fileno(log), STDERR_FILENO) >= 0);
    act();
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    close(saved);
    unsigned count = 0;
    char line[2048];
    rewind(log);
    while (fgets(line, sizeof line, log) != NULL)
        count += strstr(line, " dry-run domain=") != NULL;
    (void)fclose(log);
    return count;
}

static void the_same_for_an_hour(void)
{
    for (int64_t now = NOW; now <= NOW + 3600; now += RECHECK) {
        withheld("a.example", now);
        found(RESOLVER, "mx.b.example", now);
    }
}

static void now_and_then(void)
{
    for (int i = 0; i < 4; i++) {
        withheld("a.example", NOW + 7200 + i * RECHECK);
        found(RESOLVER, i % 2 == 0 ? "mx.a.example" : "mx.b.example", NOW + 7200 + i * RECHECK);
    }
}

static void many_good_ones(void)
{
    char domain[32];
    for (int i = 0; i < 60; i++) {
        (void)snprintf(domain, sizeof domain, "d%d.example", i);
        withheld(domain, NOW);
        found(RESOLVER, "mx.a.example", NOW);
    }
}

static void what_is_no_news_is_told_once_an_hour(void **state)
{
    (void)state;
    secure("a.example");
    secure(".example");
    assert_int_equal(logged(the_same_for_an_hour), 2);
    assert_int_equal(logged(now_and_then), 4);
    assert_int_equal(logged(many_good_ones), 20);
}

static int setup(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    ww_log_open("test", WW_LOG_INFO, WW_LOG_TEXT);
    t.resolver = RESOLVER;
    static const struct ww_cache_max max = {100, WW_CACHE_BYTES_MIN};
    t.cache = ww_cache_new(&max);
    t.overrides = ww_overrides_new(&t.key);
    t.preload = ww_front_preload_new(NULL, NULL, NULL);
    static const struct ww_dane_settings dane = {.use = WW_DANE_OFF};
    const struct ww_dry_run_needs needs = {&t.key, t.cache,  t.overrides, t.preload,
                                           &dane,  &t.stats, on_ask,      NULL};
    t.dry = ww_dry_run_new(&needs);
    return t.cache != NULL && t.overrides != NULL && t.preload != NULL && t.dry != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    ww_dry_run_free(t.dry);
    ww_front_preload_free(t.preload);
    ww_overrides_free(t.overrides);
    ww_cache_free(t.cache);
    return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(judges_by_the_names),
        CASE(looks_once_in_a_while),
        CASE(only_demands_for_certain_hosts_are_looked_at),
        CASE(counts_what_it_comes_to),
        CASE(a_resolver_has_no_say_in_anothers_domains),
        CASE(what_has_changed_meanwhile_counts),
        CASE(no_more_are_on_their_way_than_there_is_room_for),
        CASE(a_resolver_that_is_away_keeps_no_place),
        CASE(what_is_no_news_is_told_once_an_hour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
