#include "core/preload.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define TEXT(s)            \
    {                      \
        (s), sizeof(s) - 1 \
    }

static const struct ww_preload_policy policies[] = {
    {WW_MODE_ENFORCE, TEXT(""), TEXT("\012mx.example\016*.mx.a.example"), 2},
    {WW_MODE_TESTING, TEXT("big"), TEXT("\010*.big.mx"), 1},
};

static const struct ww_preload_name names[] = {
    {TEXT("a-b.example"), 1},
    {TEXT("a.example"), 0},
    {TEXT("a.example.net"), 1},
    {TEXT("xn--bcher-kva.example"), 0},
};

static const struct ww_preload_content good = {
    .timestamp = 1000,
    .expires = 2000,
    .author = TEXT("J\xc3\xb6rg"),
    .names = names,
    .count = COUNT(names),
    .policies = policies,
    .policy_count = COUNT(policies),
};

static uint8_t image[4096];
static size_t image_n;

static enum ww_err open_content(const struct ww_preload_content *content, struct ww_preload *list)
{
    struct ww_buf b = ww_buf((char *)image, sizeof image);
    ww_preload_write(content, &b);
    assert_false(b.failed);
    assert_int_equal(b.n, ww_preload_size(content));
    image_n = b.n;
    return ww_preload_open(image, image_n, list);
}

static const struct {
    const char *domain;
    const char *mx; /* joined by spaces; NULL: not listed */
    enum ww_policy_mode mode;
    const char *alias;
} find_cases[] = {
    {"a.example", "mx.example *.mx.a.example", WW_MODE_ENFORCE, ""},
    {"a-b.example", "*.big.mx", WW_MODE_TESTING, "big"},
    {"a.example.net", "*.big.mx", WW_MODE_TESTING, "big"},
    {"xn--bcher-kva.example", "mx.example *.mx.a.example", WW_MODE_ENFORCE, ""},
    {"a.exampl", NULL, WW_MODE_NONE, NULL},
    {"a.example.ne", NULL, WW_MODE_NONE, NULL},
    {"sub.a.example", NULL, WW_MODE_NONE, NULL},
    {"example", NULL, WW_MODE_NONE, NULL},
    {"zz.example", NULL, WW_MODE_NONE, NULL},
    {"", NULL, WW_MODE_NONE, NULL},
};

static void exactly_the_names_are_found(void **state)
{
    (void)state;
    struct ww_preload list;
    assert_int_equal(open_content(&good, &list), WW_OK);
    assert_int_equal(list.timestamp, 1000);
    assert_int_equal(list.expires, 2000);
    assert_int_equal(list.count, 4);
    assert_true(ww_slice_is(list.author, "J\xc3\xb6rg"));
    for (size_t i = 0; i < COUNT(find_cases); i++) {
        struct ww_preload_entry entry;
        bool found = ww_preload_find(&list, ww_slice_str(find_cases[i].domain), &entry);
        if (found != (find_cases[i].mx != NULL))
            fail_msg("%s: found %d", find_cases[i].domain, found);
        if (!found)
            continue;
        char joined[200];
        struct ww_buf b = ww_buf(joined, sizeof joined);
        struct ww_slice pattern;
        size_t count = 0;
        for (size_t pos = 0; ww_preload_next_mx(&entry, &pos, &pattern); count++) {
            ww_buf_str(&b, count > 0 ? " " : "");
            ww_buf_slice(&b, pattern);
        }
        assert_true(ww_slice_is(ww_slice(b.p, b.n), find_cases[i].mx));
        assert_int_equal(count, entry.mx_count);
        assert_int_equal(entry.mode, find_cases[i].mode);
        assert_true(ww_slice_is(entry.alias, find_cases[i].alias));
        assert_true(ww_slice_is(entry.domain, find_cases[i].domain));
    }
}

