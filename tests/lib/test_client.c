/* The client against something that only looks like waxwingd. */
#include "fake_daemon.h"

#include <waxwing/waxwing.h>

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static struct fake_daemon daemon_;

/* The library's clocks, as the linker binds them: somebody sets the one, and the other goes on. */
static int64_t wall_jump, boot_jump;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): the header's is reserved */
time_t time(time_t *out)
{
    struct timespec t;
    (void)syscall(SYS_clock_gettime, CLOCK_REALTIME, &t);
    if (out != NULL)
        *out = t.tv_sec + wall_jump;
    return t.tv_sec + wall_jump;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): the header's is reserved */
int clock_gettime(clockid_t id, struct timespec *t)
{
    int status = (int)syscall(SYS_clock_gettime, id, t);
    t->tv_sec += id == CLOCK_BOOTTIME ? boot_jump : 0;
    return status;
}

static int setup(void **state)
{
    (void)state;
    fake_daemon_up(&daemon_);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fake_daemon_gone(&daemon_);
    return 0;
}

static struct waxwing_client *client_with(struct waxwing_client_options o)
{
    struct waxwing_client *c;
    o.size = sizeof o;
    o.address = daemon_.address;
    assert_null(waxwing_client_new(&o, &c));
    return c;
}

static struct waxwing_client *client(void)
{
    return client_with((struct waxwing_client_options){.deadline_ms = 60000});
}

static struct waxwing_query *start(struct waxwing_client *c, const char *domain)
{
    struct waxwing_query *q;
    assert_null(waxwing_query_start(c, domain, &q));
    (void)waxwing_query_step(q);
    return q;
}

/* A decision that ends with this error: "ok" for none. */
static struct waxwing_decision *result(struct waxwing_query *q, const char *id)
{
    struct waxwing_decision *d;
    assert_string_equal(waxwing_error_id(waxwing_query_result(q, &d)), id);
    assert_non_null(d);
    return d;
}

static void expect(struct waxwing_decision *d, enum waxwing_level level, enum waxwing_source source)
{
    assert_int_equal(waxwing_decision_level(d), level);
    assert_int_equal(waxwing_decision_source(d), source);
    waxwing_decision_free(d);
}

#define WHY " section=\"RFC 8461 section 5\" why=\"the MTA-STS policy is enforced\""
#define SECURE "OK v=1 domain=a.de level=secure mode=enforce id=7 source=cache"

/* Asks over a new connection; the daemon says this. */
static struct waxwing_decision *answered(struct waxwing_client *c, const char *domain, const char *reply,
                                         const char *id)
{
    char request[300];
    struct waxwing_query *q = start(c, domain);
    (void)snprintf(request, sizeof request, "DECISION %s", domain);
    fake_daemon_take(&daemon_);
    fake_daemon_expect(&daemon_, request);
    fake_daemon_reply(&daemon_, reply);
    return result(q, id);
}

static void an_answer_is_all_that_was_told(void **state)
{
    (void)state;
    struct waxwing_client *c = client();
    enum waxwing_mode mode;
    enum waxwing_dane dane;
    struct waxwing_decision *d = answered(
        c, "a.de",
        SECURE " expires=2026-12-06T00:00:00Z until=2026-11-30T00:00:00Z dane=secure host=mx.a.de/none" WHY
               " mx=mx.a.de mx=*.b.de",
        "ok");
    waxwing_client_free(c);
    assert_string_equal(waxwing_decision_domain(d), "a.de");
    assert_int_equal(waxwing_decision_level(d), WAXWING_LEVEL_SECURE);
    assert_int_equal(waxwing_decision_source(d), WAXWING_SOURCE_CACHE);
    assert_true(waxwing_decision_mode(d, &mode));
    assert_int_equal(mode, WAXWING_MODE_ENFORCE);
    assert_string_equal(waxwing_decision_policy_id(d), "7");
    assert_int_equal(waxwing_decision_policy_expires(d), 1796515200);
    assert_int_equal(waxwing_decision_until(d), 1795996800);
    assert_string_equal(waxwing_decision_section(d), "RFC 8461 section 5");
    assert_string_equal(waxwing_decision_why(d), "the MTA-STS policy is enforced");
    assert_int_equal(waxwing_decision_mx_count(d), 2);
    assert_true(waxwing_decision_mx_enforced(d));
    assert_string_equal(waxwing_decision_mx(d, 0), "mx.a.de");
    assert_string_equal(waxwing_decision_mx(d, 1), "*.b.de");
    assert_null(waxwing_decision_mx(d, 2));
    assert_int_equal(waxwing_decision_mx_security(d), WAXWING_MX_SECURE);
    assert_int_equal(waxwing_decision_host_count(d), 1);
    assert_string_equal(waxwing_decision_host(d, 0, &dane), "mx.a.de");
    assert_int_equal(dane, WAXWING_DANE_NONE);
    assert_null(waxwing_decision_host(d, 1, NULL));
    assert_false(waxwing_decision_dry_run(d, NULL));
    assert_true(waxwing_decision_allows(d, "x.b.de."));
    assert_false(waxwing_decision_allows(d, "b.de"));
    waxwing_decision_free(d);
}

