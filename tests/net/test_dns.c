#include "net/dns.h"

#include "core/dns_answer.h"
#include "fake_dns.h"
#include "netns.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define TIMEOUT_MS 1000
#define RECORD "v=STSv1; id=1;"
#define SILENT_COUNT 2000

/* For an answer that has to get past all of those. With too few ports it takes longer than this in the plain
 * build; instrumented code is slow either way. */
#ifdef __SANITIZE_ADDRESS__
#define PATIENCE_MS (4 * TIMEOUT_MS)
#else
#define PATIENCE_MS TIMEOUT_MS
#endif

static struct event_base *base;
static struct fake_key *key;
static char anchor_file[] = "/tmp/waxwing-test-anchor-XXXXXX";

static const struct fake_name names[] = {
    {"_mta-sts.good", FAKE_TXT, RECORD},
    {"_mta-sts.alias", FAKE_CNAME, "_mta-sts.good"},
    {"_mta-sts.bogus", FAKE_BOGUS, RECORD},
    {"_mta-sts.servfail", FAKE_SERVFAIL, NULL},
    {"_mta-sts.refused", FAKE_REFUSED, NULL},
    {"_mta-sts.silent", FAKE_SILENT, NULL},
    {NULL, FAKE_TXT, NULL},
};

struct outcome {
    bool called;
    enum ww_err err;
    enum ww_dnssec dnssec;
    char detail[512];
    unsigned rcode;
    size_t count;
};

static const char *asked;

static void on_reply(void *ctx, const struct ww_dns_reply *reply)
{
    struct outcome *o = ctx;
    assert_false(o->called);
    *o = (struct outcome){.called = true, .err = reply->err, .dnssec = reply->dnssec};
    if (reply->detail != NULL)
        (void)snprintf(o->detail, sizeof o->detail, "%s", reply->detail);
    if (reply->err == WW_OK) {
        struct ww_dns_answer a;
        assert_int_equal(ww_dns_answer_open(&a, reply->packet.p, reply->packet.n, asked, WW_DNS_TYPE_TXT),
                         WW_OK);
        o->rcode = a.rcode;
        o->count = a.count;
    }
    (void)event_base_loopbreak(base);
}

static struct ww_dns *resolver_by(const char *forward, unsigned timeout_ms, bool tcp_only)
{
    struct ww_addr to;
    const char *detail = NULL;
    assert_int_equal(ww_addr_parse(ww_slice_str(forward), &to), WW_OK);
    const struct ww_dns_options options = {
        .forward = &to,
        .forward_count = 1,
        .trust_anchor = anchor_file,
        .tcp_only = tcp_only,
        .timeout_ms = timeout_ms,
    };
    struct ww_dns *dns = ww_dns_new(base, &options, &detail);
    if (dns == NULL)
        fail_msg("%s", detail);
    return dns;
}

static struct ww_dns *resolver_with(const char *forward, unsigned timeout_ms)
{
    return resolver_by(forward, timeout_ms, false);
}

static struct ww_dns *resolver(const char *forward)
{
    return resolver_with(forward, TIMEOUT_MS);
}

static struct ww_dns_query *begin(struct ww_dns *dns, const char *name, struct outcome *o)
{
    enum ww_err err;
    asked = name;
    memset(o, 0, sizeof *o);
    struct ww_dns_query *q = ww_dns_ask(dns, name, WW_DNS_TYPE_TXT, on_reply, o, &err);
    assert_non_null(q);
    assert_int_equal(err, WW_OK);
    assert_false(o->called);
    return q;
}

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct outcome ask(struct ww_dns *dns, const char *name)
{
    struct outcome o;
    int64_t start = now_ms();
    (void)begin(dns, name, &o);
    while (!o.called)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    int64_t took = now_ms() - start;
    if (took > PATIENCE_MS + 1000)
        fail_msg("%s took %d ms", name, (int)took);
    return o;
}

struct verdict {
    bool called;
    enum ww_dns_health health;
    char detail[256];
};

static void on_health(void *ctx, enum ww_dns_health health, const char *detail)
{
    struct verdict *v = ctx;
    *v = (struct verdict){.called = true, .health = health};
    (void)snprintf(v->detail, sizeof v->detail, "%s", detail);
}

