#include "core/tlsrpt_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define TEXT(literal) literal, sizeof literal - 1

static const struct valid_case {
    const char *p;
    size_t n;
    const char *rua; /* joined with a space; m, h or o before each for its scheme */
} valid_cases[] = {
    {TEXT("v=TLSRPTv1; rua=mailto:reports@example.com"), "m:mailto:reports@example.com"},
    {TEXT("v=TLSRPTv1;rua=https://reporting.example.com/v1/tlsrpt;"),
     "h:https://reporting.example.com/v1/tlsrpt"},
    {TEXT("v=TLSRPTv1 ; rua=mailto:a@b.example\t,\t https://c.example/?x=1&y=2 ;"),
     "m:mailto:a@b.example h:https://c.example/?x=1&y=2"},
    {TEXT("v=TLSRPTv1; rua=MailTo:a@b,HTTPS://c"), "m:MailTo:a@b h:HTTPS://c"},
    {TEXT("v=TLSRPTv1; rua=mailto:a%21b%2C%3b@c"), "m:mailto:a%21b%2C%3b@c"},
    {TEXT("v=TLSRPTv1; rua=ftp://a/b"), "o:ftp://a/b"},
    {TEXT("v=TLSRPTv1; rua=http://a"), "o:http://a"},
    {TEXT("v=TLSRPTv1; rua=mailtox:a@b"), "o:mailtox:a@b"},
    {TEXT("v=TLSRPTv1; x=1; rua=mailto:a@b; y=2"), "m:mailto:a@b"},
    {TEXT("v=TLSRPTv1; rua=mailto:a@b; rua=mailto:c@d?x=y"), "m:mailto:a@b"},
    {TEXT("v=TLSRPTv1; rua=mailto:a@b; rua=nothing"), "m:mailto:a@b"},
    {TEXT("v=TLSRPTv1; rua=https://u:p@[2001:db8::1]:8443/a//b;"), "h:https://u:p@[2001:db8::1]:8443/a//b"},
    {TEXT("v=TLSRPTv1; rua=https://[v1.x:y]:/#f?/:@"), "h:https://[v1.x:y]:/#f?/:@"},
    {TEXT("v=TLSRPTv1; rua=urn:"), "o:urn:"},
};

static void accepts_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(valid_cases); i++) {
        const struct valid_case *c = &valid_cases[i];
        struct ww_tlsrpt_record record;
        size_t offset = 0, n = 0, count = 0;
        enum ww_err err = ww_tlsrpt_record_parse(c->p, c->n, &record, &offset);
        if (err != WW_OK)
            fail_msg("%s: %s at %zu", c->p, ww_err_id(err), offset);
        char joined[200];
        struct ww_slice uri;
        enum ww_rua_scheme scheme;
        for (size_t pos = 0; ww_tlsrpt_next_rua(&record, &pos, &uri, &scheme); count++)
            n += (size_t)snprintf(joined + n, sizeof joined - n, "%s%c:%.*s", n > 0 ? " " : "", "mho"[scheme],
                                  (int)uri.n, uri.p);
        assert_string_equal(joined, c->rua);
        assert_int_equal(count, record.rua_count);
    }
}

#define V "v=TLSRPTv1; rua=" /* 16 octets */

