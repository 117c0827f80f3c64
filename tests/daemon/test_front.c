/* What the front answers, and what it tells resolvers and keeper. */
#include "daemon/front_client.h"
#include "daemon/front_lookup.h"

#include "front_fixture.h"

static void a_cached_answer_comes_in_the_same_turn(void **state)
{
    (void)state;
    load_policy("example.com", policy_body, 0);
    begin();
    int fd = client();
    settle();
    ask(fd, "QUERY example.com");
    assert_int_equal(event_base_loop(t.base, EVLOOP_ONCE | EVLOOP_NONBLOCK), 0);
    assert_string_equal(answers(fd), ANSWER);
    ask(fd, "QUERYwithTLSRPT Example.COM:25");
    expect(
        fd,
        "272:OK secure match=mail.example.com servername=hostname policy_type=sts policy_domain=example.com "
        "mx_host_pattern=mail.example.com { policy_string = version: STSv1 } { policy_string = mode: enforce "
        "}"
        " { policy_string = mx: mail.example.com } { policy_string = max_age: 86400 },");
    no_flight();
    close(fd);
}

static const struct key_case {
    const char *payload;
    const char *answer;
} key_cases[] = {
    {"QUERY .example.com", NOTFOUND},
    {"QUERY [mail.example.com]", NOTFOUND},
    {"QUERY [mail.example.com]:25", NOTFOUND},
    {"QUERY example.com:587", NOTFOUND},
    {"QUERY 192.0.2.1", NOTFOUND},
    {"QUERY a..b", NOTFOUND},
    {"QUERY not\tone", NOTFOUND},
    {"QUERY \xff\xfe", NOTFOUND},
    {"QUERY ", NOTFOUND},
    {"query example.com",
     "91:PERM unknown map name: Waxwing has QUERY, QUERYwithTLSRPT, DECISION, EXPLAIN, sts and stsmx,"},
    {"QUERY", "53:PERM the request is not a map name, a space and a key,"},
    {"", "53:PERM the request is not a map name, a space and a key,"},
    {"sts ", NOTFOUND},
    {"sts [192.0.2.1]", NOTFOUND},
    {"sts a..b", NOTFOUND},
    {"stsmx ", "49:TEMP the key is not an MX host, an @ and a domain,"},
    {"stsmx a.example", "49:TEMP the key is not an MX host, an @ and a domain,"},
    {"stsmx mx.a.example@", "7:OK none,"},
    {"stsmx mx.a.example@a..b", "7:OK none,"},
    {"stsmx [192.0.2.1]@[192.0.2.1]", "7:OK none,"},
};

static void what_names_no_policy_domain_is_answered_at_once(void **state)
{
    (void)state;
    begin();
    int fd = client();
    for (size_t i = 0; i < sizeof key_cases / sizeof key_cases[0]; i++) {
        ask(fd, key_cases[i].payload);
        expect(fd, key_cases[i].answer);
    }
    no_flight();
    close(fd);
}

/* Whatever was asked before: the answers about one MX host are not those about another. */
static void sendmail_is_told_of_a_domain_and_of_a_host(void **state)
{
    (void)state;
    load_policy("example.com", policy_body, 0);
    begin();
    int fd = client();
    for (int i = 0; i < 4; i++) {
        ask(fd, "sts example.com");
        expect(fd, "52:OK secure match=mail.example.com servername=hostname,");
        ask(fd, "stsmx Mail.example.com@example.com");
        expect(fd, "9:OK secure,");
        ask(fd, "stsmx evil.example.com@example.com");
        expect(fd, NOTFOUND);
        ask(fd, "stsmx mail_.example.com@example.com");
        expect(fd, NOTFOUND);
    }
    close(fd);
}

static void names_of_all_scripts_are_one_domain(void **state)
{
    (void)state;
    load_policy("xn--bcher-kva.example", policy_body, 0);
    begin();
    int fd = client();
    ask(fd, "QUERY b\xc3\xbc"
            "cher.example");
    expect(fd, ANSWER);
    ask(fd, "QUERY XN--bcher-kva.example.");
    expect(fd, ANSWER);
    close(fd);
}

