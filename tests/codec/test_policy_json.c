#include "codec/policy_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define ENFORCE "version: STSv1\nmode: enforce\nmx: MX.a.example\nmx: *.b.example\nmax_age: 604800\n"
#define TESTING "version: STSv1\nmode: testing\nmx: mx.a.example\nmax_age: 604800\n"
#define NONE "version: STSv1\nmode: none\nmax_age: 60\n"

static char room[WW_POLICY_JSON_MAX];

static struct ww_policy parsed(struct ww_slice body)
{
    struct ww_policy policy;
    size_t offset;
    assert_int_equal(ww_policy_parse(body.p, body.n, &policy, &offset), WW_OK);
    return policy;
}

static struct ww_decision decided(const struct ww_explain *e)
{
    const struct ww_domain_case c = {.domain = e->domain,
                                     .policy = e->policy,
                                     .policy_until = e->next_check,
                                     .listed = e->listed,
                                     .listed_until = e->listed_until,
                                     .override = e->override,
                                     .dane = e->dane,
                                     .settings = e->settings};
    return ww_domain_decide(&c);
}

static struct ww_slice text_of(const struct ww_explain *e, const struct ww_decision *d)
{
    struct ww_buf b = ww_buf(room, sizeof room);
    assert_int_equal(ww_policy_json(&b, e, d), WW_OK);
    return ww_slice(b.p, b.n);
}

static json_t *told(const struct ww_explain *e, const struct ww_decision *d)
{
    const struct ww_slice text = text_of(e, d);
    json_error_t error;
    assert_null(memchr(text.p, '\n', text.n));
    json_t *root = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(root);
    return root;
}

static void tells_all_that_is_known(void **state)
{
    (void)state;
    struct ww_policy policy = parsed(ww_slice_str(ENFORCE));
    static const struct ww_domain_host hosts[] = {{"mx.a.example", WW_DANE_NONE}};
    const struct ww_domain_dane dane = {.hosts = hosts, .count = 1, .until = 1795989420};
    const struct ww_explain e = {
        .domain = "a.example",
        .policy = &policy,
        .id = "20261122",
        .fetched = 1795384620,
        .expires = 1795989420,
        .source = "cache",
        .why = WW_E_HTTP_STATUS,
        .detail = "HTTP status 404",
        .next_check = 1795388520,
        .dane = &dane,
        .settings = {.use = WW_DANE_ON},
    };
    const struct ww_decision d = decided(&e);
    const struct ww_slice text = text_of(&e, &d);
    static const char expected[] =
        "{\"version\":1,\"domain\":\"a.example\",\"hold\":false,\"tls\":\"required\",\"verify\":\"webpki\","
        "\"mx\":[\"mx.a.example\",\"*.b.example\"],\"try_dane\":true,\"level\":\"secure\","
        "\"why\":{\"text\":\"the MTA-STS policy is enforced\",\"section\":\"RFC 8461 section 5\"},"
        "\"until\":\"2026-11-22T23:02:00Z\",\"source\":\"cache\","
        "\"policy\":{\"mode\":\"enforce\",\"id\":\"20261122\",\"max_age\":604800,"
        "\"fetched\":\"2026-11-22T21:57:00Z\",\"expires\":\"2026-11-29T21:57:00Z\"},"
        "\"dane\":{\"mx\":\"secure\",\"until\":\"2026-11-29T21:57:00Z\","
        "\"hosts\":[{\"host\":\"mx.a.example\",\"dane\":\"none\"}],\"more\":false},\"override\":null,"
        "\"error\":{\"id\":\"http-status\",\"message\":\"the policy host does not answer with status 200\","
        "\"source\":\"RFC 8461 section 3.3\"},\"detail\":\"HTTP status "
        "404\",\"dry_run\":false,\"would\":null}";
    if (!ww_slice_is(text, expected))
        fail_msg("%.*s", (int)text.n, text.p);
}

#define OVERRIDE(of_level, patterns)                                                   \
    {                                                                                  \
        .key = "a.example", .level = of_level, .mx = patterns, .reason = "", .who = "" \
    }

