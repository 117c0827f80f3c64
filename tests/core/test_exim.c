#include "core/exim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define STS(mode, mx) "version: STSv1\nmode: " mode "\n" mx "max_age: 1\n"
#define ENFORCE STS("enforce", "mx: MX1.d.e\nmx: *.f.g\n")
#define TESTING STS("testing", "mx: mx1.d.e\n")
#define NONE STS("none", "")

#define PATTERNS "mxre=^(?i)(mx1\\.d\\.e|[^.]+\\.f\\.g)$ mx=mx1.d.e:*.f.g"
#define HOLD(reason) "mode=temperr reason=\"d.e: " reason "\""

/* MX hosts of d.e by what DANE comes to for them. */
enum hosts {
    UNKNOWN, /* nobody has looked */
    FAILED,
    BOGUS,
    INSECURE,
    FREE,
    USABLE,       /* mx1.d.e */
    OTHER_USABLE, /* mx2.h.i, which no policy here names */
    UNUSABLE,
    HALF,       /* mx1.d.e usable, a.f.g free */
    OTHER_HALF, /* mx2.h.i usable, a.f.g free */
    FAILING,    /* mx1.d.e */
};

static struct ww_domain_dane dane_of(enum hosts hosts)
{
    static const struct ww_domain_host rows[][2] = {
        [FREE] = {{"mx1.d.e", WW_DANE_NONE}},
        [USABLE] = {{"mx1.d.e", WW_DANE_SECURE_USABLE}},
        [OTHER_USABLE] = {{"mx2.h.i", WW_DANE_SECURE_USABLE}},
        [UNUSABLE] = {{"mx1.d.e", WW_DANE_SECURE_UNUSABLE}},
        [HALF] = {{"mx1.d.e", WW_DANE_SECURE_USABLE}, {"a.f.g", WW_DANE_NONE}},
        [OTHER_HALF] = {{"mx2.h.i", WW_DANE_SECURE_USABLE}, {"a.f.g", WW_DANE_NONE}},
        [FAILING] = {{"mx1.d.e", WW_DANE_LOOKUP_FAILED}},
    };
    static const enum ww_domain_mx mx[] = {
        [FAILED] = WW_DOMAIN_MX_FAILED, [BOGUS] = WW_DOMAIN_MX_BOGUS, [INSECURE] = WW_DOMAIN_MX_INSECURE};
    if (hosts < FREE)
        return (struct ww_domain_dane){.mx = mx[hosts]};
    return (struct ww_domain_dane){
        .mx = WW_DOMAIN_MX_SECURE, .hosts = rows[hosts], .count = rows[hosts][1].name != NULL ? 2 : 1};
}

#define ORDERED(how) FOR(how, "")
#define FOR(how, patterns) (&(const struct ww_override){.key = "d.e", .level = (how), .mx = (patterns)})

struct row {
    const char *body; /* NULL: no policy */
    const struct ww_override *override;
    enum hosts hosts;
    enum ww_dane_use use;
    bool suffices;
    enum ww_level told;
    const char *line;
};

#define BY_OVERRIDE(how, patterns, text, level)                             \
    {                                                                       \
        ENFORCE, FOR(how, patterns), USABLE, WW_DANE_ON, false, level, text \
    }