static void the_deadline_gives_notfound_and_the_flight_goes_on(void **state)
{
    (void)state;
    begin();
    int fd = client();
    int64_t start = ww_clock_ms();
    ask(fd, "QUERY a.example");
    uint64_t a = resolve("a.example").flight;
    expect(fd, "");
    while (answers(fd)[0] == '\0' && ww_clock_ms() - start < 2 * DEADLINE_MS)
        test_run_ms(t.base, 1);
    int64_t took = ww_clock_ms() - start;
    assert_true(took >= DEADLINE_MS - 1 && took < DEADLINE_MS + 1000);
    resolved(a, WW_FOUND_POLICY, "1", policy_body);
    assert_string_equal(kept(WW_MSG_POLICY), "a.example");
    ask(fd, "QUERY a.example");
    expect(fd, ANSWER);
    no_flight();
    close(fd);
}

static void one_domain_is_one_flight(void **state)
{
    (void)state;
    begin();
    int fds[3] = {client(), client(), client()};
    for (int i = 0; i < 3; i++)
        ask(fds[i], i == 1 ? "QUERY A.example" : "QUERY a.example");
    uint64_t a = resolve("a.example").flight;
    no_flight();
    resolved(a, WW_FOUND_POLICY, "1", policy_body);
    for (int i = 0; i < 3; i++) {
        expect(fds[i], ANSWER);
        close(fds[i]);
    }
}

static void no_record_is_remembered(void **state)
{
    (void)state;
    begin();
    int fd = client();
    ask(fd, "QUERY a.example");
    resolved(resolve("a.example").flight, WW_FOUND_NO_RECORD, "", "");
    expect(fd, NOTFOUND);
    ask(fd, "QUERY a.example");
    expect(fd, NOTFOUND);
    no_flight();
    assert_string_equal(kept(WW_MSG_POLICY), "");
    close(fd);
}

static void a_due_check_does_not_hold_up_the_answer(void **state)
{
    (void)state;
    load_policy("a.example", policy_body, 1000);
    begin();
    int fd = client();
    ask(fd, "QUERY a.example");
    ask(fd, "QUERY a.example");
    expect(fd, ANSWER ANSWER);
    struct ww_msg_resolve m = resolve("a.example");
    assert_string_equal(m.ask.known_id, "1");
    no_flight();
    resolved(m.flight, WW_FOUND_UNCHANGED, "1", "");
    assert_string_equal(kept(WW_MSG_CONFIRM), "a.example");
    ask(fd, "QUERY a.example");
    expect(fd, ANSWER);
    no_flight();
    close(fd);
}

static void a_changed_id_brings_the_new_policy(void **state)
{
    (void)state;
    load_policy("a.example", policy_body, 1000);
    begin();
    int fd = client();
    ask(fd, "QUERY a.example");
    expect(fd, ANSWER);
    resolved(resolve("a.example").flight, WW_FOUND_POLICY, "2", other_body);
    assert_string_equal(kept(WW_MSG_POLICY), "a.example");
    ask(fd, "QUERY a.example");
    expect(fd, OTHER_ANSWER);
    close(fd);
}

static const enum ww_discovery_outcome failures[] = {
    WW_FOUND_NO_RECORD,     WW_FOUND_RECORD_INVALID, WW_FOUND_DNS_FAILURE,
    WW_FOUND_FETCH_FAILURE, WW_FOUND_POLICY_INVALID, WW_FOUND_WAITING,
};

static void a_policy_survives_every_failure(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        char domain[32];
        snprintf(domain, sizeof domain, "d%zu.example", i);
        load_policy(domain, policy_body, 1000);
    }
    begin();
    int fd = client();
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        char domain[32];
        char payload[64];
        snprintf(domain, sizeof domain, "d%zu.example", i);
        snprintf(payload, sizeof payload, "QUERY %s", domain);
        ask(fd, payload);
        expect(fd, ANSWER);
        resolved(resolve(domain).flight, failures[i], "2", "");
        ask(fd, payload);
        expect(fd, ANSWER);
    }
    close(fd);
}

