/* What is added up, from a table; then random sessions beside a sum that is made as simply as can be. */
#include "engine/tally.h"

#include "../core/sessions_show.h"
#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static char shown[1 << 16];

static void show_item(void *ctx, const struct ww_sessions *sessions)
{
    show_sessions(ctx, sessions);
}

static const char *take_all(struct ww_tally *tally)
{
    struct ww_buf b = ww_buf(shown, sizeof shown - 1);
    ww_tally_take(tally, show_item, &b);
    assert_false(b.failed);
    shown[b.n] = '\0';
    return shown;
}

static struct ww_sessions_detail detail(enum ww_result_type type, const char *mx, const char *reason,
                                        int64_t count)
{
    struct ww_sessions_detail d = {.type = type, .count = count};
    d.receiving_mx = ww_slice_str(mx);
    d.reason = ww_slice_str(reason);
    return d;
}

/* ---- what is one item, and what is not ---- */

static const struct ww_sessions base = {
    .domain = "example.com",
    .day = 3,
    .policy_known = true,
    .policy = {.type = WW_POLICY_TYPE_STS, .domain = "example.com"},
    .success = 1,
};

struct change {
    const char *name;
    void (*make)(struct ww_sessions *m);
};

static void change_domain(struct ww_sessions *m)
{
    memcpy(m->domain, "example.net", sizeof "example.net");
}

static void change_day(struct ww_sessions *m)
{
    m->day = 4;
}

static void change_known(struct ww_sessions *m)
{
    m->policy_known = false;
}

static void change_ours(struct ww_sessions *m)
{
    m->by_us = true;
}

static void change_id(struct ww_sessions *m)
{
    memcpy(m->policy_id, "1", 2);
}

static void change_type(struct ww_sessions *m)
{
    m->policy.type = WW_POLICY_TYPE_TLSA;
}

static void change_policy_domain(struct ww_sessions *m)
{
    m->policy.domain[0] = '\0';
}

static void change_strings(struct ww_sessions *m)
{
    m->policy.strings = ww_slice_str("a\n");
}

static void change_hosts(struct ww_sessions *m)
{
    m->policy.mx_hosts = ww_slice_str("a\n");
}

static const struct change changes[] = {
    {"domain", change_domain},    {"day", change_day},         {"policy_known", change_known},
    {"by_us", change_ours},       {"id", change_id},           {"type", change_type},
    {"of", change_policy_domain}, {"strings", change_strings}, {"hosts", change_hosts},
};

static void all_of_a_policy_makes_the_item(void **state)
{
    struct ww_tally *tally = *state;
    for (size_t i = 0; i < COUNT(changes); i++) {
        struct ww_sessions other = base;
        changes[i].make(&other);
        for (int times = 0; times < 2; times++) {
            assert_int_equal(ww_tally_add(tally, &base), WW_OK);
            assert_int_equal(ww_tally_add(tally, &other), WW_OK);
        }
        char alone[512];
        struct ww_buf b = ww_buf(alone, sizeof alone - 1);
        struct ww_sessions twice = base;
        twice.success = other.success = 2;
        show_sessions(&b, &twice);
        show_sessions(&b, &other);
        alone[b.n] = '\0';
        if (strcmp(take_all(tally), alone) != 0)
            fail_msg("%s:\n%s", changes[i].name, shown);
    }
}

/* Texts that are the same when they are put behind each other are not the same. */
static void texts_do_not_run_together(void **state)
{
    struct ww_tally *tally = *state;
    struct ww_sessions one = base, other = base;
    one.policy.strings = ww_slice_str("a\nb\n");
    other.policy.strings = ww_slice_str("a\n");
    other.policy.mx_hosts = ww_slice_str("b\n");
    assert_int_equal(ww_tally_add(tally, &one), WW_OK);
    assert_int_equal(ww_tally_add(tally, &other), WW_OK);
    assert_string_equal(take_all(tally),
                        "example.com day+3 sts of=example.com strings=a|b| success+1\n"
                        "example.com day+3 sts of=example.com strings=a| hosts=b| success+1\n");
}

