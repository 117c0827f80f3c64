#include "mail_sight.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka wants the above before it */
#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void leave(struct ww_sight *s)
{
    (void)s;
}

static void unsign_domain(struct ww_sight *s)
{
    s->survey.mx_dnssec = WW_DNSSEC_INSECURE;
}

static void forge_domain(struct ww_sight *s)
{
    s->survey.outcome = WW_MX_FAILED;
    s->survey.mx_dnssec = WW_DNSSEC_BOGUS;
    s->survey.why = WW_E_DNS_BOGUS;
    s->survey.count = 0;
}

static void unsign_host(struct ww_sight *s)
{
    mail_no_records(s, 0);
    s->survey.hosts[0].state = WW_DANE_INSECURE;
    s->tlsa[0].wanted = true;
    s->tlsa[0].looked = true;
}

static void unsign_hosts(struct ww_sight *s)
{
    unsign_host(s);
    mail_no_records(s, 1);
    s->survey.hosts[1].state = WW_DANE_INSECURE;
    s->tlsa[1] = s->tlsa[0];
}

static void unsign_hosts_elsewhere(struct ww_sight *s)
{
    unsign_hosts(s);
    unsign_domain(s);
    (void)snprintf(s->survey.hosts[1].name, sizeof s->survey.hosts[1].name, "mx.other.example");
}

static void unsign_all(struct ww_sight *s)
{
    unsign_hosts(s);
    unsign_domain(s);
}

static void unsigned_records(struct ww_sight *s)
{
    unsign_host(s);
    s->tlsa[0].count = 2;
}

static void unsigned_records_in_domain(struct ww_sight *s)
{
    unsigned_records(s);
    unsign_domain(s);
}

static void fail_on(struct ww_sight *s, enum ww_dane_question q, enum ww_err err)
{
    struct ww_dane_host *host = &s->survey.hosts[0];
    mail_no_records(s, 0);
    host->answers[q].progress = WW_DANE_NO_ANSWER;
    host->answers[q].err = err;
    host->why = err;
    host->state = err == WW_E_DNS_BOGUS ? WW_DANE_BOGUS : WW_DANE_LOOKUP_FAILED;
}

static void forge_addresses(struct ww_sight *s)
{
    fail_on(s, WW_DANE_ASK_A, WW_E_DNS_BOGUS);
}

static void forge_tlsa(struct ww_sight *s)
{
    fail_on(s, WW_DANE_ASK_TLSA, WW_E_DNS_BOGUS);
    s->tlsa[0] = (struct ww_tlsa_sight){.wanted = true, .looked = true, .count = 1};
}

static void forge_tlsa_unseen(struct ww_sight *s)
{
    fail_on(s, WW_DANE_ASK_TLSA_ALIAS, WW_E_DNS_BOGUS);
}

static void forge_denial(struct ww_sight *s)
{
    fail_on(s, WW_DANE_ASK_TLSA, WW_E_DNS_BOGUS);
    s->tlsa[0] = (struct ww_tlsa_sight){.wanted = true, .looked = true};
}

static void fail_tlsa(struct ww_sight *s)
{
    fail_on(s, WW_DANE_ASK_TLSA, WW_E_DNS_SERVFAIL);
}

static void delay_tlsa(struct ww_sight *s)
{
    fail_on(s, WW_DANE_ASK_TLSA, WW_E_DNS_TIMEOUT);
}

static void no_tlsa(struct ww_sight *s)
{
    mail_no_records(s, 0);
    mail_no_records(s, 1);
}

static void no_tlsa_at_one(struct ww_sight *s)
{
    mail_no_records(s, 1);
}

static void no_tlsa_at_one_without_dnssec(struct ww_sight *s)
{
    mail_no_records(s, 1);
    unsign_domain(s);
}

static void no_address(struct ww_sight *s)
{
    mail_no_records(s, 1);
    s->survey.hosts[1].no_address = true;
}

static void mismatch(struct ww_sight *s)
{
    struct ww_mx_probe_result *r = mail_first(s, 0);
    r->tlsa_match = false;
    r->fits[0].fits = false;
}

static void mismatch_alone(struct ww_sight *s)
{
    mismatch(s);
    mail_first(s, 0)->status = WW_CERT_SELF_SIGNED;
}

static void mismatch_without_policy(struct ww_sight *s)
{
    mismatch(s);
    s->names.record = WW_TXT_ABSENT;
}

