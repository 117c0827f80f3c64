#include "core/sts_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define TEXT(literal) literal, sizeof literal - 1

#define A32 "abcdefghijklmnopqrstuvwxyz123456"

static const struct valid_case {
    const char *p;
    size_t n;
    const char *id;
} valid_cases[] = {
    {TEXT("v=STSv1; id=20160831085700Z;"), "20160831085700Z"},
    {TEXT("v=STSv1;id=1"), "1"},
    {TEXT("v=STSv1 ;id=1"), "1"},
    {TEXT("v=STSv1 \t ; \t id=1 \t ; \t "), "1"},
    {TEXT("v=STSv1; id=" A32), A32},
    {TEXT("v=STSv1; a=b; id=1"), "1"},
    {TEXT("v=STSv1; id=1; a=b;"), "1"},
    {TEXT("v=STSv1; ID=x-y; id=1"), "1"},
    {TEXT("v=STSv1; id=1; id=2"), "1"},
    {TEXT("v=STSv1; id=1; id=-!-"), "1"},
    {TEXT("v=STSv1; id=1; v=STSv2"), "1"},
    {TEXT("v=STSv1; " A32 "=x; id=1"), "1"},
    {TEXT("v=STSv1; 1_a-b.c=!\"#$%&'()*+,-./:<>?@[\\]^_`{|}~; id=1"), "1"},
};

static void accepts_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(valid_cases); i++) {
        const struct valid_case *c = &valid_cases[i];
        struct ww_sts_record record;
        size_t offset = 0;
        enum ww_err err = ww_sts_record_parse(c->p, c->n, &record, &offset);
        if (err != WW_OK || strcmp(record.id, c->id) != 0)
            fail_msg("%s: %s at %zu, id %s", c->p, ww_err_id(err), offset, record.id);
    }
}