static void the_names_come_in_their_order(void **state)
{
    (void)state;
    struct ww_preload list;
    assert_int_equal(open_content(&good, &list), WW_OK);
    for (uint32_t i = 0; i < list.count; i++)
        assert_true(ww_slice_eq(ww_preload_at(&list, i).domain, names[i].domain));
}

static void it_counts_until_it_expires(void **state)
{
    (void)state;
    struct ww_preload list, nothing = ww_preload_none();
    struct ww_preload_entry entry;
    assert_int_equal(open_content(&good, &list), WW_OK);
    assert_true(ww_preload_counts(&list, 1999));
    assert_false(ww_preload_counts(&list, 2000));
    assert_false(ww_preload_counts(&nothing, 0));
    assert_false(ww_preload_find(&nothing, ww_slice_str("a.example"), &entry));
}

static void an_empty_list_is_one(void **state)
{
    (void)state;
    struct ww_preload list;
    struct ww_preload_content empty = {.timestamp = 0, .expires = 0};
    assert_int_equal(open_content(&empty, &list), WW_OK);
    assert_int_equal(list.count, 0);
}

/* Each is one broken rule of what is else good. */
static const struct {
    const char *what;
    struct ww_preload_policy policy;
    struct ww_preload_name name[2];
    struct ww_slice author;
    int64_t expires;
    enum ww_err err;
} rule_cases[] = {
#define ONE                                         \
    {                                               \
        WW_MODE_ENFORCE, TEXT(""), TEXT("\001m"), 1 \
    }
#define TWO              \
    {                    \
        {TEXT("a"), 0},  \
        {                \
            TEXT("b"), 0 \
        }                \
    }
    {"good", ONE, TWO, TEXT(""), 1, WW_OK},
    {"mode none", {WW_MODE_NONE, TEXT(""), TEXT("\001m"), 1}, TWO, TEXT(""), 1, WW_E_PRELOAD_IMAGE},
    {"unknown mode",
     {(enum ww_policy_mode)3, TEXT(""), TEXT("\001m"), 1},
     TWO,
     TEXT(""),
     1,
     WW_E_PRELOAD_IMAGE},
    {"no pattern", {WW_MODE_ENFORCE, TEXT(""), TEXT(""), 0}, TWO, TEXT(""), 1, WW_E_PRELOAD_IMAGE},
    {"a pattern too few",
     {WW_MODE_ENFORCE, TEXT(""), TEXT("\001m"), 2},
     TWO,
     TEXT(""),
     1,
     WW_E_PRELOAD_IMAGE},
    {"a pattern too many",
     {WW_MODE_ENFORCE, TEXT(""), TEXT("\001m\001n"), 1},
     TWO,
     TEXT(""),
     1,
     WW_E_PRELOAD_IMAGE},
    {"a broken pattern",
     {WW_MODE_ENFORCE, TEXT(""), TEXT("\002.m"), 1},
     TWO,
     TEXT(""),
     1,
     WW_E_PRELOAD_IMAGE},
    {"alias no UTF-8",
     {WW_MODE_ENFORCE, TEXT("\xff"), TEXT("\001m"), 1},
     TWO,
     TEXT(""),
     1,
     WW_E_PRELOAD_IMAGE},
    {"author no UTF-8", ONE, TWO, TEXT("\xc3"), 1, WW_E_PRELOAD_IMAGE},
    {"unsorted", ONE, {{TEXT("b"), 0}, {TEXT("a"), 0}}, TEXT(""), 1, WW_E_PRELOAD_IMAGE},
    {"twice", ONE, {{TEXT("a"), 0}, {TEXT("a"), 0}}, TEXT(""), 1, WW_E_PRELOAD_IMAGE},
    {"upper case", ONE, {{TEXT("A"), 0}, {TEXT("b"), 0}}, TEXT(""), 1, WW_E_PRELOAD_IMAGE},
    {"root dot", ONE, {{TEXT("a."), 0}, {TEXT("b"), 0}}, TEXT(""), 1, WW_E_PRELOAD_IMAGE},
    {"no name", ONE, {{TEXT(""), 0}, {TEXT("b"), 0}}, TEXT(""), 1, WW_E_PRELOAD_IMAGE},
    {"no such policy", ONE, {{TEXT("a"), 1}, {TEXT("b"), 0}}, TEXT(""), 1, WW_E_PRELOAD_IMAGE},
    {"the year 10000", ONE, TWO, TEXT(""), INT64_C(253402300800), WW_E_PRELOAD_IMAGE},
    {"before 1970", ONE, TWO, TEXT(""), -1, WW_E_PRELOAD_IMAGE},
};

