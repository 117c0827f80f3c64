/* The front beside DANE: which parts a flight has, what is remembered, and what is told in the meantime. */
#include "core/dane_survey.h"
#include "daemon/front_cache.h"
#include "daemon/front_dane.h"
#include "proc/msg_cache.h"

#include "front_fixture.h"

#include <stdlib.h>
#include <unistd.h>

#define NAMED "mail.example.com" /* by the policy */
#define DANE_ONLY "12:OK dane-only,"
#define DANE "7:OK dane,"
#define ENCRYPT "37:OK encrypt secure servername=hostname,"
#define BOGUS "73:TEMP a.example: the answer about its MX hosts does not stand up to DNSSEC,"

/* A survey that was made of a domain with one MX host. */
static struct ww_dane_survey *survey_of(enum ww_dnssec mx, const char *host, enum ww_dane_state state)
{
    static struct ww_dane_survey survey;
    memset(&survey, 0, sizeof survey);
    survey.outcome = WW_MX_LISTED;
    survey.mx_dnssec = mx;
    survey.validating = true;
    survey.lifetime = 300;
    survey.count = 1;
    survey.hosts[0].settled = true;
    survey.hosts[0].state = state;
    snprintf(survey.hosts[0].name, sizeof survey.hosts[0].name, "%s", host);
    return &survey;
}

static struct ww_dane_survey *usable(const char *host)
{
    return survey_of(WW_DNSSEC_SECURE, host, WW_DANE_SECURE_USABLE);
}

static struct ww_dane_survey *insecure(void)
{
    return survey_of(WW_DNSSEC_INSECURE, NAMED, WW_DANE_INSECURE);
}

static struct ww_dane_survey *failed(void)
{
    struct ww_dane_survey *survey = insecure();
    survey->outcome = WW_MX_FAILED;
    survey->mx_dnssec = WW_DNSSEC_UNKNOWN;
    survey->why = WW_E_DNS_TIMEOUT;
    survey->count = 0;
    return survey;
}

static void surveyed(uint64_t flight, const struct ww_dane_survey *survey)
{
    static char space[WW_CHAN_MESSAGE_MAX];
    struct ww_buf b = ww_buf(space, sizeof space);
    ww_msg_put_surveyed(&b, flight, survey);
    assert_false(b.failed);
    fake_peer_send(&t.resolver, WW_MSG_SURVEYED, &b);
}

/* The flight that was asked for, with these parts. */
static uint64_t flight(const char *domain, bool sts, bool dane)
{
    const struct ww_msg_resolve m = resolve(domain);
    assert_int_equal(m.sts, sts);
    assert_int_equal(m.dane, dane);
    return m.flight;
}

static void both_parts_are_waited_for(void **state)
{
    (void)state;
    begin();
    int fd = client();
    ask(fd, "QUERY a.example");
    uint64_t number = flight("a.example", true, true);
    resolved(number, WW_FOUND_NO_RECORD, "", "");
    expect(fd, "");
    surveyed(number, usable("mx.a.example"));
    expect(fd, DANE_ONLY);
    ask(fd, "QUERY a.example");
    expect(fd, DANE_ONLY);
    no_flight();
    /* And the other way round. */
    ask(fd, "QUERYwithTLSRPT b.example");
    number = flight("b.example", true, true);
    surveyed(number, insecure());
    expect(fd, "");
    resolved(number, WW_FOUND_POLICY, "1", policy_body);
    settle();
    assert_non_null(
        strstr(answers(fd), "OK secure match=mail.example.com servername=hostname policy_type=sts"));
    no_flight();
    close(fd);
}

