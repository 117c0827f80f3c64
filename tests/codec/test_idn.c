#include "codec/idn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define S(text)                \
    {                          \
        text, sizeof(text) - 1 \
    }

static const struct {
    struct ww_slice in;
    const char *out; /* NULL: no name */
} cases[] = {
    {S("example.com"), "example.com"},
    {S("Example.COM."), "example.com"},
    {S("bücher.example"), "xn--bcher-kva.example"},
    {S("BÜCHER.Example"), "xn--bcher-kva.example"},
    {S("bu\xcc\x88"
       "cher.example"),
     "xn--bcher-kva.example"}, /* decomposed */
    {S("bücher.example."), "xn--bcher-kva.example"},
    {S("XN--BCHER-KVA.example"), "xn--bcher-kva.example"},
    {S("例え.テスト"), "xn--r8jz45g.xn--zckzah"},
    {S("例え。テスト"), "xn--r8jz45g.xn--zckzah"}, /* an ideographic full stop */
    /* Not transitionally: another name than strasse.example. */
    {S("straße.example"), "xn--strae-oqa.example"},
    {S("βόλος.example"), "xn--nxasmm1c.example"},

    {S(""), NULL},
    {S("."), NULL},
    {S("..ü"), NULL},
    {S("ü..example"), NULL},
    {S("。ü"), NULL},
    {S("exa mple.com"), NULL},
    {S("ü x.example"), NULL},
    {S("ü_x.example"), NULL},
    {S("ü/x.example"), NULL},
    {S("-ü.example"), NULL},
    {S("ü.example\0.com"), NULL},
    {S("example.com\0"), NULL},
    {S("\xff\xfe.example"), NULL},
    {S("\xc3.example"), NULL},
    {S("a\xe2\x80\x8d"
       "b.example"),
     NULL},                       /* a joiner where none may be */
    {S("☃.example"), NULL},       /* a symbol: no letter of IDNA2008 */
    {S("１９２.０.２.１"), NULL}, /* full-width digits: an address */
    {S("192。0。2。1"), NULL},
    {S("[ü]"), NULL},
};

static void gives_canonical_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[WW_DNAME_SIZE] = "";
        enum ww_err e = ww_idn_to_domain(cases[i].in, out);
        if (cases[i].out == NULL ? e == WW_OK : e != WW_OK || strcmp(out, cases[i].out) != 0)
            fail_msg("case %zu \"%s\": %s, \"%s\"", i, cases[i].in.p, ww_err_id(e), out);
    }
}

static void refuses_what_is_too_long(void **state)
{
    (void)state;
    char out[WW_DNAME_SIZE];
    static char text[WW_IDN_TEXT_MAX + 2];
    memset(text, 'a', sizeof text);
    memcpy(text, "ü", 2);
    assert_int_not_equal(ww_idn_to_domain(ww_slice(text, sizeof text), out), WW_OK);
    assert_int_not_equal(ww_idn_to_domain(ww_slice(text, WW_IDN_TEXT_MAX), out), WW_OK);
    assert_int_not_equal(ww_idn_to_domain(ww_slice(text, 65), out), WW_OK);
    assert_int_equal(ww_idn_to_domain(ww_slice(text, 40), out), WW_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_canonical_names),
        cmocka_unit_test(refuses_what_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