/* Of which a program hears as of a policy, but that there is none. */
static void a_preload_list_is_no_policy(void **state)
{
    (void)state;
    struct waxwing_client *c = client();
    struct waxwing_decision *d = answered(c, "a.de",
                                          "OK v=1 domain=a.de level=secure expires=2026-12-06T00:00:00Z "
                                          "source=preload until=2026-11-30T00:00:00Z mx=mx.a.de",
                                          "ok");
    waxwing_client_free(c);
    assert_int_equal(waxwing_decision_source(d), WAXWING_SOURCE_PRELOAD);
    assert_false(waxwing_decision_mode(d, NULL));
    assert_string_equal(waxwing_decision_policy_id(d), "");
    assert_int_equal(waxwing_decision_policy_expires(d), 1796515200);
    assert_true(waxwing_decision_mx_enforced(d));
    assert_false(waxwing_decision_allows(d, "mx.b.de"));
    const struct waxwing_seen clear = {.size = sizeof clear, .host = "mx.a.de"};
    struct waxwing_judgement j = {.size = sizeof j};
    assert_int_equal(waxwing_judge(d, &clear, &j), WAXWING_SKIP);
    assert_int_equal(j.policy_type, WAXWING_POLICY_TYPE_NONE);
    assert_int_equal(j.result, WAXWING_RESULT_STARTTLS_NOT_SUPPORTED);
    waxwing_decision_free(d);
}

static void a_dry_run_is_told(void **state)
{
    (void)state;
    struct waxwing_client *c = client();
    enum waxwing_level withheld;
    struct waxwing_decision *d =
        answered(c, "a.de", "OK v=1 domain=a.de level=none withheld=secure source=live", "ok");
    assert_true(waxwing_decision_dry_run(d, &withheld));
    assert_int_equal(withheld, WAXWING_LEVEL_SECURE);
    assert_string_equal(waxwing_decision_why(d), "");
    waxwing_decision_free(d);
    waxwing_client_free(c);
}

/* Names that are none are asked all the same: what they are is waxwingd's to say. */
static void names_are_asked_in_their_canonical_form(void **state)
{
    (void)state;
    struct waxwing_client *c = client();
    struct waxwing_query *q = start(c, "A.de.");
    fake_daemon_take(&daemon_);
    fake_daemon_expect(&daemon_, "DECISION a.de");
    fake_daemon_reply(&daemon_, SECURE);
    waxwing_decision_free(result(q, "ok"));
    q = start(c, "b\xc3\xbc"
                 "cher.de");
    fake_daemon_expect(&daemon_, "DECISION b\xc3\xbc"
                                 "cher.de");
    fake_daemon_reply(&daemon_, "OK v=1 domain=xn--bcher-kva.de level=none source=live");
    struct waxwing_decision *d = result(q, "ok");
    assert_string_equal(waxwing_decision_domain(d), "xn--bcher-kva.de");
    waxwing_decision_free(d);
    q = start(c, "[192.0.2.1]");
    fake_daemon_expect(&daemon_, "DECISION [192.0.2.1]");
    fake_daemon_reply(&daemon_, "NOTFOUND ");
    expect(result(q, "ok"), WAXWING_LEVEL_NONE, WAXWING_SOURCE_CACHE);
    waxwing_client_free(c);
}

