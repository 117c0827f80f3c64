/* Reports of others are written down once, in batches, and nobody is told so before they are. */
#include "keeper_received_fixture.h"

#include <signal.h>
#include <sys/wait.h>

static void each_report_counts_once(void **state)
{
    struct coming c = simple;
    struct ww_msg_taken first, m;
    (void)state;
    c.unsigned_mail = true;
    first = take(&c);
    assert_int_equal(first.err, WW_OK);
    assert_int_equal(first.taken, WW_TAKEN_NEW);
    m = take(&c);
    assert_int_equal(m.taken, WW_TAKEN_AGAIN);
    assert_int_equal(m.number, first.number);
    assert_int_equal(number("SELECT count(*) FROM received WHERE sender = 'sender' AND verified = 0"), 1);
    c.unsigned_mail = false; /* it takes the place of the other */
    m = take(&c);
    assert_int_equal(m.taken, WW_TAKEN_NEW);
    assert_int_equal(number("SELECT count(*) FROM received"), 1);
    assert_int_equal(number("SELECT count(*) FROM received WHERE sender = 'sender.example' AND verified = 1"),
                     1);
    assert_int_equal(number("SELECT verified_success FROM received_day"), 10);
    m = take(&c);
    assert_int_equal(m.taken, WW_TAKEN_AGAIN);
    c.unsigned_mail = true;
    m = take(&c);
    assert_int_equal(m.taken, WW_TAKEN_AGAIN);
    assert_int_equal(t.stats.values[WW_STAT_RECEIVED_NEW], 2);
    assert_int_equal(t.stats.values[WW_STAT_RECEIVED_AGAIN], 3);
    ww_keeper_received_count(t.k);
    assert_int_equal(t.stats.values[WW_STAT_RECEIVED], 1);
    assert_true(t.stats.values[WW_STAT_RECEIVED_OCTETS] > 100);
}

