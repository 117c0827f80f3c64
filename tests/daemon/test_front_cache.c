#include "daemon/front_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define NOW INT64_C(1000000)

static const struct ww_hash_key key = {{11, 12}};

#define PLENTY ((size_t)1 << 40)

static struct ww_cache *new_cache(size_t domains)
{
    const struct ww_cache_max max = {domains, PLENTY};
    return ww_cache_new(&max);
}

static struct ww_front_name name_of(unsigned i)
{
    static char domain[32];
    snprintf(domain, sizeof domain, "d%u.example", i);
    return ww_front_name(&key, domain);
}

static struct ww_life no_record(int64_t until)
{
    return (struct ww_life){.last = WW_FOUND_NO_RECORD, .checked = NOW - 1, .next_flight = until};
}

static struct ww_life with_policy(enum ww_policy_mode mode, int64_t expires)
{
    return (struct ww_life){
        .id = "1",
        .mode = mode,
        .last = WW_FOUND_POLICY,
        .fetched = NOW - 1,
        .checked = NOW - 1,
        .expires = expires,
        .next_flight = NOW + 300,
    };
}

static struct ww_cache_entry *put(struct ww_cache *cache, unsigned i, struct ww_life life, const char *body)
{
    struct ww_front_name name = name_of(i);
    return ww_cache_put(cache, &name, &life, ww_slice_str(body), "", NOW);
}

static struct ww_cache_entry *find(struct ww_cache *cache, unsigned i)
{
    struct ww_front_name name = name_of(i);
    return ww_cache_find(cache, &name);
}

static void keeps_what_was_put(void **state)
{
    (void)state;
    struct ww_cache *cache = new_cache(10);
    struct ww_life life = with_policy(WW_MODE_ENFORCE, NOW + 100);
    struct ww_front_name name = ww_front_name(&key, "a.example");
    assert_null(ww_cache_find(cache, &name));
    struct ww_cache_entry *entry = ww_cache_put(cache, &name, &life, ww_slice("b\0y", 3), "words", NOW);
    assert_non_null(entry);
    assert_ptr_equal(ww_cache_find(cache, &name), entry);
    assert_string_equal(ww_cache_domain(entry), "a.example");
    assert_string_equal(ww_cache_detail(entry), "words");
    assert_true(ww_slice_eq(ww_cache_body(entry), ww_slice("b\0y", 3)));
    assert_string_equal(entry->life.id, "1");

    /* Only the life changes, then the words while the body is the entry's own, then all. */
    life.checked = NOW;
    entry = ww_cache_put(cache, &name, &life, ww_cache_body(entry), "words", NOW);
    assert_int_equal(entry->life.checked, NOW);
    entry = ww_cache_put(cache, &name, &life, ww_cache_body(entry), "other words", NOW);
    assert_string_equal(ww_cache_detail(entry), "other words");
    assert_true(ww_slice_eq(ww_cache_body(entry), ww_slice("b\0y", 3)));
    entry = ww_cache_put(cache, &name, &life, ww_slice(NULL, 0), "", NOW);
    assert_int_equal(ww_cache_body(entry).n, 0);
    assert_string_equal(ww_cache_detail(entry), "");
    assert_int_equal(ww_cache_count(cache, WW_CACHE_ENFORCED), 1);
    ww_cache_free(cache);
}