static const struct broken_case {
    const char *p;
    size_t n;
    enum ww_err err;
    size_t offset;
} broken_cases[] = {
    {TEXT(""), WW_E_TLSRPT_VERSION, 0},
    {TEXT("v=TLSRPv1; rua=mailto:a@b"), WW_E_TLSRPT_VERSION, 7},
    {TEXT("v=tlsrptv1; rua=mailto:a@b"), WW_E_TLSRPT_VERSION, 2},
    {TEXT("rua=mailto:a@b; v=TLSRPTv1"), WW_E_TLSRPT_VERSION, 0},
    {TEXT("v=TLSRPTv1, rua=mailto:a@b"), WW_E_TLSRPT_DELIMITER, 10},
    {TEXT("v=TLSRPTv1"), WW_E_TLSRPT_RUA_MISSING, 10},
    {TEXT("v=TLSRPTv1; RUA=mailto:a@b"), WW_E_TLSRPT_RUA_MISSING, 26},
    {TEXT("v=TLSRPTv1; rua"), WW_E_TLSRPT_FIELD_EQUALS, 15},
    {TEXT("v=TLSRPTv1;; rua=mailto:a@b"), WW_E_TLSRPT_FIELD_EMPTY, 11},
    {TEXT("v=TLSRPTv1; rua =mailto:a@b"), WW_E_TLSRPT_FIELD_NAME, 15},
    {TEXT(V "mailto:a@b "), WW_E_TLSRPT_SPACE_END, 26},
    {TEXT(V), WW_E_TLSRPT_RUA_EMPTY, 16},
    {TEXT(V ","), WW_E_TLSRPT_RUA_EMPTY, 16},
    {TEXT(V "mailto:a@b,"), WW_E_TLSRPT_RUA_EMPTY, 27},
    {TEXT(V "mailto:a@b, ;"), WW_E_TLSRPT_RUA_EMPTY, 27},
    {TEXT(V "mailto:a@b,,mailto:c@d"), WW_E_TLSRPT_RUA_EMPTY, 27},
    {TEXT(V " mailto:a@b"), WW_E_URI_SCHEME, 16},
    {TEXT(V "a@b.example"), WW_E_URI_SCHEME, 17},
    {TEXT(V "reports"), WW_E_URI_SCHEME, 23},
    {TEXT(V "1https://a"), WW_E_URI_SCHEME, 16},
    {TEXT(V ":a@b"), WW_E_URI_SCHEME, 16},
    {TEXT(V "//a/b"), WW_E_URI_SCHEME, 16},
    {TEXT(V "mailto:a@b!10m"), WW_E_TLSRPT_RUA_ENCODE, 26},
    {TEXT(V "mailto:a,b@c"), WW_E_URI_SCHEME, 26},
    {TEXT(V "mailto:a b"), WW_E_URI_CHARACTER, 24},
    {TEXT(V "mailto:a@b%"), WW_E_URI_PERCENT, 26},
    {TEXT(V "mailto:a@b%2"), WW_E_URI_PERCENT, 26},
    {TEXT(V "mailto:a@b%2g"), WW_E_URI_PERCENT, 26},
    {TEXT(V "mailto:a@b%%21"), WW_E_URI_PERCENT, 26},
    {TEXT(V "https://a%zz/"), WW_E_URI_PERCENT, 25},
    {TEXT(V "https://a/%"), WW_E_URI_PERCENT, 26},
    {TEXT(V "https://a/?%a"), WW_E_URI_PERCENT, 27},
    {TEXT(V "https://a/<b>"), WW_E_URI_CHARACTER, 26},
    {TEXT(V "https://a/[b]"), WW_E_URI_CHARACTER, 26},
    {TEXT(V "https://a/#b#c"), WW_E_URI_CHARACTER, 28},
    {TEXT(V "https://a/\xc3\xa4"), WW_E_URI_CHARACTER, 26},
    {TEXT(V "https://a/\0"), WW_E_URI_CHARACTER, 26},
    {TEXT(V "https://a@b@c/"), WW_E_URI_CHARACTER, 27},
    {TEXT(V "https://a:80x/"), WW_E_URI_PORT, 28},
    {TEXT(V "https://[::1/"), WW_E_URI_HOST, 24},
    {TEXT(V "https://[192.0.2.1]/"), WW_E_URI_HOST, 24},
    {TEXT(V "https://[v.x]/"), WW_E_URI_HOST, 24},
    {TEXT(V "https://[::1]x/"), WW_E_URI_CHARACTER, 29},
    {TEXT(V "nothing; rua=mailto:a@b"), WW_E_URI_SCHEME, 23},
    {TEXT(V "mailto:a@b; rua="), WW_E_TLSRPT_FIELD_VALUE, 32},
    {TEXT(V "mailto:a@b; rua=a b"), WW_E_TLSRPT_FIELD_VALUE, 33},
    {TEXT(V "mailto:a@b; x=\x01"), WW_E_TLSRPT_OCTET, 30},
};

static void refuses_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(broken_cases); i++) {
        const struct broken_case *c = &broken_cases[i];
        struct ww_tlsrpt_record record;
        size_t offset = SIZE_MAX;
        enum ww_err err = ww_tlsrpt_record_parse(c->p, c->n, &record, &offset);
        if (err != c->err || offset != c->offset)
            fail_msg("%s: %s at %zu", c->p, ww_err_id(err), offset);
    }
}

static const struct select_case {
    const char *rrs[2];
    size_t count;
    enum ww_txt_presence presence;
    enum ww_err why;
} select_cases[] = {
    {{NULL}, 0, WW_TXT_ABSENT, WW_OK},
    {{V "mailto:a@b"}, 1, WW_TXT_PRESENT, WW_OK},
    {{"v=spf1 -all"}, 1, WW_TXT_ABSENT, WW_OK},
    {{"v=TLSRPv1; rua=mailto:a@b"}, 1, WW_TXT_INVALID, WW_E_TLSRPT_VERSION},
    {{"v=spf1 -all", V "mailto:a@b"}, 2, WW_TXT_PRESENT, WW_OK},
    {{V "mailto:a@b", V "mailto:a@b"}, 2, WW_TXT_INVALID, WW_E_TLSRPT_MULTIPLE},
};

static void selects_among_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(select_cases); i++) {
        const struct select_case *c = &select_cases[i];
        struct ww_slice rrs[2];
        for (size_t j = 0; j < c->count; j++)
            rrs[j] = ww_slice_str(c->rrs[j]);
        struct ww_tlsrpt_record record;
        enum ww_err why = WW_E_NO_MEMORY;
        enum ww_txt_presence presence = ww_tlsrpt_record_select(rrs, c->count, &record, &why);
        if (presence != c->presence || why != c->why)
            fail_msg("case %zu: %d, %s", i, (int)presence, ww_err_id(why));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_records),
        cmocka_unit_test(refuses_records),
        cmocka_unit_test(selects_among_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
