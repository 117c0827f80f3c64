#include "engine/discovery.h"

#include "packet.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define NOW 1000000

static uint8_t room[PACKET_SIZE];

static struct ww_discovery begin(const struct ww_discovery_ask *ask)
{
    struct ww_discovery d;
    struct ww_discovery_ask copy = *ask;
    if (copy.domain[0] == '\0')
        memcpy(copy.domain, "example.com", sizeof "example.com");
    ww_discovery_start(&d, &copy);
    return d;
}

static void answer(struct ww_discovery *d, const struct packet *packet)
{
    char name[WW_DISCOVERY_NAME_SIZE];
    ww_discovery_name(d, name);
    struct ww_record_event event = {.packet = packet_write(packet, name, room)};
    ww_discovery_on_record(d, &event, NOW);
}

static const struct record_case {
    const char *what;
    struct packet packet;
    enum ww_discovery_want want;
    enum ww_discovery_outcome outcome;
    enum ww_err why;
    const char *id;
    uint32_t ttl;
} record_cases[] = {
    {"a record", {.record = "v=STSv1; id=1;", .ttl = 60}, WW_WANT_POLICY, 0, WW_OK, "1", 60},
    {"by an alias",
     {.record = "v=STSv1; id=1;", .alias = "sts.example.net", .ttl = 60},
     WW_WANT_POLICY,
     0,
     WW_OK,
     "1",
     60},
    {"one other record beside it",
     {.texts = (const struct ww_slice[]){{"hello", 5}},
      .text_count = 1,
      .record = "v=STSv1; id=a1",
      .ttl = 1},
     WW_WANT_POLICY,
     0,
     WW_OK,
     "a1",
     1},
    {"no such name", {.rcode = 3, .ttl = 900}, WW_WANT_NOTHING, WW_FOUND_NO_RECORD, WW_OK, "", 900},
    {"no TXT there", {.ttl = 900}, WW_WANT_NOTHING, WW_FOUND_NO_RECORD, WW_OK, "", 900},
    {"no SOA", {.rcode = 3}, WW_WANT_NOTHING, WW_FOUND_NO_RECORD, WW_OK, "", 0},
    {"a dangling alias",
     {.rcode = 3, .alias = "sts.example.net", .ttl = 7},
     WW_WANT_NOTHING,
     WW_FOUND_NO_RECORD,
     WW_OK,
     "",
     7},
    {"no id",
     {.record = "v=STSv1;", .ttl = 60},
     WW_WANT_NOTHING,
     WW_FOUND_RECORD_INVALID,
     WW_E_STS_ID_MISSING,
     "",
     60},
    {"two records",
     {.texts = (const struct ww_slice[]){{"v=STSv1; id=1", 13}}, .text_count = 1, .record = "v=STSv1; id=1"},
     WW_WANT_NOTHING,
     WW_FOUND_RECORD_INVALID,
     WW_E_STS_MULTIPLE,
     "",
     0},
    {"SERVFAIL", {.rcode = 2}, WW_WANT_NOTHING, WW_FOUND_DNS_FAILURE, WW_E_DNS_RCODE, "", 0},
    {"REFUSED", {.rcode = 5}, WW_WANT_NOTHING, WW_FOUND_DNS_FAILURE, WW_E_DNS_RCODE, "", 0},
};

static void reads_the_record(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(record_cases); i++) {
        const struct record_case *t = &record_cases[i];
        struct ww_discovery d = begin(&(struct ww_discovery_ask){0});
        assert_int_equal(ww_discovery_want(&d), WW_WANT_RECORD);
        answer(&d, &t->packet);
        const struct ww_discovery_result *r = ww_discovery_result(&d);
        if (ww_discovery_want(&d) != t->want || r->outcome != t->outcome || r->why != t->why ||
            strcmp(r->id, t->id) != 0 || r->record_ttl != t->ttl)
            fail_msg("%s: want %d, %s, %s, id %s, ttl %u, %s", t->what, ww_discovery_want(&d),
                     ww_discovery_outcome_name(r->outcome), ww_err_id(r->why), r->id, r->record_ttl,
                     r->detail);
        assert_int_equal(r->detail[0] != '\0', r->why != WW_OK);
    }
}

