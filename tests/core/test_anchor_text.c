/* Trust anchors in text, as others write them. */
#include "core/anchor_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define DS2017 "20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"
#define KEY2017                                                                                          \
    "AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3+/"                                         \
    "4RgWOq7HrxRixHlFlExOLAJr5emLvN7SWXgnLh4+B5xQlN"                                                     \
    "Vz8Og8kvArMtNROxVQuCaSnIDdD5LKyWbRd2n9WGe2R8PzgCmr3EgVLrjyBxWezF0jLHwVN8efS3rCj/EWgvIWgb9tarpVUDK/" \
    "b58Da+"                                                                                             \
    "sqqls3eNbuv7pr+eoZG+SrDK6nWeL3c6H5Apxz7LjVc1uTIdsIXxuOLYA4/"                                        \
    "ilBmSVIzuDWfdRUfhHdY6+cn8HFRm+2hM8AnXGXws9555"                                                      \
    "KrUB5qihylGa8subX2Nn6UwNR1AkUTV74bU="

/* `out` joins the lines that ww_anchor_put writes; NULL: the text is refused at the line. */
static const struct {
    const char *text;
    const char *out;
    unsigned line;
} cases[] = {
    {"", "", 0},
    {"; nothing\n\n  \n", "", 0},
    {". IN DS " DS2017 "\n", ". IN DS " DS2017 "\n", 0},
    {". IN DS " DS2017, ". IN DS " DS2017 "\n", 0},
    {".\t172800\tIN\tDS\t" DS2017 " ; id\r\n", ". IN DS " DS2017 "\n", 0},
    {". in 172800 ds " DS2017 "\n", ". IN DS " DS2017 "\n", 0},
    {". DS 1 8 2 ab cd\n", ". IN DS 1 8 2 ABCD\n", 0},
    {". DS 1 8 2 abc d\n", ". IN DS 1 8 2 ABCD\n", 0},
    {"$TTL 3600\nexample. IN DS 1 8 2 AB\n IN DS 2 8 2 AB\n",
     "example. IN DS 1 8 2 AB\nexample. IN DS 2 8 2 AB\n", 0},
    {". 3600 IN SOA a. b. ( 1 2\n3 4 5 )\n. IN NS a.\n. IN DS 1 8 2 AB\n", ". IN DS 1 8 2 AB\n", 0},
    {". IN DS 1 8 2 ( ; digest\n AB ; first\n CD )\n. IN DS 2 8 2 AB\n",
     ". IN DS 1 8 2 ABCD\n. IN DS 2 8 2 AB\n", 0},
    /* as unbound-anchor and Debian write it */
    {"; autotrust trust anchor file\n;;id: . 1\n. 172800 IN DNSKEY 257 3 8 " KEY2017
     " ;{id = 20326 (ksk), size = 2048b} ;;state=2 [  VALID  ]\n",
     ". IN DNSKEY 257 3 8 " KEY2017 "\n", 0},
    {". DNSKEY 257 3 13 QQ==\n", ". IN DNSKEY 257 3 13 QQ==\n", 0},
    {". DNSKEY 257 3 13 QU I=\n", ". IN DNSKEY 257 3 13 QUI=\n", 0},

    {". IN DS\n", NULL, 1},
    {"\n. IN DS 1 8 2\n", NULL, 2},
    {". IN DS 1 8 2 ABC\n", NULL, 1},
    {". IN DS 1 8 2 AG\n", NULL, 1},
    {". IN DS 65536 8 2 AB\n", NULL, 1},
    {". IN DS 1 256 2 AB\n", NULL, 1},
    {". IN DS -1 8 2 AB\n", NULL, 1},
    {"IN DS 1 8 2 AB\n DS 1 8 2 A\n", NULL, 2},
    {" IN DS 1 8 2 AB\n", NULL, 1},
    {". IN DS 1 8 2 ( AB\n", NULL, 2},
    {". IN DS 1 8 2 AB )\n", NULL, 1},
    {". IN DS 1 8 2 (( AB )\n", NULL, 1},
    {"$INCLUDE other\n", NULL, 1},
    {". NS a.\nnonsense\n", NULL, 2},
    {". DNSKEY 257 3 13 Q\n", NULL, 1},
    {". DNSKEY 257 3 13 Q===\n", NULL, 1},
    {". DNSKEY 257 3 13 =QQQ\n", NULL, 1},
    {". DNSKEY 257 3 13 Q-Q=\n", NULL, 1},
    {". DNSKEY 257 3 13\n", NULL, 1},
    {". DNSKEY 257 2 13 QQ==\n", NULL, 1},
    {". DNSKEY 1 3 13 QQ==\n", NULL, 1},
    {". DNSKEY 385 3 13 QQ==\n", NULL, 1}, /* revoked */
    {"\". IN DS 1 8 2 AB\n", NULL, 1},
};

