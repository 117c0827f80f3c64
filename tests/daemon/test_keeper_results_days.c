/* Days that are over become reports: once, whole, and by a clock that may be wrong. */
#include "keeper_results_fixture.h"

#define POLICIES 8
#define ALL (POLICIES * 200)

static void fold_success(const char *domain, int64_t day)
{
    struct ww_sessions s = sessions(domain, WW_POLICY_TYPE_NONE, "", 1, 0, 0);
    s.day = day;
    fold_one(&s);
}

static void a_day_is_closed_some_minutes_after_its_end(void **state)
{
    struct ww_outbox_report r;
    (void)state;
    t.now = MIDNIGHT + WW_DAY_SECONDS - 60;
    fold_success("example.com", DAY);
    pass(60 + WW_COURIER_CLOSE_AFTER - 1);
    fold_success("tomorrow.example", DAY + 1);
    tick();
    assert_int_equal(reports(), 0);
    pass(1);
    tick();
    assert_int_equal(reports(), 1);
    assert_int_equal(t.stats.values[WW_STAT_REPORTS_MADE], 1);
    assert_int_equal(ww_outbox_latest(db(), "example.com", &r), WW_OK);
    assert_int_equal(r.day, DAY);
    assert_int_equal(r.part, 1);
    assert_int_equal(r.state, WW_REPORT_WAITING);
    assert_int_equal(r.made, t.now);
    assert_in_range(r.due, t.now, MIDNIGHT + WW_DAY_SECONDS + t.config.report_spread);
    assert_int_equal(r.success, 1);
    assert_true(ww_report_id_check(r.id));
    assert_int_equal(strncmp(r.id, "2026-11-29.1.example.com.", 25), 0);
    assert_string_equal(r.id + 25 + 16, "@reporter.example");
    pass(60);
    tick();
    assert_int_equal(reports(), 1);
    ww_keeper_results_count(t.k);
    assert_int_equal(t.stats.values[WW_STAT_RESULTS_OPEN], 1); /* tomorrow's */
    json_t *json = report_json(r.number);
    const char *begin, *end, *contact, *id;
    assert_int_equal(json_unpack(json, "{s:{s:s, s:s}, s:s, s:s}", "date-range", "start-datetime", &begin,
                                 "end-datetime", &end, "contact-info", &contact, "report-id", &id),
                     0);
    assert_string_equal(begin, "2026-11-29T00:00:00Z");
    assert_string_equal(end, "2026-11-29T23:59:59Z");
    assert_string_equal(contact, "tls@reporter.example");
    assert_string_equal(id, r.id);
    json_decref(json);
}

static void nobody_has_to_be_up_at_midnight(void **state)
{
    (void)state;
    fold_success("a.example", DAY);
    fold_success("b.example", DAY);
    fake_peer_close(&t.collector);
    stop();
    pass(40 * WW_DAY_SECONDS);
    start();
    wait_reports(2);
    assert_int_equal(number("SELECT count(*) FROM report WHERE day = 20786 AND part = 1"), 2);
    restart();
    tick();
    assert_int_equal(reports(), 2);
}

static void what_comes_late_is_a_part_of_its_own(void **state)
{
    (void)state;
    fold_success("example.com", DAY);
    pass(WW_DAY_SECONDS);
    tick();
    assert_int_equal(reports(), 1);
    for (int i = 0; i < 3; i++) { /* some more, one after the other: they wait for one another */
        fold_success("example.com", DAY);
        tick();
        assert_int_equal(reports(), 1);
        pass(WW_RESULTS_QUIET - 1);
        tick();
        assert_int_equal(reports(), 1);
    }
    pass(1);
    tick();
    assert_int_equal(reports(), 2);
    assert_int_equal(number("SELECT success FROM report WHERE part = 2"), 3);
    assert_int_equal(number("SELECT count(DISTINCT id) FROM report"), 2);
}

static void a_clock_set_back_opens_nothing_again(void **state)
{
    (void)state;
    fold_success("example.com", DAY);
    pass(WW_DAY_SECONDS);
    tick();
    assert_int_equal(reports(), 1);
    t.now = NOON + 60; /* the day was not over */
    t.steady += 60;
    tick();
    fold_success("example.com", DAY);
    assert_int_equal(number("SELECT part FROM result_day WHERE day = 20786"), 2);
    pass(60);
    tick();
    assert_int_equal(reports(), 1);
    pass(WW_DAY_SECONDS - 43200 + WW_COURIER_CLOSE_AFTER);
    tick();
    assert_int_equal(reports(), 2);
    assert_int_equal(number("SELECT sum(success) FROM report"), 2);
}