static void counts_add_up(void **state)
{
    struct ww_tally *tally = *state;
    struct ww_sessions m = base;
    struct ww_sessions_detail first[] = {detail(WW_RESULT_CERTIFICATE_EXPIRED, "mx.example.com", "", 1),
                                         detail(WW_RESULT_CERTIFICATE_EXPIRED, "", "mx.example.com", 2)};
    struct ww_sessions_detail second[] = {detail(WW_RESULT_CERTIFICATE_EXPIRED, "mx.example.com", "", 4),
                                          detail(WW_RESULT_VALIDATION_FAILURE, "mx.example.com", "", 8)};
    m.unverified = 10;
    m.failure = 100;
    m.details = first;
    m.detail_count = COUNT(first);
    assert_int_equal(ww_tally_add(tally, &m), WW_OK);
    m.details = second;
    assert_int_equal(ww_tally_add(tally, &m), WW_OK);
    assert_string_equal(
        take_all(tally),
        "example.com day+3 sts of=example.com success+2 unverified+20 failure+200\n"
        "  certificate-expired+5 mx=mx.example.com\n  certificate-expired+2 why=mx.example.com\n"
        "  validation-failure+8 mx=mx.example.com\n");
    assert_string_equal(take_all(tally), "");
}

/* The same failure under two policies is two. */
static void failures_belong_to_their_item(void **state)
{
    struct ww_tally *tally = *state;
    struct ww_sessions one = base, other = base;
    struct ww_sessions_detail d = detail(WW_RESULT_DANE_REQUIRED, "", "", 1);
    other.policy.type = WW_POLICY_TYPE_TLSA;
    one.details = other.details = &d;
    one.detail_count = other.detail_count = 1;
    assert_int_equal(ww_tally_add(tally, &one), WW_OK);
    assert_int_equal(ww_tally_add(tally, &other), WW_OK);
    assert_string_equal(take_all(tally),
                        "example.com day+3 sts of=example.com success+1\n  dane-required+1\n"
                        "example.com day+3 tlsa of=example.com success+1\n  dane-required+1\n");
}

static void what_was_taken_back_is_not_given_out(void **state)
{
    struct ww_tally *tally = *state;
    struct ww_sessions m = base;
    struct ww_sessions_detail d = detail(WW_RESULT_DANE_REQUIRED, "", "", 1);
    m.details = &d;
    m.detail_count = 1;
    assert_int_equal(ww_tally_add(tally, &m), WW_OK);
    d.count = -1;
    assert_int_equal(ww_tally_add(tally, &m), WW_OK);
    assert_string_equal(take_all(tally), "example.com day+3 sts of=example.com success+2\n");
    assert_int_equal(ww_tally_add(tally, &m), WW_OK);
    d.count = 1;
    m.success = -2;
    assert_int_equal(ww_tally_add(tally, &m), WW_OK);
    assert_string_equal(take_all(tally), "example.com day+3 sts of=example.com success-1\n");
    m.success = 0;
    assert_int_equal(ww_tally_add(tally, &m), WW_OK);
    d.count = -1;
    assert_int_equal(ww_tally_add(tally, &m), WW_OK);
    assert_string_equal(take_all(tally), "");
}

static void the_last_record_stays(void **state)
{
    static const char *const records[] = {"", "v=1", "v=22", "v=22", "v=3", ""};
    struct ww_tally *tally = *state;
    struct ww_sessions m = base;
    for (size_t i = 0; i < COUNT(records); i++) {
        m.record = ww_slice_str(records[i]);
        assert_int_equal(ww_tally_add(tally, &m), WW_OK);
    }
    assert_string_equal(take_all(tally), "example.com day+3 sts of=example.com record=v=3 success+6\n");
}

/* ---- limits ---- */

struct given {
    size_t items, details, records;
    size_t octets; /* as the header counts them */
    int64_t success, counted;
};

static void count_given(void *ctx, const struct ww_sessions *m)
{
    struct given *g = ctx;
    assert_true(m->detail_count <= WW_SESSIONS_DETAILS_MAX);
    g->items++;
    g->records += m->record.n > 0;
    g->octets += 100 + strlen(m->domain) + strlen(m->policy.domain) + strlen(m->policy_id) + m->record.n +
                 m->policy.strings.n + m->policy.mx_hosts.n;
    g->details += m->detail_count;
    g->success += m->success;
    for (size_t i = 0; i < m->detail_count; i++) {
        g->counted += m->details[i].count;
        g->octets += 100 + m->details[i].receiving_mx.n + m->details[i].reason.n;
    }
}