static char out[8192];

static enum ww_err read_all(const char *text, size_t n, struct ww_buf *b, unsigned *line)
{
    struct ww_anchor_text t = {.text = ww_slice(text, n)};
    static struct ww_anchor a;
    bool found = true;
    enum ww_err err;
    while ((err = ww_anchor_text_next(&t, &a, &found)) == WW_OK && found) {
        ww_anchor_put(b, &a);
        ww_buf_char(b, '\n');
    }
    *line = t.line;
    return err;
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ww_buf b = ww_buf(out, sizeof out);
        unsigned line;
        enum ww_err err = read_all(cases[i].text, strlen(cases[i].text), &b, &line);
        if (err != (cases[i].out != NULL ? WW_OK : WW_E_ANCHOR_SYNTAX) ||
            (cases[i].out != NULL ? !ww_slice_is(ww_slice(b.p, b.n), cases[i].out) : line != cases[i].line))
            fail_msg("%s: %s, line %u: %.*s", cases[i].text, ww_err_id(err), line, (int)b.n, b.p);
    }
}

static void test_fields(void **state)
{
    (void)state;
    static struct ww_anchor a;
    struct ww_anchor_text t = {.text =
                                   ww_slice_str(". DNSKEY 257 3 8 " KEY2017 "\nexample. DS " DS2017 "\n")};
    bool found;
    assert_int_equal(ww_anchor_text_next(&t, &a, &found), WW_OK);
    assert_true(found && a.is_key && ww_anchor_is_root(&a));
    assert_int_equal(a.tag, 20326);
    assert_int_equal(a.algorithm, 8);
    assert_int_equal(a.n, 264);
    assert_int_equal(ww_anchor_text_next(&t, &a, &found), WW_OK);
    assert_true(found && !a.is_key && !ww_anchor_is_root(&a));
    assert_int_equal(a.tag, 20326);
    assert_int_equal(a.digest_type, 2);
    assert_int_equal(a.n, WW_ANCHOR_DS_HEAD + 32);
    assert_int_equal(ww_anchor_text_next(&t, &a, &found), WW_OK);
    assert_false(found);
}

/* A key that is too long, an owner that is, and a NUL where a digit should be. */
static void test_bounds(void **state)
{
    (void)state;
    static char text[4096];
    struct ww_buf b = ww_buf(out, sizeof out);
    unsigned line;
    for (size_t digits = 2 * (WW_DNSKEY_RDATA_MAX - 4); digits <= 2 * (WW_DNSKEY_RDATA_MAX - 3);
         digits += 2) {
        int n = snprintf(text, sizeof text, ". DS 1 8 2 %0*d\n", (int)digits, 0);
        b.n = 0;
        assert_int_equal(read_all(text, (size_t)n, &b, &line),
                         digits == 2 * (WW_DNSKEY_RDATA_MAX - 4) ? WW_OK : WW_E_ANCHOR_SYNTAX);
    }
    int n = snprintf(text, sizeof text, "%0*d DS 1 8 2 AB\n", WW_ANCHOR_OWNER_SIZE, 0);
    assert_int_equal(read_all(text, (size_t)n, &b, &line), WW_E_ANCHOR_SYNTAX);
    assert_int_equal(read_all(". DNSKEY 257 3 13 QQ=\0\n", 23, &b, &line), WW_E_ANCHOR_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