static void a_clock_that_leaps_ahead_closes_no_day_at_once(void **state)
{
    (void)state;
    fold_success("example.com", DAY);
    tick();
    t.now += 365 * WW_DAY_SECONDS;
    tick();
    pass(WW_RESULTS_CLOCK_HOLD - 1);
    tick();
    assert_int_equal(reports(), 0);
    t.now -= 365 * WW_DAY_SECONDS; /* it is set right */
    tick();
    pass(60);
    tick();
    assert_int_equal(reports(), 0);
    t.now = NOON + WW_DAY_SECONDS;
    t.steady += WW_DAY_SECONDS - WW_RESULTS_CLOCK_HOLD - 59;
    tick();
    assert_int_equal(reports(), 1);
    assert_int_equal(number("SELECT part FROM report"), 1);
}

static void a_clock_that_stays_ahead_is_believed(void **state)
{
    (void)state;
    fold_success("example.com", DAY);
    tick();
    t.now += 2 * WW_DAY_SECONDS;
    tick();
    assert_int_equal(reports(), 0);
    pass(WW_RESULTS_CLOCK_HOLD);
    tick();
    assert_int_equal(reports(), 1);
}

static void days_that_lie_ahead_are_of_today(void **state)
{
    struct ww_sessions_detail detail = {
        .type = WW_RESULT_CERTIFICATE_EXPIRED, .reason = ww_slice("late", 4), .count = 2};
    (void)state;
    for (int64_t day = DAY + 364; day <= DAY + 365; day++) {
        t.now = day * WW_DAY_SECONDS;
        struct ww_sessions s = sessions("example.com", WW_POLICY_TYPE_STS, "a\n", 1, 4, 2);
        s.details = &detail;
        s.detail_count = 1;
        fold_one(&s);
    }
    t.now = NOON;
    fold_success("tomorrow.example", DAY + 1);
    tick();
    pass(WW_RESULTS_CLOCK_RIGHT - 1);
    tick();
    assert_int_equal(number("SELECT count(*) FROM result_day WHERE day > 20787"), 2);
    pass(1);
    tick();
    assert_int_equal(number("SELECT count(*) FROM result_day WHERE day > 20787"), 0);
    assert_int_equal(number("SELECT count(*) FROM result_day WHERE day = 20787"), 1);
    assert_int_equal(number("SELECT success + 10 * unverified + 100 * failure FROM result_policy"
                            " WHERE domain = 'example.com' AND day = 20786"),
                     2 + 80 + 400);
    assert_int_equal(number("SELECT sessions FROM result_detail WHERE day = 20786 AND reason = 'late'"), 4);
}

static void what_is_too_much_to_move_keeps_no_other(void **state)
{
    (void)state;
    t.now = (DAY + 365) * WW_DAY_SECONDS;
    for (int i = 0; i < 2; i++) {
        struct ww_sessions s =
            sessions("absurd.example", WW_POLICY_TYPE_STS, "a\n", WW_RESULTS_COUNT_MAX, 0, 0);
        fold_one(&s);
    }
    fold_success("good.example", DAY + 365);
    t.now = NOON;
    tick();
    pass(WW_RESULTS_CLOCK_RIGHT);
    tick();
    assert_int_equal(number("SELECT count(*) FROM result_day WHERE day > 20787"), 0);
    assert_int_equal(number("SELECT sum(success) FROM result_policy WHERE domain = 'good.example'"), 1);
}

static void clocks_leap_or_do_not(void **state)
{
    static const struct {
        int64_t wall, steady; /* what passes */
        bool may_close, right;
    } steps[] = {
        {0, 0, true, false},
        {60, 60, true, false},
        {120, 61, true, false}, /* a busy machine */
        {WW_RESULTS_CLOCK_RIGHT, WW_RESULTS_CLOCK_RIGHT, true, true},
        {3600, 0, false, false},
        {599, 599, false, false},
        {1, 1, true, false},
        {3600, 60, false, false},
        {-3540, 60, true, false}, /* back again */
        {3000, 3000, true, false},
        {600, 600, true, true},
        {-100000, 1, true, false},
    };
    struct ww_results_clock clock = {.begun = false};
    int64_t wall = NOON, steady = 5;
    (void)state;
    assert_false(ww_results_clock_may_close(&clock));
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        wall += steps[i].wall;
        steady += steps[i].steady;
        bool ahead = i > 0 && steps[i].wall - steps[i].steady > 60;
        assert_int_equal(ww_results_clock_take(&clock, wall, steady), ahead);
        if (ww_results_clock_may_close(&clock) != steps[i].may_close ||
            ww_results_clock_is_right(&clock) != steps[i].right)
            fail_msg("step %zu", i);
    }
}