static void what_cannot_be_asked_is_refused(void **state)
{
    static const char *const wrong[] = {"", "a b", "a.de\n", "a\tb", "a\x7f"};
    char longest[1100];
    (void)state;
    struct waxwing_client *c = client();
    struct waxwing_query *q;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_string_equal(waxwing_error_id(waxwing_query_start(c, wrong[i], &q)), "argument");
        assert_null(q);
    }
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_string_equal(waxwing_error_id(waxwing_query_start(c, longest, &q)), "argument");
    assert_string_equal(waxwing_error_id(waxwing_query_start(c, NULL, &q)), "argument");
    waxwing_client_free(c);
}

static void options_are_checked(void **state)
{
    struct later {
        struct waxwing_client_options now;
        int more;
    } later = {.now.size = sizeof later};
    struct waxwing_client_options o = {.size = sizeof o, .address = "ftp:x"};
    struct waxwing_client *c;
    (void)state;
    assert_string_equal(waxwing_error_id(waxwing_client_new(&o, &c)), "client-address");
    assert_null(c);
    o = (struct waxwing_client_options){.size = 0};
    assert_string_equal(waxwing_error_id(waxwing_client_new(&o, &c)), "argument");
    /* What a later version knows is no harm as long as it is not wanted. */
    assert_null(waxwing_client_new(&later.now, &c));
    waxwing_client_free(c);
    later.more = 1;
    assert_string_equal(waxwing_error_id(waxwing_client_new(&later.now, &c)), "argument");
    assert_null(waxwing_client_new(NULL, &c));
    waxwing_client_free(c);
}

static void whoever_does_not_answer_is_fallen_back_from(void **state)
{
    (void)state;
    fake_daemon_down(&daemon_);
    struct waxwing_client *c = client();
    struct waxwing_decision *d = result(start(c, "a.de"), "client-connect");
    assert_string_equal(waxwing_decision_why(d), "waxwingd cannot be connected to");
    assert_string_equal(waxwing_decision_domain(d), "a.de");
    assert_false(waxwing_decision_allows(d, "mx.a.de"));
    expect(d, WAXWING_LEVEL_HOLD, WAXWING_SOURCE_FALLBACK);
    waxwing_client_free(c);
    c = client_with((struct waxwing_client_options){.fallback = WAXWING_FALLBACK_NONE});
    d = result(start(c, "a.de"), "client-connect");
    assert_true(waxwing_decision_allows(d, "mx.a.de"));
    expect(d, WAXWING_LEVEL_NONE, WAXWING_SOURCE_FALLBACK);
    waxwing_client_free(c);
    /* A choice that this version does not know is the careful one. */
    c = client_with((struct waxwing_client_options){.fallback = (enum waxwing_fallback)2});
    expect(result(start(c, "a.de"), "client-connect"), WAXWING_LEVEL_HOLD, WAXWING_SOURCE_FALLBACK);
    waxwing_client_free(c);
}

static const struct reply_case {
    const char *reply;
    const char *id;
} reply_cases[] = {
    {"TEMP Waxwing is out of memory", "client-trouble"},
    {"PERM unknown map name", "client-refused"},
    {"OK v=2 domain=a.de", "decision-version"},
    {"OK secure match=a.de servername=hostname", "decision-text"},
    {"OK v=1 domain=a.de level=secure", "decision-text"},
    {"OK ", "decision-text"},
    {"OK", "client-protocol"},
    {"", "client-protocol"},
    /* The answer to another question. */
    {"OK v=1 domain=b.de level=none source=live", "client-protocol"},
};

static void what_is_no_answer_is_none(void **state)
{
    (void)state;
    struct waxwing_client *c = client();
    for (size_t i = 0; i < sizeof reply_cases / sizeof *reply_cases; i++)
        expect(answered(c, "a.de", reply_cases[i].reply, reply_cases[i].id), WAXWING_LEVEL_HOLD,
               WAXWING_SOURCE_FALLBACK);
    waxwing_client_free(c);
}

/* In so many seconds. */
static const char *in(int64_t seconds)
{
    static char texts[4][32];
    static unsigned i;
    char *text = texts[i++ % 4];
    time_t at = time(NULL) + seconds;
    struct tm tm;
    (void)strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&at, &tm));
    return text;
}

