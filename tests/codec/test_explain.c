#include "codec/explain.h"
#include "core/mx_hosts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>

static char room[WW_EXPLAIN_MAX];

static struct ww_policy parsed(struct ww_slice body)
{
    struct ww_policy policy;
    size_t offset;
    assert_int_equal(ww_policy_parse(body.p, body.n, &policy, &offset), WW_OK);
    return policy;
}

static json_t *explained(const struct ww_explain *e)
{
    struct ww_buf b = ww_buf(room, sizeof room);
    json_error_t error;
    assert_int_equal(ww_explain_json(&b, e), WW_OK);
    assert_null(memchr(b.p, '\n', b.n));
    json_t *root = json_loadb(b.p, b.n, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(root);
    return root;
}

static void check(const struct ww_explain *e, const char *expected)
{
    struct ww_buf b = ww_buf(room, sizeof room);
    assert_int_equal(ww_explain_json(&b, e), WW_OK);
    if (!ww_slice_is(ww_slice(b.p, b.n), expected))
        fail_msg("%.*s", (int)b.n, b.p);
}

static void tells_of_a_policy(void **state)
{
    (void)state;
    struct ww_policy policy = parsed(
        ww_slice_str("version: STSv1\nmode: enforce\nmx: MX.a.example\nmx: *.b.example\nmax_age: 604800\n"));
    const struct ww_explain e = {
        .domain = "a.example",
        .policy = &policy,
        .id = "20261122",
        .fetched = 1795384620,
        .expires = 1795989420,
        .source = "cache",
        .last = "unchanged",
        .checked = 1795388220,
        .next_check = 1795388520,
    };
    check(&e,
          "{\"domain\":\"a.example\",\"level\":\"secure\",\"why\":\"the MTA-STS policy is "
          "enforced\",\"section\":\"RFC 8461 section "
          "5\",\"until\":\"2026-11-22T23:02:00Z\",\"source\":\"cache\",\"override\":null,\"mode\":"
          "\"enforce\","
          "\"id\":\"20261122\",\"max_age\":604800,\"fetched\":\"2026-11-22T21:57:00Z\","
          "\"expires\":\"2026-11-29T21:57:00Z\",\"mx\":[\"MX.a.example\",\"*.b.example\"],\"preload\":null,"
          "\"dane\":null,"
          "\"last\":\"unchanged\",\"error\":null,\"detail\":null,\"checked\":\"2026-11-22T22:57:00Z\","
          "\"next_check\":\"2026-11-22T23:02:00Z\",\"postfix\":{"
          "\"QUERY\":\"OK secure match=mx.a.example:.b.example servername=hostname\","
          "\"QUERYwithTLSRPT\":\"OK secure match=mx.a.example:.b.example servername=hostname policy_type=sts "
          "policy_domain=a.example mx_host_pattern=MX.a.example mx_host_pattern=*.b.example "
          "{ policy_string = version: STSv1 } { policy_string = mode: enforce } "
          "{ policy_string = mx: MX.a.example } { policy_string = mx: *.b.example } "
          "{ policy_string = max_age: 604800 "
          "}\"},\"dry_run\":false,\"would_answer\":null,\"truncated\":false}");
}

#define LIST_PATTERNS 100

static struct ww_preload_entry listed(enum ww_policy_mode mode, char *texts)
{
    for (size_t i = 0; i < LIST_PATTERNS; i++)
        memcpy(texts + i * 15, "\016*.in.a.example", 15);
    return (struct ww_preload_entry){.domain = ww_slice_str("a.example"),
                                     .mode = mode,
                                     .mx_count = LIST_PATTERNS,
                                     .alias = ww_slice_str("j\xc3\xb6rg"),
                                     .mx = ww_slice(texts, LIST_PATTERNS * 15)};
}

static void tells_what_a_preload_list_says(void **state)
{
    (void)state;
    static const char *const levels[2][2] = {{"none", "secure"}, {"secure", "secure"}};
    char texts[LIST_PATTERNS * 15];
    struct ww_policy policy =
        parsed(ww_slice_str("version: STSv1\nmode: enforce\nmx: mx.a.example\nmax_age: 604800\n"));
    for (int with = 0; with < 2; with++) {
        for (int enforced = 0; enforced < 2; enforced++) {
            const struct ww_preload_entry entry = listed(enforced ? WW_MODE_ENFORCE : WW_MODE_TESTING, texts);
            const struct ww_explain e = {.domain = "a.example",
                                         .policy = with ? &policy : NULL,
                                         .source = "cache",
                                         .listed = &entry,
                                         .listed_until = 1795388220};
            json_t *root = explained(&e);
            const json_t *preload = json_object_get(root, "preload");
            assert_string_equal(json_string_value(json_object_get(root, "level")), levels[with][enforced]);
            assert_string_equal(json_string_value(json_object_get(root, "source")),
                                enforced && !with ? "preload" : "cache");
            assert_string_equal(json_string_value(json_object_get(preload, "mode")),
                                enforced ? "enforce" : "testing");
            assert_int_equal(json_is_true(json_object_get(preload, "counts")), !with);
            assert_int_equal(json_array_size(json_object_get(preload, "mx")), LIST_PATTERNS);
            assert_string_equal(json_string_value(json_object_get(preload, "alias")), "j\xc3\xb6rg");
            assert_string_equal(json_string_value(json_object_get(preload, "expires")),
                                "2026-11-22T22:57:00Z");
            assert_int_equal(strcmp(json_string_value(json_object_get(root, "until")) != NULL
                                        ? json_string_value(json_object_get(root, "until"))
                                        : "",
                                    "2026-11-22T22:57:00Z") == 0,
                             !with);
            json_decref(root);
        }
    }
}

static void tells_why_there_is_none(void **state)
{
    (void)state;
    const struct ww_explain e = {
        .domain = "a.example",
        .id = "left over",
        .fetched = 1,
        .expires = 2,
        .source = "live",
        .last = "fetch-failure",
        .why = WW_E_HTTP_STATUS,
        .detail = "HTTP \"404\"",
        .checked = 1795388220,
    };
    check(&e,
          "{\"domain\":\"a.example\",\"level\":\"none\",\"why\":\"no MTA-STS policy was fetched, and none is "
          "cached\",\"section\":\"RFC 8461 section "
          "3.3\",\"until\":null,\"source\":\"live\",\"override\":null,\"mode\":null,"
          "\"id\":null,"
          "\"max_age\":null,\"fetched\":null,\"expires\":null,\"mx\":[],\"preload\":null,\"dane\":null,"
          "\"last\":\"fetch-"
          "failure\","
          "\"error\":{\"id\":\"http-status\",\"message\":\"the policy host does not answer with status "
          "200\",\"source\":\"RFC 8461 section 3.3\"},\"detail\":\"HTTP \\\"404\\\"\","
          "\"checked\":\"2026-11-22T22:57:00Z\",\"next_check\":null,\"postfix\":{\"QUERY\":\"NOTFOUND \","
          "\"QUERYwithTLSRPT\":\"NOTFOUND \"},\"dry_run\":false,\"would_answer\":null,\"truncated\":false}");
}

static void tells_of_modes_that_demand_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *mode, *level;
        bool testing_may;
        const char *reply;
    } cases[] = {
        {"none", "none", true, "NOTFOUND "},
        {"testing", "testing", false, "NOTFOUND "},
        {"testing", "testing", true, "OK may policy_type=sts "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char body[96];
        struct ww_buf text = ww_buf(body, sizeof body);
        ww_buf_str(&text, "version: STSv1\nmx: a.b\nmax_age: 1\nmode: ");
        ww_buf_str(&text, cases[i].mode);
        struct ww_policy policy = parsed(ww_slice(text.p, text.n));
        const struct ww_explain e = {.domain = "a.example",
                                     .policy = &policy,
                                     .id = "1",
                                     .source = "cache",
                                     .testing_may = cases[i].testing_may};
        json_t *root = explained(&e);
        const char *reply =
            json_string_value(json_object_get(json_object_get(root, "postfix"), "QUERYwithTLSRPT"));
        assert_string_equal(json_string_value(json_object_get(root, "mode")), cases[i].mode);
        assert_string_equal(json_string_value(json_object_get(root, "level")), cases[i].level);
        assert_memory_equal(reply, cases[i].reply, strlen(cases[i].reply));
        json_decref(root);
    }
}

