#include "core/domain_decision.h"
#include "core/netstring.h"
#include "core/postfix.h"
#include "core/socketmap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static char room[WW_SOCKETMAP_REPLY_MAX];

static const struct ww_postfix_style plain = {.tlsrpt = false};
static const struct ww_postfix_style plain_may = {.tlsrpt = false, .testing_may = true};
static const struct ww_postfix_style tlsrpt = {.tlsrpt = true};
static const struct ww_postfix_style tlsrpt_may = {.tlsrpt = true, .testing_may = true};

/* The answer for the policy of a domain. */
static struct ww_buf answer(const char *domain, struct ww_slice body, const struct ww_postfix_style *style)
{
    struct ww_policy policy;
    size_t offset;
    enum ww_err e = ww_policy_parse(body.p, body.n, &policy, &offset);
    if (e != WW_OK)
        fail_msg("%s at %zu", ww_err_id(e), offset);
    struct ww_decision d = ww_decide(domain, &policy, NULL);
    struct ww_buf b = ww_buf(room, sizeof room);
    ww_postfix_reply(&b, &d, style);
    assert_false(b.failed);
    return b;
}

static bool contains(const struct ww_buf *b, const char *what)
{
    return memmem(b->p, b->n, what, strlen(what)) != NULL;
}

static bool starts(const struct ww_buf *b, const char *what)
{
    return b->n >= strlen(what) && memcmp(b->p, what, strlen(what)) == 0;
}

/* The policy of RFC 8461 section 3.2. */
#define RFC_POLICY                                                                     \
    "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\n" \
    "mx: backupmx.example.com\r\nmax_age: 604800\r\n"

static void gives_the_example_octet_for_octet(void **state)
{
    static const char expected[] =
        "457:OK secure match=mail.example.com:.example.net:backupmx.example.com servername=hostname "
        "policy_type=sts policy_domain=example.com mx_host_pattern=mail.example.com "
        "mx_host_pattern=*.example.net mx_host_pattern=backupmx.example.com "
        "{ policy_string = version: STSv1 } { policy_string = mode: enforce } "
        "{ policy_string = mx: mail.example.com } { policy_string = mx: *.example.net } "
        "{ policy_string = mx: backupmx.example.com } { policy_string = max_age: 604800 },";
    (void)state;
    struct ww_buf b = answer("example.com", ww_slice_str(RFC_POLICY), &tlsrpt);
    char framed[600];
    struct ww_buf f = ww_buf(framed, sizeof framed);
    ww_netstring_put(&f, ww_slice(b.p, b.n));
    assert_int_equal(f.n, strlen(expected));
    assert_memory_equal(f.p, expected, f.n);
}

#define STS(mode) "version: STSv1\nmode: " mode "\nmx: a.b\nmax_age: 1\n"
#define STS_ATTRIBUTES(mode)                                                                     \
    " policy_type=sts policy_domain=d.e mx_host_pattern=a.b { policy_string = version: STSv1 } " \
    "{ policy_string = mode: " mode " } { policy_string = mx: a.b } { policy_string = max_age: 1 }"

static const struct {
    const char *body;
    const struct ww_postfix_style *style;
    const char *reply;
} style_cases[] = {
    {STS("enforce"), &plain, "OK secure match=a.b servername=hostname"},
    {STS("enforce"), &plain_may, "OK secure match=a.b servername=hostname"},
    {STS("enforce"), &tlsrpt, "OK secure match=a.b servername=hostname" STS_ATTRIBUTES("enforce")},
    {STS("enforce"), &tlsrpt_may, "OK secure match=a.b servername=hostname" STS_ATTRIBUTES("enforce")},
    {STS("testing"), &plain, "NOTFOUND "},
    {STS("testing"), &plain_may, "NOTFOUND "},
    {STS("testing"), &tlsrpt, "NOTFOUND "},
    {STS("testing"), &tlsrpt_may, "OK may" STS_ATTRIBUTES("testing")},
    {STS("none"), &plain, "NOTFOUND "},
    {STS("none"), &tlsrpt, "NOTFOUND "},
    {STS("none"), &tlsrpt_may, "NOTFOUND "},
};

static void follows_level_and_style(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(style_cases); i++) {
        struct ww_buf b = answer("d.e", ww_slice_str(style_cases[i].body), style_cases[i].style);
        if (!ww_slice_is(ww_slice(b.p, b.n), style_cases[i].reply))
            fail_msg("case %zu: %.*s", i, (int)b.n, b.p);
    }
}