/* What DANE has come to and what else is known of a domain change apart from each other. */
static void keeps_dane_beside_the_policy(void **state)
{
    (void)state;
    struct ww_cache *cache = new_cache(10);
    const struct ww_life life = with_policy(WW_MODE_ENFORCE, NOW + 100);
    struct ww_front_name name = ww_front_name(&key, "a.example");
    struct ww_cache_entry *entry = ww_cache_put_dane(cache, &name, ww_slice("d\0x", 3), NOW + 9, NOW);
    assert_non_null(entry);
    assert_int_equal(entry->used_at, NOW);
    assert_false(ww_life_can_answer(&entry->life, NOW));
    assert_int_equal(ww_cache_count(cache, WW_CACHE_CHEAP), 1);
    entry = ww_cache_put(cache, &name, &life, ww_slice_str("body"), "words", NOW);
    assert_true(ww_slice_eq(ww_cache_dane(entry, NOW), ww_slice("d\0x", 3)));
    assert_true(ww_slice_is(ww_cache_body(entry), "body"));
    assert_int_equal(ww_cache_dane(entry, NOW + 8).n, 3);
    assert_int_equal(ww_cache_dane(entry, NOW + 9).n, 0);
    /* A clock that was ahead has put it: it cannot live as long as that. */
    assert_int_equal(ww_cache_dane(entry, NOW + 9 - 86400).n, 3);
    assert_int_equal(ww_cache_dane(entry, NOW + 8 - 86400).n, 0);

    /* The same again is another end, and no other answer; another one is another answer. */
    uint32_t stamp = entry->stamp;
    entry = ww_cache_put_dane(cache, &name, ww_slice("d\0x", 3), NOW + 20, NOW);
    assert_int_equal(entry->stamp, stamp);
    assert_int_equal(ww_cache_dane(entry, NOW + 19).n, 3);
    entry = ww_cache_put_dane(cache, &name, ww_slice_str("other"), NOW + 20, NOW);
    assert_int_not_equal(entry->stamp, stamp);
    assert_true(ww_slice_is(ww_cache_dane(entry, NOW), "other"));
    assert_true(ww_slice_is(ww_cache_body(entry), "body"));
    assert_string_equal(ww_cache_detail(entry), "words");
    assert_string_equal(entry->life.id, "1");
    assert_int_equal(ww_cache_count(cache, WW_CACHE_ENFORCED), 1);
    ww_cache_forget_dane(cache);
    assert_int_equal(ww_cache_dane(entry, NOW).n, 0);
    assert_true(ww_life_has_policy(&entry->life, NOW));
    ww_cache_free(cache);
}

static void sweeps_no_dane_that_counts(void **state)
{
    (void)state;
    struct ww_cache *cache = new_cache(10);
    struct ww_front_name name = name_of(0);
    assert_non_null(ww_cache_put_dane(cache, &name, ww_slice_str("d"), NOW + 9, NOW));
    ww_cache_sweep(cache, NOW + 8, ww_cache_buckets(cache), NULL, NULL);
    assert_non_null(find(cache, 0));
    ww_cache_sweep(cache, NOW + 9, ww_cache_buckets(cache), NULL, NULL);
    assert_null(find(cache, 0));
    ww_cache_free(cache);
}

static void gives_up_what_is_cheap_first(void **state)
{
    (void)state;
    struct ww_cache *cache = new_cache(4);
    put(cache, 0, with_policy(WW_MODE_ENFORCE, NOW + 100), "e");
    put(cache, 1, with_policy(WW_MODE_TESTING, NOW + 100), "t");
    put(cache, 2, no_record(NOW + 100), "");
    put(cache, 3, with_policy(WW_MODE_ENFORCE, NOW - 100), "x");
    assert_int_equal(ww_cache_count(cache, WW_CACHE_CHEAP), 2);

    static const struct {
        unsigned lost;
        bool found_enforced_lost;
    } steps[] = {{2, false}, {3, false}, {1, false}, {0, true}};
    for (unsigned i = 0; i < 4; i++) {
        assert_non_null(find(cache, steps[i].lost));
        assert_non_null(put(cache, 10 + i, with_policy(WW_MODE_ENFORCE, NOW + 100), "e"));
        assert_null(find(cache, steps[i].lost));
        assert_int_equal(ww_cache_enforced_lost(cache), steps[i].found_enforced_lost ? 1 : 0);
    }
    ww_cache_free(cache);
}

static size_t count_of(const struct ww_cache *cache)
{
    size_t n = 0;
    for (int kind = 0; kind < WW_CACHE_CLASSES; kind++)
        n += ww_cache_count(cache, (enum ww_cache_class)kind);
    return n;
}

