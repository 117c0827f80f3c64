/* The decoder as a confined process: its intake is the test. */
#include "fake_peer.h"

#include "codec/gzip.h"
#include "daemon/config_text.h"
#include "daemon/pieces.h"
#include "daemon/role.h"
#include "proc/msg_intake.h"
#include "proc/msg_watch.h"
#include "report/dkim_key.h"
#include "report/mail.h"

#include <openssl/evp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define NOW INT64_C(1795914000)
#define JSON                                                                                                 \
    "{\"organization-name\":\"Reporter\",\"contact-info\":\"tls@reporter.example\",\"report-id\":\"1\","     \
    "\"date-range\":{\"start-datetime\":\"2026-11-28T00:00:00Z\",\"end-datetime\":\"2026-11-28T23:59:59Z\"}" \
    ","                                                                                                      \
    "\"policies\":[{\"policy\":{\"policy-type\":\"no-policy-found\",\"policy-domain\":\"example.com\"},"     \
    "\"summary\":{\"total-successful-session-count\":7,\"total-failure-session-count\":0}}]}"

static struct event_base *base;
static struct fake_peer supervisor, intake;
static struct ww_pieces pieces;
static pid_t decoder;

/* ---- The process ---- */

static void start_decoder(void)
{
    static const char settings[] = "user = \"nobody\"\nconfine = true\n", bare[] = "confine = false\n";
    const char *text = getuid() == 0 ? settings : bare;
    struct ww_config_text config = {NULL, 0};
    assert_true(ww_config_text_add(&config, text, strlen(text)));
    int sealed = ww_config_text_seal(&config);
    ww_config_text_free(&config);
    int end = fake_peer_open(&supervisor, base);
    decoder = fork();
    if (decoder ==
        0) /* no leak checker at its end: what libopendkim has lost here before is none of the decoder's */
        _exit(ww_role_main(&ww_role_decoder, 0, end, sealed));
    (void)close(end);
    (void)close(sealed);
    while (supervisor.count == 0)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    assert_int_equal(fake_peer_next(&supervisor)->type, WW_MSG_READY);
}

static void introduce_intake(void)
{
    const struct ww_msg_peer peer = {.kind = WW_ROLE_INTAKE, .count = 1};
    char payload[64];
    struct ww_buf b = ww_buf(payload, sizeof payload);
    int end = fake_peer_open(&intake, base);
    ww_msg_put_peer(&b, &peer);
    assert_int_equal(ww_chan_send(supervisor.chan, WW_MSG_PEER, ww_slice(b.p, b.n), end), WW_OK);
    (void)close(end);
    ww_pieces_begin(&pieces);
}

static int start(void **state)
{
    (void)state;
    start_decoder();
    introduce_intake();
    return 0;
}

static int wait_end(void)
{
    int status = -1;
    assert_int_equal(waitpid(decoder, &status, 0), decoder);
    decoder = 0;
    return status;
}

static int stop(void **state)
{
    (void)state;
    if (decoder != 0) {
        fake_peer_send(&supervisor, WW_MSG_STOP, NULL);
        test_settle(base);
        assert_int_equal(wait_end(), 0);
    }
    fake_peer_close(&supervisor);
    fake_peer_close(&intake);
    return 0;
}

/* ---- Questions and answers ---- */

static void ask(const struct ww_msg_decode *m)
{
    static char piece[WW_MSG_PIECE_SIZE];
    size_t size = m->octets.n + 64 * 1024;
    char *space = malloc(size);
    assert_non_null(space);
    struct ww_buf b = ww_buf(space, size), p = ww_buf(piece, sizeof piece);
    ww_msg_put_decode(&b, m);
    assert_false(b.failed);
    struct ww_slice rest = ww_slice(b.p, b.n);
    while (ww_pieces_cut(&rest, &p))
        fake_peer_send(&intake, WW_MSG_DECODE, &p);
    free(space);
}

static void ask_report(uint64_t job, struct ww_slice octets)
{
    const struct ww_msg_decode m = {.job = job, .stage = WW_DECODE_WHOLE, .now = NOW, .octets = octets};
    ask(&m);
}

