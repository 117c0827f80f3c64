/* The courier as a confined process: its keeper is the test; so are DNS, hosts that take reports, and a mail
 * server. */
#include "core/rua.h"
#include "daemon/config_text.h"
#include "daemon/role.h"
#include "fake_dns.h"
#include "netns.h"
#include "policy_host.h"
#include "proc/msg_report.h"
#include "proc/msg_watch.h"

#include <event2/event.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define RECORD "v=TLSRPTv1; rua="
#define LONG_PATH                                                                                          \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define MAIL_SERVER "127.0.0.25"
#define HEARD_SIZE 65536

static const struct fake_name names[] = {
    {"_smtp._tls.one", FAKE_TXT, RECORD "mailto:tls@one"},
    {"_smtp._tls.both", FAKE_TXT, RECORD "mailto:tls@one,https://good/v1?x=y,ftp://x/"},
    {"_smtp._tls.broken", FAKE_TXT, RECORD "tls@one"},
    {"_smtp._tls.bogus", FAKE_BOGUS, RECORD "mailto:tls@one"},
    {"_smtp._tls.fails", FAKE_SERVFAIL, NULL},
    {"good", FAKE_A, "127.3.0.1"},
    {"expired", FAKE_A, "127.3.0.2"},
    {"other", FAKE_A, "127.3.0.3"},
    {"missing", FAKE_A, "127.3.0.4"},
    {"moved", FAKE_A, "127.3.0.5"},
    {"old", FAKE_A, "127.3.0.6"},
    {"private", FAKE_A, "10.0.0.1"},
    {"closed", FAKE_A, "127.3.0.9"},
    {NULL, FAKE_TXT, NULL},
};

static char key_file[] = "/tmp/waxwing-test-dkim-XXXXXX";
static char log_file[] = "/tmp/waxwing-test-log-XXXXXX";
static const char settings[] =
    "dns { forward = {\"127.0.0.53\"} trust_anchor = \"%s\" timeout = \"2s\" }\n"
    "fetch { ca_file = \"%s\" }\n"
    "report { contact = \"tls@us.example\" smtp = \"" MAIL_SERVER ":25\" per_destination = 4\n"
    "dkim_key = \"%s\" dkim_selector = \"s1\" allow_addresses = {\"127.3.0.0/16\"} }\n"
    "user = \"nobody\"\n"
    "confine = %s\n";

/* What the mail server and the test share. */
static struct {
    char heard[HEARD_SIZE]; /* the last mail */
    volatile int holding;   /* a mail waits for */
    volatile int release;   /* that */
} * mail;

static struct event_base *base;
static struct ww_chan *supervisor, *keeper;
static pid_t courier;
static bool ready;

/* What the courier has told of one report. */
static struct {
    unsigned rooms, room, targets, tries, dones;
    struct ww_msg_report_targets found;
    char uris[1024];
    struct ww_msg_report_tried tried[WW_MSG_REPORT_TARGETS_MAX];
} told;

static void on_supervisor(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    (void)ctx, (void)chan, (void)payload, (void)fd;
    ready = type == WW_MSG_READY;
}

static void on_targets(struct ww_slice payload)
{
    struct ww_slice uri;
    struct ww_buf b = ww_buf(told.uris, sizeof told.uris - 1);
    assert_int_equal(ww_msg_get_report_targets(payload, &told.found), WW_OK);
    struct ww_cursor c = ww_cursor(told.found.targets.p, told.found.targets.n);
    while (ww_msg_next_part(&c, &uri)) {
        ww_buf_slice(&b, uri);
        ww_buf_char(&b, ' ');
    }
    told.uris[b.n] = '\0';
    told.targets++;
}

