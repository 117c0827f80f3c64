/* LMTP over real sockets; what becomes of a mail says a fake of intake_jobs. */
#include "daemon/intake_lmtp.h"

#include "engine/lmtp.h"
#include "fake_peer.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define JOBS 256
#define SMALL ((size_t)200000)
#define LARGE ((size_t)24 << 20)
#define MAIL "MAIL FROM:<noreply@them.example>\r\nRCPT TO:<tlsrpt@us.example>\r\nDATA\r\n"
#define BEGIN "LHLO mta\r\n" MAIL

/* The fake: what was begun. */
struct ww_intake_jobs {
    enum ww_err refuses; /* WW_OK: none */
    size_t count;
    struct {
        bool forgotten;
        char peer[WW_LMTP_PATH_MAX];
        char *octets;
        size_t n;
        ww_intake_done *done;
        void *ctx;
    } list[JOBS];
};

static struct ww_intake_jobs jobs;

uint64_t ww_intake_jobs_begin(struct ww_intake_jobs *j, const struct ww_intake_submission *s,
                              ww_intake_done *done, void *ctx, enum ww_err *err)
{
    *err = j->refuses;
    if (j->refuses != WW_OK)
        return 0;
    assert_true(j->count < JOBS && s->mail && s->channel == WW_CHANNEL_LMTP);
    size_t i = j->count++;
    (void)snprintf(j->list[i].peer, sizeof j->list[i].peer, "%s", s->peer);
    j->list[i].octets = malloc(s->octets.n + 1);
    assert_non_null(j->list[i].octets);
    if (s->octets.n > 0)
        memcpy(j->list[i].octets, s->octets.p, s->octets.n);
    j->list[i].octets[s->octets.n] = '\0';
    j->list[i].n = s->octets.n;
    j->list[i].done = done;
    j->list[i].ctx = ctx;
    return i + 1;
}

void ww_intake_jobs_forget(struct ww_intake_jobs *j, uint64_t number)
{
    assert_false(j->list[number - 1].forgotten);
    j->list[number - 1].forgotten = true;
}

static void end_job(size_t i, enum ww_err err, enum ww_taken taken, uint64_t number)
{
    const struct ww_msg_taken m = {
        .job = i + 1, .err = err, .taken = taken, .number = number, .why = WW_E_GZIP};
    assert_true(i < jobs.count && !jobs.list[i].forgotten);
    jobs.list[i].done(jobs.list[i].ctx, &m);
}

static struct event_base *base;
static struct ww_config config;
static struct ww_intake_lmtp *lmtp;
static struct sockaddr_un at;
static socklen_t at_n;
static const struct ww_msg_listener listener = {.purpose = WW_LISTEN_LMTP, .name = "unix:lmtp"};

static int set_up(void **state)
{
    (void)state;
    memset(&jobs, 0, sizeof jobs);
    config.intake_max_size = SMALL;
    base = event_base_new();
    const struct ww_lmtp_patience patience = {600000, 600000};
    lmtp = ww_intake_lmtp_new(base, &config, &jobs);
    assert_non_null(lmtp);
    ww_intake_lmtp_set_patience(lmtp, &patience);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    at = (struct sockaddr_un){.sun_family = AF_UNIX};
    at_n = sizeof at;
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(sa_family_t)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &at_n), 0);
    assert_int_equal(listen(fd, 128), 0);
    ww_intake_lmtp_listener(lmtp, &listener, fd);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ww_intake_lmtp_free(lmtp);
    for (size_t i = 0; i < jobs.count; i++)
        free(jobs.list[i].octets);
    event_base_free(base);
    return 0;
}

static int dial(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, at_n), 0);
    return fd;
}

static void say_octets(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
        assert_true(sent > 0 || (sent < 0 && errno == EAGAIN));
        p += sent > 0 ? sent : 0;
        n -= sent > 0 ? (size_t)sent : 0;
        (void)event_base_loop(base, EVLOOP_NONBLOCK);
    }
    test_settle(base);
}

