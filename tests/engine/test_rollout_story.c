/*
 * A domain from nothing to enforce, with hosts that come and go, and back to nothing: in the order of the
 * engine no sender refuses a mail, though a thousand hold policies, records and MX records of every age. The
 * same in the wrong order, by hand: they do.
 */
#include "rollout_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define MX(i) (1u << (i))
#define MONTH (30 * WORLD_DAY)

/* A quarter of a day each. */
static void pass(struct world *w, int64_t seconds)
{
    for (int64_t until = w->now + seconds; w->now < until;) {
        w->now += until - w->now < WORLD_DAY / 4 ? until - w->now : WORLD_DAY / 4;
        world_visit(w, CROWD_SENDERS / 4);
        world_tend(w);
        world_visit(w, CROWD_SENDERS / 4);
        world_deliver(w);
    }
}

static const struct world_policy *last(const struct world *w)
{
    return &w->policies[w->policy_count - 1];
}

static void is(const struct world *w, enum ww_published_state state, enum ww_rollout_step step)
{
    if (w->plan.state != state || w->plan.step != step)
        fail_msg("it is %s, step %d: %s", ww_published_state_name(w->plan.state), (int)w->plan.step,
                 w->plan.waits);
    assert_int_equal(w->refusals, 0);
}

static void begin(struct world *w)
{
    world_begin(w, 9);
    world_dns(w, MX(0) | MX(1));
    world_want(w, MX(0) | MX(1));
    world_tend(w);
    is(w, WW_PUBLISHED_DRAFT, WW_ROLLOUT_IDLE);
    assert_true(world_wish(w, WW_WISH_START));
    pass(w, WORLD_DAY);
    is(w, WW_PUBLISHED_TESTING, WW_ROLLOUT_IDLE);
    assert_string_equal(w->record, last(w)->id);
}

static void to_enforce(struct world *w)
{
    assert_true(world_wish(w, WW_WISH_PROMOTE));
    pass(w, WORLD_DAY);
    is(w, WW_PUBLISHED_ENFORCE, WW_ROLLOUT_IDLE);
    assert_int_equal(last(w)->policy.max_age, WW_ROLLOUT_FIRST_MAX_AGE);
    pass(w, 5 * WORLD_DAY);
    assert_int_equal(last(w)->policy.max_age, WW_ROLLOUT_FIRST_MAX_AGE);
    pass(w, 2 * WORLD_DAY);
    is(w, WW_PUBLISHED_ENFORCE, WW_ROLLOUT_IDLE);
    assert_int_equal(last(w)->policy.max_age, MONTH);
}

/* By the engine: mx2 comes, and waits until nobody holds a policy without it. */
static void add_host(struct world *w)
{
    world_want(w, MX(0) | MX(1) | MX(2));
    world_tend(w);
    is(w, WW_PUBLISHED_CHANGING, WW_ROLLOUT_WAIT);
    int64_t changed = last(w)->since;
    assert_int_equal(last(w)->covers, MX(0) | MX(1) | MX(2));
    assert_int_equal(w->plan.until, changed + MONTH);
    pass(w, MONTH - 1);
    is(w, WW_PUBLISHED_CHANGING, WW_ROLLOUT_WAIT);
    assert_true(world_host_from(w, 2) > w->now);
    pass(w, 1);
    is(w, WW_PUBLISHED_ENFORCE, WW_ROLLOUT_IDLE);
    assert_int_equal(world_host_from(w, 2), w->now);
    world_dns(w, MX(0) | MX(1) | MX(2));
    pass(w, WORLD_DAY);
    is(w, WW_PUBLISHED_ENFORCE, WW_ROLLOUT_IDLE);
}

/* mx0 goes: out of the MX records, and then out of the policy. */
static void drop_host(struct world *w)
{
    world_want(w, MX(1) | MX(2));
    pass(w, WORLD_DAY);
    is(w, WW_PUBLISHED_CHANGING, WW_ROLLOUT_OPERATOR);
    assert_int_equal(last(w)->covers, MX(0) | MX(1) | MX(2));
    world_dns(w, MX(1) | MX(2));
    pass(w, WORLD_DAY);
    is(w, WW_PUBLISHED_CHANGING, WW_ROLLOUT_WAIT);
    assert_int_equal(last(w)->covers, MX(0) | MX(1) | MX(2));
    pass(w, WORLD_DAY);
    is(w, WW_PUBLISHED_ENFORCE, WW_ROLLOUT_IDLE);
    assert_int_equal(last(w)->covers, MX(1) | MX(2));
}