/* Above a lower cap each that comes takes the place of two, cheap ones first, until there are no more. */
static void shrinks_little_by_little(void **state)
{
    (void)state;
    struct ww_cache *cache = new_cache(100);
    const struct ww_cache_max lower = {60, PLENTY}, higher = {70, PLENTY};
    for (unsigned i = 0; i < 100; i++)
        put(cache, i, i % 2 == 0 ? with_policy(WW_MODE_ENFORCE, NOW + 100) : no_record(NOW + 100), "x");
    ww_cache_set_max(cache, &lower);
    assert_int_equal(count_of(cache), 100);
    for (unsigned i = 0; i < 40; i++) {
        assert_non_null(put(cache, 200 + i, with_policy(WW_MODE_ENFORCE, NOW + 100), "x"));
        assert_true(count_of(cache) <= 100);
    }
    assert_int_equal(count_of(cache), 60);
    assert_int_equal(ww_cache_count(cache, WW_CACHE_CHEAP), 0);
    assert_int_equal(ww_cache_enforced_lost(cache), 30);

    /* A higher one has room at once, and gives nothing up. */
    ww_cache_set_max(cache, &higher);
    for (unsigned i = 0; i < 10; i++)
        assert_non_null(put(cache, 300 + i, no_record(NOW + 100), ""));
    assert_int_equal(count_of(cache), 70);
    assert_int_equal(ww_cache_enforced_lost(cache), 30);
    ww_cache_free(cache);
}

static void gives_up_nothing_for_what_is_cheaper(void **state)
{
    (void)state;
    struct ww_cache *cache = new_cache(2);
    put(cache, 0, with_policy(WW_MODE_ENFORCE, NOW + 100), "e");
    put(cache, 1, with_policy(WW_MODE_ENFORCE, NOW + 100), "e");
    assert_null(put(cache, 2, no_record(NOW + 100), ""));
    assert_null(put(cache, 2, with_policy(WW_MODE_TESTING, NOW + 100), "t"));
    assert_non_null(find(cache, 0));
    assert_non_null(find(cache, 1));
    /* What is known already may become less. */
    assert_non_null(put(cache, 1, no_record(NOW + 100), ""));
    assert_non_null(put(cache, 2, with_policy(WW_MODE_TESTING, NOW + 100), "t"));
    assert_null(find(cache, 1));
    assert_int_equal(ww_cache_enforced_lost(cache), 0);
    ww_cache_free(cache);
}

static void spares_what_was_used(void **state)
{
    (void)state;
    struct ww_cache *cache = new_cache(3);
    for (unsigned i = 0; i < 3; i++)
        put(cache, i, no_record(NOW + 100), "");
    find(cache, 0)->used = true;
    put(cache, 3, no_record(NOW + 100), "");
    assert_non_null(find(cache, 0));
    assert_null(find(cache, 1));
    put(cache, 4, no_record(NOW + 100), "");
    put(cache, 5, no_record(NOW + 100), "");
    assert_null(find(cache, 0));
    /* All in use: one goes all the same. */
    for (unsigned i = 3; i < 6; i++)
        find(cache, i)->used = true;
    assert_non_null(put(cache, 6, no_record(NOW + 100), ""));
    ww_cache_free(cache);
}

static void sweeps_what_has_no_value(void **state)
{
    (void)state;
    struct ww_cache *cache = new_cache(10);
    struct ww_life failed = no_record(NOW - 1);
    failed.retry_at = NOW + 100;
    put(cache, 0, no_record(NOW - 1), "");
    put(cache, 1, no_record(NOW + 100), "");
    put(cache, 2, failed, "");
    put(cache, 3, with_policy(WW_MODE_ENFORCE, NOW + 10), "e");
    put(cache, 4, with_policy(WW_MODE_ENFORCE, NOW + 1000), "e");
    ww_cache_sweep(cache, NOW, ww_cache_buckets(cache), NULL, NULL);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(find(cache, i) != NULL, i != 0);
    ww_cache_sweep(cache, NOW + 50, ww_cache_buckets(cache), NULL, NULL);
    assert_non_null(find(cache, 3));
    assert_int_equal(ww_cache_count(cache, WW_CACHE_CHEAP), 3);
    /* An expired policy only once a fetch has shown that it is not the clock alone that says so. */
    ww_cache_sweep(cache, NOW + 500, ww_cache_buckets(cache), NULL, NULL);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(find(cache, i) != NULL, i == 3 || i == 4);
    struct ww_life fetched = with_policy(WW_MODE_NONE, NOW + 1000);
    fetched.fetched = NOW + 11;
    put(cache, 5, fetched, "n");
    ww_cache_sweep(cache, NOW + 500, ww_cache_buckets(cache), NULL, NULL);
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(find(cache, i) != NULL, i >= 4);
    assert_int_equal(ww_cache_count(cache, WW_CACHE_CHEAP), 0);
    ww_cache_free(cache);
}

