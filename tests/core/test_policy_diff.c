#include "core/policy_diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct told {
    char text[65536];
    size_t n;
};

static void tell(void *ctx, enum ww_diff_mark mark, struct ww_slice line)
{
    struct told *t = ctx;
    assert_true(t->n + line.n + 2 < sizeof t->text);
    t->text[t->n++] = (char)mark;
    if (line.n > 0)
        memcpy(t->text + t->n, line.p, line.n);
    t->n += line.n;
    t->text[t->n++] = '|';
    t->text[t->n] = '\0';
}

static const struct diff_case {
    const char *before, *after, *diff;
} cases[] = {
    {"", "", ""},
    {"a\nb\n", "a\nb\n", " a| b|"},
    {"a\nb\n", "a\r\nb  ", " a| b|"},
    {"", "a\nb\n", "+a|+b|"},
    {"a\nb\n", "", "-a|-b|"},
    {"a\nb\nc\n", "a\nc\n", " a|-b| c|"},
    {"a\nc\n", "a\nb\nc\n", " a|+b| c|"},
    {"a\nb\nc\n", "a\nB\nc\n", " a|-b|+B| c|"},
    {"a\nb\nc\nd\ne\n", "a\nx\nc\ny\ne\n", " a|-b|+x| c|-d|+y| e|"},
    {"a\na\n", "a\n", " a|-a|"},
    {"a\n", "a\na\n", " a|+a|"},
    {"a\nb\n", "b\na\n", "-a| b|+a|"},
    {"\n\na\n", "\na\n", " |-| a|"},
    {"\n", "a", "-|+a|"},
    {"a\nb", "b", "-a| b|"},
};

static void tells_differences(void **state)
{
    (void)state;
    static struct told t;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct diff_case *c = &cases[i];
        t.n = 0;
        t.text[0] = '\0';
        ww_policy_diff(ww_slice_str(c->before), ww_slice_str(c->after), tell, &t);
        if (strcmp(t.text, c->diff) != 0)
            fail_msg("\"%s\" and \"%s\": %s", c->before, c->after, t.text);
    }
}

static void numbered(char *out, size_t size, char letter, unsigned from, unsigned to)
{
    size_t n = strlen(out);
    for (unsigned i = from; i < to; i++)
        n += (size_t)snprintf(out + n, size - n, "%c%u\n", letter, i);
}

struct counts {
    unsigned stays, gone, came;
};

static void count(void *ctx, enum ww_diff_mark mark, struct ww_slice line)
{
    struct counts *c = ctx;
    (void)line;
    c->stays += mark == WW_DIFF_STAYS;
    c->gone += mark == WW_DIFF_GONE;
    c->came += mark == WW_DIFF_NEW;
}

/* Begins and ends alike, however long; in between so many lines, every other of them the same. */
static void long_bodies_cost_no_more(void **state)
{
    (void)state;
    for (unsigned lines = WW_POLICY_DIFF_LINES - 2; lines <= WW_POLICY_DIFF_LINES + 2; lines += 2) {
        static char before[65536], after[65536];
        before[0] = after[0] = '\0';
        numbered(before, sizeof before, 's', 0, 2000);
        numbered(after, sizeof after, 's', 0, 2000);
        for (unsigned i = 0; i < lines / 2; i++) {
            numbered(before, sizeof before, 'a', i, i + 1);
            numbered(before, sizeof before, 'c', i, i + 1);
            numbered(after, sizeof after, 'b', i, i + 1);
            numbered(after, sizeof after, 'c', i, i + 1);
        }
        numbered(before, sizeof before, 'x', 0, 1);
        numbered(after, sizeof after, 'y', 0, 1);
        numbered(before, sizeof before, 'e', 0, 2000);
        numbered(after, sizeof after, 'e', 0, 2000);
        struct counts c = {0};
        ww_policy_diff(ww_slice_str(before), ww_slice_str(after), count, &c);
        unsigned same = lines < WW_POLICY_DIFF_LINES ? lines / 2 : 0;
        assert_int_equal(c.stays, 4000 + same);
        assert_int_equal(c.gone, lines + 1 - same);
        assert_int_equal(c.came, lines + 1 - same);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_differences),
        cmocka_unit_test(long_bodies_cost_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