static void who_it_is_from(void **state)
{
    static const struct {
        bool mail;
        enum ww_channel channel;
        struct ww_dkim_fact dkim;
        const char *organization, *submitter, *sender;
        bool verified;
    } cases[] = {
        {true,
         WW_CHANNEL_LMTP,
         {WW_DKIM_PASS, "a.example", "s", true, ""},
         "Org",
         "sub.example",
         "a.example",
         true},
        {true, WW_CHANNEL_LOCAL, {WW_DKIM_PASS, "a.example", "s", true, ""}, "", "", "a.example", true},
        {true, WW_CHANNEL_HTTPS, {WW_DKIM_PASS, "a.example", "s", true, ""}, "Org", "", "org", false},
        {false, WW_CHANNEL_LMTP, {WW_DKIM_PASS, "a.example", "s", true, ""}, "Org", "", "org", false},
        {true, WW_CHANNEL_LMTP, {WW_DKIM_PASS, "a.example", "s", false, ""}, "Org", "", "org", false},
        {true, WW_CHANNEL_LMTP, {WW_DKIM_FAIL, "a.example", "s", true, ""}, "Org", "", "org", false},
        {true,
         WW_CHANNEL_LMTP,
         {WW_DKIM_NOT_NOW, "a.example", "s", true, ""},
         "",
         "Sub.example",
         "sub.example",
         false},
        {true, WW_CHANNEL_LMTP, {WW_DKIM_PASS, "", "", true, ""}, "", "", "unknown", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct ww_msg_take m = {.mail = cases[i].mail, .channel = cases[i].channel};
        struct ww_msg_mail_facts mail = {.dkim = cases[i].dkim};
        char sender[WW_RECEIVED_NAME_MAX + 1];
        bool verified;
        (void)snprintf(mail.submitter, sizeof mail.submitter, "%s", cases[i].submitter);
        ww_keeper_received_sender(&m, &mail, ww_slice_str(cases[i].organization), sender, &verified);
        assert_string_equal(sender, cases[i].sender);
        assert_int_equal(verified, cases[i].verified);
    }
}

static void what_cannot_be_read_is_kept(void **state)
{
    struct coming c = simple;
    (void)state;
    c.error = WW_E_GZIP;
    c.octets = "no report at all";
    struct ww_msg_taken first = take(&c), m = take(&c);
    assert_int_equal(first.taken, WW_TAKEN_QUARANTINED);
    assert_int_equal(first.why, WW_E_GZIP);
    assert_string_equal(first.at, "octet 7");
    assert_int_equal(m.taken, WW_TAKEN_QUARANTINED);
    assert_int_equal(m.number, first.number);
    assert_int_equal(number("SELECT count(*) FROM quarantine WHERE domain = 'example.com' AND size = 16"), 1);
    c.no_decoded = true;
    c.octets = "what kills";
    m = take(&c);
    assert_int_equal(m.taken, WW_TAKEN_QUARANTINED);
    assert_int_equal(m.why, WW_E_REPORT_DECODER_DIED);
    assert_int_equal(number("SELECT deviations = 'report-decoder-died error 1 ' || char(10) FROM quarantine"
                            " WHERE number = 2"),
                     1);
    c.octets = "";
    m = take(&c);
    assert_int_equal(m.err, WW_E_MSG_MALFORMED);
    assert_int_equal(number("SELECT count(*) FROM received"), 0);
}

static void other_domains_are_not_ours(void **state)
{
    static char ours[] = "example.com";
    static char *domains[] = {ours, NULL};
    static const struct {
        const char *domain, *about;
        enum ww_err error;
        bool no_report;
        enum ww_taken taken;
    } cases[] = {
        {"example.com", "", WW_OK, false, WW_TAKEN_NEW},
        {"example.net", "", WW_OK, false, WW_TAKEN_NOT_OURS},
        {"example.net", "", WW_E_GZIP, false, WW_TAKEN_NOT_OURS},
        {"", "", WW_E_GZIP, false, WW_TAKEN_QUARANTINED},
        {"", "", WW_E_GZIP, true, WW_TAKEN_QUARANTINED},
        {"example.com", "example.net", WW_E_GZIP, false, WW_TAKEN_QUARANTINED},
        {"", "example.net", WW_E_GZIP, true, WW_TAKEN_NOT_OURS},
    };
    (void)state;
    t.config.intake_domains = domains;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct coming c = simple;
        char octets[8];
        (void)snprintf(octets, sizeof octets, "%zu", i);
        c.domain = cases[i].domain;
        c.about = cases[i].about;
        c.error = cases[i].error;
        c.no_report = cases[i].no_report;
        c.octets = octets;
        struct ww_msg_taken m = take(&c);
        assert_int_equal(m.err, WW_OK);
        assert_int_equal(m.taken, cases[i].taken);
    }
    assert_int_equal(number("SELECT count(*) FROM received"), 1);
    assert_int_equal(number("SELECT count(*) FROM quarantine"), 3);
    t.config.intake_domains = NULL;
}

/* So many that they come in several pieces, and none of them is looked at twice. */
static void a_large_report_is_taken_whole(void **state)
{
    static struct ww_received_policy policies[5000];
    struct ww_received report = {.organization = ww_slice_str("Sender"),
                                 .report_id = ww_slice_str("large"),
                                 .begin = DAY * WW_DAY_SECONDS,
                                 .end = DAY * WW_DAY_SECONDS + 86399,
                                 .policies = policies,
                                 .count = 5000};
    struct coming c = simple;
    (void)state;
    for (unsigned i = 0; i < 5000; i++) {
        policies[i] = (struct ww_received_policy){.type = ww_slice_str("sts"), .success = 1};
        (void)snprintf(policies[i].domain, sizeof policies[i].domain, "d%u.example", i % 300);
    }
    c.report = &report;
    struct ww_msg_taken m = take(&c);
    assert_int_equal(m.taken, WW_TAKEN_NEW);
    assert_int_equal(number("SELECT count(*) FROM received_policy"), 5000);
    assert_int_equal(number("SELECT count(*) FROM received_domain WHERE success BETWEEN 16 AND 17"), 300);
    assert_int_equal(number("SELECT policies FROM received"), 5000);
    m = take(&c);
    assert_int_equal(m.taken, WW_TAKEN_AGAIN);
    for (unsigned i = 0; i < 5000; i++) /* the worst: each asks what the others are about */
        policies[i].type = ww_slice_str("tlsa");
    report.report_id = ww_slice_str("larger");
    m = take(&c);
    assert_int_equal(m.taken, WW_TAKEN_NEW);
}

