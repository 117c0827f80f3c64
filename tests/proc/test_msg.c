#include "proc/msg.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>

static char bytes[128 * 1024];

static struct ww_buf fresh(void)
{
    memset(bytes, 0x55, sizeof bytes);
    return ww_buf(bytes, sizeof bytes);
}

static void fill(char *out, size_t n, char c)
{
    memset(out, c, n);
    out[n] = '\0';
}

static void role_names(void **state)
{
    (void)state;
    assert_string_equal(ww_role_kind_name(WW_ROLE_FRONT), "front");
    assert_string_equal(ww_role_kind_name(WW_ROLE_KEEPER), "keeper");
    assert_string_equal(ww_role_kind_name(WW_ROLE_COUNT), "unknown");
    char name[WW_ROLE_NAME_SIZE];
    ww_role_name(WW_ROLE_FRONT, 0, name);
    assert_string_equal(name, "front");
    ww_role_name(WW_ROLE_RESOLVER, UINT16_MAX, name);
    assert_string_equal(name, "resolver-65535");
}

static void peers(void **state)
{
    (void)state;
    static const struct {
        struct ww_msg_peer m;
        enum ww_err err;
    } cases[] = {
        {{WW_ROLE_RESOLVER, 0, 1, false}, WW_OK},
        {{WW_ROLE_RESOLVER, 63, 64, true}, WW_OK},
        {{WW_ROLE_KEEPER, 0, 1, false}, WW_OK},
        {{WW_ROLE_KEEPER, 1, 1, false}, WW_E_MSG_MALFORMED}, /* no such one */
        {{WW_ROLE_KEEPER, 0, 0, false}, WW_E_MSG_MALFORMED},
        {{WW_ROLE_COUNT, 0, 1, false}, WW_E_MSG_MALFORMED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ww_buf b = fresh();
        struct ww_msg_peer out;
        ww_msg_put_peer(&b, &cases[i].m);
        assert_false(b.failed);
        assert_int_equal(ww_msg_get_peer(ww_slice(b.p, b.n), &out), cases[i].err);
        if (cases[i].err != WW_OK)
            continue;
        assert_int_equal(out.kind, cases[i].m.kind);
        assert_int_equal(out.index, cases[i].m.index);
        assert_int_equal(out.count, cases[i].m.count);
        assert_int_equal(out.instead, cases[i].m.instead);
    }
}

static void listeners(void **state)
{
    (void)state;
    struct ww_msg_listener in = {.purpose = WW_LISTEN_CONTROL}, out;
    struct ww_buf b = fresh();
    fill(in.name, sizeof in.name - 1, 'n');
    ww_msg_put_listener(&b, &in);
    assert_false(b.failed);
    assert_int_equal(ww_msg_get_listener(ww_slice(b.p, b.n), &out), WW_OK);
    assert_string_equal(out.name, in.name);
    assert_int_equal(out.purpose, WW_LISTEN_CONTROL);

    memset(in.name, 'n', sizeof in.name); /* no end */
    b = fresh();
    ww_msg_put_listener(&b, &in);
    assert_true(b.failed);
}

static void resolves(void **state)
{
    (void)state;
    struct ww_msg_resolve in = {
        .flight = UINT64_MAX - 1, .dane = true, .ask = {.retry_at = -5, .refetch = true}};
    struct ww_msg_resolve out;
    for (int full = 0; full < 2; full++) {
        struct ww_buf b = fresh();
        in.sts = full;
        fill(in.ask.domain, full ? WW_DNAME_MAX : 1, 'd');
        fill(in.ask.known_id, full ? WW_STS_ID_MAX : 0, 'k');
        fill(in.ask.failed_id, full ? WW_STS_ID_MAX : 0, 'f');
        ww_msg_put_resolve(&b, &in);
        assert_false(b.failed);
        assert_int_equal(ww_msg_get_resolve(ww_slice(b.p, b.n), &out), WW_OK);
        assert_int_equal(out.flight, in.flight);
        assert_int_equal(out.sts, full);
        assert_true(out.dane);
        assert_string_equal(out.ask.domain, in.ask.domain);
        assert_string_equal(out.ask.known_id, in.ask.known_id);
        assert_string_equal(out.ask.failed_id, in.ask.failed_id);
        assert_int_equal(out.ask.retry_at, -5);
        assert_true(out.ask.refetch);
    }
}

/* As large as it can be. */
static void fill_origin(struct ww_origin *origin)
{
    fill(origin->address, sizeof origin->address - 1, ':');
    fill(origin->cert.issuer, sizeof origin->cert.issuer - 1, ' ');
    memset(origin->cert.fingerprint, 0xff, sizeof origin->cert.fingerprint);
    origin->cert.not_after = INT64_MIN;
}

static void assert_same_origin(const struct ww_origin *a, const struct ww_origin *b)
{
    assert_string_equal(a->address, b->address);
    assert_string_equal(a->cert.issuer, b->cert.issuer);
    assert_memory_equal(a->cert.fingerprint, b->cert.fingerprint, sizeof b->cert.fingerprint);
    assert_int_equal(a->cert.not_after, b->cert.not_after);
}

static void results(void **state)
{
    (void)state;
    static char body[WW_POLICY_BODY_MAX + 1];
    static const struct {
        enum ww_discovery_outcome outcome;
        enum ww_err why;
        size_t body;
        bool fits;
        enum ww_err err;
    } cases[] = {
        {WW_FOUND_POLICY, WW_OK, WW_POLICY_BODY_MAX, true, WW_OK},
        {WW_FOUND_NO_RECORD, WW_OK, 0, true, WW_OK},
        {WW_FOUND_WAITING, WW_ERR_COUNT - 1, 0, true, WW_OK},
        {WW_FOUND_WAITING + 1, WW_OK, 0, true, WW_E_MSG_MALFORMED},
        {WW_FOUND_FETCH_FAILURE, WW_ERR_COUNT, 0, true, WW_E_MSG_MALFORMED},
        {WW_FOUND_POLICY, WW_OK, WW_POLICY_BODY_MAX + 1, false, WW_OK},
    };
    memset(body, '\0', sizeof body); /* a body may hold anything */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static struct ww_msg_resolved in, out;
        struct ww_buf b = fresh();
        in.flight = i;
        in.result.outcome = cases[i].outcome;
        in.result.why = cases[i].why;
        in.result.record_ttl = UINT32_MAX;
        in.result.body = ww_slice(body, cases[i].body);
        fill(in.result.id, WW_STS_ID_MAX, 'i');
        fill(in.result.detail, WW_DISCOVERY_DETAIL_SIZE - 1, ' ');
        fill_origin(&in.result.origin);
        ww_msg_put_resolved(&b, &in);
        assert_int_equal(b.failed, !cases[i].fits);
        if (b.failed)
            continue;
        assert_true(b.n <= 96 * 1024 - 4);
        assert_int_equal(ww_msg_get_resolved(ww_slice(b.p, b.n), &out), cases[i].err);
        if (cases[i].err != WW_OK)
            continue;
        assert_int_equal(out.flight, i);
        assert_int_equal(out.result.outcome, cases[i].outcome);
        assert_int_equal(out.result.why, cases[i].why);
        assert_int_equal(out.result.record_ttl, UINT32_MAX);
        assert_true(ww_slice_eq(out.result.body, in.result.body));
        assert_string_equal(out.result.id, in.result.id);
        assert_string_equal(out.result.detail, in.result.detail);
        assert_same_origin(&out.result.origin, &in.result.origin);
    }
}

