/* What the collector has is added up in the store exactly once, whatever happens on the way. */
#include "keeper_results_fixture.h"

#define SUM "SELECT coalesce(sum(success + unverified + failure), 0) FROM result_policy"

static void each_fold_counts_once(void **state)
{
    struct ww_msg_folded m;
    struct ww_sessions s = sessions("example.com", WW_POLICY_TYPE_STS, "a\n", 1, 0, 0);
    (void)state;
    ask();
    assert_true(answered(&m));
    assert_false(m.known);
    put_item(&s);
    send_fold(1000, 1100); /* of a journal that is not known, from anywhere */
    assert_position(1100);
    assert_int_equal(number(SUM), 1);
    send_fold(1000, 1100); /* the answer was lost */
    assert_position(1100);
    send_fold(1150, 1200); /* something is left out */
    assert_position(1100);
    send_fold(0, 1200);
    assert_position(1100);
    assert_int_equal(number(SUM), 1);
    send_fold(1100, 1200);
    assert_position(1200);
    assert_int_equal(number(SUM), 2);
    ask();
    assert_position(1200);
    assert_int_equal(t.stats.values[WW_STAT_RESULTS], 2);
}

static void a_death_before_the_answer_changes_nothing(void **state)
{
    struct ww_sessions s = sessions("example.com", WW_POLICY_TYPE_STS, "a\n", 1, 0, 0);
    (void)state;
    put_item(&s);
    for (int round = 0; round < 5; round++) {
        send_fold(t.position, t.position + 10);
        fake_peer_close(&t.collector); /* the collector has heard nothing */
        restart();
        ask();
        assert_position(t.position + 10);
        send_fold(t.position, t.position + 10);
        assert_position(t.position + 10);
        t.position += 10;
        assert_int_equal(number(SUM), round + 1);
    }
}

static void large_folds_come_in_pieces(void **state)
{
    char strings[12001];
    (void)state;
    memset(strings, 'x', sizeof strings - 1);
    strings[sizeof strings - 1] = '\0';
    for (int i = 0; i < 80; i++) {
        char domain[32];
        (void)snprintf(domain, sizeof domain, "d%d.example", i);
        struct ww_sessions s = sessions(domain, WW_POLICY_TYPE_STS, strings, 1, 0, 0);
        put_item(&s);
    }
    assert_true(t.items_n > 10 * WW_MSG_PIECE_MAX);
    fold();
    assert_int_equal(number(SUM), 80);
    assert_int_equal(number("SELECT count(*) FROM result_policy WHERE length(strings) = 12000"), 80);
}

static void what_makes_no_sense_is_left_out(void **state)
{
    static char garbage[WW_MSG_FOLD_MAX + 4096];
    struct ww_msg_folded m;
    struct ww_sessions good = sessions("example.com", WW_POLICY_TYPE_STS, "a\n", 1, 0, 0);
    struct ww_sessions absurd = sessions("example.com", WW_POLICY_TYPE_STS, "a\n", INT64_MAX, 0, 0);
    struct ww_sessions nameless = sessions("", WW_POLICY_TYPE_STS, "a\n", 1, 0, 0);
    (void)state;
    send_octets(ww_slice(garbage, 30));
    assert_false(answered(&m));
    send_octets(ww_slice(garbage, sizeof garbage)); /* too long */
    assert_false(answered(&m));
    put_item(&absurd);
    put_item(&good);
    put_item(&nameless);
    struct ww_buf all = {t.items, sizeof t.items, t.items_n, false};
    ww_msg_put_part(&all, ww_slice("no item", 7));
    t.items_n = all.n;
    put_item(&good);
    fold();
    assert_int_equal(number(SUM), 2);
    assert_int_equal(t.stats.values[WW_STAT_RESULTS_REFUSED], 3);
}

static void only_canonical_names_are_domains(void **state)
{
    static const char *const bad[] = {"Example.com", "example.com.", "a/../b", "a;b", "-", "a..b", "'a'"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ww_sessions s = sessions(bad[i], WW_POLICY_TYPE_STS, "a\n", 1, 0, 0);
        put_item(&s);
    }
    fold();
    assert_int_equal(number("SELECT count(*) FROM result_day"), 0);
    assert_int_equal(t.stats.values[WW_STAT_RESULTS_REFUSED], sizeof bad / sizeof *bad);
}