static void mismatch_at_the_other_address(struct ww_sight *s)
{
    struct ww_mx_probe_result *r = mail_address(s, 0);
    r->tlsa_match = false;
    r->fits[0].fits = false;
    r->status = WW_CERT_SELF_SIGNED;
}

static void weak_digest_hides(struct ww_sight *s)
{
    mail_record(s, 0, 3, WW_TLSA_SHA512, 0x33, false);
    mail_first(s, 0)->tlsa_match = false;
    mail_first(s, 0)->status = WW_CERT_SELF_SIGNED;
}

static void uneven_digests(struct ww_sight *s)
{
    mail_record(s, 0, 3, WW_TLSA_SHA512, 0x33, true);
}

static void even_digests(struct ww_sight *s)
{
    mail_record(s, 0, 3, WW_TLSA_SHA512, 0x33, true);
    mail_record(s, 0, 3, WW_TLSA_SHA512, 0x44, false);
}

static void pkix_usage(struct ww_sight *s)
{
    mail_record(s, 0, 1, WW_TLSA_SHA256, 0x33, false);
}

static void broken_record(struct ww_sight *s)
{
    mail_record(s, 0, 3, WW_TLSA_SHA256, 0x33, false);
    s->survey.hosts[0].records[2].unusable = WW_E_TLSA_DATA;
}

static void none_usable(struct ww_sight *s)
{
    mail_no_records(s, 0);
    mail_record(s, 0, 0, WW_TLSA_SHA256, 0x33, false);
    mail_record(s, 0, 1, WW_TLSA_SHA256, 0x33, false);
}

static void one_record(struct ww_sight *s)
{
    mail_no_records(s, 0);
    mail_record(s, 0, 3, WW_TLSA_SHA256, 0x11, true);
}

static void one_authority(struct ww_sight *s)
{
    mail_no_records(s, 0);
    mail_record(s, 0, 2, WW_TLSA_SHA256, 0x11, true);
}

static void key_and_authority(struct ww_sight *s)
{
    one_record(s);
    mail_record(s, 0, 2, WW_TLSA_SHA256, 0x33, true);
}

static void two_authorities(struct ww_sight *s)
{
    one_authority(s);
    mail_record(s, 0, 2, WW_TLSA_SHA256, 0x33, false);
}

static void both_fit(struct ww_sight *s)
{
    one_record(s);
    mail_record(s, 0, 3, WW_TLSA_FULL, 0x33, true);
}

/* Two certificates in use, by address: neither is the next one. */
static void one_each_address(struct ww_sight *s)
{
    struct ww_mx_probe_result *r = mail_address(s, 0);
    r->fits[0].fits = false;
    r->fits[1].fits = true;
}

static void stale_pin(struct ww_sight *s)
{
    mail_record(s, 0, 2, WW_TLSA_SHA256, 0x33, false);
}

static void stale_pin_alone(struct ww_sight *s)
{
    one_record(s);
    stale_pin(s);
}

static void authority_in_use_and_another(struct ww_sight *s)
{
    key_and_authority(s);
    mail_record(s, 0, 2, WW_TLSA_SHA256, 0x44, false);
}