static void on_courier(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct ww_msg_courier_room room;
    struct ww_msg_report_done done;
    (void)ctx, (void)chan, (void)fd;
    if (type == WW_MSG_COURIER_ROOM) {
        assert_int_equal(ww_msg_get_courier_room(payload, &room), WW_OK);
        told.room = room.room;
        told.rooms++;
    } else if (type == WW_MSG_REPORT_TARGETS) {
        on_targets(payload);
    } else if (type == WW_MSG_REPORT_TRIED) {
        assert_true(told.tries < WW_MSG_REPORT_TARGETS_MAX);
        assert_int_equal(ww_msg_get_report_tried(payload, &told.tried[told.tries++]), WW_OK);
    } else {
        assert_int_equal(type, WW_MSG_REPORT_DONE);
        assert_int_equal(ww_msg_get_report_done(payload, &done), WW_OK);
        told.dones++;
    }
}

static void on_down(void *ctx, struct ww_chan *chan)
{
    (void)ctx, (void)chan;
}

static struct ww_chan *channel(int fd, void (*message)(void *ctx, struct ww_chan *chan, uint16_t type,
                                                       struct ww_slice payload, int fd))
{
    const struct ww_chan_handlers handlers = {.message = message, .down = on_down};
    struct ww_chan *chan = ww_chan_new(base, fd, &handlers, NULL);
    assert_non_null(chan);
    return chan;
}

static void turn(void)
{
    assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
}

/* ---- The keeper ---- */

static void introduce_keeper(void)
{
    const struct ww_msg_peer peer = {.kind = WW_ROLE_KEEPER, .count = 1};
    char payload[64];
    struct ww_buf b = ww_buf(payload, sizeof payload);
    int fds[2];
    ww_msg_put_peer(&b, &peer);
    assert_int_equal(ww_chan_pair(fds), WW_OK);
    assert_int_equal(ww_chan_send(supervisor, WW_MSG_PEER, ww_slice(b.p, b.n), fds[1]), WW_OK);
    (void)close(fds[1]);
    keeper = channel(fds[0], on_courier);
}

static struct ww_slice parts_of(char *space, size_t size, const char *const *uris)
{
    struct ww_buf b = ww_buf(space, size);
    for (; *uris != NULL; uris++)
        ww_msg_put_part(&b, ww_slice_str(*uris));
    assert_false(b.failed);
    return ww_slice(b.p, b.n);
}

/* In pieces of a size that cuts through whatever stands there. NULL as targets: look them up. */
static void give(uint64_t number, const char *domain, const char *record, const char *const *uris)
{
    static char space[65536], parts[8192], piece[512];
    struct ww_msg_report m = {.number = number,
                              .id = "2026-11-28.1.one.0123@us.example",
                              .organization = "Us",
                              .contact = "tls@us.example",
                              .begin = 1795824000,
                              .end = 1795910399,
                              .success = 7,
                              .failure = 1,
                              .look_up = uris == NULL,
                              .record = ww_slice_str(record),
                              .content = ww_slice_str("no gzip, but who knows")};
    struct ww_buf b = ww_buf(space, sizeof space);
    memset(&told, 0, sizeof told);
    (void)snprintf(m.domain, sizeof m.domain, "%s", domain);
    m.targets = uris != NULL ? parts_of(parts, sizeof parts, uris) : ww_slice("", 0);
    ww_msg_put_report(&b, &m);
    for (size_t at = 0; at < b.n; at += 200) {
        size_t n = b.n - at < 200 ? b.n - at : 200;
        struct ww_buf p = ww_buf(piece, sizeof piece);
        ww_msg_put_piece(&p, at + n == b.n, ww_slice(b.p + at, n));
        assert_int_equal(ww_chan_send(keeper, WW_MSG_REPORT, ww_slice(p.p, p.n), -1), WW_OK);
    }
}

static void say_where(uint64_t number, const char *const *uris)
{
    static char space[8192], parts[8192];
    const struct ww_msg_report_send m = {.number = number, .targets = parts_of(parts, sizeof parts, uris)};
    struct ww_buf b = ww_buf(space, sizeof space);
    ww_msg_put_report_send(&b, &m);
    assert_int_equal(ww_chan_send(keeper, WW_MSG_REPORT_SEND, ww_slice(b.p, b.n), -1), WW_OK);
}

static void wait_done(void)
{
    while (told.dones == 0)
        turn();
    assert_int_equal(told.dones, 1);
}

static void deliver(const char *const *uris)
{
    give(9, "one", "", uris);
    wait_done();
}

