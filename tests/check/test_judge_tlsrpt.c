#include "check/judges.h"

#include "names_made.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define RECORD "v=TLSRPTv1; rua=mailto:a@r.example"

static const enum ww_check all[] = {
#define WW_CHECK(name, ...) WW_CHECK_##name,
#define WW_CHECK_RULE(name, ...) WW_CHECK_##name,
#include "check/table_tlsrpt.h"
#undef WW_CHECK
#undef WW_CHECK_RULE
};

/* One destination, of either kind, that would take reports. */
static struct ww_rua_destination *put(struct ww_sight *sight, const char *uri)
{
    struct ww_rua_destination *d = &sight->rua.destinations[sight->rua.count++];
    struct ww_rua rua;
    sight->rua.looked = true;
    d->scheme = uri[0] == 'm' ? WW_RUA_MAILTO : WW_RUA_HTTPS;
    d->ended = true;
    assert_true(ww_rua_read(ww_slice_str(uri), d, &rua));
    d->mail = (struct ww_rua_mail){
        .outcome = WW_MX_LISTED, .found = true, .tried = 1, .greeted = true, .policy_known = true};
    d->web.asked = true;
    d->web.status = 405;
    return d;
}

static struct ww_check_report judge(struct ww_sight *sight)
{
    struct ww_check_report report = {.enforced = true};
    made_read(sight);
    ww_judge_tlsrpt(sight, &report);
    return report;
}

static void a_good_domain_passes_every_check(void **state)
{
    static const char *const uris[] = {"mailto:a@r.example", "https://r.example/tlsrpt"};
    (void)state;
    for (size_t k = 0; k < COUNT(uris); k++) {
        struct ww_sight *sight = made_sight();
        (void)put(sight, uris[k]);
        struct ww_check_report report = judge(sight);
        for (size_t i = 0; i < COUNT(all); i++)
            if (report.states[all[i]] != WW_CHECK_SILENT)
                fail_msg("%s: %d", ww_check_info(all[i])->id, report.states[all[i]]);
        assert_string_equal(made_ids(&report), "");
        ww_sight_free(sight);
    }
}

struct place {
    enum ww_names_text which;
    const char *texts[3];
};

