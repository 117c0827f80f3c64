#include "engine/tlsa_rollover.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1800000000
#define TTL 3600

static const uint8_t keys[3][WW_TLSA_KEY_SIZE] = {{1}, {2}, {3}};

enum { CURRENT = 1, NEXT = 2, THIRD = 4, ANOTHER_KIND = 8 };

static struct ww_slice data_of(size_t key)
{
    return ww_slice((const char *)keys[key], WW_TLSA_KEY_SIZE);
}

/* The records of a set; of another kind are one of an authority, and one of the next key by its certificate.
 */
static size_t records(unsigned set, struct ww_tlsa out[5])
{
    size_t n = 0;
    for (size_t i = 0; i < 3; i++)
        if ((set & 1U << i) != 0)
            out[n++] = (struct ww_tlsa){WW_TLSA_DANE_EE, WW_TLSA_SELECTOR_SPKI, WW_TLSA_SHA256, data_of(i)};
    if ((set & ANOTHER_KIND) != 0) {
        out[n++] = (struct ww_tlsa){WW_TLSA_DANE_TA, WW_TLSA_SELECTOR_SPKI, WW_TLSA_SHA256, data_of(1)};
        out[n++] = (struct ww_tlsa){WW_TLSA_DANE_EE, WW_TLSA_SELECTOR_CERT, WW_TLSA_SHA256, data_of(1)};
    }
    return n;
}

static void plan(bool next, enum ww_dane_state dns, unsigned published, struct ww_tlsa_shown shown,
                 int64_t since, int64_t now, struct ww_tlsa_plan *out)
{
    struct ww_tlsa list[5];
    const struct ww_tlsa_rollover in = {
        .now = now,
        .current = keys[0],
        .next = next ? keys[1] : NULL,
        .dns = dns,
        .published = list,
        .published_count = records(published, list),
        .ttl = TTL,
        .since = since,
        .shown = shown,
    };
    ww_tlsa_rollover_plan(&in, out);
}

