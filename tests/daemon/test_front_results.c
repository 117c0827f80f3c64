/* What the front tells the collector, and what it does when a delivery has failed. */
#include "front_fixture.h"

#include "core/result_line.h"
#include "proc/msg_cache.h"
#include "proc/msg_report.h"

static const char testing_body[] = "version: STSv1\nmode: testing\nmx: mail.example.com\nmax_age: 86400\n";
static const char none_body[] = "version: STSv1\nmode: none\nmax_age: 86400\n";

static struct fake_peer collector;
static struct fake_peer control;

static int setup_results(void **state)
{
    int failed = setup(state);
    t.config.collect = true;
    t.config.collect_recheck = 60;
    t.config.refresh_flights = 2;
    t.config.life.used_within = 86400;
    return failed;
}

static void connect_collector(void)
{
    static const struct ww_msg_peer peer = {.kind = WW_ROLE_COLLECTOR, .count = 1};
    ww_role_front.peer(t.front, &peer, fake_peer_open(&collector, t.base));
}

static int teardown_results(void **state)
{
    fake_peer_close(&collector);
    fake_peer_close(&control);
    return teardown(state);
}

static void resolved_badly(uint64_t flight, enum ww_discovery_outcome outcome, enum ww_err why,
                           const char *detail)
{
    char space[4096];
    struct ww_buf b = ww_buf(space, sizeof space);
    struct ww_msg_resolved m = {.flight = flight, .result = {.outcome = outcome, .why = why, .id = "2"}};
    snprintf(m.result.detail, sizeof m.result.detail, "%s", detail);
    ww_msg_put_resolved(&b, &m);
    fake_peer_send(&t.resolver, WW_MSG_RESOLVED, &b);
    settle();
}

/* The result that the collector was told, NULL: none. */
static const struct ww_tls_result *told(void)
{
    static struct ww_tls_result event;
    size_t offset;
    settle();
    const struct fake_message *m = fake_peer_next(&collector);
    if (m == NULL)
        return NULL;
    assert_int_equal(m->type, WW_MSG_RESULT);
    assert_int_equal(ww_result_line_parse(m->payload.p, m->payload.n, &event, &offset), WW_OK);
    return &event;
}

static void delivery_failed(const char *domain)
{
    char space[WW_DNAME_SIZE + 8];
    struct ww_buf b = ww_buf(space, sizeof space);
    struct ww_msg_domain m;
    snprintf(m.domain, sizeof m.domain, "%s", domain);
    ww_msg_put_domain(&b, &m);
    fake_peer_send(&collector, WW_MSG_RECHECK, &b);
    settle();
}

static uint64_t counted(enum ww_stat stat)
{
    return t.stats.stats.values[stat];
}

/* A policy as the store has it, fetched just now, for a use so many seconds ago. */
static void load_used(const char *domain, const char *body, enum ww_policy_mode mode, int64_t used)
{
    static char payload[4096];
    static char space[4096];
    int64_t now = (int64_t)time(NULL);
    const struct ww_stored_policy policy = {
        .domain = domain,
        .id = "1",
        .body = ww_slice_str(body),
        .mode = mode,
        .fetched = now - 1,
        .expires = now + 86399,
        .checked = now - used,
    };
    struct ww_buf part = ww_buf(payload, sizeof payload);
    struct ww_buf b = ww_buf(space, sizeof space);
    ww_msg_put_policy(&part, &policy);
    ww_msg_put_part(&b, ww_slice(part.p, part.n));
    fake_peer_send(&t.keeper, WW_MSG_POLICIES, &b);
}

static void operator_refreshes(const char *domain)
{
    static char payload[WW_DNAME_SIZE + 16], space[2 * WW_DNAME_SIZE];
    static const struct ww_msg_peer peer = {.kind = WW_ROLE_CONTROL, .count = 1};
    struct ww_msg_cache_domain m;
    struct ww_buf p = ww_buf(payload, sizeof payload);
    struct ww_buf b = ww_buf(space, sizeof space);
    ww_role_front.peer(t.front, &peer, fake_peer_open(&control, t.base));
    snprintf(m.domain, sizeof m.domain, "%s", domain);
    ww_msg_put_cache_domain(&p, &m);
    const struct ww_msg_ask question = {1, WW_ASK_CACHE_REFRESH, ww_slice(p.p, p.n)};
    ww_msg_put_ask(&b, &question);
    fake_peer_send(&control, WW_MSG_ASK, &b);
    settle();
}