/* As large as a policy may be. */
static const char *large_body(void)
{
    static char body[WW_POLICY_BODY_MAX + 1];
    memset(body, 'x', sizeof body - 1);
    return body;
}

static struct ww_cache *small_cache(void)
{
    const struct ww_cache_max max = {1000000, WW_CACHE_BYTES_MIN};
    return ww_cache_new(&max);
}

static void holds_no_more_bytes_than_it_may(void **state)
{
    (void)state;
    struct ww_cache *cache = small_cache();
    const struct ww_life testing = with_policy(WW_MODE_TESTING, NOW + 100);
    const struct ww_life enforced = with_policy(WW_MODE_ENFORCE, NOW + 100);
    for (unsigned i = 0; i < 500; i++)
        assert_non_null(put(cache, i, i % 2 == 0 ? testing : enforced, "small"));
    assert_true(ww_cache_bytes(cache) > 500 * sizeof(struct ww_cache_entry));
    /* Large ones of a cheap class take each other's place, and that of small ones as cheap. */
    for (unsigned i = 1000; i < 1100; i++) {
        assert_non_null(put(cache, i, testing, large_body()));
        assert_true(ww_cache_bytes(cache) <= WW_CACHE_BYTES_MIN);
    }
    assert_int_equal(ww_cache_count(cache, WW_CACHE_ENFORCED), 250);
    assert_true(ww_cache_count(cache, WW_CACHE_OTHER) < 16);
    assert_int_equal(ww_cache_enforced_lost(cache), 0);
    /* Only their own class pushes enforced ones out. */
    for (unsigned i = 2000; i < 2100; i++)
        assert_non_null(put(cache, i, enforced, large_body()));
    assert_int_equal(ww_cache_count(cache, WW_CACHE_OTHER), 0);
    assert_true(ww_cache_enforced_lost(cache) > 250);
    assert_null(put(cache, 3000, testing, large_body()));
    assert_true(ww_cache_bytes(cache) <= WW_CACHE_BYTES_MIN);
    ww_cache_free(cache);
}

static void replaces_what_becomes_larger(void **state)
{
    (void)state;
    struct ww_cache *cache = small_cache();
    const struct ww_life testing = with_policy(WW_MODE_TESTING, NOW + 100);
    const struct ww_life enforced = with_policy(WW_MODE_ENFORCE, NOW + 100);
    for (unsigned i = 1; i <= 15; i++)
        assert_non_null(put(cache, i, enforced, large_body()));
    assert_non_null(put(cache, 0, testing, "small"));
    size_t full = ww_cache_bytes(cache);
    /* There is nothing cheaper than itself to make room: it stays as it was. */
    assert_null(put(cache, 0, testing, large_body()));
    assert_true(ww_slice_is(ww_cache_body(find(cache, 0)), "small"));
    assert_int_equal(ww_cache_bytes(cache), full);
    assert_int_equal(ww_cache_count(cache, WW_CACHE_OTHER), 1);
    assert_int_equal(ww_cache_enforced_lost(cache), 0);
    assert_non_null(put(cache, 0, enforced, large_body()));
    assert_int_equal(ww_cache_body(find(cache, 0)).n, WW_POLICY_BODY_MAX);
    assert_int_equal(ww_cache_enforced_lost(cache), 1);
    assert_non_null(put(cache, 0, enforced, "small"));
    assert_true(ww_cache_bytes(cache) < full);
    ww_cache_free(cache);
}

