/* The intake by HTTP, over real sockets; what becomes of a submission says a fake of intake_jobs. */
#include "daemon/intake_http.h"

#include "base/ascii.h"
#include "fake_peer.h"
#include "netns.h"
#include "pki.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define MAX_SIZE ((size_t)70000)
#define JOBS 64

/* The fake: what was begun, and how it ends. */
struct ww_intake_jobs {
    struct event_base *base;
    struct event *timer;
    bool full, refuses;
    size_t count;
    struct {
        bool mail, forgotten, ended;
        enum ww_channel channel;
        char peer[128];
        char *octets;
        size_t n;
        ww_intake_done *done;
        void *ctx;
    } list[JOBS];
};

static struct ww_intake_jobs jobs;

bool ww_intake_jobs_has_room(const struct ww_intake_jobs *j, size_t octets)
{
    (void)octets;
    return !j->full;
}

uint64_t ww_intake_jobs_begin(struct ww_intake_jobs *j, const struct ww_intake_submission *s,
                              ww_intake_done *done, void *ctx, enum ww_err *err)
{
    const struct timeval soon = {.tv_usec = 1000};
    *err = WW_E_NO_MEMORY;
    if (j->refuses)
        return 0;
    assert_true(j->count < JOBS);
    size_t i = j->count++;
    j->list[i].mail = s->mail;
    j->list[i].channel = s->channel;
    (void)snprintf(j->list[i].peer, sizeof j->list[i].peer, "%s", s->peer);
    j->list[i].octets = malloc(s->octets.n);
    assert_non_null(j->list[i].octets);
    memcpy(j->list[i].octets, s->octets.p, s->octets.n);
    j->list[i].n = s->octets.n;
    j->list[i].done = done;
    j->list[i].ctx = ctx;
    if (j->timer != NULL)
        (void)event_add(j->timer, &soon);
    return i + 1;
}

void ww_intake_jobs_forget(struct ww_intake_jobs *j, uint64_t number)
{
    assert_false(j->list[number - 1].forgotten);
    j->list[number - 1].forgotten = true;
}

static void end_job(size_t i, const struct ww_msg_taken *taken)
{
    assert_true(i < jobs.count && !jobs.list[i].ended && !jobs.list[i].forgotten);
    jobs.list[i].ended = true;
    jobs.list[i].done(jobs.list[i].ctx, taken);
}

static void forget_jobs(void)
{
    for (size_t i = 0; i < jobs.count; i++)
        free(jobs.list[i].octets);
    jobs = (struct ww_intake_jobs){.base = jobs.base};
}

static struct {
    struct event_base *base;
    struct ww_config config;
    struct ww_stats stats;
    struct ww_intake_http *http;
    struct sockaddr_un at[2];
    socklen_t at_n[2];
} t;

enum {
    SUBMIT,
    PROXY,
};

static const struct ww_msg_listener listeners[] = {
    {.purpose = WW_LISTEN_SUBMIT, .name = "unix:submit"},
    {.purpose = WW_LISTEN_REPORTS, .name = "unix:http"},
};
static char *no_listeners[] = {NULL};

static int setup(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    t.base = event_base_new();
    jobs.base = t.base;
    t.config.intake_https = no_listeners;
    t.config.intake_max_size = MAX_SIZE;
    t.config.intake_per_minute = 1000;
    t.http = ww_intake_http_new(t.base, &t.config, &jobs, &t.stats);
    assert_non_null(t.http);
    for (int i = 0; i < 2; i++) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        t.at[i] = (struct sockaddr_un){.sun_family = AF_UNIX};
        t.at_n[i] = sizeof t.at[i];
        assert_int_equal(bind(fd, (struct sockaddr *)&t.at[i], sizeof(sa_family_t)), 0);
        assert_int_equal(getsockname(fd, (struct sockaddr *)&t.at[i], &t.at_n[i]), 0);
        assert_int_equal(listen(fd, 64), 0);
        ww_intake_http_listener(t.http, &listeners[i], fd);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ww_intake_http_free(t.http);
    forget_jobs();
    event_base_free(t.base);
    return 0;
}