static const struct {
    const char *body; /* of the policy, or NULL */
    struct ww_dane_settings settings;
    enum ww_dnssec mx;
    const char *host;
    enum ww_dane_state state;
    const char *answer;
    const char *sendmail; /* answer to sts */
} cases[] = {
    {NULL, {.use = WW_DANE_ON}, WW_DNSSEC_INSECURE, NAMED, WW_DANE_INSECURE, NOTFOUND, NOTFOUND},
    {NULL, {.use = WW_DANE_ON}, WW_DNSSEC_SECURE, NAMED, WW_DANE_NONE, NOTFOUND, NOTFOUND},
    {NULL, {.use = WW_DANE_ON}, WW_DNSSEC_SECURE, NAMED, WW_DANE_SECURE_UNUSABLE, "10:OK encrypt,", ENCRYPT},
    {NULL, {.use = WW_DANE_ON}, WW_DNSSEC_SECURE, NAMED, WW_DANE_SECURE_USABLE, DANE_ONLY, ENCRYPT},
    {NULL, {.use = WW_DANE_ON}, WW_DNSSEC_SECURE, NAMED, WW_DANE_BOGUS, DANE, ENCRYPT},
    {NULL, {.use = WW_DANE_MTA}, WW_DNSSEC_SECURE, NAMED, WW_DANE_SECURE_USABLE, NOTFOUND, ENCRYPT},
    {NULL, {.use = WW_DANE_BLIND}, WW_DNSSEC_SECURE, NAMED, WW_DANE_SECURE_USABLE, "10:OK encrypt,", ENCRYPT},
    {NULL, {.use = WW_DANE_ON}, WW_DNSSEC_BOGUS, NAMED, WW_DANE_NONE, BOGUS, BOGUS},
    {policy_body, {.use = WW_DANE_ON}, WW_DNSSEC_INSECURE, NAMED, WW_DANE_INSECURE, ANSWER, ANSWER},
    {policy_body, {.use = WW_DANE_ON}, WW_DNSSEC_SECURE, NAMED, WW_DANE_SECURE_UNUSABLE, ANSWER, ANSWER},
    {policy_body, {.use = WW_DANE_ON}, WW_DNSSEC_SECURE, NAMED, WW_DANE_SECURE_USABLE, DANE_ONLY, ANSWER},
    {policy_body, {.use = WW_DANE_BLIND}, WW_DNSSEC_SECURE, NAMED, WW_DANE_SECURE_USABLE, ANSWER, ANSWER},
    {policy_body, {.use = WW_DANE_ON}, WW_DNSSEC_SECURE, NAMED, WW_DANE_LOOKUP_FAILED, DANE_ONLY, ANSWER},
    {policy_body,
     {.use = WW_DANE_ON},
     WW_DNSSEC_SECURE,
     "mx.other.example",
     WW_DANE_SECURE_USABLE,
     "84:TEMP a.example: DANE has none of the MX hosts that the enforced MTA-STS policy names,",
     ANSWER},
    {policy_body,
     {.use = WW_DANE_ON, .suffices = true},
     WW_DNSSEC_SECURE,
     "mx.other.example",
     WW_DANE_SECURE_USABLE,
     DANE_ONLY,
     ANSWER},
};

/* One for each way through the decision: its whole table is core's. */
static void what_is_found_is_told(void **state)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (i > 0) {
            teardown(state);
            setup(state);
        }
        t.config.dane = cases[i].settings;
        begin();
        int fd = client();
        ask(fd, "QUERY a.example");
        uint64_t number = flight("a.example", true, true);
        surveyed(number, survey_of(cases[i].mx, cases[i].host, cases[i].state));
        if (cases[i].body != NULL)
            resolved(number, WW_FOUND_POLICY, "1", cases[i].body);
        else
            resolved(number, WW_FOUND_NO_RECORD, "", "");
        expect(fd, cases[i].answer);
        ask(fd, "QUERY a.example");
        expect(fd, cases[i].answer);
        ask(fd, "sts a.example");
        expect(fd, cases[i].sendmail);
        no_flight();
        close(fd);
    }
}