static const struct broken_case {
    const char *p;
    size_t n;
    enum ww_err err;
    size_t offset;
} broken_cases[] = {
    {TEXT(""), WW_E_STS_VERSION, 0},
    {TEXT(" v=STSv1; id=1"), WW_E_STS_VERSION, 0},
    {TEXT("\xef\xbb\xbfv=STSv1; id=1"), WW_E_STS_VERSION, 0},
    {TEXT("V=STSv1; id=1"), WW_E_STS_VERSION, 0},
    {TEXT("v=stsv1; id=1"), WW_E_STS_VERSION, 2},
    {TEXT("v=STSv2; id=1"), WW_E_STS_VERSION, 6},
    {TEXT("v =STSv1; id=1"), WW_E_STS_VERSION, 1},
    {TEXT("v= STSv1; id=1"), WW_E_STS_VERSION, 2},
    {TEXT("id=1; v=STSv1"), WW_E_STS_VERSION, 0},
    {TEXT("v=STSv1"), WW_E_STS_ID_MISSING, 7},
    {TEXT("v=STSv1;"), WW_E_STS_ID_MISSING, 8},
    {TEXT("v=STSv1; "), WW_E_STS_ID_MISSING, 9},
    {TEXT("v=STSv1; a=b"), WW_E_STS_ID_MISSING, 12},
    {TEXT("v=STSv1; Id=1"), WW_E_STS_ID_MISSING, 13},
    {TEXT("v=STSv10; id=1"), WW_E_STS_DELIMITER, 7},
    {TEXT("v=STSv1, id=1"), WW_E_STS_DELIMITER, 7},
    {TEXT("v=STSv1 id=1"), WW_E_STS_DELIMITER, 8},
    {TEXT("v=STSv1\0; id=1"), WW_E_STS_OCTET, 7},
    {TEXT("v=STSv1 "), WW_E_STS_SPACE_END, 7},
    {TEXT("v=STSv1; id=1 "), WW_E_STS_SPACE_END, 13},
    {TEXT("v=STSv1; id=1\t"), WW_E_STS_SPACE_END, 13},
    {TEXT("v=STSv1;; id=1"), WW_E_STS_FIELD_EMPTY, 8},
    {TEXT("v=STSv1; ; id=1"), WW_E_STS_FIELD_EMPTY, 9},
    {TEXT("v=STSv1; id=1;;"), WW_E_STS_FIELD_EMPTY, 14},
    {TEXT("v=STSv1; id=1; ;"), WW_E_STS_FIELD_EMPTY, 15},
    {TEXT("v=STSv1; id"), WW_E_STS_FIELD_EQUALS, 11},
    {TEXT("v=STSv1; id=1; x"), WW_E_STS_FIELD_EQUALS, 16},
    {TEXT("v=STSv1; id =1"), WW_E_STS_FIELD_NAME, 11},
    {TEXT("v=STSv1; =1; id=1"), WW_E_STS_FIELD_NAME, 9},
    {TEXT("v=STSv1; _a=1; id=1"), WW_E_STS_FIELD_NAME, 9},
    {TEXT("v=STSv1; -a=1; id=1"), WW_E_STS_FIELD_NAME, 9},
    {TEXT("v=STSv1; a!=1; id=1"), WW_E_STS_FIELD_NAME, 10},
    {TEXT("v=STSv1; id=1 x=2"), WW_E_STS_ID, 13},
    {TEXT("v=STSv1; x" A32 "=1; id=1"), WW_E_STS_FIELD_NAME, 41},
    {TEXT("v=STSv1; id= 1"), WW_E_STS_ID, 12},
    {TEXT("v=STSv1; id="), WW_E_STS_ID, 12},
    {TEXT("v=STSv1; id=;"), WW_E_STS_ID, 12},
    {TEXT("v=STSv1; id=2024-01-01"), WW_E_STS_ID, 16},
    {TEXT("v=STSv1; id=-; id=1"), WW_E_STS_ID, 12},
    {TEXT("v=STSv1; id=1=2"), WW_E_STS_ID, 13},
    {TEXT("v=STSv1; id=" A32 "7"), WW_E_STS_ID, 44},
    {TEXT("v=STSv1; id=a\0b"), WW_E_STS_ID, 13},
    {TEXT("v=STSv1; id=1\0"), WW_E_STS_ID, 13},
    {TEXT("v=STSv1; id=1\n"), WW_E_STS_ID, 13},
    {TEXT("v=STSv1; id=\xc3\xa4"), WW_E_STS_ID, 12},
    {TEXT("v=STSv1; id=1; id="), WW_E_STS_FIELD_VALUE, 18},
    {TEXT("v=STSv1; id=1; id=a b"), WW_E_STS_FIELD_VALUE, 19},
    {TEXT("v=STSv1; id=1; a="), WW_E_STS_FIELD_VALUE, 17},
    {TEXT("v=STSv1; id=1; a=b=c"), WW_E_STS_FIELD_VALUE, 18},
    {TEXT("v=STSv1; id=1; a= b"), WW_E_STS_FIELD_VALUE, 17},
    {TEXT("v=STSv1; id=1; a=\x7f"), WW_E_STS_OCTET, 17},
    {TEXT("v=STSv1; id=1; a=\xc3\xa4"), WW_E_STS_OCTET, 17},
    {TEXT("v=STSv1; id=1; a\0=b"), WW_E_STS_OCTET, 16},
};

static void refuses_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(broken_cases); i++) {
        const struct broken_case *c = &broken_cases[i];
        struct ww_sts_record record;
        size_t offset = SIZE_MAX;
        enum ww_err err = ww_sts_record_parse(c->p, c->n, &record, &offset);
        if (err != c->err || offset != c->offset)
            fail_msg("%s: %s at %zu", c->p, ww_err_id(err), offset);
    }
}

#define GOOD "v=STSv1; id=1"
#define SPF "v=spf1 -all"