static void a_lying_resolver_cannot_replace_a_policy_by_garbage(void **state)
{
    (void)state;
    load_policy("a.example", policy_body, 1000);
    begin();
    int fd = client();
    ask(fd, "QUERY a.example");
    expect(fd, ANSWER);
    uint64_t a = resolve("a.example").flight;
    resolved(a, WW_FOUND_POLICY, "2", "version: STSv1\nmode: enforce\nmax_age: 1\n");
    resolved(a, WW_FOUND_POLICY, "3", other_body);
    resolved(a + 32768, WW_FOUND_POLICY, "3", other_body);
    ask(fd, "QUERY a.example");
    expect(fd, ANSWER);
    close(fd);
}

static void a_dead_resolvers_flights_go_to_the_next(void **state)
{
    (void)state;
    begin();
    int fd = client();
    write_all(fd, "15:QUERY a.example,15:QUERY b.example,");
    uint64_t a = resolve("a.example").flight;
    uint64_t b = resolve("b.example").flight;
    resolved(a, WW_FOUND_POLICY, "1", policy_body);
    expect(fd, ANSWER);
    connect_resolver();
    assert_int_equal(resolve("b.example").flight, b);
    no_flight();
    resolved(b, WW_FOUND_NO_RECORD, "", "");
    expect(fd, NOTFOUND);
    /* Begun while there is none. */
    ww_chan_free(t.resolver.chan);
    t.resolver.chan = NULL;
    settle();
    ask(fd, "QUERY c.example");
    no_flight();
    connect_resolver();
    resolved(resolve("c.example").flight, WW_FOUND_POLICY, "1", policy_body);
    expect(fd, ANSWER);
    close(fd);
}

static void a_domain_that_kills_resolvers_is_given_up(void **state)
{
    (void)state;
    begin();
    int fd = client();
    ask(fd, "QUERY a.example");
    for (int i = 0; i < WW_LOOKUP_LIVES; i++) {
        (void)resolve("a.example");
        expect(fd, "");
        connect_resolver();
    }
    expect(fd, NOTFOUND);
    no_flight();
    close(fd);
}

/* A reload replaces resolvers: however often, no domain is blamed for that, and no flight is lost. */
static void a_successor_is_no_death(void **state)
{
    (void)state;
    begin();
    int fd = client();
    ask(fd, "QUERY a.example");
    uint64_t flight = resolve("a.example").flight;
    for (int i = 0; i < 3 * WW_LOOKUP_LIVES; i++) {
        connect_resolver_as(true);
        assert_int_equal(resolve("a.example").flight, flight);
        expect(fd, "");
    }
    /* What it is counted for before stays counted. */
    for (int i = 0; i < WW_LOOKUP_LIVES - 1; i++) {
        connect_resolver_as(false);
        assert_int_equal(resolve("a.example").flight, flight);
        connect_resolver_as(true);
        assert_int_equal(resolve("a.example").flight, flight);
    }
    connect_resolver_as(false);
    expect(fd, NOTFOUND);
    no_flight();
    close(fd);
}

/* A flight that begins while those of the dead are handed over goes over once. */
static void giving_up_makes_way(void **state)
{
    (void)state;
    begin();
    int fd = client();
    for (int i = 0; i < WW_CLIENT_REQUESTS; i++)
        ask(fd, "QUERY a.example");
    ask(fd, "QUERY b.example");
    int later = client();
    for (int i = 0; i < WW_LOOKUP_LIVES; i++) {
        (void)resolve("a.example");
        no_flight();
        if (i == WW_LOOKUP_LIVES - 1) {
            ask(later, "QUERY c.example");
            (void)resolve("c.example");
        }
        connect_resolver();
    }
    (void)resolve("b.example");
    (void)resolve("c.example");
    no_flight();
    close(fd);
    close(later);
}