static const struct ww_msg_report_tried *tried(const char *uri)
{
    for (unsigned i = 0; i < told.tries; i++)
        if (strcmp(told.tried[i].uri, uri) == 0)
            return &told.tried[i];
    fail_msg("%s was not tried", uri);
    return NULL;
}

/* ---- Tests ---- */

static const struct sample {
    const char *uri;
    enum ww_target_outcome outcome;
    bool insecure;
    const char *words; /* that stand in what is told */
} samples[] = {
    {"https://good/v1", WW_TRIED_ACCEPTED, false, ""},
    {"https://expired/v1", WW_TRIED_ACCEPTED, true, "https-cert-expired"},
    {"https://other/v1", WW_TRIED_ACCEPTED, true, "https-cert-name"},
    {"https://missing/", WW_TRIED_REFUSED, false, "missing answers with status 404"},
    {"https://moved/", WW_TRIED_REFUSED, false, "redirects are not followed"},
    {"https://old/", WW_TRIED_LATER, false, "https-tls-version"},
    {"https://private/", WW_TRIED_LATER, false, "10.0.0.1 is private-use (see report.allow_addresses)"},
    {"https://closed/", WW_TRIED_LATER, false, "https-connect"},
    {"https://nowhere/", WW_TRIED_LATER, false, "fetch-no-address"},
    {"mailto:tls@m1", WW_TRIED_ACCEPTED, false, ""},
    {"mailto:no@m2", WW_TRIED_REFUSED, false, "550 nobody"},
    {"mailto:later@m3", WW_TRIED_LATER, false, "451 busy"},
    {"mailto:a", WW_TRIED_UNSUPPORTED, false, "mailto:"},
    {"ftp://x/", WW_TRIED_UNSUPPORTED, false, "https:"},
};

static void each_destination_has_an_end_of_its_own(void **state)
{
    const char *uris[COUNT(samples) + 1];
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++)
        uris[i] = samples[i].uri;
    uris[COUNT(samples)] = NULL;
    deliver(uris);
    assert_int_equal(told.tries, COUNT(samples));
    for (size_t i = 0; i < COUNT(samples); i++) {
        const struct sample *s = &samples[i];
        const struct ww_msg_report_tried *t = tried(s->uri);
        if (t->number != 9 || t->outcome != s->outcome || t->insecure != s->insecure ||
            (s->words[0] == '\0' ? t->detail[0] != '\0' : strstr(t->detail, s->words) == NULL))
            fail_msg("%s: %s%s: %s", s->uri, ww_target_outcome_name(t->outcome),
                     t->insecure ? " insecure" : "", t->detail);
    }
}

static void a_mail_is_signed_and_says_what_it_is(void **state)
{
    static const char *const uris[] = {"mailto:tls@m9", NULL};
    static const char *const wanted[] = {"MAIL FROM:<tls@us.example>",
                                         "RCPT TO:<tls@m9>",
                                         "TLS-Report-Domain: one",
                                         "TLS-Required: No",
                                         "DKIM-Signature:",
                                         "TLS-Report-Submitter: us.example",
                                         "s=s1",
                                         "report-type=\"tlsrpt\"",
                                         "application/tlsrpt+gzip"};
    (void)state;
    deliver(uris);
    assert_int_equal(told.tried[0].outcome, WW_TRIED_ACCEPTED);
    for (size_t i = 0; i < COUNT(wanted); i++)
        if (strcasestr(mail->heard, wanted[i]) == NULL)
            fail_msg("not said: %s\nbut: %s", wanted[i], mail->heard);
}

static void a_domain_gets_its_share(void **state)
{
    static const char *const three[] = {"mailto:a@m4", "mailto:b@m4", "mailto:c@m4", NULL};
    static const char *const one[] = {"mailto:a@m4", NULL}, *const other[] = {"mailto:a@m5", NULL};
    (void)state;
    deliver(three); /* two at a time */
    assert_int_equal(tried("mailto:a@m4")->outcome, WW_TRIED_ACCEPTED);
    assert_int_equal(tried("mailto:b@m4")->outcome, WW_TRIED_ACCEPTED);
    assert_int_equal(tried("mailto:c@m4")->outcome, WW_TRIED_POSTPONED);
    for (int i = 0; i < 3; i++) { /* four a minute */
        deliver(one);
        assert_int_equal(told.tried[0].outcome, i < 2 ? WW_TRIED_ACCEPTED : WW_TRIED_POSTPONED);
    }
    deliver(other);
    assert_int_equal(told.tried[0].outcome, WW_TRIED_ACCEPTED);
}

