/*
 * Logs that real Postfix 3.7 and 3.10 wrote in the lab, and the events that they make; then what such a log
 * does not show. The arguments are the logs, each with a file of events beside it. What is left out of the
 * logs are the other programs; in handshake-*.log, addresses and ports of fake hosts on this machine are made
 * those of MX hosts.
 */
#include "engine/postfix_results.h"

#include "base/time.h"
#include "core/result_line.h"
#include "core/syslog_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct told {
    char text[65536];
    struct ww_buf b;
    size_t events;
};

static void tell(void *ctx, const struct ww_tls_result *event)
{
    struct told *told = ctx;
    ww_result_line_put(&told->b, event);
    ww_buf_char(&told->b, '\n');
    told->events++;
}

static struct told *new_told(void)
{
    struct told *told = calloc(1, sizeof *told);
    assert_non_null(told);
    told->b = ww_buf(told->text, sizeof told->text - 1);
    return told;
}

/* The lab's logs are of one year, in UTC. */
static int64_t time_of(const struct ww_syslog_line *line)
{
    char text[32];
    int64_t seconds;
    const struct ww_wall_time *w = &line->wall;
    if (!line->is_wall)
        return line->seconds;
    (void)snprintf(text, sizeof text, "2026-%02d-%02dT%02d:%02d:%02dZ", w->month, w->day, w->hour, w->minute,
                   w->second);
    assert_true(ww_time_parse(ww_slice_str(text), &seconds));
    return seconds;
}

static void hear(struct ww_postfix_results *results, struct ww_slice text, int64_t later, struct told *told)
{
    struct ww_syslog_line line;
    struct ww_postfix_says says;
    if (!ww_syslog_line_parse(text.p, text.n, &line))
        fail_msg("%.*s", (int)text.n, text.p);
    ww_postfix_log_parse(ww_postfix_program(line.tag), line.message, &says);
    const struct ww_postfix_heard heard = {time_of(&line) + later, line.host, line.tag, line.pid, &says};
    assert_true(ww_postfix_results_take(results, &heard, tell, told));
}

static void hear_all(struct ww_postfix_results *results, const char *text, struct told *told)
{
    for (size_t n; *text != '\0'; text += n + 1) {
        n = strcspn(text, "\n");
        hear(results, ww_slice(text, n), 0, told);
    }
}

/* ---- logs of the lab ---- */

static char **logs;
static int log_count;

static char *read_file(const char *path)
{
    char *text = calloc(1, 1 << 20);
    FILE *f = fopen(path, "rb");
    if (f == NULL || text == NULL)
        fail_msg("%s cannot be read", path);
    assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
    (void)fclose(f);
    return text;
}

static char *events_of(const char *log)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%.*s.events", (int)(strlen(log) - strlen(".log")), log);
    return read_file(path);
}

static void real_logs_make_these_events(void **state)
{
    (void)state;
    assert_true(log_count > 0);
    for (int i = 0; i < log_count; i++) {
        char *log = read_file(logs[i]);
        char *events = events_of(logs[i]);
        struct told *told = new_told();
        struct ww_postfix_results *results = ww_postfix_results_new();
        hear_all(results, log, told);
        assert_string_equal(told->text, events);
        ww_postfix_results_free(results);
        free(told);
        free(events);
        free(log);
    }
}

/* One that stops behind any line, and goes on with what it remembered, tells the same. */
static void it_can_stop_anywhere(void **state)
{
    (void)state;
    for (int i = 0; i < log_count; i++) {
        char *log = read_file(logs[i]);
        char *events = events_of(logs[i]);
        struct told *told = new_told();
        struct ww_postfix_results *results = ww_postfix_results_new();
        size_t n;
        for (const char *text = log; *text != '\0'; text += n + 1) {
            struct ww_postfix_results *next = ww_postfix_results_new();
            const struct ww_postfix_process *p;
            n = strcspn(text, "\n");
            hear(results, ww_slice(text, n), 0, told);
            for (size_t j = 0; (p = ww_postfix_results_at(results, j)) != NULL; j++)
                assert_true(ww_postfix_results_add(next, p));
            if (ww_postfix_results_has_tls(results))
                ww_postfix_results_set_tls(next);
            ww_postfix_results_free(results);
            results = next;
        }
        /* What tlsproxy said is not kept: it is said in the same second. */
        if (strstr(log, "tlsproxy") == NULL)
            assert_string_equal(told->text, events);
        ww_postfix_results_free(results);
        free(told);
        free(events);
        free(log);
    }
}

