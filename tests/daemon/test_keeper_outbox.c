/* The outbox of the keeper, with a courier that is told what to say. */
#include "core/report_message.h"
#include "daemon/keeper_outbox_private.h"
#include "proc/msg_watch.h"

#include "codec/gzip.h"
#include "fake_peer.h"

#include <stdio.h>
#include <time.h>

#define NOW INT64_C(1796000000)
#define DAY (NOW / WW_DAY_SECONDS - 1)
#define MAIL "mailto:tls@example.com"
#define WEB "https://tls.example.com/v1"
#define RECORD "v=TLSRPTv1; rua=" MAIL

static struct {
    char folder[64], path[96];
    struct event_base *base;
    struct ww_config config;
    struct ww_stats stats;
    struct ww_keeper_store *keeping;
    struct ww_keeper_outbox *k;
    struct ww_asked *asked;
    struct fake_peer courier, control;
    struct ww_outbox_way way;
    char *content;
    size_t content_n;
} t;

static size_t on_well(void *ctx)
{
    (void)ctx;
    return 0;
}

static void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    (void)ctx;
    ww_keeper_outbox_asked(t.k, t.asked, ask, ref);
}

static int setup(void **state)
{
    static char contact[] = "tls@reporter.example";
    (void)state;
    memset(&t, 0, sizeof t);
    (void)snprintf(t.folder, sizeof t.folder, "/tmp/waxwing-test-XXXXXX");
    assert_non_null(mkdtemp(t.folder));
    (void)snprintf(t.path, sizeof t.path, "%s/waxwing.db", t.folder);
    t.base = event_base_new();
    t.config.report_contact = contact;
    t.config.report_keep = 30 * WW_DAY_SECONDS;
    t.keeping = ww_keeper_store_new(t.base, t.path, &t.stats, on_well, NULL);
    ww_keeper_store_open(t.keeping);
    t.k = ww_keeper_outbox_new(t.base, t.keeping, &t.config, &t.stats);
    t.asked = ww_asked_new(t.base, on_asked, NULL);
    t.content = ww_gzip(ww_slice_str("{\"report-id\":\"caf\xc3\xa9\"}"), &t.content_n);
    return t.k != NULL && t.content != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    (void)state;
    ww_asked_free(t.asked);
    ww_keeper_outbox_free(t.k);
    ww_keeper_store_free(t.keeping);
    fake_peer_close(&t.courier);
    fake_peer_close(&t.control);
    test_settle(t.base);
    event_base_free(t.base);
    free(t.content);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[112];
        (void)snprintf(path, sizeof path, "%s%s", t.path, ends[i]);
        (void)unlink(path);
    }
    return rmdir(t.folder);
}

static struct ww_store *store(void)
{
    struct ww_store *s = ww_keeper_store_to_write(t.keeping);
    assert_non_null(s);
    return s;
}

static uint64_t put(const char *domain, int64_t due, const char *record)
{
    struct ww_outbox_report r = {.day = DAY, .part = 1, .due = due, .made = NOW, .success = 5, .failure = 2};
    uint64_t number;
    (void)snprintf(r.domain, sizeof r.domain, "%s", domain);
    (void)snprintf(r.id, sizeof r.id, "id.%s@r.example", domain);
    (void)snprintf(r.record, sizeof r.record, "%s", record);
    assert_int_equal(ww_outbox_put(store(), &r, ww_slice(t.content, t.content_n), &number), WW_OK);
    return number;
}

static struct ww_outbox_report get(uint64_t number)
{
    struct ww_outbox_report r;
    assert_int_equal(ww_outbox_get(store(), number, &r), WW_OK);
    return r;
}

/* What became of it at one destination. */
static struct ww_outbox_target target(uint64_t number, const char *uri)
{
    struct ww_outbox_target all[WW_OUTBOX_TARGETS_MAX];
    size_t count;
    assert_int_equal(ww_outbox_targets(store(), number, all, &count), WW_OK);
    for (size_t i = 0; i < count; i++)
        if (strcmp(all[i].uri, uri) == 0)
            return all[i];
    fail_msg("there is no %s", uri);
    return all[0];
}

static bool lease(uint64_t number, int64_t now)
{
    bool goes;
    assert_int_equal(ww_keeper_outbox_lease(store(), &t.config, number, now, &t.way, &goes), WW_OK);
    return goes;
}

static void found(uint64_t number, enum ww_record_found what, const char *a, const char *b, int64_t now)
{
    char parts[1200];
    struct ww_buf all = ww_buf(parts, sizeof parts);
    struct ww_msg_report_targets m = {.number = number, .found = what, .detail = "words"};
    if (a != NULL)
        ww_msg_put_part(&all, ww_slice_str(a));
    if (b != NULL)
        ww_msg_put_part(&all, ww_slice_str(b));
    m.targets = ww_slice(all.p, all.n);
    assert_int_equal(ww_keeper_outbox_found(store(), &t.config, &m, 7, now, &t.way), WW_OK);
}

static void tried(uint64_t number, const char *uri, enum ww_target_outcome outcome, int64_t now)
{
    struct ww_msg_report_tried m = {.number = number, .outcome = outcome, .detail = "said"};
    (void)snprintf(m.uri, sizeof m.uri, "%s", uri);
    assert_int_equal(ww_keeper_outbox_tried(store(), &m, 7, now), WW_OK);
}

static void done(uint64_t number, int64_t now)
{
    assert_int_equal(ww_keeper_outbox_done(store(), number, now), WW_OK);
}