static struct waxwing_decision *down_after(const char *reply, enum waxwing_fallback fallback)
{
    struct waxwing_client *c = client_with((struct waxwing_client_options){.fallback = fallback});
    waxwing_decision_free(answered(c, "a.de", reply, "ok"));
    fake_daemon_down(&daemon_);
    struct waxwing_decision *d = result(start(c, "A.DE"), "client-connect");
    waxwing_client_free(c);
    fake_daemon_listen(&daemon_);
    return d;
}

/* The rule of the house: a failure makes no decision weaker. */
static void what_was_heard_last_counts_as_long_as_it_says(void **state)
{
    char reply[512];
    (void)state;
    (void)snprintf(reply, sizeof reply, SECURE " until=%s" WHY " mx=mx.a.de", in(1000));
    struct waxwing_decision *d = down_after(reply, WAXWING_FALLBACK_NONE);
    assert_true(waxwing_decision_allows(d, "mx.a.de"));
    assert_false(waxwing_decision_allows(d, "mx.b.de"));
    assert_string_equal(waxwing_decision_why(d), "the MTA-STS policy is enforced");
    expect(d, WAXWING_LEVEL_SECURE, WAXWING_SOURCE_REMEMBERED);
    /* That nothing is demanded is as good. */
    (void)snprintf(reply, sizeof reply, "OK v=1 domain=a.de level=none source=live until=%s", in(1000));
    expect(down_after(reply, WAXWING_FALLBACK_HOLD), WAXWING_LEVEL_NONE, WAXWING_SOURCE_REMEMBERED);
    (void)snprintf(reply, sizeof reply, "OK v=1 domain=a.de level=none source=live until=%s", in(-1));
    expect(down_after(reply, WAXWING_FALLBACK_HOLD), WAXWING_LEVEL_HOLD, WAXWING_SOURCE_FALLBACK);
    expect(down_after("OK v=1 domain=a.de level=none source=live", WAXWING_FALLBACK_HOLD), WAXWING_LEVEL_HOLD,
           WAXWING_SOURCE_FALLBACK);
}

/* RFC 8461 section 3.3. */
static void an_enforced_policy_outlives_every_failure(void **state)
{
    char reply[512];
    (void)state;
    (void)snprintf(reply, sizeof reply, SECURE " until=%s expires=%s" WHY " mx=mx.a.de", in(-1), in(1000));
    expect(down_after(reply, WAXWING_FALLBACK_NONE), WAXWING_LEVEL_SECURE, WAXWING_SOURCE_REMEMBERED);
    (void)snprintf(reply, sizeof reply, SECURE " until=%s expires=%s" WHY " mx=mx.a.de", in(-2), in(-1));
    expect(down_after(reply, WAXWING_FALLBACK_NONE), WAXWING_LEVEL_NONE, WAXWING_SOURCE_FALLBACK);
    /* A preload list ends as well. */
#define LISTED "OK v=1 domain=a.de level=secure source=preload until=%s expires=%s mx=mx.a.de"
    (void)snprintf(reply, sizeof reply, LISTED, in(-1), in(1000));
    expect(down_after(reply, WAXWING_FALLBACK_NONE), WAXWING_LEVEL_SECURE, WAXWING_SOURCE_REMEMBERED);
    (void)snprintf(reply, sizeof reply, LISTED, in(-2), in(-1));
    expect(down_after(reply, WAXWING_FALLBACK_NONE), WAXWING_LEVEL_NONE, WAXWING_SOURCE_FALLBACK);
    /* An order of the operator's ends when it says so. */
    (void)snprintf(reply, sizeof reply, SECURE " override=secure until=%s expires=%s mx=mx.b.de", in(-1),
                   in(1000));
    expect(down_after(reply, WAXWING_FALLBACK_NONE), WAXWING_LEVEL_NONE, WAXWING_SOURCE_FALLBACK);
    (void)snprintf(
        reply, sizeof reply,
        "OK v=1 domain=a.de level=testing mode=testing source=live until=%s expires=%s test=mx.a.de", in(-1),
        in(1000));
    expect(down_after(reply, WAXWING_FALLBACK_HOLD), WAXWING_LEVEL_HOLD, WAXWING_SOURCE_FALLBACK);
}