static void policies(void **state)
{
    (void)state;
    struct ww_stored_policy in = {.domain = "example.net",
                                  .id = "20260101T000000",
                                  .body = ww_slice_str("version: STSv1\n"),
                                  .mode = WW_MODE_ENFORCE,
                                  .fetched = 1,
                                  .expires = INT64_MAX,
                                  .checked = 3};
    struct ww_msg_policy out;
    struct ww_buf b = fresh();
    ww_msg_put_policy(&b, &in);
    assert_false(b.failed);
    assert_int_equal(ww_msg_get_policy(ww_slice(b.p, b.n), &out), WW_OK);
    assert_string_equal(out.policy.domain, in.domain);
    assert_ptr_equal(out.policy.domain, out.domain);
    assert_string_equal(out.policy.id, in.id);
    assert_true(ww_slice_eq(out.policy.body, in.body));
    assert_int_equal(out.policy.mode, WW_MODE_ENFORCE);
    assert_int_equal(out.policy.fetched, 1);
    assert_int_equal(out.policy.expires, INT64_MAX);
    assert_int_equal(out.policy.checked, 3);
    assert_null(out.policy.origin);

    struct ww_origin origin;
    fill_origin(&origin);
    in.origin = &origin;
    b = fresh();
    ww_msg_put_policy(&b, &in);
    assert_false(b.failed);
    assert_int_equal(ww_msg_get_policy(ww_slice(b.p, b.n), &out), WW_OK);
    assert_ptr_equal(out.policy.origin, &out.origin);
    assert_same_origin(&out.origin, &origin);

    origin.cert.issuer[3] = '\n';
    b = fresh();
    ww_msg_put_policy(&b, &in);
    assert_int_equal(ww_msg_get_policy(ww_slice(b.p, b.n), &out), WW_E_MSG_MALFORMED);

    char longest[WW_DNAME_SIZE + 1];
    fill(longest, WW_DNAME_SIZE, 'a');
    in.domain = longest;
    b = fresh();
    ww_msg_put_policy(&b, &in);
    assert_true(b.failed);
}