/* One that is looked up, and goes to two destinations. */
static uint64_t put_known(const char *domain, int64_t now)
{
    uint64_t number = put(domain, now, "");
    assert_true(lease(number, now));
    found(number, WW_RECORD_PRESENT, MAIL, WEB, now);
    assert_int_equal(t.way.count, 2);
    return number;
}

static void what_two_destinations_come_to(void **state)
{
    static const struct {
        enum ww_target_outcome mail, web;
        enum ww_report_state state;
        enum ww_target_state mail_state, web_state;
    } cases[] = {
        {WW_TRIED_ACCEPTED, WW_TRIED_ACCEPTED, WW_REPORT_SENT, WW_TARGET_SENT, WW_TARGET_SENT},
        {WW_TRIED_ACCEPTED, WW_TRIED_REFUSED, WW_REPORT_SENT, WW_TARGET_SENT, WW_TARGET_REFUSED},
        {WW_TRIED_ACCEPTED, WW_TRIED_LATER, WW_REPORT_WAITING, WW_TARGET_SENT, WW_TARGET_WAITING},
        {WW_TRIED_POSTPONED, WW_TRIED_REFUSED, WW_REPORT_WAITING, WW_TARGET_WAITING, WW_TARGET_REFUSED},
        {WW_TRIED_REFUSED, WW_TRIED_UNSUPPORTED, WW_REPORT_GIVEN_UP, WW_TARGET_REFUSED,
         WW_TARGET_UNSUPPORTED},
        {WW_TRIED_UNSUPPORTED, WW_TRIED_ACCEPTED, WW_REPORT_SENT, WW_TARGET_UNSUPPORTED, WW_TARGET_SENT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char domain[32];
        (void)snprintf(domain, sizeof domain, "d%zu.example", i);
        uint64_t number = put_known(domain, NOW);
        tried(number, MAIL, cases[i].mail, NOW + 1);
        tried(number, WEB, cases[i].web, NOW + 2);
        assert_int_equal(get(number).state, WW_REPORT_WAITING); /* the courier has it still */
        assert_int_equal(get(number).due, NOW + WW_OUTBOX_LEASE);
        done(number, NOW + 3);
        struct ww_outbox_report r = get(number);
        assert_int_equal(r.state, cases[i].state);
        assert_int_equal(r.ended, cases[i].state == WW_REPORT_WAITING ? 0 : NOW + 3);
        assert_int_equal(target(number, MAIL).at.state, cases[i].mail_state);
        assert_int_equal(target(number, WEB).at.state, cases[i].web_state);
        if (r.state == WW_REPORT_WAITING) {
            assert_in_range(r.due, NOW + 60, NOW + 600);
            assert_false(lease(number, NOW + 59));
            assert_true(lease(number, r.due));
            assert_int_equal(t.way.count, 1);
        }
        done(number, NOW + 4); /* told twice */
        assert_int_equal(get(number).state, cases[i].state);
    }
}

static void what_is_told_of_a_try_is_kept(void **state)
{
    struct ww_msg_report_tried m = {
        .outcome = WW_TRIED_ACCEPTED, .insecure = true, .uri = WEB, .detail = "201"};
    (void)state;
    m.number = put_known("example.com", NOW);
    assert_int_equal(ww_keeper_outbox_tried(store(), &m, 7, NOW + 9), WW_OK);
    struct ww_outbox_target at = target(m.number, WEB);
    assert_true(at.insecure);
    assert_int_equal(at.tried, NOW + 9);
    assert_string_equal(at.detail, "201");
    tried(m.number, WEB, WW_TRIED_LATER, NOW + 10); /* by one that had it, too, and was late */
    assert_int_equal(target(m.number, WEB).at.state, WW_TARGET_SENT);
    tried(m.number, "mailto:nobody@example.com", WW_TRIED_ACCEPTED, NOW + 10);
    tried(m.number + 9, WEB, WW_TRIED_ACCEPTED, NOW + 10);
    done(m.number + 9, NOW + 10);
    assert_int_equal(get(m.number).state, WW_REPORT_WAITING);
}

static void nobody_asks(void **state)
{
    uint64_t number = put("example.com", NOW, RECORD);
    (void)state;
    assert_true(lease(number, NOW));
    assert_int_equal(t.way.count, 0);
    assert_false(t.way.report.known);
    found(number, WW_RECORD_ABSENT, NULL, NULL, NOW + 1);
    done(number, NOW + 2);
    struct ww_outbox_report r = get(number);
    assert_int_equal(r.state, WW_REPORT_NOT_ASKED);
    assert_int_equal(r.content_n, 0);
    assert_int_equal(r.ended, NOW + 1);
    assert_string_equal(r.detail, "words");
    found(number, WW_RECORD_PRESENT, MAIL, NULL, NOW + 3); /* late, by another courier */
    assert_int_equal(get(number).state, WW_REPORT_NOT_ASKED);
    assert_int_equal(t.way.count, 0);
}

/* For a day it is tried again, then what the MTA saw counts. */
static void no_answer(const char *record, bool comes_to_life)
{
    uint64_t number = put("example.com", NOW, record);
    int64_t now = NOW;
    unsigned rounds = 0;
    for (; rounds < 1000; rounds++) {
        assert_true(lease(number, now));
        if (ww_keeper_outbox_is_last(&t.way.report, now))
            break;
        found(number, WW_RECORD_NOT_NOW, NULL, NULL, now);
        done(number, now);
        struct ww_outbox_report r = get(number);
        assert_int_equal(r.state, WW_REPORT_WAITING);
        assert_int_equal(r.tries, rounds + 1);
        assert_int_equal(r.last_try, now);
        assert_in_range(r.due, now + 1, NOW + WW_COURIER_TRY_SECONDS);
        now = r.due;
    }
    assert_in_range(rounds, 5, 40);
    assert_int_equal(now, NOW + WW_COURIER_TRY_SECONDS);
    if (comes_to_life)
        found(number, WW_RECORD_PRESENT, MAIL, NULL, now);
    else
        found(number, WW_RECORD_NOT_NOW, NULL, NULL, now);
    assert_int_equal(get(number).state, comes_to_life ? WW_REPORT_WAITING : WW_REPORT_GIVEN_UP);
    assert_int_equal(t.way.count, comes_to_life);
}

static void no_answer_of_dns(void **state)
{
    (void)state;
    no_answer("", false);
}

static void no_answer_but_an_mta_saw_it(void **state)
{
    (void)state;
    no_answer(RECORD, true);
}

/* The day was over between handing it out and the answer: the record was not with it. */
static void the_record_that_an_mta_saw_gets_its_turn(void **state)
{
    const char *const records[] = {RECORD, ""};
    (void)state;
    for (int i = 0; i < 2; i++) {
        uint64_t number = put(i == 0 ? "a.example" : "b.example", NOW, records[i]);
        int64_t late = NOW + WW_COURIER_TRY_SECONDS;
        assert_true(lease(number, NOW));
        found(number, WW_RECORD_NOT_NOW, NULL, NULL, NOW);
        assert_true(lease(number, late - 5));
        found(number, WW_RECORD_NOT_NOW, NULL, NULL, late + 5);
        assert_int_equal(get(number).state, i == 0 ? WW_REPORT_WAITING : WW_REPORT_GIVEN_UP);
        if (i == 1)
            continue;
        assert_int_equal(get(number).due, late + 5);
        assert_true(lease(number, late + 5));
        found(number, WW_RECORD_NOT_NOW, NULL, NULL, late + 6);
        assert_int_equal(get(number).state, WW_REPORT_GIVEN_UP);
    }
}

static void one_that_refuses_gets_no_more(void **state)
{
    struct ww_outbox_destination d;
    uint64_t number;
    (void)state;
    for (int i = 0; i < WW_COURIER_REFUSALS; i++) {
        char domain[32];
        (void)snprintf(domain, sizeof domain, "d%d.example", i);
        number = put_known(domain, NOW + i);
        tried(number, MAIL, WW_TRIED_REFUSED, NOW + i);
        tried(number, WEB, WW_TRIED_LATER, NOW + i);
        done(number, NOW + i);
    }
    assert_int_equal(ww_outbox_destination(store(), MAIL, &d), WW_OK);
    assert_int_equal(d.standing.suppressed_until,
                     NOW + WW_COURIER_REFUSALS - 1 + WW_COURIER_SUPPRESS_SECONDS);
    assert_string_equal(d.reason, "said");
    assert_string_equal(d.who, "");
    number = put("next.example", NOW + 9, "");
    assert_true(lease(number, NOW + 9));
    found(number, WW_RECORD_PRESENT, MAIL, WEB, NOW + 9);
    assert_int_equal(t.way.count, 1);
    assert_string_equal(t.way.targets[0].uri, WEB);
    assert_int_equal(target(number, MAIL).at.state, WW_TARGET_SUPPRESSED);
    tried(number, WEB, WW_TRIED_ACCEPTED, NOW + 10);
    done(number, NOW + 10);
    assert_int_equal(get(number).state, WW_REPORT_SENT);
}

/* While it waits, too; and there is nobody left to take it. */
static void one_is_suppressed_meanwhile(void **state)
{
    struct ww_outbox_destination d = {
        .uri = MAIL, .who = "root", .reason = "they asked", .standing = {.suppressed_until = INT64_MAX}};
    uint64_t number = put_known("example.com", NOW);
    (void)state;
    tried(number, WEB, WW_TRIED_REFUSED, NOW);
    tried(number, MAIL, WW_TRIED_LATER, NOW);
    done(number, NOW);
    assert_int_equal(ww_outbox_put_destination(store(), &d), WW_OK);
    assert_false(lease(number, NOW + WW_DAY_SECONDS));
    assert_int_equal(get(number).state, WW_REPORT_GIVEN_UP);
    assert_string_equal(target(number, MAIL).detail, "root: they asked");
    tried(number, MAIL, WW_TRIED_ACCEPTED, NOW); /* no refusal: what the operator says stays */
    assert_int_equal(ww_outbox_destination(store(), MAIL, &d), WW_OK);
    assert_true(d.standing.suppressed_until == INT64_MAX);
}

/* One that was sent by mail: to MAIL, and to WEB as that says. */
static uint64_t put_sent(const char *domain, enum ww_target_outcome web, int64_t now)
{
    uint64_t number = put_known(domain, now);
    tried(number, MAIL, WW_TRIED_ACCEPTED, now);
    tried(number, WEB, web, now);
    done(number, now);
    return number;
}

static struct ww_outbox_bounced bounce(const char *report_id, const char *to, const char *recipient)
{
    char id[WW_REPORT_MESSAGE_SIZE];
    struct ww_msg_report_ask m = {.what = WW_REPORT_ASK_BOUNCE, .reason = "550 5.1.1 no such user"};
    struct ww_outbox_bounced b;
    ww_report_message_id(report_id, to, "mx.reporter.example", id);
    (void)snprintf(m.uri, sizeof m.uri, "%.511s", id);
    (void)snprintf(m.who, sizeof m.who, "%s", recipient);
    assert_int_equal(ww_keeper_outbox_bounce(store(), &m, NOW + 100, &b), WW_OK);
    return b;
}

#define TLS "tls@example.com"

static void what_bounces_come_to(void **state)
{
    static const struct {
        const char *id, *to, *recipient;
        enum ww_keeper_bounce what;
    } cases[] = {
        {"id.other@r.example", TLS, TLS, WW_BOUNCE_UNKNOWN},
        {"id.a.exampl@r.example", TLS, TLS, WW_BOUNCE_UNKNOWN},
        {"id.a.example.x@r.example", TLS, TLS, WW_BOUNCE_UNKNOWN},
        {"id.a.example@r.example", "other@example.com", TLS, WW_BOUNCE_ELSEWHERE},
        {"id.a.example@r.example", TLS, "behind@example.net", WW_BOUNCE_ELSEWHERE},
        {"id.waits.example@r.example", TLS, TLS, WW_BOUNCE_EARLY},
        {"id.refused.example@r.example", TLS, TLS, WW_BOUNCE_NOT_SENT},
        {"id.a.example@r.example", TLS, "TLS@Example.COM", WW_BOUNCE_TAKEN},
        {"id.a.example@r.example", TLS, TLS, WW_BOUNCE_AGAIN},
    };
    struct ww_outbox_destination d;
    uint64_t number = put_sent("a.example", WW_TRIED_REFUSED, NOW), refused;
    (void)state;
    (void)put_known("waits.example", NOW);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (i == 6) {
            refused = put_known("refused.example", NOW - 9);
            tried(refused, MAIL, WW_TRIED_REFUSED, NOW - 9);
            assert_int_equal(ww_outbox_destination(store(), MAIL, &d), WW_OK);
            assert_int_equal(d.standing.refusals, 1);
        }
        struct ww_outbox_bounced b = bounce(cases[i].id, cases[i].to, cases[i].recipient);
        if (b.what != cases[i].what)
            fail_msg("%zu: %s", i, ww_keeper_bounce_name(b.what));
        bool taken = i >= 7;
        assert_int_equal(get(number).state, taken ? WW_REPORT_GIVEN_UP : WW_REPORT_SENT);
        assert_int_equal(target(number, MAIL).at.state, taken ? WW_TARGET_REFUSED : WW_TARGET_SENT);
    }
    assert_int_equal(get(number).ended, NOW + 100);
    assert_string_equal(target(number, MAIL).detail, "bounced: 550 5.1.1 no such user");
    assert_int_equal(ww_outbox_destination(store(), MAIL, &d), WW_OK);
    assert_int_equal(d.standing.refusals, 2);
}