static void each_step_in_its_turn(void **state)
{
    static const struct row {
        bool next;
        enum ww_dane_state dns;
        unsigned published;
        struct ww_tlsa_shown shown; /* current, next, other, refused, unknown */
        int64_t since;
        enum ww_tlsa_step step;
        int64_t until;
        unsigned want;
    } rows[] = {
#define USABLE WW_DANE_SECURE_USABLE
        /* what DNS says comes first */
        {true, WW_DANE_LOOKUP_FAILED, 0, {1, 0, 0, 0, 0}, 0, WW_TLSA_UNCLEAR, 0, CURRENT | NEXT},
        {true, WW_DANE_BOGUS, 0, {1, 0, 0, 0, 0}, 0, WW_TLSA_REPAIR, 0, CURRENT | NEXT},
        {true, WW_DANE_INSECURE, CURRENT | NEXT, {1, 0, 0, 0, 0}, 0, WW_TLSA_SIGN, 0, CURRENT | NEXT},
        /* one key */
        {false, WW_DANE_NONE, 0, {1, 0, 0, 0, 0}, 0, WW_TLSA_PUBLISH, 0, CURRENT},
        {false, USABLE, CURRENT, {2, 0, 0, 0, 0}, 0, WW_TLSA_DONE, 0, CURRENT},
        {false, USABLE, CURRENT | THIRD, {2, 0, 0, 0, 1}, 0, WW_TLSA_DONE, 0, CURRENT},
        {false, USABLE, THIRD, {0, 0, 1, 0, 0}, 0, WW_TLSA_OTHER_KEY, 0, 0},
        {false, WW_DANE_NONE, 0, {0, 0, 1, 0, 0}, 0, WW_TLSA_OTHER_KEY, 0, 0},
        {false, USABLE, THIRD, {1, 0, 0, 1, 0}, 0, WW_TLSA_REPAIR, 0, CURRENT},
        {false, USABLE, CURRENT, {0, 0, 1, 1, 0}, 0, WW_TLSA_REPAIR, 0, CURRENT},
        {false, WW_DANE_NONE, 0, {0, 0, 0, 0, 2}, 0, WW_TLSA_UNCLEAR, 0, CURRENT},
        {false, USABLE, CURRENT, {0, 0, 0, 0, 2}, 0, WW_TLSA_UNCLEAR, 0, CURRENT},
        /* two keys: publish both */
        {true, WW_DANE_NONE, 0, {1, 0, 0, 0, 0}, 0, WW_TLSA_PUBLISH, 0, CURRENT | NEXT},
        {true, USABLE, CURRENT, {1, 0, 0, 0, 0}, 0, WW_TLSA_PUBLISH, 0, CURRENT | NEXT},
        {true, USABLE, CURRENT, {0, 0, 0, 0, 1}, 0, WW_TLSA_PUBLISH, 0, CURRENT | NEXT},
        {true, USABLE, CURRENT | ANOTHER_KIND, {1, 0, 0, 0, 0}, 0, WW_TLSA_PUBLISH, 0, CURRENT | NEXT},
        {true, WW_DANE_SECURE_UNUSABLE, 0, {1, 0, 0, 0, 0}, 0, WW_TLSA_PUBLISH, 0, CURRENT | NEXT},
        /* wait */
        {true, USABLE, CURRENT | NEXT, {1, 0, 0, 0, 0}, 0, WW_TLSA_WAIT, NOW + TTL, CURRENT | NEXT},
        {true, USABLE, CURRENT | NEXT, {1, 0, 0, 0, 0}, NOW - TTL + 1, WW_TLSA_WAIT, NOW + 1, CURRENT | NEXT},
        /* switch */
        {true, USABLE, CURRENT | NEXT, {2, 0, 0, 0, 0}, NOW - TTL, WW_TLSA_SWITCH, 0, CURRENT | NEXT},
        {true, USABLE, CURRENT | NEXT, {1, 1, 0, 0, 0}, NOW - TTL, WW_TLSA_FINISH, 0, CURRENT | NEXT},
        {true, USABLE, CURRENT | NEXT, {0, 1, 0, 0, 1}, 0, WW_TLSA_FINISH, 0, CURRENT | NEXT},
        /* retire */
        {true, USABLE, CURRENT | NEXT, {0, 2, 0, 0, 0}, 0, WW_TLSA_RETIRE, 0, NEXT},
        {true, USABLE, NEXT, {0, 2, 0, 0, 0}, 0, WW_TLSA_DONE, 0, NEXT},
        /* too early */
        {true, USABLE, CURRENT, {0, 1, 0, 1, 0}, 0, WW_TLSA_REPAIR, 0, CURRENT | NEXT},
        {true, USABLE, CURRENT | ANOTHER_KIND, {0, 1, 0, 0, 0}, 0, WW_TLSA_PUBLISH, 0, CURRENT | NEXT},
        {true, USABLE, NEXT, {1, 0, 0, 1, 0}, 0, WW_TLSA_REPAIR, 0, CURRENT | NEXT},
#undef USABLE
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *r = &rows[i];
        struct ww_tlsa_plan out;
        plan(r->next, r->dns, r->published, r->shown, r->since, NOW, &out);
        if (out.step != r->step)
            print_error("row %zu: %s\n", i, out.words);
        assert_string_equal(ww_tlsa_step_name(out.step), ww_tlsa_step_name(r->step));
        assert_int_equal(out.until, r->until);
        assert_int_equal((out.want_current ? CURRENT : 0) | (out.want_next ? NEXT : 0), r->want);
        assert_true(out.words[0] != '\0' && strlen(out.words) + 1 < sizeof out.words);
    }
}

/*
 * Whoever does what is said, at once or late, never has a sender refuse the host: any record set that was
 * published within the last TTL may be in a cache, and has to have the key that is shown.
 */
static void who_follows_it_is_never_refused(void **state)
{
    (void)state;
    for (int64_t late = 0; late <= 2 * TTL; late += TTL / 4) {
        unsigned published = CURRENT, before = CURRENT, shown = CURRENT;
        int64_t now = NOW, changed = 0, since = 0;
        struct ww_tlsa_plan out;
        for (int turn = 0; turn < 10; turn++) {
            const struct ww_tlsa_shown s = {.current = shown == CURRENT, .next = shown == NEXT};
            plan(true, WW_DANE_SECURE_USABLE, published, s, since, now, &out);
            if (out.step == WW_TLSA_PUBLISH || out.step == WW_TLSA_RETIRE) {
                before = published;
                published = (out.want_current ? CURRENT : 0) | (out.want_next ? NEXT : 0);
                changed = since = now;
            } else if (out.step == WW_TLSA_SWITCH) {
                shown = NEXT;
            } else if (out.step == WW_TLSA_WAIT) {
                now = out.until;
            }
            assert_true((published & shown) != 0);
            assert_true(now - changed >= TTL || (before & shown) != 0);
            now += late;
        }
        assert_int_equal(out.step, WW_TLSA_DONE);
        assert_int_equal(published, NEXT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_step_in_its_turn),
        cmocka_unit_test(who_follows_it_is_never_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