static void confirmations(void **state)
{
    (void)state;
    struct ww_msg_confirm in = {.domain = "example.net", .id = "20260101", .checked = 3}, out;
    struct ww_buf b = fresh();
    ww_msg_put_confirm(&b, &in);
    assert_false(b.failed);
    assert_int_equal(ww_msg_get_confirm(ww_slice(b.p, b.n), &out), WW_OK);
    assert_string_equal(out.domain, in.domain);
    assert_string_equal(out.id, in.id);
    assert_int_equal(out.checked, 3);
}

/* Strings as no encoder writes them: in a confirmation, whose first field is one. */
static void bad_strings(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t n;
        uint16_t told; /* the length that the message claims */
        enum ww_err err;
    } cases[] = {
        {"example.net", 11, 11, WW_OK},
        {"", 0, 0, WW_OK},
        {"exa\0ple.net", 11, 11, WW_E_MSG_MALFORMED},
        {"exa ple.net", 11, 11, WW_E_MSG_MALFORMED},
        {"exa\nple.net", 11, 11, WW_E_MSG_MALFORMED},
        {"exa\x7fple.net", 11, 11, WW_E_MSG_MALFORMED},
        {"exa\xc3ple.net", 11, 11, WW_E_MSG_MALFORMED},
        {"example.net", 11, 10, WW_E_MSG_MALFORMED}, /* one byte too many at the end */
        {"example.net", 11, 12, WW_E_MSG_MALFORMED}, /* one too few */
        {"example.net", 11, 65535, WW_E_MSG_MALFORMED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ww_buf b = fresh();
        struct ww_msg_confirm out;
        ww_buf_u16(&b, cases[i].told);
        ww_buf_bytes(&b, cases[i].text, cases[i].n);
        ww_buf_u16(&b, 0);
        ww_buf_u64(&b, 7);
        if (ww_msg_get_confirm(ww_slice(b.p, b.n), &out) != cases[i].err)
            fail_msg("case %zu", i);
    }
    struct ww_buf b = fresh();
    struct ww_msg_confirm out;
    ww_buf_u16(&b, WW_DNAME_SIZE); /* the NUL would not fit */
    for (int k = 0; k < WW_DNAME_SIZE; k++)
        ww_buf_char(&b, 'a');
    ww_buf_u16(&b, 0);
    ww_buf_u64(&b, 7);
    assert_int_equal(ww_msg_get_confirm(ww_slice(b.p, b.n), &out), WW_E_MSG_MALFORMED);
}

