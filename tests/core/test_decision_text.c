#include "core/decision_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define POLICY(mode) "version: STSv1\nmode: " mode "\nmx: mx.a.de\nmx: *.b.de\nmax_age: 86400\n"
#define NONE "version: STSv1\nmode: none\nmax_age: 86400\n"

#define IN_FORCE(mode) " mode=" mode " id=7 expires=2026-11-30T00:00:00Z"
#define PATTERNS " mx=mx.a.de mx=*.b.de"

/* Unix seconds of 2026-11-29 and -30. */
#define DAY 1795910400
#define NEXT_DAY (DAY + 86400)

static const struct ww_domain_host usable[] = {{"mx.a.de", WW_DANE_SECURE_USABLE}};
static const struct ww_domain_host mixed[] = {{"mx.a.de", WW_DANE_NONE}, {"x.c.de", WW_DANE_SECURE_USABLE}};
static const struct ww_domain_dane by_dane = {.mx = WW_DOMAIN_MX_SECURE, .hosts = usable, .count = 1};
static const struct ww_domain_dane cut = {
    .mx = WW_DOMAIN_MX_SECURE, .hosts = usable, .count = 1, .more = true};
static const struct ww_domain_dane among = {.mx = WW_DOMAIN_MX_SECURE, .hosts = mixed, .count = 2};
static const struct ww_domain_dane insecure = {.mx = WW_DOMAIN_MX_INSECURE, .hosts = usable, .count = 1};
static const struct ww_domain_dane bogus = {.mx = WW_DOMAIN_MX_BOGUS};

static const struct ww_override may = {.level = WW_OVERRIDE_MAY, .mx = "", .until = DAY};
static const struct ww_override ordered = {.level = WW_OVERRIDE_SECURE, .mx = "x.de *.y.de"};
static const struct ww_override bare = {.level = WW_OVERRIDE_SECURE, .mx = ""};
static const struct ww_override enforce = {.level = WW_OVERRIDE_ENFORCE_TESTING, .mx = ""};

/* What a preload list says of the domain. */
#define LISTED "\007mx.a.de\006*.b.de"
static const struct ww_preload_entry list = {
    .mode = WW_MODE_ENFORCE, .mx_count = 2, .mx = {LISTED, sizeof LISTED - 1}};
static const struct ww_preload_entry trial = {
    .mode = WW_MODE_TESTING, .mx_count = 2, .mx = {LISTED, sizeof LISTED - 1}};
#define FROM_LIST " expires=2026-11-30T00:00:00Z source=preload until=2026-11-30T00:00:00Z"

