/* The public face of the parsers, whose own tests are in tests/core: what is handed on, copied and freed. */
#include <waxwing/waxwing.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define S(text)                  \
    {                            \
        (text), sizeof(text) - 1 \
    }

static void the_version_is_that_of_the_headers(void **state)
{
    char text[32];
    (void)state;
    assert_string_equal(waxwing_version(), WAXWING_VERSION);
    (void)snprintf(text, sizeof text, "%d.%d.%d", WAXWING_VERSION_MAJOR, WAXWING_VERSION_MINOR,
                   WAXWING_VERSION_PATCH);
    assert_string_equal(waxwing_version(), text);
    assert_true(WAXWING_VERSION_NUMBER == 0x000100);
}

static void an_error_says_which_rule(void **state)
{
    (void)state;
    char id[WAXWING_STS_ID_SIZE];
    size_t offset = 99;
    const struct waxwing_error *e = waxwing_sts_record_parse("v=STSv1; id=a b;", 16, id, &offset);
    assert_string_equal(waxwing_error_id(e), "sts-id");
    assert_string_equal(waxwing_error_message(e), "the id is not 1 to 32 letters and digits");
    assert_string_equal(waxwing_error_source(e), "RFC 8461 section 3.1");
    assert_int_equal(offset, 13);
    assert_string_equal(id, "");
    assert_string_equal(waxwing_error_id(NULL), "ok");
    assert_string_equal(waxwing_error_source(NULL), "");
    assert_non_null(waxwing_sts_record_parse("v=STSv1;", 8, id, NULL));
}

static void the_record_is_picked_from_all_of_them(void **state)
{
    const struct waxwing_octets spf = S("v=spf1 -all"), one = S("v=STSv1; id=1;"), two = S("v=STSv1; id=2;"),
                                bad = S("v=STSv1; id=;");
    const struct waxwing_octets good[] = {spf, one}, several[] = {one, two}, broken[] = {bad},
                                other[] = {spf};
    char id[WAXWING_STS_ID_SIZE];
    const struct waxwing_error *why;
    (void)state;
    assert_int_equal(waxwing_sts_record_select(good, 2, id, &why), WAXWING_PRESENT);
    assert_null(why);
    assert_string_equal(id, "1");
    assert_int_equal(waxwing_sts_record_select(several, 2, id, &why), WAXWING_INVALID);
    assert_string_equal(waxwing_error_id(why), "sts-multiple");
    assert_string_equal(id, "");
    assert_int_equal(waxwing_sts_record_select(broken, 1, id, NULL), WAXWING_INVALID);
    assert_int_equal(waxwing_sts_record_select(other, 1, id, &why), WAXWING_ABSENT);
    assert_null(why);
    assert_int_equal(waxwing_sts_record_select(NULL, 0, id, NULL), WAXWING_ABSENT);
}

static void a_policy_outlives_its_body(void **state)
{
    char body[] = "version: STSv1\r\nmode: enforce\r\nmx: mx.a.de\r\nmx:*.B.de\r\nmax_age: 604800\r\n";
    struct waxwing_policy *p;
    (void)state;
    assert_null(waxwing_policy_parse(body, sizeof body - 1, &p, NULL));
    memset(body, 'x', sizeof body);
    assert_int_equal(waxwing_policy_mode(p), WAXWING_MODE_ENFORCE);
    assert_int_equal(waxwing_policy_max_age(p), 604800);
    assert_int_equal(waxwing_policy_mx_count(p), 2);
    assert_string_equal(waxwing_policy_mx(p, 0), "mx.a.de");
    assert_string_equal(waxwing_policy_mx(p, 1), "*.B.de");
    assert_null(waxwing_policy_mx(p, 2));
    assert_true(waxwing_policy_match(p, "MX.a.de."));
    assert_true(waxwing_policy_match(p, "x.b.de"));
    assert_false(waxwing_policy_match(p, "x.y.b.de"));
    waxwing_policy_free(p);
    waxwing_policy_free(NULL);
}

static void a_broken_policy_says_where(void **state)
{
    static const char body[] = "version: STSv1\nmode: strict\n";
    struct waxwing_policy *p;
    size_t offset;
    (void)state;
    assert_string_equal(waxwing_error_id(waxwing_policy_parse(body, sizeof body - 1, &p, &offset)),
                        "policy-mode");
    assert_int_equal(offset, 21);
    assert_null(p);
}