static const struct ww_postfix_style dry = {.tlsrpt = true, .testing_may = true, .dry_run = true};

/* A demand of an override is told without attributes, unless a policy is what is applied. */
static const struct {
    enum ww_override_level level;
    const char *mx;
    const char *body;
    const struct ww_postfix_style *style;
    const char *reply;
} override_cases[] = {
    {WW_OVERRIDE_OFF, "", STS("enforce"), &tlsrpt_may, "NOTFOUND "},
    {WW_OVERRIDE_MAY, "", STS("enforce"), &plain, "OK may"},
    {WW_OVERRIDE_MAY, "", STS("enforce"), &tlsrpt_may, "OK may"},
    {WW_OVERRIDE_ENCRYPT, "", STS("enforce"), &plain, "OK encrypt"},
    {WW_OVERRIDE_ENCRYPT, "", STS("enforce"), &tlsrpt, "OK encrypt"},
    {WW_OVERRIDE_SECURE, "", STS("enforce"), &tlsrpt,
     "OK secure match=a.b servername=hostname" STS_ATTRIBUTES("enforce")},
    {WW_OVERRIDE_SECURE, "", STS("testing"), &plain, "OK secure match=a.b servername=hostname"},
    {WW_OVERRIDE_SECURE, "", STS("testing"), &tlsrpt,
     "OK secure match=a.b servername=hostname" STS_ATTRIBUTES("testing")},
    {WW_OVERRIDE_SECURE, "", STS("none"), &tlsrpt, "OK secure servername=hostname"},
    {WW_OVERRIDE_SECURE, "", NULL, &plain, "OK secure servername=hostname"},
    {WW_OVERRIDE_SECURE, "C.d *.e.f", STS("enforce"), &tlsrpt,
     "OK secure match=c.d:.e.f servername=hostname"},
    {WW_OVERRIDE_SECURE, "c.d", NULL, &plain, "OK secure match=c.d servername=hostname"},
    {WW_OVERRIDE_ENFORCE_TESTING, "", STS("testing"), &tlsrpt,
     "OK secure match=a.b servername=hostname" STS_ATTRIBUTES("testing")},
    {WW_OVERRIDE_ENFORCE_TESTING, "", STS("none"), &tlsrpt, "NOTFOUND "},
    {WW_OVERRIDE_ENFORCE_TESTING, "", NULL, &tlsrpt, "NOTFOUND "},
    {WW_OVERRIDE_SECURE, "c.d", STS("enforce"), &dry, "NOTFOUND "},
    {WW_OVERRIDE_ENCRYPT, "", NULL, &dry, "NOTFOUND "},
    {WW_OVERRIDE_MAY, "", NULL, &dry, "NOTFOUND "},
    {WW_OVERRIDE_ENFORCE_TESTING, "", STS("enforce"), &dry, "NOTFOUND "},
};

static void tells_overrides(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(override_cases); i++) {
        const struct ww_override o = {.key = ".e",
                                      .level = override_cases[i].level,
                                      .mx = override_cases[i].mx,
                                      .reason = "",
                                      .who = ""};
        const char *body = override_cases[i].body;
        struct ww_policy policy;
        size_t offset;
        if (body != NULL)
            assert_int_equal(ww_policy_parse(body, strlen(body), &policy, &offset), WW_OK);
        struct ww_decision d = ww_decide("d.e", body != NULL ? &policy : NULL, &o);
        struct ww_buf b = ww_buf(room, sizeof room);
        ww_postfix_reply(&b, &d, override_cases[i].style);
        if (b.failed || !ww_slice_is(ww_slice(b.p, b.n), override_cases[i].reply))
            fail_msg("case %zu: %.*s", i, (int)b.n, b.p);
    }
}