static const struct ww_override kept = {
    .key = ".example",
    .level = WW_OVERRIDE_SECURE,
    .mx = "mx.a.example *.b.example",
    .until = 1795989420,
    .reason = "ticket \"17\"",
    .who = "alice (uid 1000)",
    .set_at = 1795384620,
};
static const struct ww_override lasting = {.key = "a.example",
                                           .level = WW_OVERRIDE_ENFORCE_TESTING,
                                           .configured = true,
                                           .mx = "",
                                           .reason = "",
                                           .who = ""};

static const struct {
    const struct ww_override *override;
    const char *level;
    const char *json;
} override_cases[] = {
    {&kept, "secure",
     "{\"key\":\".example\",\"level\":\"secure\",\"applied\":true,\"source\":\"run time\","
     "\"until\":\"2026-11-29T21:57:00Z\",\"reason\":\"ticket \\\"17\\\"\",\"who\":\"alice (uid 1000)\","
     "\"set\":\"2026-11-22T21:57:00Z\",\"mx\":[\"mx.a.example\",\"*.b.example\"]}"},
    {&lasting, "none",
     "{\"key\":\"a.example\",\"level\":\"enforce-testing\",\"applied\":false,\"source\":\"configuration\","
     "\"until\":null,\"reason\":null,\"who\":null,\"set\":null,\"mx\":[]}"},
};

