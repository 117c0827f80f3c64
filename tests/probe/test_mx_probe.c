#include "probing.h"

#include <sys/socket.h>
#include <time.h>

#define SECOND "127.0.0.26"
#define CLOSED "127.0.0.27"
#define SHORT_MS 400

static const struct ww_mx_probe_result *probe_script(const struct mx_script *script, unsigned deadline_ms)
{
    SSL_CTX *ctx = pki_server(pki, LEAF_GOOD, HOST);
    pid_t pid = fake_mx(FIRST, script, ctx, -1);
    const struct ww_mx_probe_result *r = probe((struct ww_mx_probe_target){0}, FIRST, NULL, deadline_ms);
    netns_end(pid);
    SSL_CTX_free(ctx);
    return r;
}

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static const struct {
    struct mx_script script;
    enum ww_err err, tls_err;
    unsigned code;
    bool starttls, handshake;
    const char *detail;
} sessions[] = {
    {{{"220 hi\r\n", OFFER, GO}, THEN_SHAKE}, WW_OK, WW_OK, 220, true, true, ""},
    {{{"220-hi\r\n220 there\r\n", OFFER, GO}, THEN_SHAKE}, WW_OK, WW_OK, 220, true, true, ""},
    {{{"220 hi\r\n", "250 mx\r\n", NULL}, THEN_SHAKE}, WW_OK, WW_OK, 250, false, false, ""},
    {{{"220 hi\r\n", OFFER, "454 4.7.0 no \033 TLS\r\n"}, THEN_SILENT},
     WW_OK,
     WW_E_SMTP_STARTTLS,
     454,
     true,
     false,
     "the MX host offers STARTTLS and then refuses it: 454 4.7.0 no \\027 TLS"},
    {{{"220 hi\r\n", OFFER, "what?\r\n"}, THEN_SILENT},
     WW_OK,
     WW_E_SMTP_PROTOCOL,
     250,
     true,
     false,
     "the MX host does not speak SMTP: after STARTTLS"},
    {{{"220 hi\r\n", OFFER, NULL}, THEN_SHAKE},
     WW_OK,
     WW_E_SMTP_CLOSED,
     250,
     true,
     false,
     "the MX host broke the connection off: after STARTTLS"},
    {{{"220 hi\r\n", OFFER, GO "250 \201injected\r\n"}, THEN_SHAKE},
     WW_OK,
     WW_E_SMTP_PLAIN,
     220,
     true,
     false,
     "plain text came where TLS has to begin: somebody may have put it there: "
     "250 \\129injected\\013\\010"},
    {{{"220 hi\r\n", OFFER GO, GO}, THEN_SHAKE},
     WW_OK,
     WW_E_SMTP_PLAIN,
     250,
     true,
     false,
     "plain text came where TLS has to begin: somebody may have put it there: 220 go ahead\\013\\010"},
    {{{"220 hi\r\n", OFFER, GO}, THEN_PLAIN},
     WW_OK,
     WW_E_SMTP_PLAIN,
     220,
     true,
     false,
     "plain text came where TLS has to begin: somebody may have put it there: "
     "250 what do you want\\013\\010"},
    {{{"220 hi\r\n", OFFER, GO}, THEN_REFUSE},
     WW_OK,
     WW_E_SMTP_TLS,
     220,
     true,
     false,
     "the TLS handshake with the MX host failed: *alert handshake failure"},
    {{{"220 hi\r\n", OFFER, GO}, THEN_HANG_UP},
     WW_OK,
     WW_E_SMTP_CLOSED,
     220,
     true,
     false,
     "the MX host broke the connection off: in the TLS handshake"},
    {{{"554 go \033 away\r\n", NULL, NULL}, THEN_SHAKE},
     WW_E_SMTP_REFUSED,
     WW_OK,
     554,
     false,
     false,
     FIRST ": 554 go \\027 away"},
    {{{"220 hi\r\n", "502 what\r\n", NULL}, THEN_SHAKE},
     WW_E_SMTP_REFUSED,
     WW_OK,
     502,
     false,
     false,
     FIRST ": 502 what"},
    {{{NULL, NULL, NULL}, THEN_SHAKE}, WW_E_SMTP_CLOSED, WW_OK, 0, false, false, FIRST ": before a greeting"},
    {{{"220-on and on-\r\n", NULL, NULL}, THEN_SHAKE},
     WW_E_SMTP_PROTOCOL,
     WW_OK,
     0,
     false,
     false,
     FIRST ": before a greeting"},
    {{{"HTTP/1.1 400\r\n", NULL, NULL}, THEN_SHAKE},
     WW_E_SMTP_PROTOCOL,
     WW_OK,
     0,
     false,
     false,
     FIRST ": before a greeting"},
};