static const struct row rows[] = {
    /* No policy: DANE is Exim's own, but for a certificate where all hosts have promised one. */
    {NULL, NULL, UNKNOWN, WW_DANE_ON, false, WW_LEVEL_NONE, "mode=none"},
    {NULL, NULL, FAILED, WW_DANE_ON, false, WW_LEVEL_NONE, "mode=none"},
    {NULL, NULL, INSECURE, WW_DANE_ON, false, WW_LEVEL_NONE, "mode=none"},
    {NULL, NULL, FREE, WW_DANE_ON, false, WW_LEVEL_NONE, "mode=none"},
    {NULL, NULL, HALF, WW_DANE_ON, false, WW_LEVEL_NONE, "mode=none"},
    {NULL, NULL, FAILING, WW_DANE_ON, false, WW_LEVEL_NONE, "mode=none"},
    {NULL, NULL, USABLE, WW_DANE_ON, false, WW_LEVEL_DANE_ONLY, "mode=dane"},
    {NULL, NULL, USABLE, WW_DANE_ON, true, WW_LEVEL_DANE_ONLY, "mode=dane"},
    {NULL, NULL, UNUSABLE, WW_DANE_ON, false, WW_LEVEL_ENCRYPT, "mode=encrypt"},
    {NULL, NULL, BOGUS, WW_DANE_ON, false, WW_LEVEL_HOLD,
     HOLD("the answer about its MX hosts does not stand up to DNSSEC")},
    {NULL, NULL, USABLE, WW_DANE_MTA, false, WW_LEVEL_NONE, "mode=none"},
    {NULL, NULL, UNUSABLE, WW_DANE_MTA, false, WW_LEVEL_NONE, "mode=none"},
    {NULL, NULL, USABLE, WW_DANE_BLIND, false, WW_LEVEL_ENCRYPT, "mode=encrypt"},
    {NULL, NULL, HALF, WW_DANE_BLIND, false, WW_LEVEL_NONE, "mode=none"},
    {NULL, NULL, USABLE, WW_DANE_OFF, false, WW_LEVEL_NONE, "mode=none"},
    {NONE, NULL, FREE, WW_DANE_ON, false, WW_LEVEL_NONE, "mode=none"},
    {NONE, NULL, USABLE, WW_DANE_ON, false, WW_LEVEL_DANE_ONLY, "mode=dane"},
    /* Testing is no way around DANE. */
    {TESTING, NULL, FREE, WW_DANE_ON, false, WW_LEVEL_TESTING, "mode=testing id=7 mx=mx1.d.e"},
    {TESTING, NULL, UNKNOWN, WW_DANE_ON, false, WW_LEVEL_TESTING, "mode=testing id=7 mx=mx1.d.e"},
    {TESTING, NULL, HALF, WW_DANE_ON, false, WW_LEVEL_TESTING, "mode=testing id=7 mx=mx1.d.e"},
    {TESTING, NULL, USABLE, WW_DANE_ON, false, WW_LEVEL_DANE_ONLY, "mode=dane"},
    {TESTING, NULL, USABLE, WW_DANE_MTA, false, WW_LEVEL_TESTING, "mode=testing id=7 mx=mx1.d.e"},
    {TESTING, NULL, UNUSABLE, WW_DANE_ON, false, WW_LEVEL_ENCRYPT, "mode=encrypt"},
    /* Enforced: its patterns, whatever Postfix would be told of DANE. */
    {ENFORCE, NULL, UNKNOWN, WW_DANE_ON, false, WW_LEVEL_SECURE, "mode=enforce id=7 " PATTERNS},
    {ENFORCE, NULL, INSECURE, WW_DANE_ON, false, WW_LEVEL_SECURE, "mode=enforce id=7 " PATTERNS},
    {ENFORCE, NULL, FREE, WW_DANE_ON, false, WW_LEVEL_SECURE, "mode=enforce id=7 " PATTERNS},
    {ENFORCE, NULL, USABLE, WW_DANE_ON, false, WW_LEVEL_SECURE, "mode=enforce id=7 " PATTERNS},
    {ENFORCE, NULL, USABLE, WW_DANE_MTA, false, WW_LEVEL_SECURE, "mode=enforce id=7 " PATTERNS},
    {ENFORCE, NULL, USABLE, WW_DANE_BLIND, false, WW_LEVEL_SECURE, "mode=enforce id=7 " PATTERNS},
    {ENFORCE, NULL, USABLE, WW_DANE_OFF, true, WW_LEVEL_SECURE, "mode=enforce id=7 " PATTERNS},
    {ENFORCE, NULL, UNUSABLE, WW_DANE_ON, false, WW_LEVEL_SECURE, "mode=enforce id=7 " PATTERNS},
    {ENFORCE, NULL, HALF, WW_DANE_ON, false, WW_LEVEL_SECURE, "mode=enforce id=7 " PATTERNS},
    {ENFORCE, NULL, OTHER_HALF, WW_DANE_ON, false, WW_LEVEL_SECURE, "mode=enforce id=7 " PATTERNS},
    {ENFORCE, NULL, FAILING, WW_DANE_ON, false, WW_LEVEL_SECURE, "mode=enforce id=7 " PATTERNS},
    {ENFORCE, NULL, OTHER_USABLE, WW_DANE_ON, false, WW_LEVEL_HOLD,
     HOLD("DANE has none of the MX hosts that the enforced MTA-STS policy names")},
    {ENFORCE, NULL, OTHER_USABLE, WW_DANE_ON, true, WW_LEVEL_SECURE,
     "mode=enforce id=7 mxre=^(?i)(mx1\\.d\\.e|[^.]+\\.f\\.g|mx2\\.h\\.i)$ mx=mx1.d.e:*.f.g"},
    {ENFORCE, NULL, OTHER_USABLE, WW_DANE_BLIND, true, WW_LEVEL_SECURE, "mode=enforce id=7 " PATTERNS},
    {ENFORCE, NULL, BOGUS, WW_DANE_ON, false, WW_LEVEL_HOLD,
     HOLD("the answer about its MX hosts does not stand up to DNSSEC")},
    /* Overrides, of which only one has to do with DANE. */
    BY_OVERRIDE(WW_OVERRIDE_OFF, "", "mode=none", WW_LEVEL_NONE),
    BY_OVERRIDE(WW_OVERRIDE_MAY, "", "mode=may", WW_LEVEL_MAY),
    BY_OVERRIDE(WW_OVERRIDE_ENCRYPT, "", "mode=encrypt", WW_LEVEL_ENCRYPT),
    BY_OVERRIDE(WW_OVERRIDE_SECURE, "", "mode=secure " PATTERNS, WW_LEVEL_SECURE),
    BY_OVERRIDE(WW_OVERRIDE_SECURE, "*.j.k l.m", "mode=secure mxre=^(?i)([^.]+\\.j\\.k|l\\.m)$ mx=*.j.k:l.m",
                WW_LEVEL_SECURE),
    BY_OVERRIDE(WW_OVERRIDE_ENFORCE_TESTING, "", "mode=enforce id=7 " PATTERNS, WW_LEVEL_SECURE),
    {NULL, ORDERED(WW_OVERRIDE_SECURE), USABLE, WW_DANE_ON, true, WW_LEVEL_SECURE,
     "mode=secure mxre=^(?i)(([^.]+\\.)*d\\.e)$"},
    {TESTING, ORDERED(WW_OVERRIDE_ENFORCE_TESTING), USABLE, WW_DANE_ON, false, WW_LEVEL_SECURE,
     "mode=enforce id=7 mxre=^(?i)(mx1\\.d\\.e)$ mx=mx1.d.e"},
    {NULL, ORDERED(WW_OVERRIDE_ENFORCE_TESTING), USABLE, WW_DANE_ON, false, WW_LEVEL_DANE_ONLY, "mode=dane"},
};