static int dial(int where)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&t.at[where], t.at_n[where]), 0);
    return fd;
}

static void say(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
        assert_true(sent > 0 || errno == EAGAIN);
        p += sent > 0 ? sent : 0;
        n -= sent > 0 ? (size_t)sent : 0;
        test_settle(t.base);
    }
    test_settle(t.base);
}

static char heard[16384], *body;

/* The status of the answer that is there; 0: none. */
static unsigned status(int fd)
{
    test_settle(t.base);
    ssize_t got = recv(fd, heard, sizeof heard - 1, 0);
    heard[got > 0 ? got : 0] = '\0';
    if (got <= 0)
        return 0;
    assert_memory_equal(heard, "HTTP/1.1 ", 9);
    body = strstr(heard, "\r\n\r\n");
    assert_non_null(body);
    body[2] = '\0';
    body += 4;
    return (unsigned)strtoul(heard + 9, NULL, 10);
}

static bool is_closed(int fd)
{
    char c;
    test_settle(t.base);
    return recv(fd, &c, 1, 0) == 0;
}

static void post(int fd, const char *path, const char *headers, const char *p, size_t n)
{
    char head[1024];
    int m = snprintf(head, sizeof head, "POST %s HTTP/1.1\r\nHost: a\r\n%sContent-Length: %zu\r\n\r\n", path,
                     headers, n);
    say(fd, head, (size_t)m);
    say(fd, p, n);
}

#define JSON "Content-Type: application/tlsrpt+json\r\n"
#define GZIP "Content-Type: application/tlsrpt+gzip\r\n"
#define REPORT "{\"a\":1}"

static const struct {
    int where;
    const char *request;
    unsigned status;
    const char *header; /* that the answer has; or NULL */
    bool taken;
} requests[] = {
    {PROXY, "GET / HTTP/1.1\r\n", 200, "Content-Type: text/plain", false},
    {PROXY, "HEAD /x HTTP/1.1\r\n", 200, "Content-Type: text/plain", false},
    {PROXY, "PUT / HTTP/1.1\r\n" JSON "Content-Length: 1\r\n", 405, "Allow: GET, HEAD, POST\r\n", false},
    {PROXY, "GET / HTTP/1.1\r\nContent-Length: 1\r\n", 405, "Allow: GET, HEAD, POST\r\n", false},
    {PROXY, "DELETE / HTTP/1.1\r\n", 405, NULL, false},
    {PROXY, "POST / HTTP/1.1\r\nContent-Length: 7\r\n", 415,
     "Accept: application/tlsrpt+gzip, application/tlsrpt+json\r\n", false},
    {PROXY, "POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 7\r\n", 415, NULL, false},
    {PROXY, "POST / HTTP/1.1\r\nContent-Type: application/tlsrpt+jsonx\r\nContent-Length: 7\r\n", 415, NULL,
     false},
    {PROXY, "POST / HTTP/1.1\r\nContent-Type: message/rfc822\r\nContent-Length: 7\r\n", 415, NULL, false},
    {PROXY, "POST / HTTP/1.1\r\nContent-Type: application/octet-stream\r\nContent-Length: 7\r\n", 415, NULL,
     false},
    {PROXY, "POST / HTTP/1.1\r\n" JSON, 411, NULL, false},
    {PROXY, "POST / HTTP/1.1\r\n" JSON "Content-Length: 0\r\n", 400, NULL, false},
    {PROXY, "POST / HTTP/1.1\r\n" JSON "Content-Length: 70001\r\n", 413, NULL, false},
    {PROXY, "POST / HTTP/1.1\r\n" JSON "Content-Length: 999999999999999999\r\nExpect: 100-continue\r\n", 413,
     NULL, false},
    {PROXY, "POST / HTTP/1.1\r\n" JSON "Transfer-Encoding: chunked\r\n", 501, NULL, false},
    {PROXY, "POST / HTTP/1.1\r\n" JSON "Content-Length: 7\r\nContent-Length: 8\r\n", 400, NULL, false},
    {PROXY, "POST /any/path?at=all HTTP/1.1\r\n" JSON "Content-Length: 7\r\n", 0, NULL, true},
    {PROXY, "POST / HTTP/1.1\r\n" GZIP "Content-Length: 7\r\n", 0, NULL, true},
    {PROXY, "POST / HTTP/1.1\r\nContent-Type: Application/TLSRPT+Gzip ; a=b\r\nContent-Length: 7\r\n", 0,
     NULL, true},
    {SUBMIT, "GET / HTTP/1.1\r\n", 404, NULL, false},
    {SUBMIT, "GET /v1/submit HTTP/1.1\r\n", 405, "Allow: POST\r\n", false},
    {SUBMIT, "POST / HTTP/1.1\r\n" JSON "Content-Length: 7\r\n", 404, NULL, false},
    {SUBMIT, "POST /v1/submit HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 7\r\n", 415,
     "Accept: message/rfc822,", false},
    {SUBMIT, "POST /v1/submit HTTP/1.1\r\nContent-Type: message/rfc822\r\nContent-Length: 7\r\n", 0, NULL,
     true},
    {SUBMIT, "POST /v1/submit HTTP/1.1\r\n" JSON "Content-Length: 7\r\n", 0, NULL, true},
};