static void many_domains_take_turns(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        char domain[32];
        (void)snprintf(domain, sizeof domain, "d%d.example", i);
        struct ww_sessions s = sessions(domain, WW_POLICY_TYPE_NONE, "", i % 10 == 9 ? 0 : 1, 0, 0);
        put_item(&s);
    }
    fold();
    fold_success("late.example", DAY);
    t.k->closing.store = db();
    bool more;
    t.now += WW_DAY_SECONDS;
    assert_int_equal(ww_results_close_some(&t.k->closing, t.now, &more), WW_OK);
    assert_true(more);
    assert_in_range(reports(), 20, 32); /* no more at once */
    t.now -= WW_DAY_SECONDS;
    pass(WW_DAY_SECONDS);
    tick();
    assert_int_equal(reports(), 91); /* of no sessions there is none */
    assert_int_equal(number("SELECT count(DISTINCT domain) FROM report"), 91);
    assert_int_equal(number("SELECT count(*) FROM result_day"), 0);
}

static void a_store_in_trouble_makes_none_twice(void **state)
{
    sqlite3 *other = NULL;
    (void)state;
    fold_success("a.example", DAY);
    fold_success("b.example", DAY);
    assert_int_equal(sqlite3_open(t.path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    pass(WW_DAY_SECONDS);
    tick();
    assert_int_equal(ww_keeper_store_trouble(t.store), WW_E_STORE_BUSY);
    sqlite3_close(other);
    ww_keeper_store_try_now(t.store);
    wait_reports(2);
    fold_success("c.example", DAY);
    pass(60);
    assert_int_equal(sqlite3_exec(db()->db,
                                  "CREATE TEMP TRIGGER no_room BEFORE DELETE ON result_day"
                                  " BEGIN SELECT raise(ABORT, 'no room'); END",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    tick(); /* between the report and the end of what it was made of */
    assert_true(ww_keeper_store_trouble(t.store) != WW_OK);
    ww_keeper_store_try_now(t.store); /* opened anew, without the trigger */
    wait_reports(3);
    assert_int_equal(number("SELECT count(*) FROM result_day"), 0);
}

static void a_full_disk_makes_no_half_of_one(void **state)
{
    char sql[64];
    (void)state;
    for (int i = 0; i < 30; i++) {
        char domain[32];
        (void)snprintf(domain, sizeof domain, "d%d.example", i);
        struct ww_sessions s = sessions(domain, WW_POLICY_TYPE_NONE, "", 1, 0, 0);
        put_item(&s);
    }
    fold();
    pass(WW_DAY_SECONDS);
    (void)snprintf(sql, sizeof sql, "PRAGMA max_page_count = %d", (int)number("PRAGMA page_count"));
    assert_int_equal(sqlite3_exec(db()->db, sql, NULL, NULL, NULL), SQLITE_OK);
    tick();
    assert_int_equal(ww_keeper_store_trouble(t.store), WW_E_STORE_FULL);
    struct ww_store *readable = ww_keeper_store_to_read(t.store);
    assert_int_equal(sqlite3_get_autocommit(readable->db), 1);
    assert_int_equal(sqlite3_exec(readable->db, "PRAGMA max_page_count = 9999", NULL, NULL, NULL), SQLITE_OK);
    ww_keeper_store_try_now(t.store);
    wait_reports(30);
    assert_int_equal(t.stats.values[WW_STAT_REPORTS_MADE], 30);
}

static void who_sends_none_holds_them(void **state)
{
    struct ww_outbox_report r;
    (void)state;
    for (int i = 0; i < 2; i++) {
        t.config.report_contact = i == 0 ? NULL : t.config.report_contact;
        static char contact[] = "tls@reporter.example";
        if (i == 1) {
            t.config.report_contact = contact;
            t.config.report_dry_run = true;
        }
        fold_success(i == 0 ? "a.example" : "b.example", ww_day_of(t.now));
        pass(WW_DAY_SECONDS);
        tick();
        assert_int_equal(ww_outbox_latest(db(), i == 0 ? "a.example" : "b.example", &r), WW_OK);
        assert_int_equal(r.state, WW_REPORT_HELD);
        assert_true(ww_report_id_check(r.id));
    }
}

static void domains_too_many_have_no_report(void **state)
{
    (void)state;
    fold_success("a.example", DAY);
    assert_int_equal(sqlite3_exec(db()->db, "UPDATE result_count SET domains = 200000", NULL, NULL, NULL),
                     SQLITE_OK);
    fold_success("b.example", DAY);
    assert_int_equal(t.stats.values[WW_STAT_RESULTS_UNLISTED], 1);
    pass(WW_DAY_SECONDS);
    tick();
    assert_int_equal(reports(), 1);
    assert_int_equal(number("SELECT count(*) FROM result_day"), 0);
}

/* Of entry i: "type domain success/failure/details" */
static const char *entry(const json_t *json, size_t i, char out[400])
{
    const char *type, *domain;
    int success, failure;
    json_t *policy = json_array_get(json_object_get(json, "policies"), i);
    if (policy == NULL)
        return "none";
    assert_int_equal(json_unpack(policy, "{s:{s:s, s:s}, s:{s:i, s:i}}", "policy", "policy-type", &type,
                                 "policy-domain", &domain, "summary", "total-successful-session-count",
                                 &success, "total-failure-session-count", &failure),
                     0);
    (void)snprintf(out, 400, "%s %s %d/%d/%zu", type, domain, success, failure,
                   json_array_size(json_object_get(policy, "failure-details")));
    return out;
}

static json_t *render(const char *domain)
{
    enum ww_err err;
    size_t n;
    char *text = ww_keeper_results_render(db(), &t.config, domain, &n, &err);
    assert_non_null(text);
    json_t *json = json_loadb(text, n, 0, NULL);
    assert_non_null(json);
    free(text);
    return json;
}

static void entries_say_what_was_seen(void **state)
{
    char text[400];
    struct ww_sessions_detail detail = {.type = WW_RESULT_CERTIFICATE_EXPIRED, .count = 2};
    struct ww_sessions testing = sessions("example.com", WW_POLICY_TYPE_STS, "mode: testing\n", 0, 5, 2);
    struct ww_sessions look = sessions("example.com", WW_POLICY_TYPE_STS, "mode: testing\n", 1, 0, 2);
    struct ww_sessions enforce = sessions("example.com", WW_POLICY_TYPE_STS, "mode: enforce\n", 9, 0, 0);
    struct ww_sessions unseen = sessions("example.com", WW_POLICY_TYPE_STS, "mode: third\n", 0, 3, 0);
    struct ww_sessions tlsa = sessions("example.com", WW_POLICY_TYPE_TLSA, "3 1 1\n", 50, 0, 0);
    struct ww_sessions none = sessions("example.com", WW_POLICY_TYPE_NONE, "", 100, 0, 0);
    struct ww_sessions back = sessions("example.com", WW_POLICY_TYPE_TLSA, "3 1 2\n", 0, 0, 0);
    (void)state;
    testing.details = look.details = &detail;
    testing.detail_count = look.detail_count = 1;
    look.by_us = true;
    (void)snprintf(tlsa.policy.domain, sizeof tlsa.policy.domain, "mx.example.com");
    put_item(&none);
    put_item(&tlsa);
    put_item(&back);
    put_item(&unseen);
    put_item(&testing);
    put_item(&enforce);
    put_item(&look);
    fold();
    json_t *json = render("example.com");
    assert_string_equal(entry(json, 0, text), "sts example.com 9/0/0");
    assert_string_equal(entry(json, 1, text), "sts example.com 1/4/1");
    assert_string_equal(entry(json, 2, text), "tlsa mx.example.com 50/0/0");
    assert_string_equal(entry(json, 3, text), "no-policy-found example.com 108/0/0");
    assert_string_equal(entry(json, 4, text), "none");
    assert_string_equal(json_string_value(json_object_get(json, "report-id")),
                        "2026-11-29.1.example.com.preview@reporter.example");
    json_decref(json);
    t.config.collect_look = false; /* as the MTA told it */
    json = render("example.com");
    assert_string_equal(entry(json, 0, text), "sts example.com 6/4/1");
    assert_string_equal(entry(json, 1, text), "sts example.com 9/0/0"); /* by size */
    assert_string_equal(entry(json, 2, text), "sts example.com 3/0/0");
    assert_string_equal(entry(json, 3, text), "tlsa mx.example.com 50/0/0");
    assert_string_equal(entry(json, 4, text), "no-policy-found example.com 100/0/0");
    json_decref(json);
}

static void what_was_not_verified_may_be_all_there_is(void **state)
{
    char text[400];
    enum ww_err err;
    size_t n;
    struct ww_sessions s = sessions("example.com", WW_POLICY_TYPE_STS, "mode: testing\n", 0, 5, 0);
    (void)state;
    fold_one(&s);
    json_t *json = render("example.com");
    assert_string_equal(entry(json, 0, text), "no-policy-found example.com 5/0/0");
    assert_string_equal(entry(json, 1, text), "none");
    json_decref(json);
    assert_null(ww_keeper_results_render(db(), &t.config, "other.example", &n, &err));
    assert_int_equal(err, WW_E_NOT_KNOWN);
}

/* Policies with all the failures that there may be, as long as strangers can make them. */
static void a_report_is_never_too_large(void **state)
{
    static char helo[WW_SESSIONS_TEXT_MAX];
    struct ww_sessions_detail details[50];
    struct ww_outbox_report r;
    unsigned seed = 1;
    (void)state;
    assert_int_equal(ww_store_begin(db()), WW_OK);
    for (int i = 0; i < POLICIES * 4; i++) {
        char strings[32];
        (void)snprintf(strings, sizeof strings, "mx: %d\n", i % POLICIES);
        struct ww_sessions s = sessions("example.com", WW_POLICY_TYPE_STS, strings, 0, 0, 50);
        for (size_t k = 0; k < 50; k++) {
            static char room[50][WW_SESSIONS_TEXT_MAX];
            for (size_t j = 0; j < sizeof helo; j++)
                helo[j] = (char)('!' + (seed = seed * 1103515245 + 12345) / 65536 % 90);
            memcpy(room[k], helo, sizeof helo);
            const struct ww_slice text = ww_slice(room[k], sizeof helo);
            details[k] = (struct ww_sessions_detail){.type = (enum ww_result_type)(1 + k % 5),
                                                     .helo = text,
                                                     .info = text,
                                                     .reason = text,
                                                     .count = 1};
        }
        bool listed;
        s.details = details;
        s.detail_count = 50;
        assert_int_equal(ww_results_add(db(), &s, t.now, &listed), WW_OK);
    }
    assert_int_equal(ww_store_commit(db()), WW_OK);
    assert_int_equal(number("SELECT count(*) FROM result_detail"), ALL);
    pass(WW_DAY_SECONDS);
    tick();
    assert_int_equal(ww_outbox_latest(db(), "example.com", &r), WW_OK);
    assert_int_equal(r.failure, ALL);
    json_t *json = report_json(r.number), *policy, *detail;
    size_t i, k;
    int64_t sum = 0, others = 0;
    json_array_foreach(json_object_get(json, "policies"), i, policy)
        json_array_foreach(json_object_get(policy, "failure-details"), k, detail)
    {
        int64_t count = json_integer_value(json_object_get(detail, "failed-session-count"));
        const char *reason = json_string_value(json_object_get(detail, "failure-reason-code"));
        sum += count;
        others += strcmp(reason, WW_RESULTS_OTHER) == 0 ? count : 0;
    }
    assert_int_equal(sum, ALL);
    assert_in_range(others, ALL / 2, ALL - 1);
    json_decref(json);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_day_is_closed_some_minutes_after_its_end),
        TEST(nobody_has_to_be_up_at_midnight),
        TEST(what_comes_late_is_a_part_of_its_own),
        TEST(a_clock_set_back_opens_nothing_again),
        TEST(a_clock_that_leaps_ahead_closes_no_day_at_once),
        TEST(a_clock_that_stays_ahead_is_believed),
        TEST(days_that_lie_ahead_are_of_today),
        TEST(what_is_too_much_to_move_keeps_no_other),
        TEST(clocks_leap_or_do_not),
        TEST(many_domains_take_turns),
        TEST(a_store_in_trouble_makes_none_twice),
        TEST(a_full_disk_makes_no_half_of_one),
        TEST(who_sends_none_holds_them),
        TEST(domains_too_many_have_no_report),
        TEST(entries_say_what_was_seen),
        TEST(what_was_not_verified_may_be_all_there_is),
        TEST(a_report_is_never_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