static const struct put_case {
    const char *policy;
    const struct ww_override *override;
    const struct ww_domain_dane *dane;
    struct ww_dane_settings settings;
    bool dry_run;
    const char *text; /* behind "v=1 domain=a.de level=" and without section and why */
    enum ww_rule rule;
    const struct ww_preload_entry *listed;
} put_cases[] = {
    {NULL, NULL, NULL, {.use = WW_DANE_OFF}, false, "none source=cache", WW_RULE_NO_POLICY, NULL},
    {NONE,
     NULL,
     NULL,
     {.use = WW_DANE_OFF},
     false,
     "none" IN_FORCE("none") " source=cache until=2026-11-29T00:00:00Z",
     WW_RULE_MODE_NONE,
     NULL},
    {POLICY("enforce"),
     NULL,
     NULL,
     {.use = WW_DANE_OFF},
     false,
     "secure" IN_FORCE("enforce") " source=cache until=2026-11-29T00:00:00Z@" PATTERNS,
     WW_RULE_DOMAIN_ENFORCED,
     NULL},
    {POLICY("testing"),
     NULL,
     &insecure,
     {.use = WW_DANE_ON},
     false,
     "testing" IN_FORCE(
         "testing") " source=cache until=2026-11-29T00:00:00Z dane=insecure@ test=mx.a.de test=*.b.de",
     WW_RULE_DOMAIN_TESTING,
     NULL},
    /* An enforced policy forbids beside DANE too. */
    {POLICY("enforce"),
     NULL,
     &by_dane,
     {.use = WW_DANE_ON},
     false,
     "dane-only" IN_FORCE("enforce") " source=cache until=2026-11-29T00:00:00Z dane=secure "
                                     "host=mx.a.de/secure-usable@" PATTERNS,
     WW_RULE_DOMAIN_ALL_USABLE,
     NULL},
    {POLICY("enforce"),
     NULL,
     &cut,
     {.use = WW_DANE_ON, .suffices = true},
     false,
     "dane-only" IN_FORCE("enforce") " source=cache until=2026-11-29T00:00:00Z dane=secure "
                                     "host=mx.a.de/secure-usable more=yes conflict=dane@" PATTERNS,
     WW_RULE_DOMAIN_DANE_FIRST,
     NULL},
    {NULL,
     NULL,
     &by_dane,
     {.use = WW_DANE_ON},
     false,
     "dane-only source=cache dane=secure host=mx.a.de/secure-usable",
     WW_RULE_DOMAIN_ALL_USABLE,
     NULL},
    /* Which cannot be found out: DANE stays open, and the policy beside it. */
    {POLICY("enforce"),
     NULL,
     NULL,
     {.use = WW_DANE_ON},
     false,
     "dane-only" IN_FORCE("enforce") " source=cache until=2026-11-29T00:00:00Z@" PATTERNS,
     WW_RULE_DOMAIN_UNKNOWN,
     NULL},
    /* Hosts that DANE leaves to MTA-STS stand in the place of its patterns. */
    {POLICY("enforce"),
     NULL,
     &among,
     {.use = WW_DANE_ON},
     false,
     "secure" IN_FORCE("enforce") " source=cache until=2026-11-29T00:00:00Z dane=secure host=mx.a.de/none "
                                  "host=x.c.de/secure-usable@ mx=mx.a.de",
     WW_RULE_DOMAIN_STS_AMONG,
     NULL},
    {POLICY("enforce"),
     NULL,
     &bogus,
     {.use = WW_DANE_ON},
     false,
     "hold" IN_FORCE("enforce") " source=cache until=2026-11-29T00:00:00Z dane=bogus",
     WW_RULE_DOMAIN_MX_BOGUS,
     NULL},
    /* Whoever cannot do DANE is not told of it. */
    {POLICY("enforce"),
     NULL,
     &by_dane,
     {.use = WW_DANE_BLIND},
     false,
     "secure" IN_FORCE("enforce") " source=cache until=2026-11-29T00:00:00Z@" PATTERNS,
     WW_RULE_DOMAIN_ENFORCED,
     NULL},
    {POLICY("enforce"),
     &may,
     &insecure,
     {.use = WW_DANE_ON},
     false,
     "may" IN_FORCE("enforce") " source=override override=may until=2026-11-29T00:00:00Z dane=insecure",
     WW_RULE_DOMAIN_ORDERED,
     NULL},
    {NULL,
     &ordered,
     NULL,
     {.use = WW_DANE_ON},
     false,
     "secure source=override override=secure@ mx=x.de mx=*.y.de",
     WW_RULE_DOMAIN_ORDERED,
     NULL},
    {POLICY("testing"),
     &enforce,
     &insecure,
     {.use = WW_DANE_ON},
     false,
     "secure" IN_FORCE("testing") " source=override override=enforce-testing until=2026-11-29T00:00:00Z "
                                  "dane=insecure@" PATTERNS,
     WW_RULE_DOMAIN_ORDERED,
     NULL},
    {POLICY("enforce"),
     NULL,
     NULL,
     {.use = WW_DANE_OFF},
     true,
     "none withheld=secure" IN_FORCE("enforce") " source=cache until=2026-11-29T00:00:00Z",
     WW_RULE_DOMAIN_ENFORCED,
     NULL},
    /* The list ends; of a policy there is no word. */
    {NULL,
     NULL,
     NULL,
     {.use = WW_DANE_OFF},
     false,
     "secure" FROM_LIST "@" PATTERNS,
     WW_RULE_DOMAIN_LISTED,
     &list},
    {NULL,
     NULL,
     &by_dane,
     {.use = WW_DANE_ON},
     false,
     "dane-only" FROM_LIST " dane=secure host=mx.a.de/secure-usable@" PATTERNS,
     WW_RULE_DOMAIN_ALL_USABLE,
     &list},
    {NULL,
     NULL,
     NULL,
     {.use = WW_DANE_ON},
     false,
     "dane-only" FROM_LIST "@" PATTERNS,
     WW_RULE_DOMAIN_UNKNOWN,
     &list},
    {NULL,
     NULL,
     NULL,
     {.use = WW_DANE_OFF},
     true,
     "none withheld=secure" FROM_LIST,
     WW_RULE_DOMAIN_LISTED,
     &list},
    {NULL,
     NULL,
     NULL,
     {.use = WW_DANE_OFF},
     false,
     "none source=cache until=2026-11-30T00:00:00Z",
     WW_RULE_DOMAIN_LISTED_TESTING,
     &trial},
    /* Orders that take its patterns, and that do not. */
    {NULL,
     &bare,
     NULL,
     {.use = WW_DANE_ON},
     false,
     "secure source=override override=secure until=2026-11-30T00:00:00Z@" PATTERNS,
     WW_RULE_DOMAIN_ORDERED,
     &list},
    {NULL,
     &enforce,
     &insecure,
     {.use = WW_DANE_ON},
     false,
     "secure source=override override=enforce-testing until=2026-11-30T00:00:00Z dane=insecure@" PATTERNS,
     WW_RULE_DOMAIN_ORDERED,
     &trial},
    {NULL,
     &may,
     NULL,
     {.use = WW_DANE_ON},
     false,
     "may source=override override=may until=2026-11-29T00:00:00Z",
     WW_RULE_DOMAIN_ORDERED,
     &list},
    {POLICY("enforce"),
     NULL,
     NULL,
     {.use = WW_DANE_OFF},
     false,
     "secure" IN_FORCE("enforce") " source=cache until=2026-11-29T00:00:00Z@" PATTERNS,
     WW_RULE_DOMAIN_ENFORCED,
     &trial},
};