/* What a preload list says of d.e, beside a policy or without one. */
#define LISTED(of_mode, texts, count)  \
    (&(const struct ww_preload_entry){ \
        .mode = (of_mode), .mx_count = (count), .mx = {(texts), sizeof(texts) - 1}})
#define LIST LISTED(WW_MODE_ENFORCE, "\007MX1.d.e\005*.f.g", 2)
#define TRIAL LISTED(WW_MODE_TESTING, "\007MX1.d.e\005*.f.g", 2)

static const struct {
    const struct ww_preload_entry *listed;
    struct row row;
} listed_rows[] = {
    /* As an enforced policy, but there is no id of one. */
    {LIST, {NULL, NULL, UNKNOWN, WW_DANE_ON, false, WW_LEVEL_SECURE, "mode=enforce " PATTERNS}},
    {LIST, {NULL, NULL, FAILED, WW_DANE_ON, false, WW_LEVEL_SECURE, "mode=enforce " PATTERNS}},
    {LIST, {NULL, NULL, FREE, WW_DANE_ON, false, WW_LEVEL_SECURE, "mode=enforce " PATTERNS}},
    {LIST, {NULL, NULL, USABLE, WW_DANE_ON, false, WW_LEVEL_SECURE, "mode=enforce " PATTERNS}},
    {LIST, {NULL, NULL, USABLE, WW_DANE_BLIND, false, WW_LEVEL_SECURE, "mode=enforce " PATTERNS}},
    {LIST, {NULL, NULL, USABLE, WW_DANE_OFF, false, WW_LEVEL_SECURE, "mode=enforce " PATTERNS}},
    {LIST,
     {NULL, NULL, OTHER_USABLE, WW_DANE_ON, false, WW_LEVEL_HOLD,
      HOLD("DANE has none of the MX hosts that the preload list names")}},
    {LIST,
     {NULL, NULL, OTHER_USABLE, WW_DANE_ON, true, WW_LEVEL_SECURE,
      "mode=enforce mxre=^(?i)(mx1\\.d\\.e|[^.]+\\.f\\.g|mx2\\.h\\.i)$ mx=mx1.d.e:*.f.g"}},
    {LIST,
     {NULL, NULL, BOGUS, WW_DANE_ON, false, WW_LEVEL_HOLD,
      HOLD("the answer about its MX hosts does not stand up to DNSSEC")}},
    /* What is in testing there demands nothing, and there is nothing to report of. */
    {TRIAL, {NULL, NULL, FREE, WW_DANE_ON, false, WW_LEVEL_NONE, "mode=none"}},
    {TRIAL, {NULL, NULL, USABLE, WW_DANE_ON, false, WW_LEVEL_DANE_ONLY, "mode=dane"}},
    {TRIAL,
     {NULL, ORDERED(WW_OVERRIDE_ENFORCE_TESTING), FREE, WW_DANE_ON, false, WW_LEVEL_SECURE,
      "mode=enforce " PATTERNS}},
    /* A policy of any mode, and orders, go before it. */
    {LIST, {NONE, NULL, FREE, WW_DANE_ON, false, WW_LEVEL_NONE, "mode=none"}},
    {LIST, {TESTING, NULL, FREE, WW_DANE_ON, false, WW_LEVEL_TESTING, "mode=testing id=7 mx=mx1.d.e"}},
    {LIST, {NULL, ORDERED(WW_OVERRIDE_OFF), FREE, WW_DANE_ON, false, WW_LEVEL_NONE, "mode=none"}},
    {LIST, {NULL, ORDERED(WW_OVERRIDE_MAY), USABLE, WW_DANE_ON, false, WW_LEVEL_MAY, "mode=may"}},
    {LIST,
     {NULL, ORDERED(WW_OVERRIDE_SECURE), USABLE, WW_DANE_ON, false, WW_LEVEL_SECURE,
      "mode=secure " PATTERNS}},
    {LIST,
     {NULL, FOR(WW_OVERRIDE_SECURE, "l.m"), USABLE, WW_DANE_ON, false, WW_LEVEL_SECURE,
      "mode=secure mxre=^(?i)(l\\.m)$ mx=l.m"}},
};