/* A clock that is set makes no decision weaker: neither ends one, nor makes one last. */
static void a_clock_that_jumps(void **state)
{
    static const struct {
        const char *reply;
        int64_t wall;
        int64_t boot;
        enum waxwing_level level;
    } cases[] = {
        {SECURE " mx=mx.a.de", 86400, 0, WAXWING_LEVEL_SECURE},
        {SECURE " mx=mx.a.de", -86400, 0, WAXWING_LEVEL_SECURE},
        {"OK v=1 domain=a.de level=none source=live", -86400, 2000, WAXWING_LEVEL_HOLD},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char reply[512];
        struct waxwing_client *c = client();
        (void)snprintf(reply, sizeof reply, "%s until=%s", cases[i].reply, in(1000));
        waxwing_decision_free(answered(c, "a.de", reply, "ok"));
        fake_daemon_down(&daemon_);
        wall_jump = cases[i].wall;
        boot_jump = cases[i].boot;
        struct waxwing_decision *d = result(start(c, "a.de"), "client-connect");
        assert_int_equal(waxwing_decision_level(d), cases[i].level);
        waxwing_decision_free(d);
        wall_jump = boot_jump = 0;
        waxwing_client_free(c);
        fake_daemon_listen(&daemon_);
    }
}

static void the_last_word_is_the_one_that_is_remembered(void **state)
{
    char reply[512];
    (void)state;
    struct waxwing_client *c = client_with((struct waxwing_client_options){.remember = 2});
    (void)snprintf(reply, sizeof reply, SECURE " until=%s mx=mx.a.de", in(1000));
    waxwing_decision_free(answered(c, "a.de", reply, "ok"));
    /* Over the same connection: it counts for the next question alone. */
    struct waxwing_query *q = start(c, "a.de");
    fake_daemon_expect(&daemon_, "DECISION a.de");
    fake_daemon_reply(&daemon_, "OK v=1 domain=a.de level=may source=override override=may");
    expect(result(q, "ok"), WAXWING_LEVEL_MAY, WAXWING_SOURCE_OVERRIDE);
    fake_daemon_down(&daemon_);
    expect(result(start(c, "a.de"), "client-connect"), WAXWING_LEVEL_HOLD, WAXWING_SOURCE_FALLBACK);
    waxwing_client_free(c);
}

static void so_many_are_remembered_and_no_more(void **state)
{
    char domain[16], reply[512];
    (void)state;
    struct waxwing_client *c = client_with((struct waxwing_client_options){.remember = 2});
    struct waxwing_client *none =
        client_with((struct waxwing_client_options){.remember = WAXWING_REMEMBER_NOTHING});
    for (int i = 0; i < 3; i++) {
        (void)snprintf(domain, sizeof domain, "a%d.de", i);
        (void)snprintf(reply, sizeof reply, "OK v=1 domain=%s level=encrypt source=live until=%s", domain,
                       in(1000));
        struct waxwing_query *q = start(c, domain);
        if (i == 0)
            fake_daemon_take(&daemon_);
        fake_daemon_expect(&daemon_, i == 0   ? "DECISION a0.de"
                                     : i == 1 ? "DECISION a1.de"
                                              : "DECISION a2.de");
        fake_daemon_reply(&daemon_, reply);
        waxwing_decision_free(result(q, "ok"));
    }
    waxwing_decision_free(answered(none, "a2.de", reply, "ok"));
    fake_daemon_down(&daemon_);
    expect(result(start(c, "a0.de"), "client-connect"), WAXWING_LEVEL_HOLD, WAXWING_SOURCE_FALLBACK);
    expect(result(start(c, "a1.de"), "client-connect"), WAXWING_LEVEL_ENCRYPT, WAXWING_SOURCE_REMEMBERED);
    expect(result(start(c, "a2.de"), "client-connect"), WAXWING_LEVEL_ENCRYPT, WAXWING_SOURCE_REMEMBERED);
    expect(result(start(none, "a2.de"), "client-connect"), WAXWING_LEVEL_HOLD, WAXWING_SOURCE_FALLBACK);
    waxwing_client_free(c);
    waxwing_client_free(none);
}

