#include "core/policy_compare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A policy in short: "enforce 86400 a.example *.b.example". */
static struct ww_policy policy_of(const char *brief, char *body, size_t size)
{
    char mode[16], rest[400] = "";
    unsigned max_age;
    struct ww_policy policy;
    size_t offset;
    assert_true(sscanf(brief, "%15s %u %399[^\n]", mode, &max_age, rest) >= 2);
    int n = snprintf(body, size, "version: STSv1\nmode: %s\nmax_age: %u\n", mode, max_age);
    char *save = NULL;
    for (char *mx = strtok_r(rest, " ", &save); mx != NULL; mx = strtok_r(NULL, " ", &save))
        n += snprintf(body + n, size - (size_t)n, "mx: %s\n", mx);
    assert_int_equal(ww_policy_parse(body, (size_t)n, &policy, &offset), WW_OK);
    return policy;
}

/* Changes as one text: '!' marks a weaker one, '+' a stronger one. */
static const struct compare_case {
    const char *before, *after, *changes;
} cases[] = {
    {"enforce 86400 a.example", "enforce 86400 a.example", ""},
    {"enforce 86400 a.example b.example", "enforce 86400 B.EXAMPLE a.example a.example", ""},

    {"enforce 86400 a.example", "testing 86400 a.example", "!mode enforce -> testing"},
    {"enforce 86400 a.example", "none 86400 a.example", "!mode enforce -> none"},
    {"testing 86400 a.example", "none 86400 a.example", "!mode testing -> none"},
    {"none 86400 a.example", "testing 86400 a.example", "+mode none -> testing"},
    {"testing 86400 a.example", "enforce 86400 a.example", "+mode testing -> enforce"},

    {"enforce 604800 a.example", "enforce 86400 a.example", "!max_age 604800 -> 86400"},
    {"enforce 86400 a.example", "enforce 604800 a.example", "+max_age 86400 -> 604800"},
    {"enforce 86400 a.example", "enforce 0 a.example", "!max_age 86400 -> 0"},

    /* fewer */
    {"enforce 1 a.example b.example", "enforce 1 a.example", "!mx removed b.example"},
    {"enforce 1 a.example b.example a.example", "enforce 1 b.example", "!mx removed a.example"},
    {"enforce 1 b.example", "enforce 1 a.example b.example a.example", "mx added a.example"},
    {"enforce 1 a.example", "enforce 1 b.example", "!mx removed a.example; mx added b.example"},
    {"enforce 1 a.example *.b.example", "enforce 1 a.example", "!mx removed *.b.example"},
    {"testing 1 a.example b.example", "testing 1 a.example", "!mx removed b.example"},
    /* more names */
    {"enforce 1 a.example", "enforce 1 a.example b.example", "mx added b.example"},
    /* broader */
    {"enforce 1 a.example", "enforce 1 a.example *.example", "!mx broader *.example"},
    {"enforce 1 a.b.example", "enforce 1 *.b.example", "mx removed a.b.example; !mx broader *.b.example"},
    {"enforce 1 *.b.example", "enforce 1 *.b.example *.c.b.example", "!mx broader *.c.b.example"},
    {"enforce 1 *.c.b.example", "enforce 1 *.b.example",
     "!mx removed *.c.b.example; !mx broader *.b.example"},
    {"enforce 1 b.example", "enforce 1 *.b.example", "!mx removed b.example; !mx broader *.b.example"},
    /* narrower */
    {"enforce 1 *.b.example", "enforce 1 a.b.example c.b.example",
     "+mx narrowed *.b.example; mx added a.b.example; mx added c.b.example"},
    {"enforce 1 *.b.example", "enforce 1 a.c.b.example", "!mx removed *.b.example; mx added a.c.b.example"},
    /* covered before and after */
    {"enforce 1 *.b.example", "enforce 1 *.b.example a.b.example", "mx added a.b.example"},
    {"enforce 1 *.b.example a.B.example", "enforce 1 *.b.example", "mx removed a.B.example"},
    {"enforce 1 localhost", "enforce 1 *.localhost", "!mx removed localhost; !mx broader *.localhost"},

    /* none protects nothing */
    {"enforce 86400 a.example b.example", "none 1",
     "!mode enforce -> none; mx removed a.example; "
     "mx removed b.example; max_age 86400 -> 1"},
    {"none 86400", "enforce 1 *.example", "+mode none -> enforce; mx broader *.example; max_age 86400 -> 1"},
    {"none 86400", "none 1", "max_age 86400 -> 1"},

    {"enforce 604800 a.example b.example", "testing 86400 a.example",
     "!mode enforce -> testing; !mx removed b.example; !max_age 604800 -> 86400"},
};

static const char *text_of(const struct ww_policy_changes *changes)
{
    static char text[4096];
    struct ww_buf b = ww_buf(text, sizeof text - 1);
    bool weaker = false;
    for (size_t i = 0; i < changes->count; i++) {
        enum ww_policy_effect effect = changes->all[i].effect;
        ww_buf_str(&b, i > 0 ? "; " : "");
        ww_buf_str(&b, effect == WW_EFFECT_WEAKER ? "!" : effect == WW_EFFECT_STRONGER ? "+" : "");
        ww_policy_change_put(&b, changes, i);
        weaker |= effect == WW_EFFECT_WEAKER;
    }
    assert_false(b.failed);
    assert_int_equal(weaker, changes->weaker);
    text[b.n] = '\0';
    return text;
}