static void meets_lowered_caps_little_by_little(void **state)
{
    (void)state;
    struct ww_cache *cache = new_cache(1000);
    const struct ww_life enforced = with_policy(WW_MODE_ENFORCE, NOW + 100);
    for (unsigned i = 0; i < 100; i++)
        assert_non_null(put(cache, i, enforced, large_body()));
    const struct ww_cache_max fewer = {90, PLENTY}, smaller = {90, WW_CACHE_BYTES_MIN};
    put(cache, 0, no_record(NOW + 100), "");
    ww_cache_set_max(cache, &fewer);
    assert_non_null(put(cache, 0, no_record(NOW + 200), "new")); /* in its own place */
    assert_non_null(put(cache, 0, enforced, large_body()));
    for (unsigned i = 0; i < 9; i++) {
        assert_int_equal(ww_cache_count(cache, WW_CACHE_ENFORCED), 99 - i);
        assert_non_null(put(cache, 100 + i, enforced, large_body()));
    }
    assert_int_equal(ww_cache_count(cache, WW_CACHE_ENFORCED), 90);
    ww_cache_set_max(cache, &smaller);
    for (unsigned i = 0; i < 80; i++) {
        size_t before = ww_cache_bytes(cache);
        assert_non_null(put(cache, 200 + i, enforced, "small"));
        assert_true(ww_cache_bytes(cache) <= WW_CACHE_BYTES_MIN || ww_cache_bytes(cache) < before);
    }
    assert_true(ww_cache_bytes(cache) <= WW_CACHE_BYTES_MIN);
    ww_cache_free(cache);
}

#define MODEL 6000

static struct ww_life random_life(int64_t now)
{
    long kind = random() % 4;
    if (kind > 1)
        return no_record(now + random() % 500);
    struct ww_life life = with_policy(kind == 0 ? WW_MODE_ENFORCE : WW_MODE_TESTING, now + random() % 2000);
    life.fetched = now;
    return life;
}

/* Under the cap the cache is a plain map, whatever the table does meanwhile; above it, it is a part of that
 * map. */
static void behaves_like_a_map(struct ww_cache_max most)
{
    struct ww_cache *cache = ww_cache_new(&most);
    size_t max = most.domains;
    static struct {
        bool there;
        struct ww_life life;
        char body[40];
    } model[MODEL];
    memset(model, 0, sizeof model);
    int64_t now = NOW;
    for (unsigned step = 0; step < 60000; step++) {
        unsigned i = (unsigned)(random() % MODEL);
        struct ww_front_name name = name_of(i);
        struct ww_cache_entry *entry = ww_cache_find(cache, &name);
        if (entry != NULL) {
            assert_true(model[i].there);
            assert_int_equal(memcmp(&entry->life, &model[i].life, sizeof entry->life), 0);
            assert_true(ww_slice_is(ww_cache_body(entry), model[i].body));
            assert_string_equal(ww_cache_domain(entry), name.domain);
            entry->used = random() % 2 == 0;
        } else if (max >= MODEL && model[i].there) {
            assert_true(!ww_life_can_answer(&model[i].life, now));
            model[i].there = false;
        }
        if (random() % 3 > 0) {
            struct ww_life life = random_life(now);
            char body[40];
            snprintf(body, sizeof body, "%.*s", (int)(random() % 39),
                     "version: STSv1\nmode: enforce\nmx: a.b.c.d");
            struct ww_cache_entry *after = ww_cache_put(cache, &name, &life, ww_slice_str(body), "", now);
            assert_true(after != NULL || max < MODEL);
            if (after != NULL) {
                model[i].there = true;
                model[i].life = life;
                memcpy(model[i].body, body, sizeof body);
            }
        }
        if (step % 64 == 0)
            ww_cache_sweep(cache, now += 1, 8, NULL, NULL);
        size_t total = 0;
        for (unsigned class = 0; class < WW_CACHE_CLASSES; class ++)
            total += ww_cache_count(cache, (enum ww_cache_class) class);
        assert_true(total <= max && ww_cache_bytes(cache) <= most.bytes);
    }
    assert_true(ww_cache_buckets(cache) * 2 >= (max < MODEL ? max : MODEL / 2));
    ww_cache_free(cache);
}