static void tells_why_an_override_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof override_cases / sizeof override_cases[0]; i++) {
        const struct ww_explain e = {
            .domain = "a.example", .source = "cache", .override = override_cases[i].override};
        json_t *root = explained(&e);
        char *text = json_dumps(json_object_get(root, "override"), JSON_COMPACT);
        assert_non_null(text);
        assert_string_equal(text, override_cases[i].json);
        assert_string_equal(json_string_value(json_object_get(root, "level")), override_cases[i].level);
        free(text);
        json_decref(root);
    }
}

static void tells_what_dane_has_found(void **state)
{
    (void)state;
    struct ww_policy policy =
        parsed(ww_slice_str("version: STSv1\nmode: enforce\nmx: *.a.example\nmax_age: 604800\n"));
    static const struct ww_domain_host hosts[] = {{"mx1.a.example", WW_DANE_BOGUS},
                                                  {"mx2.a.example", WW_DANE_NONE}};
    const struct ww_domain_dane dane = {.hosts = hosts, .count = 2, .until = 1795989420};
    const struct ww_explain e = {.domain = "a.example",
                                 .policy = &policy,
                                 .source = "cache",
                                 .dane = &dane,
                                 .settings = {.use = WW_DANE_ON}};
    json_t *root = explained(&e);
    char *text = json_dumps(json_object_get(root, "dane"), JSON_COMPACT);
    assert_non_null(text);
    assert_string_equal(
        text, "{\"mx\":\"secure\",\"until\":\"2026-11-29T21:57:00Z\",\"hosts\":[{\"host\":\"mx1.a.example\","
              "\"dane\":\"bogus\"},{\"host\":\"mx2.a.example\",\"dane\":\"none\"}],\"more\":false}");
    assert_string_equal(
        json_string_value(json_object_get(root, "why")),
        "MTA-STS or a preload list decides at the MX hosts that DANE leaves to it, and at no other");
    assert_string_equal(json_string_value(json_object_get(root, "section")), "RFC 8461 section 2");
    assert_string_equal(json_string_value(json_object_get(json_object_get(root, "postfix"), "QUERY")),
                        "OK secure match=mx2.a.example servername=hostname");
    free(text);
    json_decref(root);
}

