/* The resolver as a confined process: asked through its channel, with DNS and policy hosts of the tests. */
#include "daemon/clock.h"
#include "daemon/config_text.h"
#include "daemon/role.h"
#include "fake_dns.h"
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
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const struct fake_name names[] = {
    {"_mta-sts.good", FAKE_TXT, "v=STSv1; id=20260101;"},
    {"mta-sts.good", FAKE_A, "127.3.0.1"},
    {"_mta-sts.expired", FAKE_TXT, "v=STSv1; id=1;"},
    {"mta-sts.expired", FAKE_A, "127.3.0.2"},
    {"_mta-sts.silent", FAKE_SILENT, NULL},
    {"_mta-sts.silent2", FAKE_SILENT, NULL},
    {"_mta-sts.silent3", FAKE_SILENT, NULL},
    {NULL, FAKE_TXT, NULL},
};

/* A name server that does not answer costs a second, a policy host two. */
static const char settings[] =
    "dns { forward = {\"127.0.0.53\"} timeout = \"1s\" }\n"
    "fetch { deadline = \"2s\" allow_addresses = {\"127.3.0.0/16\"} max_flights = 2\n"
    "ca_file = \"%s\" }\n"
    "user = \"nobody\"\n"
    "confine = %s\n";

static struct event_base *base;
static struct ww_chan *supervisor;
static struct ww_chan *front;
static pid_t resolver;
static bool ready;
static unsigned answers, surveys;
static struct ww_msg_surveyed surveyed;
static struct ww_msg_resolved last;
static char last_body[512];

static void on_supervisor(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    (void)ctx, (void)chan, (void)payload, (void)fd;
    ready = type == WW_MSG_READY;
}

static void on_front(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    (void)ctx, (void)chan, (void)fd;
    if (type == WW_MSG_SURVEYED) {
        assert_int_equal(ww_msg_get_surveyed(payload, &surveyed), WW_OK);
        surveys++;
        return;
    }
    assert_int_equal(type, WW_MSG_RESOLVED);
    assert_int_equal(ww_msg_get_resolved(payload, &last), WW_OK);
    assert_true(last.result.body.n < sizeof last_body);
    memset(last_body, 0, sizeof last_body);
    if (last.result.body.n > 0)
        memcpy(last_body, last.result.body.p, last.result.body.n);
    answers++;
}

static void on_down(void *ctx, struct ww_chan *chan)
{
    (void)ctx, (void)chan;
    fail_msg("the resolver is gone");
}

static struct ww_chan *channel(int fd, void (*message)(void *ctx, struct ww_chan *chan, uint16_t type,
                                                       struct ww_slice payload, int fd))
{
    const struct ww_chan_handlers handlers = {.message = message, .down = on_down};
    struct ww_chan *chan = ww_chan_new(base, fd, &handlers, NULL);
    assert_non_null(chan);
    return chan;
}

static void wait_for_answers(unsigned count)
{
    while (answers < count)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
}

static void introduce_front(void)
{
    const struct ww_msg_peer peer = {.kind = WW_ROLE_FRONT, .count = 1};
    char payload[64];
    struct ww_buf b = ww_buf(payload, sizeof payload);
    int fds[2];
    ww_msg_put_peer(&b, &peer);
    assert_int_equal(ww_chan_pair(fds), WW_OK);
    assert_int_equal(ww_chan_send(supervisor, WW_MSG_PEER, ww_slice(b.p, b.n), fds[1]), WW_OK);
    (void)close(fds[1]);
    front = channel(fds[0], on_front);
}

static void send_parts(uint64_t flight, const char *domain, bool sts, bool dane)
{
    struct ww_msg_resolve m = {.flight = flight, .sts = sts, .dane = dane};
    char payload[1024];
    struct ww_buf b = ww_buf(payload, sizeof payload);
    (void)snprintf(m.ask.domain, sizeof m.ask.domain, "%s", domain);
    ww_msg_put_resolve(&b, &m);
    assert_int_equal(ww_chan_send(front, WW_MSG_RESOLVE, ww_slice(b.p, b.n), -1), WW_OK);
}

static void send_ask(uint64_t flight, const char *domain)
{
    send_parts(flight, domain, true, false);
}

static void ask(uint64_t flight, const char *domain)
{
    unsigned before = answers;
    send_ask(flight, domain);
    wait_for_answers(before + 1);
    assert_int_equal(last.flight, flight);
}

static void confined_it_finds_and_fetches(void **state)
{
    (void)state;
    ask(7, "good");
    assert_int_equal(last.result.outcome, WW_FOUND_POLICY);
    assert_string_equal(last.result.id, "20260101");
    assert_string_equal(last_body, POLICY_HOST_BODY);
    ask(8, "expired");
    assert_int_equal(last.result.outcome, WW_FOUND_FETCH_FAILURE);
    assert_int_equal(last.result.why, WW_E_HTTPS_CERT_EXPIRED);
    ask(9, "nowhere");
    assert_int_equal(last.result.outcome, WW_FOUND_NO_RECORD);
}