static void what_is_left_of_a_report_that_bounced(void **state)
{
    uint64_t sent = put_sent("sent.example", WW_TRIED_ACCEPTED, NOW),
             waits = put_sent("waits.example", WW_TRIED_LATER, NOW);
    (void)state;
    assert_int_equal(bounce("id.sent.example@r.example", TLS, TLS).what, WW_BOUNCE_TAKEN);
    assert_int_equal(bounce("id.waits.example@r.example", TLS, TLS).what, WW_BOUNCE_TAKEN);
    assert_int_equal(get(sent).state, WW_REPORT_SENT); /* somebody has it */
    assert_int_equal(get(waits).state, WW_REPORT_WAITING);
    assert_int_equal(ww_keeper_outbox_retry(store(), sent, NOW + 200), WW_OK);
    assert_int_equal(bounce("id.sent.example@r.example", TLS, TLS).what, WW_BOUNCE_EARLY);
}

/* The server takes each before it comes back: what it took does not tell that they arrive. */
static void three_that_bounced_in_a_row_suppress(void **state)
{
    struct ww_outbox_destination d;
    (void)state;
    for (int i = 0; i < 5; i++) {
        char domain[32];
        (void)snprintf(domain, sizeof domain, "d%d.example", i);
        (void)put_sent(domain, WW_TRIED_ACCEPTED, NOW + i);
    }
    assert_false(bounce("id.d0.example@r.example", TLS, TLS).suppressed);
    assert_false(bounce("id.d1.example@r.example", TLS, TLS).suppressed);
    assert_false(bounce("id.d2.example@r.example", TLS, TLS).suppressed); /* two have arrived since */
    assert_false(bounce("id.d4.example@r.example", TLS, TLS).suppressed); /* one has */
    assert_true(bounce("id.d3.example@r.example", TLS, TLS).suppressed);
    assert_int_equal(ww_outbox_destination(store(), MAIL, &d), WW_OK);
    assert_int_equal(d.standing.suppressed_until, NOW + 100 + WW_COURIER_SUPPRESS_SECONDS);
    assert_string_equal(d.reason, "bounced: 550 5.1.1 no such user");
    assert_int_equal(ww_outbox_destination(store(), WEB, &d), WW_OK);
    assert_int_equal(d.standing.refusals, 0);
}