static void every_rule_is_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rule_cases); i++) {
        struct ww_preload list;
        struct ww_preload_content content = {.expires = rule_cases[i].expires,
                                             .author = rule_cases[i].author,
                                             .names = rule_cases[i].name,
                                             .count = 2,
                                             .policies = &rule_cases[i].policy,
                                             .policy_count = 1};
        enum ww_err err = open_content(&content, &list);
        if (err != rule_cases[i].err)
            fail_msg("%s: %s", rule_cases[i].what, ww_err_id(err));
    }
}

enum { MAGIC = 0, VERSION = 11, COUNT_AT = 28, POLICIES_AT = 32, FIRST_NAME_AT = WW_PRELOAD_HEAD };

static const struct {
    const char *what;
    size_t at;
    uint8_t change; /* added to the octet there */
    enum ww_err err;
} octet_cases[] = {
    {"magic", MAGIC, 1, WW_E_PRELOAD_IMAGE},
    {"version", VERSION, 1, WW_E_PRELOAD_IMAGE_VERSION},
    {"more names than rows", COUNT_AT + 3, 1, WW_E_PRELOAD_IMAGE},
    {"names beyond all bounds", COUNT_AT, 0xff, WW_E_PRELOAD_IMAGE},
    {"policies beyond all bounds", POLICIES_AT, 0xff, WW_E_PRELOAD_IMAGE},
    {"a name that stands elsewhere", FIRST_NAME_AT + 3, 1, WW_E_PRELOAD_IMAGE},
    {"a name that stands outside", FIRST_NAME_AT, 0x7f, WW_E_PRELOAD_IMAGE},
    {"a policy that stands elsewhere", FIRST_NAME_AT + 4 * 8 + 3, 1, WW_E_PRELOAD_IMAGE},
};

static void no_octet_leads_astray(void **state)
{
    (void)state;
    struct ww_preload list;
    for (size_t i = 0; i < COUNT(octet_cases); i++) {
        assert_int_equal(open_content(&good, &list), WW_OK);
        image[octet_cases[i].at] = (uint8_t)(image[octet_cases[i].at] + octet_cases[i].change);
        enum ww_err err = ww_preload_open(image, image_n, &list);
        if (err != octet_cases[i].err)
            fail_msg("%s: %s", octet_cases[i].what, ww_err_id(err));
    }
}

static void a_cut_or_longer_image_is_none(void **state)
{
    (void)state;
    struct ww_preload list;
    assert_int_equal(open_content(&good, &list), WW_OK);
    for (size_t n = 0; n < image_n; n++)
        assert_int_equal(ww_preload_open(image, n, &list), WW_E_PRELOAD_IMAGE);
    image[image_n] = 0;
    assert_int_equal(ww_preload_open(image, image_n + 1, &list), WW_E_PRELOAD_IMAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exactly_the_names_are_found),   cmocka_unit_test(the_names_come_in_their_order),
        cmocka_unit_test(it_counts_until_it_expires),    cmocka_unit_test(an_empty_list_is_one),
        cmocka_unit_test(every_rule_is_checked),         cmocka_unit_test(no_octet_leads_astray),
        cmocka_unit_test(a_cut_or_longer_image_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
