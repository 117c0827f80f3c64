#include "core/sendmail.h"

#include "core/domain_decision.h"
#include "core/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static char text[WW_SENDMAIL_REPLY_MAX + 1];

static struct ww_decision policy_decision(const char *body, struct ww_policy *policy,
                                          const struct ww_override *override)
{
    size_t offset;
    enum ww_err e = body != NULL ? ww_policy_parse(body, strlen(body), policy, &offset) : WW_OK;
    if (e != WW_OK)
        fail_msg("%s", ww_err_id(e));
    return ww_decide("d.example", body != NULL ? policy : NULL, override);
}

static const char *reply(const struct ww_decision *d, bool dry_run)
{
    struct ww_buf b = ww_buf(text, WW_SENDMAIL_REPLY_MAX);
    ww_sendmail_reply(&b, d, dry_run);
    assert_false(b.failed);
    text[b.n] = '\0';
    return text;
}

static const char *mx_reply(const struct ww_decision *d, const char *host, bool dry_run)
{
    struct ww_buf b = ww_buf(text, WW_SENDMAIL_REPLY_MAX);
    ww_sendmail_mx_reply(&b, d, ww_slice_str(host), dry_run);
    assert_false(b.failed);
    text[b.n] = '\0';
    return text;
}

#define STS(mode, mx) "version: STSv1\nmode: " mode "\n" mx "max_age: 1\n"
#define MX "mx: MX1.d.example\nmx: *.Mail.example\n"
#define SECURE(match) "OK secure match=" match " servername=hostname"

static const struct ww_override may = {.key = "d.example", .level = WW_OVERRIDE_MAY, .mx = ""};
static const struct ww_override off = {.key = "d.example", .level = WW_OVERRIDE_OFF, .mx = ""};
static const struct ww_override encrypt = {.key = "d.example", .level = WW_OVERRIDE_ENCRYPT, .mx = ""};
static const struct ww_override bare = {.key = "d.example", .level = WW_OVERRIDE_SECURE, .mx = ""};
static const struct ww_override own = {
    .key = "d.example", .level = WW_OVERRIDE_SECURE, .mx = "a.example *.b.example"};
static const struct ww_override testing = {
    .key = "d.example", .level = WW_OVERRIDE_ENFORCE_TESTING, .mx = ""};

static const struct {
    const char *body;
    const struct ww_override *override;
    const char *reply;
} cases[] = {
    {STS("enforce", MX), NULL, SECURE("mx1.d.example:.mail.example")},
    {STS("testing", MX), NULL, "NOTFOUND "},
    {STS("none", ""), NULL, "NOTFOUND "},
    {NULL, NULL, "NOTFOUND "},
    {STS("enforce", MX), &may, "NOTFOUND "},
    {STS("enforce", MX), &off, "NOTFOUND "},
    {STS("enforce", MX), &encrypt, "OK encrypt secure servername=hostname"},
    {STS("enforce", MX), &bare, SECURE("mx1.d.example:.mail.example")},
    {STS("enforce", MX), &own, SECURE("a.example:.b.example")},
    {STS("testing", MX), &testing, SECURE("mx1.d.example:.mail.example")},
    {NULL, &own, SECURE("a.example:.b.example")},
    {NULL, &bare, SECURE("d.example:.d.example")},
};

static void says_what_was_decided(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_policy policy;
        const struct ww_decision d = policy_decision(cases[i].body, &policy, cases[i].override);
        assert_string_equal(reply(&d, false), cases[i].reply);
        assert_string_equal(reply(&d, true), "NOTFOUND ");
    }
}

#define LISTED "\015MX1.d.example\016*.Mail.example"

/* As front asks: this MTA cannot do DANE. */
static void says_what_a_preload_list_comes_to(void **state)
{
    (void)state;
    static const struct ww_domain_host hosts[] = {{"mx1.d.example", WW_DANE_SECURE_USABLE}};
    static const struct ww_domain_dane usable = {.mx = WW_DOMAIN_MX_SECURE, .hosts = hosts, .count = 1};
    static const struct {
        enum ww_policy_mode mode;
        const struct ww_domain_dane *dane;
        const struct ww_override *override;
        const char *reply, *named, *other;
    } rows[] = {
        {WW_MODE_ENFORCE, NULL, NULL, SECURE("mx1.d.example:.mail.example"), "OK secure", "NOTFOUND "},
        {WW_MODE_ENFORCE, &usable, NULL, SECURE("mx1.d.example:.mail.example"), "OK secure", "NOTFOUND "},
        {WW_MODE_ENFORCE, NULL, &may, "NOTFOUND ", "OK none", "OK none"},
        {WW_MODE_ENFORCE, NULL, &bare, SECURE("mx1.d.example:.mail.example"), "OK secure", "NOTFOUND "},
        {WW_MODE_TESTING, NULL, NULL, "NOTFOUND ", "OK none", "OK none"},
        {WW_MODE_TESTING, &usable, NULL, "OK encrypt secure servername=hostname", "OK encrypt", "OK encrypt"},
        {WW_MODE_TESTING, NULL, &testing, SECURE("mx1.d.example:.mail.example"), "OK secure", "NOTFOUND "},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct ww_preload_entry listed = {
            .mode = rows[i].mode, .mx_count = 2, .mx = {LISTED, sizeof LISTED - 1}};
        const struct ww_domain_case c = {.domain = "d.example",
                                         .listed = &listed,
                                         .override = rows[i].override,
                                         .dane = rows[i].dane,
                                         .settings = {.use = WW_DANE_BLIND}};
        const struct ww_decision d = ww_domain_decide(&c);
        assert_string_equal(reply(&d, false), rows[i].reply);
        assert_string_equal(mx_reply(&d, "mx1.d.example", false), rows[i].named);
        assert_string_equal(mx_reply(&d, "mx2.d.example", false), rows[i].other);
        assert_string_equal(mx_reply(&d, "mx2.d.example", true), "OK none");
    }
}