static void a_resolver_has_no_say_in_anothers_domains(void **state)
{
    (void)state;
    static const struct ww_msg_peer peer = {.kind = WW_ROLE_RESOLVER, .index = 1, .count = 2};
    struct fake_peer *other = calloc(1, sizeof *other);
    ww_role_front.peer(t.front, &peer, fake_peer_open(other, t.base));
    begin();
    int fd = client();
    size_t others = 0;
    for (unsigned i = 0; i < 20; i++) {
        char domain[32];
        char payload[64];
        snprintf(domain, sizeof domain, "d%u.example", i);
        snprintf(payload, sizeof payload, "QUERY %s", domain);
        ask(fd, payload);
        settle();
        if (t.resolver.taken == t.resolver.count) {
            others++;
            close(fd);
            fd = client();
            continue;
        }
        uint64_t flight = resolve(domain).flight;
        resolved_by(other, flight, WW_FOUND_POLICY, "1", other_body);
        expect(fd, "");
        resolved(flight, WW_FOUND_POLICY, "1", policy_body);
        expect(fd, ANSWER);
    }
    assert_int_equal(other->count, others);
    assert_true(others > 0 && others < 20);
    close(fd);
    fake_peer_close(other);
    free(other);
}

static void nobody_is_answered_before_the_policies_are_back(void **state)
{
    (void)state;
    int fd = client();
    ask(fd, "QUERY a.example");
    test_run_ms(t.base, 300);
    expect(fd, "");
    no_flight();
    load_policy("a.example", policy_body, 0);
    settle();
    expect(fd, "");
    fake_peer_send(&t.keeper, WW_MSG_ENFORCED_LOADED, NULL);
    expect(fd, ANSWER);
    close(fd);
}

static void a_keeper_that_does_not_come_is_waited_for_a_while(void **state)
{
    (void)state;
    int fd = client();
    int64_t start = ww_clock_ms();
    ask(fd, "QUERY .example");
    while (answers(fd)[0] == '\0' && ww_clock_ms() - start < 5000)
        test_run_ms(t.base, 5);
    int64_t took = ww_clock_ms() - start;
    assert_true(took > 1500 && took < 5000);
    /* A store that comes late still protects. */
    load_policy("a.example", policy_body, 0);
    settle();
    ask(fd, "QUERY a.example");
    expect(fd, ANSWER);
    close(fd);
}

static void what_is_not_durable_goes_to_the_next_keeper(void **state)
{
    (void)state;
    begin();
    int fd = client();
    static const char *const domains[] = {"a.example", "b.example", "c.example"};
    for (int i = 0; i < 3; i++) {
        char payload[32];
        snprintf(payload, sizeof payload, "QUERY %s", domains[i]);
        ask(fd, payload);
        resolved(resolve(domains[i]).flight, WW_FOUND_POLICY, "1", policy_body);
        assert_string_equal(kept(WW_MSG_POLICY), domains[i]);
    }
    expect(fd, ANSWER ANSWER ANSWER);
    stored(1);
    connect_keeper();
    assert_string_equal(kept(WW_MSG_POLICY), "b.example");
    assert_string_equal(kept(WW_MSG_POLICY), "c.example");
    assert_string_equal(kept(WW_MSG_POLICY), "");
    stored(2);
    /* Found while there is no keeper. */
    ww_chan_free(t.keeper.chan);
    t.keeper.chan = NULL;
    settle();
    ask(fd, "QUERY d.example");
    resolved(resolve("d.example").flight, WW_FOUND_POLICY, "1", policy_body);
    expect(fd, ANSWER);
    connect_keeper();
    assert_string_equal(kept(WW_MSG_POLICY), "d.example");
    close(fd);
}

/* It waits beside the policy until that is durable; a store that lost all gets the policy alone. */
static void the_origin_goes_to_the_keeper(void **state)
{
    (void)state;
    begin();
    int fd = client();
    t.origin = "192.0.2.1";
    ask(fd, "QUERY a.example");
    resolved(resolve("a.example").flight, WW_FOUND_POLICY, "1", policy_body);
    expect(fd, ANSWER);
    for (int i = 0; i < 2; i++) {
        assert_string_equal(kept(WW_MSG_POLICY), "a.example");
        assert_string_equal(t.kept_origin, "192.0.2.1");
        connect_keeper();
    }
    assert_string_equal(kept(WW_MSG_POLICY), "a.example");
    stored(1);
    fake_peer_send(&t.keeper, WW_MSG_ANEW, NULL);
    assert_string_equal(kept(WW_MSG_POLICY), "a.example");
    assert_string_equal(t.kept_origin, "");
    close(fd);
}