/* The name server of the test signs nothing, and never has: there is nothing to be lost by saying so at once.
 */
static void where_dnssec_never_came_no_survey_is_made(void **state)
{
    (void)state;
    unsigned before = answers;
    send_parts(11, "silent", true, true);
    while (surveys == 0)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    assert_int_equal(answers, before);
    assert_int_equal(surveyed.flight, 11);
    assert_true(surveyed.survey.never_validated);
    wait_for_answers(before + 1);
    assert_int_equal(last.flight, 11);
    assert_int_equal(surveys, 1);
}

/* Two at a time: the good one has to wait until a silent one is given up, and the third silent one as well.
 */
static void flights_beyond_the_limit_wait(void **state)
{
    int64_t start = ww_clock_ms();
    unsigned before = answers;
    (void)state;
    send_ask(1, "silent");
    send_ask(2, "silent2");
    send_ask(3, "silent3");
    send_ask(4, "good");
    wait_for_answers(before + 4);
    int64_t took = ww_clock_ms() - start;
    if (took < 1400) /* all of them at once would take one deadline, a second */
        fail_msg("took %d ms", (int)took);
    /* One at a time, in order of coming, the good one would be the last. */
    assert_int_equal(last.flight, 3);
    /* Newer versions of libunbound give up before our deadline. */
    assert_true(last.result.why == WW_E_DNS_TIMEOUT || last.result.why == WW_E_DNS_SERVFAIL);
}

static void a_front_that_goes_takes_its_flights_along(void **state)
{
    int64_t start = ww_clock_ms();
    (void)state;
    for (uint64_t i = 0; i < 8; i++)
        send_ask(i, i % 2 == 0 ? "silent" : "silent2");
    (void)event_base_loop(base, EVLOOP_NONBLOCK);
    ww_chan_free(front);
    introduce_front();
    ask(100, "good");
    assert_int_equal(last.result.outcome, WW_FOUND_POLICY);
    assert_true(ww_clock_ms() - start < 3000); /* the eight would take four seconds at least */
}

static void asked_to_stop_it_ends(void **state)
{
    int status = -1;
    (void)state;
    send_ask(1, "silent");
    assert_int_equal(ww_chan_send(supervisor, WW_MSG_STOP, ww_slice("", 0), -1), WW_OK);
    assert_int_equal(waitpid(resolver, &status, 0), resolver);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* Only who is root outside of the namespace too can become somebody else. */
static void start_resolver(const char *ca_file, bool confine)
{
    char text[1024];
    struct ww_config_text config = {NULL, 0};
    int fds[2];
    (void)snprintf(text, sizeof text, settings, ca_file, confine ? "true" : "false");
    if (!ww_config_text_add(&config, text, strlen(text)) || ww_chan_pair(fds) != WW_OK)
        exit(1);
    int sealed = ww_config_text_seal(&config);
    ww_config_text_free(&config);
    resolver = netns_fork();
    if (resolver == 0) {
        (void)close(fds[0]);
        exit(ww_role_main(&ww_role_resolver, 0, fds[1], sealed));
    }
    (void)close(fds[1]);
    (void)close(sealed);
    base = event_base_new();
    supervisor = channel(fds[0], on_supervisor);
    while (!ready)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    introduce_front();
}

int main(void)
{
    char ca_file[] = "/tmp/waxwing-test-ca-XXXXXX";
    bool root = getuid() == 0;
    netns_enter();
    int fd = mkstemp(ca_file);
    if (fd < 0)
        return 1;
    (void)close(fd);
    struct pki *pki = pki_new(ca_file);
    pid_t pids[] = {
        policy_host(pki, "127.3.0.1", "mta-sts.good", LEAF_GOOD, HABIT_GOOD),
        policy_host(pki, "127.3.0.2", "mta-sts.expired", LEAF_EXPIRED, HABIT_GOOD),
        fake_dns("127.0.0.53", NULL, names),
    };
    pki_free(pki);
    start_resolver(ca_file, root);
    (void)unlink(ca_file);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(confined_it_finds_and_fetches),
        cmocka_unit_test(where_dnssec_never_came_no_survey_is_made),
        cmocka_unit_test(flights_beyond_the_limit_wait),
        cmocka_unit_test(a_front_that_goes_takes_its_flights_along),
        cmocka_unit_test(asked_to_stop_it_ends),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ww_chan_free(front);
    ww_chan_free(supervisor);
    event_base_free(base);
    for (size_t i = 0; i < COUNT(pids); i++)
        netns_end(pids[i]);
    return failed;
}