static const struct {
    void (*change)(struct ww_sight *);
    const char *findings;
    const char *where; /* of the first */
} cases[] = {
    {leave, "", NULL},
    {unsign_domain, "dane-dnssec-absent", MAIL_DOMAIN},
    {forge_domain, "dane-dnssec-bogus", MAIL_DOMAIN},
    {unsign_host, "dane-inconsistent", MAIL_FIRST},
    {unsign_hosts, "dane-host-unsigned dane-host-unsigned", MAIL_FIRST},
    {unsign_all, "dane-dnssec-absent", MAIL_DOMAIN},
    {unsign_hosts_elsewhere, "dane-dnssec-absent dane-host-unsigned", MAIL_DOMAIN},
    {unsigned_records, "dane-tlsa-unsigned", MAIL_FIRST},
    {unsigned_records_in_domain, "dane-tlsa-unsigned", MAIL_FIRST},
    {forge_addresses, "dane-host-bogus", MAIL_FIRST},
    {forge_tlsa, "dane-tlsa-bogus", MAIL_FIRST},
    {forge_tlsa_unseen, "dane-tlsa-bogus", MAIL_FIRST},
    {forge_denial, "dane-denial-bogus", MAIL_FIRST},
    {fail_tlsa, "dane-tlsa-failed", MAIL_FIRST},
    {delay_tlsa, "", NULL},
    {no_tlsa, "dane-tlsa-missing dane-tlsa-missing", MAIL_FIRST},
    {no_tlsa_at_one, "dane-inconsistent", MAIL_SECOND},
    {no_tlsa_at_one_without_dnssec, "dane-dnssec-absent dane-tlsa-missing", MAIL_DOMAIN},
    {no_address, "", NULL},
    {mismatch, "dane-fails-sts-holds", MAIL_FIRST " [192.0.2.1]"},
    {mismatch_alone, "dane-no-match", MAIL_FIRST " [192.0.2.1]"},
    {mismatch_without_policy, "dane-no-match", MAIL_FIRST " [192.0.2.1]"},
    {mismatch_at_the_other_address, "dane-no-match", MAIL_FIRST " [192.0.2.2]"},
    {weak_digest_hides, "dane-no-match", MAIL_FIRST " [192.0.2.1]"},
    {uneven_digests, "dane-digests", MAIL_FIRST},
    {even_digests, "", NULL},
    {pkix_usage, "dane-usage", MAIL_FIRST},
    {broken_record, "dane-record", MAIL_FIRST},
    {none_usable, "dane-none-usable", MAIL_FIRST},
    {one_record, "dane-no-rollover", MAIL_FIRST},
    {one_authority, "dane-no-rollover", MAIL_FIRST},
    {key_and_authority, "", NULL},
    {two_authorities, "", NULL},
    {both_fit, "dane-no-rollover", MAIL_FIRST},
    {one_each_address, "dane-no-rollover", MAIL_FIRST},
    {stale_pin, "dane-stale-pin", MAIL_FIRST},
    {stale_pin_alone, "dane-stale-pin", MAIL_FIRST},
    {authority_in_use_and_another, "", NULL},
};

static void finds_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_check_report report = {.enforced = true};
        struct ww_sight *sight = mail_sight();
        cases[i].change(sight);
        ww_judge_dane(sight, &report);
        ww_check_report_end(&report);
        if (strcmp(mail_findings(&report), cases[i].findings) != 0)
            fail_msg("case %zu: \"%s\" for \"%s\"", i, mail_findings(&report), cases[i].findings);
        if (cases[i].where != NULL)
            assert_string_equal(report.findings[0].where, cases[i].where);
        ww_check_report_clear(&report);
        ww_sight_free(sight);
    }
}

static void unsign_hosts_unseen(struct ww_sight *s)
{
    unsign_hosts(s);
    s->tlsa[0].looked = s->tlsa[1].looked = false;
}

static void delay_all(struct ww_sight *s)
{
    s->survey.count = 1;
    delay_tlsa(s);
}

static void delay_addresses(struct ww_sight *s)
{
    s->survey.count = 1;
    fail_on(s, WW_DANE_ASK_A, WW_E_DNS_TIMEOUT);
}

static void says_what_could_not_be_made(void **state)
{
    static const struct {
        void (*change)(struct ww_sight *);
        enum ww_check check;
        enum ww_check_state state;
    } rows[] = {
        {unsign_hosts, WW_CHECK_DANE_TLSA_UNSIGNED, WW_CHECK_SILENT},
        {unsign_hosts_unseen, WW_CHECK_DANE_TLSA_UNSIGNED, WW_CHECK_NOT_TESTED},
        {leave, WW_CHECK_DANE_TLSA_MISSING, WW_CHECK_SILENT},
        {delay_all, WW_CHECK_DANE_TLSA_FAILED, WW_CHECK_NOT_TESTED},
        {delay_all, WW_CHECK_DANE_TLSA_MISSING, WW_CHECK_NOT_TESTED},
        {delay_all, WW_CHECK_DANE_HOST_BOGUS, WW_CHECK_SILENT},
        {delay_addresses, WW_CHECK_DANE_HOST_BOGUS, WW_CHECK_NOT_TESTED},
        {delay_addresses, WW_CHECK_DANE_HOST_UNSIGNED, WW_CHECK_NOT_TESTED},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ww_check_report report = {.enforced = true};
        struct ww_sight *sight = mail_sight();
        rows[i].change(sight);
        ww_judge_dane(sight, &report);
        if (report.states[rows[i].check] != rows[i].state)
            fail_msg("row %zu: state %d", i, (int)report.states[rows[i].check]);
        ww_check_report_clear(&report);
        ww_sight_free(sight);
    }
}