static void looks_at_64_records_and_no_more(void **state)
{
    (void)state;
    struct ww_slice texts[64];
    for (size_t i = 0; i < COUNT(texts); i++)
        texts[i] = ww_slice_str("hello");

    struct ww_discovery d = begin(&(struct ww_discovery_ask){0});
    answer(&d, &(struct packet){.texts = texts, .text_count = 63, .record = "v=STSv1; id=1;"});
    assert_int_equal(ww_discovery_want(&d), WW_WANT_POLICY);

    d = begin(&(struct ww_discovery_ask){0});
    answer(&d, &(struct packet){.texts = texts, .text_count = 64, .record = "v=STSv1; id=1;"});
    assert_int_equal(ww_discovery_result(&d)->outcome, WW_FOUND_RECORD_INVALID);
    assert_int_equal(ww_discovery_result(&d)->why, WW_E_STS_TOO_MANY);
}

static void joins_what_fills_a_whole_message(void **state)
{
    (void)state;
    static char big[16000];
    memset(big, 'x', sizeof big);
    const struct ww_slice texts[] = {
        {big, sizeof big}, {big, sizeof big}, {big, sizeof big}, {big, sizeof big}};
    struct ww_discovery d = begin(&(struct ww_discovery_ask){0});
    answer(&d, &(struct packet){.texts = texts, .text_count = 4, .record = "v=STSv1; id=1;"});
    assert_int_equal(ww_discovery_want(&d), WW_WANT_POLICY);
}

static void refuses_broken_packets(void **state)
{
    (void)state;
    char name[WW_DISCOVERY_NAME_SIZE];
    struct ww_discovery d = begin(&(struct ww_discovery_ask){0});
    ww_discovery_name(&d, name);
    struct ww_slice whole = packet_write(&(struct packet){.record = "v=STSv1; id=1;"}, name, room);
    for (size_t n = 0; n < whole.n; n++) {
        d = begin(&(struct ww_discovery_ask){0});
        ww_discovery_on_record(&d, &(struct ww_record_event){.packet = ww_slice(whole.p, n)}, NOW);
        assert_int_equal(ww_discovery_want(&d), WW_WANT_NOTHING);
        assert_int_equal(ww_discovery_result(&d)->outcome, WW_FOUND_DNS_FAILURE);
    }
}

static void names_what_it_wants(void **state)
{
    (void)state;
    char name[WW_DISCOVERY_NAME_SIZE];
    struct ww_discovery d = begin(&(struct ww_discovery_ask){0});
    ww_discovery_name(&d, name);
    assert_string_equal(name, "_mta-sts.example.com");
    answer(&d, &(struct packet){.record = "v=STSv1; id=1;"});
    ww_discovery_name(&d, name);
    assert_string_equal(name, "mta-sts.example.com");
}

static void asks_nothing_when_the_name_leaves_no_room(void **state)
{
    (void)state;
    struct ww_discovery_ask ask = {0};
    memset(ask.domain, 'a', 245);
    struct ww_discovery d = begin(&ask);
    assert_int_equal(ww_discovery_want(&d), WW_WANT_NOTHING);
    assert_int_equal(ww_discovery_result(&d)->outcome, WW_FOUND_NO_RECORD);
    ask.domain[244] = '\0';
    d = begin(&ask);
    assert_int_equal(ww_discovery_want(&d), WW_WANT_RECORD);
}

static const struct known_case {
    const char *known, *failed;
    int64_t retry_at;
    bool refetch;
    enum ww_discovery_want want;
    enum ww_discovery_outcome outcome;
} known_cases[] = {
    {"", "", 0, false, WW_WANT_POLICY, 0},
    {"1", "", 0, false, WW_WANT_NOTHING, WW_FOUND_UNCHANGED},
    {"1", "", 0, true, WW_WANT_POLICY, 0},
    {"01", "", 0, false, WW_WANT_POLICY, 0},
    {"", "1", NOW + 1, false, WW_WANT_NOTHING, WW_FOUND_WAITING},
    {"", "1", NOW, false, WW_WANT_POLICY, 0},
    {"", "2", NOW + 1, false, WW_WANT_POLICY, 0},
    {"2", "1", NOW + 1, false, WW_WANT_NOTHING, WW_FOUND_WAITING},
    {"2", "1", NOW + 1, true, WW_WANT_NOTHING, WW_FOUND_WAITING},
    {"1", "2", NOW + 1, false, WW_WANT_NOTHING, WW_FOUND_UNCHANGED},
    /* The refresh has to wait; but the id is known all the same. */
    {"1", "1", NOW + 1, true, WW_WANT_NOTHING, WW_FOUND_UNCHANGED},
    {"1", "1", NOW, true, WW_WANT_POLICY, 0},
};

