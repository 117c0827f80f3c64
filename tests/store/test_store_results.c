/* What TLS results add up to, through all bounds; and that a fold is there whole or not at all. */
#include "store/store_results.h"

#include "store/store_db.h"
#include "store/store_outbox.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define DAY 20786
#define NOON ((INT64_C(86400) * DAY) + 43200)

static char directory[64];
static char path[96];
static struct ww_store *store;

static struct ww_store *open_store(void)
{
    char detail[256];
    enum ww_err err;
    struct ww_store *s = ww_store_open(path, &err, detail, sizeof detail);
    if (s == NULL)
        fail_msg("%s: %s", ww_err_id(err), detail);
    return s;
}

static void run(const char *sql)
{
    char *error = NULL;
    if (sqlite3_exec(store->db, sql, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("%s: %s", sql, error);
}

static int64_t number(const char *sql)
{
    sqlite3_stmt *st = NULL;
    assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return value;
}

static struct ww_sessions sessions(const char *domain, enum ww_policy_type type, const char *strings,
                                   int64_t success, int64_t unverified, int64_t failure)
{
    struct ww_sessions s = {.day = DAY,
                            .policy_known = true,
                            .policy = {.type = type, .strings = ww_slice_str(strings)},
                            .success = success,
                            .unverified = unverified,
                            .failure = failure};
    (void)snprintf(s.domain, sizeof s.domain, "%s", domain);
    (void)snprintf(s.policy.domain, sizeof s.policy.domain, "%s", domain);
    return s;
}

static bool add(const struct ww_sessions *s)
{
    bool listed;
    assert_int_equal(ww_results_add(store, s, NOON, &listed), WW_OK);
    return listed;
}

static struct ww_results_day *load(const char *domain, int64_t day)
{
    enum ww_err err;
    struct ww_results_day *d = ww_results_load(store, domain, day, &err);
    if (d == NULL)
        fail_msg("%s: %s", domain, ww_err_id(err));
    return d;
}

static void the_same_is_counted_once(void **state)
{
    (void)state;
    struct ww_sessions_detail details[] = {
        {.type = WW_RESULT_CERTIFICATE_EXPIRED, .receiving_mx = ww_slice("mx.example", 10), .count = 2},
        {.type = WW_RESULT_CERTIFICATE_EXPIRED, .receiving_ip = ww_slice("mx.example", 10), .count = 3},
    };
    struct ww_sessions a = sessions("example.com", WW_POLICY_TYPE_STS, "mode: enforce\n", 5, 1, 5);
    struct ww_sessions b = sessions("example.com", WW_POLICY_TYPE_NONE, "mode: enforce\n", 7, 0, 0);
    struct ww_sessions c = a;
    a.record = ww_slice_str("v=TLSRPTv1;rua=mailto:a@example.com");
    a.details = details;
    a.detail_count = 2;
    c.policy.mx_hosts = c.policy.strings; /* the same octets in another place */
    c.policy.strings = ww_slice("", 0);
    assert_true(add(&a) && add(&a) && add(&b) && add(&c));
    struct ww_results_day *d = load("example.com", DAY);
    assert_int_equal(d->count, 3);
    assert_int_equal(d->open.part, 1);
    assert_int_equal(d->open.first_at, NOON);
    assert_true(ww_slice_eq(d->record, a.record)); /* of the last who knew one */
    size_t found = 0;
    for (size_t i = 0; i < d->count; i++) {
        const struct ww_results_policy *p = &d->policies[i];
        if (p->detail_count == 0)
            continue;
        found++;
        assert_int_equal(p->policy.type, WW_POLICY_TYPE_STS);
        assert_true(ww_slice_eq(p->policy.strings, a.policy.strings));
        assert_int_equal(p->success, 10);
        assert_int_equal(p->unverified, 2);
        assert_int_equal(p->failure, 10);
        assert_int_equal(p->detail_count, 2);
        assert_int_equal(p->details[0].count, 6); /* the most frequent first */
        assert_true(ww_slice_is(p->details[0].receiving_ip, "mx.example"));
        assert_int_equal(p->details[0].receiving_mx.n, 0);
        assert_int_equal(p->details[1].count, 4);
    }
    assert_int_equal(found, 1);
    ww_results_day_free(d);
}

static void corrections_are_never_shown_as_less_than_nothing(void **state)
{
    (void)state;
    struct ww_sessions_detail detail = {.type = WW_RESULT_VALIDATION_FAILURE, .count = -2};
    struct ww_sessions less = sessions("example.com", WW_POLICY_TYPE_STS, "", -3, -4, -5);
    less.details = &detail;
    less.detail_count = 1;
    assert_true(add(&less));
    struct ww_results_day *d = load("example.com", DAY);
    assert_int_equal(d->count, 1);
    assert_int_equal(d->policies[0].success + d->policies[0].unverified + d->policies[0].failure, 0);
    assert_int_equal(d->policies[0].detail_count, 0);
    ww_results_day_free(d);
    struct ww_sessions more = sessions("example.com", WW_POLICY_TYPE_STS, "", 4, 4, 6);
    detail.count = 3;
    more.details = &detail;
    more.detail_count = 1;
    assert_true(add(&more));
    d = load("example.com", DAY);
    assert_int_equal(d->policies[0].success, 1);
    assert_int_equal(d->policies[0].unverified, 0);
    assert_int_equal(d->policies[0].failure, 1);
    assert_int_equal(d->policies[0].details[0].count, 1);
    ww_results_day_free(d);
}

static void absurd_counts_are_refused(void **state)
{
    static const int64_t counts[] = {WW_RESULTS_COUNT_MAX + 1, -WW_RESULTS_COUNT_MAX - 1, INT64_MAX,
                                     INT64_MIN};
    bool listed;
    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (int k = 0; k < 4; k++) {
            struct ww_sessions_detail detail = {.type = WW_RESULT_VALIDATION_FAILURE,
                                                .count = k == 3 ? counts[i] : 1};
            struct ww_sessions s = sessions("example.com", WW_POLICY_TYPE_STS, "", k == 0 ? counts[i] : 1,
                                            k == 1 ? counts[i] : 1, k == 2 ? counts[i] : 1);
            s.details = &detail;
            s.detail_count = 1;
            assert_int_equal(ww_results_add(store, &s, NOON, &listed), WW_E_TOO_LONG);
        }
    assert_int_equal(number("SELECT count(*) FROM result_day"), 0);
}

static void no_sum_is_too_large_for_a_report(void **state)
{
    const int64_t most = (INT64_C(1) << 53) - 1;
    struct ww_sessions_detail detail = {.type = WW_RESULT_VALIDATION_FAILURE, .count = WW_RESULTS_COUNT_MAX};
    struct ww_sessions s = sessions("example.com", WW_POLICY_TYPE_STS, "", WW_RESULTS_COUNT_MAX,
                                    WW_RESULTS_COUNT_MAX, WW_RESULTS_COUNT_MAX);
    (void)state;
    s.details = &detail;
    s.detail_count = 1;
    assert_int_equal(ww_store_begin(store), WW_OK);
    for (int i = 0; i < 8200; i++)
        assert_true(add(&s));
    assert_int_equal(ww_store_commit(store), WW_OK);
    struct ww_results_day *d = load("example.com", DAY);
    assert_true(d->policies[0].success == most && d->policies[0].unverified == most);
    assert_true(d->policies[0].failure == most && d->policies[0].details[0].count == most);
    ww_results_day_free(d);
}

static void a_day_has_so_many_octets(void **state)
{
    const char *sizes = "SELECT sum(200 + length(policy_domain) + length(strings) + length(mx_hosts))"
                        " FROM result_policy WHERE day = 20786";
    struct ww_sessions_detail detail = {
        .type = WW_RESULT_VALIDATION_FAILURE, .reason = ww_slice("why", 3), .count = 1};
    (void)state;
    struct ww_sessions s = sessions("a.example", WW_POLICY_TYPE_STS, "mx: a\n", 1, 0, 0);
    assert_true(add(&s) && add(&s));
    assert_int_equal(number("SELECT octets FROM result_count WHERE day = 20786"), number(sizes));
    s.details = &detail;
    s.detail_count = 1;
    assert_true(add(&s));
    assert_int_equal(number("SELECT octets FROM result_count WHERE day = 20786"), number(sizes) + 203);
    (void)number("UPDATE result_count SET octets = octets + 536870912 RETURNING octets");
    detail.reason = ww_slice("other", 5);
    struct ww_sessions more = sessions("b.example", WW_POLICY_TYPE_STS, "mx: b\n", 1, 0, 0);
    more.details = &detail;
    more.detail_count = 1;
    assert_true(add(&s) && add(&more)); /* what is there is counted on, what is new is not kept apart */
    assert_int_equal(number("SELECT success FROM result_policy WHERE strings = 'mx: a' || char(10)"), 4);
    assert_int_equal(number("SELECT count(*) FROM result_policy WHERE domain = 'b.example' AND strings = ''"),
                     1);
    assert_int_equal(number("SELECT count(*) FROM result_detail WHERE reason = 'other'"), 0);
    assert_int_equal(number("SELECT count(*) FROM result_detail WHERE reason = '" WW_RESULTS_OTHER "'"), 2);
    s.day = more.day = DAY + 1; /* another day has octets of its own */
    assert_true(add(&s));
    assert_int_equal(number("SELECT count(*) FROM result_detail WHERE reason = 'other'"), 1);
}

static void one_policy_too_many_counts_for_its_type(void **state)
{
    (void)state;
    for (unsigned i = 0; i < WW_RESULTS_POLICIES_MAX + 30; i++) {
        char text[32];
        (void)snprintf(text, sizeof text, "mx: mx%u.example\n", i);
        struct ww_sessions s =
            sessions("example.com", i % 2 == 0 ? WW_POLICY_TYPE_STS : WW_POLICY_TYPE_TLSA, text, 1, 1, 1);
        assert_true(add(&s));
    }
    struct ww_results_day *d = load("example.com", DAY);
    int64_t other[3] = {0};
    assert_int_equal(d->count, WW_RESULTS_POLICIES_MAX + 2);
    for (size_t i = 0; i < d->count; i++)
        if (d->policies[i].policy.strings.n == 0) {
            other[d->policies[i].policy.type] += d->policies[i].success;
            assert_string_equal(d->policies[i].policy.domain, "example.com");
        }
    assert_int_equal(other[WW_POLICY_TYPE_STS], 15);
    assert_int_equal(other[WW_POLICY_TYPE_TLSA], 15);
    assert_int_equal(other[WW_POLICY_TYPE_NONE], 0);
    ww_results_day_free(d);
    assert_int_equal(number("SELECT sum(success + unverified + failure) FROM result_policy"),
                     3 * (WW_RESULTS_POLICIES_MAX + 30));
}

static void one_failure_too_many_counts_for_its_type(void **state)
{
    (void)state;
    for (unsigned i = 0; i < WW_RESULTS_DETAILS_MAX + 10; i++) {
        char helo[32];
        (void)snprintf(helo, sizeof helo, "mx%u", i);
        struct ww_sessions_detail detail = {.type = i % 2 == 0 ? WW_RESULT_CERTIFICATE_EXPIRED
                                                               : WW_RESULT_VALIDATION_FAILURE,
                                            .helo = ww_slice_str(helo),
                                            .count = 4};
        struct ww_sessions s = sessions("example.com", WW_POLICY_TYPE_STS, "", 0, 0, 4);
        s.details = &detail;
        s.detail_count = 1;
        assert_true(add(&s));
    }
    struct ww_results_day *d = load("example.com", DAY);
    assert_int_equal(d->count, 1);
    assert_int_equal(d->policies[0].failure, 4 * (WW_RESULTS_DETAILS_MAX + 10));
    assert_int_equal(d->policies[0].detail_count, WW_RESULTS_DETAILS_MAX + 2);
    for (int i = 0; i < 2; i++) { /* the most frequent */
        const struct ww_sessions_detail *other = &d->policies[0].details[i];
        assert_int_equal(other->count, 20);
        assert_true(ww_slice_is(other->reason, WW_RESULTS_OTHER));
        assert_int_equal(other->helo.n + other->info.n + other->receiving_mx.n, 0);
    }
    ww_results_day_free(d);
}

static void one_domain_too_many_is_counted_without_its_name(void **state)
{
    char sql[128];
    (void)state;
    struct ww_sessions first = sessions("first.example", WW_POLICY_TYPE_STS, "a\n", 1, 0, 0);
    struct ww_sessions second = sessions("second.example", WW_POLICY_TYPE_STS, "b\n", 2, 0, 1);
    struct ww_sessions third = sessions("third.example", WW_POLICY_TYPE_STS, "c\n", 4, 0, 1);
    struct ww_sessions_detail detail = {
        .type = WW_RESULT_VALIDATION_FAILURE, .reason = ww_slice_str("theirs"), .count = 1};
    second.record = ww_slice_str("v=TLSRPTv1;");
    second.details = third.details = &detail;
    second.detail_count = third.detail_count = 1;
    assert_true(add(&first));
    (void)snprintf(sql, sizeof sql, "UPDATE result_count SET domains = %d", WW_RESULTS_DOMAINS_MAX);
    run(sql);
    assert_false(add(&second));
    assert_false(add(&third));
    assert_true(add(&first)); /* is there already */
    second.day++;
    assert_true(add(&second));
    struct ww_results_day *d = load("", DAY);
    assert_int_equal(d->count, 1);
    assert_int_equal(d->policies[0].success, 6);
    assert_int_equal(d->policies[0].failure, 2);
    assert_int_equal(d->policies[0].policy.strings.n + d->record.n, 0);
    assert_string_equal(d->policies[0].policy.domain, "");
    assert_int_equal(d->policies[0].detail_count, 1);
    assert_true(ww_slice_is(d->policies[0].details[0].reason, WW_RESULTS_OTHER));
    ww_results_day_free(d);
}

static void what_comes_after_a_report_is_another_part(void **state)
{
    (void)state;
    struct ww_sessions s = sessions("example.com", WW_POLICY_TYPE_NONE, "", 1, 0, 0);
    for (uint32_t part = 1; part <= 3; part++) {
        struct ww_outbox_report *report = calloc(1, sizeof *report);
        uint64_t number_of;
        assert_non_null(report);
        assert_true(add(&s) && add(&s));
        struct ww_results_day *d = load("example.com", DAY);
        assert_int_equal(d->open.part, part);
        assert_int_equal(d->policies[0].success, 2);
        ww_results_day_free(d);
        (void)snprintf(report->domain, sizeof report->domain, "example.com");
        (void)snprintf(report->id, sizeof report->id, "%u@reporter.example", part);
        report->day = DAY;
        report->part = part;
        assert_int_equal(ww_outbox_put(store, report, ww_slice_str("gzip"), &number_of), WW_OK);
        free(report);
        assert_int_equal(ww_results_forget(store, "example.com", DAY), WW_OK);
    }
    s.day++;
    assert_true(add(&s));
    struct ww_results_day *d = load("example.com", DAY + 1);
    assert_int_equal(d->open.part, 1);
    ww_results_day_free(d);
}

static void take_name(void *ctx, const struct ww_results_open *open)
{
    char *names = ctx;
    char name[WW_DNAME_SIZE + 16];
    (void)snprintf(name, sizeof name, "%s@%d ", open->domain, (int)(open->day - DAY));
    strcat(names, name);
}

static void last_one(void *ctx, const struct ww_results_open *open)
{
    *(struct ww_results_open *)ctx = *open;
}

static void days_are_listed_and_forgotten(void **state)
{
    static const char *const domains[] = {"b", "c", "a"};
    uint64_t count;
    char names[256] = "";
    (void)state;
    for (int day = 2; day >= 0; day--)
        for (size_t i = 0; i < 3; i++) {
            struct ww_sessions s = sessions(domains[i], WW_POLICY_TYPE_STS, "", 1, 0, 1);
            struct ww_sessions_detail detail = {.type = WW_RESULT_VALIDATION_FAILURE, .count = 1};
            s.day += day;
            s.details = &detail;
            s.detail_count = 1;
            assert_true(add(&s));
        }
    assert_int_equal(ww_results_list(store, NULL, DAY + 1, 100, take_name, names), WW_OK);
    assert_string_equal(names, "a@0 b@0 c@0 a@1 b@1 c@1 ");
    struct ww_results_open at;
    names[0] = '\0';
    assert_int_equal(ww_results_list(store, NULL, DAY + 9, 2, last_one, &at), WW_OK);
    assert_int_equal(ww_results_list(store, &at, DAY + 9, 2, take_name, names), WW_OK);
    assert_string_equal(names, "c@0 a@1 ");
    assert_int_equal(ww_results_latest(store, "b", &at), WW_OK);
    assert_int_equal(at.day, DAY + 2);
    assert_int_equal(ww_results_latest(store, "d", &at), WW_E_NOT_KNOWN);
    assert_int_equal(ww_results_count(store, &count), WW_OK);
    assert_int_equal(count, 9);
    assert_int_equal(ww_results_forget(store, "b", DAY), WW_OK);
    assert_int_equal(ww_results_forget(store, "b", DAY), WW_OK); /* no more */
    assert_int_equal(ww_results_count(store, &count), WW_OK);
    assert_int_equal(count, 8);
    for (int day = 0; day < 3; day++)
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(ww_results_forget(store, domains[i], DAY + day), WW_OK);
    assert_int_equal(number("SELECT (SELECT count(*) FROM result_day) + (SELECT count(*) FROM result_count)"
                            " + (SELECT count(*) FROM result_policy) + (SELECT count(*) FROM result_detail)"),
                     0);
}

/* Whatever comes in whatever order, what is read adds up to what was told. */
static void sums_are_kept_through_all_bounds(void **state)
{
    (void)state;
    int64_t told[3] = {0}, failures = 0;
    unsigned seed = (unsigned)time(NULL);
    print_message("seed %u\n", seed);
    srandom(seed);
    run("INSERT INTO result_count (day, domains) VALUES (20786, 199998)");
    run("BEGIN");
    for (int i = 0; i < 6000; i++) {
        char domain[32], strings[32], helo[32];
        (void)snprintf(domain, sizeof domain, "d%ld.example", random() % 4);
        (void)snprintf(strings, sizeof strings, "mx: %ld\n", random() % (random() % 2 == 0 ? 3 : 100));
        struct ww_sessions s =
            sessions(domain, (enum ww_policy_type)(random() % 3), strings, random() % 5, random() % 3, 0);
        struct ww_sessions_detail details[3];
        for (int k = 0; k < 3; k++) {
            (void)snprintf(helo, sizeof helo, "helo%ld", random() % 400);
            details[k] = (struct ww_sessions_detail){
                .type = (enum ww_result_type)(1 + random() % (WW_RESULT_TYPES - 1)), .count = random() % 3};
            details[k].helo = ww_slice_str(random() % 2 == 0 ? helo : "");
            s.failure += details[k].count;
        }
        s.details = details;
        s.detail_count = 3;
        (void)add(&s);
        told[0] += s.success;
        told[1] += s.unverified;
        told[2] += s.failure;
        failures += s.failure;
    }
    run("COMMIT");
    int64_t read[3] = {0}, listed = 0;
    static const char *const domains[] = {"", "d0.example", "d1.example", "d2.example", "d3.example"};
    size_t days = 0;
    for (size_t i = 0; i < sizeof domains / sizeof *domains; i++) {
        enum ww_err err;
        struct ww_results_day *d = ww_results_load(store, domains[i], DAY, &err);
        if (d == NULL)
            continue;
        days++;
        assert_true(d->count <= WW_RESULTS_POLICIES_MAX + 3);
        for (size_t k = 0; k < d->count; k++) {
            const struct ww_results_policy *p = &d->policies[k];
            assert_true(p->detail_count <= WW_RESULTS_DETAILS_MAX + WW_RESULT_TYPES);
            read[0] += p->success;
            read[1] += p->unverified;
            read[2] += p->failure;
            for (size_t j = 0; j < p->detail_count; j++)
                listed += p->details[j].count;
        }
        ww_results_day_free(d);
    }
    assert_int_equal(days, 3); /* two, and all others */
    for (int i = 0; i < 3; i++)
        assert_int_equal(read[i], told[i]);
    assert_int_equal(listed, failures);
}

static void journals_have_positions(void **state)
{
    struct ww_results_position p;
    uint8_t id[WW_RESULTS_JOURNAL_SIZE] = {0};
    (void)state;
    assert_int_equal(ww_results_position(store, id, &p), WW_OK);
    assert_false(p.known);
    assert_int_equal(ww_results_put_position(store, id, UINT64_MAX, 1), WW_OK);
    assert_int_equal(ww_results_position(store, id, &p), WW_OK);
    assert_true(p.known);
    assert_true(p.position == UINT64_MAX && p.at == 1);
    for (uint8_t i = 1; i < 20; i++) {
        id[5] = i;
        assert_int_equal(ww_results_put_position(store, id, i, 100 + i), WW_OK);
    }
    assert_int_equal(number("SELECT count(*) FROM result_journal"), WW_RESULTS_JOURNALS_MAX + 1);
    id[5] = 1; /* the clock was set back: it stays */
    assert_int_equal(ww_results_put_position(store, id, 7, 2), WW_OK);
    assert_int_equal(ww_results_position(store, id, &p), WW_OK);
    assert_true(p.known);
    assert_true(p.position == 7);
}

static void looks_are_due_while_there_is_mail(void **state)
{
    char domain[WW_DNAME_SIZE];
    (void)state;
    assert_int_equal(ww_results_want_look(store, "a.example", 1000), WW_OK);
    assert_int_equal(ww_results_want_look(store, "b.example", 1010), WW_OK);
    assert_int_equal(ww_results_look_due(store, 999, 0, 9999, domain), WW_OK);
    assert_string_equal(domain, "");
    assert_int_equal(ww_results_look_due(store, 1010, 500, 9999, domain), WW_OK);
    assert_string_equal(domain, "a.example");
    assert_int_equal(ww_results_look_set_due(store, "a.example", 5000), WW_OK);
    assert_int_equal(ww_results_want_look(store, "a.example", 1020), WW_OK); /* it is still due then */
    assert_int_equal(ww_results_look_due(store, 1010, 500, 9999, domain), WW_OK);
    assert_string_equal(domain, "b.example");
    assert_int_equal(ww_results_look_due(store, 6000, 1015, 9999, domain), WW_OK); /* b has no mail */
    assert_string_equal(domain, "a.example");
    assert_int_equal(number("SELECT count(*) FROM result_look"), 1);
    assert_int_equal(ww_results_look_set_due(store, "a.example", 99999), WW_OK);
    assert_int_equal(ww_results_look_due(store, 2000, 0, 9999, domain), WW_OK); /* by no clock of ours */
    assert_string_equal(domain, "a.example");
}

/* Each transaction has one session for each of three domains, and the position. */
static void fold_forever(uint64_t from, int acknowledge)
{
    const uint8_t id[WW_RESULTS_JOURNAL_SIZE] = {1};
    store = open_store();
    for (uint64_t position = from + 1;; position++) {
        if (ww_store_begin(store) != WW_OK)
            _exit(2);
        for (int i = 0; i < 3; i++) {
            char domain[16];
            bool listed;
            (void)snprintf(domain, sizeof domain, "d%d", i);
            struct ww_sessions s = sessions(domain, WW_POLICY_TYPE_STS, "a\n", 1, 0, 0);
            if (ww_results_add(store, &s, NOON, &listed) != WW_OK)
                _exit(3);
        }
        if (ww_results_put_position(store, id, position, NOON) != WW_OK || ww_store_commit(store) != WW_OK ||
            write(acknowledge, &position, sizeof position) != sizeof position)
            _exit(4);
    }
}

static void a_fold_is_whole_whenever_one_is_killed(void **state)
{
    const uint8_t id[WW_RESULTS_JOURNAL_SIZE] = {1};
    uint64_t position = 0;
    (void)state;
    ww_store_close(store);
    store = NULL;
    for (int round = 0; round < 30; round++) {
        int ends[2], status;
        struct ww_results_position p;
        assert_int_equal(pipe(ends), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
            fold_forever(position, ends[1]);
        close(ends[1]);
        uint64_t acknowledged = position;
        if (round % 2 == 0) /* it has got so far at least */
            assert_int_equal(read(ends[0], &acknowledged, sizeof acknowledged), sizeof acknowledged);
        usleep((useconds_t)(random() % 40000));
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        while (read(ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged)
            ;
        close(ends[0]);
        store = open_store();
        assert_int_equal(ww_results_position(store, id, &p), WW_OK);
        assert_true(p.position >= acknowledged && p.position <= acknowledged + 1);
        position = p.position;
        for (int i = 0; position > 0 && i < 3; i++) {
            char domain[16];
            (void)snprintf(domain, sizeof domain, "d%d", i);
            struct ww_results_day *d = load(domain, DAY);
            assert_int_equal(d->policies[0].success, position);
            ww_results_day_free(d);
        }
        ww_store_close(store);
        store = NULL;
    }
    assert_true(position >= 15);
    store = open_store();
}

static int setup(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "%s/ww-results-XXXXXX", P_tmpdir);
    if (mkdtemp(directory) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/waxwing.db", directory);
    store = open_store();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    char command[128];
    ww_store_close(store);
    store = NULL;
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command); /* NOLINT(cert-env33-c): a fixed command in a test */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_same_is_counted_once),
        TEST(corrections_are_never_shown_as_less_than_nothing),
        TEST(absurd_counts_are_refused),
        TEST(a_day_has_so_many_octets),
        TEST(no_sum_is_too_large_for_a_report),
        TEST(one_policy_too_many_counts_for_its_type),
        TEST(one_failure_too_many_counts_for_its_type),
        TEST(one_domain_too_many_is_counted_without_its_name),
        TEST(what_comes_after_a_report_is_another_part),
        TEST(days_are_listed_and_forgotten),
        TEST(sums_are_kept_through_all_bounds),
        TEST(journals_have_positions),
        TEST(looks_are_due_while_there_is_mail),
        TEST(a_fold_is_whole_whenever_one_is_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
