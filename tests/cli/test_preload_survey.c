/* The names that make takes, and what it takes from the process that looks at them, which may mean it ill. */
#include "cli/preload_look.h"
#include "cli/subcommands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *told; /* by the process that looks */
static char complained[256];
static unsigned deadline = 20000;
static bool hangs;

/* In place of preload_look.c, in the process that looks. */
void ww_preload_look(void *ctx, int out)
{
    const struct ww_preload_looks *looks = ctx;
    if (told == NULL) {
        for (size_t i = 0; i < looks->count; i++)
            (void)dprintf(out, "{\"index\":%zu,\"taken\":true,\"mx\":[\"%s\"]}\n", i, looks->domains[i]);
        return;
    }
    (void)dprintf(out, "%s", told);
    while (hangs)
        (void)pause();
}

unsigned ww_preload_look_deadline_ms(const struct ww_preload_looks *looks)
{
    (void)looks;
    return deadline;
}

size_t ww_preload_look_output_max(const struct ww_preload_looks *looks)
{
    return 100 + looks->count * 1000;
}

void ww_subcommand_complain(const char *command, const char *what, const char *why)
{
    (void)snprintf(complained, sizeof complained, "%s: %s: %s", command, what, why);
}

static void names_are_read_sorted_and_told_once(void **state)
{
    (void)state;
    static const char text[] = "# a comment\n\n  b.example \t\r\nA.example.\nb\xc3\xbc"
                               "cher.example # one\nb.example\nno domain\n\xff\n192.0.2.1\n..\nz.example";
    static const struct {
        const char *domain;
        enum ww_err err;
    } wanted[] = {
        {"..", WW_E_DNAME_LABEL_EMPTY},
        {"192.0.2.1", WW_E_DNAME_NUMERIC},
        {"a.example", WW_OK},
        {"b.example", WW_OK},
        {"no domain", WW_E_DNAME_CHARACTER},
        {"xn--bcher-kva.example", WW_OK},
        {"z.example", WW_OK},
        {"\xff", WW_E_IDN},
    };
    struct ww_preload_findings all = {.found = NULL};
    assert_true(ww_preload_names_take(&all, ww_slice_str(text)));
    ww_preload_names_sort(&all);
    for (size_t i = 0; i < all.count && i < COUNT(wanted); i++) {
        assert_string_equal(all.found[i].domain, wanted[i].domain);
        if (wanted[i].err == WW_OK)
            assert_null(all.found[i].why);
        else
            assert_string_equal(all.found[i].why, ww_err_message(wanted[i].err));
    }
    assert_int_equal(all.count, COUNT(wanted));
    ww_preload_findings_free(&all);
}

/* A finding of one domain, whose process told this. */
static struct ww_preload_findings look(const char *lines, bool *good)
{
    const struct ww_preload_rules rules = {.min_max_age = 1};
    struct ww_preload_findings all = {.found = NULL};
    told = lines;
    assert_true(ww_preload_names_take(&all, ww_slice_str("a.example\n")));
    *good = ww_preload_survey(&all, &rules);
    return all;
}

static const struct {
    const char *lines;
    const char *why; /* NULL: taken */
    bool temporary;
} cases[] = {
    {"{\"index\":0,\"taken\":true,\"mx\":[\"MX.a.example\",\"*.b.example\"]}\n", NULL, false},
    {"{\"index\":0,\"taken\":false,\"why\":\"so\",\"temporary\":true}\n", "so", true},
    {"{\"index\":0,\"taken\":false,\"why\":\"so\"}\n{\"index\":0,\"taken\":true,\"mx\":[\"m\"]}\n", "so",
     false},
    {"", "the look at it broke off", true},
    {"no JSON\n", "the look at it broke off", true},
    {"{\"index\":1,\"taken\":true,\"mx\":[\"m\"]}\n", "the look at it broke off", true},
    {"{\"index\":-1,\"taken\":true,\"mx\":[\"m\"]}\n", "the look at it broke off", true},
    {"{\"index\":0,\"taken\":false}\n", "its patterns cannot be used", false},
    {"{\"index\":0,\"taken\":true}\n", "its patterns cannot be used", false},
    {"{\"index\":0,\"taken\":true,\"mx\":[]}\n", "its patterns cannot be used", false},
    {"{\"index\":0,\"taken\":true,\"mx\":[\"m\",7]}\n", "its patterns cannot be used", false},
    {"{\"index\":0,\"taken\":true,\"mx\":[\"m\",\"*.*.m\"]}\n", "its patterns cannot be used", false},
    {"{\"index\":0,\"taken\":true,\"mx\":[\"m\\u0000\"]}\n", "the look at it broke off", true},
};

static void what_is_told_is_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        bool good;
        struct ww_preload_findings all = look(cases[i].lines, &good);
        const struct ww_preload_finding *f = &all.found[0];
        assert_true(good);
        if (f->taken != (cases[i].why == NULL) || f->temporary != cases[i].temporary)
            fail_msg("%s: taken %d, temporary %d", cases[i].lines, f->taken, f->temporary);
        if (cases[i].why != NULL)
            assert_string_equal(f->why, cases[i].why);
        else
            assert_memory_equal(f->mx, "\014mx.a.example\013*.b.example", f->mx_n);
        ww_preload_findings_free(&all);
    }
}

static void nothing_can_be_looked_at(void **state)
{
    (void)state;
    bool good;
    struct ww_preload_findings all = look("{\"failed\":\"so\"}\n{\"failed\":\"otherwise\"}\n", &good);
    assert_false(good);
    assert_string_equal(complained, "preload make: nothing can be looked at: so");
    ww_preload_findings_free(&all);
}

static void one_that_goes_on_is_ended(void **state)
{
    (void)state;
    bool good;
    hangs = true;
    deadline = 50;
    struct ww_preload_findings all = look("", &good);
    hangs = false;
    deadline = 20000;
    assert_true(good && all.found[0].temporary);
    assert_string_equal(all.found[0].why, "the look at it took too long");
    ww_preload_findings_free(&all);
}

/* More than one process has them, and those that are no names are left alone. */
static void many_domains_are_looked_at(void **state)
{
    (void)state;
    enum { MANY = 1200 };
    const struct ww_preload_rules rules = {.min_max_age = 1};
    struct ww_preload_findings all = {.found = NULL};
    told = NULL;
    for (int i = 0; i < MANY; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, i % 3 == 0 ? "no name %d\n" : "d%d.example\n", i);
        assert_true(ww_preload_names_take(&all, ww_slice_str(name)));
    }
    assert_true(ww_preload_survey(&all, &rules));
    for (int i = 0; i < MANY; i++) {
        const struct ww_preload_finding *f = &all.found[i];
        assert_true(f->taken == (i % 3 != 0));
        if (f->taken)
            assert_memory_equal(f->mx + 1, f->domain, strlen(f->domain));
        else
            assert_string_equal(f->why, ww_err_message(WW_E_DNAME_CHARACTER));
    }
    ww_preload_findings_free(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_read_sorted_and_told_once),
        cmocka_unit_test(what_is_told_is_checked),
        cmocka_unit_test(nothing_can_be_looked_at),
        cmocka_unit_test(one_that_goes_on_is_ended),
        cmocka_unit_test(many_domains_are_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