#define FAULT "https://mta-sts.a.example/.well-known/mta-sts.txt: it has expired"

static void what_a_look_up_wanted_is_told(void **state)
{
    static const struct {
        enum ww_discovery_outcome outcome;
        enum ww_err why;
        const char *type; /* NULL: nothing is told */
    } cases[] = {
        {WW_FOUND_FETCH_FAILURE, WW_E_HTTPS_CERT_EXPIRED, "sts-webpki-invalid"},
        {WW_FOUND_FETCH_FAILURE, WW_E_HTTPS_TIMEOUT, "sts-policy-fetch-error"},
        {WW_FOUND_POLICY_INVALID, WW_E_POLICY_COLON, "sts-policy-invalid"},
        {WW_FOUND_WAITING, WW_E_FETCH_WAITS, NULL},
        {WW_FOUND_DNS_FAILURE, WW_E_DNS_TIMEOUT, NULL},
        {WW_FOUND_NO_RECORD, WW_OK, NULL},
    };
    (void)state;
    connect_collector();
    begin();
    int fd = client();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[64], question[80];
        snprintf(name, sizeof name, "%zu.example", i);
        snprintf(question, sizeof question, "QUERY %s", name);
        ask(fd, question);
        resolved_badly(resolve(name).flight, cases[i].outcome, cases[i].why, FAULT);
        expect(fd, NOTFOUND);
        const struct ww_tls_result *event = told();
        if (cases[i].type == NULL) {
            assert_null(event);
            continue;
        }
        assert_non_null(event);
        assert_string_equal(ww_tls_result_name(event->type), cases[i].type);
        assert_string_equal(event->domain, name);
        assert_string_equal(event->text, FAULT);
        assert_string_equal(event->mta, "waxwing");
        assert_true(event->policy_known && event->policy == WW_POLICY_TYPE_STS);
        assert_true((int64_t)time(NULL) - event->time < 60);
        assert_null(told());
    }
    assert_int_equal(counted(WW_STAT_SEEN_FAILURES), 3);
    assert_int_equal(counted(WW_STAT_SEEN_LOST), 0);
    close(fd);
}

static void what_is_not_taken_is_counted(void **state)
{
    (void)state;
    begin();
    int fd = client();
    ask(fd, "QUERY a.example");
    resolved_badly(resolve("a.example").flight, WW_FOUND_FETCH_FAILURE, WW_E_HTTPS_TIMEOUT, FAULT);
    expect(fd, NOTFOUND);
    assert_int_equal(counted(WW_STAT_SEEN_LOST), 1);
    t.config.collect = false;
    ask(fd, "QUERY b.example");
    resolved_badly(resolve("b.example").flight, WW_FOUND_FETCH_FAILURE, WW_E_HTTPS_TIMEOUT, FAULT);
    expect(fd, NOTFOUND);
    assert_int_equal(counted(WW_STAT_SEEN_LOST), 1);
    connect_collector();
    settle();
    fake_peer_close(&collector);
    settle();
    t.config.collect = true;
    ask(fd, "QUERY c.example");
    resolved_badly(resolve("c.example").flight, WW_FOUND_FETCH_FAILURE, WW_E_HTTPS_TIMEOUT, FAULT);
    expect(fd, NOTFOUND);
    assert_int_equal(counted(WW_STAT_SEEN_LOST), 2);
    close(fd);
}

/* Of policies that are looked at again those alone are told that are in the way of mail. */
static void refreshes_that_fail(void **state)
{
    static const struct {
        const char *name;
        const char *body;
        enum ww_policy_mode mode;
        int64_t used; /* so many seconds ago */
        bool told;
    } cases[] = {
        {"enforce.example", policy_body, WW_MODE_ENFORCE, 80000, true},
        {"testing.example", testing_body, WW_MODE_TESTING, 10, true},
        {"none.example", none_body, WW_MODE_NONE, 10, false},
        {"idle.example", policy_body, WW_MODE_ENFORCE, 86500, false},
    };
    (void)state;
    connect_collector();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        load_used(cases[i].name, cases[i].body, cases[i].mode, cases[i].used);
    begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        operator_refreshes(cases[i].name);
        resolved_badly(resolve(cases[i].name).flight, WW_FOUND_FETCH_FAILURE, WW_E_HTTP_STATUS, FAULT);
        const struct ww_tls_result *event = told();
        assert_int_equal(event != NULL, cases[i].told);
    }
}