static struct verdict self_test(struct ww_dns *dns)
{
    struct verdict v = {.called = false};
    ww_dns_self_test(dns, on_health, &v);
    assert_false(v.called);
    while (!v.called)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    return v;
}

static void a_chain_that_holds_is_validated(void **state)
{
    pid_t pid = fake_dns("127.0.1.1", key, names);
    struct ww_dns *dns = resolver("127.0.1.1");
    (void)state;
    struct verdict v = self_test(dns);
    assert_int_equal(v.health, WW_DNS_VALIDATING);
    assert_string_equal(v.detail, "");
    struct outcome o = ask(dns, "_mta-sts.good");
    assert_int_equal(o.err, WW_OK);
    assert_int_equal(o.dnssec, WW_DNSSEC_SECURE);
    assert_int_equal(o.count, 1);
    o = ask(dns, "_mta-sts.alias.");
    assert_int_equal(o.err, WW_OK);
    assert_int_equal(o.dnssec, WW_DNSSEC_SECURE);
    o = ask(dns, "_mta-sts.bogus");
    assert_int_equal(o.err, WW_E_DNS_BOGUS);
    assert_int_equal(o.dnssec, WW_DNSSEC_BOGUS);
    assert_non_null(strstr(o.detail, "_mta-sts.bogus"));
    ww_dns_free(dns);
    netns_end(pid);
}

/* Before the self-test all that is asked is bogus; after it nothing is, and nothing is called secure or
 * insecure. */
static void a_path_that_strips_is_found_and_lived_with(void **state)
{
    pid_t pid = fake_dns("127.0.1.2", NULL, names);
    struct ww_dns *dns = resolver("127.0.1.2");
    (void)state;
    assert_int_equal(ask(dns, "_mta-sts.good").err, WW_E_DNS_BOGUS);
    struct verdict v = self_test(dns);
    assert_int_equal(v.health, WW_DNS_STRIPPED);
    assert_string_not_equal(v.detail, "");
    struct outcome o = ask(dns, "_mta-sts.good");
    assert_int_equal(o.err, WW_OK);
    assert_int_equal(o.dnssec, WW_DNSSEC_UNKNOWN);
    assert_int_equal(o.count, 1);
    o = ask(dns, "_mta-sts.bogus");
    assert_int_equal(o.err, WW_OK);
    ww_dns_free(dns);
    netns_end(pid);
}

/* DNSSEC gets through, but we trust another key: that is told from stripping. */
static void an_anchor_that_does_not_fit_is_told(void **state)
{
    static const char *const others[] = {
        ". IN DS 4711 13 2 5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A"};
    pid_t pid = fake_dns("127.0.1.13", key, names);
    struct ww_addr to;
    const char *detail = NULL;
    (void)state;
    assert_int_equal(ww_addr_parse(ww_slice_str("127.0.1.13"), &to), WW_OK);
    const struct ww_dns_options options = {
        .forward = &to, .forward_count = 1, .anchors = others, .anchor_count = 1, .timeout_ms = TIMEOUT_MS};
    struct ww_dns *dns = ww_dns_new(base, &options, &detail);
    assert_non_null(dns);
    struct verdict v = self_test(dns);
    assert_int_equal(v.health, WW_DNS_ANCHOR);
    assert_non_null(strstr(v.detail, "the root has signed with the key "));
    struct outcome o = ask(dns, "_mta-sts.good");
    assert_int_equal(o.err, WW_OK);
    assert_int_equal(o.dnssec, WW_DNSSEC_UNKNOWN);
    ww_dns_free(dns);
    netns_end(pid);
}

/* The resolver here speaks UDP alone: who asks over TCP alone hears nothing. */
static void tcp_alone_is_tcp_alone(void **state)
{
    pid_t pid = fake_dns("127.0.1.12", key, names);
    struct ww_dns *dns = resolver_by("127.0.1.12", TIMEOUT_MS, true);
    (void)state;
    assert_int_equal(self_test(dns).health, WW_DNS_UNREACHABLE);
    ww_dns_free(dns);
    netns_end(pid);
}

static void a_dead_path_is_told(void **state)
{
    struct ww_dns *dns = resolver("127.0.1.3");
    (void)state;
    struct verdict v = self_test(dns);
    assert_int_equal(v.health, WW_DNS_UNREACHABLE);
    assert_string_not_equal(v.detail, "");
    ww_dns_free(dns);
}