static void tells_what_a_dry_run_would_answer(void **state)
{
    (void)state;
    const struct ww_explain e = {
        .domain = "a.example", .source = "cache", .override = &kept, .dry_run = true};
    json_t *root = explained(&e);
    const json_t *now = json_object_get(root, "postfix");
    const json_t *would = json_object_get(root, "would_answer");
    static const char *const maps[] = {"QUERY", "QUERYwithTLSRPT"};
    assert_true(json_is_true(json_object_get(root, "dry_run")));
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(json_string_value(json_object_get(now, maps[i])), "NOTFOUND ");
        assert_string_equal(json_string_value(json_object_get(would, maps[i])),
                            "OK secure match=mx.a.example:.b.example servername=hostname");
    }
    json_decref(root);
}

/* The biggest of everything: a full body, once of short patterns, and once of an extension of quotation
 * marks. */
static void stays_below_its_limit(void **state)
{
    (void)state;
    static char body[WW_POLICY_BODY_MAX];
    static const char *const lines[] = {"\nmx: a.b", "\nx: \"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\""};
    char domain[254];
    char detail[256];
    static char mx[WW_OVERRIDE_MX_SIZE], quotes[WW_OVERRIDE_TEXT_SIZE];
    const struct ww_override big = {
        .key = domain, .level = WW_OVERRIDE_ENFORCE_TESTING, .mx = mx, .reason = quotes, .who = quotes};
    struct ww_domain_host hosts[WW_MX_HOSTS_MAX];
    const struct ww_domain_dane dane = {
        .mx = WW_DOMAIN_MX_INSECURE, .hosts = hosts, .count = WW_MX_HOSTS_MAX, .more = true};
    for (size_t i = 0; i < WW_MX_HOSTS_MAX; i++)
        hosts[i] = (struct ww_domain_host){domain, WW_DANE_SECURE_UNUSABLE};
    memset(mx, ' ', sizeof mx - 1);
    memset(quotes, '"', sizeof quotes - 1);
    memset(domain, 'd', sizeof domain - 1);
    domain[sizeof domain - 1] = '\0';
    memset(detail, '"', sizeof detail - 1);
    detail[sizeof detail - 1] = '\0';
    for (size_t i = 0; i < 4; i++) {
        size_t most = i % 2;
        struct ww_buf b = ww_buf(body, sizeof body);
        ww_buf_str(&b, "version: STSv1\nmode: enforce\nmax_age: 1");
        for (size_t n = 0; n < 1900; n++)
            ww_buf_str(&b, lines[0]);
        while (b.cap - b.n > strlen(lines[most]))
            ww_buf_str(&b, lines[most]);
        struct ww_policy policy = parsed(ww_slice(b.p, b.n));
        const struct ww_explain e = {.domain = domain,
                                     .policy = &policy,
                                     .id = "1",
                                     .detail = detail,
                                     .source = "cache",
                                     .override = &big,
                                     .dry_run = i < 2,
                                     .dane = &dane,
                                     .settings = {.use = WW_DANE_ON}};
        json_t *root = explained(&e);
        assert_true(json_is_true(json_object_get(root, "truncated")));
        assert_true(json_array_size(json_object_get(root, "mx")) > 1000);
        json_decref(root);
    }
}

static void says_when_there_is_no_room(void **state)
{
    (void)state;
    const struct ww_explain e = {.domain = "a.example", .source = "cache"};
    struct ww_buf b = ww_buf(room, 100);
    ww_buf_str(&b, "OK ");
    assert_int_equal(ww_explain_json(&b, &e), WW_E_TOO_LONG);
    assert_true(b.failed);
    assert_int_equal(b.n, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_of_a_policy),
        cmocka_unit_test(tells_what_a_preload_list_says),
        cmocka_unit_test(tells_why_there_is_none),
        cmocka_unit_test(tells_of_modes_that_demand_nothing),
        cmocka_unit_test(tells_why_an_override_counts),
        cmocka_unit_test(tells_what_dane_has_found),
        cmocka_unit_test(tells_what_a_dry_run_would_answer),
        cmocka_unit_test(stays_below_its_limit),
        cmocka_unit_test(says_when_there_is_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