static void what_stands_where_is_judged(void **state)
{
    static const struct {
        struct place places[2];
        const char *ids;
    } cases[] = {
        {{{WW_NAMES_TLSRPT, {NULL}}}, "tlsrpt-none"},
        {{{WW_NAMES_TLSRPT, {"v=spf1 -all"}}}, "tlsrpt-unrelated"},
        {{{WW_NAMES_TLSRPT, {"v=spf1 -all"}}, {WW_NAMES_SIBLING, {"v=spf1 -all"}}}, "tlsrpt-none"},
        {{{WW_NAMES_TLSRPT, {RECORD, RECORD}}}, "tlsrpt-multiple"},
        {{{WW_NAMES_TLSRPT, {"v=TLSRPv1; rua=mailto:a@r.example"}}}, "tlsrpt-version"},
        {{{WW_NAMES_TLSRPT, {"v=TLSRPTv1; rua=a@r.example"}}}, "uri-scheme"},
        {{{WW_NAMES_TLSRPT, {"v=TLSRPTv1; rua=mailto:a!1k@r.example"}}}, "tlsrpt-rua-encode"},
        {{{WW_NAMES_TLSRPT, {"v=TLSRPTv1;"}}}, "tlsrpt-rua-missing"},
        {{{WW_NAMES_TLSRPT, {RECORD ",mailto:b@r.example"}}}, "tlsrpt-rua-several"},
        {{{WW_NAMES_TLSRPT, {RECORD ",mailto:a@r.example"}}}, "tlsrpt-rua-twice"},
        {{{WW_NAMES_TLSRPT, {RECORD ",https://c.example/,mailto:a@r.example"}}},
         "tlsrpt-rua-several tlsrpt-rua-twice"},
        {{{WW_NAMES_TLSRPT, {"v=TLSRPTv1; rua=ftp://r.example/"}}}, "tlsrpt-rua-scheme"},
        {{{WW_NAMES_TLSRPT, {"v=TLSRPTv1; rua=mailto:a"}}}, "tlsrpt-rua-target"},
        {{{WW_NAMES_TLSRPT, {NULL}}, {WW_NAMES_TLSRPT_TLS, {RECORD}}}, "tlsrpt-wrong-label"},
        {{{WW_NAMES_TLSRPT, {NULL}}, {WW_NAMES_TLSRPT_DRAFT, {RECORD}}}, "tlsrpt-wrong-label"},
        {{{WW_NAMES_TLSRPT, {NULL}}, {WW_NAMES_TLSRPT_LABEL, {RECORD}}}, "tlsrpt-wrong-label"},
        {{{WW_NAMES_TLSRPT, {NULL}}, {WW_NAMES_APEX, {RECORD}}}, "tlsrpt-wrong-label"},
        {{{WW_NAMES_TLSRPT, {RECORD}}, {WW_NAMES_TLSRPT_HYPHEN, {RECORD}}}, "tlsrpt-stray"},
        {{{WW_NAMES_TLSRPT, {NULL}}, {WW_NAMES_STS_HOST, {RECORD}}}, "tlsrpt-none"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_sight *sight = made_sight();
        for (size_t k = 0; k < COUNT(cases[i].places); k++)
            if (k == 0 || cases[i].places[k].texts[0] != NULL)
                made_texts(sight, cases[i].places[k].which, cases[i].places[k].texts);
        struct ww_check_report report = judge(sight);
        const char *ids = made_ids(&report);
        if (strcmp(ids, cases[i].ids) != 0)
            fail_msg("case %zu: \"%s\", not \"%s\"", i, ids, cases[i].ids);
        ww_sight_free(sight);
    }
}

static void mail_destinations_are_judged(void **state)
{
    static const struct {
        const char *uri;
        enum ww_mx_outcome outcome;
        enum ww_err mx_err;
        bool greeted;
        enum ww_err err;
        unsigned tried;
        bool enforced, port_open;
        const char *ids;
    } cases[] = {
        {"mailto:a@r.example", WW_MX_NULL, WW_OK, false, WW_OK, 0, false, true, "tlsrpt-rua-no-mail"},
        {"mailto:a@r.example", WW_MX_NO_DOMAIN, WW_OK, false, WW_OK, 0, false, true, "tlsrpt-rua-no-mail"},
        {"mailto:a@r.example", WW_MX_FAILED, WW_E_DNS_SERVFAIL, false, WW_OK, 0, false, true,
         "tlsrpt-rua-no-mail"},
        {"mailto:a@r.example", WW_MX_FAILED, WW_E_DNS_BUSY, true, WW_OK, 0, false, true, ""},
        {"mailto:a@r.example", WW_MX_IMPLICIT, WW_OK, false, WW_E_FETCH_NO_ADDRESS, 0, false, true,
         "tlsrpt-rua-no-mail"},
        {"mailto:a@r.example", WW_MX_LISTED, WW_OK, false, WW_E_SMTP_CONNECT, 2, false, true,
         "tlsrpt-rua-mail-silent"},
        /* Port 25 may be blocked on our side. */
        {"mailto:a@r.example", WW_MX_LISTED, WW_OK, false, WW_E_SMTP_CONNECT, 2, false, false, ""},
        {"mailto:a@r.example", WW_MX_LISTED, WW_OK, true, WW_OK, 1, true, true, "tlsrpt-rua-sts"},
        {"mailto:a@" MADE_DOMAIN, WW_MX_LISTED, WW_OK, true, WW_OK, 1, true, true, "tlsrpt-rua-own-policy"},
        {"mailto:a%2Bx@R.Example?subject=x", WW_MX_LISTED, WW_OK, true, WW_OK, 1, false, true, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_sight *sight = made_sight();
        struct ww_rua_destination *d = put(sight, cases[i].uri);
        d->mail = (struct ww_rua_mail){.outcome = cases[i].outcome,
                                       .found = true,
                                       .mx_err = cases[i].mx_err,
                                       .greeted = cases[i].greeted,
                                       .err = cases[i].err,
                                       .tried = cases[i].tried,
                                       .policy_known = true,
                                       .enforced = cases[i].enforced};
        struct ww_mx_address_sight *address = calloc(1, sizeof *address);
        sight->survey.count = 1;
        sight->mx[0] = ww_mx_sight_new("mx." MADE_DOMAIN);
        assert_non_null(sight->mx[0]);
        assert_non_null(address);
        sight->mx[0]->complete = true;
        sight->mx[0]->count = 1;
        sight->mx[0]->addresses = address;
        address->first.err = cases[i].port_open ? WW_OK : WW_E_SMTP_CONNECT;
        struct ww_check_report report = judge(sight);
        enum ww_check_state silent = report.states[WW_CHECK_TLSRPT_RUA_MAIL_SILENT];
        const char *ids = made_ids(&report);
        if (strcmp(ids, cases[i].ids) != 0)
            fail_msg("case %zu: \"%s\", not \"%s\"", i, ids, cases[i].ids);
        if (!cases[i].port_open)
            assert_int_equal(silent, WW_CHECK_NOT_TESTED);
        ww_sight_free(sight);
    }
}

static void web_destinations_are_judged(void **state)
{
    static const struct {
        const char *uri;
        bool asked;
        enum ww_err err;
        unsigned status;
        const char *ids;
    } cases[] = {
        {"https://r.example/", true, WW_OK, 200, ""},
        {"https://r.example/", true, WW_OK, 405, ""},
        {"https://r.example/", true, WW_OK, 404, "tlsrpt-rua-web-status"},
        {"https://r.example/", true, WW_OK, 503, "tlsrpt-rua-web-status"},
        {"https://r.example/", true, WW_E_HTTPS_TOO_LARGE, 0, ""},
        {"https://r.example/", true, WW_E_HTTPS_CONNECT, 0, "tlsrpt-rua-web-silent"},
        {"https://r.example/", true, WW_E_HTTPS_TLS, 0, "tlsrpt-rua-web-silent"},
        {"https://r.example/", true, WW_E_FETCH_NO_ADDRESS, 0, "tlsrpt-rua-web-silent"},
        {"https://r.example/", true, WW_E_HTTPS_CERT_EXPIRED, 0, "tlsrpt-rua-web-certificate"},
        {"https://r.example:8443/", false, WW_OK, 0, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_sight *sight = made_sight();
        struct ww_rua_destination *d = put(sight, cases[i].uri);
        d->web.asked = cases[i].asked;
        d->web.err = cases[i].err;
        d->web.status = cases[i].status;
        struct ww_check_report report = judge(sight);
        enum ww_check_state silent = report.states[WW_CHECK_TLSRPT_RUA_WEB_SILENT];
        const char *ids = made_ids(&report);
        if (strcmp(ids, cases[i].ids) != 0)
            fail_msg("case %zu: \"%s\", not \"%s\"", i, ids, cases[i].ids);
        if (!cases[i].asked)
            assert_int_equal(silent, WW_CHECK_NOT_TESTED);
        ww_sight_free(sight);
    }
}

static void look_ups_that_fail_are_told_apart(void **state)
{
    static const struct {
        enum ww_err sts, tlsrpt;
        bool ended;
        const char *ids;
        enum ww_check_state state; /* of tlsrpt-none */
    } cases[] = {
        {WW_OK, WW_E_DNS_TIMEOUT, true, "tlsrpt-lookup-failed", WW_CHECK_NOT_MADE},
        /* That is another's finding. */
        {WW_E_DNS_TIMEOUT, WW_E_DNS_TIMEOUT, true, "", WW_CHECK_NOT_TESTED},
        {WW_OK, WW_E_DNS_BOGUS, true, "", WW_CHECK_NOT_TESTED},
        {WW_OK, WW_E_DNS_BUSY, true, "", WW_CHECK_NOT_TESTED},
        {WW_OK, WW_OK, false, "", WW_CHECK_NOT_TESTED},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_sight *sight = made_sight();
        made_text(sight, WW_NAMES_TLSRPT, NULL);
        sight->names.texts[WW_NAMES_STS].err = cases[i].sts;
        sight->names.texts[WW_NAMES_TLSRPT].err = cases[i].tlsrpt;
        sight->names.texts[WW_NAMES_TLSRPT].ended = cases[i].ended;
        struct ww_check_report report = judge(sight);
        assert_int_equal(report.states[WW_CHECK_TLSRPT_NONE], cases[i].state);
        assert_string_equal(made_ids(&report), cases[i].ids);
        ww_sight_free(sight);
    }
}

static void what_is_late_is_not_tested(void **state)
{
    (void)state;
    struct ww_sight *sight = made_sight();
    struct ww_rua_destination *d = put(sight, "mailto:a@r.example");
    d->mail = (struct ww_rua_mail){.found = false};
    d->ended = false;
    sight->rua.late = true;
    struct ww_check_report report = judge(sight);
    assert_int_equal(report.states[WW_CHECK_TLSRPT_RUA_NO_MAIL], WW_CHECK_NOT_TESTED);
    assert_int_equal(report.states[WW_CHECK_TLSRPT_RUA_STS], WW_CHECK_NOT_TESTED);
    assert_int_equal(report.states[WW_CHECK_TLSRPT_RUA_WEB_SILENT], WW_CHECK_NOT_TESTED);
    assert_string_equal(made_ids(&report), "");
    ww_sight_free(sight);
}

static void uris_are_taken_apart(void **state)
{
    static const struct {
        enum ww_rua_scheme scheme;
        const char *uri, *name;
        bool other_port;
    } cases[] = {
        {WW_RUA_MAILTO, "mailto:a@R.example", "r.example", false},
        {WW_RUA_MAILTO, "mailto:a%40r.example", "r.example", false},
        {WW_RUA_MAILTO, "mailto:a", NULL, false},
        {WW_RUA_HTTPS, "https://r.example/a?b", "r.example", false},
        {WW_RUA_HTTPS, "https://u@r.example:443", NULL, false},
        {WW_RUA_HTTPS, "https://r.example:8443/a", "r.example", true},
        {WW_RUA_HTTPS, "https:a", NULL, false},
        {WW_RUA_OTHER, "ftp://r.example/", NULL, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_rua_destination d = {.scheme = cases[i].scheme};
        struct ww_rua rua;
        bool good = ww_rua_read(ww_slice_str(cases[i].uri), &d, &rua);
        if (good != (cases[i].name != NULL) || strcmp(d.name, good ? cases[i].name : "") != 0 ||
            d.web.other_port != cases[i].other_port)
            fail_msg("%s: \"%s\"", cases[i].uri, d.name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_domain_passes_every_check),
        cmocka_unit_test(what_stands_where_is_judged),
        cmocka_unit_test(mail_destinations_are_judged),
        cmocka_unit_test(web_destinations_are_judged),
        cmocka_unit_test(look_ups_that_fail_are_told_apart),
        cmocka_unit_test(what_is_late_is_not_tested),
        cmocka_unit_test(uris_are_taken_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
