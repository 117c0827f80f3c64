#include "net/smtp_hello.h"

#include "netns.h"

#include <errno.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define SERVER "127.0.0.25"
#define DEADLINE_MS 10000
#define SHORT_MS 300

static struct event_base *base;

/* What a server says in answer to nothing, EHLO and QUIT; NULL: it hangs up, "": it stays silent. */
struct script {
    const char *says[3];
};

static void send_text(int fd, const char *text)
{
    (void)!write(fd, text, strlen(text));
}

static void play(int fd, const struct script *s)
{
    char line[512];
    for (size_t i = 0; i < COUNT(s->says) && s->says[i] != NULL; i++) {
        send_text(fd, s->says[i]);
        if (read(fd, line, sizeof line) <= 0)
            return;
        if (i == 0 && strncmp(line, "EHLO ", 5) != 0)
            return;
    }
}

static pid_t server(const char *address, const struct script *s)
{
    int listener = netns_listen(address, WW_SMTP_PORT, SOCK_STREAM, 8);
    pid_t pid = netns_fork();
    if (pid == 0) {
        for (;;) {
            int fd = accept(listener, NULL, NULL);
            play(fd, s);
            (void)close(fd);
        }
    }
    (void)close(listener);
    return pid;
}

struct heard {
    bool called;
    struct ww_smtp_hello_result result;
};

static void on_result(void *ctx, const struct ww_smtp_hello_result *result)
{
    struct heard *h = ctx;
    assert_false(h->called);
    h->called = true;
    h->result = *result;
}

static struct ww_smtp_hello_result hello(const char *address, const char *name, unsigned deadline_ms)
{
    const struct ww_smtp_hello_options options = {.name = name, .deadline_ms = deadline_ms};
    struct heard h = {.called = false};
    struct ww_addr to;
    assert_int_equal(ww_addr_parse(ww_slice_str(address), &to), WW_OK);
    assert_non_null(ww_smtp_hello(base, &options, &to, on_result, &h));
    assert_false(h.called);
    while (!h.called)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    return h.result;
}

#define OFFER "250-mx.example\r\n250-PIPELINING\r\n250 STARTTLS\r\n"