/* The next answer, borrowed until the next one. False: the decoder is gone. */
static bool hear(struct ww_msg_decoded *out)
{
    struct ww_slice whole;
    ww_pieces_begin(&pieces);
    for (;;) {
        const struct fake_message *m = fake_peer_next(&intake);
        if (m == NULL && intake.down)
            return false;
        if (m == NULL) {
            assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
            continue;
        }
        assert_int_equal(m->type, WW_MSG_DECODED);
        enum ww_pieces_state state = ww_pieces_take(&pieces, m->payload, &whole);
        assert_int_not_equal(state, WW_PIECES_BROKEN);
        if (state == WW_PIECES_WHOLE)
            break;
    }
    assert_int_equal(ww_msg_get_decoded(whole, out), WW_OK);
    return true;
}

static void hear_job(uint64_t job, struct ww_msg_decoded *out)
{
    assert_true(hear(out));
    assert_int_equal(out->job, job);
}

static void is_the_report(const struct ww_msg_decoded *d)
{
    enum ww_err err;
    size_t n;
    assert_null(ww_deviations_error(&d->deviations));
    struct ww_received *report = ww_msg_get_received(d->report, &err);
    assert_non_null(report);
    assert_int_equal(report->success, 7);
    assert_string_equal(report->policies[0].domain, "example.com");
    free(report);
    char *json = ww_gunzip(d->content, sizeof JSON, &n, &err);
    assert_non_null(json);
    assert_true(ww_slice_is(ww_slice(json, n), JSON));
    free(json);
}

static void is_refused(const struct ww_msg_decoded *d, enum ww_err why)
{
    const struct ww_deviation *error = ww_deviations_error(&d->deviations);
    assert_non_null(error);
    assert_string_equal(ww_err_id(error->rule), ww_err_id(why));
    assert_int_equal(d->content.n, 0);
}

/* ---- Tests ---- */

static char *make_mail(EVP_PKEY *key, size_t *n)
{
    char detail[256];
    enum ww_err err;
    struct ww_dkim_key signing = {.selector = "s", .domain = "reporter.example"};
    size_t zipped_n;
    char *zipped = ww_gzip(ww_slice_str(JSON), &zipped_n);
    char *pem = ww_dkim_key_write(key, &signing.pem_n);
    signing.pem = pem;
    const struct ww_report_mail mail = {.from = "tls@reporter.example",
                                        .to = "tls@example.com",
                                        .organization = "Reporter",
                                        .contact = "tls@reporter.example",
                                        .domain = "example.com",
                                        .submitter = "reporter.example",
                                        .report_id = "1@reporter.example",
                                        .file_name =
                                            "reporter.example!example.com!1795824000!1795910399!1.json.gz",
                                        .subject = "Report Domain: example.com Submitter: reporter.example "
                                                   "Report-ID: <1@reporter.example>",
                                        .begin = 1795824000,
                                        .end = 1795910399,
                                        .date = NOW,
                                        .host = "mta.reporter.example",
                                        .content = ww_slice(zipped, zipped_n),
                                        .key = &signing};
    char *text = ww_report_mail(&mail, n, &err, detail, sizeof detail);
    assert_non_null(text);
    ww_dkim_key_wipe(pem, signing.pem_n);
    free(zipped);
    return text;
}

/* As the intake does it: first which keys it takes, then all of it. */
static void a_mail_is_verified_and_read(void **state)
{
    static const enum ww_dkim_kind kinds[] = {WW_DKIM_RSA, WW_DKIM_ED25519};
    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct ww_dkim_public public;
        struct ww_msg_decoded d;
        size_t n;
        EVP_PKEY *key = ww_dkim_key_make(kinds[i]);
        assert_true(ww_dkim_key_public(key, &public));
        char *mail = make_mail(key, &n);
        struct ww_msg_decode m = {
            .job = 7, .stage = WW_DECODE_NAMES, .mail = true, .now = NOW, .octets = ww_slice(mail, n)};
        ask(&m);
        hear_job(7, &d);
        assert_int_equal(d.stage, WW_DECODE_NAMES);
        assert_int_equal(d.names.count, 1);
        assert_string_equal(d.names.names[0], "s._domainkey.reporter.example");
        m.stage = WW_DECODE_WHOLE;
        m.key_count = 1;
        memcpy(m.keys[0].name, d.names.names[0], sizeof m.keys[0].name);
        m.keys[0].found = WW_DKIM_KEY_FOUND;
        m.keys[0].record = ww_slice_str(public.record);
        ask(&m);
        hear_job(7, &d);
        assert_int_equal(d.stage, WW_DECODE_WHOLE);
        assert_string_equal(d.mail.dkim.detail, "");
        assert_int_equal(d.mail.dkim.result, WW_DKIM_PASS);
        assert_true(d.mail.dkim.aligned);
        assert_string_equal(d.mail.from, "tls@reporter.example");
        assert_string_equal(d.mail.submitter, "reporter.example");
        assert_string_equal(d.mail.about, "example.com");
        is_the_report(&d);
        free(mail);
        EVP_PKEY_free(key);
    }
}

