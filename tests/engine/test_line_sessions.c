/* Events, as the lines that tell them, and the sessions that they make. */
#include "engine/line_sessions.h"

#include "../core/sessions_show.h"
#include "core/result_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static char shown[1 << 16];
static struct ww_buf b;

static void show_item(void *ctx, const struct ww_sessions *sessions)
{
    (void)ctx;
    show_sessions(&b, sessions);
}

static void begin(void)
{
    b = ww_buf(shown, sizeof shown - 1);
}

static const char *what_was_shown(void)
{
    assert_false(b.failed);
    shown[b.n] = '\0';
    return shown;
}

/* Of a line what is behind its first two words. */
static void read_event(const char *pairs, struct ww_tls_result *event)
{
    char line[WW_RESULT_LINE_MAX];
    size_t offset;
    int n = snprintf(line, sizeof line, "waxwing-result 1 %s", pairs);
    if (ww_result_line_parse(line, (size_t)n, event, &offset) != WW_OK)
        fail_msg("%s, at %zu", line, offset);
}

/* ---- an event alone ---- */

static const struct {
    const char *event;
    const char *shown;
} alone[] = {
    {"domain=example.com result=success mx=mx.example.com policy=sts mode=enforce policy-id=a1 tls=verified",
     "example.com sts id=a1 of=example.com success+1\n"},
    {"domain=example.com result=certificate-host-mismatch mx=mx.example.com ip=198.51.100.7 from=192.0.2.1 "
     "policy=sts mode=enforce policy-id=a1 text=\"hostname mismatch\"",
     "example.com sts id=a1 of=example.com failure+1\n"
     "  certificate-host-mismatch+1 from=192.0.2.1 mx=mx.example.com ip=198.51.100.7 why=hostname "
     "mismatch\n"},
    {"domain=example.com result=success mx=mx.example.com policy=tlsa tls=verified",
     "example.com tlsa of=mx.example.com success+1\n"},
    {"domain=example.com result=validation-failure policy=tlsa",
     "example.com tlsa failure+1\n  validation-failure+1\n"},
    {"domain=example.com result=success policy=no-policy-found tls=trusted",
     "example.com no-policy-found success+1\n"},
    {"domain=example.com result=starttls-not-supported policy=no-policy-found tls=none",
     "example.com no-policy-found failure+1\n  starttls-not-supported+1\n"},
    {"time=259200 domain=example.com result=success policy=no-policy-found",
     "example.com day+3 no-policy-found success+1\n"},
    {"time=259199 domain=example.com result=success policy=no-policy-found mta=postfix",
     "example.com day+2 no-policy-found success+1\n"},
    {"domain=example.com result=success policy=no-policy-found mta=waxwing",
     "example.com no-policy-found ours success+1\n"},
    /* the id of no other policy is one of MTA-STS */
    {"domain=example.com result=success policy=no-policy-found policy-id=a1",
     "example.com no-policy-found success+1\n"},
    /* a policy that the MTA does not know */
    {"domain=example.com result=success tls=verified policy-id=a1", "example.com unknown success+1\n"},
    {"domain=example.com result=success tls=trusted", "example.com unknown unverified+1\n"},
    {"domain=example.com result=success tls=none", "example.com unknown unverified+1\n"},
    {"domain=example.com result=success", "example.com unknown unverified+1\n"},
    {"domain=example.com result=starttls-not-supported",
     "example.com unknown failure+1\n  starttls-not-supported+1\n"},
    {"domain=example.com result=validation-failure tls=verified mode=testing",
     "example.com unknown failure+1\n  validation-failure+1\n"},
    /* was the policy held? */
    {"domain=example.com result=success policy=sts mode=testing tls=verified",
     "example.com sts of=example.com success+1\n"},
    {"domain=example.com result=success policy=sts mode=testing tls=untrusted",
     "example.com sts of=example.com unverified+1\n"},
    {"domain=example.com result=success policy=sts mode=testing tls=trusted",
     "example.com sts of=example.com unverified+1\n"},
    {"domain=example.com result=success policy=sts mode=testing",
     "example.com sts of=example.com unverified+1\n"},
    {"domain=example.com result=validation-failure policy=sts mode=testing tls=untrusted",
     "example.com sts of=example.com failure+1\n  validation-failure+1\n"},
    {"domain=example.com result=success policy=sts mode=enforce tls=trusted",
     "example.com sts of=example.com unverified+1\n"},
    {"domain=example.com result=success policy=sts mode=enforce tls=untrusted",
     "example.com sts of=example.com unverified+1\n"},
    {"domain=example.com result=success policy=sts mode=enforce tls=none",
     "example.com sts of=example.com unverified+1\n"},
    {"domain=example.com result=success policy=sts mode=enforce tls=some",
     "example.com sts of=example.com success+1\n"},
    {"domain=example.com result=success policy=sts", "example.com sts of=example.com success+1\n"},
    {"domain=example.com result=success policy=sts tls=untrusted",
     "example.com sts of=example.com unverified+1\n"},
    {"domain=example.com result=success policy=tlsa tls=untrusted mx=mx.example.com",
     "example.com tlsa of=mx.example.com success+1\n"},
    /* mode none is no policy */
    {"domain=example.com result=success policy=sts mode=none policy-id=a1 tls=untrusted",
     "example.com no-policy-found success+1\n"},
    /* failures that tell their policy */
    {"domain=example.com result=sts-policy-fetch-error mta=waxwing policy=sts policy-id=a1 text=\"HTTP 404\"",
     "example.com sts ours of=example.com failure+1\n  sts-policy-fetch-error+1 why=HTTP 404\n"},
    {"domain=example.com result=sts-policy-invalid policy=no-policy-found",
     "example.com sts of=example.com failure+1\n  sts-policy-invalid+1\n"},
    {"domain=example.com result=sts-webpki-invalid",
     "example.com sts of=example.com failure+1\n  sts-webpki-invalid+1\n"},
    {"domain=example.com result=sts-policy-invalid policy=sts mode=none",
     "example.com sts of=example.com failure+1\n  sts-policy-invalid+1\n"},
    {"domain=example.com result=tlsa-invalid mx=mx.example.com",
     "example.com tlsa of=mx.example.com failure+1\n  tlsa-invalid+1 mx=mx.example.com\n"},
    {"domain=example.com result=dnssec-invalid mx=mx.example.com",
     "example.com tlsa of=mx.example.com failure+1\n  dnssec-invalid+1 mx=mx.example.com\n"},
    {"domain=example.com result=dane-required", "example.com tlsa failure+1\n  dane-required+1\n"},
    {"domain=example.com result=dane-required policy=no-policy-found",
     "example.com no-policy-found failure+1\n  dane-required+1\n"},
};

