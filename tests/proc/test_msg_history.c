#include "proc/msg_history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static char bytes[16 * 1024];
static char body[WW_VERSION_BODY_MAX + 1];

static struct ww_version version_of(struct ww_slice kept, size_t size)
{
    return (struct ww_version){
        .id = "20260101",
        .hash = {0xff, 1, 2},
        .turn = INT64_MAX,
        .turns = 2,
        .first_seen = -3,
        .last_seen = 4,
        .expires = 5,
        .mode = WW_MODE_ENFORCE,
        .size = size,
        .body = kept,
        .origin = {.address = "192.0.2.1", .cert = {.fingerprint = {7}, .issuer = "CN=A B", .not_after = 8}},
    };
}

static void versions(void **state)
{
    (void)state;
    const struct {
        struct ww_slice body;
        size_t size;
        enum ww_err err;
    } cases[] = {
        {ww_slice(body, 100), 100, WW_OK},
        {ww_slice(body, WW_VERSION_BODY_MAX), WW_VERSION_BODY_MAX, WW_OK},
        {ww_slice(NULL, 0), WW_POLICY_BODY_MAX, WW_OK}, /* not kept */
        {ww_slice(body, 0), 0, WW_OK},
        {ww_slice(body, 100), 101, WW_E_MSG_MALFORMED},
        {ww_slice(body, 0), 1, WW_E_MSG_MALFORMED},
        {ww_slice(NULL, 0), WW_POLICY_BODY_MAX + 1, WW_E_MSG_MALFORMED},
        {ww_slice(body, WW_VERSION_BODY_MAX + 1), WW_VERSION_BODY_MAX + 1, WW_E_MSG_MALFORMED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct ww_version in = version_of(cases[i].body, cases[i].size);
        struct ww_version out;
        struct ww_buf b = ww_buf(bytes, sizeof bytes);
        ww_msg_put_version(&b, &in);
        assert_false(b.failed);
        if (ww_msg_get_version(ww_slice(b.p, b.n), &out) != cases[i].err)
            fail_msg("case %zu", i);
        if (cases[i].err != WW_OK)
            continue;
        assert_string_equal(out.id, in.id);
        assert_memory_equal(out.hash, in.hash, sizeof in.hash);
        assert_true(out.turn == in.turn && out.turns == 2 && out.first_seen == -3 && out.last_seen == 4);
        assert_true(out.expires == 5 && out.mode == WW_MODE_ENFORCE && out.size == in.size);
        assert_true(ww_slice_eq(out.body, in.body) && (out.body.p == NULL) == (in.body.p == NULL));
        assert_string_equal(out.origin.address, "192.0.2.1");
        assert_string_equal(out.origin.cert.issuer, "CN=A B");
        assert_memory_equal(out.origin.cert.fingerprint, in.origin.cert.fingerprint, WW_FINGERPRINT_SIZE);
        assert_int_equal(out.origin.cert.not_after, 8);
        for (size_t n = 0; n <= b.n + 1; n++)
            if (n != b.n)
                assert_int_equal(ww_msg_get_version(ww_slice(b.p, n), &out), WW_E_MSG_MALFORMED);
    }
}

static void questions(void **state)
{
    (void)state;
    const struct ww_msg_history in = {.domain = "example.net", .before = INT64_MAX};
    struct ww_msg_history out;
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    ww_msg_put_history(&b, &in);
    assert_int_equal(ww_msg_get_history(ww_slice(b.p, b.n), &out), WW_OK);
    assert_string_equal(out.domain, in.domain);
    assert_int_equal(out.before, INT64_MAX);
    for (size_t n = 0; n < b.n; n++)
        assert_int_equal(ww_msg_get_history(ww_slice(b.p, n), &out), WW_E_MSG_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions),
        cmocka_unit_test(questions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