/* As many patterns as fit: their list is behind them. */
static void a_large_policy_has_all_its_patterns(void **state)
{
    static char body[65536];
    static const char head[] = "version:STSv1\nmode:enforce\nmax_age:1\n";
    struct waxwing_policy *p;
    (void)state;
    memcpy(body, head, sizeof head);
    size_t n = sizeof head - 1, count = 0;
    for (; n + 5 <= sizeof body; n += 5, count++)
        memcpy(body + n, "mx:a\n", 5);
    assert_null(waxwing_policy_parse(body, n, &p, NULL));
    assert_int_equal(waxwing_policy_mx_count(p), count);
    assert_string_equal(waxwing_policy_mx(p, 0), "a");
    assert_string_equal(waxwing_policy_mx(p, count - 1), "a");
    waxwing_policy_free(p);
}

static void patterns_are_checked_and_matched(void **state)
{
    size_t offset;
    (void)state;
    assert_null(waxwing_mx_pattern_check("*.example.net", &offset));
    assert_non_null(waxwing_mx_pattern_check("a.*.example.net", &offset));
    assert_int_equal(offset, 2);
    assert_true(waxwing_mx_match("*.example.net", "mx.example.net"));
    assert_false(waxwing_mx_match("*.example.net", "example.net"));
}

static void a_tlsrpt_record_has_its_uris(void **state)
{
    char text[] = "v=TLSRPTv1; rua=mailto:a@b.de,https://b.de/r,ftp:x";
    struct waxwing_tlsrpt_record *r;
    enum waxwing_rua_scheme scheme;
    size_t offset;
    (void)state;
    assert_null(waxwing_tlsrpt_record_parse(text, sizeof text - 1, &r, &offset));
    memset(text, 'x', sizeof text);
    assert_int_equal(waxwing_tlsrpt_record_rua_count(r), 3);
    assert_string_equal(waxwing_tlsrpt_record_rua(r, 0, &scheme), "mailto:a@b.de");
    assert_int_equal(scheme, WAXWING_RUA_MAILTO);
    assert_string_equal(waxwing_tlsrpt_record_rua(r, 1, &scheme), "https://b.de/r");
    assert_int_equal(scheme, WAXWING_RUA_HTTPS);
    assert_string_equal(waxwing_tlsrpt_record_rua(r, 2, &scheme), "ftp:x");
    assert_int_equal(scheme, WAXWING_RUA_OTHER);
    assert_null(waxwing_tlsrpt_record_rua(r, 3, NULL));
    waxwing_tlsrpt_record_free(r);
    waxwing_tlsrpt_record_free(NULL);
    assert_string_equal(waxwing_error_id(waxwing_tlsrpt_record_parse("v=TLSRPTv1;", 11, &r, NULL)),
                        "tlsrpt-rua-missing");
    assert_null(r);
    const struct waxwing_octets records[] = {S("v=TLSRPTv1; rua=mailto:a@b.de"), S("other")};
    const struct waxwing_error *why;
    assert_int_equal(waxwing_tlsrpt_record_select(records, 2, &r, &why), WAXWING_PRESENT);
    assert_null(why);
    assert_string_equal(waxwing_tlsrpt_record_rua(r, 0, NULL), "mailto:a@b.de");
    waxwing_tlsrpt_record_free(r);
    assert_int_equal(waxwing_tlsrpt_record_select(records + 1, 1, &r, &why), WAXWING_ABSENT);
    assert_null(r);
}

static void tlsa_records_are_judged(void **state)
{
    unsigned char usable[35] = {3, 1, 1}, pkix[35] = {1, 1, 1};
    const struct waxwing_octets both[] = {{pkix, sizeof pkix}, {usable, sizeof usable}};
    (void)state;
    assert_null(waxwing_tlsa_check(usable, sizeof usable));
    assert_string_equal(waxwing_error_id(waxwing_tlsa_check(pkix, sizeof pkix)), "tlsa-pkix-usage");
    assert_string_equal(waxwing_error_id(waxwing_tlsa_check(usable, 2)), "tlsa-short");
    assert_string_equal(waxwing_error_id(waxwing_tlsa_check(usable, 34)), "tlsa-data");
    assert_int_equal(waxwing_tlsa_classify(both, 2), WAXWING_DANE_SECURE_USABLE);
    assert_int_equal(waxwing_tlsa_classify(both, 1), WAXWING_DANE_SECURE_UNUSABLE);
    assert_int_equal(waxwing_tlsa_classify(NULL, 0), WAXWING_DANE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_version_is_that_of_the_headers),
        cmocka_unit_test(an_error_says_which_rule),
        cmocka_unit_test(the_record_is_picked_from_all_of_them),
        cmocka_unit_test(a_policy_outlives_its_body),
        cmocka_unit_test(a_broken_policy_says_where),
        cmocka_unit_test(a_large_policy_has_all_its_patterns),
        cmocka_unit_test(patterns_are_checked_and_matched),
        cmocka_unit_test(a_tlsrpt_record_has_its_uris),
        cmocka_unit_test(tlsa_records_are_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