/* Those of the table of DANE. */
static const enum ww_check checks[] = {
#define WW_CHECK(name, ...) WW_CHECK_##name,
#include "check/table_dane.h"
#undef WW_CHECK
};

static void makes_every_check_of_a_good_domain(void **state)
{
    (void)state;
    struct ww_check_report report = {.enforced = true};
    struct ww_sight *sight = mail_sight();
    ww_judge_dane(sight, &report);
    for (size_t i = 0; i < COUNT(checks); i++)
        if (report.states[checks[i]] != WW_CHECK_SILENT)
            fail_msg("%s: %d", ww_check_info(checks[i])->id, (int)report.states[checks[i]]);
    ww_check_report_clear(&report);
    ww_sight_free(sight);
}

static void not_surveyed(struct ww_sight *s)
{
    s->surveyed = false;
}

static void not_found_out(struct ww_sight *s)
{
    s->survey.outcome = WW_MX_FAILED;
    s->survey.why = WW_E_DNS_TIMEOUT;
    s->survey.count = 0;
}

static void not_validating(struct ww_sight *s)
{
    s->survey.validating = false;
}

static void of_files(struct ww_sight *s)
{
    s->offline = true;
    s->surveyed = false;
}

static void what_cannot_be_seen_is_not_tested(void **state)
{
    (void)state;
    static void (*const changes[])(struct ww_sight *) = {not_surveyed, not_found_out, not_validating,
                                                         of_files};
    for (size_t i = 0; i < COUNT(changes); i++) {
        struct ww_check_report report = {.enforced = true};
        struct ww_sight *sight = mail_sight();
        changes[i](sight);
        ww_judge_dane(sight, &report);
        assert_int_equal(report.count, 0);
        for (size_t k = 0; k < COUNT(checks); k++)
            if (report.states[checks[k]] != WW_CHECK_NOT_TESTED)
                fail_msg("case %zu: %s", i, ww_check_info(checks[k])->id);
        ww_check_report_clear(&report);
        ww_sight_free(sight);
    }
}

static void without_certificates_the_chain_is_not_tested(void **state)
{
    (void)state;
    static const enum ww_check of_chain[] = {WW_CHECK_DANE_NO_MATCH, WW_CHECK_DANE_FAILS_STS_HOLDS,
                                             WW_CHECK_DANE_NO_ROLLOVER, WW_CHECK_DANE_STALE_PIN};
    struct ww_check_report report = {.enforced = true};
    struct ww_sight *sight = mail_sight();
    mail_first(sight, 0)->err = WW_E_SMTP_CONNECT;
    mail_first(sight, 1)->handshake = false;
    mail_first(sight, 1)->tlsa_match = false;
    ww_judge_dane(sight, &report);
    assert_int_equal(report.count, 0);
    for (size_t i = 0; i < COUNT(of_chain); i++)
        assert_int_equal(report.states[of_chain[i]], WW_CHECK_NOT_TESTED);
    assert_int_equal(report.states[WW_CHECK_DANE_USAGE], WW_CHECK_SILENT);
    ww_check_report_clear(&report);
    ww_sight_free(sight);
}

static void says_why_a_record_that_fits_is_no_match(void **state)
{
    (void)state;
    struct ww_check_report report = {.enforced = true};
    struct ww_sight *sight = mail_sight();
    weak_digest_hides(sight);
    ww_judge_dane(sight, &report);
    assert_int_equal(report.count, 1);
    assert_non_null(strstr(report.findings[0].seen, "RFC 7671 section 9"));
    assert_non_null(strstr(report.findings[0].seen, "3 1 2 3300000000000000..."));
    assert_non_null(strstr(report.findings[0].seen, "CN=Lab CA"));
    ww_check_report_clear(&report);
    ww_sight_free(sight);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_is_wrong),
        cmocka_unit_test(says_what_could_not_be_made),
        cmocka_unit_test(makes_every_check_of_a_good_domain),
        cmocka_unit_test(what_cannot_be_seen_is_not_tested),
        cmocka_unit_test(without_certificates_the_chain_is_not_tested),
        cmocka_unit_test(says_why_a_record_that_fits_is_no_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