#define FORGED "TEMP d.example: its MX records are forged"
#define NO_DANE "TEMP d.example: Sendmail cannot do DANE"

static const struct {
    enum ww_level level;
    const char *reply;
    const char *mx_reply;
} levels[] = {
    {WW_LEVEL_NONE, "NOTFOUND ", "OK none"},
    {WW_LEVEL_TESTING, "NOTFOUND ", "OK none"},
    {WW_LEVEL_MAY, "NOTFOUND ", "OK none"},
    {WW_LEVEL_ENCRYPT, "OK encrypt secure servername=hostname", "OK encrypt"},
    {WW_LEVEL_HOLD, FORGED, FORGED},
    {WW_LEVEL_DANE, NO_DANE, NO_DANE},
    {WW_LEVEL_DANE_ONLY, NO_DANE, NO_DANE},
};

static void has_an_answer_for_each_level(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(levels); i++) {
        const struct ww_decision d = {
            .level = levels[i].level, .domain = "d.example", .reason = "its MX records are forged"};
        assert_string_equal(reply(&d, false), levels[i].reply);
        assert_string_equal(mx_reply(&d, "d.example", false), levels[i].mx_reply);
    }
}

/* A policy of patterns that together, with a colon between two, are so many octets. */
static const char *policy_of(size_t octets)
{
    static char body[1000];
    char *at = stpcpy(body, "version: STSv1\nmode: enforce\nmax_age: 1\n");
    for (size_t left = octets; left > 0;) {
        size_t n = left > 60 ? 50 : left;
        at += sprintf(at, "mx: %0*d.e\n", (int)n - 2, 0);
        left -= left > 60 ? n + 1 : n;
    }
    return body;
}

/* Sendmail cuts the list at 255 octets without a word. */
static void asks_to_be_asked_where_the_list_is_too_long(void **state)
{
    (void)state;
    struct ww_policy policy;
    struct ww_decision d = policy_decision(policy_of(WW_SENDMAIL_MATCH_MAX), &policy, NULL);
    assert_int_equal(strlen(reply(&d, false)), strlen(SECURE("")) + WW_SENDMAIL_MATCH_MAX);
    d = policy_decision(policy_of(WW_SENDMAIL_MATCH_MAX + 1), &policy, NULL);
    assert_string_equal(reply(&d, false), SECURE("-ask-"));
}

static const struct {
    const char *body;
    const struct ww_override *override;
    const char *host;
    const char *reply;
} host_cases[] = {
    {STS("enforce", MX), NULL, "mx1.d.example", "OK secure"},
    {STS("enforce", MX), NULL, "mx2.d.example", "NOTFOUND "},
    {STS("enforce", MX), NULL, "a.mail.example", "OK secure"},
    {STS("enforce", MX), NULL, "a.b.mail.example", "NOTFOUND "},
    {STS("enforce", MX), NULL, "mail.example", "NOTFOUND "},
    {STS("enforce", MX), NULL, "-ask-", "NOTFOUND "},
    {STS("enforce", MX), NULL, "", "NOTFOUND "},
    {STS("testing", MX), NULL, "mx2.d.example", "OK none"},
    {STS("testing", MX), &testing, "mx2.d.example", "NOTFOUND "},
    {NULL, NULL, "", "OK none"},
    {STS("enforce", MX), &may, "mx2.d.example", "OK none"},
    {STS("enforce", MX), &encrypt, "mx2.d.example", "OK encrypt"},
    {STS("enforce", MX), &own, "mx1.d.example", "NOTFOUND "},
    {STS("enforce", MX), &own, "x.b.example", "OK secure"},
    {NULL, &bare, "d.example", "OK secure"},
    {NULL, &bare, "mx.d.example", "OK secure"},
    {NULL, &bare, "a.mx.d.example", "NOTFOUND "},
    {NULL, &bare, "mx.e.example", "NOTFOUND "},
};

static void says_whether_a_host_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(host_cases); i++) {
        struct ww_policy policy;
        const struct ww_decision d = policy_decision(host_cases[i].body, &policy, host_cases[i].override);
        assert_string_equal(mx_reply(&d, host_cases[i].host, false), host_cases[i].reply);
        assert_string_equal(mx_reply(&d, host_cases[i].host, true), "OK none");
    }
}

static void reads_a_key(void **state)
{
    static const struct {
        const char *key;
        const char *host; /* NULL: there is none */
        const char *domain;
    } keys[] = {
        {"mx.d.example@d.example", "mx.d.example", "d.example"},
        {"a@b@c", "a@b", "c"},
        {"@d.example", "", "d.example"},
        {"mx.d.example@", "mx.d.example", ""},
        {"d.example", NULL, NULL},
        {"", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(keys); i++) {
        struct ww_slice host, domain;
        assert_int_equal(ww_sendmail_key(ww_slice_str(keys[i].key), &host, &domain), keys[i].host != NULL);
        if (keys[i].host == NULL)
            continue;
        assert_true(ww_slice_is(host, keys[i].host));
        assert_true(ww_slice_is(domain, keys[i].domain));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_was_decided),
        cmocka_unit_test(says_what_a_preload_list_comes_to),
        cmocka_unit_test(has_an_answer_for_each_level),
        cmocka_unit_test(asks_to_be_asked_where_the_list_is_too_long),
        cmocka_unit_test(says_whether_a_host_is_named),
        cmocka_unit_test(reads_a_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
