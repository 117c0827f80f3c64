#include "net/http_server.h"

#include "netns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define S(text) text, sizeof(text) - 1
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define PORT 80
#define BIG ((size_t)16 << 20) /* more than the system queues for one connection */
#define HOST "Host: a\r\n"
#define GET "GET / HTTP/1.1\r\n" HOST "\r\n"

/* The deadline must not come while a test works on a slow machine, except where it is what is tested. */
#define PATIENT 60000
#define LIMITS                                                                                              \
    {                                                                                                       \
        .connections = 64, .per_address = 64, .deadline_ms = PATIENT, .idle_ms = PATIENT, .head_max = 1024, \
        .body_max = 16                                                                                      \
    }

/* The server, in a process of its own. */

static struct event_base *base;
static struct ww_http_server *served;
static char big[BIG];

struct late {
    struct ww_http_exchange *exchange;
    struct event *timer;
};

static void answer(struct ww_http_exchange *x, unsigned status, struct ww_slice body)
{
    const struct ww_http_response r = {status, "text/plain", "X-Test: yes\r\n", body};
    ww_http_answer(x, &r);
}

static void on_late(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct late *late = arg;
    answer(late->exchange, 200, ww_slice_str("late"));
    event_free(late->timer);
    free(late);
}

static void answer_late(struct ww_http_exchange *x)
{
    const struct timeval soon = {.tv_usec = 50000};
    struct late *late = calloc(1, sizeof *late);
    if (late == NULL)
        abort();
    late->exchange = x;
    late->timer = evtimer_new(base, on_late, late);
    if (late->timer == NULL || event_add(late->timer, &soon) != 0)
        abort();
}

static void hurry(struct ww_http_exchange *x)
{
    ww_http_server_set_deadline(served, 200);
    answer(x, 200, ww_slice_str("hurry"));
}

static void handle(void *ctx, struct ww_http_exchange *x, const struct ww_http_request *r)
{
    (void)ctx;
    if (ww_slice_is(r->head.path, "/late"))
        answer_late(x);
    else if (ww_slice_is(r->head.path, "/big"))
        answer(x, 200, ww_slice(big, sizeof big));
    else if (ww_slice_is(r->head.path, "/echo"))
        answer(x, 200, r->body);
    else if (ww_slice_is(r->head.path, "/"))
        answer(x, 200, ww_slice_str("hello"));
    else if (ww_slice_is(r->head.path, "/hurry"))
        hurry(x);
    else
        answer(x, 404, ww_slice_str("no\n"));
}

/* Refuses what is not to be echoed, before its body comes. */
static bool may_come(void *ctx, const struct ww_http_head *head, const struct ww_addr *peer,
                     struct ww_http_response *refusal)
{
    (void)ctx;
    static const struct ww_http_response no = {429, "text/plain", "X-Test: no\r\n", {"wait", 4}};
    *refusal = no;
    return peer->length == 4 && !ww_slice_is(head->path, "/no");
}

static pid_t serve(const struct ww_http_limits *limits, const char *address)
{
    int fd = netns_listen(address, PORT, SOCK_STREAM, 4096);
    pid_t pid = netns_fork();
    if (pid == 0) {
        base = event_base_new();
        served = ww_http_server_new(base, limits, handle, NULL);
        if (served != NULL)
            ww_http_server_check(served, may_come);
        if (served == NULL || ww_http_server_listen(served, "a", fd) != WW_OK)
            abort();
        memset(big, 'x', sizeof big);
        event_base_dispatch(base);
        _exit(1);
    }
    close(fd);
    return pid;
}

/* The client. */

static int reach_from(const char *source, const char *address)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    struct sockaddr_in from = {.sin_family = AF_INET};
    const struct timeval patience = {.tv_sec = 60};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(inet_pton(AF_INET, address, &to.sin_addr), 1);
    assert_int_equal(inet_pton(AF_INET, source, &from.sin_addr), 1);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof from), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static int reach(void)
{
    return reach_from("127.0.0.1", "127.0.0.1");
}

