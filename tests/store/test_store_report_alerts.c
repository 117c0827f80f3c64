/* What the rules get to know of a domain's reports, and what is kept of what was told. */
#include "store/store_report_alerts.h"

#include "store/store_db.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define DOMAIN "example.com"
#define TODAY 20000

static struct {
    char folder[64], path[96];
    struct ww_store *store;
    struct ww_report_known known;
    int number;
} t;

static int setup(void **state)
{
    enum ww_err err;
    char detail[256];
    (void)state;
    memset(&t, 0, sizeof t);
    (void)snprintf(t.folder, sizeof t.folder, "/tmp/waxwing-test-XXXXXX");
    if (mkdtemp(t.folder) == NULL)
        return -1;
    (void)snprintf(t.path, sizeof t.path, "%s/waxwing.db", t.folder);
    t.store = ww_store_open(t.path, &err, detail, sizeof detail);
    return t.store != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    (void)state;
    ww_store_close(t.store);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[112];
        (void)snprintf(path, sizeof path, "%s%s", t.path, ends[i]);
        (void)unlink(path);
    }
    return rmdir(t.folder);
}

static void sql(const char *text)
{
    char *why = NULL;
    if (sqlite3_exec(t.store->db, text, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", text, why);
}

struct row {
    const char *domain, *sender;
    int64_t day; /* so many days ago */
    bool verified;
    int64_t success, failure;
    const char *strings;
    const char *result, *mx; /* of all failures; NULL: nothing is said of them */
};

static void put(const struct row *r)
{
    char text[2048];
    t.number++;
    (void)snprintf(
        text, sizeof text,
        "INSERT INTO received_domain (domain, number, day, sender, verified, organization,"
        " report_id, begin_at, end_at, success, failure) VALUES ('%s', %d, %lld, '%s', %d, '', '%d',"
        " 0, 0, %lld, %lld);"
        "INSERT INTO received_policy (domain, number, place, type, policy_domain, policy, success,"
        " failure) VALUES ('%s', %d, 0, 'sts', '', CAST('%s' AS BLOB), %lld, %lld);"
        "INSERT OR IGNORE INTO received_strings (domain, policy, strings, mx_hosts, first_day,"
        " last_day) VALUES ('%s', CAST('%s' AS BLOB), '%s', '', 0, 0)",
        r->domain, t.number, (long long)(TODAY - r->day), r->sender, r->verified, t.number,
        (long long)r->success, (long long)r->failure, r->domain, t.number, r->strings, (long long)r->success,
        (long long)r->failure, r->domain, r->strings, r->strings);
    sql(text);
    if (r->result == NULL)
        return;
    (void)snprintf(
        text, sizeof text,
        "INSERT INTO received_failure (domain, number, place, detail, day, sender, verified, result,"
        " sending_ip, receiving_mx, helo, receiving_ip, info, reason, sessions) VALUES ('%s', %d, 0,"
        " 0, %lld, '%s', %d, '%s', '', '%s', '', '', '', '', %lld)",
        r->domain, t.number, (long long)(TODAY - r->day), r->sender, r->verified, r->result, r->mx,
        (long long)r->failure);
    sql(text);
}

static void know(const char *domain)
{
    assert_int_equal(ww_report_known_get(t.store, domain, TODAY, &t.known), WW_OK);
}

static void of_nothing(void **state)
{
    char domain[WW_DNAME_SIZE];
    (void)state;
    know(DOMAIN);
    assert_int_equal(t.known.past.first_day, -1);
    assert_int_equal(t.known.past.sender_count, 0);
    assert_int_equal(t.known.past.result_count, 0);
    assert_int_equal(t.known.told_count, 0);
    assert_int_equal(ww_report_next_domain(t.store, "", domain), WW_OK);
    assert_string_equal(domain, "");
}

static void days(void **state)
{
    static const struct row rows[] = {
        {DOMAIN, "a.example", 0, true, 10, 1, "", NULL, NULL},
        {DOMAIN, "a.example", 1, true, 100, 5, "", NULL, NULL},
        {DOMAIN, "b.example", 1, true, 200, 7, "", NULL, NULL},
        {DOMAIN, "c.example", 1, false, 3, 4, "", NULL, NULL},
        {DOMAIN, "a.example", WW_REPORT_PAST_DAYS - 1, true, 9, 0, "", NULL, NULL},
        {DOMAIN, "a.example", WW_REPORT_PAST_DAYS, true, 8, 8, "", NULL, NULL}, /* too long ago */
        {DOMAIN, "c.example", 100, false, 8, 8, "", NULL, NULL},
        {DOMAIN, "a.example", -1, true, 8, 8, "", NULL, NULL}, /* whose clock is wrong */
        {"other.example", "a.example", 1, true, 50, 50, "", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        put(&rows[i]);
    know(DOMAIN);
    const struct ww_report_day *d = t.known.past.days;
    const struct ww_report_day expected[] = {{10, 1, 0, 0, 0}, {300, 12, 0, 3, 4}, {0, 0, 0, 0, 0}};
    assert_memory_equal(d, expected, sizeof expected);
    assert_int_equal(d[WW_REPORT_PAST_DAYS - 1].success, 9);
    assert_int_equal(t.known.past.first_day, TODAY - WW_REPORT_PAST_DAYS);
}

static void sums_of_strangers_do_not_overflow(void **state)
{
    static const struct row row = {
        DOMAIN,          "a.example", 1, true, INT64_MAX, INT64_MAX, "mode: enforce", "certificate-expired",
        "mx.example.com"};
    (void)state;
    put(&row);
    put(&row);
    know(DOMAIN);
    assert_in_range(t.known.past.days[1].success, INT64_C(1000000000000000), INT64_C(1000000000000000));
    assert_in_range(t.known.past.days[1].enforced, INT64_C(1000000000000000), INT64_C(1000000000000000));
    assert_in_range(t.known.results[0].sessions, INT64_C(1000000000000000), INT64_C(1000000000000000));
}

static void policies(void **state)
{
    static const struct {
        const char *strings;
        bool enforced;
    } cases[] = {
        {"version: STSv1\nmode: enforce\nmx: mx.example.com\n", true},
        {"version:STSv1\nmode:enforce", true},
        {"Mode: Enforce\n", true},
        {"mode: testing\n", false},
        {"mode: enforced\n", false},
        {"xmode: enforce\n", false},
        {"3 1 1 00\n", false},
        {"", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct row row = {DOMAIN, "a.example", (int64_t)i, true, 5, 2, cases[i].strings, NULL, NULL},
                         unverified = {DOMAIN, "u.example",      (int64_t)i, false, 5,
                                       2,      cases[i].strings, NULL,       NULL};
        put(&row);
        put(&unverified);
    }
    know(DOMAIN);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (t.known.past.days[i].enforced != (cases[i].enforced ? 2 : 0))
            fail_msg("%s", cases[i].strings);
}

static void senders(void **state)
{
    (void)state;
    for (int64_t day = 1; day <= 10; day++) {
        struct row row = {DOMAIN, "b.example", day, true, 1, 0, "", NULL, NULL};
        put(&row);
        put(&row);
        row.sender = "unverified.example";
        row.verified = false;
        put(&row);
    }
    for (int64_t day = 1; day < WW_REPORT_SENDER_DAYS; day++) {
        const struct row few = {DOMAIN, "a.example", day, true, 1, 0, "", NULL, NULL};
        put(&few);
    }
    know(DOMAIN);
    assert_int_equal(t.known.past.sender_count, 1);
    assert_string_equal(t.known.senders[0].name, "b.example");
    assert_int_equal(t.known.senders[0].days, 0x7fe);
}

static void results(void **state)
{
    static const struct row rows[] = {
        {DOMAIN, "a.example", 2, true, 0, 3, "", "certificate-expired", "mx1.example.com"},
        {DOMAIN, "b.example", 2, true, 0, 4, "", "certificate-expired", "mx2.example.com"},
        {DOMAIN, "b.example", 1, true, 0, 1, "", "validation-failure", ""},
        {DOMAIN, "c.example", 2, false, 0, 90, "", "certificate-expired", "mx3.example.com"},
        {DOMAIN, "a.example", 30, true, 0, 3, "", "validation-failure", "mx1.example.com"},
        {DOMAIN, "c.example", 30, false, 0, 3, "", "certificate-expired", "mx1.example.com"},
        {"other.example", "a.example", 30, true, 0, 3, "", "certificate-expired", "mx1.example.com"},
    };
    struct ww_report_worst worst;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        put(&rows[i]);
    know(DOMAIN);
    assert_int_equal(t.known.past.result_count, 2);
    const struct ww_report_result *r = t.known.results;
    assert_string_equal(r[0].name, "certificate-expired");
    assert_int_equal(r[0].sessions, 7);
    assert_int_equal(r[0].unverified, 90);
    assert_int_equal(r[0].day, TODAY - 2);
    assert_false(r[0].known);
    assert_string_equal(r[1].name, "validation-failure");
    assert_true(r[1].known);
    t.known.past.worst(t.known.past.ctx, TODAY - 2, NULL, &worst);
    assert_string_equal(worst.mx, "mx2.example.com");
    assert_string_equal(worst.sender, "b.example");
    assert_string_equal(worst.result, "certificate-expired");
    t.known.past.worst(t.known.past.ctx, TODAY - 1, "certificate-expired", &worst);
    assert_string_equal(worst.result, "");
    assert_int_equal(t.known.err, WW_OK);
}

static void told(void **state)
{
    const struct ww_report_told all[] = {
        {.what = WW_REPORT_FAILURE_RATE,
         .where = "mx1.example.com",
         .seen = "5 of 100",
         .severity = WW_SEVERITY_WARNING,
         .since = 1,
         .at = 2,
         .day = 3,
         .lasts = true,
         .usual = 4},
        {.what = WW_REPORT_SILENT, .about = "a.example", .day = 7},
        {.what = WW_REPORT_SILENT, .about = "b.example", .gone = true},
    };
    char domain[WW_DNAME_SIZE];
    int count;
    (void)state;
    assert_int_equal(ww_report_told_put(t.store, DOMAIN, all, 3), WW_OK);
    assert_int_equal(ww_report_told_put(t.store, "other.example", all, 1), WW_OK);
    assert_int_equal(ww_report_told_ack(t.store, DOMAIN, "report-failure-rate", 99, &count), WW_OK);
    assert_int_equal(count, 1);
    assert_int_equal(ww_report_told_ack(t.store, DOMAIN, "report-silent", 99, &count), WW_OK);
    assert_int_equal(count, 0); /* it does not last */
    know(DOMAIN);
    assert_int_equal(t.known.told_count, 2);
    const struct ww_report_told *rate = &t.known.told[0];
    assert_int_equal(rate->what, WW_REPORT_FAILURE_RATE);
    assert_string_equal(rate->where, "mx1.example.com");
    assert_string_equal(rate->seen, "5 of 100");
    assert_int_equal(rate->severity, WW_SEVERITY_WARNING);
    assert_int_equal(rate->since * 1000 + rate->at * 100 + rate->day * 10 + rate->usual, 1234);
    assert_true(rate->lasts);
    assert_int_equal(rate->acked_until, 99);
    assert_string_equal(t.known.told[1].about, "a.example");
    assert_int_equal(ww_report_next_domain(t.store, "", domain), WW_OK);
    assert_string_equal(domain, DOMAIN);
    assert_int_equal(ww_report_next_domain(t.store, DOMAIN, domain), WW_OK);
    assert_string_equal(domain, "other.example");
    assert_int_equal(ww_report_told_put(t.store, DOMAIN, NULL, 0), WW_OK);
    know(DOMAIN);
    assert_int_equal(t.known.told_count, 0);
}

static void note_domain(void *ctx, const char *domain)
{
    char *all = ctx;
    (void)snprintf(all + strlen(all), 256 - strlen(all), "%s ", domain);
}

static void news(void **state)
{
    static const struct {
        uint64_t number;
        const char *after;
        size_t max;
        const char *domains;
    } cases[] = {
        {0, "", 10, "a.example b.example c.example "},
        {2, "", 10, "a.example b.example "},
        {3, "", 10, "b.example "},
        {4, "", 10, ""},
        {0, "", 2, "a.example b.example "},
        {0, "b.example", 2, "c.example "},
        {0, "c.example", 2, ""},
    };
    (void)state;
    const char *const domains[] = {"c.example", "a.example", "b.example"};
    for (size_t i = 0; i < 3; i++) {
        const struct row row = {domains[i], "s.example", 1, true, 1, 0, "", NULL, NULL};
        put(&row);
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char all[256] = "";
        assert_int_equal(
            ww_report_domains_since(t.store, cases[i].number, cases[i].after, cases[i].max, note_domain, all),
            WW_OK);
        assert_string_equal(all, cases[i].domains);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(of_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(days, setup, teardown),
        cmocka_unit_test_setup_teardown(sums_of_strangers_do_not_overflow, setup, teardown),
        cmocka_unit_test_setup_teardown(policies, setup, teardown),
        cmocka_unit_test_setup_teardown(senders, setup, teardown),
        cmocka_unit_test_setup_teardown(results, setup, teardown),
        cmocka_unit_test_setup_teardown(told, setup, teardown),
        cmocka_unit_test_setup_teardown(news, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