static void tells_by_the_head(void **state)
{
    size_t refused = 0;
    (void)state;
    for (size_t i = 0; i < COUNT(requests); i++) {
        int fd = dial(requests[i].where);
        say(fd, requests[i].request, strlen(requests[i].request));
        say(fd, "Host: a\r\n\r\n", 11);
        unsigned got = status(fd);
        bool good = got == requests[i].status && jobs.count == 0 &&
                    (requests[i].header == NULL || strstr(heard, requests[i].header) != NULL);
        if (good && requests[i].taken) {
            say(fd, REPORT, sizeof REPORT - 1);
            good = status(fd) == 0 && jobs.count == 1;
        } else if (good && got >= 400 && got != 501 && got != 400) {
            good = strstr(heard, "Content-Type: application/problem+json\r\n") != NULL && body[0] == '{';
        }
        if (!good)
            fail_msg("%s: %u\n%s", requests[i].request, got, heard);
        refused += got == 400 ? strstr(requests[i].request, ": 0") != NULL : got > 400 && got != 501;
        close(fd);
        test_settle(t.base);
        while (jobs.count > 0 && !jobs.list[0].ended) /* its client has gone: that harms nobody */
            end_job(0, &(struct ww_msg_taken){.err = WW_OK});
        forget_jobs();
    }
    assert_int_equal(t.stats.values[WW_STAT_INTAKE_HTTP], COUNT(requests) - 2); /* those are no HTTP */
    assert_int_equal(t.stats.values[WW_STAT_INTAKE_HTTP_REFUSED], refused);
    assert_true(refused > 10);
}

static const struct {
    struct ww_msg_taken taken;
    unsigned status;
    const char *text;
    unsigned local_status;
    const char *local;
} ends[] = {
    {{.taken = WW_TAKEN_NEW, .number = 7},
     201,
     "taken in",
     200,
     "{\"taken\":\"new\",\"number\":7,\"why\":null}\n"},
    {{.taken = WW_TAKEN_AGAIN, .number = 7},
     200,
     "before",
     200,
     "{\"taken\":\"again\",\"number\":7,\"why\":null}\n"},
    {{.taken = WW_TAKEN_QUARANTINED, .number = 9, .why = WW_E_TOO_LONG, .at = "policies[3]"},
     202,
     "cannot be read: ",
     200,
     "{\"taken\":\"quarantined\",\"number\":9,\"why\":{\"id\":\"too-long\","},
    {{.taken = WW_TAKEN_NOT_OURS},
     403,
     "no reports of that domain",
     200,
     "{\"taken\":\"not-ours\",\"number\":null,\"why\":null}\n"},
    {{.err = WW_E_NO_MEMORY}, 503, "\"status\":503", 503, "\"id\":\"no-memory\""},
};