static char room[WW_DECISION_TEXT_MAX];

static struct ww_buf put(const struct put_case *c, size_t size)
{
    static struct ww_policy policy;
    size_t offset;
    if (c->policy != NULL)
        assert_int_equal(ww_policy_parse(c->policy, strlen(c->policy), &policy, &offset), WW_OK);
    const struct ww_domain_case about = {.domain = "a.de",
                                         .policy = c->policy != NULL ? &policy : NULL,
                                         .policy_until = c->policy != NULL ? DAY : 0,
                                         .listed = c->listed,
                                         .listed_until = c->listed != NULL ? NEXT_DAY : 0,
                                         .override = c->override,
                                         .dane = c->dane,
                                         .settings = c->settings};
    const struct ww_decision_told told = {
        .about = &about, .id = "7", .expires = NEXT_DAY, .source = WW_SOURCE_CACHE, .dry_run = c->dry_run};
    struct ww_buf b = ww_buf(room, size);
    const struct ww_decision d = ww_decision_text_put(&b, &told);
    assert_int_equal(d.rule, c->rule);
    assert_false(b.failed);
    return b;
}

static void says_all_that_was_decided(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(put_cases); i++) {
        const struct put_case *c = &put_cases[i];
        const char *at = strchr(c->text, '@');
        char text[1024];
        (void)snprintf(text, sizeof text, "v=1 domain=a.de level=%.*s section=\"%s\" why=\"%s\"%s",
                       at != NULL ? (int)(at - c->text) : (int)strlen(c->text), c->text,
                       ww_rule_source(c->rule), ww_rule_text(c->rule), at != NULL ? at + 1 : "");
        struct ww_buf b = put(c, sizeof room);
        if (!ww_slice_is(ww_slice(b.p, b.n), text))
            fail_msg("case %zu:\n%.*s\nnot\n%s", i, (int)b.n, b.p, text);
    }
}

static void what_was_put_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(put_cases); i++) {
        const struct put_case *c = &put_cases[i];
        struct ww_decision_text t;
        struct ww_slice value;
        enum ww_dane_state dane;
        size_t offset, mx = 0, hosts = 0;
        struct ww_buf b = put(c, sizeof room);
        if (ww_decision_text_parse(b.p, b.n, &t, &offset) != WW_OK)
            fail_msg("case %zu at %zu", i, offset);
        for (size_t pos = 0; ww_decision_text_next_mx(&t, &pos, &value);)
            mx++;
        for (size_t pos = 0; ww_decision_text_next_host(&t, &pos, &value, &dane);)
            hosts++;
        assert_int_equal(mx, t.mx_count);
        assert_int_equal(hosts, t.host_count);
        assert_int_equal(t.has_policy, c->policy != NULL);
        assert_int_equal(t.dry_run, c->dry_run);
        assert_int_equal(t.overridden, c->override != NULL);
        assert_true(ww_slice_is(t.why, ww_rule_text(c->rule)));
    }
}