/* What GMime would open files for, it has to do without. */
static void strange_charsets_are_no_end(void **state)
{
    static const char mail[] =
        "From: =?koi8-r?Q?=F0?= <tls@reporter.example>\r\nSubject: =?iso-2022-jp?B?GyRCJCIbKEI=?= "
        "=?x-none?Q?=FC?=\r\n"
        "Content-Type: application/tlsrpt+json; charset=utf-7; name*=big5''%A4%40.json\r\n\r\n" JSON;
    const struct ww_msg_decode m = {
        .job = 3, .stage = WW_DECODE_WHOLE, .mail = true, .now = NOW, .octets = ww_slice_str(mail)};
    struct ww_msg_decoded d;
    (void)state;
    ask(&m);
    hear_job(3, &d);
    is_the_report(&d);
    assert_string_equal(d.mail.from, "tls@reporter.example");
    assert_int_equal(d.mail.dkim.result, WW_DKIM_NONE);
}

static void answers_come_in_order(void **state)
{
    struct ww_msg_decoded d;
    (void)state;
    for (uint64_t job = 1; job <= 100; job++)
        ask_report(job, ww_slice_str(job % 3 == 0 ? "no JSON" : JSON));
    for (uint64_t job = 1; job <= 100; job++) {
        hear_job(job, &d);
        if (job % 3 == 0)
            is_refused(&d, WW_E_REPORT_NOT_OBJECT);
        else
            is_the_report(&d);
    }
}

static char *zeros(size_t n, size_t *zipped_n)
{
    char *p = calloc(1, n), *zipped = p != NULL ? ww_gzip_fast(ww_slice(p, n), zipped_n) : NULL;
    free(p);
    assert_non_null(zipped);
    return zipped;
}

static long resident_pages(void)
{
    char path[64], line[128] = "";
    (void)snprintf(path, sizeof path, "/proc/%d/statm", (int)decoder);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    (void)fclose(f);
    return strtol(strchr(line, ' '), NULL, 10);
}

/* What a bomb took is given back before the next. */
static void a_bomb_is_refused(void **state)
{
    struct ww_msg_decoded d;
    size_t n;
    char *bomb = zeros((size_t)200 << 20, &n);
    (void)state;
    for (uint64_t job = 1; job <= 3; job++) {
        ask_report(job, ww_slice(bomb, n));
        hear_job(job, &d);
        is_refused(&d, WW_E_REPORT_LARGE);
    }
    free(bomb);
    ask_report(4, ww_slice_str(JSON));
    hear_job(4, &d);
    is_the_report(&d);
#ifndef WW_SANITIZED
    assert_true(resident_pages() * sysconf(_SC_PAGESIZE) < (long)48 << 20);
#else
    (void)resident_pages;
#endif
}

/* As large as one may be, and larger: the process answers, and is the same. */
static void large_submissions_are_answered(void **state)
{
    struct ww_msg_decoded d;
    char *text = malloc(WW_MSG_SUBMISSION_MAX);
    (void)state;
    assert_non_null(text);
    memset(text, ' ', WW_MSG_SUBMISSION_MAX);
    memcpy(text, JSON, strlen(JSON));
    for (uint64_t job = 1; job <= 2; job++)
        ask_report(job, ww_slice(text, WW_MSG_SUBMISSION_MAX));
    for (uint64_t job = 1; job <= 2; job++) {
        hear_job(job, &d);
        assert_null(ww_deviations_error(&d.deviations));
        assert_true(d.content.n > 0);
    }
    free(text);
}

