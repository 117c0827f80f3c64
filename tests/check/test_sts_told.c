#include "check/sts_told.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* 2026-11-29T00:00:00Z */
#define MIDNIGHT INT64_C(1795910400)

static const char bodies[][128] = {
    [WW_MODE_TESTING] = "version: STSv1\nmode: testing\nmx: *.example.com\nmax_age: 60\n",
    [WW_MODE_ENFORCE] = "version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 60\n",
};

enum seen { OUTSIDE, SILENT, HOLDS, NAME, EXPIRED, UNTRUSTED, SELF_SIGNED, NO_STARTTLS, NO_TLS, OLD };

static const struct {
    enum ww_rule rule;
    const char *type;
} shown[] = {
    [HOLDS] = {WW_RULE_STS_HOLDS, ""},
    [NAME] = {WW_RULE_STS_NAME, "certificate-host-mismatch"},
    [EXPIRED] = {WW_RULE_STS_EXPIRED, "certificate-expired"},
    [UNTRUSTED] = {WW_RULE_STS_UNTRUSTED, "certificate-not-trusted"},
    [SELF_SIGNED] = {WW_RULE_STS_SELF_SIGNED, "certificate-not-trusted"},
    [NO_STARTTLS] = {WW_RULE_STS_STARTTLS, "starttls-not-supported"},
    [NO_TLS] = {WW_RULE_STS_HANDSHAKE, "validation-failure"},
    [OLD] = {WW_RULE_STS_VERSION, "validation-failure"},
};

static const struct {
    enum ww_policy_mode mode;
    size_t count;
    enum seen hosts[3];
    bool tells;
    int64_t success, failure;
    const char *types[3];
} cases[] = {
    {WW_MODE_TESTING, 0, {0}, false, 0, 0, {0}},
    {WW_MODE_TESTING, 1, {HOLDS}, true, 1, 0, {0}},
    {WW_MODE_TESTING, 1, {SILENT}, false, 0, 0, {0}},
    {WW_MODE_TESTING, 1, {NAME}, true, 0, 1, {"certificate-host-mismatch"}},
    {WW_MODE_TESTING,
     3,
     {EXPIRED, UNTRUSTED, SELF_SIGNED},
     true,
     0,
     3,
     {"certificate-expired", "certificate-not-trusted", "certificate-not-trusted"}},
    {WW_MODE_TESTING,
     3,
     {NO_STARTTLS, NO_TLS, OLD},
     true,
     0,
     3,
     {"starttls-not-supported", "validation-failure", "validation-failure"}},
    {WW_MODE_TESTING, 3, {HOLDS, OUTSIDE, SILENT}, true, 1, 1, {"validation-failure"}},
    {WW_MODE_ENFORCE, 2, {SILENT, SILENT}, false, 0, 0, {0}},
    {WW_MODE_ENFORCE, 2, {SILENT, OUTSIDE}, true, 0, 1, {"validation-failure"}},
};

static void put_host(struct ww_sts_seen *seen, const struct ww_policy *policy, enum seen what)
{
    struct ww_sts_host *host = &seen->hosts[seen->count];
    struct ww_mx_session *s = &host->session;
    (void)snprintf(host->name, sizeof host->name, "mx%zu.example.%s", seen->count++,
                   what == OUTSIDE ? "net" : "com");
    host->named = what != OUTSIDE;
    assert_int_equal(ww_sts_wants_session(policy, host), policy->mode == WW_MODE_TESTING && host->named);
    if (what == OUTSIDE || what == SILENT)
        return;
    *s = (struct ww_mx_session){.reached = true, .at = MIDNIGHT - 1, .rule = shown[what].rule};
    (void)snprintf(s->reason, sizeof s->reason, "because");
    (void)snprintf(s->ip, sizeof s->ip, "192.0.2.25");
    (void)snprintf(s->from, sizeof s->from, "192.0.2.1");
    (void)snprintf(s->helo, sizeof s->helo, "mx.example.com at your service");
}

static struct ww_sts_told told;

static bool tell(size_t i, struct ww_policy *policy)
{
    static struct ww_sts_seen seen;
    size_t offset;
    const char *body = bodies[cases[i].mode];
    seen = (struct ww_sts_seen){.domain = "example.com",
                                .at = MIDNIGHT,
                                .record = ww_slice_str("v=TLSRPTv1; rua=mailto:a@example.com"),
                                .policy = policy};
    assert_int_equal(ww_policy_parse(body, strlen(body), policy, &offset), WW_OK);
    for (size_t k = 0; k < cases[i].count; k++)
        put_host(&seen, policy, cases[i].hosts[k]);
    return ww_sts_tell(&seen, &told);
}

static void hosts_are_told_as_what_they_are(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_policy policy;
        const struct ww_sessions *s = &told.sessions;
        assert_int_equal(tell(i, &policy), cases[i].tells);
        if (!cases[i].tells)
            continue;
        assert_int_equal(s->success, cases[i].success);
        assert_int_equal(s->unverified, 0);
        assert_int_equal(s->failure, cases[i].failure);
        assert_int_equal(s->detail_count, cases[i].failure);
        for (size_t k = 0; k < s->detail_count; k++) {
            assert_string_equal(ww_result_type_name(s->details[k].type), cases[i].types[k]);
            assert_int_equal(s->details[k].count, 1);
        }
        assert_string_equal(s->domain, "example.com");
        assert_string_equal(s->policy.domain, "example.com");
        assert_int_equal(s->policy.type, WW_POLICY_TYPE_STS);
        assert_true(s->by_us && s->policy_known);
        assert_int_equal(s->day, MIDNIGHT / 86400);
        assert_true(s->record.n > 0);
        assert_true(ww_slice_eq(s->policy.mx_hosts, ww_slice_str("*.example.com\n")));
        assert_true(ww_slice_eq(s->policy.strings, ww_slice_str(bodies[cases[i].mode])));
    }
}

static void expect_text(struct ww_slice is, const char *text)
{
    if (!ww_slice_eq(is, ww_slice_str(text)))
        fail_msg("%.*s is not %s", (int)is.n, is.p, text);
}

static void a_failure_says_who_has_looked(void **state)
{
    struct ww_policy policy;
    const struct ww_sessions_detail *d = told.details;
    (void)state;
    assert_true(tell(3, &policy)); /* NAME */
    expect_text(d->sending_ip, "192.0.2.1");
    expect_text(d->receiving_ip, "192.0.2.25");
    expect_text(d->receiving_mx, "mx0.example.com");
    expect_text(d->helo, "mx.example.com at your service");
    expect_text(d->reason, "because");
    expect_text(d->info, "data:,Not%20a%20delivery%3A%20Waxwing%20opened%20this%20session%20itself%20on%20"
                         "2026-11-28T23%3A59%3A59Z%2C%20as%20the%20policy%20is%20in%20mode%20testing."
                         "%20No%20mail%20was%20sent.");
    assert_true(tell(8, &policy)); /* OUTSIDE */
    expect_text(d->receiving_mx, "mx1.example.net");
    expect_text(d->receiving_ip, "");
    expect_text(d->reason, "MX host is not in the policy");
    expect_text(
        d->info,
        "data:,Not%20a%20delivery%3A%20Waxwing%20compared%20MX%20records%20and%20policy%20itself%20on%20"
        "2026-11-29T00%3A00%3A00Z.%20Where%20the%20policy%20is%20enforced%2C%20senders%20skip%20this"
        "%20host.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_are_told_as_what_they_are),
        cmocka_unit_test(a_failure_says_who_has_looked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