static void all_go_to_one(void **state)
{
    static char trial[] = "trial@reporter.example", other[] = "other@reporter.example";
    uint64_t number = put_known("example.com", NOW);
    int64_t now = NOW + WW_OUTBOX_LEASE;
    (void)state;
    t.config.report_redirect = trial;
    assert_true(lease(number, now)); /* where it went is of no account any more */
    assert_false(t.way.report.known);
    found(number, WW_RECORD_PRESENT, MAIL, WEB, now);
    assert_int_equal(t.way.count, 1);
    assert_string_equal(t.way.targets[0].uri, "mailto:trial@reporter.example");
    assert_true(lease(number, now + WW_OUTBOX_LEASE));
    assert_true(t.way.report.known);
    t.config.report_redirect = other;
    assert_true(lease(number, now + 2 * WW_OUTBOX_LEASE));
    assert_false(t.way.report.known);
    found(number, WW_RECORD_PRESENT, MAIL, WEB, now);
    assert_string_equal(t.way.targets[0].uri, "mailto:other@reporter.example");
    t.config.report_redirect = NULL;
    assert_true(lease(number, now + 3 * WW_OUTBOX_LEASE));
    assert_false(t.way.report.known);
    found(number, WW_RECORD_PRESENT, MAIL, WEB, now);
    assert_int_equal(t.way.count, 2);
}

