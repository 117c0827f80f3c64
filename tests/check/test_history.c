/* The history checks: what is published now, beside what was. */
#include "check/judges.h"
#include "check/report_json.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#define NOW INT64_C(1796000000)
#define DAY INT64_C(86400)

#define ENFORCE "version: STSv1\r\nmode: enforce\r\nmax_age: 1209600\r\nmx: *.example.com\r\n"
#define SHORTER "version: STSv1\r\nmode: enforce\r\nmax_age: 604800\r\nmx: *.example.com\r\n"
#define TESTING "version: STSv1\r\nmode: testing\r\nmax_age: 1209600\r\nmx: *.example.com\r\n"
#define NONE "version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"

static struct ww_sight *see(const char *id, const char *body, const char *mx)
{
    struct ww_sight *s = ww_sight_new("example.com", NOW);
    char names[256];
    assert_non_null(s);
    s->names.looked = true;
    s->host.looked = true;
    s->names.record = id != NULL ? WW_TXT_PRESENT : WW_TXT_ABSENT;
    (void)snprintf(s->names.sts.id, sizeof s->names.sts.id, "%s", id != NULL ? id : "");
    if (body != NULL)
        s->host.body = ww_slice(strdup(body), strlen(body));
    ww_sight_read_policy(s);
    s->surveyed = true;
    (void)snprintf(names, sizeof names, "%s", mx);
    for (char *name = strtok(names, " "); name != NULL; name = strtok(NULL, " "))
        (void)snprintf(s->survey.hosts[s->survey.count++].name, WW_DNAME_SIZE, "%s", name);
    return s;
}

/* As a report of so many days ago tells it. */
static void remember(const char *id, const char *body, const char *mx, int64_t days, struct ww_past *past)
{
    struct ww_sight *s = see(id, body, mx);
    struct ww_check_report report = {.count = 0};
    s->at = NOW - days * DAY;
    ww_judge_all(s, &report);
    json_t *json = ww_check_report_json(s, &report);
    assert_non_null(json);
    assert_true(ww_past_read(json, "example.com", past));
    json_decref(json);
    ww_check_report_clear(&report);
    ww_sight_free(s);
}

static void judge(struct ww_sight *s, const struct ww_past *past, char out[512])
{
    struct ww_check_report report = {.count = 0};
    out[0] = '\0';
    report.enforced = ww_sight_is_enforced(s);
    ww_judge_history(s, past, &report);
    ww_check_report_end(&report);
    for (size_t i = 0; i < report.count; i++) {
        size_t n = strlen(out);
        (void)snprintf(out + n, 512 - n, "%s%s", n > 0 ? " " : "",
                       ww_check_info(report.findings[i].check)->id);
    }
    ww_check_report_clear(&report);
}

static void found(void **state)
{
    (void)state;
    static const struct {
        const char *id, *body, *mx; /* before */
        int64_t days;
        const char *id_now, *body_now, *mx_now;
        const char *found;
    } cases[] = {
        {"1", ENFORCE, "a.example.com", 1, "1", ENFORCE, "a.example.com", ""},
        {"1", ENFORCE, "a.example.com", 1, "2", SHORTER, "a.example.com", "history-max-age-shorter"},
        {"1", ENFORCE, "a.example.com", 20, "2", SHORTER, "a.example.com", ""}, /* nobody has it any more */
        {"2", SHORTER, "a.example.com", 1, "3", ENFORCE, "a.example.com", ""},
        {"1", SHORTER, "a.example.com", 1, "1", ENFORCE, "a.example.com", "history-id-unchanged"},
        {"1", ENFORCE, "a.example.com", 1, "2", ENFORCE, "a.example.com", "history-id-changed"},
        {"1", ENFORCE, "a.example.com", 1, "2", TESTING, "a.example.com", "history-weaker"},
        {"1", ENFORCE, "a.example.com", 1, "2", NONE, "a.example.com", "history-weaker"},
        {"1", ENFORCE, "a.example.com", 1, NULL, ENFORCE, "a.example.com", "history-weaker"},
        {"1", ENFORCE, "a.example.com", 1, NULL, NULL, "a.example.com", "history-weaker"},
        {"1", ENFORCE, "a.example.com", 15, NULL, NULL, "a.example.com", ""}, /* its max_age is over */
        {"1", ENFORCE, "a.example.com", 1, "1", NULL, "a.example.com", ""},   /* a fault of the policy host */
        {"1", TESTING, "a.example.com", 1, "2", NONE, "a.example.com", ""},   /* nobody was protected */
        {"1", TESTING, "a.example.com", 1, "2", ENFORCE, "a.example.com", ""},
        {"1", TESTING, "a.example.com", 90, "1", TESTING, "a.example.com", ""},
        {"1", TESTING, "a.example.com", 91, "1", TESTING, "a.example.com", "history-testing-long"},
        {"1", ENFORCE, "a.example.com", 1, "1", ENFORCE, "a.example.com b.example.com", "history-mx-drift"},
        {"1", ENFORCE, "b.example.com a.example.com", 1, "1", ENFORCE, "a.example.com b.example.com", ""},
        {"1", ENFORCE, "a.example.com", 1, "1", ENFORCE, "b.example.net",
         ""}, /* not covered: said elsewhere */
        {"1", SHORTER, "a.example.com", 1, "2", ENFORCE, "b.example.com", ""}, /* both have changed */
        {NULL, NULL, "a.example.com", 1, "1", ENFORCE, "b.example.com", ""},   /* it is new */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ww_past past;
        char ids[512];
        remember(cases[i].id, cases[i].body, cases[i].mx, cases[i].days, &past);
        struct ww_sight *s = see(cases[i].id_now, cases[i].body_now, cases[i].mx_now);
        judge(s, &past, ids);
        if (strcmp(ids, cases[i].found) != 0)
            fail_msg("case %zu: %s", i, ids);
        ww_sight_free(s);
    }
}