static void several_questions_have_a_connection_each(void **state)
{
    (void)state;
    struct waxwing_client *c = client();
    struct waxwing_query *a = start(c, "a.de"), *b = start(c, "b.de");
    assert_int_not_equal(waxwing_query_fd(a), waxwing_query_fd(b));
    assert_int_equal(waxwing_query_events(a), POLLIN);
    assert_true(waxwing_query_timeout(a) > 0 && waxwing_query_timeout(a) <= 60000);
    fake_daemon_take(&daemon_);
    int first = daemon_.peer;
    daemon_.peer = -1;
    fake_daemon_take(&daemon_);
    fake_daemon_expect(&daemon_, "DECISION b.de");
    fake_daemon_reply(&daemon_, "OK v=1 domain=b.de level=none source=live");
    assert_false(waxwing_query_step(a));
    assert_true(waxwing_query_step(b));
    expect(result(b, "ok"), WAXWING_LEVEL_NONE, WAXWING_SOURCE_LIVE);
    close(first); /* it is asked once more, over a new one */
    assert_false(waxwing_query_step(a));
    fake_daemon_take(&daemon_);
    fake_daemon_expect(&daemon_, "DECISION a.de");
    fake_daemon_reply(&daemon_, SECURE);
    expect(result(a, "ok"), WAXWING_LEVEL_SECURE, WAXWING_SOURCE_CACHE);
    waxwing_client_free(c);
}

static void a_query_may_be_given_up(void **state)
{
    char octet;
    (void)state;
    struct waxwing_client *c = client();
    struct waxwing_query *q = start(c, "a.de");
    fake_daemon_take(&daemon_);
    waxwing_query_cancel(q);
    waxwing_query_cancel(NULL);
    /* The answer that still comes is nobody's: the connection is closed. */
    fake_daemon_expect(&daemon_, "DECISION a.de");
    assert_int_equal(read(daemon_.peer, &octet, 1), 0);
    expect(result(start(c, "a.de"), "client-timeout"), WAXWING_LEVEL_HOLD, WAXWING_SOURCE_FALLBACK);
    waxwing_client_free(c);
}

static void the_blocking_call_waits_for_the_answer(void **state)
{
    (void)state;
    struct waxwing_client *c = client();
    struct waxwing_decision *d;
    int status;
    int pid = fake_daemon_child(&daemon_, "41:OK v=1 domain=a.de level=may source=cache,", 2);
    for (int i = 0; i < 2; i++) { /* over a connection that the other end has closed, too */
        assert_null(waxwing_client_ask(c, "a.de", &d));
        expect(d, WAXWING_LEVEL_MAY, WAXWING_SOURCE_CACHE);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    waxwing_client_free(c);
}

static volatile sig_atomic_t signals;

static void on_signal(int signal)
{
    (void)signal;
    signals++;
}

/* Nobody answers: signals that come meanwhile neither end nor prolong it. */
static void the_blocking_call_ends_at_its_deadline(void **state)
{
    struct sigaction action, before;
    struct waxwing_decision *d;
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    const struct itimerspec often = {{.tv_nsec = 10000000}, {.tv_nsec = 10000000}};
    (void)state;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
    struct waxwing_client *c = client_with((struct waxwing_client_options){.deadline_ms = 100});
    assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    assert_int_equal(timer_settime(timer, 0, &often, NULL), 0);
    struct timespec begin, end;
    (void)clock_gettime(CLOCK_MONOTONIC, &begin);
    assert_string_equal(waxwing_error_id(waxwing_client_ask(c, "a.de", &d)), "client-timeout");
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    (void)timer_delete(timer);
    assert_true(signals > 0);
    assert_true((end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000 >= 99);
    expect(d, WAXWING_LEVEL_HOLD, WAXWING_SOURCE_FALLBACK);
    waxwing_client_free(c);
    (void)sigaction(SIGUSR1, &before, NULL);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_answer_is_all_that_was_told),
        CASE(a_preload_list_is_no_policy),
        CASE(a_dry_run_is_told),
        CASE(names_are_asked_in_their_canonical_form),
        CASE(what_cannot_be_asked_is_refused),
        CASE(options_are_checked),
        CASE(whoever_does_not_answer_is_fallen_back_from),
        CASE(what_is_no_answer_is_none),
        CASE(what_was_heard_last_counts_as_long_as_it_says),
        CASE(an_enforced_policy_outlives_every_failure),
        CASE(a_clock_that_jumps),
        CASE(the_last_word_is_the_one_that_is_remembered),
        CASE(so_many_are_remembered_and_no_more),
        CASE(several_questions_have_a_connection_each),
        CASE(a_query_may_be_given_up),
        CASE(the_blocking_call_waits_for_the_answer),
        CASE(the_blocking_call_ends_at_its_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