static void without_dane_nothing_is_surveyed(void **state)
{
    (void)state;
    t.config.dane.use = WW_DANE_OFF;
    load_policy("a.example", policy_body, 0);
    begin();
    int fd = client();
    ask(fd, "QUERY a.example");
    expect(fd, ANSWER);
    no_flight();
    ask(fd, "QUERY b.example");
    uint64_t number = flight("b.example", true, false);
    surveyed(number, usable("mx.b.example")); /* nobody has asked for it */
    resolved(number, WW_FOUND_NO_RECORD, "", "");
    expect(fd, NOTFOUND);
    close(fd);
}

/* What is known of DANE before it was switched off counts no more; and nothing has to be known for it. */
static void switching_dane_off_is_at_once(void **state)
{
    (void)state;
    load_policy("a.example", policy_body, 0);
    begin();
    int fd = client();
    ask(fd, "QUERY a.example");
    surveyed(flight("a.example", false, true), usable(NAMED));
    expect(fd, DANE_ONLY);
    t.config.dane.use = WW_DANE_OFF;
    ww_role_front.reload(t.front);
    ask(fd, "QUERY a.example");
    expect(fd, ANSWER);
    close(fd);
}

/* A policy from the store is no answer yet: DANE goes first. */
static void at_the_deadline_dane_is_left_open(void **state)
{
    (void)state;
    t.config.answer_deadline_ms = 100;
    ww_role_front.reload(t.front);
    load_policy("a.example", policy_body, 0);
    begin();
    int fd = client();
    ask(fd, "QUERY a.example");
    uint64_t number = flight("a.example", false, true);
    test_run_ms(t.base, 300);
    expect(fd, DANE_ONLY);
    ask(fd, "QUERY b.example");
    resolved(flight("b.example", true, true), WW_FOUND_NO_RECORD, "", "");
    test_run_ms(t.base, 300);
    expect(fd, DANE);
    /* The survey goes on, for the next. */
    surveyed(number, insecure());
    settle();
    ask(fd, "QUERY a.example");
    expect(fd, ANSWER);
    close(fd);
}

static void what_has_ended_is_surveyed_again(void **state)
{
    (void)state;
    load_policy("a.example", policy_body, 0);
    begin();
    int fd = client();
    /* Twice, so that the answer is one that is kept. */
    for (int i = 0; i < 2; i++) {
        struct ww_dane_survey *survey = insecure();
        survey->lifetime = 1;
        ask(fd, "QUERY a.example");
        if (i == 0)
            surveyed(flight("a.example", false, true), survey);
        settle();
        (void)answers(fd);
    }
    test_run_ms(t.base, 2100);
    ask(fd, "QUERY a.example");
    surveyed(flight("a.example", false, true), usable(NAMED));
    expect(fd, DANE_ONLY);
    close(fd);
}

/* Whoever makes look-ups fail must not gain by it, and whoever makes them say less neither. */
static void failing_takes_the_place_of_nothing_that_counts(void **state)
{
    (void)state;
    load_policy("a.example", policy_body, 0);
    begin();
    int fd = client();
    ask(fd, "QUERY a.example");
    uint64_t number = flight("a.example", false, true);
    surveyed(number, usable(NAMED));
    expect(fd, DANE_ONLY);
    /* The flight has ended: what else comes of it is not asked for. */
    surveyed(number, insecure());
    settle();
    ask(fd, "QUERY a.example");
    expect(fd, DANE_ONLY);
    /* Nothing is known of the next one, so that failing leaves it open; for as long as failures count. */
    ask(fd, "QUERY b.example");
    number = flight("b.example", true, true);
    resolved(number, WW_FOUND_NO_RECORD, "", "");
    surveyed(number, failed());
    expect(fd, DANE);
    no_flight();
    close(fd);
}

static struct fake_peer control;