/* OpenSSL's words for an alert begin differently by version: an asterisk stands for that. */
static bool says(const char *text, const char *pattern)
{
    const char *star = strchr(pattern, '*');
    if (star == NULL)
        return strcmp(text, pattern) == 0;
    size_t head = (size_t)(star - pattern);
    size_t tail = strlen(star + 1);
    return strlen(text) >= head + tail && strncmp(text, pattern, head) == 0 &&
           strcmp(text + strlen(text) - tail, star + 1) == 0;
}

static void sees_how_far_a_host_goes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(sessions); i++) {
        const struct ww_mx_probe_result *r = probe_script(&sessions[i].script, DEADLINE_MS);
        if (r->err != sessions[i].err || r->tls_err != sessions[i].tls_err ||
            r->smtp_code != sessions[i].code || r->starttls != sessions[i].starttls ||
            r->handshake != sessions[i].handshake || !says(r->detail, sessions[i].detail))
            fail_msg("case %zu: %s, %s, code %u, starttls %d, handshake %d, \"%s\"", i, ww_err_id(r->err),
                     ww_err_id(r->tls_err), r->smtp_code, r->starttls, r->handshake, r->detail);
        assert_true(r->us > 0 && r->us < (int64_t)DEADLINE_MS * 1000);
    }
}