/* Without a policy, which is what a list is for; whatever the operator orders, and DANE finds. */
static void reads_what_a_list_says(void **state)
{
    static const struct ww_override *const overrides[] = {NULL, &may, &ordered, &enforce};
    static const struct ww_domain_dane *const danes[] = {NULL, &by_dane, &insecure, &bogus};
    (void)state;
    for (unsigned i = 0; i < 64; i++) {
        const struct ww_preload_entry entry = {.domain = ww_slice_str("a.de"),
                                               .mode = i & 1 ? WW_MODE_ENFORCE : WW_MODE_TESTING,
                                               .mx_count = 1,
                                               .mx = ww_slice_str("\7mx.a.de")};
        const struct ww_domain_case about = {.domain = "a.de",
                                             .listed = &entry,
                                             .listed_until = NEXT_DAY,
                                             .override = overrides[i / 2 % 4],
                                             .dane = danes[i / 8 % 4],
                                             .settings = {.use = WW_DANE_ON}};
        const struct ww_decision_told told = {
            .about = &about, .id = "", .source = WW_SOURCE_CACHE, .dry_run = i & 32};
        struct ww_buf b = ww_buf(room, sizeof room);
        struct ww_decision_text t;
        size_t offset;
        const struct ww_decision d = ww_decision_text_put(&b, &told);
        if (ww_decision_text_parse(b.p, b.n, &t, &offset) != WW_OK)
            fail_msg("%.*s", (int)b.n, b.p);
        assert_int_equal(t.level, told.dry_run ? WW_LEVEL_NONE : d.level);
        if (about.override == NULL && entry.mode == WW_MODE_ENFORCE)
            assert_int_equal(t.source, WW_SOURCE_PRELOAD);
    }
}

/* Better held than told of a part, or of none. */
static void more_patterns_than_fit_hold_the_mail(void **state)
{
    (void)state;
    struct ww_buf all = put(&put_cases[2], sizeof room);
    size_t size = all.n;
    struct ww_buf b = put(&put_cases[2], size - 1);
    static const char hold[] = "v=1 domain=a.de level=hold mode=enforce";
    assert_memory_equal(b.p, hold, sizeof hold - 1);
    assert_null(memmem(b.p, b.n, " mx=", 4));
    assert_non_null(memmem(b.p, b.n, "more MX hosts than can be told", 30));
}

/* A policy in testing never holds any. */
static void a_tested_policy_is_told_without_them(void **state)
{
    (void)state;
    struct ww_buf all = put(&put_cases[3], sizeof room);
    struct ww_buf b = put(&put_cases[3], all.n - 1);
    static const char testing[] = "v=1 domain=a.de level=testing";
    assert_memory_equal(b.p, testing, sizeof testing - 1);
    assert_null(memmem(b.p, b.n, " test=", 6));
}

/* The largest policy there can be. */
static void a_policy_of_64_kilobytes_fits(void **state)
{
    (void)state;
    static char body[WW_POLICY_BODY_MAX + 1];
    struct ww_buf b = ww_buf(body, WW_POLICY_BODY_MAX);
    ww_buf_str(&b, "version:STSv1\nmode:enforce\nmax_age:1\n");
    size_t mx = 0;
    while (b.cap - b.n >= 5) {
        ww_buf_str(&b, "mx:a\n");
        mx++;
    }
    const struct put_case c = {
        .policy = body, .settings = {.use = WW_DANE_OFF}, .rule = WW_RULE_DOMAIN_ENFORCED};
    struct ww_buf text = put(&c, sizeof room);
    struct ww_decision_text t;
    size_t offset;
    assert_int_equal(ww_decision_text_parse(text.p, text.n, &t, &offset), WW_OK);
    assert_int_equal(t.level, WW_LEVEL_SECURE);
    assert_int_equal(t.mx_count, mx);
}

