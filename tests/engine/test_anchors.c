/* Months of trust anchors in a moment: scripts of what was seen on which day, and what is trusted then. */
#include "engine/anchors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DAY 86400
#define START 1764403200
#define TTL 172800

/*
 * What is seen: keys as letters, those that sign followed by '*', revoked ones as capitals; 'z' is no SEP
 * key. "-" nothing could be seen. State: letters in the order of trust, each followed by p, v, m, r or x
 * (removed).
 */
struct step {
    double day;
    const char *seen;
    const char *state;
    const char *news; /* c: confirmed, t: trust has changed, w: something waits, or does no more */
};

struct story {
    const char *name;
    const char *trusted; /* at the beginning */
    struct step steps[14];
};

static const struct story stories[] = {
    {"nothing happens", "a", {{0, "a*z", "av", "c"}, {1, "a*z", "av", "c"}, {400, "a*z", "av", "c"}}},
    {"a roll-over",
     "a",
     {{0, "a*", "av", "c"},
      {1, "a*b", "av bp", "cw"},
      {11, "a*b", "av bp", "c"},
      {21, "a*b", "av bp", "c"},
      {30.9, "a*b", "av bp", "c"},
      {31, "a*b", "av bv", "ct"},
      {40, "a*b*", "av bv", "c"},
      {41, "A*b*", "ar bv", "ct"},
      {60, "A*b*", "ar bv", "c"},
      {70, "b*", "ar bv", "c"},
      {75, "b*", "ax bv", "c"},
      {90, "a*b*", "ax bv", "c"}, /* never again */
      {91, "a*", "ax bv", ""}}},
    {"an attacker's key that vanishes",
     "a",
     {{0, "a*b", "av bp", "cw"},
      {10, "a*b*", "av bp", "c"},
      {15, "a*", "av", "cw"},
      {20, "a*b", "av bp", "cw"}, /* from the beginning */
      {34, "a*b", "av bp", "c"},
      {49, "a*b", "av bp", "c"},
      {50, "a*b", "av bv", "ct"}}},
    {"a new key vouches for itself alone",
     "a",
     {{0, "ab*", "av", ""},
      {1, "b*", "av", ""},
      {2, "a*", "av", "c"},
      {3, "a*b*", "av bp", "cw"},
      {4, "b*", "av bp", ""}}},
    {"unsigned", "a", {{0, "a", "av", ""}, {1, "ab", "av", ""}, {2, "", "av", ""}, {3, "-", "av", ""}}},
    {"missing and back",
     "ab",
     {{0, "a*b", "av bv", "c"},
      {1, "a*", "av bm", "c"},
      {300, "a*", "av bm", "c"},
      {301, "b*", "am bv", "c"}}},
    {"revocation wants the key's own signature",
     "ab",
     {{0, "A b*", "am bv", "c"},
      {1, "a*b*", "av bv", "c"},
      {2, "A*b", "ar bv", "t"},
      {3, "A*b*", "ar bv", "c"}}},
    {"revoked by itself, while nobody else signs", "a", {{0, "A*", "ar", "t"}, {1, "a*", "ar", ""}}},
    {"both forms at once: it is revoked", "a", {{0, "a*A*", "ar", "t"}, {1, "a*", "ar", ""}}},
    {"all revoked",
     "ab",
     {{0, "A*B*", "ar br", "t"}, {1, "A*B*c*", "ar br", ""}, {40, "a*b*c*", "ar br", ""}}},
    {"a pending key that is revoked has never been trusted",
     "a",
     {{0, "a*b", "av bp", "cw"}, {1, "a*B*", "av", "cw"}, {2, "a*b", "av bp", "cw"}}},
    {"one who was off for months has seen nothing meanwhile: half a month counts for each look",
     "a",
     {{0, "a*b", "av bp", "cw"}, {200, "a*b", "av bp", "c"}, {400, "a*b", "av bv", "ct"}}},
    {"the clock jumps back, and forth again",
     "a",
     {{0, "a*b", "av bp", "cw"},
      {14, "a*b", "av bp", "c"},
      {-300, "a*b", "av bp", "c"},
      {-290, "a*b", "av bp", "c"},
      {-284.5, "a*b", "av bp", "c"},
      {-284, "a*b", "av bv", "ct"}}},
    {"trust in more keys than the seen ones", "ab", {{0, "b*", "am bv", "c"}, {1, "a*b", "av bv", "c"}}},
};