static void an_event_is_a_session(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(alone); i++) {
        struct ww_tls_result event;
        struct ww_sessions m;
        struct ww_sessions_detail detail;
        begin();
        read_event(alone[i].event, &event);
        ww_line_sessions_of(&event, &m, &detail);
        show_sessions(&b, &m);
        if (strcmp(what_was_shown(), alone[i].shown) != 0)
            fail_msg("%s:\n%s", alone[i].event, shown);
    }
}

/* ---- events of the same session ---- */

#define EVENT(time, session, result) \
    "time=" time " domain=example.com policy=sts mode=enforce result=" result " session=" session
#define SUCCESS "example.com sts of=example.com success+1\n"
#define BACK "example.com sts of=example.com success-1\n"
#define FAILURE "example.com sts of=example.com failure+1\n  validation-failure+1\n"

static const struct {
    const char *events[5];
    const char *shown;
} sequences[] = {
    {{EVENT("100", "a", "success"), EVENT("100", "b", "success")}, SUCCESS SUCCESS},
    {{EVENT("100", "a", "success"), EVENT("100", "a", "success")}, SUCCESS},
    {{EVENT("100", "a", "success"), EVENT("160", "a", "success")}, SUCCESS},
    {{EVENT("100", "a", "success"), EVENT("161", "a", "success")}, SUCCESS SUCCESS},
    {{EVENT("100", "a", "success"), EVENT("40", "a", "success")}, SUCCESS},
    {{EVENT("100", "a", "success"), EVENT("39", "a", "success")}, SUCCESS SUCCESS},
    /* from its first event on */
    {{EVENT("100", "a", "success"), EVENT("150", "a", "success"), EVENT("170", "a", "success"),
      EVENT("180", "a", "success")},
     SUCCESS SUCCESS},
    {{EVENT("100", "a", "validation-failure"), EVENT("100", "a", "success")}, FAILURE},
    {{EVENT("100", "a", "success"), EVENT("101", "a", "validation-failure")}, SUCCESS BACK FAILURE},
    {{EVENT("100", "a", "validation-failure"), EVENT("100", "a", "dane-required")}, FAILURE},
    {{EVENT("100", "a", "success"), EVENT("101", "a", "validation-failure"),
      EVENT("102", "a", "dane-required"), EVENT("103", "a", "success")},
     SUCCESS BACK FAILURE},
    {{EVENT("100", "a", "success"), EVENT("161", "a", "validation-failure")}, SUCCESS FAILURE},
    {{EVENT("100", "a", "success"), EVENT("161", "a", "success"), EVENT("162", "a", "validation-failure")},
     SUCCESS SUCCESS BACK FAILURE},
    /* without a name */
    {{EVENT("100", "", "success"), EVENT("100", "", "success"), EVENT("100", "", "validation-failure")},
     SUCCESS SUCCESS FAILURE},
    /* what is taken back is what was counted */
    {{"time=86399 domain=example.com result=success tls=trusted session=a",
      "time=86400 domain=example.com result=validation-failure policy=sts session=a"},
     "example.com unknown unverified+1\nexample.com unknown unverified-1\n"
     "example.com day+1 sts of=example.com failure+1\n  validation-failure+1\n"},
    {{"time=5 domain=example.com result=success policy=sts mode=testing policy-id=a1 session=a mta=waxwing",
      "time=5 domain=example.com result=validation-failure policy=tlsa mx=mx.example.com session=a"},
     "example.com sts ours id=a1 of=example.com unverified+1\n"
     "example.com sts ours id=a1 of=example.com unverified-1\n"
     "example.com tlsa of=mx.example.com failure+1\n  validation-failure+1 mx=mx.example.com\n"},
    {{"time=5 domain=example.com result=success policy=tlsa mx=mx1.example.com session=a",
      "time=5 domain=example.com result=validation-failure policy=tlsa mx=mx2.example.com session=a"},
     "example.com tlsa of=mx1.example.com success+1\nexample.com tlsa of=mx1.example.com success-1\n"
     "example.com tlsa of=mx2.example.com failure+1\n  validation-failure+1 mx=mx2.example.com\n"},
    /* a name belongs to its domain */
    {{"time=5 domain=example.com result=success policy=tlsa session=a",
      "time=5 domain=example.net result=success policy=tlsa session=a"},
     "example.com tlsa success+1\nexample.net tlsa success+1\n"},
};