/* A courier that is out of its mind. */
static void what_is_no_uri(void **state)
{
    static char large[WW_MSG_REPORT_URI_SIZE + 9];
    uint64_t number = put("example.com", NOW, "");
    struct ww_msg_report_targets m = {
        .number = number, .found = WW_RECORD_PRESENT, .targets = {"\xff\xff", 2}};
    (void)state;
    memset(large, 'x', sizeof large - 1);
    assert_true(lease(number, NOW));
    assert_int_equal(ww_keeper_outbox_found(store(), &t.config, &m, 7, NOW, &t.way), WW_E_MSG_MALFORMED);
    assert_false(get(number).known);
    found(number, WW_RECORD_PRESENT, large, "mailto:a\nb@example.com", NOW);
    assert_int_equal(t.way.count, 0);
    done(number, NOW);
    assert_int_equal(get(number).state, WW_REPORT_GIVEN_UP);
}

static const struct ww_outbox_flights no_flights;

static void by_hand(void **state)
{
    uint64_t number = put_known("a.example", NOW), held = put("b.example", NOW, ""), all;
    struct ww_outbox_report r = get(held);
    (void)state;
    tried(number, MAIL, WW_TRIED_REFUSED, NOW);
    tried(number, WEB, WW_TRIED_ACCEPTED, NOW);
    done(number, NOW);
    assert_int_equal(get(number).state, WW_REPORT_SENT);
    assert_int_equal(ww_keeper_outbox_retry_all(store(), &no_flights, NOW + 5, &all), WW_OK);
    assert_int_equal(all, 0); /* somebody has it */
    assert_int_equal(ww_keeper_outbox_retry(store(), number, NOW + 5), WW_OK);
    assert_true(lease(number, NOW + 5));
    assert_int_equal(t.way.count, 1);
    assert_string_equal(t.way.targets[0].uri, MAIL);
    tried(number, MAIL, WW_TRIED_ACCEPTED, NOW + 6);
    done(number, NOW + 6);
    assert_int_equal(ww_keeper_outbox_retry(store(), number, NOW + 7), WW_E_REPORT_NOTHING);
    assert_int_equal(get(number).state, WW_REPORT_SENT);
    assert_int_equal(ww_keeper_outbox_send(store(), number, NOW + 8), WW_OK);
    assert_true(lease(number, NOW + 8));
    assert_false(t.way.report.known);
    assert_string_equal(t.way.report.id, "id.a.example@r.example");
    r.state = WW_REPORT_HELD;
    assert_int_equal(ww_outbox_set(store(), &r), WW_OK);
    assert_int_equal(ww_keeper_outbox_retry(store(), held, NOW + 9), WW_E_REPORT_NOTHING);
    assert_int_equal(ww_keeper_outbox_send(store(), held, NOW + 9), WW_OK);
    assert_int_equal(get(held).state, WW_REPORT_WAITING);
    found(held, WW_RECORD_ABSENT, NULL, NULL, NOW + 9);
    assert_int_equal(ww_keeper_outbox_send(store(), held, NOW + 9), WW_E_REPORT_NOT_KEPT);
    assert_int_equal(ww_keeper_outbox_send(store(), 99, NOW + 9), WW_E_REPORT_NONE);
}

/* More than are gone through at a time. */
static void all_that_failed(void **state)
{
    uint64_t all;
    (void)state;
    assert_int_equal(ww_store_begin(store()), WW_OK);
    for (int i = 0; i < 450; i++) {
        char domain[32];
        (void)snprintf(domain, sizeof domain, "d%d.example", i);
        struct ww_outbox_report r = get(put(domain, NOW + 5000, ""));
        r.tries = i % 2 == 0;
        r.state = i % 3 == 0 ? WW_REPORT_GIVEN_UP : WW_REPORT_WAITING;
        assert_int_equal(ww_outbox_set(store(), &r), WW_OK);
    }
    assert_int_equal(ww_store_commit(store()), WW_OK);
    assert_int_equal(ww_keeper_outbox_retry_all(store(), &no_flights, NOW, &all), WW_OK);
    assert_int_equal(all, 225);
    assert_int_equal(get(1).due, NOW);
    assert_int_equal(get(2).due, NOW + 5000);
    assert_int_equal(get(450).due, NOW + 5000);
    assert_int_equal(get(449).due, NOW);
}