static void make_seen(const char *text, struct ww_seen_keys *out)
{
    memset(out, 0, sizeof *out);
    out->ttl = out->whole_ttl = TTL;
    out->sig_left = 20 * DAY;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == ' ')
            continue;
        if (*c == '*') {
            out->keys[out->count - 1].signs = true;
            continue;
        }
        struct ww_seen_key *k = &out->keys[out->count++];
        char letter = (char)(*c | 0x20);
        k->tag = (uint16_t)letter;
        k->algorithm = 8;
        k->sep = letter != 'z';
        k->revoked = letter != *c;
        memset(k->sha256, letter, sizeof k->sha256);
        memset(k->sha384, letter, sizeof k->sha384);
    }
}

static void trust(struct ww_anchor_point *p, const char *letters, uint8_t type, int64_t now)
{
    for (; *letters != '\0'; letters++) {
        struct ww_anchor_key k = {.tag = (uint16_t)*letters, .algorithm = 8, .digest_type = type};
        memset(k.digest, *letters, type == WW_ANCHOR_SHA256 ? 32 : 48);
        ww_anchors_trust(p, &k, 1, now);
    }
}

static void describe(const struct ww_anchor_point *p, char *out, size_t size)
{
    static const char states[] = "pvmrx";
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < p->count; i++)
        n += (size_t)snprintf(out + n, size - n, "%s%c%c", i > 0 ? " " : "", p->keys[i].tag,
                              states[p->keys[i].state]);
}

static void play(const struct story *s, uint8_t digest)
{
    static struct ww_anchor_point p;
    memset(&p, 0, sizeof p);
    trust(&p, s->trusted, digest, START);
    for (size_t i = 0; s->steps[i].seen != NULL; i++) {
        const struct step *step = &s->steps[i];
        int64_t now = START + (int64_t)(step->day * DAY);
        struct ww_anchors_news news = {.trust = false};
        struct ww_seen_keys seen;
        char state[256], what[8];
        if (strcmp(step->seen, "-") == 0) {
            ww_anchors_unseen(&p, now);
        } else {
            make_seen(step->seen, &seen);
            news = ww_anchors_observe(&p, &seen, now);
        }
        describe(&p, state, sizeof state);
        snprintf(what, sizeof what, "%s%s%s", news.confirmed ? "c" : "", news.trust ? "t" : "",
                 news.waits ? "w" : "");
        if (strcmp(state, step->state) != 0 || strcmp(what, step->news) != 0)
            fail_msg("%s, day %g: %s, news %s; not %s, news %s", s->name, step->day, state, what, step->state,
                     step->news);
        if (news.confirmed)
            assert_int_equal(p.confirmed, now);
    }
}

static void test_stories(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++) {
        play(&stories[i], WW_ANCHOR_SHA256);
        play(&stories[i], WW_ANCHOR_SHA384);
    }
}

/* A copy from a cache says what was so when it was made. */
static void test_age(void **state)
{
    (void)state;
    struct ww_anchor_point p = {.count = 0};
    struct ww_seen_keys seen;
    trust(&p, "a", WW_ANCHOR_SHA256, START);
    make_seen("a*b", &seen);
    (void)ww_anchors_observe(&p, &seen, START);
    (void)ww_anchors_observe(&p, &seen, START + 15 * DAY);
    seen.ttl = 1;
    assert_false(ww_anchors_observe(&p, &seen, START + 31 * DAY).trust);
    assert_int_equal(p.keys[1].state, WW_ANCHOR_PENDING);
    assert_false(ww_anchors_observe(&p, &seen, START + 31 * DAY + 3600).trust);
    seen.ttl = TTL;
    assert_true(ww_anchors_observe(&p, &seen, START + 32 * DAY).trust);
}

/* Section 2.4.1: the TTL when it is longer than 30 days. */
static void test_long_ttl(void **state)
{
    (void)state;
    struct ww_anchor_point p = {.count = 0};
    struct ww_seen_keys seen;
    trust(&p, "a", WW_ANCHOR_SHA256, START);
    make_seen("a*b", &seen);
    seen.ttl = seen.whole_ttl = 40 * DAY;
    for (int day = 0; day < 40; day++)
        assert_false(ww_anchors_observe(&p, &seen, START + day * DAY).trust);
    assert_true(ww_anchors_observe(&p, &seen, START + 40 * DAY).trust);
}