static char room[WW_EXIM_LINE_MAX];

static struct ww_slice line_of(const struct ww_domain_case *c, const struct ww_exim_style *style,
                               enum ww_level *told)
{
    struct ww_buf b = ww_buf(room, sizeof room);
    const struct ww_decision d = ww_domain_decide(c);
    *told = ww_exim_line(&b, c, &d, style);
    assert_false(b.failed);
    return ww_slice(b.p, b.n);
}

static struct ww_domain_case case_of(const struct row *row, struct ww_policy *policy,
                                     struct ww_domain_dane *dane)
{
    size_t offset;
    if (row->body != NULL)
        assert_int_equal(ww_policy_parse(row->body, strlen(row->body), policy, &offset), WW_OK);
    *dane = dane_of(row->hosts);
    return (struct ww_domain_case){.domain = "d.e",
                                   .policy = row->body != NULL ? policy : NULL,
                                   .override = row->override,
                                   .dane = row->hosts != UNKNOWN ? dane : NULL,
                                   .settings = {row->use, row->suffices}};
}

static void check_row(const struct row *row, const struct ww_preload_entry *listed, size_t i)
{
    struct ww_policy policy;
    struct ww_domain_dane dane;
    enum ww_level told;
    struct ww_domain_case c = case_of(row, &policy, &dane);
    const struct ww_exim_style style = {.id = "7"};
    const struct ww_exim_style dry = {.id = "7", .dry_run = true};
    c.listed = listed;
    struct ww_slice line = line_of(&c, &style, &told);
    if (!ww_slice_is(line, row->line) || told != row->told)
        fail_msg("row %zu: %s %.*s", i, ww_level_name(told), (int)line.n, line.p);
    line = line_of(&c, &dry, &told);
    assert_true(ww_slice_is(line, "mode=none") && told == WW_LEVEL_NONE);
}

static void says_what_was_decided(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        check_row(&rows[i], NULL, i);
}

static void says_what_a_preload_list_comes_to(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(listed_rows); i++)
        check_row(&listed_rows[i].row, listed_rows[i].listed, i);
}

static struct ww_domain_case enforced(const char *body, size_t n, struct ww_policy *policy)
{
    size_t offset;
    assert_int_equal(ww_policy_parse(body, n, policy, &offset), WW_OK);
    return (struct ww_domain_case){.domain = "d.e", .policy = policy};
}