static void connect_courier(unsigned room)
{
    const struct ww_msg_courier_room m = {.room = (uint16_t)room};
    char bytes[16];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    fake_peer_close(&t.courier);
    ww_keeper_outbox_peer(t.k, fake_peer_open(&t.courier, t.base));
    ww_msg_put_courier_room(&b, &m);
    fake_peer_send(&t.courier, WW_MSG_COURIER_ROOM, &b);
}

/* The next message, which will come. */
static const struct fake_message *await(struct fake_peer *peer)
{
    int64_t end = ww_clock_ms() + 20000;
    while (peer->taken == peer->count) {
        if (ww_clock_ms() > end)
            fail_msg("nothing came");
        test_run_ms(t.base, 1);
    }
    return fake_peer_next(peer);
}

static void expect_nothing(void)
{
    test_run_ms(t.base, 30);
    assert_null(fake_peer_next(&t.courier));
}

/* The next message is a report in pieces: its number. */
static uint64_t next_report(struct ww_msg_report *m)
{
    static char whole[WW_MSG_REPORT_MAX];
    struct ww_buf b = ww_buf(whole, sizeof whole);
    bool last = false;
    while (!last) {
        const struct fake_message *got = await(&t.courier);
        struct ww_slice octets;
        assert_int_equal(got->type, WW_MSG_REPORT);
        assert_int_equal(ww_msg_get_piece(got->payload, &last, &octets), WW_OK);
        ww_buf_slice(&b, octets);
    }
    assert_int_equal(ww_msg_get_report(ww_slice(b.p, b.n), m), WW_OK);
    return m->number;
}

static void say_done(uint64_t number)
{
    const struct ww_msg_report_done m = {.number = number};
    char bytes[16];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    ww_msg_put_report_done(&b, &m);
    fake_peer_send(&t.courier, WW_MSG_REPORT_DONE, &b);
}

static void what_is_due_is_handed_out(void **state)
{
    int64_t now = (int64_t)time(NULL);
    struct ww_msg_report m;
    (void)state;
    t.content = realloc(t.content, 200000);
    assert_non_null(t.content);
    for (size_t i = 0; i < 200000; i++)
        t.content[i] = (char)(i % 251);
    t.content_n = 200000;
    for (int i = 0; i < 4; i++) {
        char domain[32];
        (void)snprintf(domain, sizeof domain, "d%d.example", i);
        (void)put(domain, now - 100 + i, RECORD);
    }
    (void)put("later.example", now + 3600, "");
    connect_courier(0);
    expect_nothing();
    connect_courier(2);
    assert_int_equal(next_report(&m), 1);
    assert_true(ww_slice_eq(m.content, ww_slice(t.content, t.content_n)));
    assert_true(m.look_up);
    assert_string_equal(m.domain, "d0.example");
    assert_string_equal(m.id, "id.d0.example@r.example");
    assert_string_equal(m.contact, "tls@reporter.example");
    assert_string_equal(m.organization, "reporter.example");
    assert_int_equal(m.begin, DAY * WW_DAY_SECONDS);
    assert_int_equal(m.end, m.begin + WW_DAY_SECONDS - 1);
    assert_int_equal(m.success, 5);
    assert_int_equal(m.failure, 2);
    assert_int_equal(m.record.n, 0); /* only when DNS has given no answer for a day */
    assert_int_equal(next_report(&m), 2);
    expect_nothing();
    say_done(1); /* without a word on what it has found: it is due again after its lease */
    assert_int_equal(next_report(&m), 3);
    expect_nothing();
    /* The courier dies, and what it had is leased. */
    connect_courier(9);
    assert_int_equal(next_report(&m), 4);
    expect_nothing();
    assert_in_range(get(1).due, now + WW_OUTBOX_LEASE, now + WW_OUTBOX_LEASE + 120);
    struct ww_outbox_report r = get(1);
    r.due = now;
    assert_int_equal(ww_outbox_set(store(), &r), WW_OK);
    ww_keeper_outbox_well(t.k);
    assert_int_equal(next_report(&m), 1);
    assert_string_equal(m.id, "id.d0.example@r.example");
}

/* All of what a courier says, over its channel. */
static void a_report_goes_out(void **state)
{
    char bytes[2048], parts[600];
    struct ww_buf b = ww_buf(bytes, sizeof bytes), all = ww_buf(parts, sizeof parts);
    struct ww_msg_report_send send;
    struct ww_msg_report m;
    struct ww_slice part;
    uint64_t number = put("example.com", (int64_t)time(NULL), "");
    (void)state;
    connect_courier(1);
    assert_int_equal(next_report(&m), number);
    ww_msg_put_part(&all, ww_slice_str(MAIL));
    const struct ww_msg_report_targets targets = {.number = number, .targets = ww_slice(all.p, all.n)};
    ww_msg_put_report_targets(&b, &targets);
    fake_peer_send(&t.courier, WW_MSG_REPORT_TARGETS, &b);
    const struct fake_message *got = await(&t.courier);
    assert_int_equal(got->type, WW_MSG_REPORT_SEND);
    assert_int_equal(ww_msg_get_report_send(got->payload, &send), WW_OK);
    assert_int_equal(send.number, number);
    struct ww_cursor c = ww_cursor(send.targets.p, send.targets.n);
    assert_true(ww_msg_next_part(&c, &part));
    assert_true(ww_slice_eq(part, ww_slice_str(MAIL)));
    assert_false(ww_msg_next_part(&c, &part));
    const struct ww_msg_report_tried tried_it = {.number = number, .uri = MAIL, .detail = "250 ok"};
    b = ww_buf(bytes, sizeof bytes);
    ww_msg_put_report_tried(&b, &tried_it);
    fake_peer_send(&t.courier, WW_MSG_REPORT_TRIED, &b);
    say_done(number);
    for (int i = 0; i < 20000 && get(number).state == WW_REPORT_WAITING; i++)
        test_run_ms(t.base, 1);
    assert_int_equal(get(number).state, WW_REPORT_SENT);
    ww_keeper_outbox_count(t.k);
    assert_int_equal(t.stats.values[WW_STAT_REPORTS + WW_REPORT_SENT], 1);
    assert_int_equal(t.stats.values[WW_STAT_REPORT_TARGETS + WW_TARGET_SENT], 1);
    assert_int_equal(t.stats.values[WW_STAT_REPORT_OLDEST_DUE], 0);
    (void)put("b.example", (int64_t)time(NULL) - 50, "");
    ww_keeper_outbox_count(t.k);
    assert_in_range(t.stats.values[WW_STAT_REPORT_OLDEST_DUE], 50, 110);
}