static void test_schedule(void **state)
{
    (void)state;
    static const struct {
        uint32_t ttl;
        int64_t sig_left, next, retry;
    } cases[] = {
        {TTL, 20 * DAY, DAY, TTL / 10},
        {TTL, DAY, DAY / 2, DAY / 10},
        {60, DAY, 3600, 3600},
        {100 * DAY, 100 * DAY, 15 * DAY, DAY},
        {0, 0, 3600, 3600},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ww_anchor_point p = {.count = 0};
        struct ww_seen_keys seen;
        trust(&p, "a", WW_ANCHOR_SHA256, START);
        make_seen("a*", &seen);
        seen.ttl = seen.whole_ttl = cases[i].ttl;
        seen.sig_left = cases[i].sig_left;
        ww_anchors_unseen(&p, START);
        assert_int_equal(ww_anchors_wait(&p, START), 3600);
        (void)ww_anchors_observe(&p, &seen, START);
        assert_int_equal(ww_anchors_wait(&p, START), cases[i].next);
        assert_int_equal(ww_anchors_wait(&p, START + 600), cases[i].next - 600);
        assert_int_equal(ww_anchors_wait(&p, START + 100 * DAY), 0);
        /* the clock was set back by years */
        assert_int_equal(ww_anchors_wait(&p, START - 1000 * DAY), WW_ANCHOR_QUERY_MAX);
        ww_anchors_unseen(&p, START);
        assert_int_equal(ww_anchors_wait(&p, START), cases[i].retry);
        make_seen("a", &seen);
        (void)ww_anchors_observe(&p, &seen, START);
        assert_int_equal(ww_anchors_wait(&p, START), cases[i].retry);
    }
}

/* What the system trusts now is trusted at once, but for what was revoked. */
static void test_trust_later(void **state)
{
    (void)state;
    struct ww_anchor_point p = {.count = 0};
    struct ww_seen_keys seen;
    char text[64];
    trust(&p, "ab", WW_ANCHOR_SHA256, START);
    make_seen("a*B*c", &seen);
    (void)ww_anchors_observe(&p, &seen, START);
    trust(&p, "abcd", WW_ANCHOR_SHA256, START + 1);
    describe(&p, text, sizeof text);
    assert_string_equal(text, "av br cv dv");
    trust(&p, "abcd", WW_ANCHOR_SHA384, START + 2);
    (void)ww_anchors_observe(&p, &seen, START + 2);
    describe(&p, text, sizeof text);
    assert_string_equal(text, "av br cv dm dm");
}

/* Strangers cannot fill the table: what vanishes leaves it, and of those removed the oldest goes first. */
static void test_full(void **state)
{
    (void)state;
    struct ww_anchor_point p = {.count = 0};
    struct ww_seen_keys seen;
    char letters[2] = "";
    for (int i = 0; i < WW_ANCHOR_KEYS_MAX; i++) {
        letters[0] = (char)('A' + i);
        trust(&p, letters, WW_ANCHOR_SHA256, START);
        p.keys[i].state = i > 0 ? WW_ANCHOR_REMOVED : WW_ANCHOR_VALID;
        p.keys[i].since = START - i;
    }
    memset(p.keys[0].digest, 'a', 32);
    make_seen("a*y", &seen);
    assert_true(ww_anchors_observe(&p, &seen, START).waits);
    assert_int_equal(p.count, WW_ANCHOR_KEYS_MAX);
    assert_int_equal(p.keys[p.count - 1].tag, 'y');
    assert_int_equal(p.keys[p.count - 2].tag, 'A' + WW_ANCHOR_KEYS_MAX - 2); /* the one behind it has gone */
    for (size_t i = 1; i < p.count; i++)
        p.keys[i].state = WW_ANCHOR_REVOKED;
    make_seen("a*x", &seen);
    assert_false(ww_anchors_observe(&p, &seen, START).waits);
    assert_int_equal(p.count, WW_ANCHOR_KEYS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stories),  cmocka_unit_test(test_age),         cmocka_unit_test(test_long_ttl),
        cmocka_unit_test(test_schedule), cmocka_unit_test(test_trust_later), cmocka_unit_test(test_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
