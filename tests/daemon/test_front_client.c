/* What connections may do to the front. */
#include "daemon/front_client.h"

#include "front_fixture.h"

#include <sys/resource.h>

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

/*
 * In one turn of the loop: more connections than are read before the first of them is answered, some with
 * more input than stands together, some that are gone before their turn, and some that a flight wakes.
 */
static void many_at_once_get_their_own(void **state)
{
    (void)state;
    enum { COUNT = 40 };
    static char many[300 * (sizeof "17:QUERY example.com," - 1) + 1];
    for (size_t i = 0; i < 300; i++)
        memcpy(many + i * strlen("17:QUERY example.com,"), "17:QUERY example.com,", 22);
    load_policy("example.com", policy_body, 0);
    load_policy("other.example.com", other_body, 0);
    begin();
    int fds[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        fds[i] = client();
    settle();
    ask(fds[4], "QUERY flown.example");
    uint64_t flight = resolve("flown.example").flight;
    for (size_t i = 0; i < COUNT; i++) {
        switch (i % 5) {
        case 0:
            ask(fds[i], "QUERY example.com");
            break;
        case 1:
            ask(fds[i], "QUERY other.example.com");
            break;
        case 2:
            write_all(fds[i], i % 2 ? many : "17:QUERY exam");
            break;
        case 3:
            ask(fds[i], "QUERY example.com");
            close(fds[i]);
            break;
        default:
            ask(fds[i], "QUERY flown.example");
        }
    }
    resolved(flight, WW_FOUND_POLICY, "2", other_body);
    settle();
    for (size_t i = 0; i < COUNT; i++) {
        if (i % 5 == 2 && i % 2) {
            assert_int_equal(strlen(answers(fds[i])), 300 * strlen(ANSWER));
        } else if (i % 5 == 2) {
            write_all(fds[i], "ple.com,");
            expect(fds[i], ANSWER);
        } else if (i % 5 != 3) {
            expect(fds[i], i % 5 == 0 ? ANSWER : i == 4 ? OTHER_ANSWER OTHER_ANSWER : OTHER_ANSWER);
        }
        if (i % 5 != 3)
            close(fds[i]);
    }
}

/* Answers that have come. */
static size_t count_answers(int fd)
{
    static char text[1 << 20];
    size_t count = 0;
    ssize_t n = read(fd, text, sizeof text);
    for (ssize_t at = 0; at < n; count++) {
        char *end;
        unsigned long length = strtoul(text + at, &end, 10);
        at = end + 2 + length - text;
    }
    return count;
}

/* What one connection has sent ahead is answered bit by bit, and the others in between. */
static void who_asks_much_lets_others_through(void **state)
{
    (void)state;
    enum { REQUESTS = 700 };
    static char many[REQUESTS * (sizeof "19:EXPLAIN example.com," - 1) + 1];
    static const char *const requests[] = {"17:QUERY example.com,", "19:EXPLAIN example.com,"};
    load_policy("example.com", policy_body, 0);
    begin();
    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(requests[i]);
        many[0] = '\0';
        for (size_t j = 0; j < REQUESTS; j++)
            memcpy(many + j * n, requests[i], n + 1);
        int flood = client();
        int other = client();
        settle();
        write_all(flood, many);
        (void)event_base_loop(t.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
        write_all(other, "17:QUERY example.com,");
        (void)event_base_loop(t.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
        char text[sizeof ANSWER];
        assert_int_equal(read(other, text, sizeof text), strlen(ANSWER));
        size_t got = count_answers(flood);
        assert_true(got > 0 && got < REQUESTS / 4);
        for (size_t more = 1; more > 0; got += more) {
            settle();
            more = count_answers(flood);
        }
        assert_int_equal(got, REQUESTS);
        close(flood);
        close(other);
    }
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

static void half_a_request_is_not_waited_for_long(void **state)
{
    (void)state;
    begin();
    int slow = client();
    int idle = client();
    write_all(slow, "17:QUE");
    int64_t start = ww_clock_ms();
    while (ww_clock_ms() - start < 20000) {
        const char *text = answers(slow);
        if (text == NULL)
            break;
        /* Dripping on makes it no younger. */
        assert_true(write(slow, "x", ww_clock_ms() - start < 4000 ? 1 : 0) >= 0);
        test_run_ms(t.base, 500);
    }
    int64_t took = ww_clock_ms() - start;
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

static void idle_connections_give_way_when_there_is_no_room(void **state)
{
    (void)state;
    static int idle[WW_CLIENTS_MAX];
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit wide = {.rlim_cur = 2 * WW_CLIENTS_MAX + 100, .rlim_max = before.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &wide) != 0)
        skip();
    begin();
    for (size_t i = 0; i < WW_CLIENTS_MAX; i++) {
        idle[i] = client();
        if (i % 64 == 0)
            settle();
    }
    settle();
    int late = client();
    ask(late, "QUERY .com");
    expect(late, "");
    int64_t start = ww_clock_ms();
    const char *text = "";
    while (text != NULL && text[0] == '\0' && ww_clock_ms() - start < 15000) {
        test_run_ms(t.base, 200);
        text = answers(late);
    }
    assert_non_null(text);
    assert_string_equal(text, NOTFOUND);
    for (size_t i = 0; i < WW_CLIENTS_MAX; i++)
        close(idle[i]);
    close(late);
    settle();
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(requests_may_come_in_pieces),
        CASE(pipelined_requests_are_answered_in_order),
        CASE(who_asks_much_lets_others_through),
        CASE(many_at_once_get_their_own),
        CASE(a_flood_of_requests_waits_outside),
        CASE(a_peer_that_does_not_read_is_not_read),
        CASE(malformed_netstrings_end_the_connection),
        CASE(a_request_may_be_long_but_not_longer),
        CASE(a_closed_write_side_still_gets_its_answers),
        CASE(a_peer_that_goes_takes_its_requests_along),
        CASE(half_a_request_is_not_waited_for_long),
        CASE(survives_having_no_descriptors_left),
        CASE(idle_connections_give_way_when_there_is_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