static void nothing_goes_out(void **state)
{
    (void)state;
    (void)put("example.com", (int64_t)time(NULL) - 5, "");
    t.config.report_dry_run = true;
    assert_true(ww_keeper_outbox_holds(&t.config));
    connect_courier(5);
    expect_nothing();
    t.config.report_dry_run = false;
    t.config.report_contact = NULL;
    assert_true(ww_keeper_outbox_holds(&t.config));
    connect_courier(5);
    expect_nothing();
}

static void old_ones_go(void **state)
{
    struct ww_outbox_report r = get(put("example.com", NOW, ""));
    (void)state;
    r.state = WW_REPORT_SENT;
    r.ended = (int64_t)time(NULL) - t.config.report_keep - 5;
    assert_int_equal(ww_outbox_set(store(), &r), WW_OK);
    ww_keeper_outbox_well(t.k);
    for (int i = 0; i < 20000 && ww_outbox_get(store(), r.number, &r) == WW_OK; i++)
        test_run_ms(t.base, 1);
    assert_int_equal(ww_outbox_get(store(), r.number, &r), WW_E_NOT_KNOWN);
}

/* The answers, a line each; and how it ended. */
static enum ww_err ask(const struct ww_msg_report_ask *m, char *out, size_t size)
{
    char payload[4096], bytes[5000];
    struct ww_buf b = ww_buf(payload, sizeof payload), all = ww_buf(bytes, sizeof bytes),
                  text = ww_buf(out, size - 1);
    struct ww_msg_told told = {.more = true};
    if (t.control.chan == NULL)
        ww_asked_peer(t.asked, fake_peer_open(&t.control, t.base));
    ww_msg_put_report_ask(&b, m);
    const struct ww_msg_ask question = {.number = 1, .what = WW_ASK_REPORT, .payload = ww_slice(b.p, b.n)};
    ww_msg_put_ask(&all, &question);
    fake_peer_send(&t.control, WW_MSG_ASK, &all);
    while (told.more) {
        const struct fake_message *got = await(&t.control);
        assert_int_equal(ww_msg_get_told(got->payload, &told), WW_OK);
        ww_buf_slice(&text, told.payload);
        ww_buf_char(&text, '\n');
    }
    assert_false(text.failed);
    out[text.n] = '\0';
    return told.err;
}

static void control_tells_of_a_bounce(void **state)
{
    char text[1024];
    struct ww_msg_report_ask m = {.what = WW_REPORT_ASK_BOUNCE, .who = TLS, .reason = "no"};
    (void)state;
    (void)put_sent("a.example", WW_TRIED_REFUSED, NOW);
    (void)snprintf(m.uri, sizeof m.uri, "nonsense");
    assert_int_equal(ask(&m, text, sizeof text), WW_OK);
    assert_non_null(strstr(text, "{\"bounce\":{\"result\":\"unknown\",\"report\":null,"));
    ww_report_message_id("id.a.example@r.example", TLS, "h", text);
    (void)snprintf(m.uri, sizeof m.uri, "%.511s", text);
    assert_int_equal(ask(&m, text, sizeof text), WW_OK);
    assert_string_equal(
        text, "{\"bounce\":{\"result\":\"taken\",\"report\":1,\"domain\":\"a.example\",\"uri\":\"" MAIL
              "\",\"suppressed\":false}}\n{}\n");
}