static void spares_the_policy_host(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(known_cases); i++) {
        const struct known_case *t = &known_cases[i];
        struct ww_discovery_ask ask = {.retry_at = t->retry_at, .refetch = t->refetch};
        memcpy(ask.known_id, t->known, strlen(t->known));
        memcpy(ask.failed_id, t->failed, strlen(t->failed));
        struct ww_discovery d = begin(&ask);
        answer(&d, &(struct packet){.record = "v=STSv1; id=1;"});
        if (ww_discovery_want(&d) != t->want || ww_discovery_result(&d)->outcome != t->outcome)
            fail_msg("case %zu: want %d, %s", i, ww_discovery_want(&d),
                     ww_discovery_outcome_name(ww_discovery_result(&d)->outcome));
        assert_string_equal(ww_discovery_result(&d)->id, "1");
    }
}

#define GOOD "version: STSv1\nmode: enforce\nmx: a.b\nmax_age: 1\n"
#define URL "https://mta-sts.example.com/.well-known/mta-sts.txt: "

static const struct policy_case {
    struct ww_policy_event event;
    enum ww_discovery_outcome outcome;
    enum ww_err why;
    const char *detail;
} policy_cases[] = {
    {{.status = 200, .content_type = "text/plain", .body = {GOOD, sizeof GOOD - 1}},
     WW_FOUND_POLICY,
     WW_OK,
     ""},
    {{.status = 404, .content_type = "text/plain", .body = {GOOD, sizeof GOOD - 1}},
     WW_FOUND_FETCH_FAILURE,
     WW_E_HTTP_STATUS,
     URL "the policy host does not answer with status 200 (HTTP status 404)"},
    {{.status = 206, .content_type = "text/plain", .body = {GOOD, sizeof GOOD - 1}},
     WW_FOUND_FETCH_FAILURE,
     WW_E_HTTP_STATUS,
     URL "the policy host does not answer with status 200 (HTTP status 206)"},
    {{.status = 301, .content_type = "text/plain", .body = {GOOD, sizeof GOOD - 1}},
     WW_FOUND_FETCH_FAILURE,
     WW_E_HTTP_REDIRECT,
     URL "the policy host redirects, which is not followed (HTTP status 301)"},
    {{.status = 0}, WW_FOUND_FETCH_FAILURE, WW_E_HTTP_STATUS, NULL},
    {{.status = 400}, WW_FOUND_FETCH_FAILURE, WW_E_HTTP_STATUS, NULL},
    {{.status = 399}, WW_FOUND_FETCH_FAILURE, WW_E_HTTP_REDIRECT, NULL},
    {{.status = 200, .content_type = "text/html\r\nx", .body = {GOOD, sizeof GOOD - 1}},
     WW_FOUND_FETCH_FAILURE,
     WW_E_MEDIA_TYPE,
     URL "the policy is not served as text/plain (text/html\\013\\010x)"},
    {{.status = 200, .body = {GOOD, sizeof GOOD - 1}},
     WW_FOUND_FETCH_FAILURE,
     WW_E_MEDIA_TYPE,
     URL "the policy is not served as text/plain (no Content-Type)"},
    {{.status = 200, .content_type = "text/plain", .body = {"version: STSv2", 14}},
     WW_FOUND_POLICY_INVALID,
     WW_E_POLICY_VERSION,
     URL "the version is not STSv1 (at offset 9)"},
    {{.status = 200, .content_type = "text/plain", .body = {"<!DOCTYPE html>", 15}},
     WW_FOUND_POLICY_INVALID,
     WW_E_POLICY_HTML,
     URL "this looks like an HTML page, not like a policy"},
    {{.status = 200, .content_type = "text/plain", .body = {"", 0}},
     WW_FOUND_POLICY_INVALID,
     WW_E_POLICY_EMPTY,
     NULL},
    {{.failure = WW_E_TOO_LONG, .detail = "\xff\n"},
     WW_FOUND_FETCH_FAILURE,
     WW_E_TOO_LONG,
     URL "longer than its limit (\\255\\010)"},
    {{.failure = WW_E_TOO_LONG}, WW_FOUND_FETCH_FAILURE, WW_E_TOO_LONG, URL "longer than its limit"},
    {{.failure = WW_E_TOO_LONG, .detail = ""},
     WW_FOUND_FETCH_FAILURE,
     WW_E_TOO_LONG,
     URL "longer than its limit"},
};