static void many_failures_come_in_several_items(void **state)
{
    struct ww_tally *tally = *state;
    struct ww_sessions m = base;
    struct given g = {0};
    char reason[16];
    for (int i = 0; i < 2 * 130; i++) {
        (void)snprintf(reason, sizeof reason, "%d", i % 130);
        struct ww_sessions_detail d = detail(WW_RESULT_VALIDATION_FAILURE, "", reason, 1);
        m.details = &d;
        m.detail_count = 1;
        assert_int_equal(ww_tally_add(tally, &m), WW_OK);
    }
    ww_tally_take(tally, count_given, &g);
    assert_int_equal(g.items, 3);
    assert_int_equal(g.details, 130);
    assert_int_equal(g.success, 260);
    assert_int_equal(g.counted, 260);
}

/* A long policy comes again with every item; the sum is bounded all the same. */
static void what_is_given_out_is_bounded(void **state)
{
    struct ww_tally *tally = *state;
    struct ww_sessions m = base;
    struct given g = {0};
    static char text[WW_SESSIONS_STRINGS_MAX];
    memset(text, 'x', sizeof text);
    m.policy.strings = ww_slice(text, sizeof text);
    m.record = ww_slice(text, WW_SESSIONS_RECORD_MAX);
    int64_t added = 0;
    for (enum ww_err err = WW_OK; err == WW_OK; added += err == WW_OK) {
        char reason[16];
        (void)snprintf(reason, sizeof reason, "%d", (int)added);
        struct ww_sessions_detail d = detail(WW_RESULT_VALIDATION_FAILURE, "", reason, 1);
        m.details = &d;
        m.detail_count = 1;
        err = ww_tally_add(tally, &m);
    }
    ww_tally_take(tally, count_given, &g);
    assert_int_equal(g.success, added);
    assert_int_equal(g.counted, added);
    assert_int_equal(g.records, 1);
    assert_true(g.items > 10);
    assert_in_range(g.octets, WW_TALLY_OCTETS_MIN / 2, WW_TALLY_OCTETS_MIN);
}

/* The largest that the limits of sessions.h allow, with the failures of a whole datagram. */
static void the_largest_item_fits(void **state)
{
    struct ww_tally *tally = *state;
    struct ww_sessions m = base;
    struct ww_sessions_detail details[128];
    struct given g = {0};
    static char text[WW_SESSIONS_STRINGS_MAX];
    memset(text, 'x', sizeof text);
    memset(m.domain, 'd', sizeof m.domain - 1);
    memset(m.policy.domain, 'd', sizeof m.policy.domain - 1);
    memset(m.policy_id, 'i', sizeof m.policy_id - 1);
    m.record = ww_slice(text, WW_SESSIONS_RECORD_MAX);
    m.policy.strings = ww_slice(text, WW_SESSIONS_STRINGS_MAX);
    m.policy.mx_hosts = ww_slice(text, WW_SESSIONS_MX_HOSTS_MAX);
    for (size_t i = 0; i < COUNT(details); i++) {
        details[i].type = WW_RESULT_VALIDATION_FAILURE;
        details[i].count = 1;
        details[i].sending_ip = details[i].receiving_ip = ww_slice(text, WW_ADDR_TEXT_SIZE - 1);
        details[i].receiving_mx = ww_slice(text, WW_DNAME_MAX);
        details[i].helo = details[i].info = ww_slice(text, WW_SESSIONS_TEXT_MAX);
        details[i].reason = ww_slice(text, WW_SESSIONS_TEXT_MAX - i);
    }
    m.details = details;
    m.detail_count = COUNT(details);
    assert_int_equal(ww_tally_add(tally, &m), WW_OK);
    ww_tally_take(tally, count_given, &g);
    assert_int_equal(g.details, COUNT(details));
    assert_int_equal(g.items, 2);
}

/* Adds it to one day after the other; gives how many there was room for. */
static size_t fill(struct ww_tally *tally, struct ww_sessions *m)
{
    enum ww_err err = WW_OK;
    size_t added = 0;
    for (m->day = 1; err == WW_OK; m->day++) {
        err = ww_tally_add(tally, m);
        added += err == WW_OK;
        assert_true(err == WW_OK || err == WW_E_TOO_LONG);
    }
    return added;
}