/* What `waxwing cache refresh` has the front do. */
static uint64_t refresh(const char *domain)
{
    static const struct ww_msg_peer peer = {.kind = WW_ROLE_CONTROL, .count = 1};
    char space[2][2 * WW_DNAME_SIZE];
    struct ww_msg_cache_domain m;
    struct ww_buf payload = ww_buf(space[0], sizeof space[0]), b = ww_buf(space[1], sizeof space[1]);
    snprintf(m.domain, sizeof m.domain, "%s", domain);
    ww_msg_put_cache_domain(&payload, &m);
    const struct ww_msg_ask question = {1, WW_ASK_CACHE_REFRESH, ww_slice(payload.p, payload.n)};
    ww_msg_put_ask(&b, &question);
    ww_role_front.peer(t.front, &peer, fake_peer_open(&control, t.base));
    fake_peer_send(&control, WW_MSG_ASK, &b);
    return flight(domain, true, true);
}

static void what_fails_is_no_news_while_something_counts(void **state)
{
    static const bool never[] = {false, true};
    for (size_t i = 0; i < 2; i++) {
        if (i > 0) {
            teardown(state);
            setup(state);
            t.config.dane.use = WW_DANE_ON;
        }
        begin();
        int fd = client();
        ask(fd, "QUERY a.example");
        uint64_t number = flight("a.example", true, true);
        resolved(number, WW_FOUND_NO_RECORD, "", "");
        surveyed(number, usable("mx.a.example"));
        expect(fd, DANE_ONLY);
        number = refresh("a.example");
        struct ww_dane_survey *survey = failed();
        survey->never_validated = never[i];
        surveyed(number, survey);
        settle();
        ask(fd, "QUERY a.example");
        expect(fd, DANE_ONLY);
        /* News that did not fail are. */
        resolved(number, WW_FOUND_NO_RECORD, "", "");
        settle();
        fake_peer_close(&control);
        surveyed(refresh("a.example"), insecure());
        settle();
        ask(fd, "QUERY a.example");
        expect(fd, NOTFOUND);
        fake_peer_close(&control);
        close(fd);
    }
}

/* A host that cannot be looked up is left out of a state that counts, as all of them would be. */
static void a_failing_host_is_no_news_neither(void **state)
{
    (void)state;
    begin();
    int fd = client();
    ask(fd, "QUERY a.example");
    uint64_t number = flight("a.example", true, true);
    resolved(number, WW_FOUND_POLICY, "1", policy_body);
    surveyed(number, usable(NAMED));
    expect(fd, DANE_ONLY);
    number = refresh("a.example");
    struct ww_dane_survey *survey = survey_of(WW_DNSSEC_SECURE, "mx.a.example", WW_DANE_LOOKUP_FAILED);
    survey->hosts[1] = survey->hosts[0];
    survey->hosts[1].state = WW_DANE_NONE;
    snprintf(survey->hosts[1].name, sizeof survey->hosts[1].name, NAMED);
    survey->count = 2;
    surveyed(number, survey);
    settle();
    ask(fd, "QUERY a.example");
    expect(fd, DANE_ONLY);
    fake_peer_close(&control);
    close(fd);
}

/* Where one resolver has got answers that validate, another that never has is being deceived. */
static void one_resolver_has_no_say_over_dnssec(void **state)
{
    (void)state;
    begin();
    int fd = client();
    ask(fd, "QUERY a.example");
    uint64_t number = flight("a.example", true, true);
    resolved(number, WW_FOUND_NO_RECORD, "", "");
    surveyed(number, insecure());
    expect(fd, NOTFOUND);
    struct ww_dane_survey *survey = failed();
    survey->never_validated = true;
    survey->lifetime = 600;
    ask(fd, "QUERY b.example");
    number = flight("b.example", true, true);
    resolved(number, WW_FOUND_NO_RECORD, "", "");
    surveyed(number, survey);
    expect(fd, DANE);
    close(fd);
}

/* With words that take more room than there may be. */
static void failed_at_length(uint64_t number)
{
    static char space[1024];
    struct ww_buf b = ww_buf(space, sizeof space);
    struct ww_msg_resolved m = {.flight = number,
                                .result = {.outcome = WW_FOUND_DNS_FAILURE, .why = WW_E_DNS_TIMEOUT}};
    memset(m.result.detail, 'x', 200);
    ww_msg_put_resolved(&b, &m);
    fake_peer_send(&t.resolver, WW_MSG_RESOLVED, &b);
}

