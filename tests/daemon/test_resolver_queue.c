#include "daemon/resolver_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <event2/event.h>

#define WAITING_MAX 3

struct owner {
    unsigned refused;
    uint64_t last;
};

static void on_result(void *owner, uint64_t number, const struct ww_discovery_result *result)
{
    struct owner *o = owner;
    assert_int_equal(result->outcome, WW_FOUND_DNS_FAILURE);
    assert_int_equal(result->why, WW_E_RESOLVER_BUSY);
    assert_string_not_equal(result->detail, "");
    o->refused++;
    o->last = number;
}

/* A queue that was never opened starts nothing, so that there is no need of a network here. */
static void what_is_too_much_is_refused_at_once(void **state)
{
    const struct ww_discoverer discoverer = {.dns = NULL};
    const struct ww_discovery_ask ask = {.domain = "example.com"};
    static const struct ww_queue_limits limits = {1, WAITING_MAX, 60000, {1, 1, 1000}};
    struct event_base *base = event_base_new();
    struct ww_queue *q = ww_queue_new(base, &discoverer, &limits, on_result);
    struct owner one = {0};
    struct owner other = {0};
    (void)state;
    assert_non_null(q);
    for (uint64_t i = 1; i <= WAITING_MAX; i++)
        ww_queue_add(q, i == 2 ? &other : &one, i, &ask);
    assert_int_equal(one.refused + other.refused, 0);
    ww_queue_add(q, &one, 4, &ask);
    assert_int_equal(one.refused, 1);
    assert_int_equal(one.last, 4);

    /* An owner who goes makes room for others. */
    ww_queue_forget(q, &one);
    ww_queue_add(q, &other, 5, &ask);
    ww_queue_add(q, &other, 6, &ask);
    assert_int_equal(other.refused, 0);
    ww_queue_add(q, &other, 7, &ask);
    assert_int_equal(other.refused, 1);
    assert_int_equal(other.last, 7);
    ww_queue_free(q);
    event_base_free(base);
    assert_int_equal(one.refused, 1);
    assert_int_equal(other.refused, 1);
}

static void what_nobody_waits_for_any_more_is_refused(void **state)
{
    const struct ww_discoverer discoverer = {.dns = NULL};
    static const struct ww_queue_limits limits = {1, WAITING_MAX, 0, {1, 1, 1000}};
    const struct ww_discovery_ask ask = {.domain = "example.com"};
    struct event_base *base = event_base_new();
    struct ww_queue *q = ww_queue_new(base, &discoverer, &limits, on_result);
    struct owner one = {0};
    (void)state;
    assert_non_null(q);
    for (uint64_t i = 1; i <= WAITING_MAX; i++)
        ww_queue_add(q, &one, i, &ask);
    assert_int_equal(one.refused, 0);
    ww_queue_open(q);
    assert_int_equal(one.refused, WAITING_MAX);
    ww_queue_add(q, &one, 4, &ask);
    assert_int_equal(one.refused, WAITING_MAX + 1);
    ww_queue_free(q);
    event_base_free(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_too_much_is_refused_at_once),
        cmocka_unit_test(what_nobody_waits_for_any_more_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