#define TRY_AS(name, in, out)                                             \
    do {                                                                  \
        struct ww_buf b = fresh();                                        \
        ww_msg_put_##name(&b, &(in));                                     \
        for (size_t n = 0; n <= b.n + 1; n++)                             \
            assert_int_equal(ww_msg_get_##name(ww_slice(b.p, n), &(out)), \
                             n == b.n ? WW_OK : WW_E_MSG_MALFORMED);      \
    } while (0)

#define TRY(name, out) TRY_AS(name, name, out)

/* No decoder takes a message that lacks its last bytes, or one with more behind it. */
static void every_length(void **state)
{
    (void)state;
    static struct ww_msg_resolved resolved, resolved_out;
    struct ww_msg_resolve resolve = {.flight = 1}, resolve_out;
    struct ww_msg_peer peer = {WW_ROLE_KEEPER, 0, 1, false}, peer_out;
    struct ww_msg_listener listener = {.name = "inet:127.0.0.1:8461"}, listener_out;
    struct ww_msg_confirm confirm = {.domain = "a"}, confirm_out;
    struct ww_stored_policy policy = {.domain = "a", .id = "1", .body = ww_slice_str("b")};
    struct ww_msg_policy policy_out;
    struct ww_msg_stored stored = {7}, stored_out;
    resolved.result.body = ww_slice_str("body");
    TRY(peer, peer_out);
    TRY(listener, listener_out);
    TRY(resolve, resolve_out);
    TRY(resolved, resolved_out);
    TRY(policy, policy_out);
    TRY(confirm, confirm_out);
    TRY(stored, stored_out);
}

static void every_length_of_roles(void **state)
{
    (void)state;
    struct ww_msg_roles in = {.since = 1, .pid = 2, .count = 2, .roles = {{.kind = WW_ROLE_CONTROL}}}, out;
    TRY_AS(roles, in, out);
}

static void roles(void **state)
{
    (void)state;
    struct ww_msg_roles in = {.since = 1, .pid = 2, .count = WW_MSG_ROLES_MAX}, out;
    for (unsigned i = 0; i < in.count; i++)
        in.roles[i] = (struct ww_role_status){WW_ROLE_RESOLVER, (uint16_t)i, i % 2 == 0, i + 1, 7, i};
    struct ww_buf b = fresh();
    ww_msg_put_roles(&b, &in);
    assert_false(b.failed);
    assert_int_equal(ww_msg_get_roles(ww_slice(b.p, b.n), &out), WW_OK);
    assert_int_equal(out.count, in.count);
    for (unsigned i = 0; i < in.count; i++) {
        assert_int_equal(out.roles[i].kind, WW_ROLE_RESOLVER);
        assert_int_equal(out.roles[i].index, i);
        assert_int_equal(out.roles[i].ready, i % 2 == 0);
        assert_int_equal(out.roles[i].pid, i + 1);
        assert_int_equal(out.roles[i].restarts, 7);
        assert_int_equal(out.roles[i].since, i);
    }
}

static void forgetting(void **state)
{
    (void)state;
    static const char *const domains[] = {"", "example.com"};
    const struct ww_msg_not_stored trouble = {WW_E_STORE_FULL};
    struct ww_msg_not_stored trouble_out;
    for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++) {
        struct ww_msg_forget in, out;
        snprintf(in.domain, sizeof in.domain, "%s", domains[i]);
        struct ww_buf b = fresh();
        ww_msg_put_forget(&b, &in);
        assert_int_equal(ww_msg_get_forget(ww_slice(b.p, b.n), &out), WW_OK);
        assert_string_equal(out.domain, domains[i]);
        assert_int_equal(ww_msg_get_forget(ww_slice(b.p, b.n + 1), &out), WW_E_MSG_MALFORMED);
    }
    struct ww_buf b = fresh();
    ww_msg_put_not_stored(&b, &trouble);
    assert_int_equal(ww_msg_get_not_stored(ww_slice(b.p, b.n), &trouble_out), WW_OK);
    assert_int_equal(trouble_out.why, WW_E_STORE_FULL);
    assert_int_equal(ww_msg_get_not_stored(ww_slice("\377\377", 2), &trouble_out), WW_E_MSG_MALFORMED);
}