/* A policy whose patterns have so many octets each, two of which are dots. */
static size_t body_of(char *body, size_t size, size_t count)
{
    struct ww_buf b = ww_buf(body, size);
    ww_buf_str(&b, "version: STSv1\nmode: enforce\n");
    for (size_t i = 0; i < count; i++) {
        ww_buf_str(&b, "mx: mx");
        ww_buf_decimal(&b, 1000 + i);
        ww_buf_str(&b, ".example.com\n");
    }
    ww_buf_str(&b, "max_age: 1\n");
    assert_false(b.failed);
    return b.n;
}

/* What is for people goes first; what decides is whole, or nothing is said but that. */
static void a_long_list_is_never_cut(void **state)
{
    (void)state;
    static char body[WW_POLICY_BODY_MAX];
    bool both = false, alone = false, refused = false;
    for (size_t count = 100; count < 1200; count++) {
        struct ww_policy policy;
        enum ww_level told;
        const struct ww_domain_case c = enforced(body, body_of(body, sizeof body, count), &policy);
        const struct ww_exim_style style = {.id = "1"};
        const struct ww_slice line = line_of(&c, &style, &told);
        char last[64];
        snprintf(last, sizeof last, "|mx%zu\\.example\\.com)$", 1000 + count - 1);
        bool whole = memmem(line.p, line.n, last, strlen(last)) != NULL;
        bool listed = memmem(line.p, line.n, " mx=", 4) != NULL;
        assert_true(whole == (told == WW_LEVEL_SECURE));
        assert_true(whole || ww_slice_is(line, HOLD("its MTA-STS policy lists more MX hosts than Exim can be "
                                                    "told")));
        both = both || listed;
        alone = alone || (whole && !listed);
        refused = refused || !whole;
        /* Once one of them is left out, it stays so. */
        assert_false((alone || refused) && listed);
        assert_false(refused && whole);
    }
    assert_true(both && alone && refused);
}

static void a_long_preload_list_is_never_cut(void **state)
{
    (void)state;
    static char texts[10 * WW_PRELOAD_MX_MAX];
    for (size_t i = 0; i < WW_PRELOAD_MX_MAX; i++)
        memcpy(texts + 10 * i, "\011mx1.d.e.f", 10);
    for (size_t count = 10; count <= WW_PRELOAD_MX_MAX; count += 10) {
        const struct ww_preload_entry listed = {
            .mode = WW_MODE_ENFORCE, .mx_count = count, .mx = {texts, 10 * count}};
        const struct ww_domain_case c = {.domain = "d.e", .listed = &listed};
        const struct ww_exim_style style = {.id = ""};
        enum ww_level told;
        const struct ww_slice line = line_of(&c, &style, &told);
        /* "mx1\\.d\\.e\\.f" for each, and a bar between two. */
        bool fits = strlen("mode=enforce mxre=^(?i)()$") + 13 * count - 1 <= WW_EXIM_LINE_MAX;
        assert_int_equal(told, fits ? WW_LEVEL_SECURE : WW_LEVEL_HOLD);
        assert_true(fits ||
                    ww_slice_is(line, HOLD("the preload list names more MX hosts than Exim can be told")));
    }
}

/* It comes from a parser that has looked at it; here it does not. */
static void what_is_no_pattern_is_not_told(void **state)
{
    (void)state;
    static const char *const names[] = {"a b", "a)|(b", "a;b", "a.*", "*", "*.", "a:b", "a\"b", "$c"};
    for (size_t i = 0; i < COUNT(names); i++) {
        char body[128];
        struct ww_policy policy;
        enum ww_level told;
        int n = snprintf(body, sizeof body, "version: STSv1\nmode: enforce\nmx: %s\nmax_age: 1\n", names[i]);
        if (ww_policy_parse_again(body, (size_t)n, &policy) != WW_OK)
            continue;
        const struct ww_domain_case c = {.domain = "d.e", .policy = &policy};
        const struct ww_exim_style style = {.id = "1"};
        struct ww_slice line = line_of(&c, &style, &told);
        if (told != WW_LEVEL_HOLD || !ww_slice_starts(line, "mode=temperr reason=\"d.e: what names"))
            fail_msg("%s: %.*s", names[i], (int)line.n, line.p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_was_decided),          cmocka_unit_test(says_what_a_preload_list_comes_to),
        cmocka_unit_test(a_long_list_is_never_cut),       cmocka_unit_test(a_long_preload_list_is_never_cut),
        cmocka_unit_test(what_is_no_pattern_is_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