static const struct ww_override off = OVERRIDE(WW_OVERRIDE_OFF, "");
static const struct ww_override may = OVERRIDE(WW_OVERRIDE_MAY, "");
static const struct ww_override encrypt = OVERRIDE(WW_OVERRIDE_ENCRYPT, "");
static const struct ww_override secure = OVERRIDE(WW_OVERRIDE_SECURE, "");
static const struct ww_override secure_mx = OVERRIDE(WW_OVERRIDE_SECURE, "O.example *.p.example");
static const struct ww_override enforce = OVERRIDE(WW_OVERRIDE_ENFORCE_TESTING, "");

#define HOSTS(of_mx, ...)                                                                             \
    {                                                                                                 \
        .mx = of_mx, .hosts = (const struct ww_domain_host[]){__VA_ARGS__},                           \
        .count = sizeof((const struct ww_domain_host[]){__VA_ARGS__}) / sizeof(struct ww_domain_host) \
    }

static const struct ww_domain_dane no_tlsa = HOSTS(WW_DOMAIN_MX_SECURE, {"mx.a.example", WW_DANE_NONE});
static const struct ww_domain_dane usable =
    HOSTS(WW_DOMAIN_MX_SECURE, {"mx.a.example", WW_DANE_SECURE_USABLE});
static const struct ww_domain_dane unusable =
    HOSTS(WW_DOMAIN_MX_SECURE, {"mx.a.example", WW_DANE_SECURE_UNUSABLE});
static const struct ww_domain_dane foreign =
    HOSTS(WW_DOMAIN_MX_SECURE, {"mx.c.example", WW_DANE_SECURE_USABLE});
static const struct ww_domain_dane mixed =
    HOSTS(WW_DOMAIN_MX_SECURE, {"mx.a.example", WW_DANE_NONE}, {"mx.c.example", WW_DANE_SECURE_USABLE});
static const struct ww_domain_dane bogus = {.mx = WW_DOMAIN_MX_BOGUS};

#define ALL "[\"mx.a.example\",\"*.b.example\"]"

/* What is demanded, in the order of the document's members. */
static const struct demand_case {
    const char *policy; /* NULL: none */
    const struct ww_override *override;
    const struct ww_domain_dane *dane;
    struct ww_dane_settings settings;
    const char *demands; /* hold tls verify mx try_dane level */
} demand_cases[] = {
    /* MTA-STS alone. */
    {NULL, NULL, NULL, {.use = WW_DANE_OFF}, "false none none null false none"},
    {NONE, NULL, NULL, {.use = WW_DANE_OFF}, "false none none null false none"},
    {TESTING, NULL, NULL, {.use = WW_DANE_OFF}, "false opportunistic none null false testing"},
    {ENFORCE, NULL, NULL, {.use = WW_DANE_OFF}, "false required webpki " ALL " false secure"},
    /* Overrides. */
    {ENFORCE, &off, &usable, {.use = WW_DANE_ON}, "false none none null true none"},
    {ENFORCE, &may, &usable, {.use = WW_DANE_ON}, "false opportunistic none null false may"},
    {ENFORCE, &encrypt, &usable, {.use = WW_DANE_ON}, "false required none null false encrypt"},
    {ENFORCE, &secure, &usable, {.use = WW_DANE_ON}, "false required webpki " ALL " false secure"},
    {NULL, &secure, NULL, {.use = WW_DANE_ON}, "false required webpki null false secure"},
    {ENFORCE,
     &secure_mx,
     NULL,
     {.use = WW_DANE_ON},
     "false required webpki [\"o.example\",\"*.p.example\"] false secure"},
    {TESTING,
     &enforce,
     &no_tlsa,
     {.use = WW_DANE_ON},
     "false required webpki [\"mx.a.example\"] true secure"},
    {TESTING,
     &enforce,
     &usable,
     {.use = WW_DANE_ON},
     "false required dane [\"mx.a.example\"] true dane-only"},
    /* DANE, without an enforced policy and beside one. */
    {NULL, NULL, NULL, {.use = WW_DANE_ON}, "false opportunistic dane null true dane"},
    {NULL, NULL, &no_tlsa, {.use = WW_DANE_ON}, "false none none null true none"},
    {NULL, NULL, &usable, {.use = WW_DANE_ON}, "false required dane null true dane-only"},
    {NULL, NULL, &unusable, {.use = WW_DANE_ON}, "false required none null true encrypt"},
    {NULL, NULL, &mixed, {.use = WW_DANE_ON}, "false opportunistic dane null true dane"},
    {NULL, NULL, &bogus, {.use = WW_DANE_ON}, "true required webpki [] false hold"},
    {NULL, NULL, &usable, {.use = WW_DANE_MTA}, "false none none null true none"},
    {NULL, NULL, &usable, {.use = WW_DANE_BLIND}, "false required none null false encrypt"},
    {TESTING, NULL, &no_tlsa, {.use = WW_DANE_ON}, "false opportunistic none null true testing"},
    {ENFORCE, NULL, &no_tlsa, {.use = WW_DANE_ON}, "false required webpki " ALL " true secure"},
    {ENFORCE, NULL, &usable, {.use = WW_DANE_ON}, "false required dane " ALL " true dane-only"},
    {ENFORCE,
     NULL,
     &usable,
     {.use = WW_DANE_ON, .suffices = true},
     "false required dane null true dane-only"},
    {ENFORCE, NULL, &foreign, {.use = WW_DANE_ON}, "true required webpki [] false hold"},
    {ENFORCE,
     NULL,
     &foreign,
     {.use = WW_DANE_ON, .suffices = true},
     "false required dane null true dane-only"},
    {ENFORCE, NULL, &mixed, {.use = WW_DANE_ON}, "false required webpki [\"mx.a.example\"] true secure"},
    {ENFORCE, NULL, NULL, {.use = WW_DANE_ON}, "false required dane " ALL " true dane-only"},
    {ENFORCE, NULL, &usable, {.use = WW_DANE_BLIND}, "false required webpki " ALL " false secure"},
};

