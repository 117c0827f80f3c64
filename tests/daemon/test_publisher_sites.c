#include "daemon/publisher_sites.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define MANY 5000

static void name(unsigned i, char out[WW_DNAME_SIZE])
{
    (void)snprintf(out, WW_DNAME_SIZE, "d%u.example", i);
}

static struct ww_publisher_site *put(struct ww_publisher_sites *s, unsigned i, const char *body)
{
    struct ww_msg_site m = {.id = "1", .body = ww_slice_str(body)};
    name(i, m.domain);
    struct ww_publisher_site *site = ww_publisher_sites_put(s, &m);
    assert_non_null(site);
    return site;
}

static struct ww_publisher_site *find(struct ww_publisher_sites *s, unsigned i)
{
    char domain[WW_DNAME_SIZE], host[WW_DNAME_SIZE + 8];
    name(i, domain);
    (void)snprintf(host, sizeof host, "mta-sts.%s", domain);
    return ww_publisher_sites_of_host(s, host);
}

static void gone(struct ww_publisher_sites *s, unsigned i)
{
    char domain[WW_DNAME_SIZE];
    name(i, domain);
    ww_publisher_sites_gone(s, domain);
}

static void finds_each_of_many(void **state)
{
    struct ww_publisher_sites *s = ww_publisher_sites_new();
    (void)state;
    for (unsigned i = 0; i < MANY; i++)
        (void)put(s, i, "first");
    for (unsigned i = 0; i < MANY; i += 2)
        (void)put(s, i, "second");
    for (unsigned i = 0; i < MANY; i += 5)
        gone(s, i);
    assert_int_equal(ww_publisher_sites_count(s), MANY - MANY / 5);
    for (unsigned i = 0; i < MANY; i++) {
        const struct ww_publisher_site *site = find(s, i);
        assert_true((site != NULL) == (i % 5 != 0));
        if (site != NULL)
            assert_true(ww_slice_is(ww_slice(site->body, site->body_n), i % 2 == 0 ? "second" : "first"));
    }
    ww_publisher_sites_free(s);
}

static void finds_policy_hosts_alone(void **state)
{
    static const char *const others[] = {"",
                                         "mta-sts.",
                                         "mta-sts",
                                         "d1.example",
                                         "mta-sts.d2.example",
                                         "mta-stsXd1.example",
                                         "x.mta-sts.d1.example"};
    struct ww_publisher_sites *s = ww_publisher_sites_new();
    (void)state;
    const struct ww_publisher_site *site = put(s, 1, "");
    assert_null(site->body);
    assert_ptr_equal(find(s, 1), site);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_null(ww_publisher_sites_of_host(s, others[i]));
    ww_publisher_sites_free(s);
}

/* What is told of again keeps what is known of its certificate; what is not is gone, but not before the end.
 */
static void takes_all_anew(void **state)
{
    struct ww_publisher_sites *s = ww_publisher_sites_new();
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct ww_publisher_site *site = put(s, i, "a");
        site->keys.looked = true;
        site->told = calloc(1, sizeof *site->told);
    }
    ww_publisher_sites_begin(s);
    (void)put(s, 1, "b");
    (void)put(s, 4, "c");
    assert_non_null(find(s, 0));
    ww_publisher_sites_end(s);
    assert_int_equal(ww_publisher_sites_count(s), 2);
    assert_null(find(s, 0));
    assert_true(find(s, 1)->keys.looked);
    assert_null(find(s, 1)->told);
    assert_false(find(s, 4)->keys.looked);
    ww_publisher_sites_free(s);
}

/* Those that go meanwhile are not met, wherever the walk is; those that come are, while it goes on. */
static void walks_while_they_come_and_go(void **state)
{
    (void)state;
    for (unsigned leaves = 0; leaves < 6; leaves++) {
        for (unsigned at = 0; at < 6; at++) {
            struct ww_publisher_sites *s = ww_publisher_sites_new();
            struct ww_publisher_site *site;
            unsigned met = 0, steps = 0;
            for (unsigned i = 0; i < 6; i++)
                (void)put(s, i, "a");
            ww_publisher_sites_rewind(s);
            while ((site = ww_publisher_sites_next(s)) != NULL) {
                met |= 1U << (unsigned)strtoul(site->domain + 1, NULL, 10);
                if (steps++ == at) {
                    (void)put(s, 6, "a");
                    gone(s, leaves);
                }
            }
            unsigned all = at < 5 ? 0x7f : 0x3f; /* nobody waits for one that comes after the last */
            assert_int_equal(met, leaves > at ? all & ~(1U << leaves) : all);
            assert_null(ww_publisher_sites_next(s));
            ww_publisher_sites_free(s);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_each_of_many),
        cmocka_unit_test(finds_policy_hosts_alone),
        cmocka_unit_test(takes_all_anew),
        cmocka_unit_test(walks_while_they_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