static void say(int fd, const char *p, size_t n)
{
    ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
    if (sent < 0 || (size_t)sent != n)
        fail_msg("send: %s", strerror(errno));
}

/* Reads until the server closes; a reset is a failure. The statuses of the answers, such as "200 404 ". */
static const char *hear_all(int fd, char *all, size_t size)
{
    static char statuses[128];
    size_t n = 0;
    ssize_t got;
    while (n + 1 < size && (got = recv(fd, all + n, size - 1 - n, 0)) != 0) {
        if (got < 0)
            fail_msg("recv: %s", strerror(errno));
        n += (size_t)got;
    }
    all[n] = '\0';
    statuses[0] = '\0';
    for (const char *p = all; (p = strstr(p, "HTTP/1.1 ")) != NULL; p++)
        strncat(statuses, p + 9, 4);
    return statuses;
}

/* Reads one answer with a short body. */
static void hear_one(int fd, const char *ending)
{
    char all[2048];
    size_t n = 0;
    do {
        ssize_t got = recv(fd, all + n, sizeof all - 1 - n, 0);
        if (got <= 0)
            fail_msg("recv: %s", got == 0 ? "closed" : strerror(errno));
        n += (size_t)got;
        all[n] = '\0';
    } while (n < strlen(ending) || strcmp(all + n - strlen(ending), ending) != 0);
}

static bool is_closed(int fd)
{
    char c;
    ssize_t got = recv(fd, &c, 1, 0);
    return got == 0 || (got < 0 && errno == ECONNRESET);
}

#define CLOSE "GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"