static void rotate_certificate(struct world *w)
{
    size_t serves = w->serves;
    w->certificate_good = false;
    pass(w, 2 * WORLD_DAY);
    is(w, WW_PUBLISHED_ENFORCE, WW_ROLLOUT_CERTIFICATE);
    w->certificate_good = true;
    pass(w, WORLD_DAY);
    is(w, WW_PUBLISHED_ENFORCE, WW_ROLLOUT_IDLE);
    assert_int_equal(w->serves, serves);
}

static void retire(struct world *w)
{
    assert_false(world_wish(w, WW_WISH_REMOVE));
    assert_true(world_wish(w, WW_WISH_RETIRE));
    world_tend(w);
    is(w, WW_PUBLISHED_RETIRING, WW_ROLLOUT_WAIT);
    assert_int_equal(last(w)->policy.mode, WW_MODE_NONE);
    assert_string_equal(w->record, last(w)->id);
    assert_int_equal(w->plan.until, last(w)->since + MONTH);
    pass(w, MONTH - 1);
    assert_false(world_wish(w, WW_WISH_REMOVE));
    assert_string_equal(w->record, last(w)->id);
    is(w, WW_PUBLISHED_RETIRING, WW_ROLLOUT_WAIT);
    pass(w, 1);
    assert_string_equal(w->record, "");
    is(w, WW_PUBLISHED_RETIRING, WW_ROLLOUT_WAIT);
    assert_int_not_equal(w->shown, WORLD_NONE);
    pass(w, w->record_ttl + WW_ROLLOUT_SLOW);
    is(w, WW_PUBLISHED_GONE, WW_ROLLOUT_IDLE);
    assert_int_equal(w->shown, WORLD_NONE);
    assert_int_equal(w->gone, 1);
    assert_true(world_wish(w, WW_WISH_REMOVE));
}

static void nobody_refuses_in_the_right_order(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    to_enforce(&w);
    pass(&w, 2 * MONTH);
    add_host(&w);
    drop_host(&w);
    rotate_certificate(&w);
    retire(&w);
    /* Nothing binds any more: mail goes wherever it likes. */
    world_dns(&w, MX(5));
    pass(&w, MONTH);
    assert_int_equal(w.refusals, 0);
    assert_true(w.enforcing > UINT64_C(100) * CROWD_SENDERS);
    world_end(&w);
}

/* ---- by hand ---- */

static void by_hand(struct world *w, int64_t seconds)
{
    for (int64_t until = w->now + seconds; w->now < until; w->now += WORLD_DAY / 4) {
        world_visit(w, CROWD_SENDERS / 4);
        world_deliver(w);
    }
}

static void publish(struct world *w, enum ww_policy_mode mode, world_hosts hosts)
{
    world_serve(w, mode, MONTH, hosts);
    world_set_record(w, last(w)->id);
}

static void enforced_by_hand(struct world *w)
{
    world_begin(w, 9);
    world_dns(w, MX(0) | MX(1));
    publish(w, WW_MODE_ENFORCE, MX(0) | MX(1));
    by_hand(w, MONTH);
    assert_int_equal(w->refusals, 0);
}

/* The host, and a day later the policy. */
static void mx_before_policy(struct world *w)
{
    world_dns(w, w->mx | MX(2));
    by_hand(w, WORLD_DAY);
    publish(w, WW_MODE_ENFORCE, MX(0) | MX(1) | MX(2));
}

/* At once, as one does who knows that the policy comes first. */
static void mx_with_policy(struct world *w)
{
    publish(w, WW_MODE_ENFORCE, MX(0) | MX(1) | MX(2));
    world_dns(w, w->mx | MX(2));
}

/* Out of the policy while it still takes mail. */
static void host_out_of_the_policy(struct world *w)
{
    publish(w, WW_MODE_ENFORCE, MX(1));
}

static void record_and_host_deleted(struct world *w)
{
    world_set_record(w, "");
    world_unserve(w);
    world_dns(w, MX(5));
}

/* Mode none, but not for long enough. */
static void none_for_a_day(struct world *w)
{
    publish(w, WW_MODE_NONE, 0);
    by_hand(w, WORLD_DAY);
    record_and_host_deleted(w);
}

static void they_refuse_in_the_wrong_order(void **state)
{
    (void)state;
    static void (*const wrongs[])(struct world *) = {mx_before_policy, mx_with_policy, host_out_of_the_policy,
                                                     record_and_host_deleted, none_for_a_day};
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        struct world w;
        enforced_by_hand(&w);
        wrongs[i](&w);
        by_hand(&w, WORLD_DAY);
        if (w.crowd_refusals == 0)
            fail_msg("nobody refuses after wrong order %zu", i);
        world_end(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_refuses_in_the_right_order),
        cmocka_unit_test(they_refuse_in_the_wrong_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