static void the_record_says_where_to(void **state)
{
    static const struct {
        const char *domain, *record; /* that an MTA saw */
        enum ww_record_found found;
        const char *uris, *words;
    } cases[] = {
        {"one", "", WW_RECORD_PRESENT, "mailto:tls@one ", ""},
        {"one", RECORD "mailto:x@y", WW_RECORD_PRESENT, "mailto:tls@one ", ""},
        {"both", "", WW_RECORD_PRESENT, "mailto:tls@one https://good/v1?x=y ftp://x/ ", ""},
        {"none", "", WW_RECORD_ABSENT, "", ""},
        {"none", RECORD "mailto:x@y", WW_RECORD_ABSENT, "", ""},
        {"broken", RECORD "mailto:x@y", WW_RECORD_ABSENT, "", "the record is not valid"},
        {"bogus", RECORD "mailto:x@y", WW_RECORD_NOT_NOW, "", "dns-bogus"},
        {"fails", "", WW_RECORD_NOT_NOW, "", "dns-servfail"},
        {"fails", "v=TLSRPTv1; rua", WW_RECORD_NOT_NOW, "", "dns-servfail"},
        {"fails", RECORD "mailto:x@y", WW_RECORD_PRESENT, "mailto:x@y ", "dns-servfail"},
        {"fails",
         RECORD "mailto:x@y,mailto:x@Y,MAILTO:X@y,mailto:%78@y,mailto:x@y?subject=z,https://h,HTTPS://H:443/",
         WW_RECORD_PRESENT, "mailto:x@y https://h ", "dns-servfail"},
        {"fails", RECORD "https://h:444/,https://h/,https://h/a,ftp:x,ftp:x", WW_RECORD_PRESENT,
         "https://h:444/ https://h/ https://h/a ftp:x ftp:x ", "dns-servfail"},
        {"fails", RECORD "mailto:x@y,https://" LONG_PATH "/" LONG_PATH LONG_PATH, WW_RECORD_PRESENT,
         "mailto:x@y ", "1 destinations are too long"},
    };
    static const char *const nowhere[] = {NULL};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        give(100 + i, cases[i].domain, cases[i].record, NULL);
        while (told.targets == 0)
            turn();
        if (told.found.number != 100 + i || told.found.found != cases[i].found ||
            strcmp(told.uris, cases[i].uris) != 0 || strstr(told.found.detail, cases[i].words) == NULL ||
            (cases[i].words[0] == '\0' && told.found.detail[0] != '\0'))
            fail_msg("%zu %s: %d \"%s\" %s", i, cases[i].domain, (int)told.found.found, told.uris,
                     told.found.detail);
        if (cases[i].found == WW_RECORD_PRESENT)
            say_where(100 + i, nowhere);
        wait_done();
        assert_int_equal(told.tries, 0);
    }
}

static void the_keeper_has_the_last_word(void **state)
{
    static const char *const one[] = {"https://good/v1?x=y", NULL}, *const other[] = {"mailto:all@here",
                                                                                      NULL};
    (void)state;
    give(7, "both", "", NULL);
    while (told.targets == 0)
        turn();
    say_where(8, other); /* of another report: nothing */
    say_where(7, one);
    say_where(7, other); /* and once */
    wait_done();
    assert_int_equal(told.tries, 1);
    assert_int_equal(tried(one[0])->outcome, WW_TRIED_ACCEPTED);
}