/* ---- what the lab does not show ---- */

#define NOW "Nov 29 11:00:00 out postfix/"
#define MADE(level, host, ip) \
    NOW "smtp[1]: " level " TLS connection established to " host "[" ip "]:25: TLSv1.3\n"
#define SENT(id, host, ip) \
    NOW "smtp[1]: " id ": to=<u@a.example>, relay=" host "[" ip "]:25, delay=1, status=sent (ok)\n"
#define DEFERRED(id, host, ip, why) \
    NOW "smtp[1]: " id ": to=<u@a.example>, relay=" host "[" ip "]:25, delay=1, status=deferred (" why ")\n"

/* Results in order, "/" and what TLS there was; an event is told by both. */
static const struct {
    const char *what;
    const char *log;
    const char *told;
} cases[] = {
    {"a session after which the next host is tried",
     MADE("Trusted", "x.example", "192.0.2.1") NOW
     "smtp[1]: AAAAA1: host x.example[192.0.2.1] said: 450 no (in reply to MAIL FROM command)\n" MADE(
         "Untrusted", "y.example", "192.0.2.2") SENT("AAAAA1", "y.example", "192.0.2.2"),
     "success/trusted success/untrusted"},
    {"a session before a host that cannot be reached",
     MADE("Trusted", "x.example", "192.0.2.1") NOW
     "smtp[1]: AAAAA1: lost connection with x.example[192.0.2.1] while sending MAIL FROM\n" NOW
     "smtp[1]: AAAAA1: to=<u@a.example>, relay=none, delay=1, status=deferred (connect to y.example: timed "
     "out)\n",
     "success/trusted"},
    {"two sessions of one process",
     MADE("Trusted", "x.example", "192.0.2.1") SENT("AAAAA1", "x.example", "192.0.2.1")
         MADE("Trusted", "x.example", "192.0.2.1") SENT("AAAAA2", "x.example", "192.0.2.1"),
     "success/trusted success/trusted"},
    {"a further attempt of the message, in clear",
     MADE("Trusted", "x.example", "192.0.2.1")
         DEFERRED("AAAAA1", "x.example", "192.0.2.1", "host x.example[192.0.2.1] said: 450 no") NOW
     "qmgr[9]: AAAAA1: from=<b@b.example>, size=1, nrcpt=1 (queue active)\n" SENT(
         "AAAAA1", "x.example", "192.0.2.1") SENT("AAAAA1", "x.example", "192.0.2.1"),
     "success/trusted starttls-not-supported/none"},
    {"a handshake that fails, and clear text to the same host",
     MADE("Trusted", "x.example", "192.0.2.1") SENT("AAAAA1", "x.example", "192.0.2.1") NOW
     "smtp[1]: SSL_connect error to z.example[192.0.2.9]:25: -1\n" NOW
     "smtp[1]: AAAAA2: Cannot start TLS: handshake failure\n" SENT("AAAAA2", "z.example", "192.0.2.9"),
     "success/trusted validation-failure/none"},
    {"clear text, where nothing of TLS was ever logged", SENT("AAAAA1", "x.example", "192.0.2.1"), ""},
    {"a host that refuses to talk",
     MADE("Trusted", "x.example", "192.0.2.1") SENT("AAAAA1", "x.example", "192.0.2.1") DEFERRED(
         "AAAAA2", "y.example", "192.0.2.2", "host y.example[192.0.2.2] refused to talk to me: 554 no"),
     "success/trusted"},
    {"a host that says no in clear",
     MADE("Trusted", "x.example", "192.0.2.1") SENT("AAAAA1", "x.example", "192.0.2.1")
         DEFERRED("AAAAA2", "y.example", "192.0.2.2",
                  "host y.example[192.0.2.2] said: 554 no (in reply to MAIL FROM command)"),
     "success/trusted starttls-not-supported/none"},
    {"no line about TLS, but a failure that names it",
     DEFERRED("AAAAA1", "x.example", "192.0.2.1", "Server certificate not verified")
         DEFERRED("AAAAA1", "x.example", "192.0.2.1", "Server certificate not verified"),
     "validation-failure/"},
    {"a filter on this machine, by address and by port",
     MADE("Trusted", "x.example", "192.0.2.1") SENT("AAAAA1", "x.example", "192.0.2.1")
         MADE("Untrusted", "localhost", "127.0.0.1") SENT("AAAAA2", "localhost", "127.0.0.1")
             MADE("Untrusted", "localhost", "::1") SENT("AAAAA3", "localhost", "::1") NOW
     "smtp[1]: Trusted TLS connection established to y.example[192.0.2.2]:587: TLSv1.3\n" NOW
     "smtp[1]: AAAAA4: to=<u@a.example>, relay=y.example[192.0.2.2]:587, delay=1, status=sent (ok)\n" NOW
     "smtp[1]: AAAAA5: to=<u@a.example>, relay=y.example[192.0.2.2]:10024, delay=1, status=sent (ok)\n",
     "success/trusted"},
    {"recipients without a domain, or with an address for one",
     MADE("Trusted", "x.example", "192.0.2.1") NOW
     "smtp[1]: AAAAA1: to=<u@[192.0.2.1]>, relay=x.example[192.0.2.1]:25, delay=1, status=sent (ok)\n" MADE(
         "Trusted", "x.example", "192.0.2.1") NOW
     "smtp[1]: AAAAA1: to=<u>, relay=x.example[192.0.2.1]:25, delay=1, status=sent (ok)\n",
     ""},
    {"two processes at once",
     MADE("Trusted", "x.example", "192.0.2.1") NOW
     "smtp[2]: Verified TLS connection established to y.example[192.0.2.2]:25: TLSv1.3\n" SENT(
         "AAAAA1", "x.example", "192.0.2.1") NOW
     "smtp[2]: AAAAA2: to=<u@b.example>, relay=y.example[192.0.2.2]:25, delay=1, status=sent (ok)\n",
     "success/trusted success/verified"},
    {"the same number on two machines",
     MADE("Trusted", "x.example",
          "192.0.2.1") "Nov 29 11:00:00 other postfix/smtp[1]: Verified TLS connection established to "
                       "y.example[192.0.2.2]:25: TLSv1.3\n" SENT("AAAAA1", "x.example", "192.0.2.1"),
     "success/trusted"},
    {"a certificate that tlsproxy has looked at",
     NOW "tlsproxy[7]: server certificate verification failed for x.example[192.0.2.1]:25: certificate has "
         "expired\n" MADE("Untrusted", "x.example", "192.0.2.1")
             DEFERRED("AAAAA1", "x.example", "192.0.2.1", "Server certificate not verified"),
     "certificate-expired/untrusted"},
    {"several complaints about one certificate",
     NOW
     "smtp[1]: CA certificate verification failed for x.example[192.0.2.1]:25: num=26:unsuitable certificate "
     "purpose\n" NOW
     "smtp[1]: certificate verification failed for x.example[192.0.2.1]:25: self-signed certificate\n" MADE(
         "Untrusted", "x.example", "192.0.2.1")
         DEFERRED("AAAAA1", "x.example", "192.0.2.1", "Server certificate not verified"),
     "certificate-not-trusted/untrusted"},
    {"a certificate that was complained of, but not demanded",
     NOW
     "smtp[1]: certificate verification failed for x.example[192.0.2.1]:25: self-signed certificate\n" MADE(
         "Untrusted", "x.example", "192.0.2.1") SENT("AAAAA1", "x.example", "192.0.2.1"),
     "success/untrusted"},
};