static void what_does_not_fit_changes_nothing(void **state)
{
    struct ww_tally *tally = *state;
    struct ww_sessions large = base, failed = base;
    struct ww_sessions_detail details[80];
    struct given g = {0};
    static char text[WW_SESSIONS_STRINGS_MAX];
    memset(text, 'x', sizeof text);
    large.policy.strings = ww_slice(text, sizeof text);
    for (size_t i = 0; i < COUNT(details); i++) {
        details[i] = detail(WW_RESULT_VALIDATION_FAILURE, "", "", 1);
        details[i].reason = ww_slice(text, WW_SESSIONS_TEXT_MAX - i);
    }
    failed.details = details;
    failed.detail_count = COUNT(details);
    size_t added = fill(tally, &large);
    assert_in_range(added, 25, WW_TALLY_OCTETS_MIN / sizeof text);
    ww_tally_take(tally, count_given, &g);
    assert_int_equal(g.items, added);
    assert_int_equal(g.success, added);
    g = (struct given){0};
    added = fill(tally, &failed);
    assert_in_range(added, 8, WW_TALLY_OCTETS_MIN / COUNT(details) / (WW_SESSIONS_TEXT_MAX - COUNT(details)));
    ww_tally_take(tally, count_given, &g);
    assert_int_equal(g.success, added);
    assert_int_equal(g.counted, added * COUNT(details));
    g = (struct given){0};
    for (size_t i = 0; i < COUNT(details); i++)
        details[i].reason = ww_slice(text, i);
    large.details = details;
    large.detail_count = COUNT(details);
    added = fill(tally, &large);
    ww_tally_take(tally, count_given, &g);
    assert_int_equal(g.success, added);
    assert_in_range(g.octets, WW_TALLY_OCTETS_MIN / 2, WW_TALLY_OCTETS_MIN);
    assert_int_equal(ww_tally_add(tally, &base), WW_OK);
    assert_string_not_equal(take_all(tally), "");
}

/*
 * Domains that share a bucket, as who knows the code could choose them: the key of an item is where it
 * belongs (none), day, bits and six lengths, and the texts.
 */
static bool shares_bucket(const char *domain)
{
    static const struct ww_hash_key no_key = {{0, 0}};
    char key[128] = {0};
    uint64_t bits = 0x100 | WW_POLICY_TYPE_STS;
    uint32_t length = (uint32_t)strlen(domain);
    memcpy(key + 16, &bits, sizeof bits);
    memcpy(key + 24, &length, sizeof length);
    memcpy(key + 48, domain, length);
    return ww_hash(&no_key, key, 48 + length) % (WW_TALLY_OCTETS_MIN / 256) == 0;
}

static void who_makes_a_chain_long_makes_it_full(void **state)
{
    struct ww_tally *tally = *state;
    struct ww_sessions m = {.policy_known = true, .policy = {.type = WW_POLICY_TYPE_STS}, .success = 1};
    struct given g = {0};
    size_t added = 0;
    enum ww_err err = WW_OK;
    for (unsigned i = 0; i < 1000000 && err == WW_OK; i++) {
        (void)snprintf(m.domain, sizeof m.domain, "d%u.example", i);
        if (!shares_bucket(m.domain))
            continue;
        err = ww_tally_add(tally, &m);
        added += err == WW_OK;
    }
    assert_int_equal(err, WW_E_TOO_LONG);
    assert_in_range(added, 64, 80);
    ww_tally_take(tally, count_given, &g);
    assert_int_equal(g.items, added);
    assert_int_equal(ww_tally_add(tally, &m), WW_OK);
    assert_string_not_equal(take_all(tally), "");
}

/* ---- random sessions ---- */

/* An item or a failure, as its text without counts, and what was counted. */
struct sum {
    char *text;
    int64_t counts[4];
};

struct sums {
    struct sum rows[1024];
    size_t count;
};

static void add_sum(struct sums *s, const char *text, const int64_t counts[4])
{
    size_t i = 0;
    while (i < s->count && strcmp(s->rows[i].text, text) != 0)
        i++;
    if (i == s->count) {
        assert_true(i < COUNT(s->rows));
        s->rows[s->count++] = (struct sum){.text = strdup(text)};
    }
    for (size_t k = 0; k < 4; k++)
        s->rows[i].counts[k] += counts[k];
}