/* Fills the cache with one more enforced policy, of some length. */
static void fill_up(int fd, unsigned i)
{
    static char body[2048], question[64];
    snprintf(question, sizeof question, "QUERY d%u.example", i);
    snprintf(body, sizeof body, "%sx: %0*d\n", policy_body, (int)(1 + i * 137 % 900), 1);
    ask(fd, question);
    uint64_t number = flight(question + strlen("QUERY "), true, true);
    resolved(number, WW_FOUND_POLICY, "1", body);
    surveyed(number, insecure());
    settle();
    (void)answers(fd);
}

/* What finds no room is given up, and not asked for again and again: also where only its DANE part found
 * some. */
static void a_full_cache_makes_no_resolver_busy(void **state)
{
    (void)state;
    static char question[128];
    int fd = client();
    t.config.cache_max_bytes = WW_CACHE_BYTES_MIN;
    t.config.max_domains = 100000;
    ww_role_front.reload(t.front);
    begin();
    for (unsigned i = 0; i < 2500; i++)
        fill_up(fd, i);
    for (unsigned n = 1; n < 60; n++) {
        fill_up(fd, 2500 + n); /* leaves a gap of another size */
        snprintf(question, sizeof question, "QUERY a%0*d.late.example", (int)n, 1);
        ask(fd, question);
        uint64_t number = flight(question + strlen("QUERY "), true, true);
        surveyed(number, insecure());
        failed_at_length(number);
        no_flight();
        (void)answers(fd);
    }
    close(fd);
}

static void a_machine_without_dnssec_goes_by_mta_sts(void **state)
{
    (void)state;
    struct ww_dane_survey *survey = failed();
    load_policy("a.example", policy_body, 0);
    begin();
    int fd = client();
    survey->never_validated = true;
    ask(fd, "QUERY a.example");
    surveyed(flight("a.example", false, true), survey);
    expect(fd, ANSWER);
    close(fd);
}

/* The next resolver gets what is still missing, and no more. */
static void a_dead_resolver_is_asked_for_no_part_twice(void **state)
{
    (void)state;
    begin();
    int fd = client();
    ask(fd, "QUERY a.example");
    resolved(flight("a.example", true, true), WW_FOUND_NO_RECORD, "", "");
    settle();
    fake_peer_close(&t.resolver);
    connect_resolver();
    surveyed(flight("a.example", false, true), insecure());
    expect(fd, NOTFOUND);
    no_flight();
    close(fd);
}

static void a_domain_that_kills_resolvers_leaves_dane_open(void **state)
{
    (void)state;
    begin();
    int fd = client();
    ask(fd, "QUERY a.example");
    for (int i = 0; i < 3; i++) {
        (void)flight("a.example", true, true);
        fake_peer_close(&t.resolver);
        connect_resolver();
    }
    expect(fd, DANE);
    close(fd);
}

static void a_part_that_is_missing_joins_the_flight(void **state)
{
    (void)state;
    load_policy("a.example", policy_body, 301); /* its record is to be looked at again */
    begin();
    int fd = client();
    int other = client();
    ask(fd, "QUERY a.example");
    uint64_t number = flight("a.example", true, true);
    ask(other, "QUERY a.example");
    no_flight();
    surveyed(number, insecure());
    expect(fd, ""); /* it ends as a whole */
    resolved(number, WW_FOUND_UNCHANGED, "1", "");
    expect(fd, ANSWER);
    expect(other, ANSWER);
    close(fd);
    close(other);
}