#define HEAD "v=1 domain=a.de level=secure source=live"

static const struct read_case {
    const char *text;
    enum ww_err err;
    size_t offset;
} read_cases[] = {
    {HEAD, WW_OK, sizeof HEAD - 1},
    {HEAD " colour=blue n=\"a b\"", WW_OK, sizeof HEAD + 19}, /* of a later version */
    {HEAD " why=\"a \\\"b\"", WW_E_DECISION_TEXT, 48},
    {HEAD " why=\"\\034\\092\"", WW_OK, sizeof HEAD + 14},
    {HEAD " why=\\256", WW_E_DECISION_TEXT, 45},
    {HEAD " why=\\03", WW_E_DECISION_TEXT, 45},
    {HEAD " why=\"open", WW_E_DECISION_TEXT, 50},
    {HEAD " why=", WW_E_DECISION_TEXT, 45},
    {HEAD " why=\"\"", WW_E_DECISION_TEXT, 47},
    {HEAD " why=a\"b", WW_E_DECISION_TEXT, 46},
    {HEAD " why=a\tb", WW_E_DECISION_TEXT, 46},
    {HEAD " why=\xc3\xa4", WW_E_DECISION_TEXT, 45},
    {HEAD " why", WW_E_DECISION_TEXT, 44},
    {HEAD " Why=a", WW_E_DECISION_TEXT, 41},
    {HEAD " =a", WW_E_DECISION_TEXT, 41},
    {HEAD " ", WW_E_DECISION_TEXT, 40},
    {HEAD "  why=a", WW_E_DECISION_TEXT, 41},
    {"", WW_E_DECISION_TEXT, 0},
    {"{\"domain\":\"a.de\"}", WW_E_DECISION_TEXT, 0},
    {"domain=a.de level=none source=live v=1", WW_E_DECISION_TEXT, 0},
    {"v=2 domain=a.de", WW_E_DECISION_VERSION, 0},
    {"v=1", WW_E_DECISION_TEXT, 3},
    {"v=1 domain=a.de source=live", WW_E_DECISION_TEXT, 27},
    {"v=1 domain=a.de level=none", WW_E_DECISION_TEXT, 26},
    {"v=1 level=none source=live", WW_E_DECISION_TEXT, 26},
    {HEAD " v=1", WW_E_DECISION_TEXT, 41},
    {HEAD " level=none", WW_E_DECISION_TEXT, 41},
    {"v=1 domain=A.de level=none source=live", WW_E_DECISION_TEXT, 4},
    {"v=1 domain=a..de level=none source=live", WW_E_DECISION_TEXT, 4},
    {"v=1 domain=a.de level=paranoid source=live", WW_E_DECISION_TEXT, 16},
    {"v=1 domain=a.de level=none source=rumour", WW_E_DECISION_TEXT, 27},
    {HEAD " mode=strict", WW_E_DECISION_TEXT, 41},
    {HEAD " mode=none id=0123456789012345678901234567890123", WW_E_DECISION_TEXT, 51},
    {HEAD " id=7", WW_E_DECISION_TEXT, 45}, /* of no policy */
    {HEAD " expires=2026-11-30T00:00:00Z", WW_E_DECISION_TEXT, 69},
    {"v=1 domain=a.de level=secure source=preload expires=2026-11-30T00:00:00Z", WW_OK, 72},
    {"v=1 domain=a.de level=secure source=preload id=7", WW_E_DECISION_TEXT, 48}, /* a list has none */
    {HEAD " mode=none expires=tomorrow", WW_E_DECISION_TEXT, 51},
    {HEAD " until=1", WW_E_DECISION_TEXT, 41},
    {HEAD " override=none", WW_E_DECISION_TEXT, 41},
    {HEAD " dane=perhaps", WW_E_DECISION_TEXT, 41},
    {HEAD " host=a.de/none", WW_E_DECISION_TEXT, 55}, /* without dane=secure */
    {HEAD " dane=insecure host=a.de/none", WW_E_DECISION_TEXT, 69},
    {HEAD " dane=secure host=a.de", WW_E_DECISION_TEXT, 53},
    {HEAD " dane=secure host=A.de/none", WW_E_DECISION_TEXT, 53},
    {HEAD " dane=secure host=a.de/well", WW_E_DECISION_TEXT, 53},
    {HEAD " more=no", WW_E_DECISION_TEXT, 41},
    {HEAD " conflict=sts", WW_E_DECISION_TEXT, 41},
    {HEAD " mx=a*.de", WW_E_DECISION_TEXT, 41},
    {HEAD " mx=a.de test=b.de", WW_E_DECISION_TEXT, 58},
    {HEAD " test=b.de", WW_E_DECISION_TEXT, 50}, /* where more than a test is demanded */
    {"v=1 domain=a.de level=secure source=preload expires=2026-11-30T00:00:00Z mx=a.de", WW_OK, 80},
    {"v=1 domain=a.de level=secure source=preload id=7 mx=a.de", WW_E_DECISION_TEXT, 56},
    {"v=1 domain=a.de level=secure source=override override=secure expires=2026-11-30T00:00:00Z", WW_OK, 89},
    {HEAD " withheld=secure", WW_E_DECISION_TEXT, 56},
    /* Patterns that nobody demands would be overlooked, or obeyed, by chance. */
    {"v=1 domain=a.de level=none source=live mx=a.de", WW_E_DECISION_TEXT, 46},
    {"v=1 domain=a.de level=testing source=live mx=a.de", WW_E_DECISION_TEXT, 49},
    {"v=1 domain=a.de level=may source=live mx=a.de", WW_E_DECISION_TEXT, 45},
};