static void compares_policies(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char old_body[2048], new_body[2048];
        struct ww_policy before = policy_of(cases[i].before, old_body, sizeof old_body);
        struct ww_policy after = policy_of(cases[i].after, new_body, sizeof new_body);
        struct ww_policy_changes changes;
        ww_policy_compare(&before, &after, &changes);
        const char *text = text_of(&changes);
        if (strcmp(text, cases[i].changes) != 0)
            fail_msg("%s, then %s: \"%s\"", cases[i].before, cases[i].after, text);
    }
}

/* A body with so many patterns: letter0.example, letter1.example, … */
static struct ww_policy many(char letter, unsigned count, char **body)
{
    size_t size = 64 + count * 32;
    struct ww_policy policy;
    size_t offset;
    *body = malloc(size);
    assert_non_null(*body);
    int n = snprintf(*body, size, "version: STSv1\nmode: enforce\nmax_age: 1\n");
    for (unsigned i = 0; i < count; i++)
        n += snprintf(*body + n, size - (size_t)n, "mx: %c%u.example\n", letter, i);
    assert_int_equal(ww_policy_parse(*body, (size_t)n, &policy, &offset), WW_OK);
    return policy;
}

static void patterns_without_end_are_not_compared(void **state)
{
    (void)state;
    static const struct {
        unsigned before, after;
        char letter;
        const char *changes;
    } rows[] = {
        {WW_POLICY_COMPARE_MX_MAX + 1, WW_POLICY_COMPARE_MX_MAX + 1, 'a', ""},
        {WW_POLICY_COMPARE_MX_MAX + 1, WW_POLICY_COMPARE_MX_MAX + 1, 'b', "!mx changed, too many to compare"},
        {WW_POLICY_COMPARE_MX_MAX + 1, WW_POLICY_COMPARE_MX_MAX + 2, 'a', "!mx changed, too many to compare"},
        {1, WW_POLICY_COMPARE_MX_MAX + 1, 'a', "!mx changed, too many to compare"},
        {WW_POLICY_COMPARE_MX_MAX + 1, 1, 'a', "!mx changed, too many to compare"},
        {3000, 3000, 'b', "!mx changed, too many to compare"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *old_body, *new_body;
        struct ww_policy before = many('a', rows[i].before, &old_body);
        struct ww_policy after = many(rows[i].letter, rows[i].after, &new_body);
        struct ww_policy_changes changes;
        ww_policy_compare(&before, &after, &changes);
        assert_string_equal(text_of(&changes), rows[i].changes);
        free(old_body);
        free(new_body);
    }
}

static void compares_as_many_as_it_says(void **state)
{
    (void)state;
    char *old_body, *new_body;
    struct ww_policy before = many('a', WW_POLICY_COMPARE_MX_MAX, &old_body);
    struct ww_policy after = many('b', WW_POLICY_COMPARE_MX_MAX, &new_body);
    struct ww_policy_changes changes;
    ww_policy_compare(&before, &after, &changes);
    assert_int_equal(changes.count, 2 * WW_POLICY_COMPARE_MX_MAX);
    assert_true(changes.weaker);
    free(old_body);
    free(new_body);
}

static void says_what_is_weaker(void **state)
{
    (void)state;
    char old_body[2048], new_body[2048];
    struct ww_policy before = policy_of("enforce 604800 a.example b.example", old_body, sizeof old_body);
    struct ww_policy after = policy_of("testing 86400 c.example", new_body, sizeof new_body);
    struct ww_policy_changes changes;
    ww_policy_compare(&before, &after, &changes);
    static const struct {
        size_t size;
        const char *text;
        bool failed;
    } rows[] = {
        {200, "mode enforce -> testing, mx removed a.example, mx removed b.example, max_age 604800 -> 86400",
         false},
        {90, "mode enforce -> testing, mx removed a.example, mx removed b.example and 1 more", false},
        {64, "mode enforce -> testing, mx removed a.example and 2 more", false},
        {20, " and 4 more", false},
        {5, "", true},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[200];
        struct ww_buf b = ww_buf(text, rows[i].size);
        ww_policy_weaker_put(&b, &changes);
        assert_true(b.n <= b.cap && b.cap == rows[i].size);
        if (b.failed != rows[i].failed || (!b.failed && !ww_slice_is(ww_slice(text, b.n), rows[i].text)))
            fail_msg("in %zu: %.*s", rows[i].size, (int)b.n, text);
    }
    ww_policy_compare(&after, &after, &changes);
    struct ww_buf b = ww_buf(old_body, sizeof old_body);
    ww_policy_weaker_put(&b, &changes);
    assert_int_equal(b.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_policies),
        cmocka_unit_test(patterns_without_end_are_not_compared),
        cmocka_unit_test(compares_as_many_as_it_says),
        cmocka_unit_test(says_what_is_weaker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