static void asks(void **state)
{
    (void)state;
    const struct ww_msg_ask ask = {.number = 5, .payload = ww_slice_str("what")};
    const struct ww_msg_told told = {5, WW_OK, true, ww_slice_str("this")};
    struct ww_msg_ask ask_out;
    struct ww_msg_told told_out;
    struct ww_buf b = fresh();
    ww_msg_put_ask(&b, &ask);
    assert_int_equal(ww_msg_get_ask(ww_slice(b.p, b.n), &ask_out), WW_OK);
    assert_int_equal(ask_out.number, 5);
    assert_true(ww_slice_eq(ask_out.payload, ask.payload));
    assert_int_equal(ww_msg_get_ask(ww_slice(b.p, 5), &ask_out), WW_E_MSG_MALFORMED);
    b = fresh();
    ww_msg_put_told(&b, &told);
    assert_int_equal(ww_msg_get_told(ww_slice(b.p, b.n), &told_out), WW_OK);
    assert_int_equal(told_out.number, 5);
    assert_int_equal(told_out.err, WW_OK);
    assert_true(told_out.more);
    assert_true(ww_slice_eq(told_out.payload, told.payload));
    assert_int_equal(ww_msg_get_told(ww_slice(b.p, 7), &told_out), WW_E_MSG_MALFORMED);
}

/* An error ends an answer, and says no more. */
static void errors_told(void **state)
{
    (void)state;
    static const struct {
        bool more;
        const char *payload;
        enum ww_err expected;
    } cases[] = {
        {false, "", WW_OK},
        {true, "", WW_E_MSG_MALFORMED},
        {false, "this", WW_E_MSG_MALFORMED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct ww_msg_told told = {5, WW_E_NOT_KNOWN, cases[i].more, ww_slice_str(cases[i].payload)};
        struct ww_msg_told out;
        struct ww_buf b = fresh();
        ww_msg_put_told(&b, &told);
        assert_int_equal(ww_msg_get_told(ww_slice(b.p, b.n), &out), cases[i].expected);
    }
}

/* The words of a resolver, which reads what strangers send, go to people and into JSON. */
static void details_are_printable(void **state)
{
    (void)state;
    static const struct {
        const char *detail;
        enum ww_err expected;
    } cases[] = {
        {"a line \\155", WW_OK},
        {"\033[2J", WW_E_MSG_MALFORMED},
        {"\xc2\x9b", WW_E_MSG_MALFORMED},
        {"\xff", WW_E_MSG_MALFORMED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ww_msg_resolved out;
        struct ww_msg_resolved in = {.flight = 1};
        struct ww_buf b = fresh();
        in.result.outcome = WW_FOUND_NO_RECORD;
        in.result.body = ww_slice("", 0);
        snprintf(in.result.detail, sizeof in.result.detail, "%s", cases[i].detail);
        ww_msg_put_resolved(&b, &in);
        assert_int_equal(ww_msg_get_resolved(ww_slice(b.p, b.n), &out), cases[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(role_names),
        cmocka_unit_test(peers),
        cmocka_unit_test(listeners),
        cmocka_unit_test(resolves),
        cmocka_unit_test(results),
        cmocka_unit_test(policies),
        cmocka_unit_test(confirmations),
        cmocka_unit_test(bad_strings),
        cmocka_unit_test(roles),
        cmocka_unit_test(asks),
        cmocka_unit_test(errors_told),
        cmocka_unit_test(details_are_printable),
        cmocka_unit_test(forgetting),
        cmocka_unit_test(every_length),
        cmocka_unit_test(every_length_of_roles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