static void sum_up(void *ctx, const struct ww_sessions *sessions)
{
    struct ww_sessions m = *sessions;
    char text[1024];
    struct ww_buf b = ww_buf(text, sizeof text - 1);
    m.success = m.unverified = m.failure = 0;
    m.detail_count = 0;
    m.record = ww_slice(NULL, 0);
    show_sessions(&b, &m);
    text[b.n] = '\0';
    add_sum(ctx, text, (int64_t[]){sessions->success, sessions->unverified, sessions->failure, 0});
    for (size_t i = 0; i < sessions->detail_count; i++) {
        struct ww_sessions_detail d = sessions->details[i];
        struct ww_buf line = ww_buf(text + b.n, sizeof text - 1 - b.n);
        d.count = 0;
        show_detail(&line, &d);
        assert_false(line.failed);
        line.p[line.n] = '\0';
        add_sum(ctx, text, (int64_t[]){0, 0, 0, sessions->details[i].count});
    }
}

static uint64_t seed;

static unsigned random_below(unsigned n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % n;
}

static void random_sessions(struct ww_sessions *m, struct ww_sessions_detail details[4])
{
    static const char *const lists[] = {"", "a\n", "a\nb\n"};
    static const char *const texts[] = {"", "192.0.2.1"};
    *m = (struct ww_sessions){.day = random_below(2), .details = details};
    m->policy_known = random_below(2) == 0;
    m->by_us = random_below(8) == 0;
    m->domain[0] = (char)('a' + random_below(2));
    m->policy.type = (enum ww_policy_type)random_below(2);
    m->policy.strings = ww_slice_str(lists[random_below(COUNT(lists))]);
    m->success = random_below(3);
    m->unverified = -(int64_t)random_below(3);
    m->failure = random_below(3);
    m->detail_count = random_below(5);
    for (size_t i = 0; i < m->detail_count; i++) {
        details[i] = detail((enum ww_result_type)(1 + random_below(2)), texts[random_below(COUNT(texts))],
                            texts[random_below(COUNT(texts))], (int64_t)random_below(5) - 2);
    }
}

static bool is_nothing(const struct sum *s)
{
    return s->counts[0] == 0 && s->counts[1] == 0 && s->counts[2] == 0 && s->counts[3] == 0;
}

static void compare(const struct sums *a, const struct sums *wanted)
{
    for (size_t i = 0; i < a->count; i++) {
        size_t k = 0;
        while (k < wanted->count && strcmp(a->rows[i].text, wanted->rows[k].text) != 0)
            k++;
        if (!is_nothing(&a->rows[i]) &&
            (k == wanted->count ||
             memcmp(a->rows[i].counts, wanted->rows[k].counts, sizeof a->rows[i].counts) != 0))
            fail_msg("seed %llu: %s", (unsigned long long)seed, a->rows[i].text);
    }
}

static void free_sums(struct sums *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->rows[i].text);
    free(s);
}

static void sums_are_those_of_simple_adding(void **state)
{
    struct ww_tally *tally = *state;
    for (unsigned run = 0; run < 20; run++) {
        struct sums *simple = calloc(1, sizeof *simple), *tallied = calloc(1, sizeof *tallied);
        assert_true(simple != NULL && tallied != NULL);
        seed = run;
        for (int i = 0; i < 2000; i++) {
            struct ww_sessions m;
            struct ww_sessions_detail details[4];
            random_sessions(&m, details);
            sum_up(simple, &m);
            enum ww_err err = ww_tally_add(tally, &m);
            if (err != WW_OK || random_below(500) == 0)
                ww_tally_take(tally, sum_up, tallied);
            if (err != WW_OK)
                assert_int_equal(ww_tally_add(tally, &m), WW_OK);
        }
        ww_tally_take(tally, sum_up, tallied);
        compare(simple, tallied);
        compare(tallied, simple);
        free_sums(simple);
        free_sums(tallied);
    }
}

static int make_tally(void **state)
{
    *state = ww_tally_new(0);
    return *state != NULL ? 0 : -1;
}

static int free_tally(void **state)
{
    ww_tally_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_a_policy_makes_the_item),
        cmocka_unit_test(texts_do_not_run_together),
        cmocka_unit_test(counts_add_up),
        cmocka_unit_test(failures_belong_to_their_item),
        cmocka_unit_test(what_was_taken_back_is_not_given_out),
        cmocka_unit_test(the_last_record_stays),
        cmocka_unit_test(many_failures_come_in_several_items),
        cmocka_unit_test(what_is_given_out_is_bounded),
        cmocka_unit_test(the_largest_item_fits),
        cmocka_unit_test(what_does_not_fit_changes_nothing),
        cmocka_unit_test(who_makes_a_chain_long_makes_it_full),
        cmocka_unit_test(sums_are_those_of_simple_adding),
    };
    return cmocka_run_group_tests(tests, make_tally, free_tally);
}