#define LISTED "\014MX.a.example\013*.b.example"
#define FROM_LIST(of_mode) \
    (&(const struct ww_preload_entry){.mode = (of_mode), .mx_count = 2, .mx = {LISTED, sizeof LISTED - 1}})
#define LIST FROM_LIST(WW_MODE_ENFORCE)
#define TRIAL FROM_LIST(WW_MODE_TESTING)
#define UNTIL 1795989420

/* What a preload list that ends at UNTIL comes to. */
static const struct listed_case {
    const struct ww_preload_entry *listed;
    struct demand_case about;
    const char *source;
    bool ends; /* with the list */
} listed_cases[] = {
    {LIST,
     {NULL, NULL, NULL, {.use = WW_DANE_OFF}, "false required webpki " ALL " false secure"},
     "preload",
     true},
    {LIST,
     {NULL, NULL, NULL, {.use = WW_DANE_BLIND}, "false required webpki " ALL " false secure"},
     "preload",
     true},
    {LIST,
     {NULL, NULL, &no_tlsa, {.use = WW_DANE_ON}, "false required webpki " ALL " true secure"},
     "preload",
     true},
    /* It forbids hosts beside DANE, too. */
    {LIST,
     {NULL, NULL, &usable, {.use = WW_DANE_ON}, "false required dane " ALL " true dane-only"},
     "preload",
     true},
    {LIST,
     {NULL, NULL, NULL, {.use = WW_DANE_ON}, "false required dane " ALL " true dane-only"},
     "preload",
     true},
    {LIST, {NULL, NULL, &foreign, {.use = WW_DANE_ON}, "true required webpki [] false hold"}, "cache", true},
    {TRIAL, {NULL, NULL, NULL, {.use = WW_DANE_OFF}, "false none none null false none"}, "cache", true},
    {TRIAL,
     {NULL, NULL, &usable, {.use = WW_DANE_ON}, "false required dane null true dane-only"},
     "cache",
     true},
    {TRIAL,
     {NULL, &enforce, NULL, {.use = WW_DANE_OFF}, "false required webpki " ALL " false secure"},
     "preload",
     true},
    {LIST,
     {NULL, &may, NULL, {.use = WW_DANE_ON}, "false opportunistic none null false may"},
     "cache",
     false},
    {LIST,
     {NULL, &secure, NULL, {.use = WW_DANE_ON}, "false required webpki " ALL " false secure"},
     "preload",
     true},
    {LIST,
     {TESTING, NULL, NULL, {.use = WW_DANE_OFF}, "false opportunistic none null false testing"},
     "cache",
     false},
};

