#include "daemon/resolver_turns.h"

#include "daemon/resolver_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define SITE_MAX 2

static void names_of_one_registrant_are_one_site(void **state)
{
    static const struct {
        const char *domain, *site;
    } cases[] = {
        {"", ""},
        {"net", "net"},
        {"example.net", "example.net"},
        {"a.example.net", "example.net"},
        {"x.y.z.a.example.net", "example.net"},
        {"co.uk", "co.uk"},
        {"example.co.uk", "example.co.uk"},
        {"a.b.example.co.uk", "example.co.uk"},
        {"a.example.uk", "example.uk"},
        {"a.co.info", "co.info"},
        {"a.x.de", "x.de"},
        {"co.co.co", "co.co.co"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (!ww_slice_is(ww_site_of(ww_slice_str(cases[i].domain)), cases[i].site))
            fail_msg("%s", cases[i].domain);
}

/* Adds ("+domain", "*domain" when a policy of it is known), asks who is next ("domain", or "-" for nobody)
 * and ends ("/domain"), in this order. */
static void play(const char *const *steps)
{
    struct ww_turn turns[16];
    const char *domains[16];
    size_t count = 0;
    struct ww_turns *t = ww_turns_new(SITE_MAX);
    assert_non_null(t);
    for (size_t i = 0; steps[i] != NULL; i++) {
        const char *s = steps[i];
        if (*s == '+' || *s == '*') {
            domains[count] = s + 1;
            assert_true(ww_turns_add(t, &turns[count++], ww_slice_str(s + 1), *s == '*'));
        } else if (*s == '/') {
            size_t j = 0;
            while (domains[j] == NULL || strcmp(domains[j], s + 1) != 0)
                assert_true(++j < count);
            ww_turns_end(t, &turns[j]);
            domains[j] = NULL;
        } else {
            struct ww_turn *turn = ww_turns_next(t);
            const char *next = turn != NULL ? domains[turn - turns] : "-";
            if (strcmp(next, s) != 0)
                fail_msg("step %zu: %s and not %s", i, next, s);
        }
    }
    for (size_t i = 0; i < count; i++)
        if (domains[i] != NULL)
            ww_turns_end(t, &turns[i]);
    assert_int_equal(ww_turns_waiting(t), 0);
    assert_null(ww_turns_next(t));
    ww_turns_free(t);
}

static void turns_are_shared_out(void **state)
{
    static const char *const cases[][20] = {
        {"-"},
        {"+a.x", "+b.y", "a.x", "b.y", "-"},
        /* a site flies so many, and the next one when one of these has ended */
        {"+1.a.x", "+2.a.x", "+3.a.x", "1.a.x", "2.a.x", "-", "/1.a.x", "3.a.x", "-"},
        /* who comes later does not wait behind all of another site's */
        {"+1.a.x", "+2.a.x", "+3.a.x", "+b.y", "1.a.x", "b.y", "2.a.x", "-"},
        {"+1.a.x", "+2.a.x", "1.a.x", "+b.y", "b.y", "2.a.x", "-"},
        /* rotation among those who had a turn */
        {"+1.a.x", "+2.a.x", "+1.b.x", "+2.b.x", "1.a.x", "1.b.x", "2.a.x", "2.b.x", "-"},
        /* known policies first, within a site and among them */
        {"+1.a.x", "+b.y", "*c.y", "*2.a.x", "c.y", "2.a.x", "b.y", "1.a.x", "-"},
        /* but not more of a site than of others */
        {"*1.a.x", "*2.a.x", "*3.a.x", "+b.y", "1.a.x", "2.a.x", "b.y", "-"},
        /* who leaves while waiting is passed over */
        {"+1.a.x", "+2.a.x", "+b.y", "/1.a.x", "2.a.x", "/b.y", "-"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        play(cases[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_one_registrant_are_one_site),
        cmocka_unit_test(turns_are_shared_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