static void one_that_is_bad_harms_no_other(void **state)
{
    struct coming good = simple, bad = simple;
    struct ww_received report = {.organization = ww_slice_str("Sender"), .begin = -5};
    struct ww_msg_taken m;
    (void)state;
    bad.report = &report;
    good.id = "a";
    (void)come(&good);
    (void)come(&bad);
    good.id = "b";
    (void)come(&good);
    bad.domain = "Not Canonical";
    (void)come(&bad);
    good.id = "c";
    (void)come(&good);
    for (int i = 0; i < 5; i++) {
        assert_true(told(&m));
        assert_int_equal(m.err, i % 2 == 0 ? WW_OK : WW_E_MSG_MALFORMED);
    }
    assert_int_equal(number("SELECT count(*) FROM received"), 3);
    assert_int_equal(t.stats.values[WW_STAT_RECEIVED_REFUSED], 2);
}

/* A constraint that fails in the middle of one takes back that one alone. */
static void half_a_report_is_none(void **state)
{
    struct coming c = simple;
    struct ww_store *store = ww_keeper_store_to_write(t.keeping);
    struct ww_msg_taken m;
    (void)state;
    assert_int_equal(
        sqlite3_exec(store->db,
                     "CREATE TEMP TRIGGER bad BEFORE INSERT ON received_failure WHEN NEW.domain ="
                     " 'bad.example' BEGIN SELECT raise(FAIL, 'no'); END",
                     NULL, NULL, NULL),
        SQLITE_OK);
    c.id = "a";
    (void)come(&c);
    c.domain = "bad.example";
    (void)come(&c);
    c.domain = "example.net";
    (void)come(&c);
    assert_true(told(&m));
    assert_int_equal(m.err, WW_OK);
    assert_true(told(&m));
    assert_int_equal(m.err, WW_E_STORE_FAILED);
    assert_true(told(&m));
    assert_int_equal(m.err, WW_OK);
    assert_int_equal(number("SELECT count(*) FROM received"), 2);
    assert_int_equal(number("SELECT count(*) FROM received_day"), 2);
    assert_int_equal(ww_keeper_store_trouble(t.keeping), WW_OK);
}