/* What waits is sent as it is by then, with no origin but its own. */
static void an_older_origin_is_not_told(void **state)
{
    (void)state;
    static const char short_lived[] = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 2\n";
    begin();
    ww_chan_free(t.keeper.chan);
    t.keeper.chan = NULL;
    int fd = client();
    t.origin = "192.0.2.1";
    ask(fd, "QUERY a.example");
    resolved(resolve("a.example").flight, WW_FOUND_POLICY, "1", short_lived);
    settle();
    test_run_ms(t.base, 1100);
    t.origin = "192.0.2.2";
    ask(fd, "QUERY a.example"); /* it is due, if not over */
    resolved(resolve("a.example").flight, WW_FOUND_POLICY, "2", short_lived);
    settle();
    connect_keeper();
    assert_string_equal(kept(WW_MSG_POLICY), "a.example");
    assert_string_equal(t.kept_origin, "");
    close(fd);
}

/* Changes of what has left the cache meanwhile do not stop up the way to the keeper. */
static void what_is_forgotten_needs_no_keeper(void **state)
{
    (void)state;
    begin();
    ww_chan_free(t.keeper.chan);
    t.keeper.chan = NULL;
    int fd = client();
    unsigned count = (unsigned)t.config.max_domains + 700;
    char domain[32];
    for (unsigned i = 0; i < count; i++) {
        char payload[64];
        snprintf(domain, sizeof domain, "d%u.example", i);
        snprintf(payload, sizeof payload, "QUERY %s", domain);
        ask(fd, payload);
        resolved(resolve(domain).flight, WW_FOUND_POLICY, "1", policy_body);
        expect(fd, ANSWER);
    }
    connect_keeper();
    snprintf(domain, sizeof domain, "d%u.example", 700);
    assert_string_equal(kept(WW_MSG_POLICY), domain);
    close(fd);
}

static void tell_anew(void)
{
    fake_peer_send(&t.keeper, WW_MSG_ANEW, NULL);
    settle();
}

/* So many policies that were put; each domain once. */
static size_t take_puts(size_t domains)
{
    static bool seen[4096];
    static struct ww_msg_policy policy;
    size_t count = 0;
    memset(seen, 0, sizeof seen);
    for (const struct fake_message *m; (m = keeper_next()) != NULL; count++) {
        assert_int_equal(m->type, WW_MSG_POLICY);
        assert_int_equal(ww_msg_get_policy(m->payload, &policy), WW_OK);
        size_t i = strtoul(policy.domain + 1, NULL, 10);
        assert_true(i < domains && !seen[i]);
        seen[i] = true;
    }
    return count;
}

static void a_store_that_is_new_gets_all_there_is(void **state)
{
    (void)state;
    enum { COUNT = 900 };
    begin();
    for (unsigned i = 0; i < COUNT; i++) {
        char domain[32];
        snprintf(domain, sizeof domain, "d%u.example", i);
        load_policy(domain, policy_body, 0);
    }
    /* What has no policy is not stored. */
    int fd = client();
    ask(fd, "QUERY none.example");
    resolved(resolve("none.example").flight, WW_FOUND_NO_RECORD, "", "");
    expect(fd, NOTFOUND);
    close(fd);

    tell_anew();
    size_t got = take_puts(COUNT);
    assert_true(got > 0 && got < COUNT); /* no more at a time than the keeper can hold */
    stored((uint32_t)got);
    size_t rest = take_puts(COUNT);
    assert_int_equal(got + rest, COUNT);
    stored((uint32_t)rest);
    assert_int_equal(take_puts(COUNT), 0);

    /* The keeper that was to write them dies in the midst of it. */
    tell_anew();
    got = take_puts(COUNT);
    stored(100);
    (void)take_puts(COUNT);
    connect_keeper();
    settle();
    size_t again = take_puts(COUNT);
    assert_int_equal(again, got);
    stored((uint32_t)again);
    assert_int_equal(100 + again + take_puts(COUNT), COUNT);
}