static void say(int fd, const char *text)
{
    say_octets(fd, text, strlen(text));
}

/* All that is there to be read now; *closed: and then the end. */
static const char *hear(int fd, bool *closed)
{
    static char heard[65536];
    size_t n = 0;
    ssize_t got;
    test_settle(base);
    while ((got = recv(fd, heard + n, sizeof heard - 1 - n, 0)) > 0)
        n += (size_t)got;
    assert_true(got == 0 || errno == EAGAIN);
    heard[n] = '\0';
    if (closed != NULL)
        *closed = got == 0;
    return heard;
}

static void expect(int fd, const char *part)
{
    const char *heard = hear(fd, NULL);
    if (strstr(heard, part) == NULL)
        fail_msg("no \"%s\" in \"%s\"", part, heard);
}

static void expect_end(int fd, const char *part)
{
    bool closed = false;
    const char *heard = hear(fd, &closed);
    if (strstr(heard, part) == NULL || !closed)
        fail_msg("no \"%s\", or no end, in \"%s\"", part, heard);
    (void)close(fd);
}

/* Turns until the other end has said something or is gone. */
static void wait_for(int fd)
{
    char c;
    while (recv(fd, &c, 1, MSG_PEEK) < 0)
        (void)event_base_loop(base, EVLOOP_ONCE);
}

static void test_outcomes(void **state)
{
    static const struct {
        enum ww_err err;
        enum ww_taken taken;
        const char *reply;
    } rows[] = {
        {WW_OK, WW_TAKEN_NEW, "250 2.0.0 new report 12\r\n"},
        {WW_OK, WW_TAKEN_AGAIN, "250 2.0.0 there already: report 12\r\n"},
        {WW_OK, WW_TAKEN_QUARANTINED,
         "250 2.0.0 kept in quarantine as 12: the octets are no gzip, or they end too early\r\n"},
        {WW_OK, WW_TAKEN_NOT_OURS, "250 2.0.0 not about our domains: nothing is kept\r\n"},
        {WW_E_STORE_FULL, WW_TAKEN_NEW, "451 4.3.0 the disk of the store is full: try again later\r\n"},
    };
    (void)state;
    int fd = dial();
    expect(fd, "220 ");
    say(fd, "LHLO mta\r\n");
    expect(fd, "250-SIZE 200000\r\n");
    for (size_t i = 0; i < COUNT(rows); i++) {
        say(fd, MAIL);
        expect(fd, "354 ");
        say(fd, "Subject: x\r\n\r\n..hi\r\n.\r\n");
        assert_string_equal(hear(fd, NULL), "");
        assert_int_equal(jobs.count, i + 1);
        assert_string_equal(jobs.list[i].peer, "noreply@them.example");
        assert_string_equal(jobs.list[i].octets, "Subject: x\r\n\r\n.hi\r\n");
        end_job(i, rows[i].err, rows[i].taken, 12);
        assert_string_equal(hear(fd, NULL), rows[i].reply);
    }
    say(fd, "QUIT\r\n");
    expect_end(fd, "221 ");
}

/* What does not wait for any answer is served in its order all the same. */
static void test_all_at_once(void **state)
{
    (void)state;
    int fd = dial();
    say(fd, BEGIN "one\r\n.\r\n" MAIL "two\r\n.\r\nQUIT\r\n");
    assert_int_equal(jobs.count, 1);
    end_job(0, WW_OK, WW_TAKEN_NEW, 1);
    assert_int_equal(jobs.count, 2);
    assert_string_equal(jobs.list[1].octets, "two\r\n");
    end_job(1, WW_OK, WW_TAKEN_NEW, 2);
    expect_end(fd, "new report 2\r\n221 ");
}

static void test_refused(void **state)
{
    (void)state;
    int fd = dial();
    jobs.refuses = WW_E_INTAKE_FULL;
    say(fd, BEGIN "one\r\n.\r\n");
    expect(fd, "\r\n451 4.3.0 as many reports are being taken in as there is room for: try again later\r\n");
    jobs.refuses = WW_OK;
    say(fd, MAIL "one\r\n.\r\n");
    assert_int_equal(jobs.count, 1);
    (void)close(fd);
}