static const struct {
    struct ww_domain_host hosts[2];
    enum ww_domain_mx mx;
    const char *body;
    const struct ww_postfix_style *style;
    const char *reply;
} dane_cases[] = {
    {{{"a.b", WW_DANE_SECURE_USABLE}, {"b.b", WW_DANE_SECURE_USABLE}},
     WW_DOMAIN_MX_SECURE,
     STS("enforce"),
     &tlsrpt,
     "OK dane-only"},
    {{{"a.b", WW_DANE_SECURE_USABLE}, {"b.b", WW_DANE_SECURE_USABLE}},
     WW_DOMAIN_MX_SECURE,
     STS("testing"),
     &tlsrpt_may,
     "OK dane-only"},
    {{{"a.b", WW_DANE_SECURE_USABLE}, {"b.b", WW_DANE_NONE}},
     WW_DOMAIN_MX_SECURE,
     STS("testing"),
     &tlsrpt_may,
     "OK dane"},
    {{{"a.b", WW_DANE_SECURE_USABLE}, {"b.b", WW_DANE_NONE}}, WW_DOMAIN_MX_SECURE, NULL, &plain, "OK dane"},
    {{{"a.b", WW_DANE_SECURE_UNUSABLE}, {"b.b", WW_DANE_SECURE_UNUSABLE}},
     WW_DOMAIN_MX_SECURE,
     STS("testing"),
     &tlsrpt_may,
     "OK encrypt"},
    /* Patterns and match= are those of the one host that is left; the policy's lines are as published. */
    {{{"c.b", WW_DANE_BOGUS}, {"a.b", WW_DANE_NONE}},
     WW_DOMAIN_MX_SECURE,
     "version: STSv1\nmode: enforce\nmx: *.b\nmax_age: 1\n",
     &tlsrpt,
     "OK secure match=a.b servername=hostname policy_type=sts policy_domain=d.e mx_host_pattern=a.b "
     "{ policy_string = version: STSv1 } { policy_string = mode: enforce } { policy_string = mx: *.b } "
     "{ policy_string = max_age: 1 }"},
    {{{"c.b", WW_DANE_BOGUS}, {"a.b", WW_DANE_NONE}},
     WW_DOMAIN_MX_SECURE,
     "version: STSv1\nmode: enforce\nmx: *.b\nmax_age: 1\n",
     &plain,
     "OK secure match=a.b servername=hostname"},
    {{{"c.b", WW_DANE_SECURE_USABLE}, {"d.b", WW_DANE_SECURE_USABLE}},
     WW_DOMAIN_MX_SECURE,
     STS("enforce"),
     &tlsrpt,
     "TEMP d.e: DANE has none of the MX hosts that the enforced MTA-STS policy names"},
    {{{"a.b", WW_DANE_NONE}, {"b.b", WW_DANE_NONE}},
     WW_DOMAIN_MX_BOGUS,
     NULL,
     &plain,
     "TEMP d.e: the answer about its MX hosts does not stand up to DNSSEC"},
    {{{"a.b", WW_DANE_SECURE_USABLE}, {"b.b", WW_DANE_SECURE_USABLE}},
     WW_DOMAIN_MX_SECURE,
     STS("enforce"),
     &dry,
     "NOTFOUND "},
};

/* Postfix tells a report of TLSA records by itself, and takes no policy_type for them. */
static void tells_dane_levels_without_attributes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(dane_cases); i++) {
        const char *body = dane_cases[i].body;
        struct ww_policy policy;
        size_t offset;
        if (body != NULL)
            assert_int_equal(ww_policy_parse(body, strlen(body), &policy, &offset), WW_OK);
        const struct ww_domain_dane dane = {.mx = dane_cases[i].mx, .hosts = dane_cases[i].hosts, .count = 2};
        const struct ww_domain_case c = {.domain = "d.e",
                                         .policy = body != NULL ? &policy : NULL,
                                         .dane = &dane,
                                         .settings = {.use = WW_DANE_ON}};
        const struct ww_decision d = ww_domain_decide(&c);
        struct ww_buf b = ww_buf(room, sizeof room);
        ww_postfix_reply(&b, &d, dane_cases[i].style);
        if (b.failed || !ww_slice_is(ww_slice(b.p, b.n), dane_cases[i].reply))
            fail_msg("case %zu: %.*s", i, (int)b.n, b.p);
    }
}

/* Not even a policy that cannot be told to Postfix holds mail in a dry run. */
static void holds_nothing_in_a_dry_run(void **state)
{
    (void)state;
    struct ww_policy policy = {.mode = WW_MODE_ENFORCE};
    struct ww_decision d = ww_decide("d.e", &policy, NULL);
    assert_int_equal(d.level, WW_LEVEL_HOLD);
    struct ww_buf b = ww_buf(room, sizeof room);
    ww_postfix_reply(&b, &d, &dry);
    assert_true(ww_slice_is(ww_slice(b.p, b.n), "NOTFOUND "));
}