static void tells_what_became_of_it(void **state)
{
    (void)state;
    int proxy = dial(PROXY), local = dial(SUBMIT);
    for (size_t i = 0; i < COUNT(ends); i++) {
        post(proxy, "/", JSON, REPORT, sizeof REPORT - 1);
        post(local, "/v1/submit", JSON, REPORT, sizeof REPORT - 1);
        assert_int_equal(status(proxy), 0);
        assert_int_equal(jobs.count, 2);
        end_job(0, &ends[i].taken);
        end_job(1, &ends[i].taken);
        if (status(proxy) != ends[i].status || strstr(body, ends[i].text) == NULL)
            fail_msg("case %zu: %s%s", i, heard, body);
        assert_int_equal(strstr(heard, "\r\nRetry-After: 60\r\n") != NULL, ends[i].status == 503);
        assert_null(strstr(body, "number")); /* how many there are is nobody's business */
        if (status(local) != ends[i].local_status || strstr(body, ends[i].local) == NULL)
            fail_msg("case %zu: %s%s", i, heard, body);
        forget_jobs();
    }
    close(proxy);
    close(local);
}

static const struct {
    int where;
    const char *headers;
    const char *octets;
    bool mail;
    const char *peer;
} submissions[] = {
    {PROXY, JSON, "{}", false, ""},
    {PROXY, JSON "X-Forwarded-For: 192.0.2.7\r\n", "From: a", false, "192.0.2.7"},
    {PROXY, JSON "X-Forwarded-For: 192.0.2.7, 2001:db8::1\r\n", "{}", false, "2001:db8::1"},
    {PROXY, JSON "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-For: 198.51.100.1 \r\n", "{}", false,
     "198.51.100.1"},
    {PROXY, JSON "X-Forwarded-For: 192.0.2.7, evil\r\n", "{}", false, ""},
    {PROXY, JSON "X-Waxwing-From: evil\r\n", "{}", false, ""},
    {SUBMIT, JSON "X-Forwarded-For: 192.0.2.7\r\n", "{}", false, ""},
    {SUBMIT, GZIP "X-Waxwing-From: a\tb\xc3\xa4 c\r\n", "{}", false, "a?b?? c"},
    {SUBMIT, "Content-Type: message/rfc822\r\n", "{}", true, ""},
    {SUBMIT, "Content-Type: application/octet-stream\r\n", " \r\n\t{}", false, ""},
    {SUBMIT, "Content-Type: application/octet-stream\r\n", "\xef\xbb\xbf[", false, ""},
    {SUBMIT, "Content-Type: application/octet-stream\r\n", "\x1f\x8b\x08", false, ""},
    {SUBMIT, "Content-Type: application/octet-stream\r\n", "\x1f", true, ""},
    {SUBMIT, "Content-Type: application/octet-stream\r\n", "From: a\r\n\r\n{", true, ""},
    {SUBMIT, "Content-Type: application/octet-stream\r\n", " ", true, ""},
};

static void submits_what_came(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(submissions); i++) {
        size_t n = strlen(submissions[i].octets);
        int fd = dial(submissions[i].where);
        post(fd, "/v1/submit", submissions[i].headers, submissions[i].octets, n);
        assert_int_equal(jobs.count, 1);
        if (jobs.list[0].mail != submissions[i].mail || strcmp(jobs.list[0].peer, submissions[i].peer) != 0)
            fail_msg("case %zu: %d \"%s\"", i, jobs.list[0].mail, jobs.list[0].peer);
        assert_int_equal(jobs.list[0].channel,
                         submissions[i].where == SUBMIT ? WW_CHANNEL_LOCAL : WW_CHANNEL_HTTPS);
        assert_int_equal(jobs.list[0].n, n);
        assert_memory_equal(jobs.list[0].octets, submissions[i].octets, n);
        end_job(0, &(struct ww_msg_taken){.err = WW_OK});
        assert_int_not_equal(status(fd), 0);
        forget_jobs();
        close(fd);
    }
}