/* Each ends with a request after which the server closes, or with one that it refuses. */
static const struct {
    const char *request;
    size_t n;
    const char *statuses;
} talks[] = {
    {S(CLOSE), "200 "},
    {S(GET CLOSE), "200 200 "},
    {S(GET "HEAD / HTTP/1.1\r\n" HOST "\r\n" CLOSE), "200 200 200 "},
    {S("GET / HTTP/1.0\r\n\r\n"), "200 "},
    {S("GET /nothing HTTP/1.1\r\n" HOST "\r\n" CLOSE), "404 200 "},
    {S("GET /late HTTP/1.1\r\n" HOST "\r\n" CLOSE), "200 200 "},
    {S("GET /late HTTP/1.0\r\n\r\n"), "200 "},
    {S("PUT /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nGET /" CLOSE), "200 200 "},
    {S("PUT /echo HTTP/1.1\r\n" HOST "Content-Length: 16\r\n\r\n0123456789abcdef" CLOSE), "200 200 "},
    /* refused, and nothing that stands behind is served */
    {S("PUT /echo HTTP/1.1\r\n" HOST "Content-Length: 17\r\n\r\n0123456789abcdefg" CLOSE), "413 "},
    {S("PUT / HTTP/1.1\r\n" HOST "Content-Length: 3\r\nContent-Length: 5\r\n\r\nabc" CLOSE), "400 "},
    {S("PUT / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" CLOSE), "501 "},
    {S(GET "GET / HTTP/1.1\nHost: a\n\n" CLOSE), "200 400 "},
    {S("GET / HTTP/1.1\r\n" HOST "X: a\0b\r\n\r\n" CLOSE), "400 "},
    {S("GET / HTTP/2.0\r\n\r\n" CLOSE), "505 "},
    {S("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), "400 "},
    {S(CLOSE GET), "200 "},
    /* refused by its head: the connection stays where the body is there already */
    {S("GET /no HTTP/1.1\r\n" HOST "\r\n" CLOSE), "429 200 "},
    {S("HEAD /no HTTP/1.1\r\n" HOST "\r\n" CLOSE), "429 200 "},
    {S("PUT /no HTTP/1.1\r\n" HOST "Content-Length: 900000000\r\nExpect: 100-continue\r\n\r\n"), "429 "},
    {S("GET /no HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n" GET), "429 "},
};

static void answers_or_refuses(void **state)
{
    const struct ww_http_limits limits = LIMITS;
    (void)state;
    pid_t pid = serve(&limits, "127.0.0.1");
    for (size_t i = 0; i < COUNT(talks); i++) {
        for (int slowly = 0; slowly < 2; slowly++) {
            char all[4096];
            int fd = reach();
            /* In two pieces, so that requests are cut where they must not matter. */
            size_t first = slowly ? talks[i].n / 2 : 0;
            if (slowly)
                say(fd, talks[i].request, first);
            if (slowly)
                usleep(1000);
            (void)send(fd, talks[i].request + first, talks[i].n - first, MSG_NOSIGNAL);
            const char *statuses = hear_all(fd, all, sizeof all);
            if (strcmp(statuses, talks[i].statuses) != 0)
                fail_msg("talk %zu: %s\n%s", i, statuses, all);
            close(fd);
        }
    }
    netns_end(pid);
}

static void says_what_it_sends(void **state)
{
    const struct ww_http_limits limits = LIMITS;
    char all[2048];
    (void)state;
    pid_t pid = serve(&limits, "127.0.0.1");
    int fd = reach();
    say(fd, S("HEAD / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"));
    assert_string_equal(hear_all(fd, all, sizeof all), "200 ");
    assert_non_null(strstr(all, "\r\nContent-Length: 5\r\n"));
    assert_non_null(strstr(all, "\r\nContent-Type: text/plain\r\n"));
    assert_non_null(strstr(all, "\r\nConnection: close\r\n"));
    assert_non_null(strstr(all, "\r\nX-Test: yes\r\n"));
    assert_non_null(strstr(all, "\r\nDate: "));
    assert_string_equal(strstr(all, "\r\n\r\n"), "\r\n\r\n");
    close(fd);
    netns_end(pid);
}

static void lets_a_body_come(void **state)
{
    const struct ww_http_limits limits = LIMITS;
    (void)state;
    pid_t pid = serve(&limits, "127.0.0.1");
    int fd = reach();
    say(fd, S("PUT /echo HTTP/1.1\r\n" HOST "Content-Length: 4\r\nExpect: 100-continue\r\n\r\n"));
    hear_one(fd, "HTTP/1.1 100 Continue\r\n\r\n");
    say(fd, S("ab"));
    say(fd, S("cd"));
    hear_one(fd, "\r\n\r\nabcd");
    close(fd);
    netns_end(pid);
}

static void refuses_long_heads(void **state)
{
    const struct ww_http_limits limits = LIMITS;
    static char flood[4 << 20];
    char all[1024];
    (void)state;
    pid_t pid = serve(&limits, "127.0.0.1");
    static const struct {
        const char *start;
        const char *filler;
    } floods[] = {
        {"GET /", "a"},
        {"GET / HTTP/1.1\r\n" HOST "X: ", "a"},
        {"GET / HTTP/1.1\r\n" HOST, "X: a\r\n"},
        {"\r\n", "\r\n"},
    };
    for (size_t i = 0; i < COUNT(floods); i++) {
        size_t unit = strlen(floods[i].filler);
        for (size_t at = 0; at + unit <= sizeof flood; at += unit)
            memcpy(flood + at, floods[i].filler, unit);
        int fd = reach();
        say(fd, floods[i].start, strlen(floods[i].start));
        /* The server answers at once, and reads away the rest for a while, so that the answer arrives. */
        say(fd, flood, sizeof flood / unit * unit);
        assert_int_equal(shutdown(fd, SHUT_WR), 0);
        if (strcmp(hear_all(fd, all, sizeof all), "431 ") != 0)
            fail_msg("flood %zu: %s", i, all);
        close(fd);
    }
    netns_end(pid);
}

/* Whoever finds no room for what it sends is told so; those that have some go on. */
static void bounds_what_is_under_way(void **state)
{
    struct ww_http_limits limits = LIMITS;
    static char body[40000];
    char all[1024];
    (void)state;
    limits.body_max = sizeof body;
    limits.input_max = 70000;
    memset(body, 'x', sizeof body);
    pid_t pid = serve(&limits, "127.0.0.1");
    int held = reach(), more = reach();
    say(held, S("PUT /echo HTTP/1.1\r\n" HOST
                "Connection: close\r\nContent-Length: 40000\r\nExpect: 100-continue\r\n\r\n"));
    hear_one(held, "HTTP/1.1 100 Continue\r\n\r\n");
    say(held, body, 39999);
    /* Each turn of the server reads a part of that. */
    int other = reach();
    for (int i = 0; i < 50; i++) {
        say(other, S(GET));
        hear_one(other, "\r\n\r\nhello");
    }
    close(other);
    say(more, S("PUT /echo HTTP/1.1\r\n" HOST "Content-Length: 40000\r\n\r\n"));
    say(more, body, 40000);
    assert_string_equal(hear_all(more, all, sizeof all), "503 ");
    assert_non_null(strstr(all, "\r\nRetry-After: 10\r\n"));
    static char echoed[sizeof body + 1024];
    say(held, body, 1);
    assert_string_equal(hear_all(held, echoed, sizeof echoed), "200 ");
    close(more);
    close(held);
    /* What was given back is there for the next. */
    int again = reach();
    say(again, S("PUT /echo HTTP/1.1\r\n" HOST "Connection: close\r\nContent-Length: 40000\r\n\r\n"));
    say(again, body, 40000);
    assert_string_equal(hear_all(again, echoed, sizeof echoed), "200 ");
    close(again);
    netns_end(pid);
}

static void serves_who_has_closed_his_half(void **state)
{
    const struct ww_http_limits limits = LIMITS;
    static const char *const requests[] = {GET, "GET /late HTTP/1.1\r\n" HOST "\r\n"};
    char all[1024];
    (void)state;
    pid_t pid = serve(&limits, "127.0.0.1");
    for (size_t i = 0; i < COUNT(requests); i++) {
        int fd = reach();
        say(fd, requests[i], strlen(requests[i]));
        assert_int_equal(shutdown(fd, SHUT_WR), 0);
        assert_string_equal(hear_all(fd, all, sizeof all), "200 ");
        close(fd);
    }
    int fd = reach();
    say(fd, S("GET / HT"));
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    assert_string_equal(hear_all(fd, all, sizeof all), "");
    close(fd);
    netns_end(pid);
}

static void sends_what_is_read_slowly(void **state)
{
    const struct ww_http_limits limits = LIMITS;
    static char all[BIG + 4096];
    (void)state;
    pid_t pid = serve(&limits, "127.0.0.1");
    int fd = reach();
    say(fd, S("GET /big HTTP/1.1\r\n" HOST "\r\n" CLOSE));
    usleep(100000);
    assert_string_equal(hear_all(fd, all, sizeof all), "200 200 ");
    assert_int_equal(strspn(strstr(all, "\r\n\r\n") + 4, "x"), BIG);
    close(fd);
    netns_end(pid);
}

/* It goes away while its answer is on the way; the next is served. */
static void survives_who_goes_away(void **state)
{
    const struct ww_http_limits limits = LIMITS;
    (void)state;
    pid_t pid = serve(&limits, "127.0.0.1");
    const struct linger reset = {.l_onoff = 1};
    for (int i = 0; i < 100; i++) {
        int fd = reach();
        say(fd, S("GET /late HTTP/1.1\r\n" HOST "\r\nGET /big HTTP/1.1\r\n" HOST "\r\n"));
        if (i % 2 == 0)
            assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
        close(fd);
    }
    int fd = reach();
    say(fd, S(GET));
    hear_one(fd, "\r\n\r\nhello");
    close(fd);
    netns_end(pid);
}

static void ends_what_is_late(void **state)
{
    struct ww_http_limits limits = LIMITS;
    limits.deadline_ms = 300;
    (void)state;
    pid_t pid = serve(&limits, "127.0.0.1");

    /* nothing at all; a request that never ends; an answer that nobody reads */
    int silent = reach();
    int drip = reach();
    int deaf = reach();
    int size = 65536;
    assert_int_equal(setsockopt(deaf, SOL_SOCKET, SO_RCVBUF, &size, sizeof size), 0);
    say(deaf, S("GET /big HTTP/1.1\r\n" HOST "\r\n"));
    struct pollfd ended = {.fd = drip, .events = POLLIN};
    size_t octets = 0;
    while (octets < 6000 && poll(&ended, 1, 10) == 0)
        octets += send(drip, octets == 0 ? "G" : "a", 1, MSG_NOSIGNAL) == 1;
    /* Each octet came long before the deadline was over: the request as a whole has one. */
    assert_true(octets > 3 && octets < 1000);
    assert_true(is_closed(drip));
    assert_true(is_closed(silent));
    static char all[BIG];
    ssize_t got;
    size_t n = 0;
    while ((got = recv(deaf, all, sizeof all, 0)) > 0)
        n += (size_t)got;
    assert_true(n < BIG);
    close(silent);
    close(drip);
    close(deaf);
    netns_end(pid);
}

/* Another deadline counts for what begins from then on. */
static void takes_another_deadline(void **state)
{
    const struct ww_http_limits limits = LIMITS;
    (void)state;
    pid_t pid = serve(&limits, "127.0.0.1");
    int fd = reach();
    say(fd, S("GET /hurry HTTP/1.1\r\n" HOST "\r\n"));
    hear_one(fd, "\r\n\r\nhurry");
    say(fd, S("GET /"));
    assert_true(is_closed(fd));
    close(fd);
    netns_end(pid);
}

static void ends_who_is_idle(void **state)
{
    struct ww_http_limits limits = LIMITS;
    limits.idle_ms = 100;
    (void)state;
    pid_t pid = serve(&limits, "127.0.0.1");
    int fd = reach();
    say(fd, S(GET));
    hear_one(fd, "\r\n\r\nhello");
    assert_true(is_closed(fd));
    close(fd);
    netns_end(pid);
}

static void caps_each_address(void **state)
{
    struct ww_http_limits limits = LIMITS;
    limits.per_address = 3;
    int held[3];
    (void)state;
    pid_t pid = serve(&limits, "127.0.0.1");
    for (size_t i = 0; i < COUNT(held); i++) {
        held[i] = reach();
        say(held[i], S(GET));
        hear_one(held[i], "\r\n\r\nhello");
    }
    int more = reach();
    assert_true(is_closed(more));
    close(more);
    int other = reach_from("127.0.0.2", "127.0.0.1");
    say(other, S(GET));
    hear_one(other, "\r\n\r\nhello");
    close(other);
    for (size_t i = 0; i < COUNT(held); i++) {
        say(held[i], S(GET));
        hear_one(held[i], "\r\n\r\nhello");
        close(held[i]);
    }
    netns_end(pid);
}

/* Ten times the cap of silent connections: who asks is served, and who has a request under way stays. */
static void serves_beside_a_flood_of_idle_ones(void **state)
{
    struct ww_http_limits limits = LIMITS;
    limits.per_address = 1000;
    int flood[640];
    (void)state;
    pid_t pid = serve(&limits, "127.0.0.1");
    int busy = reach();
    say(busy, S("GET / HTTP/1.1\r\n" HOST));
    for (size_t i = 0; i < COUNT(flood); i++)
        flood[i] = reach();
    for (int i = 0; i < 10; i++) {
        int fd = reach();
        say(fd, S(GET));
        hear_one(fd, "\r\n\r\nhello");
        close(fd);
    }
    say(busy, S("\r\n"));
    hear_one(busy, "\r\n\r\nhello");
    assert_true(is_closed(flood[0]));
    for (size_t i = 0; i < COUNT(flood); i++)
        close(flood[i]);
    close(busy);
    netns_end(pid);
}

/* All of the cap is busy: a new one waits in the listener's queue until one has ended. */
static void waits_for_room(void **state)
{
    struct ww_http_limits limits = LIMITS;
    limits.connections = 4;
    int held[4];
    (void)state;
    pid_t pid = serve(&limits, "127.0.0.1");
    for (size_t i = 0; i < COUNT(held); i++) {
        held[i] = reach();
        say(held[i], S("PUT /echo HTTP/1.1\r\n" HOST "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n"));
        hear_one(held[i], "HTTP/1.1 100 Continue\r\n\r\n");
    }
    int more = reach();
    struct pollfd answered = {.fd = more, .events = POLLIN};
    say(more, S(GET));
    assert_int_equal(poll(&answered, 1, 200), 0);
    close(held[0]);
    hear_one(more, "\r\n\r\nhello");
    for (size_t i = 1; i < COUNT(held); i++)
        close(held[i]);
    close(more);
    netns_end(pid);
}

/* All of the cap were busy, and are kept alive: they give way then. */
static void gives_way_after_work(void **state)
{
    struct ww_http_limits limits = LIMITS;
    limits.connections = 4;
    int held[4];
    (void)state;
    pid_t pid = serve(&limits, "127.0.0.1");
    for (size_t i = 0; i < COUNT(held); i++) {
        held[i] = reach();
        say(held[i], S("GET / HTTP/1.1\r\n" HOST));
    }
    int more = reach();
    struct pollfd answered = {.fd = more, .events = POLLIN};
    say(more, S(GET));
    assert_int_equal(poll(&answered, 1, 200), 0);
    for (size_t i = 0; i < COUNT(held); i++)
        say(held[i], S("\r\n"));
    hear_one(more, "\r\n\r\nhello");
    for (size_t i = 0; i < COUNT(held); i++)
        close(held[i]);
    close(more);
    netns_end(pid);
}

/* More at once than there is room for, each with a request: nobody is put out before it is answered. */
static void answers_all_who_have_asked(void **state)
{
    struct ww_http_limits limits = LIMITS;
    limits.connections = 2;
    int asked[60];
    (void)state;
    pid_t pid = serve(&limits, "127.0.0.1");
    assert_int_equal(kill(pid, SIGSTOP), 0);
    for (size_t i = 0; i < COUNT(asked); i++) {
        asked[i] = reach();
        say(asked[i], S(GET));
    }
    assert_int_equal(kill(pid, SIGCONT), 0);
    for (size_t i = 0; i < COUNT(asked); i++) {
        hear_one(asked[i], "\r\n\r\nhello");
        close(asked[i]);
    }
    netns_end(pid);
}

/* The server goes while an exchange is under way: answering it then is no harm. */
static struct ww_http_exchange *kept;

static void keep(void *ctx, struct ww_http_exchange *x, const struct ww_http_request *r)
{
    (void)r;
    kept = x;
    event_base_loopbreak(ctx);
}

static void lets_go_before_the_answer(void **state)
{
    const struct ww_http_limits limits = LIMITS;
    (void)state;
    base = event_base_new();
    struct ww_http_server *server = ww_http_server_new(base, &limits, keep, base);
    assert_non_null(server);
    assert_int_equal(ww_http_server_listen(server, "a", netns_listen("127.0.0.1", PORT, SOCK_STREAM, 16)),
                     WW_OK);
    int fd = reach();
    say(fd, S(GET));
    event_base_dispatch(base);
    assert_int_equal(ww_http_server_count(server), 1);
    ww_http_server_free(server);
    answer(kept, 200, ww_slice_str("late"));
    assert_true(is_closed(fd));
    close(fd);
    event_base_free(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_or_refuses),
        cmocka_unit_test(says_what_it_sends),
        cmocka_unit_test(lets_a_body_come),
        cmocka_unit_test(refuses_long_heads),
        cmocka_unit_test(bounds_what_is_under_way),
        cmocka_unit_test(serves_who_has_closed_his_half),
        cmocka_unit_test(sends_what_is_read_slowly),
        cmocka_unit_test(survives_who_goes_away),
        cmocka_unit_test(ends_what_is_late),
        cmocka_unit_test(takes_another_deadline),
        cmocka_unit_test(ends_who_is_idle),
        cmocka_unit_test(caps_each_address),
        cmocka_unit_test(serves_beside_a_flood_of_idle_ones),
        cmocka_unit_test(waits_for_room),
        cmocka_unit_test(gives_way_after_work),
        cmocka_unit_test(answers_all_who_have_asked),
        cmocka_unit_test(lets_go_before_the_answer),
    };
    netns_enter();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