static void write_told(const char *text, char *out, size_t size)
{
    struct ww_buf b = ww_buf(out, size - 1);
    for (size_t n; *text != '\0'; text += n + 1) {
        struct ww_tls_result event;
        size_t offset;
        n = strcspn(text, "\n");
        assert_int_equal(ww_result_line_parse(text, n, &event, &offset), WW_OK);
        ww_buf_str(&b, b.n > 0 ? " " : "");
        ww_buf_str(&b, ww_tls_result_name(event.type));
        ww_buf_char(&b, '/');
        ww_buf_str(&b, ww_tls_seen_name(event.tls));
    }
    out[b.n] = '\0';
}

static void sessions_are_told_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct told *told = new_told();
        struct ww_postfix_results *results = ww_postfix_results_new();
        char found[512];
        hear_all(results, cases[i].log, told);
        write_told(told->text, found, sizeof found);
        if (strcmp(found, cases[i].told) != 0)
            fail_msg("%s: %s", cases[i].what, found);
        ww_postfix_results_free(results);
        free(told);
    }
}

/* ---- memory ---- */

static size_t count_processes(const struct ww_postfix_results *results)
{
    size_t n = 0;
    while (ww_postfix_results_at(results, n) != NULL)
        n++;
    return n;
}

static void begin_sessions(struct ww_postfix_results *results, int from, int count, int64_t later,
                           struct told *told)
{
    for (int pid = from; pid < from + count; pid++) {
        char line[200];
        (void)snprintf(line, sizeof line,
                       NOW "smtp[%d]: Trusted TLS connection established to x.example[192.0.2.1]:25: x", pid);
        hear(results, ww_slice_str(line), later, told);
    }
}