static void test_recipients(void **state)
{
    unsigned n = 0;
    (void)state;
    int fd = dial();
    say(fd, "LHLO mta\r\nMAIL FROM:<>\r\n");
    for (int i = 0; i < WW_LMTP_RECIPIENTS_MAX; i++)
        say(fd, "RCPT TO:<r@us.example>\r\n");
    say(fd, "DATA\r\nx\r\n.\r\n");
    (void)hear(fd, NULL);
    assert_string_equal(jobs.list[0].peer, "");
    end_job(0, WW_OK, WW_TAKEN_NEW, 12);
    const char *heard = hear(fd, NULL);
    for (; (heard = strstr(heard, "250 2.0.0 new report 12\r\n")) != NULL; heard++)
        n++;
    assert_int_equal(n, WW_LMTP_RECIPIENTS_MAX);
    (void)close(fd);
}

/* One that has said all it has to say hears the answer; one that is gone is forgotten. */
static void test_leaving(void **state)
{
    char c;
    (void)state;
    int fd = dial();
    say(fd, BEGIN "x\r\n.\r\n");
    (void)shutdown(fd, SHUT_WR);
    test_settle(base);
    end_job(0, WW_OK, WW_TAKEN_NEW, 12);
    expect_end(fd, "new report 12\r\n");
    fd = dial();
    say(fd, BEGIN "x\r\n.\r\n");
    assert_true(recv(fd, &c, 1, MSG_PEEK) == 1);
    ww_intake_lmtp_stop(lmtp);
    assert_true(jobs.list[1].forgotten);
    (void)close(fd);
}

static void test_gone_in_mid_message(void **state)
{
    (void)state;
    int fd = dial();
    say(fd, BEGIN "x\r\n");
    (void)close(fd);
    test_settle(base);
    assert_int_equal(jobs.count, 0);
    fd = dial();
    expect(fd, "220 ");
    (void)close(fd);
}

