/* The front as a whole, with a real listener and fake peers. */
#include "daemon/front_client.h"
#include "daemon/front_lookup.h"
#include "daemon/role.h"

#include "fake_peer.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#define DEADLINE_MS 150

static const char policy_body[] = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 86400\n";
static const char other_body[] = "version: STSv1\nmode: enforce\nmx: other.example.com\nmax_age: 86400\n";

#define ANSWER "52:OK secure match=mail.example.com servername=hostname,"
#define OTHER_ANSWER "53:OK secure match=other.example.com servername=hostname,"
#define NOTFOUND "9:NOTFOUND ,"

static struct {
    struct event_base *base;
    struct ww_config config;
    void *front;
    struct fake_peer keeper;
    struct fake_peer resolver;
    struct sockaddr_un address;
    socklen_t address_n;
    int listener;
} t;

static void settle(void)
{
    test_settle(t.base);
}

static void connect_keeper(void)
{
    static const struct ww_msg_peer peer = {.kind = WW_ROLE_KEEPER, .count = 1};
    ww_role_front.peer(t.front, &peer, fake_peer_open(&t.keeper, t.base));
}

static void connect_resolver(void)
{
    static const struct ww_msg_peer peer = {.kind = WW_ROLE_RESOLVER, .count = 1};
    ww_role_front.peer(t.front, &peer, fake_peer_open(&t.resolver, t.base));
}

/* A policy as the store has it, last checked so many seconds ago. */
static void load_policy(const char *domain, const char *body, int64_t age)
{
    int64_t now = (int64_t)time(NULL);
    const struct ww_stored_policy policy = {
        .domain = domain,
        .id = "1",
        .body = ww_slice_str(body),
        .mode = WW_MODE_ENFORCE,
        .fetched = now - age,
        .expires = now - age + 86400,
        .checked = now - age,
    };
    fake_peer_send_policy(&t.keeper, &policy);
}

static void begin(void)
{
    fake_peer_send(&t.keeper, WW_MSG_ENFORCED_LOADED, NULL);
    fake_peer_send(&t.keeper, WW_MSG_LOADED, NULL);
    settle();
    assert_int_equal(fake_peer_next(&t.keeper)->type, WW_MSG_LOAD);
    assert_null(fake_peer_next(&t.keeper));
}

static int client(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&t.address, t.address_n), 0);
    return fd;
}