static const struct select_case {
    const char *rrs[4];
    size_t count;
    enum ww_txt_presence presence;
    enum ww_err why;
} select_cases[] = {
    {{NULL}, 0, WW_TXT_ABSENT, WW_OK},
    {{GOOD}, 1, WW_TXT_PRESENT, WW_OK},
    {{"v=STSv1 ; id=1"}, 1, WW_TXT_PRESENT, WW_OK},
    {{SPF}, 1, WW_TXT_ABSENT, WW_OK},
    {{"v=spf1 include:testsvc.example -all"}, 1, WW_TXT_ABSENT, WW_OK},
    {{""}, 1, WW_TXT_ABSENT, WW_OK},
    {{"v=STSv1"}, 1, WW_TXT_INVALID, WW_E_STS_ID_MISSING},
    {{"v=STSv1;"}, 1, WW_TXT_INVALID, WW_E_STS_ID_MISSING},
    {{"V=STSV1; id=1"}, 1, WW_TXT_INVALID, WW_E_STS_VERSION},
    {{" v=STSv1; id=1"}, 1, WW_TXT_INVALID, WW_E_STS_VERSION},
    {{"id=1; v=STSv1"}, 1, WW_TXT_INVALID, WW_E_STS_VERSION},
    {{"v=STSv2; id=1"}, 1, WW_TXT_INVALID, WW_E_STS_VERSION},
    {{SPF, GOOD}, 2, WW_TXT_PRESENT, WW_OK},
    {{GOOD, SPF, ""}, 3, WW_TXT_PRESENT, WW_OK},
    {{GOOD, "v=STSv1 ; id=2"}, 2, WW_TXT_PRESENT, WW_OK},
    {{GOOD, " v=STSv1; id=2"}, 2, WW_TXT_PRESENT, WW_OK},
    {{SPF, SPF}, 2, WW_TXT_ABSENT, WW_OK},
    {{SPF, "v=STSv1 ; id=1"}, 2, WW_TXT_ABSENT, WW_OK},
    {{SPF, "v=STSv1"}, 2, WW_TXT_ABSENT, WW_OK},
    {{GOOD, GOOD}, 2, WW_TXT_INVALID, WW_E_STS_MULTIPLE},
    {{GOOD, "v=STSv1; broken"}, 2, WW_TXT_INVALID, WW_E_STS_MULTIPLE},
    {{SPF, "v=STSv1; id=-"}, 2, WW_TXT_INVALID, WW_E_STS_ID},
    {{SPF, "v=STSv1;"}, 2, WW_TXT_INVALID, WW_E_STS_ID_MISSING},
};

static void selects_among_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(select_cases); i++) {
        const struct select_case *c = &select_cases[i];
        struct ww_slice rrs[4];
        for (size_t j = 0; j < c->count; j++)
            rrs[j] = ww_slice_str(c->rrs[j]);
        struct ww_sts_record record;
        enum ww_err why = WW_E_NO_MEMORY;
        enum ww_txt_presence presence = ww_sts_record_select(rrs, c->count, &record, &why);
        if (presence != c->presence || why != c->why)
            fail_msg("case %zu: %d, %s", i, (int)presence, ww_err_id(why));
        if (presence == WW_TXT_PRESENT)
            assert_string_equal(record.id, "1");
    }
}

static void reads_on_after_an_error(void **state)
{
    (void)state;
    const char text[] = "v=STSv1 x; a b; ; id=1 ";
    static const struct {
        enum ww_err err;
        size_t offset;
    } expected[] = {
        {WW_E_STS_DELIMITER, 8},  {WW_OK, 11}, {WW_E_STS_FIELD_EMPTY, 16}, {WW_OK, 18},
        {WW_E_STS_SPACE_END, 22},
    };
    struct ww_txt_reader reader;
    struct ww_txt_field field;
    enum ww_err err;
    size_t offset, i = 0;
    assert_int_equal(ww_txt_reader_open(&reader, &ww_sts_record_kind, text, sizeof text - 1, &offset), WW_OK);
    for (; ww_txt_reader_next(&reader, &field, &err, &offset); i++) {
        assert_true(i < COUNT(expected));
        assert_int_equal(err, expected[i].err);
        assert_int_equal(offset, expected[i].offset);
    }
    assert_int_equal(i, COUNT(expected));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_records),
        cmocka_unit_test(refuses_records),
        cmocka_unit_test(selects_among_records),
        cmocka_unit_test(reads_on_after_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