static void test_times(void **state)
{
    static const struct {
        const char *said;
        struct ww_lmtp_patience patience;
        const char *reply;
    } rows[] = {
        {"", {20, 600000}, "421 4.4.2 "},
        {"LHLO mta\r\n", {20, 600000}, "421 4.4.2 "},
        {BEGIN "x\r\n", {600000, 20}, "421 4.4.2 it has taken too long\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ww_intake_lmtp_set_patience(lmtp, &rows[i].patience);
        int fd = dial();
        say(fd, rows[i].said);
        bool closed = false;
        char heard[4096] = "";
        while (!closed) {
            wait_for(fd);
            const char *more = hear(fd, &closed);
            assert_true(strlen(heard) + strlen(more) < sizeof heard);
            (void)strcat(heard, more); // NOLINT(clang-analyzer-security.insecureAPI.strcpy)
        }
        if (strstr(heard, rows[i].reply) == NULL)
            fail_msg("row %zu: \"%s\"", i, heard);
        (void)close(fd);
    }
    assert_int_equal(jobs.count, 0);
}

/* Octets that drip in are no command, however often they come. */
static void test_drip(void **state)
{
    const struct ww_lmtp_patience patience = {100, 600000};
    bool closed = false;
    (void)state;
    ww_intake_lmtp_set_patience(lmtp, &patience);
    int fd = dial();
    while (!closed) {
        (void)!send(fd, "x", 1, MSG_NOSIGNAL);
        test_run_ms(base, 5);
        (void)hear(fd, &closed);
    }
    (void)close(fd);
}

/* While a mail is on its way through the decoder and the keeper nothing is expected of the client. */
static void test_patience_with_jobs(void **state)
{
    const struct ww_lmtp_patience patience = {30, 30};
    (void)state;
    int fd = dial();
    say(fd, BEGIN "x\r\n");
    ww_intake_lmtp_set_patience(lmtp, &patience);
    say(fd, ".\r\n");
    test_run_ms(base, 100);
    end_job(0, WW_OK, WW_TAKEN_NEW, 12);
    expect(fd, "new report 12\r\n");
    (void)close(fd);
}

static void test_connections(void **state)
{
    int fds[WW_LMTP_CONNECTIONS_MAX + 1];
    (void)state;
    for (size_t i = 0; i < COUNT(fds); i++) {
        fds[i] = dial();
        if (i < WW_LMTP_CONNECTIONS_MAX)
            expect(fds[i], "220 ");
        else
            assert_string_equal(hear(fds[i], NULL), "");
    }
    (void)close(fds[0]);
    expect(fds[WW_LMTP_CONNECTIONS_MAX], "220 ");
    for (size_t i = 1; i < COUNT(fds); i++)
        (void)close(fds[i]);
}

static void say_much(int fd, size_t octets)
{
    static char lines[64000];
    if (lines[0] == '\0')
        for (size_t i = 0; i < sizeof lines; i++)
            lines[i] = i % 64 == 62 ? '\r' : i % 64 == 63 ? '\n' : 'x';
    for (; octets > 0; octets -= octets < sizeof lines ? octets : sizeof lines)
        say_octets(fd, lines, octets < sizeof lines ? octets : sizeof lines);
}

static void test_sizes(void **state)
{
    (void)state;
    int fd = dial();
    say(fd, BEGIN);
    say_much(fd, SMALL / 64 * 64);
    say(fd, ".\r\n");
    assert_int_equal(jobs.list[0].n, SMALL / 64 * 64);
    end_job(0, WW_OK, WW_TAKEN_NEW, 12);
    say(fd, MAIL);
    say_much(fd, SMALL / 64 * 64 + 64);
    (void)hear(fd, NULL);
    say(fd, ".\r\nNOOP\r\n");
    assert_string_equal(hear(fd, NULL), "552 5.3.4 the message is too large\r\n250 2.0.0 ok\r\n");
    assert_int_equal(jobs.count, 1);
    (void)close(fd);
}

/* Messages that are being received at a time have no more room than there is for all. */
static void test_receiving(void **state)
{
    int fds[3];
    (void)state;
    config.intake_max_size = LARGE;
    for (size_t i = 0; i < COUNT(fds); i++) {
        fds[i] = dial();
        say(fds[i], BEGIN);
        say_much(fds[i], LARGE / 4 * 3 / 64 * 64);
    }
    for (size_t i = 0; i < COUNT(fds); i++) {
        (void)hear(fds[i], NULL);
        say(fds[i], ".\r\n");
    }
    assert_true(jobs.count > 0 && jobs.count < COUNT(fds));
    expect(fds[2], "452 4.3.1 ");
    /* and what was received has given its room back */
    say(fds[2], MAIL);
    say_much(fds[2], LARGE / 4 * 3 / 64 * 64);
    size_t before = jobs.count;
    say(fds[2], ".\r\n");
    assert_int_equal(jobs.count, before + 1);
    for (size_t i = 0; i < COUNT(fds); i++)
        (void)close(fds[i]);
}

static void test_listener_gone(void **state)
{
    (void)state;
    int fd = dial(), other = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    expect(fd, "220 ");
    ww_intake_lmtp_listener_gone(lmtp, &listener);
    assert_int_equal(connect(other, (struct sockaddr *)&at, at_n), -1);
    say(fd, "LHLO mta\r\n");
    expect(fd, "250-");
    ww_intake_lmtp_stop(lmtp);
    expect_end(fd, "421 4.3.2 ");
    (void)close(other);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_outcomes),      TEST(test_all_at_once), TEST(test_refused),
        TEST(test_recipients),    TEST(test_leaving),     TEST(test_gone_in_mid_message),
        TEST(test_times),         TEST(test_drip),        TEST(test_patience_with_jobs),
        TEST(test_connections),   TEST(test_sizes),       TEST(test_receiving),
        TEST(test_listener_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