static void write_all(int fd, const char *text)
{
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void ask(int fd, const char *payload)
{
    char text[512];
    snprintf(text, sizeof text, "%zu:%s,", strlen(payload), payload);
    write_all(fd, text);
}

/* What has come so far, NUL-terminated; NULL when the connection has ended. */
static const char *answers(int fd)
{
    static char text[65536];
    ssize_t n = read(fd, text, sizeof text - 1);
    if (n == 0)
        return NULL;
    if (n < 0)
        assert_int_equal(errno, EAGAIN);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static void expect(int fd, const char *expected)
{
    settle();
    const char *text = answers(fd);
    if (expected == NULL || text == NULL)
        assert_ptr_equal(text, expected);
    else
        assert_string_equal(text, expected);
}

/* The flight that was asked for next. */
static struct ww_msg_resolve resolve(const char *domain)
{
    struct ww_msg_resolve m;
    settle();
    const struct fake_message *got = fake_peer_next(&t.resolver);
    if (got == NULL)
        fail_msg("no flight of %s", domain);
    assert_int_equal(got->type, WW_MSG_RESOLVE);
    assert_int_equal(ww_msg_get_resolve(got->payload, &m), WW_OK);
    assert_string_equal(m.ask.domain, domain);
    return m;
}

static void no_flight(void)
{
    settle();
    assert_null(fake_peer_next(&t.resolver));
}

static void resolved(uint64_t flight, enum ww_discovery_outcome outcome, const char *id, const char *body)
{
    char space[4096];
    struct ww_buf b = ww_buf(space, sizeof space);
    struct ww_msg_resolved m = {.flight = flight, .result = {.outcome = outcome, .record_ttl = 300}};
    snprintf(m.result.id, sizeof m.result.id, "%s", id);
    m.result.body = ww_slice_str(body);
    ww_msg_put_resolved(&b, &m);
    fake_peer_send(&t.resolver, WW_MSG_RESOLVED, &b);
}

static void stored(uint32_t count)
{
    char space[16];
    struct ww_buf b = ww_buf(space, sizeof space);
    const struct ww_msg_stored m = {count};
    ww_msg_put_stored(&b, &m);
    fake_peer_send(&t.keeper, WW_MSG_STORED, &b);
    settle();
}

/* What the keeper is told next: the domain, or "" for nothing. */
static const char *kept(enum ww_msg_type type)
{
    static struct ww_msg_policy policy;
    static struct ww_msg_confirm confirm;
    settle();
    const struct fake_message *m = fake_peer_next(&t.keeper);
    if (m == NULL)
        return "";
    assert_int_equal(m->type, type);
    if (type == WW_MSG_POLICY) {
        assert_int_equal(ww_msg_get_policy(m->payload, &policy), WW_OK);
        return policy.domain;
    }
    assert_int_equal(ww_msg_get_confirm(m->payload, &confirm), WW_OK);
    return confirm.domain;
}

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
    {"query example.com", "69:PERM unknown map name: Waxwing has QUERY, QUERYwithTLSRPT and EXPLAIN,"},
    {"QUERY", "53:PERM the request is not a map name, a space and a key,"},
    {"", "53:PERM the request is not a map name, a space and a key,"},
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

static void requests_may_come_in_pieces(void **state)
{
    (void)state;
    load_policy("example.com", policy_body, 0);
    begin();
    int fd = client();
    static const char text[] = "17:QUERY example.com,17:QUERY example.com,";
    for (size_t i = 0; i < sizeof text - 1; i++) {
        expect(fd, i == (sizeof text - 1) / 2 ? ANSWER : "");
        assert_int_equal(write(fd, text + i, 1), 1);
    }
    expect(fd, ANSWER);
    close(fd);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    (void)state;
    load_policy("example.com", policy_body, 0);
    begin();
    int fd = client();
    write_all(
        fd,
        "17:QUERY example.com,16:QUERY b.example.,17:QUERY example.com,10:QUERY .com,15:QUERY a.example,");
    expect(fd, ANSWER);
    uint64_t b = resolve("b.example").flight;
    uint64_t a = resolve("a.example").flight;
    resolved(a, WW_FOUND_POLICY, "2", other_body);
    expect(fd, "");
    resolved(b, WW_FOUND_NO_RECORD, "", "");
    expect(fd, NOTFOUND ANSWER NOTFOUND OTHER_ANSWER);
    close(fd);
}

static void a_flood_of_requests_waits_outside(void **state)
{
    (void)state;
    begin();
    int fd = client();
    enum { COUNT = 3 * WW_CLIENT_REQUESTS };
    for (unsigned i = 0; i < COUNT; i++) {
        char payload[64];
        snprintf(payload, sizeof payload, "QUERY d%u.example", i);
        ask(fd, payload);
    }
    for (unsigned i = 0; i < COUNT; i++) {
        char domain[64];
        /* The next flights begin when those before them are through. */
        if (i % WW_CLIENT_REQUESTS == 0)
            settle();
        assert_int_equal(t.resolver.count - t.resolver.taken <= WW_CLIENT_REQUESTS, 1);
        snprintf(domain, sizeof domain, "d%u.example", i);
        resolved(resolve(domain).flight, i % 2 ? WW_FOUND_NO_RECORD : WW_FOUND_POLICY, "1",
                 i % 2 ? "" : policy_body);
        expect(fd, i % 2 ? NOTFOUND : ANSWER);
    }
    close(fd);
}

static void a_peer_that_does_not_read_is_not_read(void **state)
{
    (void)state;
    load_policy("example.com", policy_body, 0);
    begin();
    int fd = client();
    static const char request[] = "17:QUERY example.com,";
    size_t asked = 0;
    size_t refused = 0;
    while (refused < 50) {
        ssize_t n = write(fd, request, sizeof request - 1);
        refused = n < 0 ? refused + 1 : 0;
        asked += n > 0;
        assert_true(n < 0 || n == (ssize_t)sizeof request - 1);
        settle();
        assert_true(asked < 1000000);
    }
    size_t got = 0;
    for (int idle = 0; idle < 20; idle++) {
        const char *text;
        settle();
        while ((text = answers(fd)) != NULL && text[0] != '\0') {
            got += strlen(text);
            idle = 0;
        }
    }
    assert_int_equal(got, asked * (sizeof ANSWER - 1));
    ask(fd, "QUERY .com");
    expect(fd, NOTFOUND);
    close(fd);
}

static const char *const malformed[] = {"x",      "01:a,", "17:QUERY example.comX", ":",
                                        "10001:", "-1:",   "99999999999999999999:"};

static void malformed_netstrings_end_the_connection(void **state)
{
    (void)state;
    load_policy("example.com", policy_body, 0);
    begin();
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        int fd = client();
        write_all(fd, "17:QUERY example.com,");
        write_all(fd, malformed[i]);
        expect(fd, ANSWER);
        expect(fd, NULL);
        close(fd);
    }
    /* What was asked before is still answered, once it can be. */
    int fd = client();
    write_all(fd, "15:QUERY a.example,garbage");
    uint64_t a = resolve("a.example").flight;
    expect(fd, "");
    resolved(a, WW_FOUND_NO_RECORD, "", "");
    expect(fd, NOTFOUND);
    expect(fd, NULL);
    close(fd);
}

static void a_request_may_be_long_but_not_longer(void **state)
{
    (void)state;
    begin();
    int fd = client();
    static char text[11000];
    memset(text, 'a', sizeof text);
    memcpy(text, "10000:QUERY ", 12);
    text[10006] = ',';
    assert_int_equal(write(fd, text, 10007), 10007);
    expect(fd, NOTFOUND);
    close(fd);
}

static void a_closed_write_side_still_gets_its_answers(void **state)
{
    (void)state;
    load_policy("example.com", policy_body, 0);
    begin();
    int fd = client();
    write_all(fd, "15:QUERY a.example,17:QUERY example.com,3:ab");
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    expect(fd, "");
    resolved(resolve("a.example").flight, WW_FOUND_NO_RECORD, "", "");
    expect(fd, NOTFOUND ANSWER);
    expect(fd, NULL);
    close(fd);
}

static void a_peer_that_goes_takes_its_requests_along(void **state)
{
    (void)state;
    begin();
    int gone = client();
    int fd = client();
    write_all(gone, "15:QUERY a.example,15:QUERY b.example,x");
    ask(fd, "QUERY a.example");
    settle();
    close(gone);
    settle();
    resolved(resolve("a.example").flight, WW_FOUND_NO_RECORD, "", "");
    expect(fd, NOTFOUND);
    resolved(resolve("b.example").flight, WW_FOUND_NO_RECORD, "", "");
    settle();
    close(fd);
}

static void the_deadline_gives_notfound_and_the_flight_goes_on(void **state)
{
    (void)state;
    begin();
    int fd = client();
    int64_t start = test_now_ms();
    ask(fd, "QUERY a.example");
    uint64_t a = resolve("a.example").flight;
    expect(fd, "");
    while (answers(fd)[0] == '\0' && test_now_ms() - start < 1000)
        test_run_ms(t.base, 1);
    int64_t took = test_now_ms() - start;
    assert_true(took >= DEADLINE_MS - 1 && took < DEADLINE_MS + 100);
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

static void nobody_is_answered_before_the_policies_are_back(void **state)
{
    (void)state;
    int fd = client();
    ask(fd, "QUERY a.example");
    test_run_ms(t.base, 2 * DEADLINE_MS);
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
    int64_t start = test_now_ms();
    ask(fd, "QUERY .example");
    while (answers(fd)[0] == '\0' && test_now_ms() - start < 5000)
        test_run_ms(t.base, 5);
    int64_t took = test_now_ms() - start;
    assert_true(took > 1500 && took < 3000);
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

static void a_load_that_breaks_off_is_asked_for_again(void **state)
{
    (void)state;
    fake_peer_send(&t.keeper, WW_MSG_LOADED, NULL);
    settle();
    assert_int_equal(fake_peer_next(&t.keeper)->type, WW_MSG_LOAD);
    connect_keeper();
    settle();
    assert_int_equal(fake_peer_next(&t.keeper)->type, WW_MSG_LOAD);
    fake_peer_send(&t.keeper, WW_MSG_ENFORCED_LOADED, NULL);
    fake_peer_send(&t.keeper, WW_MSG_LOADED, NULL);
    settle();
    connect_keeper();
    settle();
    assert_null(fake_peer_next(&t.keeper));
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
    assert_non_null(strstr(text, ":OK {\"domain\":\"a.example\",\"level\":\"secure\",\"source\":\"cache\""));
    ask(fd, "EXPLAIN b.example");
    resolved(resolve("b.example").flight, WW_FOUND_NO_RECORD, "", "");
    settle();
    text = answers(fd);
    assert_non_null(strstr(text, "\"level\":\"none\",\"source\":\"live\""));
    assert_non_null(strstr(text, "\"last\":\"no-record\""));
    close(fd);
}

static void half_a_request_is_not_waited_for_long(void **state)
{
    (void)state;
    begin();
    int slow = client();
    int idle = client();
    write_all(slow, "17:QUE");
    int64_t start = test_now_ms();
    while (test_now_ms() - start < 20000) {
        const char *text = answers(slow);
        if (text == NULL)
            break;
        /* Dripping on makes it no younger. */
        assert_true(write(slow, "x", test_now_ms() - start < 4000 ? 1 : 0) >= 0);
        test_run_ms(t.base, 500);
    }
    int64_t took = test_now_ms() - start;
    assert_true(took > 9000 && took < 14000);
    ask(idle, "QUERY .com");
    expect(idle, NOTFOUND);
    close(slow);
    close(idle);
}

static void survives_having_no_descriptors_left(void **state)
{
    (void)state;
    begin();
    int first = client();
    settle();
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    int clients[4];
    for (int i = 0; i < 4; i++)
        clients[i] = client();
    /* Room for one more of these four. */
    int probe = dup(first);
    struct rlimit tight = {.rlim_cur = (rlim_t)probe + 1, .rlim_max = before.rlim_max};
    close(probe);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
    for (int i = 0; i < 4; i++)
        ask(clients[i], "QUERY .com");
    expect(clients[0], NOTFOUND);
    expect(clients[1], "");
    ask(first, "QUERY .com");
    expect(first, NOTFOUND);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    test_run_ms(t.base, 1200);
    for (int i = 1; i < 4; i++)
        expect(clients[i], NOTFOUND);
    for (int i = 0; i < 4; i++)
        close(clients[i]);
    close(first);
}

static int setup(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    t.config.answer_deadline_ms = DEADLINE_MS;
    t.config.resolvers = 1;
    t.config.max_domains = 1000;
    t.config.life = (struct ww_life_rules){
        .recheck = 300, .no_record_min = 60, .no_record_max = 3600, .fetch_retry = 300, .dns_retry = 30};
    ww_log_open("test", WW_LOG_ERROR, false);
    t.base = event_base_new();
    if (t.base == NULL)
        return -1;
    const struct ww_role_env env = {.base = t.base, .config = &t.config};
    t.front = ww_role_front.start(&env);
    if (t.front == NULL)
        return -1;
    /* The system picks an abstract name. */
    t.address.sun_family = AF_UNIX;
    t.address_n = sizeof t.address;
    t.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(t.listener, (struct sockaddr *)&t.address, sizeof(sa_family_t)) != 0 ||
        getsockname(t.listener, (struct sockaddr *)&t.address, &t.address_n) != 0 ||
        listen(t.listener, 128) != 0)
        return -1;
    static const struct ww_msg_listener listener = {"unix:test"};
    ww_role_front.listener(t.front, &listener, t.listener);
    connect_keeper();
    connect_resolver();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ww_role_front.finish(t.front);
    fake_peer_close(&t.keeper);
    fake_peer_close(&t.resolver);
    event_base_free(t.base);
    return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_cached_answer_comes_in_the_same_turn),
        CASE(what_names_no_policy_domain_is_answered_at_once),
        CASE(names_of_all_scripts_are_one_domain),
        CASE(requests_may_come_in_pieces),
        CASE(pipelined_requests_are_answered_in_order),
        CASE(a_flood_of_requests_waits_outside),
        CASE(a_peer_that_does_not_read_is_not_read),
        CASE(malformed_netstrings_end_the_connection),
        CASE(a_request_may_be_long_but_not_longer),
        CASE(a_closed_write_side_still_gets_its_answers),
        CASE(a_peer_that_goes_takes_its_requests_along),
        CASE(the_deadline_gives_notfound_and_the_flight_goes_on),
        CASE(one_domain_is_one_flight),
        CASE(no_record_is_remembered),
        CASE(a_due_check_does_not_hold_up_the_answer),
        CASE(a_changed_id_brings_the_new_policy),
        CASE(a_policy_survives_every_failure),
        CASE(a_lying_resolver_cannot_replace_a_policy_by_garbage),
        CASE(a_dead_resolvers_flights_go_to_the_next),
        CASE(a_domain_that_kills_resolvers_is_given_up),
        CASE(nobody_is_answered_before_the_policies_are_back),
        CASE(a_keeper_that_does_not_come_is_waited_for_a_while),
        CASE(what_is_not_durable_goes_to_the_next_keeper),
        CASE(a_load_that_breaks_off_is_asked_for_again),
        CASE(explains_in_json),
        CASE(half_a_request_is_not_waited_for_long),
        CASE(survives_having_no_descriptors_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