static void a_locked_store_is_said(void **state)
{
    sqlite3 *other = NULL;
    struct coming c = simple;
    (void)state;
    assert_int_equal(sqlite3_open(t.path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(take(&c).err, WW_E_STORE_BUSY);
    assert_int_equal(take(&c).err, WW_E_STORE_BUSY); /* at once: it is in trouble */
    sqlite3_close(other);
    ww_keeper_store_try_now(t.keeping);
    struct ww_msg_taken m = take(&c);
    assert_int_equal(m.err, WW_OK);
    assert_int_equal(m.taken, WW_TAKEN_NEW);
}

static void a_full_day_is_said(void **state)
{
    struct coming c = simple;
    (void)state;
    assert_int_equal(take(&c).err, WW_OK);
    t.config.intake_per_day = 300;
    c.id = "other";
    assert_int_equal(take(&c).err, WW_E_RECEIVED_TODAY);
    c.error = WW_E_GZIP;
    t.config.intake_per_day = 1;
    c.octets = "octets";
    assert_int_equal(take(&c).err, WW_E_RECEIVED_TODAY);
    t.now += WW_DAY_SECONDS;
    t.config.intake_per_day = 1000;
    assert_int_equal(take(&c).taken, WW_TAKEN_QUARANTINED);
    assert_int_equal(ww_keeper_store_trouble(t.keeping), WW_OK);
}

/* Strangers cannot fill it for those who are known. */
static void some_of_a_day_is_for_who_is_known(void **state)
{
    struct coming known = simple, unknown = simple, unread = simple;
    (void)state;
    unknown.id = "2";
    unknown.unsigned_mail = true;
    unread.error = WW_E_GZIP;
    unread.octets = "octets";
    assert_int_equal(take(&known).err, WW_OK);
    t.config.intake_per_day = (size_t)number("SELECT octets FROM received_volume") * 2 + 8;
    known.id = "3";
    assert_int_equal(take(&unknown).err, WW_E_RECEIVED_TODAY);
    assert_int_equal(take(&unread).err, WW_E_RECEIVED_TODAY);
    assert_int_equal(take(&known).err, WW_OK);
}

static void what_comes_together_is_written_together(void **state)
{
    struct ww_msg_taken m;
    (void)state;
    for (int i = 0; i < 150; i++) {
        struct coming c = simple;
        char id[16];
        (void)snprintf(id, sizeof id, "%d", i);
        c.id = id;
        (void)come(&c);
    }
    for (int i = 0; i < 150; i++) {
        assert_true(told(&m));
        assert_int_equal(m.job, i + 1);
        assert_int_equal(m.err, WW_OK);
    }
    assert_int_equal(number("SELECT count(*) FROM received"), 150);
    send_take(ww_slice_str("what is this")); /* no job that one could answer, but octets for a number */
    assert_true(told(&m));
    assert_int_equal(m.err, WW_E_MSG_MALFORMED);
    fake_peer_close(&t.intake); /* it has given something and is gone */
    ww_keeper_received_peer(t.k, fake_peer_open(&t.intake, t.base));
    assert_int_equal(take(&simple).err, WW_OK);
}

/* kill -9 at any moment: what was answered is there, and of the rest nothing or all. */
static void a_kill_leaves_nothing_or_all(void **state)
{
    (void)state;
    for (int round = 0; round < 10; round++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            char detail[256];
            enum ww_err err;
            struct ww_store *store = ww_store_open(t.path, &err, detail, sizeof detail);
            if (store == NULL)
                _exit(1);
            for (uint32_t i = 0;; i++) {
                char id[32];
                struct coming c = simple;
                (void)snprintf(id, sizeof id, "%d-%u", round, i);
                c.id = id;
                struct ww_received_waiting w = {.octets = t.take, .n = encode(&c)};
                if (ww_keeper_received_take(store, &t.config, &w, 1) != WW_OK || w.taken.err != WW_OK ||
                    write(ends[1], &i, sizeof i) != sizeof i)
                    _exit(3);
            }
        }
        close(ends[1]);
        usleep((useconds_t)(2000 + round * 7000));
        assert_int_equal(kill(pid, SIGKILL), 0);
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        uint32_t last = 0, answered = 0;
        while (read(ends[0], &last, sizeof last) == sizeof last)
            answered++;
        close(ends[0]);
        char sql[128];
        (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM received WHERE report_id LIKE '%d-%%'", round);
        int64_t kept = number(sql);
        assert_true(kept == answered || kept == answered + 1);
        assert_int_equal(number("SELECT count(*) FROM received_failure"),
                         number("SELECT count(*) FROM received"));
        assert_int_equal(number("SELECT coalesce(sum(reports), 0) FROM received_day"),
                         number("SELECT count(*) FROM received"));
        assert_int_equal(number("SELECT coalesce(sum(reports), 0) FROM received_volume"),
                         number("SELECT count(*) FROM received"));
    }
}

static void age_is_looked_at(void **state)
{
    struct coming c = simple;
    (void)state;
    (void)take(&c);
    event_active(t.k->purge, EV_TIMEOUT, 0);
    test_settle(t.base);
    t.now += 401 * WW_DAY_SECONDS; /* the clock has leapt: it may be wrong */
    t.steady += 60;
    event_active(t.k->purge, EV_TIMEOUT, 0);
    test_settle(t.base);
    t.now += 60;
    t.steady += 60;
    event_active(t.k->purge, EV_TIMEOUT, 0);
    test_settle(t.base);
    assert_int_equal(number("SELECT count(*) FROM received"), 1);
    t.now += 3600;
    t.steady += 3600;
    event_active(t.k->purge, EV_TIMEOUT, 0);
    test_settle(t.base);
    assert_int_equal(number("SELECT count(*) FROM received"), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(each_report_counts_once),
        TEST(who_it_is_from),
        TEST(what_cannot_be_read_is_kept),
        TEST(other_domains_are_not_ours),
        TEST(a_large_report_is_taken_whole),
        TEST(one_that_is_bad_harms_no_other),
        TEST(half_a_report_is_none),
        TEST(a_locked_store_is_said),
        TEST(a_full_day_is_said),
        TEST(some_of_a_day_is_for_who_is_known),
        TEST(what_comes_together_is_written_together),
        TEST(a_kill_leaves_nothing_or_all),
        TEST(age_is_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