static void an_override_needs_no_survey(void **state)
{
    (void)state;
    struct ww_override may = {
        .key = "a.example", .level = WW_OVERRIDE_MAY, .mx = "", .reason = "", .who = "", .configured = true};
    t.config.overrides = &may;
    t.config.override_count = 1;
    ww_role_front.reload(t.front);
    begin();
    int fd = client();
    ask(fd, "QUERY a.example");
    expect(fd, "6:OK may,");
    no_flight();
    close(fd);
    t.config.overrides = NULL;
    t.config.override_count = 0;
}

static void what_is_held_is_explained(void **state)
{
    (void)state;
    begin();
    int fd = client();
    ask(fd, "EXPLAIN a.example");
    uint64_t number = flight("a.example", true, true);
    resolved(number, WW_FOUND_NO_RECORD, "", "");
    surveyed(number, survey_of(WW_DNSSEC_BOGUS, NAMED, WW_DANE_NONE));
    settle();
    const char *text = answers(fd);
    assert_non_null(strstr(text, "\"level\":\"hold\""));
    assert_non_null(strstr(text, "\"section\":\"RFC 7672 section 2.1.2\""));
    assert_non_null(strstr(text, "\"dane\":{\"mx\":\"bogus\""));
    close(fd);
}

static void what_is_packed_comes_out_again(void **state)
{
    (void)state;
    char packed[WW_FRONT_DANE_MAX];
    char longest[WW_DNAME_SIZE];
    struct ww_domain_host hosts[WW_DANE_HOSTS_MAX], room[WW_DANE_HOSTS_MAX];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    for (size_t i = 0; i < WW_DANE_HOSTS_MAX; i++)
        hosts[i] = (struct ww_domain_host){i % 2 ? longest : "a", (enum ww_dane_state)(i % WW_DANE_STATES)};
    struct ww_domain_dane in = {.mx = WW_DOMAIN_MX_SECURE, .hosts = hosts, .count = WW_DANE_HOSTS_MAX};
    for (int more = 0; more < 2; more++) {
        in.more = more;
        size_t n = ww_front_dane_pack(&in, packed);
        const struct ww_domain_dane out = ww_front_dane_unpack(ww_slice(packed, n), 7, room);
        assert_int_equal(out.mx, in.mx);
        assert_int_equal(out.more, more);
        assert_int_equal(out.until, 7);
        assert_int_equal(out.count, in.count);
        for (size_t i = 0; i < in.count; i++) {
            assert_string_equal(out.hosts[i].name, hosts[i].name);
            assert_int_equal(out.hosts[i].dane, hosts[i].dane);
        }
    }
    /* Without secure MX records the hosts say nothing. */
    in.mx = WW_DOMAIN_MX_INSECURE;
    assert_int_equal(ww_front_dane_pack(&in, packed), 3);
    assert_int_equal(ww_front_dane_unpack(ww_slice(packed, 3), 7, room).count, 0);
}

static int setup_on(void **state)
{
    int result = setup(state);
    t.config.dane.use = WW_DANE_ON;
    return result;
}

#define ON(name) cmocka_unit_test_setup_teardown(name, setup_on, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(both_parts_are_waited_for),
        ON(what_is_found_is_told),
        ON(without_dane_nothing_is_surveyed),
        ON(switching_dane_off_is_at_once),
        ON(at_the_deadline_dane_is_left_open),
        ON(what_has_ended_is_surveyed_again),
        ON(failing_takes_the_place_of_nothing_that_counts),
        ON(what_fails_is_no_news_while_something_counts),
        ON(a_failing_host_is_no_news_neither),
        ON(one_resolver_has_no_say_over_dnssec),
        ON(a_full_cache_makes_no_resolver_busy),
        ON(a_machine_without_dnssec_goes_by_mta_sts),
        ON(a_dead_resolver_is_asked_for_no_part_twice),
        ON(a_domain_that_kills_resolvers_leaves_dane_open),
        ON(a_part_that_is_missing_joins_the_flight),
        ON(an_override_needs_no_survey),
        ON(what_is_held_is_explained),
        cmocka_unit_test(what_is_packed_comes_out_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