static void behaves_like_a_map_below_the_cap(void **state)
{
    (void)state;
    behaves_like_a_map((struct ww_cache_max){MODEL, PLENTY});
}

static void behaves_like_a_map_at_the_cap(void **state)
{
    (void)state;
    behaves_like_a_map((struct ww_cache_max){500, PLENTY});
}

/* In bytes more than in number. */
static void behaves_like_a_map_at_the_cap_of_bytes(void **state)
{
    (void)state;
    behaves_like_a_map((struct ww_cache_max){MODEL - 1, WW_CACHE_BYTES_MIN});
}

/* Several doublings, with entries in both tables meanwhile. */
static void finds_all_while_it_grows(void **state)
{
    (void)state;
    struct ww_cache *cache = new_cache(300000);
    size_t buckets = ww_cache_buckets(cache);
    for (unsigned i = 0; i < 300000; i++)
        assert_non_null(put(cache, i, no_record(NOW + 100), ""));
    assert_true(ww_cache_buckets(cache) >= 262144 && ww_cache_buckets(cache) > buckets);
    for (unsigned i = 0; i < 300000; i++)
        assert_non_null(find(cache, i));
    ww_cache_free(cache);
}

#define VISITED 200000

static void note_visit(void *ctx, struct ww_cache_entry *entry)
{
    uint8_t *visits = ctx;
    visits[strtoul(ww_cache_domain(entry) + 1, NULL, 10)]++;
}

/* Whatever was there from the first visit on is seen once, though the table grows between two visits. */
static void visits_all_once_while_it_grows(void **state)
{
    (void)state;
    static uint8_t visits[VISITED];
    const unsigned first = 3000;
    struct ww_cache *cache = new_cache(VISITED);
    unsigned n = 0;
    for (; n < first; n++)
        assert_non_null(put(cache, n, no_record(NOW + 100), ""));
    for (uint32_t part = 0; part < WW_CACHE_PARTS; part++) {
        ww_cache_visit(cache, part, note_visit, visits);
        for (int i = 0; i < 3 && n < VISITED; i++, n++)
            assert_non_null(put(cache, n, no_record(NOW + 100), ""));
    }
    assert_true(ww_cache_buckets(cache) > WW_CACHE_PARTS);
    for (unsigned i = 0; i < VISITED; i++)
        assert_true(visits[i] == 1 || (i >= first && visits[i] == 0));
    ww_cache_free(cache);
}

int main(void)
{
    unsigned seed = (unsigned)time(NULL);
    print_message("seed %u\n", seed);
    srandom(seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_was_put),
        cmocka_unit_test(keeps_dane_beside_the_policy),
        cmocka_unit_test(sweeps_no_dane_that_counts),
        cmocka_unit_test(gives_up_what_is_cheap_first),
        cmocka_unit_test(shrinks_little_by_little),
        cmocka_unit_test(gives_up_nothing_for_what_is_cheaper),
        cmocka_unit_test(spares_what_was_used),
        cmocka_unit_test(sweeps_what_has_no_value),
        cmocka_unit_test(holds_no_more_bytes_than_it_may),
        cmocka_unit_test(replaces_what_becomes_larger),
        cmocka_unit_test(meets_lowered_caps_little_by_little),
        cmocka_unit_test(behaves_like_a_map_below_the_cap),
        cmocka_unit_test(behaves_like_a_map_at_the_cap),
        cmocka_unit_test(behaves_like_a_map_at_the_cap_of_bytes),
        cmocka_unit_test(finds_all_while_it_grows),
        cmocka_unit_test(visits_all_once_while_it_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
