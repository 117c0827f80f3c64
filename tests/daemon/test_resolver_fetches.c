/* Flights of a queue that have a record, and wait to fetch the policy. Without an address every fetch fails.
 */
#include "daemon/resolver_queue.h"

#include "fake_dns.h"
#include "fake_peer.h"
#include "netns.h"

#define RESOLVER "127.0.0.53"
#define FLIGHTS 3

static struct event_base *base;
static struct ww_discoverer with;

static const struct fake_name names[] = {
    {"_mta-sts.one.example", FAKE_TXT, "v=STSv1; id=1;"},
    {"_mta-sts.two.example", FAKE_TXT, "v=STSv1; id=1;"},
    {"_mta-sts.three.example", FAKE_TXT, "v=STSv1; id=1;"},
    {NULL, FAKE_TXT, NULL},
};

static const char *const domains[FLIGHTS] = {"one.example", "two.example", "three.example"};

struct owner {
    unsigned fetched, refused, other, surveyed;
};

static void on_result(void *owner, uint64_t number, const struct ww_discovery_result *result)
{
    struct owner *o = owner;
    (void)number;
    if (result->outcome == WW_FOUND_FETCH_FAILURE && result->why == WW_E_FETCH_NO_ADDRESS)
        o->fetched++;
    else if (result->outcome == WW_FOUND_DNS_FAILURE && result->why == WW_E_RESOLVER_BUSY)
        o->refused++;
    else
        o->other++;
}

static void on_survey(void *owner, uint64_t number, const struct ww_dane_survey *survey)
{
    struct owner *o = owner;
    (void)number;
    if (survey->outcome == WW_MX_NO_DOMAIN && !survey->validating && survey->why == WW_OK)
        o->surveyed++;
    else
        o->other++;
}

static const struct ww_queue_handlers handlers = {.resolved = on_result, .surveyed = on_survey};

static void add_parts(struct ww_queue *q, struct owner *owner, uint64_t flight, const char *domain, bool sts,
                      bool dane)
{
    struct ww_msg_resolve m = {.flight = flight, .sts = sts, .dane = dane};
    memcpy(m.ask.domain, domain, strlen(domain) + 1);
    ww_queue_add(q, owner, &m);
}

static void add(struct ww_queue *q, struct owner *owner, uint64_t flight, const char *domain)
{
    add_parts(q, owner, flight, domain, true, false);
}

static struct ww_queue *fly_all(struct owner *owner, size_t per_second, int64_t wait_ms)
{
    const struct ww_queue_limits limits = {8, 8, 60000, 1000, {per_second, 8, wait_ms}};
    struct ww_queue *q = ww_queue_new(base, &with, &limits, &handlers);
    assert_non_null(q);
    ww_queue_open(q);
    for (uint64_t i = 0; i < FLIGHTS; i++) {
        add(q, owner, i, domains[i]);
    }
    return q;
}

static void wait_for(const struct owner *owner, unsigned results)
{
    while (owner->fetched + owner->refused + owner->other < results)
        test_run_ms(base, 5);
}

static void those_within_the_limit_fetch(void **state)
{
    (void)state;
    struct owner owner = {0};
    struct ww_queue *q = fly_all(&owner, FLIGHTS, 60000);
    wait_for(&owner, FLIGHTS);
    assert_int_equal(owner.fetched, FLIGHTS);
    ww_queue_free(q);
}

/* That is no failure of the policy host, and the queue goes on. */
static void those_that_wait_too_long_are_refused(void **state)
{
    (void)state;
    struct owner owner = {0};
    struct ww_queue *q = fly_all(&owner, 1, 50);
    wait_for(&owner, FLIGHTS);
    assert_int_equal(owner.fetched, 1);
    assert_int_equal(owner.refused, FLIGHTS - 1);
    test_run_ms(base, 1000);
    add(q, &owner, 9, "two.example");
    wait_for(&owner, FLIGHTS + 1);
    assert_int_equal(owner.fetched, 2);
    ww_queue_free(q);
}

static void those_whose_owner_goes_do_not_come_back(void **state)
{
    (void)state;
    struct owner owner = {0};
    struct ww_queue *q = fly_all(&owner, 1, 60000);
    wait_for(&owner, 1);
    ww_queue_forget(q, &owner);
    test_run_ms(base, 1200);
    assert_int_equal(owner.fetched, 1);
    assert_int_equal(owner.refused + owner.other, 0);
    ww_queue_free(q);
}

/* Side by side, and each is told of once: also where the other one is still under way when its owner goes. */
static void a_survey_is_made_beside_the_fetch(void **state)
{
    (void)state;
    struct owner owner = {0};
    const struct ww_queue_limits limits = {8, 8, 60000, 1000, {1, 8, 60000}};
    struct ww_queue *q = ww_queue_new(base, &with, &limits, &handlers);
    assert_non_null(q);
    ww_queue_open(q);
    add_parts(q, &owner, 1, "one.example", true, true);
    add_parts(q, &owner, 2, "two.example", true, true); /* waits a second to fetch, */
    add_parts(q, &owner, 3, "three.example", false, true);
    while (owner.surveyed + owner.other < 3 || owner.fetched < 1)
        test_run_ms(base, 5);
    assert_int_equal(owner.fetched, 1);
    assert_int_equal(ww_queue_flying(q), 1);
    ww_queue_forget(q, &owner); /* and has no time to */
    assert_int_equal(ww_queue_flying(q), 0);
    add_parts(q, &owner, 4, "one.example", false, true);
    ww_queue_forget(q, &owner);
    test_run_ms(base, 1200);
    assert_int_equal(owner.fetched, 1);
    assert_int_equal(owner.surveyed, 3);
    assert_int_equal(owner.refused + owner.other, 0);
    ww_queue_free(q);
}

static void on_health(void *ctx, enum ww_dns_health health, const char *detail)
{
    (void)detail;
    *(enum ww_dns_health *)ctx = health;
    (void)event_base_loopexit(base, NULL);
}

static int open_dns(void **state)
{
    (void)state;
    struct ww_addr forward;
    const char *detail;
    enum ww_dns_health health = WW_DNS_UNREACHABLE;
    base = event_base_new();
    if (ww_addr_parse(ww_slice_str(RESOLVER), &forward) != WW_OK)
        return -1;
    const struct ww_dns_options dns = {.forward = &forward, .forward_count = 1, .timeout_ms = 2000};
    with.dns = ww_dns_new(base, &dns, &detail);
    if (with.dns == NULL)
        return -1;
    ww_dns_self_test(with.dns, on_health, &health);
    (void)event_base_dispatch(base);
    return health == WW_DNS_STRIPPED ? 0 : -1;
}

static int close_dns(void **state)
{
    (void)state;
    ww_dns_free(with.dns);
    event_base_free(base);
    return 0;
}

int main(void)
{
    netns_enter();
    pid_t pid = fake_dns(RESOLVER, NULL, names);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(those_within_the_limit_fetch),
        cmocka_unit_test(those_that_wait_too_long_are_refused),
        cmocka_unit_test(a_survey_is_made_beside_the_fetch),
        cmocka_unit_test(those_whose_owner_goes_do_not_come_back),
    };
    int failed = cmocka_run_group_tests(tests, open_dns, close_dns);
    netns_end(pid);
    return failed;
}