static void nonsense_is_nothing(void **state)
{
    static const char *const twice[] = {"mailto:tls@m6", "mailto:tls@m6", "", NULL};
    (void)state;
    memset(&told, 0, sizeof told);
    assert_int_equal(ww_chan_send(keeper, WW_MSG_REPORT, ww_slice("\0\1x", 3), -1), WW_OK);
    assert_int_equal(ww_chan_send(keeper, WW_MSG_REPORT_SEND, ww_slice("x", 1), -1), WW_OK);
    assert_int_equal(ww_chan_send(keeper, WW_MSG_LOOK, ww_slice("x", 1), -1), WW_OK);
    while (told.rooms == 0)
        turn();
    assert_int_equal(told.room, 4); /* one that was nonsense takes none */
    deliver(twice);
    assert_int_equal(told.tries, 1);
}

/* It is 0644 here. */
static void a_key_that_others_can_read_is_told_of(void **state)
{
    char line[1024] = "";
    FILE *f = fopen(log_file, "r");
    bool told_of = false;
    (void)state;
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL)
        told_of = told_of || (strstr(line, "dkim-key-open") != NULL && strstr(line, key_file) != NULL);
    (void)fclose(f);
    assert_true(told_of);
}

static void hold(void)
{
    static const char *const uris[] = {"mailto:hold@m7", NULL};
    mail->release = mail->holding = 0;
    give(11, "one", "", uris);
    while (mail->holding == 0) {
        (void)event_base_loop(base, EVLOOP_NONBLOCK);
        usleep(1000);
    }
}

/* What was on its way when the keeper went is not lost: the next one is told. */
static void the_next_keeper_is_told(void **state)
{
    (void)state;
    hold();
    give(12, "one", "", NULL); /* of this one nothing is tried */
    while (told.targets == 0)
        turn();
    ww_chan_free(keeper);
    memset(&told, 0, sizeof told);
    introduce_keeper();
    while (told.rooms == 0)
        turn();
    assert_int_equal(told.room, 3);
    mail->release = 1;
    wait_done();
    assert_int_equal(told.tries, 1);
    assert_int_equal(told.tried[0].number, 11);
    assert_int_equal(told.tried[0].outcome, WW_TRIED_ACCEPTED);
}

static void asked_to_stop_it_tells_of_what_it_sends(void **state)
{
    int status = -1;
    (void)state;
    hold();
    assert_int_equal(ww_chan_send(supervisor, WW_MSG_STOP, ww_slice("", 0), -1), WW_OK);
    mail->release = 1;
    wait_done();
    assert_int_equal(told.tried[0].outcome, WW_TRIED_ACCEPTED);
    assert_int_equal(waitpid(courier, &status, 0), courier);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- The mail server ---- */

static const char *answer(const char *line, bool *data)
{
    *data = strncmp(line, "DATA", 4) == 0;
    if (*data)
        return "354 go on\r\n";
    if (strncmp(line, "RCPT TO:<no@", 12) == 0)
        return "550 nobody of that name\r\n";
    if (strncmp(line, "RCPT TO:<later@", 15) == 0)
        return "451 busy\r\n";
    return strncmp(line, "QUIT", 4) == 0 ? "221 bye\r\n" : "250 ok\r\n";
}

static void converse(int fd)
{
    static char heard[HEARD_SIZE];
    char line[1100];
    bool data = false;
    FILE *f = fdopen(fd, "r+");
    (void)fputs("220 mx.example ESMTP\r\n", f);
    while (fflush(f) == 0 && fgets(line, sizeof line, f) != NULL) {
        if (strlen(heard) + strlen(line) < sizeof heard)
            (void)strcat(heard, line);
        if (!data) {
            (void)fputs(answer(line, &data), f);
        } else if (strcmp(line, ".\r\n") == 0) {
            memcpy(mail->heard, heard, sizeof heard);
            mail->holding = strstr(heard, "RCPT TO:<hold@") != NULL;
            while (mail->holding && !mail->release)
                usleep(1000);
            (void)fputs("250 ok\r\n", f);
            data = false;
        }
    }
    (void)fclose(f);
}

static pid_t mail_server(void)
{
    int listener = netns_listen(MAIL_SERVER, 25, SOCK_STREAM, 8);
    pid_t pid = netns_fork();
    while (pid == 0) {
        int fd = accept(listener, NULL, NULL);
        if (netns_fork() == 0) {
            converse(fd);
            _exit(0);
        }
        (void)close(fd);
    }
    (void)close(listener);
    return pid;
}

/* ---- The whole ---- */

static char ca_file[] = "/tmp/waxwing-test-ca-XXXXXX";
static char anchor_file[] = "/tmp/waxwing-test-anchor-XXXXXX";

static void make_file(char *name)
{
    int fd = mkstemp(name);
    if (fd < 0 || fchmod(fd, 0644) != 0)
        exit(1);
    (void)close(fd);
}

static void make_dkim_key(void)
{
    EVP_PKEY *key = EVP_RSA_gen(2048);
    FILE *f = fopen(key_file, "w");
    if (key == NULL || f == NULL || PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) != 1)
        exit(1);
    (void)fclose(f);
    EVP_PKEY_free(key);
}