static void judges_what_the_policy_host_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(policy_cases); i++) {
        const struct policy_case *t = &policy_cases[i];
        struct ww_discovery d = begin(&(struct ww_discovery_ask){0});
        answer(&d, &(struct packet){.record = "v=STSv1; id=1;"});
        ww_discovery_on_policy(&d, &t->event);
        const struct ww_discovery_result *r = ww_discovery_result(&d);
        if (r->outcome != t->outcome || r->why != t->why ||
            (t->detail != NULL && strcmp(r->detail, t->detail) != 0))
            fail_msg("case %zu: %s, %s, %s", i, ww_discovery_outcome_name(r->outcome), ww_err_id(r->why),
                     r->detail);
        assert_int_equal(ww_discovery_want(&d), WW_WANT_NOTHING);
        assert_string_equal(r->id, "1");
        assert_ptr_equal(r->body.p, t->outcome == WW_FOUND_POLICY ? t->event.body.p : NULL);
    }
}

static void names_the_place_of_a_dns_failure(void **state)
{
    (void)state;
    struct ww_discovery d = begin(&(struct ww_discovery_ask){0});
    ww_discovery_on_record(
        &d, &(struct ww_record_event){.failure = WW_E_DNS_TIMEOUT, .detail = "no\tsignature"}, NOW);
    assert_int_equal(ww_discovery_result(&d)->outcome, WW_FOUND_DNS_FAILURE);
    assert_int_equal(ww_discovery_result(&d)->why, WW_E_DNS_TIMEOUT);
    assert_string_equal(ww_discovery_result(&d)->detail,
                        "_mta-sts.example.com: no DNS answer came in time (no\\009signature)");
}

static void keeps_details_in_their_bounds(void **state)
{
    (void)state;
    static char words[5000];
    struct ww_discovery_ask ask = {0};
    memset(ask.domain, 'a', 244);
    memset(words, 'w', sizeof words - 1);
    struct ww_discovery d = begin(&ask);
    ww_discovery_on_record(&d, &(struct ww_record_event){.failure = WW_E_DNS_TIMEOUT, .detail = words}, NOW);
    const char *detail = ww_discovery_result(&d)->detail;
    assert_int_equal(strlen(detail), WW_DISCOVERY_DETAIL_SIZE - 1);
    assert_non_null(strstr(detail, "aaa: no DNS answer came in time (www"));
}

static void ignores_events_out_of_turn(void **state)
{
    (void)state;
    struct ww_discovery d = begin(&(struct ww_discovery_ask){0});
    ww_discovery_on_policy(&d, &policy_cases[0].event);
    assert_int_equal(ww_discovery_want(&d), WW_WANT_RECORD);
    answer(&d, &(struct packet){.record = "v=STSv1; id=1;"});
    answer(&d, &(struct packet){.rcode = 3});
    assert_int_equal(ww_discovery_want(&d), WW_WANT_POLICY);
    const struct ww_origin origin = {.address = "192.0.2.1", .cert = {.issuer = "CN=CA"}};
    struct ww_policy_event event = policy_cases[0].event;
    event.origin = &origin;
    ww_discovery_on_policy(&d, &event);
    ww_discovery_on_policy(&d, &policy_cases[1].event);
    assert_int_equal(ww_discovery_result(&d)->outcome, WW_FOUND_POLICY);
    assert_string_equal(ww_discovery_result(&d)->origin.address, "192.0.2.1");
    assert_string_equal(ww_discovery_result(&d)->origin.cert.issuer, "CN=CA");
}

static void names_outcomes(void **state)
{
    (void)state;
    assert_string_equal(ww_discovery_outcome_name(WW_FOUND_POLICY), "policy");
    assert_string_equal(ww_discovery_outcome_name(WW_FOUND_WAITING), "waiting");
    assert_string_equal(ww_discovery_outcome_name((enum ww_discovery_outcome)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_record),
        cmocka_unit_test(looks_at_64_records_and_no_more),
        cmocka_unit_test(joins_what_fills_a_whole_message),
        cmocka_unit_test(refuses_broken_packets),
        cmocka_unit_test(names_what_it_wants),
        cmocka_unit_test(asks_nothing_when_the_name_leaves_no_room),
        cmocka_unit_test(spares_the_policy_host),
        cmocka_unit_test(judges_what_the_policy_host_says),
        cmocka_unit_test(names_the_place_of_a_dns_failure),
        cmocka_unit_test(keeps_details_in_their_bounds),
        cmocka_unit_test(ignores_events_out_of_turn),
        cmocka_unit_test(names_outcomes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