static void reads_strictly(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(read_cases); i++) {
        const struct read_case *c = &read_cases[i];
        struct ww_decision_text t;
        size_t offset;
        enum ww_err err = ww_decision_text_parse(c->text, strlen(c->text), &t, &offset);
        if (err != c->err || offset != c->offset)
            fail_msg("%s: %s at %zu", c->text, ww_err_id(err), offset);
    }
}

static void reads_no_more_than_its_limits(void **state)
{
    (void)state;
    struct ww_buf b = ww_buf(room, sizeof room);
    struct ww_decision_text t;
    size_t offset;
    ww_buf_str(&b, HEAD " dane=secure");
    for (int i = 0; i < WW_DANE_HOSTS_MAX; i++)
        ww_buf_str(&b, " host=a.de/none");
    assert_int_equal(ww_decision_text_parse(b.p, b.n, &t, &offset), WW_OK);
    ww_buf_str(&b, " host=a.de/none");
    assert_int_equal(ww_decision_text_parse(b.p, b.n, &t, &offset), WW_E_DECISION_TEXT);
    char *large = malloc(WW_DECISION_TEXT_MAX + 1);
    assert_non_null(large);
    memset(large, 'x', WW_DECISION_TEXT_MAX + 1);
    memcpy(large, HEAD " why=", sizeof HEAD + 4);
    assert_int_equal(ww_decision_text_parse(large, WW_DECISION_TEXT_MAX, &t, &offset), WW_OK);
    assert_int_equal(ww_decision_text_parse(large, WW_DECISION_TEXT_MAX + 1, &t, &offset),
                     WW_E_DECISION_TEXT);
    free(large);
}

static void escapes_are_undone(void **state)
{
    (void)state;
    static const char text[] = HEAD " why=\"say \\034a\\092b\\034\"";
    char plain[32];
    struct ww_decision_text t;
    size_t offset;
    struct ww_buf b = ww_buf(plain, sizeof plain);
    assert_int_equal(ww_decision_text_parse(text, sizeof text - 1, &t, &offset), WW_OK);
    ww_decision_text_plain(&b, t.why);
    assert_true(ww_slice_is(ww_slice(b.p, b.n), "say \"a\\b\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_all_that_was_decided),
        cmocka_unit_test(what_was_put_is_read),
        cmocka_unit_test(reads_what_a_list_says),
        cmocka_unit_test(more_patterns_than_fit_hold_the_mail),
        cmocka_unit_test(a_tested_policy_is_told_without_them),
        cmocka_unit_test(a_policy_of_64_kilobytes_fits),
        cmocka_unit_test(reads_strictly),
        cmocka_unit_test(reads_no_more_than_its_limits),
        cmocka_unit_test(escapes_are_undone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