/* The next one answers what this one has not. */
static void killed_it_answers_nothing(void **state)
{
    struct ww_msg_decoded d;
    size_t n, answered = 0;
    char *large = zeros((size_t)40 << 20, &n);
    (void)state;
    for (uint64_t job = 1; job <= 20; job++)
        ask_report(job, ww_slice(large, n));
    hear_job(1, &d);
    assert_int_equal(kill(decoder, SIGKILL), 0);
    while (hear(&d))
        answered++;
    assert_true(answered < 19);
    assert_true(WIFSIGNALED(wait_end()));
    fake_peer_close(&supervisor);
    fake_peer_close(&intake);
    (void)start(NULL);
    ask_report(2, ww_slice_str(JSON));
    hear_job(2, &d);
    is_the_report(&d);
    free(large);
}

/* That it is set with each one is shown by their answers: one that it cannot be set for has none. */
static void the_alarm_ends_it(void **state)
{
    struct ww_msg_decoded d;
    (void)state;
    ask_report(1, ww_slice_str(JSON));
    hear_job(1, &d);
    assert_int_equal(kill(decoder, SIGPROF), 0);
    int status = wait_end();
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGPROF);
}

/* It is no answer that a report cannot be read when there was no memory to read it. */
static void without_memory_it_ends(void **state)
{
    struct ww_msg_decoded d;
    size_t n;
    char *large = zeros((size_t)60 << 20, &n);
    const struct rlimit limit = {.rlim_cur = (rlim_t)48 << 20, .rlim_max = (rlim_t)48 << 20};
    (void)state;
#ifndef WW_SANITIZED
    if (prlimit(decoder, RLIMIT_DATA, &limit, NULL) == 0) {
        ask_report(1, ww_slice(large, n));
        assert_false(hear(&d));
        int status = wait_end();
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), EXIT_FAILURE);
    }
#else
    (void)limit, (void)d;
#endif
    free(large);
}

/* What was under way belongs to the one that is gone. */
static void the_next_intake_begins_anew(void **state)
{
    struct ww_msg_decoded d;
    struct ww_buf half;
    char piece[64];
    (void)state;
    for (uint64_t job = 1; job <= 50; job++)
        ask_report(job, ww_slice_str(JSON));
    half = ww_buf(piece, sizeof piece);
    ww_msg_put_piece(&half, false, ww_slice_str("half of one"));
    fake_peer_send(&intake, WW_MSG_DECODE, &half);
    test_settle(base);
    fake_peer_close(&intake);
    introduce_intake();
    ask_report(99, ww_slice_str(JSON));
    hear_job(99, &d);
    is_the_report(&d);
}

/* An intake that has closed the channel for what this one said gets another one. */
static void without_an_intake_it_ends(void **state)
{
    struct ww_msg_decoded d;
    (void)state;
    ask_report(1, ww_slice_str(JSON));
    hear_job(1, &d);
    fake_peer_close(&intake);
    assert_int_equal(wait_end(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_mail_is_verified_and_read, start, stop),
        cmocka_unit_test_setup_teardown(strange_charsets_are_no_end, start, stop),
        cmocka_unit_test_setup_teardown(answers_come_in_order, start, stop),
        cmocka_unit_test_setup_teardown(a_bomb_is_refused, start, stop),
        cmocka_unit_test_setup_teardown(large_submissions_are_answered, start, stop),
        cmocka_unit_test_setup_teardown(killed_it_answers_nothing, start, stop),
        cmocka_unit_test_setup_teardown(the_alarm_ends_it, start, stop),
        cmocka_unit_test_setup_teardown(without_memory_it_ends, start, stop),
        cmocka_unit_test_setup_teardown(the_next_intake_begins_anew, start, stop),
        cmocka_unit_test_setup_teardown(without_an_intake_it_ends, start, stop),
    };
    ww_report_mail_init();
    base = event_base_new();
    if (base == NULL || !ww_pieces_init(&pieces, WW_MSG_DECODED_MAX))
        return EXIT_FAILURE;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ww_pieces_clear(&pieces);
    event_base_free(base);
    return failed;
}