static const struct {
    const char *line;  /* among those of a good policy */
    const char *there; /* in the reply, or NULL */
    const char *not_there;
} line_cases[] = {
    {"mx: MX.Example.COM", "match=a.b:mx.example.com servername", NULL},
    {"mx: MX.Example.COM", "mx_host_pattern=MX.Example.COM ", NULL},
    {"mx: MX.Example.COM", "{ policy_string = mx: MX.Example.COM }", NULL},
    {"mx: *.EXAMPLE.net", "match=a.b:.example.net servername", "=.example.net"},
    {"mx: a.b", "match=a.b:a.b servername", NULL},
    {"mx:\t\tc.d\t ", "{ policy_string = mx:  c.d }", "\t"},
    {"mode: none", "{ policy_string = mode: none }", NULL},
    {"x: two  words, and=more", "{ policy_string = x: two  words, and=more }", NULL},
    {"x: \"quoted\\\" $value", "{ policy_string = x: \"quoted\\\" $value }", NULL},
    {"x: } match=evil", NULL, "evil"},
    {"x: { match=evil", NULL, "evil"},
    {"x: {evil}", NULL, "evil"},
    {"x: a } policy_failure=validation-failure {", NULL, "policy_failure"},
    {"x: caf\xc3\xa9", NULL, "caf"},
};

static void sends_only_lines_that_stay_inside_their_braces(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(line_cases); i++) {
        char body[256];
        struct ww_buf text = ww_buf(body, sizeof body);
        ww_buf_str(&text, STS("enforce"));
        ww_buf_str(&text, line_cases[i].line);
        ww_buf_str(&text, "\nx2: last\n");
        struct ww_buf b = answer("d.e", ww_slice(text.p, text.n), &tlsrpt);
        if (!contains(&b, "{ policy_string = x2: last }") ||
            (line_cases[i].there != NULL && !contains(&b, line_cases[i].there)) ||
            (line_cases[i].not_there != NULL && contains(&b, line_cases[i].not_there)))
            fail_msg("case %zu: %.*s", i, (int)b.n, b.p);
    }
}

/* A policy with so many mx lines and so many octets in extensions. */
static struct ww_slice big_policy(const char *mode, size_t mx, size_t extension)
{
    static char body[WW_POLICY_BODY_MAX];
    struct ww_buf b = ww_buf(body, sizeof body);
    ww_buf_str(&b, "version:STSv1\nmax_age:1\nmode:");
    ww_buf_str(&b, mode);
    for (size_t i = 0; i < mx; i++)
        ww_buf_str(&b, "\nmx:a.b");
    for (size_t i = 0; i < extension; i++)
        ww_buf_str(&b, i == 0 ? "\nx:e" : "e");
    assert_false(b.failed);
    return ww_slice(b.p, b.n);
}

static void drops_policy_strings_first(void **state)
{
    (void)state;
    /* Each pattern is 4 octets of match, 20 of mx_host_pattern and 27 of policy_string. */
    struct ww_buf b = answer("d.e", big_policy("enforce", 1900, 0), &tlsrpt);
    assert_true(starts(&b, "OK secure match=a.b:"));
    assert_true(contains(&b, "{ policy_string"));
    b = answer("d.e", big_policy("enforce", 2100, 0), &tlsrpt);
    assert_true(starts(&b, "OK secure match=a.b:"));
    assert_true(contains(&b, "mx_host_pattern=a.b"));
    assert_false(contains(&b, "policy_string"));
}

static void fills_a_reply_to_the_last_octet(void **state)
{
    (void)state;
    size_t strings_begin = 0;
    bool full = false;
    for (size_t extension = 1; extension < 2000; extension++) {
        struct ww_buf b = answer("d.e", big_policy("enforce", 1940, extension), &tlsrpt);
        if (!contains(&b, "policy_string")) {
            assert_true(full);
            strings_begin = extension;
            break;
        }
        full = b.n == WW_SOCKETMAP_REPLY_MAX;
    }
    assert_int_not_equal(strings_begin, 0);
}

static void holds_mail_when_the_patterns_do_not_fit(void **state)
{
    static const char reason[] = "TEMP d.e: its MTA-STS policy lists more MX hosts than Postfix can be told";
    (void)state;
    struct ww_buf b = answer("d.e", big_policy("enforce", 4200, 0), &tlsrpt);
    assert_true(ww_slice_is(ww_slice(b.p, b.n), reason));
    /* Without the patterns there is room for all that a policy can hold. */
    b = answer("d.e", big_policy("enforce", 9000, 0), &plain);
    assert_true(starts(&b, "OK secure match=a.b:"));
    /* A testing policy never holds mail. */
    b = answer("d.e", big_policy("testing", 6000, 0), &tlsrpt_may);
    assert_true(ww_slice_is(ww_slice(b.p, b.n), "NOTFOUND "));
}