static sqlite3 *lock(void)
{
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(t.path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    return other;
}

static void a_locked_store_is_waited_for(void **state)
{
    struct ww_msg_folded m;
    struct ww_sessions s = sessions("example.com", WW_POLICY_TYPE_STS, "a\n", 1, 0, 0);
    (void)state;
    fold_one(&s);
    put_item(&s);
    sqlite3 *other = lock();
    send_fold(10, 20);
    assert_false(answered(&m));
    send_fold(10, 20); /* in trouble already */
    ask();
    assert_false(answered(&m));
    sqlite3_close(other);
    ww_keeper_store_try_now(t.store);
    assert_position(10); /* one answer to all of them */
    assert_int_equal(number(SUM), 1);
    send_fold(10, 20);
    assert_position(20);
    assert_int_equal(number(SUM), 2);
}

static void a_full_disk_is_waited_for(void **state)
{
    struct ww_msg_folded m;
    char sql[64];
    (void)state;
    for (int i = 0; i < 200; i++) {
        char domain[32];
        (void)snprintf(domain, sizeof domain, "d%d.example", i);
        struct ww_sessions s = sessions(domain, WW_POLICY_TYPE_STS, "a\n", 1, 0, 0);
        put_item(&s);
    }
    (void)snprintf(sql, sizeof sql, "PRAGMA max_page_count = %d", (int)number("PRAGMA page_count") + 2);
    assert_int_equal(sqlite3_exec(db()->db, sql, NULL, NULL, NULL), SQLITE_OK);
    send_fold(0, 10);
    assert_false(answered(&m));
    assert_int_equal(ww_keeper_store_trouble(t.store), WW_E_STORE_FULL);
    struct ww_store *readable = ww_keeper_store_to_read(t.store);
    assert_int_equal(sqlite3_exec(readable->db, "PRAGMA max_page_count = 9999", NULL, NULL, NULL), SQLITE_OK);
    ww_keeper_store_try_now(t.store);
    assert_true(answered(&m));
    assert_false(m.known);
    assert_int_equal(number(SUM), 0); /* all or nothing */
    send_fold(0, 10);
    assert_position(10);
    assert_int_equal(number(SUM), 200);
}

static void put_policy(const char *domain, const char *id, const char *mode, int64_t expires)
{
    char body[256];
    (void)snprintf(body, sizeof body, "version: STSv1\r\nmode: %s\r\nmx: MX.%s\r\nmax_age: 86400\r\n", mode,
                   id);
    const struct ww_stored_policy policy = {.domain = domain,
                                            .id = id,
                                            .body = ww_slice_str(body),
                                            .fetched = t.now,
                                            .expires = expires,
                                            .checked = t.now};
    assert_int_equal(ww_store_put_policy(db(), &policy), WW_OK);
    assert_int_equal(ww_history_put(db(), &policy, 9), WW_OK);
}

/* What the MTA did not know, by what the store knows. 'x' of mode: another policy came later. */
struct resolved {
    const char *mode; /* of what is stored; NULL: nothing */
    bool expired, known, by_us;
    enum ww_policy_type told;
    const char *id;
    enum ww_result_type failure;
    enum ww_policy_type type;
    const char *mx_hosts; /* which of the policies it is */
    int64_t success, unverified;
};

static const struct resolved cases[] = {
    {NULL, false, false, false, WW_POLICY_TYPE_NONE, "", 0, WW_POLICY_TYPE_NONE, "", 7, 0},
    {"none", false, false, false, WW_POLICY_TYPE_NONE, "", 0, WW_POLICY_TYPE_NONE, "", 7, 0},
    {"enforce", true, false, false, WW_POLICY_TYPE_NONE, "", 0, WW_POLICY_TYPE_NONE, "", 7, 0},
    {"enforce", false, false, false, WW_POLICY_TYPE_NONE, "", 0, WW_POLICY_TYPE_STS, "mx.new\n", 3, 4},
    {"testing", false, false, false, WW_POLICY_TYPE_NONE, "", 0, WW_POLICY_TYPE_STS, "mx.new\n", 3, 4},
    /* it knows that there was none */
    {"enforce", false, true, false, WW_POLICY_TYPE_NONE, "", 0, WW_POLICY_TYPE_NONE, "", 7, 0},
    {"enforce", false, true, false, WW_POLICY_TYPE_TLSA, "", 0, WW_POLICY_TYPE_TLSA, "", 3, 4},
    {"enforce", false, true, false, WW_POLICY_TYPE_STS, "new", 0, WW_POLICY_TYPE_STS, "mx.new\n", 3, 4},
    {"enforce", false, true, false, WW_POLICY_TYPE_STS, "old", 0, WW_POLICY_TYPE_STS, "mx.old\n", 3, 4},
    {"enforce", true, true, false, WW_POLICY_TYPE_STS, "old", 0, WW_POLICY_TYPE_STS, "mx.old\n", 3, 4},
    {"enforce", false, true, false, WW_POLICY_TYPE_STS, "never", 0, WW_POLICY_TYPE_STS, "", 3, 4},
    {"enforce", false, true, false, WW_POLICY_TYPE_STS, "", 0, WW_POLICY_TYPE_STS, "mx.new\n", 3, 4},
    {NULL, false, true, false, WW_POLICY_TYPE_STS, "", 0, WW_POLICY_TYPE_STS, "", 3, 4},
    /* of a fetch that failed there is no policy */
    {"enforce", false, true, true, WW_POLICY_TYPE_STS, "", 0, WW_POLICY_TYPE_STS, "", 3, 4},
    {"enforce", false, true, false, WW_POLICY_TYPE_STS, "", WW_RESULT_STS_POLICY_FETCH_ERROR,
     WW_POLICY_TYPE_STS, "", 3, 4},
    {"enforce", false, true, false, WW_POLICY_TYPE_STS, "", WW_RESULT_STS_WEBPKI_INVALID, WW_POLICY_TYPE_STS,
     "", 3, 4},
    {"enforce", false, true, false, WW_POLICY_TYPE_STS, "", WW_RESULT_STS_POLICY_INVALID, WW_POLICY_TYPE_STS,
     "", 3, 4},
    {"enforce", false, true, false, WW_POLICY_TYPE_STS, "", WW_RESULT_CERTIFICATE_EXPIRED, WW_POLICY_TYPE_STS,
     "mx.new\n", 3, 4},
};

static void policies_that_mtas_do_not_know_are_looked_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct resolved *c = &cases[i];
        char domain[32];
        enum ww_err err;
        (void)snprintf(domain, sizeof domain, "case%zu.example", i);
        if (c->mode != NULL) {
            put_policy(domain, "old", c->mode, t.now + 1);
            put_policy(domain, "new", c->mode, c->expired ? MIDNIGHT - 1 : t.now + WW_DAY_SECONDS);
        }
        struct ww_sessions_detail detail = {.type = c->failure, .count = 2};
        struct ww_sessions s = sessions(domain, c->told, "", 3, 4, 2);
        s.policy_known = c->known;
        s.by_us = c->by_us;
        (void)snprintf(s.policy_id, sizeof s.policy_id, "%s", c->id);
        s.details = &detail;
        s.detail_count = c->failure != WW_RESULT_NONE;
        fold_one(&s);
        struct ww_results_day *d = ww_results_load(db(), domain, DAY, &err);
        assert_non_null(d);
        assert_int_equal(d->count, 1);
        const struct ww_results_policy *p = &d->policies[0];
        bool strings = ww_slice_starts(p->policy.strings, "version: STSv1\nmode: ");
        if (p->policy.type != c->type || !ww_slice_is(p->policy.mx_hosts, c->mx_hosts) ||
            strings != (c->mx_hosts[0] != '\0') || p->success != c->success ||
            p->unverified != c->unverified || p->failure != 2)
            fail_msg("case %zu: %d %.*s %d %d", i, (int)p->policy.type, (int)p->policy.mx_hosts.n,
                     p->policy.mx_hosts.p, (int)p->success, (int)p->unverified);
        assert_string_equal(p->policy.domain, c->type == WW_POLICY_TYPE_TLSA ? "" : domain);
        ww_results_day_free(d);
    }
}