static void waits_no_longer_than_its_deadline(void **state)
{
    (void)state;
    static const struct {
        struct mx_script script;
        enum ww_err err, tls_err;
        const char *detail;
    } cases[] = {
        {{{"", NULL, NULL}, THEN_SHAKE}, WW_E_SMTP_TIMEOUT, WW_OK, FIRST ": before a greeting"},
        {{{"220 hi\r\n", "", NULL}, THEN_SHAKE}, WW_E_SMTP_TIMEOUT, WW_OK, FIRST ": after EHLO"},
        {{{"220 hi\r\n", OFFER, ""}, THEN_SHAKE},
         WW_OK,
         WW_E_SMTP_TIMEOUT,
         "the MX host did not answer in time: after STARTTLS"},
        {{{"220 hi\r\n", OFFER, GO}, THEN_SILENT},
         WW_OK,
         WW_E_SMTP_TIMEOUT,
         "the MX host did not answer in time: in the TLS handshake"},
        {{{"220 hi\r\n", OFFER, GO}, THEN_STAY}, WW_OK, WW_OK, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t begun = now_ms();
        const struct ww_mx_probe_result *r = probe_script(&cases[i].script, SHORT_MS);
        int64_t took = now_ms() - begun;
        if (r->err != cases[i].err || r->tls_err != cases[i].tls_err ||
            strcmp(r->detail, cases[i].detail) != 0)
            fail_msg("case %zu: %s, %s, \"%s\"", i, ww_err_id(r->err), ww_err_id(r->tls_err), r->detail);
        assert_true(took >= SHORT_MS - 50 && took < 10L * SHORT_MS);
    }
}

static void read_report(int fd, char *text, size_t size)
{
    ssize_t n = read(fd, text, size - 1);
    text[n > 0 ? n : 0] = '\0';
}

static void waits_a_moment_for_a_goodbye(void **state)
{
    (void)state;
    static const struct mx_script stays = {{"220 hi\r\n", OFFER, GO}, THEN_STAY};
    int64_t begun = now_ms();
    assert_true(probe_script(&stays, DEADLINE_MS)->handshake);
    assert_true(now_ms() - begun < DEADLINE_MS / 2);
}

/* What is in the buffers of the system has been sent as well, but that is some megabytes. */
static void hears_no_endless_goodbye(void **state)
{
    (void)state;
    static const struct mx_script babbles = {{"220 hi\r\n", OFFER, GO}, THEN_BABBLE};
    SSL_CTX *ctx = pki_server(pki, LEAF_GOOD, HOST);
    char said[512];
    const char *babbled = NULL;
    int pipe_fds[2];
    assert_int_equal(pipe(pipe_fds), 0);
    pid_t pid = fake_mx(FIRST, &babbles, ctx, pipe_fds[1]);
    assert_true(probe((struct ww_mx_probe_target){0}, FIRST, NULL, DEADLINE_MS)->handshake);
    while (babbled == NULL) {
        read_report(pipe_fds[0], said, sizeof said);
        babbled = strstr(said, "babbled ");
    }
    if (strtoul(babbled + strlen("babbled "), NULL, 10) > 16UL * 1024 * 1024)
        fail_msg("%s", babbled);
    netns_end(pid);
    SSL_CTX_free(ctx);
    (void)close(pipe_fds[0]);
    (void)close(pipe_fds[1]);
}

static void tries_one_address_after_the_other(void **state)
{
    (void)state;
    static const struct mx_script plain = {{"220 hi\r\n", "250 mx\r\n", NULL}, THEN_SHAKE};
    static const struct mx_script silent = {{"", NULL, NULL}, THEN_SHAKE};
    static const struct mx_script refuses = {{"554 no\r\n", NULL, NULL}, THEN_SHAKE};
    SSL_CTX *ctx = pki_server(pki, LEAF_GOOD, HOST);
    char text[WW_ADDR_TEXT_SIZE];
    pid_t second = fake_mx(SECOND, &good, ctx, -1);
    const struct ww_mx_probe_target target = {.host = HOST};
    const struct ww_mx_probe_result *r = probe(target, CLOSED, SECOND, DEADLINE_MS);
    assert_int_equal(r->err, WW_OK);
    ww_addr_format(&r->addr, text);
    assert_string_equal(text, SECOND);
    assert_true(r->handshake);
    assert_string_equal(r->detail, "");
    /* One that answers nothing takes half of the time. */
    int deaf = netns_listen(FIRST, 25, SOCK_STREAM, 0);
    r = probe(target, FIRST, SECOND, 2000);
    assert_int_equal(r->err, WW_OK);
    assert_true(r->handshake);
    assert_true(r->us < 900000);
    r = probe(target, FIRST, NULL, SHORT_MS);
    assert_int_equal(r->err, WW_E_SMTP_TIMEOUT);
    assert_string_equal(r->detail, FIRST ": while connecting");
    (void)close(deaf);
    /* The one that came furthest says what is wrong. */
    pid_t first = fake_mx(FIRST, &refuses, NULL, -1);
    r = probe(target, FIRST, CLOSED, DEADLINE_MS);
    assert_int_equal(r->err, WW_E_SMTP_REFUSED);
    assert_int_equal(r->smtp_code, 554);
    assert_string_equal(r->detail, FIRST ": 554 no; " CLOSED ": Connection refused");
    r = probe(target, FIRST, SECOND, DEADLINE_MS);
    assert_int_equal(r->err, WW_OK);
    netns_end(first);
    netns_end(second);
    second = fake_mx(SECOND, &plain, ctx, -1);
    r = probe(target, CLOSED, SECOND, DEADLINE_MS);
    assert_int_equal(r->err, WW_OK);
    assert_string_equal(r->detail, "");
    netns_end(second);
    /* One that takes the connection may have all of the time. */
    first = fake_mx(FIRST, &silent, ctx, -1);
    r = probe(target, FIRST, CLOSED, SHORT_MS);
    assert_int_equal(r->err, WW_E_SMTP_TIMEOUT);
    assert_string_equal(r->detail, FIRST ": before a greeting");
    netns_end(first);
    SSL_CTX_free(ctx);
}

static void asks_for_the_base_domain_and_says_goodbye(void **state)
{
    (void)state;
    static const struct {
        const char *base;
        const char *said;
    } cases[] = {
        {NULL, "EHLO us.example\r\nSTARTTLS\r\nSNI mx.example\r\nQUIT\r\n"},
        {"real.example", "EHLO us.example\r\nSTARTTLS\r\nSNI real.example\r\nQUIT\r\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char said[512];
        int pipe_fds[2];
        SSL_CTX *ctx = pki_server(pki, LEAF_GOOD, HOST);
        assert_int_equal(pipe(pipe_fds), 0);
        pid_t pid = fake_mx(FIRST, &good, ctx, pipe_fds[1]);
        const struct ww_mx_probe_target target = {.base = cases[i].base};
        assert_true(probe(target, FIRST, NULL, DEADLINE_MS)->handshake);
        read_report(pipe_fds[0], said, sizeof said);
        assert_string_equal(said, cases[i].said);
        netns_end(pid);
        SSL_CTX_free(ctx);
        (void)close(pipe_fds[0]);
        (void)close(pipe_fds[1]);
    }
}

static void on_never(void *ctx, const struct ww_mx_probe_result *result)
{
    (void)ctx, (void)result;
    fail_msg("told after it was cancelled");
}

/* Cancelled at whatever the loop's next turn finds it at. */
static void cancel_says_nothing(void **state)
{
    (void)state;
    struct ww_addr addr;
    enum ww_err err;
    SSL_CTX *ctx = pki_server(pki, LEAF_GOOD, HOST);
    pid_t pid = fake_mx(FIRST, &good, ctx, -1);
    struct ww_mx_prober *prober = prober_new(DEADLINE_MS);
    assert_int_equal(ww_addr_parse(ww_slice_str(FIRST), &addr), WW_OK);
    const struct ww_mx_probe_target target = {.host = HOST, .addrs = &addr, .addr_count = 1};
    for (int turns = 0; turns < 6; turns++) {
        struct ww_mx_probe *p = ww_mx_probe(prober, &target, on_never, NULL, &err);
        assert_non_null(p);
        for (int i = 0; i < turns; i++)
            assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
        ww_mx_probe_cancel(p);
        assert_int_equal(event_base_dispatch(base), 1);
    }
    ww_mx_prober_free(prober);
    netns_end(pid);
    SSL_CTX_free(ctx);
}

static void free_prober(void *ctx, const struct ww_mx_probe_result *result)
{
    struct ww_mx_prober **prober = ctx;
    assert_true(result->handshake);
    ww_mx_prober_free(*prober);
    *prober = NULL;
}

static void a_callback_may_free_the_prober(void **state)
{
    (void)state;
    struct ww_addr addr;
    enum ww_err err;
    SSL_CTX *ctx = pki_server(pki, LEAF_GOOD, HOST);
    pid_t pid = fake_mx(FIRST, &good, ctx, -1);
    struct ww_mx_prober *prober = prober_new(DEADLINE_MS);
    assert_int_equal(ww_addr_parse(ww_slice_str(FIRST), &addr), WW_OK);
    const struct ww_mx_probe_target target = {.host = HOST, .addrs = &addr, .addr_count = 1};
    assert_non_null(ww_mx_probe(prober, &target, free_prober, &prober, &err));
    while (prober != NULL)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    assert_int_equal(event_base_dispatch(base), 1);
    netns_end(pid);
    SSL_CTX_free(ctx);
}

static void what_cannot_begin_is_refused_at_once(void **state)
{
    (void)state;
    static const char *const files[] = {"/nonexistent/ca.pem", "/dev/null"};
    char name[WW_MX_PROBE_NAME_SIZE + 10];
    const char *detail = NULL;
    enum ww_err err;
    struct ww_addr addr;
    struct ww_mx_prober *prober = prober_new(DEADLINE_MS);
    assert_int_equal(ww_addr_parse(ww_slice_str(FIRST), &addr), WW_OK);
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct ww_mx_probe_target target = {.host = HOST};
    assert_null(ww_mx_probe(prober, &target, on_never, NULL, &err));
    assert_int_equal(err, WW_E_MX_NO_ADDRESS);
    target = (struct ww_mx_probe_target){.host = name, .addrs = &addr, .addr_count = 1};
    assert_null(ww_mx_probe(prober, &target, on_never, NULL, &err));
    assert_int_equal(err, WW_E_DNAME_TOO_LONG);
    target.host = "";
    assert_null(ww_mx_probe(prober, &target, on_never, NULL, &err));
    assert_int_equal(err, WW_E_DNAME_EMPTY);
    ww_mx_prober_free(prober);
    for (size_t i = 0; i < COUNT(files); i++) {
        const struct ww_mx_probe_options options = {.ca_file = files[i], .deadline_ms = 1000};
        assert_null(ww_mx_prober_new(base, &options, &detail));
        assert_non_null(strstr(detail, "trusted authorities"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sees_how_far_a_host_goes),
        cmocka_unit_test(waits_no_longer_than_its_deadline),
        cmocka_unit_test(waits_a_moment_for_a_goodbye),
        cmocka_unit_test(hears_no_endless_goodbye),
        cmocka_unit_test(tries_one_address_after_the_other),
        cmocka_unit_test(asks_for_the_base_domain_and_says_goodbye),
        cmocka_unit_test(cancel_says_nothing),
        cmocka_unit_test(a_callback_may_free_the_prober),
        cmocka_unit_test(what_cannot_begin_is_refused_at_once),
    };
    return probing_run("mx_probe", tests, COUNT(tests));
}