static void takes_the_largest(void **state)
{
    static char large[MAX_SIZE];
    (void)state;
    memset(large, 'x', sizeof large);
    int fd = dial(PROXY);
    post(fd, "/", JSON "Expect: 100-continue\r\n", "", 0);
    assert_int_equal(status(fd), 400);
    char head[] =
        "POST / HTTP/1.1\r\nHost: a\r\n" JSON "Content-Length: 70000\r\nExpect: 100-continue\r\n\r\n";
    say(fd, head, sizeof head - 1);
    assert_int_equal(status(fd), 100);
    say(fd, large, sizeof large);
    assert_int_equal(jobs.count, 1);
    assert_int_equal(jobs.list[0].n, sizeof large);
    close(fd);
}

/* Without room for it, it is not even read; and where the room was gone when it was there. */
static void comes_again_later(void **state)
{
    (void)state;
    int fd = dial(PROXY), local = dial(SUBMIT);
    jobs.full = true;
    post(fd, "/", JSON, REPORT, sizeof REPORT - 1);
    assert_int_equal(status(fd), 503);
    assert_non_null(strstr(heard, "\r\nRetry-After: 60\r\n"));
    jobs.full = false;
    jobs.refuses = true;
    int again = dial(PROXY);
    post(again, "/", JSON, REPORT, sizeof REPORT - 1);
    assert_int_equal(status(again), 503);
    post(local, "/v1/submit", JSON, REPORT, sizeof REPORT - 1);
    assert_int_equal(status(local), 503);
    assert_non_null(strstr(heard, "\r\nRetry-After: 1\r\n"));
    jobs.refuses = false;
    post(local, "/v1/submit", JSON, REPORT, sizeof REPORT - 1);
    assert_int_equal(jobs.count, 1);
    close(fd);
    close(again);
    close(local);
}

/* One octet after the other changes nothing but the time that it takes. */
static void takes_what_drips(void **state)
{
    static const char request[] = "POST / HTTP/1.1\r\nHost: a\r\n" JSON "Content-Length: 7\r\n\r\n" REPORT;
    (void)state;
    int fd = dial(PROXY);
    for (size_t i = 0; i + 1 < sizeof request; i++) {
        assert_int_equal(jobs.count, 0);
        say(fd, request + i, 1);
    }
    assert_int_equal(jobs.count, 1);
    assert_int_equal(t.stats.values[WW_STAT_INTAKE_HTTP], 1); /* it is judged once */
    close(fd);
}

