#include "net/https.h"

#include "netns.h"
#include "policy_host.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define NAME "hook.example"
#define PATH "/hook?token=x"
#define BODY "{\"version\":1}"
#define SERVER "127.0.0.9"
#define PLAIN_PORT 8080

static struct event_base *base;
static struct pki *pki;
static char ca_file[] = "/tmp/waxwing-test-ca-XXXXXX";
static char *request; /* what the plain server was sent, shared with its process */
#define REQUEST_SIZE 4096

struct outcome {
    bool called;
    enum ww_err err;
    unsigned status;
    size_t size;
};

static void on_reply(void *ctx, const struct ww_https_reply *reply)
{
    struct outcome *o = ctx;
    *o = (struct outcome){true, reply->err, reply->status, reply->body.n};
}

enum way { VERIFIED, ANYBODY, PLAIN };

static struct outcome post(unsigned port, enum way way, const char *host, unsigned deadline_ms)
{
    static const char *const headers[] = {"Content-Type: application/json", "X-Signature: abc", NULL};
    const struct ww_https_options options = {
        .ca_file = ca_file, .deadline_ms = deadline_ms, .body_max = 1024};
    const struct ww_https_post what = {.body = ww_slice(BODY, strlen(BODY)),
                                       .headers = headers,
                                       .port = port,
                                       .plain = way == PLAIN,
                                       .anybody = way == ANYBODY};
    struct outcome o = {.called = false};
    const char *detail = NULL;
    enum ww_err err;
    struct ww_addr addr;
    assert_int_equal(ww_addr_parse(ww_slice_str(SERVER), &addr), WW_OK);
    struct ww_https *https = ww_https_new(base, &options, &detail);
    assert_non_null(https);
    assert_non_null(ww_https_post(https, host, PATH, &addr, 1, &what, on_reply, &o, &err));
    while (!o.called)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    ww_https_free(https);
    return o;
}

/* What a stranger says after the status is of no interest, be it without an end. */
static const struct sample {
    const char *what;
    enum leaf leaf;
    enum habit habit;
    const char *err;
    unsigned status;
    enum way way;
} samples[] = {
    {"good", LEAF_GOOD, HABIT_GOOD, "ok", 200, VERIFIED},
    {"endless body", LEAF_GOOD, HABIT_ENDLESS, "ok", 200, VERIFIED},
    {"endless 404", LEAF_GOOD, HABIT_MISSING, "ok", 404, VERIFIED},
    {"slow drip", LEAF_GOOD, HABIT_DRIP, "ok", 200, VERIFIED},
    {"in a coding", LEAF_GOOD, HABIT_CODED, "ok", 200, VERIFIED},
    {"redirect", LEAF_GOOD, HABIT_REDIRECT, "ok", 301, VERIFIED},
    {"endless headers", LEAF_GOOD, HABIT_HEADERS, "https-headers-too-large", 0, VERIFIED},
    {"TLS, then silence", LEAF_GOOD, HABIT_SPEECHLESS, "https-timeout", 0, VERIFIED},
    {"silence", LEAF_GOOD, HABIT_SILENT, "https-timeout", 0, VERIFIED},
    {"no TLS", LEAF_GOOD, HABIT_NO_TLS, "https-tls", 0, VERIFIED},
    {"certificate for another name", LEAF_WRONG_NAME, HABIT_GOOD, "https-cert-name", 0, VERIFIED},
    {"anybody: a good one", LEAF_GOOD, HABIT_GOOD, "ok", 200, ANYBODY},
    {"anybody: for another name", LEAF_WRONG_NAME, HABIT_GOOD, "ok", 200, ANYBODY},
    {"anybody: expired", LEAF_EXPIRED, HABIT_MISSING, "ok", 404, ANYBODY},
    {"anybody: self-signed", LEAF_SELF_SIGNED, HABIT_GOOD, "ok", 200, ANYBODY},
    {"anybody: TLS 1.1", LEAF_GOOD, HABIT_TLS11, "https-tls-version", 0, ANYBODY},
    {"anybody: no TLS", LEAF_GOOD, HABIT_NO_TLS, "https-tls", 0, ANYBODY},
};

static void test_samples(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        const struct sample *s = &samples[i];
        bool waits = strcmp(s->err, "https-timeout") == 0;
        pid_t pid = policy_host(pki, SERVER, NAME, s->leaf, s->habit);
        struct outcome o = post(443, s->way, NAME, waits ? 500 : 20000);
        netns_end(pid);
        if (strcmp(ww_err_id(o.err), s->err) != 0 || o.status != s->status || o.size != 0)
            fail_msg("%s: %s, %u, %zu octets", s->what, ww_err_id(o.err), o.status, o.size);
    }
}

static pid_t plain_server(void)
{
    int listener = netns_listen(SERVER, PLAIN_PORT, SOCK_STREAM, 8);
    pid_t pid = netns_fork();
    while (pid == 0) {
        static const char answer[] = "HTTP/1.1 204 No Content\r\n\r\n";
        int fd = accept(listener, NULL, NULL);
        size_t n = 0;
        while (strstr(request, BODY) == NULL && n < REQUEST_SIZE - 1) {
            ssize_t got = read(fd, request + n, REQUEST_SIZE - 1 - n);
            if (got <= 0)
                break;
            n += (size_t)got;
        }
        (void)!write(fd, answer, strlen(answer));
        (void)close(fd);
    }
    (void)close(listener);
    return pid;
}

static void test_plain(void **state)
{
    static const char *const wanted[] = {
        "POST " PATH " HTTP/1.1\r\n", "Host: " SERVER ":8080\r\n",  "\r\nContent-Type: application/json\r\n",
        "\r\nX-Signature: abc\r\n",   "\r\nContent-Length: 13\r\n", ("\r\n\r\n" BODY)};
    (void)state;
    pid_t pid = plain_server();
    struct outcome o = post(PLAIN_PORT, PLAIN, SERVER, 20000);
    netns_end(pid);
    assert_int_equal(o.err, WW_OK);
    assert_int_equal(o.status, 204);
    for (size_t i = 0; i < COUNT(wanted); i++) {
        if (strstr(request, wanted[i]) == NULL)
            fail_msg("not said: %s\nbut: %s", wanted[i], request);
    }
    assert_null(strstr(request, "Expect"));
}

static void test_nobody_listens(void **state)
{
    (void)state;
    assert_int_equal(post(PLAIN_PORT, PLAIN, SERVER, 20000).err, WW_E_HTTPS_CONNECT);
    /* A name goes where the caller says, and nowhere else. */
    assert_int_equal(post(PLAIN_PORT, PLAIN, "127.0.0.77", 20000).err, WW_E_HTTPS_CONNECT);
}

int main(void)
{
    netns_enter();
    int fd = mkstemp(ca_file);
    if (fd < 0)
        return 1;
    (void)close(fd);
    base = event_base_new();
    pki = pki_new(ca_file);
    request = mmap(NULL, REQUEST_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_nobody_listens),
    };
    int status = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(ca_file);
    pki_free(pki);
    event_base_free(base);
    return status;
}