static void put_demands(const json_t *object, char *out, size_t size)
{
    char *mx = json_dumps(json_object_get(object, "mx"), JSON_COMPACT | JSON_ENCODE_ANY);
    assert_non_null(mx);
    snprintf(out, size, "%s %s %s %s %s %s", json_is_true(json_object_get(object, "hold")) ? "true" : "false",
             json_string_value(json_object_get(object, "tls")),
             json_string_value(json_object_get(object, "verify")), mx,
             json_is_true(json_object_get(object, "try_dane")) ? "true" : "false",
             json_string_value(json_object_get(object, "level")));
    free(mx);
}

/* With each of them withheld too. */
static void tells_what_is_demanded(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * COUNT(demand_cases); i++) {
        const struct demand_case *c = &demand_cases[i / 2];
        struct ww_policy policy;
        struct ww_explain e = {.domain = "a.example",
                               .source = "cache",
                               .override = c->override,
                               .dry_run = i % 2 == 1,
                               .dane = c->dane,
                               .settings = c->settings};
        if (c->policy != NULL) {
            policy = parsed(ww_slice_str(c->policy));
            e.policy = &policy;
            e.id = "1";
        }
        const struct ww_decision d = decided(&e);
        json_t *root = told(&e, &d);
        const json_t *would = json_object_get(root, "would");
        char demands[256];
        put_demands(e.dry_run ? would : root, demands, sizeof demands);
        if (strcmp(demands, c->demands) != 0)
            fail_msg("case %zu: %s", i / 2, demands);
        assert_int_equal(json_is_null(would), !e.dry_run);
        assert_int_equal(json_is_true(json_object_get(root, "dry_run")), e.dry_run);
        if (e.dry_run) {
            put_demands(root, demands, sizeof demands);
            assert_memory_equal(demands, "false none none null ", strlen("false none none null "));
        }
        json_decref(root);
    }
}

static void tells_what_a_preload_list_comes_to(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(listed_cases); i++) {
        const struct listed_case *c = &listed_cases[i];
        struct ww_policy policy;
        struct ww_explain e = {.domain = "a.example",
                               .source = "cache",
                               .listed = c->listed,
                               .listed_until = UNTIL,
                               .override = c->about.override,
                               .dane = c->about.dane,
                               .settings = c->about.settings};
        if (c->about.policy != NULL) {
            policy = parsed(ww_slice_str(c->about.policy));
            e.policy = &policy;
        }
        const struct ww_decision d = decided(&e);
        json_t *root = told(&e, &d);
        char demands[256];
        put_demands(root, demands, sizeof demands);
        const char *source = json_string_value(json_object_get(root, "source"));
        if (strcmp(demands, c->about.demands) != 0 || strcmp(source, c->source) != 0)
            fail_msg("case %zu: %s, %s", i, demands, source);
        const char *until = json_string_value(json_object_get(root, "until"));
        assert_int_equal(until != NULL && strcmp(until, "2026-11-29T21:57:00Z") == 0, c->ends);
        assert_int_equal(json_is_null(json_object_get(root, "policy")), c->about.policy == NULL);
        json_decref(root);
    }
}

/* A reason that is no rule's. */
static void holds_what_cannot_be_read(void **state)
{
    (void)state;
    const struct ww_explain e = {.domain = "a.example", .source = "cache"};
    const struct ww_decision d = {.level = WW_LEVEL_HOLD,
                                  .domain = "a.example",
                                  .reason = "its cached policy cannot be read",
                                  .rule = WW_RULE_COUNT};
    json_t *root = told(&e, &d);
    const json_t *why = json_object_get(root, "why");
    assert_string_equal(json_string_value(json_object_get(why, "text")), d.reason);
    assert_true(json_is_null(json_object_get(why, "section")));
    assert_true(json_is_true(json_object_get(root, "hold")));
    json_decref(root);
}