/* Only who is root outside of the namespace too can become somebody else. */
static void start_courier(bool confine)
{
    char text[2048];
    struct ww_config_text config = {NULL, 0};
    int fds[2];
    (void)snprintf(text, sizeof text, settings, anchor_file, ca_file, key_file, confine ? "true" : "false");
    if (!ww_config_text_add(&config, text, strlen(text)) || ww_chan_pair(fds) != WW_OK)
        exit(1);
    int sealed = ww_config_text_seal(&config);
    ww_config_text_free(&config);
    courier = netns_fork();
    if (courier == 0) {
        (void)close(fds[0]);
        if (freopen(log_file, "w", stderr) == NULL)
            exit(1);
        exit(ww_role_main(&ww_role_courier, 0, fds[1], sealed));
    }
    (void)close(fds[1]);
    (void)close(sealed);
    base = event_base_new();
    supervisor = channel(fds[0], on_supervisor);
    while (!ready)
        turn();
    introduce_keeper();
    while (told.rooms == 0)
        turn();
}

int main(void)
{
    bool root = getuid() == 0;
    netns_enter();
    make_file(ca_file);
    make_file(anchor_file);
    make_file(key_file);
    make_file(log_file);
    make_dkim_key();
    mail = mmap(NULL, sizeof *mail, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct pki *pki = pki_new(ca_file);
    struct fake_key *key = fake_key_new();
    fake_key_publish(key, anchor_file);
    pid_t pids[] = {
        policy_host(pki, "127.3.0.1", "good", LEAF_GOOD, HABIT_GOOD),
        policy_host(pki, "127.3.0.2", "expired", LEAF_EXPIRED, HABIT_ENDLESS),
        policy_host(pki, "127.3.0.3", "other", LEAF_WRONG_NAME, HABIT_GOOD),
        policy_host(pki, "127.3.0.4", "missing", LEAF_GOOD, HABIT_MISSING),
        policy_host(pki, "127.3.0.5", "moved", LEAF_GOOD, HABIT_REDIRECT),
        policy_host(pki, "127.3.0.6", "old", LEAF_GOOD, HABIT_TLS11),
        fake_dns("127.0.0.53", key, names),
        mail_server(),
    };
    fake_key_free(key);
    pki_free(pki);
    start_courier(root);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_that_others_can_read_is_told_of),
        cmocka_unit_test(each_destination_has_an_end_of_its_own),
        cmocka_unit_test(a_mail_is_signed_and_says_what_it_is),
        cmocka_unit_test(a_domain_gets_its_share),
        cmocka_unit_test(the_record_says_where_to),
        cmocka_unit_test(the_keeper_has_the_last_word),
        cmocka_unit_test(nonsense_is_nothing),
        cmocka_unit_test(the_next_keeper_is_told),
        cmocka_unit_test(asked_to_stop_it_tells_of_what_it_sends),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ww_chan_free(keeper);
    ww_chan_free(supervisor);
    event_base_free(base);
    for (size_t i = 0; i < COUNT(pids); i++)
        netns_end(pids[i]);
    (void)unlink(ca_file);
    (void)unlink(anchor_file);
    (void)unlink(key_file);
    (void)unlink(log_file);
    return failed;
}