static void a_domain_that_changes_often_waits_once(void **state)
{
    (void)state;
    begin();
    ww_chan_free(t.keeper.chan);
    t.keeper.chan = NULL;
    settle();
    int fd = client();
    for (int i = 0; i < 2; i++) {
        char id[2] = {(char)('1' + i), '\0'};
        ask(fd, "QUERY a.example");
        resolved(resolve("a.example").flight, WW_FOUND_POLICY, id,
                 "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 0\n");
        expect(fd, ANSWER);
        /* It has expired by the next second, and is looked up anew. */
        int64_t now = (int64_t)time(NULL);
        while ((int64_t)time(NULL) == now)
            test_run_ms(t.base, 10);
    }
    ask(fd, "QUERY a.example");
    resolved(resolve("a.example").flight, WW_FOUND_POLICY, "6", policy_body);
    expect(fd, ANSWER);
    connect_keeper();
    assert_string_equal(kept(WW_MSG_POLICY), "a.example");
    assert_string_equal(kept(WW_MSG_POLICY), "");
    close(fd);
}

static void a_load_that_breaks_off_is_asked_for_again(void **state)
{
    (void)state;
    fake_peer_send(&t.keeper, WW_MSG_LOADED, NULL);
    settle();
    assert_int_equal(keeper_next()->type, WW_MSG_LOAD);
    connect_keeper();
    settle();
    assert_int_equal(keeper_next()->type, WW_MSG_LOAD);
    fake_peer_send(&t.keeper, WW_MSG_ENFORCED_LOADED, NULL);
    fake_peer_send(&t.keeper, WW_MSG_LOADED, NULL);
    settle();
    connect_keeper();
    settle();
    assert_null(keeper_next());
}

static void explains_in_json(void **state)
{
    (void)state;
    load_policy("a.example", policy_body, 0);
    begin();
    int fd = client();
    ask(fd, "EXPLAIN a.example");
    settle();
    const char *text = answers(fd);
    assert_non_null(strstr(text, ":OK {\"domain\":\"a.example\",\"level\":\"secure\",\"why\":"));
    assert_non_null(strstr(text, "\"source\":\"cache\""));
    ask(fd, "EXPLAIN b.example");
    resolved(resolve("b.example").flight, WW_FOUND_NO_RECORD, "", "");
    settle();
    text = answers(fd);
    assert_non_null(strstr(text, "\"level\":\"none\""));
    assert_non_null(strstr(text, "\"source\":\"live\""));
    assert_non_null(strstr(text, "\"last\":\"no-record\""));
    close(fd);
}

static int setup_two(void **state)
{
    (void)state;
    return setup_with(2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_cached_answer_comes_in_the_same_turn),
        CASE(what_names_no_policy_domain_is_answered_at_once),
        CASE(sendmail_is_told_of_a_domain_and_of_a_host),
        CASE(names_of_all_scripts_are_one_domain),
        CASE(the_deadline_gives_notfound_and_the_flight_goes_on),
        CASE(one_domain_is_one_flight),
        CASE(no_record_is_remembered),
        CASE(a_due_check_does_not_hold_up_the_answer),
        CASE(a_changed_id_brings_the_new_policy),
        CASE(a_policy_survives_every_failure),
        CASE(a_lying_resolver_cannot_replace_a_policy_by_garbage),
        CASE(a_dead_resolvers_flights_go_to_the_next),
        CASE(a_successor_is_no_death),
        CASE(a_domain_that_kills_resolvers_is_given_up),
        CASE(giving_up_makes_way),
        cmocka_unit_test_setup_teardown(a_resolver_has_no_say_in_anothers_domains, setup_two, teardown),
        CASE(nobody_is_answered_before_the_policies_are_back),
        CASE(a_keeper_that_does_not_come_is_waited_for_a_while),
        CASE(what_is_not_durable_goes_to_the_next_keeper),
        CASE(the_origin_goes_to_the_keeper),
        CASE(an_older_origin_is_not_told),
        CASE(what_is_forgotten_needs_no_keeper),
        CASE(a_store_that_is_new_gets_all_there_is),
        CASE(a_domain_that_changes_often_waits_once),
        CASE(a_load_that_breaks_off_is_asked_for_again),
        CASE(explains_in_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