/* Nobody listens to begin with; a first verdict must not be the last. */
static void a_path_may_come_back(void **state)
{
    struct ww_dns *dns = resolver("127.0.1.4");
    (void)state;
    assert_int_equal(self_test(dns).health, WW_DNS_UNREACHABLE);
    pid_t pid = fake_dns("127.0.1.4", key, names);
    struct verdict v = {.called = false};
    for (int64_t end = now_ms() + 20000; v.health != WW_DNS_VALIDATING || !v.called;) {
        if (now_ms() > end)
            fail_msg("health %d, %s", (int)v.health, v.detail);
        (void)usleep(200000);
        v = self_test(dns);
    }
    ww_dns_free(dns);
    netns_end(pid);
}

static void failures_are_told_apart(void **state)
{
    static const struct {
        const char *name;
        enum ww_err err;
        unsigned rcode;
    } cases[] = {
        {"_mta-sts.servfail", WW_E_DNS_SERVFAIL, 0},
        {"_mta-sts.refused", WW_E_DNS_SERVFAIL, 0},
        {"_mta-sts.silent", WW_E_DNS_TIMEOUT, 0},
        {"_mta-sts.nowhere", WW_OK, 3},
        {"_mta-sts.test", WW_OK, 3},
    };
    pid_t pid = fake_dns("127.0.1.5", NULL, names);
    struct ww_dns *dns = resolver("127.0.1.5");
    (void)state;
    assert_int_equal(self_test(dns).health, WW_DNS_STRIPPED);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct outcome o = ask(dns, cases[i].name);
        /* Newer versions of libunbound give up before our deadline, and say that the servers failed. */
        bool gave_up = cases[i].err == WW_E_DNS_TIMEOUT && o.err == WW_E_DNS_SERVFAIL;
        if ((o.err != cases[i].err && !gave_up) || o.rcode != cases[i].rcode || o.count != 0)
            fail_msg("%s: %s, rcode %u", cases[i].name, ww_err_id(o.err), o.rcode);
        if (o.err == WW_E_DNS_TIMEOUT)
            assert_string_equal(o.detail, "after 1000 ms");
    }
    ww_dns_free(dns);
    netns_end(pid);
}

static void on_silence(void *ctx, const struct ww_dns_reply *reply)
{
    (void)ctx, (void)reply;
}

/* Whoever has many names that nobody answers for does not stand in the way of the others. */
static void silence_takes_nobody_elses_turn(void **state)
{
    static char texts[SILENT_COUNT][16];
    static struct fake_name many[SILENT_COUNT + 2] = {{"_mta-sts.good", FAKE_TXT, RECORD}};
    for (size_t i = 0; i < SILENT_COUNT; i++) {
        (void)snprintf(texts[i], sizeof texts[i], "n%zu.silent", i);
        many[i + 1] = (struct fake_name){texts[i], FAKE_SILENT, NULL};
    }
    pid_t pid = fake_dns("127.0.1.10", key, many);
    struct ww_dns *dns = resolver_with("127.0.1.10", PATIENCE_MS);
    enum ww_err err;
    (void)state;
    assert_int_equal(self_test(dns).health, WW_DNS_VALIDATING);
    for (size_t i = 0; i < SILENT_COUNT; i++)
        assert_non_null(ww_dns_ask(dns, texts[i], WW_DNS_TYPE_TXT, on_silence, NULL, &err));
    assert_int_equal(ask(dns, "_mta-sts.good").err, WW_OK);
    ww_dns_free(dns);
    netns_end(pid);
}

/* What libunbound knows already, or answers by itself, it says while it is being asked. */
static void answers_at_hand_come_later_all_the_same(void **state)
{
    pid_t pid = fake_dns("127.0.1.6", key, names);
    struct ww_dns *dns = resolver("127.0.1.6");
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(ask(dns, "_mta-sts.good").err, WW_OK);
    assert_int_equal(ask(dns, "localhost").err, WW_OK);
    ww_dns_free(dns);
    netns_end(pid);
}

