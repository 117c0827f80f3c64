#include "daemon/front_overrides.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/log.h"

#define NOW 1000

static const struct ww_hash_key key = {{1, 2}};

static struct ww_override override_of(const char *name, enum ww_override_level level, bool configured,
                                      int64_t until)
{
    return (struct ww_override){.key = name,
                                .level = level,
                                .configured = configured,
                                .mx = "",
                                .until = until,
                                .reason = "because",
                                .who = configured ? "" : "alice"};
}

static void put(struct ww_overrides *all, const char *name, enum ww_override_level level, int64_t until)
{
    struct ww_override o = override_of(name, level, false, until);
    assert_true(ww_overrides_put(all, &o));
}

/* "level" or, from the configuration, "level*"; "" when none counts. */
static const char *found(const struct ww_overrides *all, const char *domain, int64_t now)
{
    static char text[32];
    const struct ww_override *o = ww_overrides_find(all, ww_slice_str(domain), now);
    (void)snprintf(text, sizeof text, "%s%s", o != NULL ? ww_override_level_name(o->level) : "",
                   o != NULL && o->configured ? "*" : "");
    return text;
}

static void the_nearest_counts(void **state)
{
    struct ww_overrides *all = *state;
    assert_true(ww_overrides_is_empty(all));
    assert_string_equal(found(all, "a.example.com", NOW), "");
    put(all, ".com", WW_OVERRIDE_OFF, 0);
    put(all, ".example.com", WW_OVERRIDE_MAY, 0);
    put(all, "example.com", WW_OVERRIDE_ENCRYPT, 0);
    put(all, "b.a.example.com", WW_OVERRIDE_SECURE, 0);
    assert_string_equal(found(all, "example.com", NOW), "encrypt");
    assert_string_equal(found(all, "a.example.com", NOW), "may");
    assert_string_equal(found(all, "b.a.example.com", NOW), "secure");
    assert_string_equal(found(all, "c.b.a.example.com", NOW), "may");
    assert_string_equal(found(all, "other.com", NOW), "off");
    assert_string_equal(found(all, "com", NOW), "");
    assert_string_equal(found(all, "xexample.com", NOW), "off");
    assert_string_equal(found(all, "example.net", NOW), "");
    ww_overrides_remove(all, "b.a.example.com");
    ww_overrides_remove(all, "b.a.example.com");
    assert_string_equal(found(all, "b.a.example.com", NOW), "may");
}

static void at_the_same_key_run_time_goes_first(void **state)
{
    struct ww_overrides *all = *state;
    const struct ww_override list[] = {
        override_of(".example.com", WW_OVERRIDE_OFF, true, 0),
        override_of("example.com", WW_OVERRIDE_MAY, true, 0),
    };
    put(all, "example.com", WW_OVERRIDE_SECURE, 2000);
    assert_true(ww_overrides_configure(all, list, 2, NOW));
    assert_string_equal(found(all, "example.com", NOW), "secure");
    assert_string_equal(found(all, "example.com", 1999), "secure");
    assert_string_equal(found(all, "example.com", 2000), "may*");
    /* What is near goes before what is set at run time. */
    put(all, ".com", WW_OVERRIDE_SECURE, 0);
    assert_string_equal(found(all, "a.example.com", NOW), "off*");
    ww_overrides_remove(all, "example.com");
    assert_string_equal(found(all, "example.com", NOW), "may*");
}

static void what_has_ended_lets_the_parent_count(void **state)
{
    struct ww_overrides *all = *state;
    put(all, "a.example.com", WW_OVERRIDE_OFF, 2000);
    put(all, ".example.com", WW_OVERRIDE_MAY, 3000);
    assert_string_equal(found(all, "a.example.com", 1999), "off");
    assert_string_equal(found(all, "a.example.com", 2000), "may");
    assert_string_equal(found(all, "a.example.com", 3000), "");
}

static void a_reload_takes_the_place_of_the_configured(void **state)
{
    struct ww_overrides *all = *state;
    const struct ww_override before[] = {override_of("a.example", WW_OVERRIDE_OFF, true, 0),
                                         override_of("b.example", WW_OVERRIDE_OFF, true, 0)};
    const struct ww_override after[] = {override_of("b.example", WW_OVERRIDE_MAY, true, 0),
                                        override_of("c.example", WW_OVERRIDE_MAY, true, 0)};
    put(all, "d.example", WW_OVERRIDE_ENCRYPT, 0);
    assert_true(ww_overrides_configure(all, before, 2, NOW));
    ww_overrides_begin_all(all);
    assert_true(ww_overrides_configure(all, after, 2, NOW));
    assert_string_equal(found(all, "a.example", NOW), "");
    assert_string_equal(found(all, "b.example", NOW), "may*");
    assert_string_equal(found(all, "c.example", NOW), "may*");
    assert_string_equal(found(all, "d.example", NOW), "encrypt");
    assert_int_equal(ww_overrides_counts(all).configured, 2);
    assert_int_equal(ww_overrides_counts(all).set, 1);
    /* Nothing was put since all were to be: they are gone, reload or not. */
    ww_overrides_end_all(all);
    assert_string_equal(found(all, "d.example", NOW), "");
    assert_true(ww_overrides_configure(all, NULL, 0, NOW));
    assert_true(ww_overrides_is_empty(all));
}