static struct ww_line_sessions *new_sessions(void)
{
    struct ww_line_sessions *sessions = ww_line_sessions_new();
    assert_non_null(sessions);
    return sessions;
}

static void take(struct ww_line_sessions *sessions, const char *pairs, bool counted)
{
    struct ww_tls_result event;
    read_event(pairs, &event);
    assert_true(ww_line_sessions_take(sessions, &event, counted, show_item, NULL));
}

static void events_of_a_session_are_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(sequences); i++) {
        struct ww_line_sessions *sessions = new_sessions();
        begin();
        for (size_t k = 0; k < COUNT(sequences[i].events) && sequences[i].events[k] != NULL; k++)
            take(sessions, sequences[i].events[k], false);
        if (strcmp(what_was_shown(), sequences[i].shown) != 0)
            fail_msg("%zu, from %s on:\n%s", i, sequences[i].events[0], shown);
        ww_line_sessions_free(sessions);
    }
}

static void take_numbered(struct ww_line_sessions *sessions, unsigned number, const char *result)
{
    char pairs[128];
    (void)snprintf(pairs, sizeof pairs,
                   "time=100 domain=example.com policy=sts mode=enforce result=%s session=%u", result,
                   number);
    take(sessions, pairs, false);
}

static void what_began_first_is_forgotten_first(void **state)
{
    (void)state;
    struct ww_line_sessions *sessions = new_sessions();
    for (unsigned i = 0; i < WW_LINE_SESSIONS_MAX; i++) {
        begin();
        take_numbered(sessions, i, "success");
        assert_string_equal(what_was_shown(), SUCCESS);
    }
    begin();
    take_numbered(sessions, 0, "success");
    assert_string_equal(what_was_shown(), "");
    take_numbered(sessions, WW_LINE_SESSIONS_MAX, "success");
    take_numbered(sessions, 1, "validation-failure");
    assert_string_equal(what_was_shown(), SUCCESS BACK FAILURE);
    begin();
    take_numbered(sessions, 0, "validation-failure");
    assert_string_equal(what_was_shown(), FAILURE);
    ww_line_sessions_free(sessions);
}