static void what_control_is_told(void **state)
{
    static char text[256 * 1024];
    struct ww_msg_report_ask m = {.what = WW_REPORT_ASK_LIST};
    (void)state;
    for (int i = 0; i < 60; i++) {
        char domain[32];
        (void)snprintf(domain, sizeof domain, "d%d.example", i);
        (void)put(domain, NOW, RECORD);
    }
    assert_int_equal(ask(&m, text, sizeof text), WW_OK);
    assert_non_null(
        strstr(text, "{\"report\":{\"number\":60,\"domain\":\"d59.example\",\"day\":\"2026-11-29\""));
    assert_non_null(strstr(text, "{\"after\":11}\n"));
    m.after = 11;
    assert_int_equal(ask(&m, text, sizeof text), WW_OK);
    assert_non_null(strstr(text, "{\"report\":{\"number\":1,"));
    assert_null(strstr(text, "\"number\":11,"));
    assert_non_null(strstr(text, "{\"after\":null}\n"));
    m = (struct ww_msg_report_ask){.what = WW_REPORT_ASK_CONTENT, .number = 5};
    assert_int_equal(ask(&m, text, sizeof text), WW_OK);
    assert_non_null(strstr(text, "{\"text\":\"{\\\"report-id\\\":\\\"caf\xc3\xa9\\\"}\"}\n{}\n"));
    m = (struct ww_msg_report_ask){
        .what = WW_REPORT_ASK_SUPPRESS, .until = INT64_MAX, .uri = MAIL, .who = "root"};
    assert_int_equal(ask(&m, text, sizeof text), WW_OK);
    m = (struct ww_msg_report_ask){.what = WW_REPORT_ASK_SUPPRESSED};
    assert_int_equal(ask(&m, text, sizeof text), WW_OK);
    assert_non_null(
        strstr(text, "{\"destination\":{\"uri\":\"" MAIL "\",\"suppressed\":true,\"until\":null"));
    m = (struct ww_msg_report_ask){.what = WW_REPORT_ASK_SEND, .domain = "d7.example"};
    assert_int_equal(ask(&m, text, sizeof text), WW_OK);
    assert_non_null(strstr(text, "\"number\":8,"));
    assert_in_range(get(8).due, time(NULL) - 60, time(NULL));
    m = (struct ww_msg_report_ask){.what = WW_REPORT_ASK_RETRY};
    assert_int_equal(ask(&m, text, sizeof text), WW_OK);
    assert_string_equal(text, "{\"done\":0}\n{}\n");
}

/* Handed out a second time it would arrive twice. */
static void what_is_under_way_is_not_sent_again(void **state)
{
    struct ww_msg_report_ask send = {.what = WW_REPORT_ASK_SEND}, all = {.what = WW_REPORT_ASK_RETRY};
    struct ww_msg_report m;
    uint64_t number = put("example.com", (int64_t)time(NULL), "");
    char text[8192];
    (void)state;
    connect_courier(1);
    assert_int_equal(next_report(&m), number);
    found(number, WW_RECORD_NOT_NOW, NULL, NULL, (int64_t)time(NULL));
    send.number = number;
    assert_int_equal(ask(&send, text, sizeof text), WW_E_REPORT_UNDER_WAY);
    assert_int_equal(ask(&all, text, sizeof text), WW_OK);
    assert_string_equal(text, "{\"done\":0}\n{}\n");
    say_done(number);
    while (ask(&send, text, sizeof text) == WW_E_REPORT_UNDER_WAY)
        test_run_ms(t.base, 1);
    assert_int_equal(next_report(&m), number);
    assert_string_equal(m.id, "id.example.com@r.example");
}

static void what_control_cannot_have(void **state)
{
    static const struct {
        struct ww_msg_report_ask ask;
        enum ww_err err;
    } cases[] = {
        {{.what = WW_REPORT_ASK_SHOW, .number = 9}, WW_E_REPORT_NONE},
        {{.what = WW_REPORT_ASK_SHOW, .domain = "x.example"}, WW_E_REPORT_NONE},
        {{.what = WW_REPORT_ASK_CONTENT, .number = 9}, WW_E_REPORT_NONE},
        {{.what = WW_REPORT_ASK_CONTENT, .number = 1}, WW_E_REPORT_NOT_KEPT},
        {{.what = WW_REPORT_ASK_SEND, .number = 9}, WW_E_REPORT_NONE},
        {{.what = WW_REPORT_ASK_SEND, .number = 1}, WW_E_REPORT_NOT_KEPT},
        {{.what = WW_REPORT_ASK_RETRY, .number = 2}, WW_E_REPORT_NOTHING},
        {{.what = WW_REPORT_ASK_LIST, .state = "none"}, WW_E_MSG_MALFORMED},
        {{.what = WW_REPORT_ASK_LIST, .open = true, .uri = "none"}, WW_E_MSG_MALFORMED},
    };
    char text[8192];
    (void)state;
    assert_int_equal(ww_outbox_drop_content(store(), put("example.com", NOW, "")), WW_OK);
    (void)put("example.net", NOW, "");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(ask(&cases[i].ask, text, sizeof text), cases[i].err);
    t.config.report_dry_run = true;
    assert_int_equal(ask(&cases[4].ask, text, sizeof text), WW_E_REPORT_DRY_RUN);
    t.config.report_dry_run = false;
    t.config.report_contact = NULL;
    assert_int_equal(ask(&cases[4].ask, text, sizeof text), WW_E_REPORT_NO_CONTACT);
    assert_int_equal(ww_keeper_store_trouble(t.keeping), WW_OK); /* none of this is the store's fault */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_two_destinations_come_to),
        TEST(what_is_told_of_a_try_is_kept),
        TEST(nobody_asks),
        TEST(no_answer_of_dns),
        TEST(no_answer_but_an_mta_saw_it),
        TEST(the_record_that_an_mta_saw_gets_its_turn),
        TEST(one_that_refuses_gets_no_more),
        TEST(one_is_suppressed_meanwhile),
        TEST(what_bounces_come_to),
        TEST(what_is_left_of_a_report_that_bounced),
        TEST(three_that_bounced_in_a_row_suppress),
        TEST(control_tells_of_a_bounce),
        TEST(all_go_to_one),
        TEST(what_is_no_uri),
        TEST(by_hand),
        TEST(all_that_failed),
        TEST(what_is_due_is_handed_out),
        TEST(a_report_goes_out),
        TEST(nothing_goes_out),
        TEST(old_ones_go),
        TEST(what_control_is_told),
        TEST(what_is_under_way_is_not_sent_again),
        TEST(what_control_cannot_have),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
