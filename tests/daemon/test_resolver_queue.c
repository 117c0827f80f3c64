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
    unsigned surveyed;
    uint64_t last;
    struct ww_dane_survey survey; /* the last one */
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

static void on_survey(void *owner, uint64_t number, const struct ww_dane_survey *survey)
{
    struct owner *o = owner;
    o->surveyed++;
    o->last = number;
    o->survey = *survey;
}

static const struct ww_queue_handlers handlers = {on_result, on_survey};

static void add(struct ww_queue *q, struct owner *owner, uint64_t flight, bool sts, bool dane)
{
    const struct ww_msg_resolve m = {
        .flight = flight, .sts = sts, .dane = dane, .ask = {.domain = "example.com"}};
    ww_queue_add(q, owner, &m);
}

/* A queue that was never opened starts nothing, so that there is no need of a network here. */
static void what_is_too_much_is_refused_at_once(void **state)
{
    const struct ww_discoverer discoverer = {.dns = NULL};
    static const struct ww_queue_limits limits = {1, WAITING_MAX, 60000, 1000, {1, 1, 1000}};
    struct event_base *base = event_base_new();
    struct ww_queue *q = ww_queue_new(base, &discoverer, &limits, &handlers);
    struct owner one = {0};
    struct owner other = {0};
    (void)state;
    assert_non_null(q);
    for (uint64_t i = 1; i <= WAITING_MAX; i++)
        add(q, i == 2 ? &other : &one, i, true, false);
    assert_int_equal(one.refused + other.refused, 0);
    add(q, &one, 4, true, false);
    assert_int_equal(one.refused, 1);
    assert_int_equal(one.last, 4);

    /* An owner who goes makes room for others. */
    ww_queue_forget(q, &one);
    add(q, &other, 5, true, false);
    add(q, &other, 6, true, false);
    assert_int_equal(other.refused, 0);
    add(q, &other, 7, true, false);
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
    static const struct ww_queue_limits limits = {1, WAITING_MAX, 0, 1000, {1, 1, 1000}};
    struct event_base *base = event_base_new();
    struct ww_queue *q = ww_queue_new(base, &discoverer, &limits, &handlers);
    struct owner one = {0};
    (void)state;
    assert_non_null(q);
    for (uint64_t i = 1; i <= WAITING_MAX; i++)
        add(q, &one, i, true, false);
    assert_int_equal(one.refused, 0);
    ww_queue_open(q);
    assert_int_equal(one.refused, WAITING_MAX);
    add(q, &one, 4, true, false);
    assert_int_equal(one.refused, WAITING_MAX + 1);
    ww_queue_free(q);
    event_base_free(base);
}

/* Each part is told of by itself; where DNSSEC has never got through, no survey is made. */
static void parts_are_refused_each(void **state)
{
    const struct ww_discoverer discoverer = {.dns = NULL};
    static const struct ww_queue_limits limits = {1, 1, 0, 1000, {1, 1, 1000}};
    struct event_base *base = event_base_new();
    struct ww_queue *q = ww_queue_new(base, &discoverer, &limits, &handlers);
    static struct owner one;
    (void)state;
    assert_non_null(q);
    ww_queue_open(q);
    add(q, &one, 1, true, true);
    assert_int_equal(one.refused, 1);
    assert_int_equal(one.surveyed, 1);
    assert_int_equal(one.survey.why, WW_E_RESOLVER_BUSY);
    assert_false(one.survey.never_validated);
    add(q, &one, 2, false, true);
    assert_int_equal(one.refused, 1);
    assert_int_equal(one.surveyed, 2);
    add(q, &one, 3, true, false);
    assert_int_equal(one.refused, 2);
    assert_int_equal(one.surveyed, 2);
    ww_queue_free(q);
    event_base_free(base);
}

static void without_dnssec_no_survey_is_made(void **state)
{
    const struct ww_discoverer discoverer = {.dns = NULL};
    static const struct ww_queue_limits limits = {1, 1, 60000, 1000, {1, 1, 1000}};
    struct event_base *base = event_base_new();
    struct ww_queue *q = ww_queue_new(base, &discoverer, &limits, &handlers);
    static struct owner one;
    (void)state;
    assert_non_null(q);
    ww_queue_without_dnssec(q, 600);
    ww_queue_open(q);
    add(q, &one, 1, false, true);
    assert_int_equal(one.surveyed, 1);
    assert_true(one.survey.never_validated);
    assert_int_equal(one.survey.why, WW_E_DNS_NOT_VALIDATING);
    assert_int_equal(one.survey.lifetime, 600);
    assert_int_equal(ww_queue_flying(q), 0);
    ww_queue_free(q);
    event_base_free(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_too_much_is_refused_at_once),
        cmocka_unit_test(what_nobody_waits_for_any_more_is_refused),
        cmocka_unit_test(parts_are_refused_each),
        cmocka_unit_test(without_dnssec_no_survey_is_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