/* By the present clock, and by that of the last fold. */
static void days_have_bounds(void **state)
{
    static const struct {
        int64_t last, now, day, counts_as; /* days from DAY; counts_as 99: not at all */
    } bounds[] = {
        {0, 0, 0, 0},          {0, 0, -31, -31},   {0, 0, -32, 99},      {0, 0, 1, 1},
        {0, 0, 2, 0},          {0, 0, 9000, 0},    {0, 400, 0, 0},       {0, 400, -31, -31},
        {0, 400, -32, 99},     {0, 400, 401, 401}, {0, 400, 402, 400},   {0, -9000, -9031, -9031},
        {0, -9000, -9032, 99}, {0, -9000, 1, 1},   {0, -9000, 2, -9000},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        struct ww_sessions s = sessions("example.com", WW_POLICY_TYPE_STS, "a\n", 1, 0, 0);
        t.now = NOON + bounds[i].last * WW_DAY_SECONDS;
        fold(); /* nothing */
        t.now = NOON + bounds[i].now * WW_DAY_SECONDS;
        s.day = DAY + bounds[i].day;
        fold_one(&s);
        int64_t day = number("SELECT coalesce(max(day), 0) FROM result_day");
        if (day != (bounds[i].counts_as == 99 ? 0 : DAY + bounds[i].counts_as))
            fail_msg("case %zu: %d", i, (int)(day - DAY));
        assert_int_equal(ww_results_forget(db(), "example.com", day), WW_OK);
    }
}