static void limits_each_address(void **state)
{
    static const struct {
        const char *headers;
        unsigned status;
    } cases[] = {
        {JSON "X-Forwarded-For: 192.0.2.1\r\n", 0},
        {JSON "X-Forwarded-For: 192.0.2.1\r\n", 0},
        {JSON "X-Forwarded-For: 192.0.2.1\r\n", 429},
        {JSON "X-Forwarded-For: 192.0.2.9, 192.0.2.1\r\n", 429},
        {JSON "X-Forwarded-For: 192.0.2.2\r\n", 0},
        {JSON "X-Forwarded-For: 2001:db8:0:1::1\r\n", 0},
        {JSON "X-Forwarded-For: 2001:db8:0:1::2\r\n", 0},
        {JSON "X-Forwarded-For: 2001:db8:0:1:ffff::2\r\n", 429},
        {JSON "X-Forwarded-For: 2001:db8:0:2::1\r\n", 0},
        {JSON, 0},
        {JSON, 0},
        {JSON, 0},
    };
    (void)state;
    t.config.intake_per_minute = 2;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int fd = dial(PROXY);
        size_t before = jobs.count;
        post(fd, "/", cases[i].headers, REPORT, sizeof REPORT - 1);
        unsigned got = status(fd);
        if (got != cases[i].status || jobs.count != before + (got == 0))
            fail_msg("case %zu: %u", i, got);
        if (got == 429)
            assert_int_equal(strtol(strstr(heard, "Retry-After: ") + 13, NULL, 10), 30);
        close(fd);
    }
    for (int i = 0; i < 5; i++) {
        int fd = dial(SUBMIT);
        post(fd, "/v1/submit", JSON "X-Forwarded-For: 192.0.2.1\r\n", REPORT, sizeof REPORT - 1);
        assert_int_equal(status(fd), 0);
        close(fd);
    }
    assert_int_equal(t.stats.values[WW_STAT_INTAKE_HTTP_LIMITED], 3);
    assert_int_equal(t.stats.values[WW_STAT_INTAKE_HTTP_REFUSED], 0);
}

/* It ends while somebody waits. */
static void forgets_at_the_end(void **state)
{
    (void)state;
    int fd = dial(PROXY);
    post(fd, "/", JSON, REPORT, sizeof REPORT - 1);
    assert_int_equal(jobs.count, 1);
    ww_intake_http_free(t.http);
    t.http = NULL;
    assert_true(jobs.list[0].forgotten);
    assert_true(is_closed(fd));
    close(fd);
}

static void hears_no_more(void **state)
{
    (void)state;
    int fd = dial(PROXY);
    test_settle(t.base);
    ww_intake_http_listener_gone(t.http, &listeners[PROXY]);
    post(fd, "/", JSON, REPORT, sizeof REPORT - 1);
    assert_int_equal(jobs.count, 1); /* who is connected stays */
    close(fd);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_not_equal(connect(fd, (struct sockaddr *)&t.at[PROXY], t.at_n[PROXY]), 0);
    close(fd);
}

/* HTTPS, with a certificate from files; the intake is in a process of its own. */

static void on_soon(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    for (size_t i = 0; i < jobs.count; i++)
        if (!jobs.list[i].ended)
            end_job(i, &(struct ww_msg_taken){.taken = strcmp(jobs.list[i].peer, "127.0.0.1") == 0
                                                           ? WW_TAKEN_NEW
                                                           : WW_TAKEN_NOT_OURS});
}

static char folder[] = "/tmp/waxwing-intake.XXXXXX";
static char certificate[64], key[64];
static char *https[] = {(char *)(uintptr_t) "inet:127.0.0.1:443", NULL};

static void run_intake(int fd)
{
    static const struct ww_msg_listener listener = {.purpose = WW_LISTEN_REPORTS_TLS, .name = "https"};
    (void)signal(SIGPIPE, SIG_IGN);
    t.base = event_base_new();
    jobs.timer = evtimer_new(t.base, on_soon, NULL);
    t.config.intake_https = https;
    t.config.intake_certificate = certificate;
    t.config.intake_key = key;
    t.config.intake_max_size = MAX_SIZE;
    t.config.intake_per_minute = 5;
    t.http = ww_intake_http_new(t.base, &t.config, &jobs, &t.stats);
    ww_intake_http_listener(t.http, &listener, fd);
    event_base_dispatch(t.base);
}

static pid_t serve(void)
{
    int fd = netns_listen("127.0.0.1", 443, SOCK_STREAM, 64);
    pid_t pid = netns_fork();
    if (pid == 0) {
        run_intake(fd);
        _exit(1);
    }
    close(fd);
    return pid;
}