static void hears_what_a_server_says(void **state)
{
    (void)state;
    static const struct {
        struct script script;
        enum ww_err err;
        enum ww_smtp_stage stage;
        unsigned code;
        bool starttls;
        const char *text;
    } cases[] = {
        {{{"220 hi\r\n", OFFER, "221 bye\r\n"}}, WW_OK, WW_SMTP_QUIT, 250, true, "mx.example"},
        {{{"220 hi\r\n", OFFER, NULL}}, WW_OK, WW_SMTP_QUIT, 250, true, "mx.example"},
        {{{"220 hi\r\n", OFFER, "nonsense\r\n"}}, WW_OK, WW_SMTP_QUIT, 250, true, "mx.example"},
        {{{"220 hi\r\n", "250 mx\r\n", "221 bye\r\n"}}, WW_OK, WW_SMTP_QUIT, 250, false, "mx"},
        {{{"220 hi\r\n", "502 what\r\n", NULL}}, WW_E_SMTP_REFUSED, WW_SMTP_EHLO, 502, false, "what"},
        {{{"554 go\033 away\r\n", NULL, NULL}},
         WW_E_SMTP_REFUSED,
         WW_SMTP_GREETING,
         554,
         false,
         "go\\027 away"},
        {{{"HTTP/1.1 400\r\n", NULL, NULL}}, WW_E_SMTP_PROTOCOL, WW_SMTP_GREETING, 0, false, ""},
        {{{NULL, NULL, NULL}}, WW_E_SMTP_CLOSED, WW_SMTP_GREETING, 0, false, ""},
        {{{"220 hi\r\n", NULL, NULL}}, WW_E_SMTP_CLOSED, WW_SMTP_EHLO, 220, false, "hi"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        pid_t pid = server(SERVER, &cases[i].script);
        struct ww_smtp_hello_result r = hello(SERVER, "us.example", DEADLINE_MS);
        netns_end(pid);
        if (r.err != cases[i].err || r.stage != cases[i].stage || r.code != cases[i].code ||
            r.starttls != cases[i].starttls || strcmp(r.text, cases[i].text) != 0)
            fail_msg("case %zu: %s, stage %d, code %u, \"%s\"", i, ww_err_id(r.err), (int)r.stage, r.code,
                     r.text);
    }
}

static void waits_no_longer_than_its_deadline(void **state)
{
    (void)state;
    static const struct script silent = {{"", NULL, NULL}};
    static const struct script late = {{"220 hi\r\n", "250-mx\r\n", NULL}};
    static const struct script no_bye = {{"220 hi\r\n", OFFER, ""}};
    pid_t pid = server(SERVER, &silent);
    struct ww_smtp_hello_result r = hello(SERVER, NULL, SHORT_MS);
    netns_end(pid);
    assert_int_equal(r.err, WW_E_SMTP_TIMEOUT);
    assert_int_equal(r.stage, WW_SMTP_GREETING);
    pid = server(SERVER, &late);
    r = hello(SERVER, NULL, SHORT_MS);
    netns_end(pid);
    assert_int_equal(r.err, WW_E_SMTP_TIMEOUT);
    assert_int_equal(r.stage, WW_SMTP_EHLO);
    /* Who says no goodbye has said all that was wanted. */
    pid = server(SERVER, &no_bye);
    r = hello(SERVER, NULL, SHORT_MS);
    netns_end(pid);
    assert_int_equal(r.err, WW_OK);
    assert_true(r.starttls);
}

static void names_a_connection_that_fails(void **state)
{
    (void)state;
    struct ww_smtp_hello_result r = hello("127.0.0.26", NULL, DEADLINE_MS);
    assert_int_equal(r.err, WW_E_SMTP_CONNECT);
    assert_int_equal(r.stage, WW_SMTP_CONNECTING);
    assert_int_equal(r.error, ECONNREFUSED);
    r = hello("192.0.2.1", NULL, DEADLINE_MS);
    assert_int_equal(r.err, WW_E_SMTP_CONNECT);
    assert_int_equal(r.error, ENETUNREACH);
}

/* The server's answer is what EHLO was told, octet by octet. */
static void says_an_address_for_a_name(void **state)
{
    (void)state;
    static const struct {
        const char *address, *name, *line;
    } cases[] = {
        {SERVER, NULL, "EHLO [127.0.0.1]\r\n"},
        {SERVER, "us.example", "EHLO us.example\r\n"},
        {"2001:2::25", NULL, "EHLO [IPv6:2001:2::25]\r\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char line[128] = "";
        int listener = netns_listen(cases[i].address, WW_SMTP_PORT, SOCK_STREAM, 8);
        pid_t pid = netns_fork();
        if (pid == 0) {
            int fd = accept(listener, NULL, NULL);
            send_text(fd, "220 hi\r\n");
            ssize_t n = read(fd, line, sizeof line - 1);
            line[n > 0 ? n : 0] = '\0';
            send_text(fd, strcmp(line, cases[i].line) == 0 ? "250 good\r\n" : "501 bad\r\n");
            (void)!read(fd, line, sizeof line);
            _exit(0);
        }
        (void)close(listener);
        struct ww_smtp_hello_result r = hello(cases[i].address, cases[i].name, DEADLINE_MS);
        netns_end(pid);
        if (r.code != 250)
            fail_msg("%s", cases[i].line);
    }
}

static void on_never(void *ctx, const struct ww_smtp_hello_result *result)
{
    (void)ctx, (void)result;
    fail_msg("told after it was cancelled");
}

static void cancel_says_nothing(void **state)
{
    (void)state;
    static const struct script good = {{"220 hi\r\n", OFFER, "221 bye\r\n"}};
    const struct ww_smtp_hello_options options = {.deadline_ms = SHORT_MS};
    struct ww_addr to;
    pid_t pid = server(SERVER, &good);
    assert_int_equal(ww_addr_parse(ww_slice_str(SERVER), &to), WW_OK);
    struct ww_smtp_hello *h = ww_smtp_hello(base, &options, &to, on_never, NULL);
    assert_non_null(h);
    (void)event_base_loop(base, EVLOOP_ONCE);
    ww_smtp_hello_cancel(h);
    assert_int_equal(event_base_dispatch(base), 1);
    netns_end(pid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hears_what_a_server_says),      cmocka_unit_test(waits_no_longer_than_its_deadline),
        cmocka_unit_test(names_a_connection_that_fails), cmocka_unit_test(says_an_address_for_a_name),
        cmocka_unit_test(cancel_says_nothing),
    };
    netns_enter();
    netns_add_ipv6("2001:2::25");
    base = event_base_new();
    int failed = cmocka_run_group_tests_name("smtp_hello", tests, NULL, NULL);
    event_base_free(base);
    return failed;
}