static void a_failed_delivery_has_the_policy_looked_at(void **state)
{
    (void)state;
    connect_collector();
    load_policy("a.example", policy_body, 10);
    begin();
    delivery_failed("a.example");
    struct ww_msg_resolve m = resolve("a.example");
    assert_true(m.sts && !m.dane && m.ask.refetch);
    assert_string_equal(m.ask.known_id, "1");
    delivery_failed("a.example"); /* it is being looked at */
    no_flight();
    resolved(m.flight, WW_FOUND_POLICY, "2", other_body);
    settle();
    int fd = client();
    ask(fd, "QUERY a.example");
    expect(fd, OTHER_ANSWER);
    delivery_failed("a.example"); /* it was looked at just now */
    no_flight();
    assert_int_equal(counted(WW_STAT_RECHECKS), 1);
    t.config.collect_recheck = 0;
    delivery_failed("a.example");
    (void)resolve("a.example");
    assert_int_equal(counted(WW_STAT_RECHECKS), 2);
    close(fd);
}

/* A decision never gets weaker because something failed, and a fetch that has failed just now is not made
 * again. */
static void a_recheck_that_fails_changes_nothing(void **state)
{
    (void)state;
    connect_collector();
    load_policy("a.example", policy_body, 10);
    begin();
    t.config.collect_recheck = 0;
    delivery_failed("a.example");
    resolved_badly(resolve("a.example").flight, WW_FOUND_FETCH_FAILURE, WW_E_HTTPS_TIMEOUT, FAULT);
    assert_non_null(told());
    int fd = client();
    ask(fd, "QUERY a.example");
    expect(fd, ANSWER);
    delivery_failed("a.example");
    struct ww_msg_resolve m = resolve("a.example");
    assert_string_equal(m.ask.failed_id, "2");
    assert_true(m.ask.retry_at > (int64_t)time(NULL));
    resolved_badly(m.flight, WW_FOUND_NO_RECORD, WW_OK, "");
    assert_null(told());
    ask(fd, "QUERY a.example");
    expect(fd, ANSWER);
    close(fd);
}

static void who_is_not_looked_at(void **state)
{
    (void)state;
    connect_collector();
    load_policy("a.example", policy_body, 10);
    load_policy("b.example", policy_body, 10);
    load_policy("c.example", policy_body, 10);
    load_used("none.example", none_body, WW_MODE_NONE, 10);
    load_policy("old.example", policy_body, 86500);
    begin();
    delivery_failed("unknown.example");
    delivery_failed("none.example");
    delivery_failed("old.example");
    no_flight();
    delivery_failed("a.example");
    struct ww_msg_resolve m = resolve("a.example");
    delivery_failed("b.example");
    (void)resolve("b.example");
    delivery_failed("c.example"); /* as many are under way as may be */
    no_flight();
    resolved(m.flight, WW_FOUND_UNCHANGED, "1", "");
    delivery_failed("c.example");
    (void)resolve("c.example");
    assert_int_equal(counted(WW_STAT_RECHECKS), 3);
}

/* What a look-up has begun is a look at the policy, too. */
static void a_flight_under_way_is_enough(void **state)
{
    (void)state;
    connect_collector();
    load_policy("a.example", policy_body, 400);
    begin();
    int fd = client();
    ask(fd, "QUERY a.example");
    expect(fd, ANSWER);
    (void)resolve("a.example");
    delivery_failed("a.example");
    no_flight();
    assert_int_equal(counted(WW_STAT_RECHECKS), 0);
    close(fd);
}

#define RESULTS(name) cmocka_unit_test_setup_teardown(name, setup_results, teardown_results)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RESULTS(what_a_look_up_wanted_is_told),
        RESULTS(what_is_not_taken_is_counted),
        RESULTS(refreshes_that_fail),
        RESULTS(a_failed_delivery_has_the_policy_looked_at),
        RESULTS(a_recheck_that_fails_changes_nothing),
        RESULTS(who_is_not_looked_at),
        RESULTS(a_flight_under_way_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