/* ---- random events ---- */

#define EVENTS 60

static struct ww_tls_result random_events[EVENTS];
static uint64_t seed;

static unsigned random_below(unsigned n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % n;
}

static void make_random_events(unsigned run, unsigned seconds)
{
    seed = run;
    for (size_t i = 0; i < EVENTS; i++) {
        struct ww_tls_result *e = &random_events[i];
        *e = (struct ww_tls_result){.time = WW_DAY_SECONDS - 100 + random_below(seconds)};
        memcpy(e->domain, random_below(2) == 0 ? "a.example" : "b.example", sizeof "a.example");
        if (random_below(6) > 0)
            e->session[0] = (char)('a' + random_below(6));
        e->policy_known = random_below(4) > 0;
        e->policy = (enum ww_policy_type)random_below(3);
        e->mode = (enum ww_result_mode)random_below(WW_RESULT_MODES);
        e->tls = (enum ww_tls_seen)random_below(WW_TLS_SEEN_COUNT);
        if (random_below(3) == 0)
            e->type = (enum ww_result_type)random_below(WW_RESULT_TYPES);
    }
}

static void take_random(struct ww_line_sessions *sessions, size_t from, size_t to, bool counted)
{
    for (size_t i = from; i < to; i++)
        assert_true(ww_line_sessions_take(sessions, &random_events[i], counted, show_item, NULL));
}

/* Anew after every event in turn: what was shown before, and what is shown after it, is the same. */
static void who_is_started_anew_counts_the_same(void **state)
{
    (void)state;
    static char whole[sizeof shown];
    for (unsigned run = 0; run < 50; run++) {
        struct ww_line_sessions *sessions = new_sessions();
        make_random_events(run, 200);
        begin();
        take_random(sessions, 0, EVENTS, false);
        memcpy(whole, what_was_shown(), b.n + 1);
        ww_line_sessions_free(sessions);
        for (size_t anew = 0; anew <= EVENTS; anew++) {
            begin();
            sessions = new_sessions();
            take_random(sessions, 0, anew, false);
            ww_line_sessions_free(sessions);
            sessions = new_sessions();
            size_t before = b.n;
            take_random(sessions, 0, anew, true);
            assert_int_equal(b.n, before);
            take_random(sessions, anew, EVENTS, false);
            ww_line_sessions_free(sessions);
            if (strcmp(what_was_shown(), whole) != 0)
                fail_msg("run %u, anew after %zu", run, anew);
        }
    }
}

struct totals {
    int64_t sessions, failures;
};

static void add_totals(void *ctx, const struct ww_sessions *m)
{
    struct totals *t = ctx;
    t->sessions += m->success + m->unverified + m->failure;
    t->failures += m->failure;
}

/* Within a minute each name of a domain is one session, which has failed when any of its events has. */
static struct totals count_simply(void)
{
    struct totals t = {0};
    for (size_t i = 0; i < EVENTS; i++) {
        const struct ww_tls_result *e = &random_events[i];
        bool failed = e->type != WW_RESULT_NONE, first = true;
        for (size_t k = 0; k < EVENTS && e->session[0] != '\0'; k++) {
            const struct ww_tls_result *other = &random_events[k];
            if (strcmp(e->domain, other->domain) != 0 || strcmp(e->session, other->session) != 0)
                continue;
            first = first && k >= i;
            failed = failed || other->type != WW_RESULT_NONE;
        }
        t.sessions += first;
        t.failures += first && failed;
    }
    return t;
}

static void totals_are_those_of_simple_counting(void **state)
{
    (void)state;
    for (unsigned run = 0; run < 200; run++) {
        struct ww_line_sessions *sessions = new_sessions();
        struct totals t = {0};
        make_random_events(run, WW_LINE_SESSION_SECONDS + 1);
        for (size_t i = 0; i < EVENTS; i++)
            assert_true(ww_line_sessions_take(sessions, &random_events[i], false, add_totals, &t));
        struct totals simple = count_simply();
        assert_int_equal(t.sessions, simple.sessions);
        assert_int_equal(t.failures, simple.failures);
        ww_line_sessions_free(sessions);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_a_session),
        cmocka_unit_test(events_of_a_session_are_one),
        cmocka_unit_test(what_began_first_is_forgotten_first),
        cmocka_unit_test(who_is_started_anew_counts_the_same),
        cmocka_unit_test(totals_are_those_of_simple_counting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