static void keeps_reasons_below_what_postfix_logs(void **state)
{
    (void)state;
    char domain[254];
    memset(domain, 'a', sizeof domain);
    memcpy(domain + sizeof domain - 13, ".example.com", 13);
    struct ww_buf b = answer(domain, big_policy("enforce", 4200, 0), &tlsrpt);
    assert_true(starts(&b, "TEMP ..."));
    assert_true(contains(&b, ".example.com: its MTA-STS policy"));
    assert_true(b.n - strlen("TEMP ") < 200);

    struct ww_policy policy = {.mode = WW_MODE_ENFORCE};
    struct ww_decision d = ww_decide(domain, &policy, NULL);
    b = ww_buf(room, sizeof room);
    ww_postfix_reply(&b, &d, &plain);
    assert_true(starts(&b, "TEMP ..."));
    assert_true(contains(&b, ".example.com: the enforced MTA-STS policy lists no MX host"));
    assert_true(b.n - strlen("TEMP ") < 200);
}

/* Whatever braces and strange octets have around them, and however long the line is. */
static void leaves_out_an_octet_wherever_it_stands(void **state)
{
    (void)state;
    for (size_t length = 1; length <= 20; length++) {
        for (size_t at = 0; at < length; at++) {
            for (int c = '!'; c <= '~'; c++) {
                char body[128], line[64], value[24] = "";
                memset(value, 'z', length);
                value[at] = (char)c;
                snprintf(line, sizeof line, "{ policy_string = x: %s }", value);
                snprintf(body, sizeof body, "%sx: %s\n", STS("enforce"), value);
                struct ww_buf b = answer("d.e", ww_slice_str(body), &tlsrpt);
                if (contains(&b, line) != (c != '{' && c != '}') || !contains(&b, "max_age: 1 }"))
                    fail_msg("%s: %.*s", body, (int)b.n, b.p);
            }
        }
    }
}

static void fills_no_more_than_a_reply_of_a_larger_room(void **state)
{
    (void)state;
    static char large[2 * WW_SOCKETMAP_REPLY_MAX];
    struct ww_policy policy;
    size_t offset;
    struct ww_slice body = big_policy("enforce", 4200, 0);
    assert_int_equal(ww_policy_parse(body.p, body.n, &policy, &offset), WW_OK);
    struct ww_decision d = ww_decide("d.e", &policy, NULL);
    struct ww_buf b = ww_buf(large, sizeof large);
    ww_buf_str(&b, "before");
    ww_postfix_reply(&b, &d, &tlsrpt);
    assert_true(starts(&b, "beforeTEMP "));
}

static void writes_nothing_after_a_failure(void **state)
{
    (void)state;
    struct ww_policy policy;
    size_t offset;
    assert_int_equal(ww_policy_parse(STS("enforce"), strlen(STS("enforce")), &policy, &offset), WW_OK);
    struct ww_decision d = ww_decide("d.e", &policy, NULL);
    struct ww_buf b = ww_buf(room, sizeof room);
    b.failed = true;
    ww_postfix_reply(&b, &d, &tlsrpt);
    assert_true(b.failed);
    assert_int_equal(b.n, 0);
}

static void says_when_there_is_no_room_at_all(void **state)
{
    (void)state;
    struct ww_decision none = ww_decide("d.e", NULL, NULL);
    struct ww_buf b = ww_buf(room, 8);
    ww_postfix_reply(&b, &none, &plain);
    assert_true(b.failed);
    assert_int_equal(b.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_example_octet_for_octet),
        cmocka_unit_test(follows_level_and_style),
        cmocka_unit_test(tells_overrides),
        cmocka_unit_test(tells_dane_levels_without_attributes),
        cmocka_unit_test(holds_nothing_in_a_dry_run),
        cmocka_unit_test(sends_only_lines_that_stay_inside_their_braces),
        cmocka_unit_test(drops_policy_strings_first),
        cmocka_unit_test(fills_a_reply_to_the_last_octet),
        cmocka_unit_test(holds_mail_when_the_patterns_do_not_fit),
        cmocka_unit_test(keeps_reasons_below_what_postfix_logs),
        cmocka_unit_test(leaves_out_an_octet_wherever_it_stands),
        cmocka_unit_test(fills_no_more_than_a_reply_of_a_larger_room),
        cmocka_unit_test(writes_nothing_after_a_failure),
        cmocka_unit_test(says_when_there_is_no_room_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