static unsigned looks_due;

static void on_look_due(void *ctx)
{
    (void)ctx;
    looks_due++;
}

static void looked(const char *domain, bool asked, bool failed, const struct ww_sessions *s)
{
    static char part[WW_CHAN_MESSAGE_MAX], parts[WW_CHAN_MESSAGE_MAX];
    struct ww_buf b = ww_buf(part, sizeof part), all = ww_buf(parts, sizeof parts);
    struct ww_msg_looked m = {.asked = asked, .failed = failed};
    (void)snprintf(m.domain, sizeof m.domain, "%s", domain);
    ww_msg_put_sessions(&b, s);
    ww_msg_put_part(&all, ww_slice(b.p, b.n));
    m.items = ww_slice(all.p, all.n);
    ww_keeper_results_looked(t.k, &m);
}

static void domains_with_a_policy_and_mail_are_looked_at(void **state)
{
    char domain[WW_DNAME_SIZE];
    (void)state;
    looks_due = 0;
    ww_keeper_results_on_look(t.k, on_look_due, NULL);
    assert_int_equal(looks_due, 1);
    put_policy("testing.example", "a", "testing", t.now + 30 * WW_DAY_SECONDS);
    put_policy("none.example", "a", "none", t.now + WW_DAY_SECONDS);
    static const char *const domains[] = {"testing.example", "none.example", "other.example"};
    for (size_t i = 0; i < 3; i++) {
        struct ww_sessions s = sessions(domains[i], WW_POLICY_TYPE_NONE, "", 1, 0, 0);
        s.by_us = false;
        fold_one(&s);
    }
    assert_true(looks_due > 1);
    assert_true(ww_keeper_results_next_look(t.k, domain));
    assert_string_equal(domain, "testing.example");
    assert_false(ww_keeper_results_next_look(t.k, domain)); /* it is on lease */
    pass(WW_RESULTS_LOOK_LEASE);
    assert_true(ww_keeper_results_next_look(t.k, domain));
    struct ww_sessions_detail detail = {.type = WW_RESULT_CERTIFICATE_EXPIRED, .count = 1};
    struct ww_sessions s = sessions("another.example", WW_POLICY_TYPE_STS, "a\n", 1, 0, 1);
    s.day = 3; /* whatever the watcher says */
    s.details = &detail;
    s.detail_count = 1;
    looked("testing.example", true, true, &s); /* came to nothing */
    pass(t.config.collect_look_interval);
    assert_true(ww_keeper_results_next_look(t.k, domain));
    looked("testing.example", true, false, &s);
    assert_int_equal(number("SELECT success + 10 * failure FROM result_policy"
                            " WHERE domain = 'testing.example' AND type = 1 AND day = 20786"),
                     11);
    assert_int_equal(number("SELECT count(*) FROM result_day WHERE domain = 'another.example'"), 0);
    assert_false(ww_keeper_results_next_look(t.k, domain)); /* what we saw is no mail, and it is not due */
    pass(t.config.collect_look_interval);
    assert_true(ww_keeper_results_next_look(t.k, domain));
    looked("testing.example", false, false, &s); /* nobody asks for reports: nothing counts, for a day */
    assert_int_equal(number("SELECT sum(failure) FROM result_policy"), 1);
    pass(WW_DAY_SECONDS - 1);
    struct ww_sessions mail = sessions("testing.example", WW_POLICY_TYPE_NONE, "", 1, 0, 0);
    fold_one(&mail);
    assert_false(ww_keeper_results_next_look(t.k, domain));
    pass(1);
    assert_true(ww_keeper_results_next_look(t.k, domain));
    pass(WW_DAY_SECONDS); /* no mail for a day */
    assert_false(ww_keeper_results_next_look(t.k, domain));
    assert_int_equal(number("SELECT count(*) FROM result_look"), 0);
    t.config.collect_look = false;
    fold_one(&mail);
    assert_int_equal(number("SELECT count(*) FROM result_look"), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(each_fold_counts_once),
        TEST(a_death_before_the_answer_changes_nothing),
        TEST(large_folds_come_in_pieces),
        TEST(what_makes_no_sense_is_left_out),
        TEST(only_canonical_names_are_domains),
        TEST(a_locked_store_is_waited_for),
        TEST(a_full_disk_is_waited_for),
        TEST(policies_that_mtas_do_not_know_are_looked_up),
        TEST(days_have_bounds),
        TEST(domains_with_a_policy_and_mail_are_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
