#include "core/publication.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static const char *const hosts[] = {"mx1.example.com", "*.example.net"};
static const char *const places[] = {"mailto:tls@example.com", "https://reports.example.com/tls"};

static struct ww_publication good(void)
{
    return (struct ww_publication){.domain = "example.com",
                                   .mode = WW_MODE_ENFORCE,
                                   .max_age = 2592000,
                                   .mx = hosts,
                                   .mx_count = 2,
                                   .id = "20261129T120000Z",
                                   .rua = places,
                                   .rua_count = 2,
                                   .ttl = 3600};
}

static void assert_text(const struct ww_buf *b, const char *text)
{
    assert_false(b->failed);
    assert_int_equal(b->n, strlen(text));
    assert_memory_equal(b->p, text, b->n);
}

static void writes_what_is_published(void **state)
{
    (void)state;
    char room[1024];
    const struct ww_publication p = good();
    struct ww_buf b = ww_buf(room, sizeof room);
    ww_publication_put_policy(&b, &p);
    assert_text(&b, "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmx: *.example.net\r\n"
                    "max_age: 2592000\r\n");
    b = ww_buf(room, sizeof room);
    ww_publication_put_record(&b, &p);
    assert_text(&b, "v=STSv1; id=20261129T120000Z;");
    b = ww_buf(room, sizeof room);
    ww_publication_put_tlsrpt(&b, &p);
    assert_text(&b, "v=TLSRPTv1; rua=mailto:tls@example.com,https://reports.example.com/tls;");
}

static void values_are_quoted(void **state)
{
    static const struct {
        const char *value, *strings;
    } rows[] = {
        {"", "\"\""},
        {"v=STSv1; id=1;", "\"v=STSv1; id=1;\""},
        {"a\"b\\c", "\"a\\\"b\\\\c\""},
        {"\033[2J\n\xff", "\"\\027[2J\\010\\255\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char room[64];
        struct ww_buf b = ww_buf(room, sizeof room);
        ww_publication_put_strings(&b, ww_slice_str(rows[i].value));
        assert_text(&b, rows[i].strings);
    }
}

static void a_long_value_is_of_several_strings(void **state)
{
    (void)state;
    char value[300], room[1024];
    const struct ww_publication p = good();
    struct ww_buf b = ww_buf(room, sizeof room);
    memset(value, 'a', sizeof value);
    value[0] = '"';
    value[1] = '\\';
    ww_publication_put_txt(&b, "_mta-sts", &p, ww_slice(value, sizeof value));
    assert_false(b.failed);
    assert_memory_equal(b.p, "_mta-sts.example.com. 3600 IN TXT \"\\\"\\\\aaa", 40);
    assert_int_equal(b.n, strlen("_mta-sts.example.com. 3600 IN TXT") + 2 * strlen(" \"\"") + 300 + 2 + 1);
    assert_memory_equal(b.p + b.n - 51, "a\" \"aaa", 7);
}

static void the_strict_parsers_take_it_or_it_is_refused(void **state)
{
    (void)state;
    static char room[WW_PUBLICATION_TEXT_MAX];
    static const char *const bad_hosts[] = {"mx1.example.com.", "192.0.2.1"};
    static const char *const two_in_one[] = {"mailto:a@example.com,mailto:b@example.com"};
    struct ww_publication p = good();
    assert_int_equal(ww_publication_check(&p, room), WW_OK);
    p.rua_count = 0;
    assert_int_equal(ww_publication_check(&p, room), WW_OK);
    p = good();
    p.mode = WW_MODE_NONE;
    p.mx_count = 0;
    assert_int_equal(ww_publication_check(&p, room), WW_OK);
    p.mode = WW_MODE_TESTING;
    assert_int_equal(ww_publication_check(&p, room), WW_E_POLICY_MX_MISSING);
    p = good();
    p.max_age = WW_POLICY_MAX_AGE_MAX + 1;
    assert_int_equal(ww_publication_check(&p, room), WW_E_POLICY_MAX_AGE_RANGE);
    p = good();
    p.id = "2026-11-29";
    assert_int_equal(ww_publication_check(&p, room), WW_E_STS_ID);
    p = good();
    p.mx = bad_hosts;
    assert_int_not_equal(ww_publication_check(&p, room), WW_OK);
    p = good();
    p.rua = two_in_one;
    p.rua_count = 1;
    assert_int_equal(ww_publication_check(&p, room), WW_E_URI_CHARACTER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_what_is_published),
        cmocka_unit_test(values_are_quoted),
        cmocka_unit_test(a_long_value_is_of_several_strings),
        cmocka_unit_test(the_strict_parsers_take_it_or_it_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