static void old_processes_are_forgotten(void **state)
{
    struct told *told = new_told();
    struct ww_postfix_results *results = ww_postfix_results_new();
    (void)state;
    begin_sessions(results, 1, 3, 0, told);
    hear_all(results, SENT("AAAAA1", "x.example", "192.0.2.1"), told);
    begin_sessions(results, 10, 1, WW_POSTFIX_IDLE, told);
    assert_int_equal(count_processes(results), 4);
    /* The first is at nothing now, the two others are in the middle of something. */
    begin_sessions(results, 11, 1, WW_POSTFIX_IDLE + 1, told);
    assert_int_equal(count_processes(results), 4);
    begin_sessions(results, 12, 1, WW_POSTFIX_SILENCE + 1, told);
    assert_int_equal(count_processes(results), 3);
    ww_postfix_results_free(results);
    free(told);
}

static void the_oldest_has_to_go(void **state)
{
    struct told *told = new_told();
    struct ww_postfix_results *results = ww_postfix_results_new();
    (void)state;
    begin_sessions(results, 1, 1, 0, told);
    begin_sessions(results, 2, WW_POSTFIX_PROCESSES_MAX - 1, 1, told);
    assert_int_equal(count_processes(results), WW_POSTFIX_PROCESSES_MAX);
    begin_sessions(results, 5000, 1, 2, told);
    assert_int_equal(count_processes(results), WW_POSTFIX_PROCESSES_MAX);
    hear_all(results, SENT("AAAAA1", "y.example", "192.0.2.2"), told);
    /* Had it been remembered, its session had been told as a success. */
    assert_string_not_equal(told->text, "");
    assert_null(strstr(told->text, "success"));
    ww_postfix_results_free(results);
    free(told);
}

static void waiting_sessions_are_bounded(void **state)
{
    struct told *told = new_told();
    struct ww_postfix_results *results = ww_postfix_results_new();
    (void)state;
    for (int i = 1; i <= WW_POSTFIX_WAITING_MAX + 3; i++) {
        char line[200];
        (void)snprintf(
            line, sizeof line,
            NOW "smtp[1]: AAAAA1: TLS is required, but was not offered by host x.example[192.0.2.%d]", i);
        hear(results, ww_slice_str(line), 0, told);
    }
    assert_int_equal(told->events, 0);
    hear_all(results, DEFERRED("AAAAA1", "x.example", "192.0.2.99", "no"), told);
    assert_int_equal(told->events, WW_POSTFIX_WAITING_MAX);
    ww_postfix_results_free(results);
    free(told);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_logs_make_these_events), cmocka_unit_test(it_can_stop_anywhere),
        cmocka_unit_test(sessions_are_told_once),      cmocka_unit_test(old_processes_are_forgotten),
        cmocka_unit_test(the_oldest_has_to_go),        cmocka_unit_test(waiting_sessions_are_bounded),
    };
    logs = argv + 1;
    log_count = argc - 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
