/* The commands about reports of others on the control socket, with a keeper behind it that has some. */
#include "keeper_received_fixture.h"

#include "control_asking.h"

#include "daemon/control_client.h"

#include <jansson.h>
#include <time.h>

static int begin(void **state)
{
    if (setup(state) != 0)
        return -1;
    control_begin(t.base, &t.config, t.asked);
    return 0;
}

static int end(void **state)
{
    control_end();
    return teardown(state);
}

static void come_in(int count)
{
    for (int i = 0; i < count; i++) {
        struct coming c = simple;
        char id[16];
        (void)snprintf(id, sizeof id, "%d", i);
        c.id = id;
        (void)take(&c);
    }
}

static void arguments_are_looked_at(void **state)
{
    static const struct {
        const char *command, *arguments, *detail;
    } cases[] = {
        {"received-list", ",\"domain\":\"a b\"", "domain: "},
        {"received-list", ",\"since\":\"yesterday\"", "since: "},
        {"received-list", ",\"until\":5", "until: "},
        {"received-list", ",\"max\":0", "max: "},
        {"received-list", ",\"max\":\"5\"", "max: "},
        {"received-stats", ",\"by\":\"year\"", "by: "},
        {"received-stats", ",\"failed\":true", "result and failed: "},
        {"received-stats", ",\"by\":\"sender\",\"result\":\"x\"", "result and failed: "},
        {"received-stats", ",\"result\":\"0123456789012345678901234567890123456789012345678901234567890123\"",
         "result: "},
        {"received-show", "", "number: "},
        {"received-show", ",\"number\":-1", "number: "},
        {"received-raw", ",\"number\":\"1\"", "number: "},
        {"received-remove", ",\"all\":true", "number: "},
        {"quarantine-remove", "", "number: "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        run(cases[i].command, cases[i].arguments);
        assert_string_equal(got.error, "control-argument");
        assert_int_equal(strncmp(got.detail, cases[i].detail, strlen(cases[i].detail)), 0);
    }
}

static void lists_go_over_pages(void **state)
{
    (void)state;
    t.now = (int64_t)time(NULL);
    come_in(230);
    run("received-list", "");
    assert_string_equal(got.error, "");
    assert_int_equal(got.count, 230);
    for (size_t i = 0; i < 230; i++)
        assert_int_equal(number_of(i, "number"), 230 - (json_int_t)i);
    run("received-list", ",\"max\":150,\"domain\":\"Example.com\"");
    assert_int_equal(got.count, 150);
    run("received-list", ",\"sender\":\"nobody\"");
    assert_int_equal(got.count, 0);
    assert_string_equal(got.error, "");
    run("received-list", ",\"until\":\"2026-11-29T00:00:00Z\"");
    assert_int_equal(got.count, 0);
    run("received-export", ",\"since\":\"2026-11-29T00:00:00Z\",\"until\":\"2026-11-30T00:00:00Z\"");
    assert_int_equal(got.count, 230);
    run("received-stats", ",\"since\":\"2026-11-01T00:00:00Z\",\"until\":\"2026-11-30T00:00:00Z\"");
    assert_int_equal(got.count, 1);
    assert_int_equal(number_of(0, "reports"), 230);
    run("received-stats", ",\"until\":\"2026-11-29T00:00:00Z\",\"by\":\"result\"");
    assert_int_equal(got.count, 0);
}

static void one_comes_in_one_object(void **state)
{
    (void)state;
    come_in(1);
    run("received-show", ",\"number\":1");
    assert_int_equal(got.count, 1);
    json_t *policy = json_array_get(json_object_get(got.items[0], "policies"), 0);
    json_t *failure = json_array_get(json_object_get(policy, "failures"), 0);
    assert_int_equal(json_integer_value(json_object_get(failure, "sessions")), 2);
    assert_int_equal(number_of(0, "number"), 1);
    run("received-raw", ",\"number\":1");
    assert_int_equal(got.count, 1);
    assert_string_equal(json_string_value(json_object_get(got.items[0], "base64")), "Z3ppcHBlZCBKU09O");
    run("received-show", ",\"number\":2");
    assert_string_equal(got.error, "received-none");
    run("received-remove", ",\"number\":1");
    assert_int_equal(number_of(0, "removed"), 1);
    run("received-remove", ",\"number\":1");
    assert_string_equal(got.error, "received-none");
    assert_int_equal(got.count, 0);
}

/* What does not fit into one object goes on in others, and nothing is lost between them. */
static void a_large_one_comes_in_several(void **state)
{
    static struct ww_received_policy policies[300];
    static struct ww_received_detail details[300];
    static char strings[3001];
    struct ww_received report = {.report_id = ww_slice_str("large"),
                                 .begin = DAY * WW_DAY_SECONDS,
                                 .end = DAY * WW_DAY_SECONDS + 86399,
                                 .policies = policies,
                                 .count = 300};
    struct coming c = simple;
    size_t seen = 0, failures = 0;
    (void)state;
    memset(strings, 's', sizeof strings - 1);
    for (unsigned i = 0; i < 300; i++) {
        details[i] = (struct ww_received_detail){
            .type = ww_slice_str("validation-failure"), .info = ww_slice(strings, 480), .sessions = 1};
        policies[i] =
            (struct ww_received_policy){.type = ww_slice_str("sts"), .strings = ww_slice_str(strings)};
        (void)snprintf(policies[i].domain, sizeof policies[i].domain, "d.example");
    }
    policies[7].details = details;
    policies[7].detail_count = 300;
    c.report = &report;
    (void)take(&c);
    run("received-show", ",\"number\":1");
    assert_true(got.count > 3);
    for (size_t i = 0; i < got.count; i++) {
        json_t *list = json_object_get(got.items[i], "policies"), *p;
        size_t k;
        assert_int_equal(number_of(i, i == 0 ? "number" : "continues"), 1);
        json_array_foreach(list, k, p)
        {
            size_t n = json_array_size(json_object_get(p, "failures"));
            seen += json_object_get(p, "strings") != NULL;
            failures += n;
            assert_true(n == 0 || json_integer_value(json_object_get(p, "place")) == 7);
        }
    }
    assert_int_equal(seen, 300);
    assert_int_equal(failures, 300);
}

static void quarantine_is_emptied(void **state)
{
    struct coming c = simple;
    (void)state;
    c.error = WW_E_GZIP;
    for (int i = 0; i < 450; i++) {
        char octets[16];
        (void)snprintf(octets, sizeof octets, "%d", i);
        c.octets = octets;
        (void)take(&c);
    }
    run("quarantine-list", "");
    assert_int_equal(got.count, 450);
    run("quarantine-show", ",\"number\":5");
    assert_int_equal(number_of(0, "number"), 5);
    run("quarantine-raw", ",\"number\":5");
    assert_string_equal(json_string_value(json_object_get(got.items[0], "base64")), "NA==");
    run("quarantine-remove", ",\"number\":5");
    assert_int_equal(number_of(0, "removed"), 1);
    run("quarantine-remove", ",\"all\":true");
    assert_int_equal(got.count, 1);
    assert_int_equal(number_of(0, "removed"), 449);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(arguments_are_looked_at),      TEST(lists_go_over_pages),   TEST(one_comes_in_one_object),
        TEST(a_large_one_comes_in_several), TEST(quarantine_is_emptied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