/* 254 octets. */
static const char too_long[] =
    "a.123456789.123456789.123456789.123456789.123456789.123456789.123456789.123456789.123456789.123456789."
    "123456789.123456789.123456789.123456789.123456789.123456789.123456789.123456789.123456789.123456789."
    "123456789.123456789.123456789.123456789.123456789.xx";

static void names_that_are_none_are_refused(void **state)
{
    static const char *const bad[] = {
        "",         "..",   ".a",
        "a..b",     "a b",  "a\\.b",
        "\xc3\xbc", "a\tb", "0123456789012345678901234567890123456789012345678901234567890123.example",
        too_long,
    };
    struct ww_dns *dns = resolver("127.0.1.7");
    struct outcome o;
    enum ww_err err;
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_null(ww_dns_ask(dns, bad[i], WW_DNS_TYPE_TXT, on_reply, &o, &err));
        assert_int_equal(err, WW_E_DNS_NAME);
    }
    ww_dns_free(dns);
}

static void a_question_can_be_cancelled(void **state)
{
    struct outcome gone = {.called = false};
    struct outcome again;
    pid_t pid = fake_dns("127.0.1.8", key, names);
    struct ww_dns *dns = resolver("127.0.1.8");
    (void)state;
    ww_dns_cancel(begin(dns, "_mta-sts.good", &gone));
    (void)begin(dns, "_mta-sts.good", &again); /* libunbound makes one question of both */
    while (!again.called)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    assert_int_equal(again.err, WW_OK);
    ww_dns_cancel(begin(dns, "_mta-sts.good", &gone)); /* already answered, not yet told */
    (void)begin(dns, "_mta-sts.silent", &gone);
    (void)begin(dns, "_mta-sts.good", &gone);
    ww_dns_free(dns);
    (void)event_base_loop(base, EVLOOP_NONBLOCK);
    assert_false(gone.called);
    netns_end(pid);
}

static struct ww_dns_query *victim;

static void free_all(void *ctx, const struct ww_dns_reply *reply)
{
    assert_int_equal(reply->err, WW_OK);
    ww_dns_cancel(victim);
    ww_dns_free(ctx);
    (void)event_base_loopbreak(base);
}

static void a_callback_may_free_the_resolver(void **state)
{
    struct outcome o;
    enum ww_err err;
    pid_t pid = fake_dns("127.0.1.9", key, names);
    struct ww_dns *dns = resolver("127.0.1.9");
    (void)state;
    victim = begin(dns, "_mta-sts.silent", &o);
    assert_non_null(ww_dns_ask(dns, "_mta-sts.good", WW_DNS_TYPE_TXT, free_all, dns, &err));
    assert_int_equal(event_base_dispatch(base), 0);
    assert_false(o.called);
    netns_end(pid);
}

static void files_that_cannot_be_used_are_named(void **state)
{
    const struct ww_dns_options cases[] = {
        {.trust_anchor = "/nonexistent", .timeout_ms = 1000},
        {.root_hints = "/nonexistent", .timeout_ms = 1000},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *detail = NULL;
        assert_null(ww_dns_new(base, &cases[i], &detail));
        assert_non_null(strstr(detail, i == 0 ? "trust anchors" : "root hints"));
    }
}

int main(void)
{
    netns_enter();
    int fd = mkstemp(anchor_file);
    if (fd < 0)
        return 1;
    (void)close(fd);
    base = event_base_new();
    key = fake_key_new();
    fake_key_publish(key, anchor_file);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_that_holds_is_validated),
        cmocka_unit_test(a_path_that_strips_is_found_and_lived_with),
        cmocka_unit_test(an_anchor_that_does_not_fit_is_told),
        cmocka_unit_test(tcp_alone_is_tcp_alone),
        cmocka_unit_test(a_dead_path_is_told),
        cmocka_unit_test(a_path_may_come_back),
        cmocka_unit_test(failures_are_told_apart),
        cmocka_unit_test(silence_takes_nobody_elses_turn),
        cmocka_unit_test(answers_at_hand_come_later_all_the_same),
        cmocka_unit_test(names_that_are_none_are_refused),
        cmocka_unit_test(a_question_can_be_cancelled),
        cmocka_unit_test(a_callback_may_free_the_resolver),
        cmocka_unit_test(files_that_cannot_be_used_are_named),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fake_key_free(key);
    event_base_free(base);
    (void)unlink(anchor_file);
    return failed;
}