static void all_anew_drops_what_did_not_come(void **state)
{
    struct ww_overrides *all = *state;
    put(all, "a.example", WW_OVERRIDE_OFF, 0);
    put(all, "b.example", WW_OVERRIDE_OFF, 0);
    ww_overrides_begin_all(all);
    put(all, "b.example", WW_OVERRIDE_MAY, 0);
    assert_string_equal(found(all, "a.example", NOW), "off");
    ww_overrides_end_all(all);
    assert_string_equal(found(all, "a.example", NOW), "");
    assert_string_equal(found(all, "b.example", NOW), "may");
}

/* Runs log lines into a file, and gives how often a word stands there. */
static unsigned logged(const char *word, void (*act)(struct ww_overrides *all), struct ww_overrides *all)
{
    FILE *log = tmpfile();
    assert_non_null(log);
    int saved = dup(STDERR_FILENO);
    assert_true(saved >= 0 && dup2(fileno(log), STDERR_FILENO) >= 0);
    act(all);
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    close(saved);
    unsigned count = 0;
    char line[512];
    rewind(log);
    while (fgets(line, sizeof line, log) != NULL)
        count += strstr(line, word) != NULL;
    (void)fclose(log);
    return count;
}

static void use_at(struct ww_overrides *all, int64_t now)
{
    const struct ww_override *o = ww_overrides_find(all, ww_slice_str("a.example"), now);
    assert_non_null(o);
    ww_overrides_use(all, o, "a.example", now);
}

static void use_often(struct ww_overrides *all)
{
    for (int64_t t = NOW; t <= NOW + 2 * WW_OVERRIDE_LOG_SECONDS; t += 60)
        use_at(all, t);
}

static void use_once(struct ww_overrides *all)
{
    use_at(all, NOW);
}

static void its_use_is_logged_once_an_hour_and_counted(void **state)
{
    struct ww_overrides *all = *state;
    put(all, "a.example", WW_OVERRIDE_ENCRYPT, 0);
    assert_int_equal(logged("override-used key=a.example level=encrypt", use_often, all), 3);
    /* The same once more, as when there is a new keeper, is nothing new; another level is. */
    put(all, "a.example", WW_OVERRIDE_ENCRYPT, 0);
    ww_overrides_tick(all, NOW + 2 * WW_OVERRIDE_LOG_SECONDS);
    put(all, "a.example", WW_OVERRIDE_MAY, 0);
    assert_int_equal(logged("level=may", use_once, all), 1);
    struct ww_overrides_counts counts = ww_overrides_counts(all);
    assert_int_equal(counts.used[WW_OVERRIDE_ENCRYPT], 121);
    assert_int_equal(counts.used[WW_OVERRIDE_MAY], 1);
}

static void tick_through(struct ww_overrides *all)
{
    for (int64_t t = NOW; t < 5000; t += 500)
        ww_overrides_tick(all, t);
}

static void the_end_of_a_configured_one_is_logged_once(void **state)
{
    struct ww_overrides *all = *state;
    const struct ww_override list[] = {override_of("a.example", WW_OVERRIDE_OFF, true, NOW),
                                       override_of("b.example", WW_OVERRIDE_OFF, true, 2000),
                                       override_of("c.example", WW_OVERRIDE_OFF, true, 3000),
                                       override_of("d.example", WW_OVERRIDE_OFF, true, 0)};
    put(all, "e.example", WW_OVERRIDE_OFF, 2000);
    assert_true(ww_overrides_configure(all, list, 4, NOW));
    assert_int_equal(logged("override-ended", tick_through, all), 2);
}

static void ten_thousand_are_found_as_fast_as_one(void **state)
{
    struct ww_overrides *all = *state;
    char name[32];
    for (int i = 0; i < WW_OVERRIDES_MAX; i++) {
        (void)snprintf(name, sizeof name, "%sd%d.example", i % 2 == 0 ? "." : "", i);
        put(all, name, (enum ww_override_level)(i % 2), 0);
    }
    assert_int_equal(ww_overrides_counts(all).set, WW_OVERRIDES_MAX);
    for (int i = 0; i < WW_OVERRIDES_MAX; i++) {
        (void)snprintf(name, sizeof name, "%sd%d.example", i % 2 == 0 ? "x." : "", i);
        assert_string_equal(found(all, name, NOW), i % 2 == 0 ? "off" : "may");
    }
    assert_string_equal(found(all, "d0.example", NOW), "");
}

static int setup(void **state)
{
    ww_log_open("test", WW_LOG_INFO, false);
    *state = ww_overrides_new(&key);
    return *state != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    ww_overrides_free(*state);
    return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_nearest_counts),
        CASE(at_the_same_key_run_time_goes_first),
        CASE(what_has_ended_lets_the_parent_count),
        CASE(a_reload_takes_the_place_of_the_configured),
        CASE(all_anew_drops_what_did_not_come),
        CASE(its_use_is_logged_once_an_hour_and_counted),
        CASE(the_end_of_a_configured_one_is_logged_once),
        CASE(ten_thousand_are_found_as_fast_as_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