/* Every check is made, and silent, on a domain that is as it was; without a past none is. */
static void made(void **state)
{
    (void)state;
    static const enum ww_check checks[] = {WW_CHECK_HISTORY_ID_UNCHANGED, WW_CHECK_HISTORY_ID_CHANGED,
                                           WW_CHECK_HISTORY_WEAKER,       WW_CHECK_HISTORY_MAX_AGE_SHORTER,
                                           WW_CHECK_HISTORY_TESTING_LONG, WW_CHECK_HISTORY_MX_DRIFT};
    struct ww_past past;
    struct ww_sight *s = see("1", ENFORCE, "a.example.com");
    remember("1", ENFORCE, "a.example.com", 1, &past);
    for (int with = 0; with < 2; with++) {
        struct ww_check_report report = {.count = 0};
        ww_judge_history(s, with ? &past : NULL, &report);
        for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
            assert_int_equal(report.states[checks[i]], with ? WW_CHECK_SILENT : WW_CHECK_NOT_MADE);
        ww_check_report_clear(&report);
    }
    s->names.late = true; /* our own fault is none of the domain's */
    struct ww_check_report report = {.count = 0};
    ww_judge_history(s, &past, &report);
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        assert_int_equal(report.states[checks[i]], WW_CHECK_NOT_TESTED);
    ww_check_report_clear(&report);
    s->names.late = false;
    s->survey.why = WW_E_DNS_TIMEOUT;
    ww_judge_history(s, &past, &report);
    assert_int_equal(report.states[WW_CHECK_HISTORY_MX_DRIFT], WW_CHECK_NOT_TESTED);
    assert_int_equal(report.states[WW_CHECK_HISTORY_ID_CHANGED], WW_CHECK_SILENT);
    ww_check_report_clear(&report);
    ww_sight_free(s);
}

/* Several versions, as the store has them: a finding stays while its reason does. */
static void versions(void **state)
{
    (void)state;
    struct ww_past past, older;
    char ids[512];
    remember("2", ENFORCE, "a.example.com", 1, &past);
    remember("1", ENFORCE, "a.example.com", 2, &older);
    past.versions[past.count++] = older.versions[0];
    struct ww_sight *s = see("2", ENFORCE, "a.example.com");
    judge(s, &past, ids);
    assert_string_equal(ids, "history-id-changed");
    (void)snprintf(past.versions[1].id, sizeof past.versions[1].id, "2");
    past.versions[1].hash[0] ^= 1;
    judge(s, &past, ids);
    assert_string_equal(ids, "history-id-unchanged");
    ww_sight_free(s);
}

/* How long it has been in testing goes from report to report. */
static void testing_since(void **state)
{
    (void)state;
    struct ww_past first, second;
    remember("1", TESTING, "a.example.com", 100, &first);
    struct ww_sight *s = see("2", TESTING, "a.example.com");
    struct ww_check_report report = {.count = 0};
    s->past = malloc(sizeof first);
    assert_non_null(s->past);
    *s->past = first;
    s->at = NOW - DAY;
    json_t *json = ww_check_report_json(s, &report);
    assert_true(ww_past_read(json, "example.com", &second));
    assert_int_equal(second.testing_since, NOW - 100 * DAY);
    assert_string_equal(second.versions[0].id, "2");
    json_decref(json);
    ww_sight_free(s);
}

static void no_report(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{}",
        "[]",
        "{\"domain\":\"example.com\",\"at\":\"2026-11-29T12:00:00Z\"}",
        "{\"domain\":\"example.net\",\"at\":\"2026-11-29T12:00:00Z\",\"facts\":{}}",
        "{\"domain\":\"example.com\",\"at\":null,\"facts\":{}}",
    };
    static const char odd[] =
        "{\"domain\":\"example.com\",\"at\":\"2026-11-29T12:00:00Z\",\"facts\":"
        "{\"id\":\"1\",\"sha256\":\"zz\",\"mode\":\"enforce\",\"max_age\":-1,\"mx\":[1]}}";
    struct ww_past past;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_t *json = json_loads(texts[i], 0, NULL);
        assert_false(ww_past_read(json, "example.com", &past));
        json_decref(json);
    }
    json_t *json = json_loads(odd, 0, NULL);
    assert_true(ww_past_read(json, "example.com", &past));
    assert_int_equal(past.count, 0);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found),         cmocka_unit_test(made),      cmocka_unit_test(versions),
        cmocka_unit_test(testing_since), cmocka_unit_test(no_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