static void write_certificate(void)
{
    char ca[64];
    (void)snprintf(ca, sizeof ca, "%s/ca.pem", folder);
    struct pki *pki = pki_new(ca);
    SSL_CTX *ctx = pki_server(pki, LEAF_GOOD, "reports.example");
    FILE *f = fopen(certificate, "w");
    assert_true(f != NULL && PEM_write_X509(f, SSL_CTX_get0_certificate(ctx)) == 1 && fclose(f) == 0);
    f = fopen(key, "w");
    assert_true(f != NULL &&
                PEM_write_PrivateKey(f, SSL_CTX_get0_privatekey(ctx), NULL, NULL, 0, NULL, NULL) == 1 &&
                fclose(f) == 0);
    SSL_CTX_free(ctx);
    pki_free(pki);
}

static int reach(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(443)};
    const struct timeval patience = {.tv_sec = 60};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static unsigned post_tls(SSL_CTX *ctx)
{
    static const char request[] = "POST /v1/tlsrpt HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\n" JSON
                                  "Connection: close\r\nContent-Length: 7\r\n\r\n" REPORT;
    char all[2048];
    int got, n = 0, fd = reach();
    SSL *ssl = SSL_new(ctx);
    assert_int_equal(SSL_set_fd(ssl, fd), 1);
    assert_int_equal(SSL_connect(ssl), 1);
    assert_int_equal(SSL_write(ssl, request, sizeof request - 1), sizeof request - 1);
    while ((got = SSL_read(ssl, all + n, (int)sizeof all - 1 - n)) > 0)
        n += got;
    all[n] = '\0';
    SSL_free(ssl);
    close(fd);
    assert_memory_equal(all, "HTTP/1.1 ", 9);
    return (unsigned)strtoul(all + 9, NULL, 10);
}

/* The peer is who has connected, whatever a header says; and it is limited. */
static void takes_by_https(void **state)
{
    (void)state;
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    write_certificate();
    pid_t pid = serve();
    for (int i = 0; i < 5; i++)
        assert_int_equal(post_tls(ctx), 201);
    assert_int_equal(post_tls(ctx), 429);
    netns_end(pid);
    SSL_CTX_free(ctx);
}

/* Nobody is served, in plain text neither, and nobody waits for it. */
static void shows_no_bad_certificate(void **state)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    char text[64];
    (void)state;
    assert_int_equal(unlink(key), 0);
    pid_t pid = serve();
    int fd = reach();
    SSL *ssl = SSL_new(ctx);
    assert_int_equal(SSL_set_fd(ssl, fd), 1);
    assert_int_not_equal(SSL_connect(ssl), 1);
    assert_int_equal(ERR_GET_REASON(ERR_peek_error()), SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE);
    SSL_free(ssl);
    close(fd);
    fd = reach();
    assert_true(write(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 27) == 27);
    ssize_t n = read(fd, text, sizeof text);
    assert_true(n <= 0 || text[0] != 'H');
    close(fd);
    netns_end(pid);
    SSL_CTX_free(ctx);
    char command[80];
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    /* NOLINTNEXTLINE(cert-env33-c): the folder is one of the test's own */
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tells_by_the_head, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_what_became_of_it, setup, teardown),
        cmocka_unit_test_setup_teardown(submits_what_came, setup, teardown),
        cmocka_unit_test_setup_teardown(takes_the_largest, setup, teardown),
        cmocka_unit_test_setup_teardown(comes_again_later, setup, teardown),
        cmocka_unit_test_setup_teardown(takes_what_drips, setup, teardown),
        cmocka_unit_test_setup_teardown(limits_each_address, setup, teardown),
        cmocka_unit_test_setup_teardown(forgets_at_the_end, setup, teardown),
        cmocka_unit_test_setup_teardown(hears_no_more, setup, teardown),
        cmocka_unit_test(takes_by_https),
        cmocka_unit_test(shows_no_bad_certificate),
    };
    netns_enter();
    if (mkdtemp(folder) == NULL)
        return 1;
    (void)snprintf(certificate, sizeof certificate, "%s/cert.pem", folder);
    (void)snprintf(key, sizeof key, "%s/key.pem", folder);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