/* No pattern is left out: a sender that does not know one would hold mail. */
static void has_room_for_every_policy(void **state)
{
    (void)state;
    static char body[WW_POLICY_BODY_MAX];
    static char mx[WW_OVERRIDE_MX_SIZE], quotes[WW_OVERRIDE_TEXT_SIZE];
    char domain[WW_DNAME_SIZE], detail[256];
    struct ww_domain_host hosts[WW_DANE_HOSTS_MAX];
    const struct ww_domain_dane dane = {
        .mx = WW_DOMAIN_MX_INSECURE, .hosts = hosts, .count = WW_DANE_HOSTS_MAX, .more = true};
    const struct ww_override big = {
        .key = domain, .level = WW_OVERRIDE_ENFORCE_TESTING, .mx = mx, .reason = quotes, .who = quotes};
    memset(domain, 'd', sizeof domain);
    domain[sizeof domain - 1] = '\0';
    for (size_t i = 0; i < WW_DANE_HOSTS_MAX; i++)
        hosts[i] = (struct ww_domain_host){domain, WW_DANE_SECURE_UNUSABLE};
    memset(quotes, '"', sizeof quotes - 1);
    memset(detail, '"', sizeof detail - 1);
    detail[sizeof detail - 1] = '\0';
    for (size_t n = 0; n + 4 < sizeof mx; n += 4)
        memcpy(mx + n, "a.b ", 4);
    struct ww_buf b = ww_buf(body, sizeof body);
    ww_buf_str(&b, "version:STSv1\nmode:enforce\nmax_age:1");
    while (b.cap - b.n > strlen("\nmx:a"))
        ww_buf_str(&b, "\nmx:a");
    struct ww_policy policy = parsed(ww_slice(b.p, b.n));
    for (int dry_run = 0; dry_run < 2; dry_run++) {
        const struct ww_explain e = {.domain = domain,
                                     .policy = &policy,
                                     .id = "12345678901234567890123456789012",
                                     .why = WW_E_POLICY_MX_MISSING,
                                     .detail = detail,
                                     .source = "cache",
                                     .override = &big,
                                     .dry_run = dry_run,
                                     .dane = &dane,
                                     .settings = {.use = WW_DANE_ON}};
        const struct ww_decision d = decided(&e);
        json_t *root = told(&e, &d);
        const json_t *demands = dry_run ? json_object_get(root, "would") : root;
        assert_int_equal(json_array_size(json_object_get(demands, "mx")), policy.mx_count);
        json_decref(root);
    }
}

static void says_when_there_is_no_room(void **state)
{
    (void)state;
    const struct ww_explain e = {.domain = "a.example", .source = "cache"};
    const struct ww_decision d = decided(&e);
    struct ww_buf b = ww_buf(room, 100);
    assert_int_equal(ww_policy_json(&b, &e, &d), WW_E_TOO_LONG);
    assert_int_equal(b.n, 0);
}

static void tells_of_problems(void **state)
{
    (void)state;
    static const struct {
        struct ww_policy_problem problem;
        const char *expected;
    } cases[] = {
        {{404, "nothing is there", "there is \"x\"", WW_OK},
         "{\"status\":404,\"title\":\"nothing is there\",\"detail\":\"there is \\\"x\\\"\",\"error\":null}"},
        {{400, "t", NULL, WW_E_DNAME_EMPTY},
         "{\"status\":400,\"title\":\"t\",\"detail\":null,\"error\":{\"id\":\"dname-empty\",\"message\":"
         "\"the name "
         "is empty\",\"source\":\"RFC 5321 section 4.1.2\"}}"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_buf b = ww_buf(room, WW_POLICY_PROBLEM_MAX);
        assert_int_equal(ww_policy_problem(&b, &cases[i].problem), WW_OK);
        if (!ww_slice_is(ww_slice(b.p, b.n), cases[i].expected))
            fail_msg("%.*s", (int)b.n, b.p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_all_that_is_known),
        cmocka_unit_test(tells_what_is_demanded),
        cmocka_unit_test(tells_what_a_preload_list_comes_to),
        cmocka_unit_test(holds_what_cannot_be_read),
        cmocka_unit_test(has_room_for_every_policy),
        cmocka_unit_test(says_when_there_is_no_room),
        cmocka_unit_test(tells_of_problems),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
