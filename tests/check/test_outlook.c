#include "mail_sight.h"

#include "check/report_json.h"

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

static void no_dane(struct ww_sight *s)
{
    mail_no_records(s, 0);
    mail_no_records(s, 1);
}

static void no_dane_no_record(struct ww_sight *s)
{
    no_dane(s);
    s->names.record = WW_TXT_ABSENT;
}

static void no_record(struct ww_sight *s)
{
    s->names.record = WW_TXT_ABSENT;
}

static void testing(struct ww_sight *s)
{
    no_dane(s);
    mail_policy(s, MAIL_POLICY("testing", "mx: *.good.example\r\n"));
}

static void opted_out(struct ww_sight *s)
{
    no_dane(s);
    mail_policy(s, MAIL_POLICY("none", ""));
}

static void one_fails_pkix(struct ww_sight *s)
{
    no_dane(s);
    mail_first(s, 1)->status = WW_CERT_EXPIRED;
}

static void both_fail(struct ww_sight *s)
{
    one_fails_pkix(s);
    mail_first(s, 0)->starttls = false;
}

/* MTA-STS does not make up for DANE. */
static void one_fails_dane(struct ww_sight *s)
{
    mail_first(s, 1)->tlsa_match = false;
}

static void dane_at_one(struct ww_sight *s)
{
    mail_no_records(s, 1);
    s->names.record = WW_TXT_ABSENT;
}

static void bogus_tlsa_at_one(struct ww_sight *s)
{
    mail_no_records(s, 1);
    s->survey.hosts[1].state = WW_DANE_BOGUS;
    s->survey.hosts[1].why = WW_E_DNS_BOGUS;
    mail_first(s, 1)->err = WW_E_SMTP_CONNECT;
}

static void bogus_mx(struct ww_sight *s)
{
    s->survey.outcome = WW_MX_FAILED;
    s->survey.why = WW_E_DNS_BOGUS;
    s->survey.mx_dnssec = WW_DNSSEC_BOGUS;
    s->survey.count = 0;
}

static void unsigned_mx(struct ww_sight *s)
{
    s->survey.mx_dnssec = WW_DNSSEC_INSECURE;
    s->names.record = WW_TXT_ABSENT;
}

static void null_mx(struct ww_sight *s)
{
    s->survey.outcome = WW_MX_NULL;
    s->survey.count = 0;
}

static void nothing_known(struct ww_sight *s)
{
    s->surveyed = false;
}

static void nothing_seen(struct ww_sight *s)
{
    mail_first(s, 0)->err = WW_E_SMTP_CONNECT;
    mail_first(s, 1)->err = WW_E_SMTP_CONNECT;
}

static void nothing_seen_no_record(struct ww_sight *s)
{
    nothing_seen(s);
    no_record(s);
}

static void one_unseen(struct ww_sight *s)
{
    mail_first(s, 1)->err = WW_E_SMTP_CONNECT;
}

static void one_unseen_no_record(struct ww_sight *s)
{
    one_unseen(s);
    no_record(s);
}

static void one_without_address(struct ww_sight *s)
{
    mail_no_records(s, 1);
    s->survey.hosts[1].no_address = true;
    mail_first(s, 1)->err = WW_E_SMTP_CONNECT;
}

static void none_with_address(struct ww_sight *s)
{
    one_without_address(s);
    mail_no_records(s, 0);
    s->survey.hosts[0].no_address = true;
    mail_first(s, 0)->err = WW_E_SMTP_CONNECT;
}

static void names_late(struct ww_sight *s)
{
    s->names.looked = false;
}

static void record_late(struct ww_sight *s)
{
    no_dane(s);
    s->names.looked = false;
}

static void policy_late(struct ww_sight *s)
{
    no_dane(s);
    s->has_policy = false;
    s->host.late = true;
}

static void policy_broken(struct ww_sight *s)
{
    no_dane(s);
    s->has_policy = false;
}

static const struct {
    void (*change)(struct ww_sight *);
    enum ww_outlook_kind kind;
    const char *words;
} cases[] = {
    {leave, WW_OUTLOOK_PROTECTED,
     "Senders that obey MTA-STS or DANE deliver by verified TLS alone; 2 of 2 MX hosts qualify."},
    {no_dane, WW_OUTLOOK_PROTECTED,
     "Senders that obey MTA-STS deliver by verified TLS alone; 2 of 2 MX hosts qualify."},
    {no_record, WW_OUTLOOK_PROTECTED,
     "Senders that do DANE deliver by verified TLS alone; 2 of 2 MX hosts qualify. For others no policy is "
     "enforced."},
    {names_late, WW_OUTLOOK_PROTECTED,
     "Senders that do DANE deliver by verified TLS alone; 2 of 2 MX hosts qualify. What others do is not "
     "known."},
    {no_dane_no_record, WW_OUTLOOK_OPEN,
     "Senders use TLS as it comes: nothing demands it, and nobody verifies a certificate."},
    {testing, WW_OUTLOOK_TESTING,
     "Senders report what fails under the policy, and deliver all the same: mode testing."},
    {opted_out, WW_OUTLOOK_OPEN, NULL},
    {one_fails_pkix, WW_OUTLOOK_PARTLY, "Of 2 MX hosts 1 gets mail by verified TLS alone, 1 gets none."},
    {both_fail, WW_OUTLOOK_HELD, "Senders that obey MTA-STS and DANE deliver nothing: no MX host qualifies."},
    {one_fails_dane, WW_OUTLOOK_PARTLY, "Of 2 MX hosts 1 gets mail by verified TLS alone, 1 gets none."},
    {dane_at_one, WW_OUTLOOK_PARTLY,
     "Of 2 MX hosts 1 gets mail by verified TLS alone, 1 by TLS as it comes."},
    {bogus_tlsa_at_one, WW_OUTLOOK_PARTLY, "Of 2 MX hosts 1 gets mail by verified TLS alone, 1 gets none."},
    {bogus_mx, WW_OUTLOOK_HELD,
     "Senders that obey MTA-STS and DANE deliver nothing: the MX records do not stand up to DNSSEC."},
    {unsigned_mx, WW_OUTLOOK_OPEN, NULL},
    {null_mx, WW_OUTLOOK_NO_MAIL, "Senders deliver nothing: the domain says that it takes no mail."},
    {nothing_known, WW_OUTLOOK_UNKNOWN,
     "What senders do could not be found out: the MX records are not known."},
    {nothing_seen, WW_OUTLOOK_UNKNOWN,
     "Senders demand verified TLS; whether the MX hosts have it could not be seen."},
    {nothing_seen_no_record, WW_OUTLOOK_UNKNOWN,
     "What senders do could not be found out: no MX host was seen."},
    {one_unseen, WW_OUTLOOK_PROTECTED,
     "Senders that obey MTA-STS deliver by verified TLS alone; 1 of 2 MX hosts qualify; 1 could not be "
     "seen."},
    {one_unseen_no_record, WW_OUTLOOK_PARTLY,
     "Of 2 MX hosts 1 gets mail by verified TLS alone; 1 could not be seen."},
    {one_without_address, WW_OUTLOOK_PARTLY, "Of 2 MX hosts 1 gets mail by verified TLS alone, 1 gets none."},
    {none_with_address, WW_OUTLOOK_NO_MAIL, "Senders deliver nothing: no MX host has an address."},
    {record_late, WW_OUTLOOK_UNKNOWN,
     "What senders do could not be found out: the MTA-STS policy is not known."},
    {policy_late, WW_OUTLOOK_UNKNOWN,
     "What senders do could not be found out: the MTA-STS policy is not known."},
    {policy_broken, WW_OUTLOOK_OPEN, NULL},
};

static void says_what_senders_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_outlook o;
        struct ww_sight *sight = mail_sight();
        cases[i].change(sight);
        ww_outlook(sight, &o);
        if (o.kind != cases[i].kind || (cases[i].words != NULL && strcmp(o.words, cases[i].words) != 0))
            fail_msg("case %zu: %s, \"%s\"", i, ww_outlook_name(o.kind), o.words);
        ww_sight_free(sight);
    }
}

static void names_the_worst_of_several_addresses(void **state)
{
    (void)state;
    struct ww_outlook o;
    struct ww_sight *sight = mail_sight();
    mail_address(sight, 0)->starttls = false;
    mail_address(sight, 0)->err = WW_E_SMTP_CONNECT;
    ww_outlook(sight, &o);
    assert_true(o.hosts[0].judged);
    assert_int_equal(o.hosts[0].judgement.action, WW_ACTION_SKIP);
    assert_int_equal(o.hosts[0].judgement.rule, WW_RULE_DANE_STARTTLS);
    assert_int_equal(strncmp(o.hosts[0].why, "at 192.0.2.2: ", 14), 0);
    assert_true(o.hosts[1].authenticated);
    assert_null(strstr(o.hosts[1].why, "at 192.0.2.1"));
    ww_sight_free(sight);
}

static void tells_json_of_a_host(void **state)
{
    (void)state;
    struct ww_outlook o;
    struct ww_sight *sight = mail_sight();
    ww_outlook(sight, &o);
    json_t *host = ww_mx_host_json(sight, 0, &o.hosts[0]);
    json_t *dane = json_object_get(host, "dane");
    json_t *records = json_object_get(dane, "records");
    json_t *outlook = json_object_get(host, "outlook");
    assert_string_equal(json_string_value(json_object_get(host, "name")), MAIL_FIRST);
    assert_int_equal(json_integer_value(json_object_get(host, "preference")), 10);
    assert_string_equal(json_string_value(json_object_get(dane, "state")), "secure-usable");
    assert_string_equal(json_string_value(json_object_get(dane, "base")), MAIL_FIRST);
    assert_int_equal(json_array_size(records), 2);
    assert_true(json_is_true(json_object_get(json_array_get(records, 0), "fits")));
    assert_true(json_is_false(json_object_get(json_array_get(records, 1), "fits")));
    assert_string_equal(json_string_value(json_object_get(outlook, "action")), "deliver");
    assert_string_equal(json_string_value(json_object_get(outlook, "policy_type")), "tlsa");
    assert_string_equal(json_string_value(json_object_get(outlook, "result")), "success");
    assert_true(json_is_true(json_object_get(outlook, "authenticated")));
    json_decref(host);
    o.hosts[0].judged = false;
    host = ww_mx_host_json(sight, 0, &o.hosts[0]);
    assert_true(json_is_null(json_object_get(host, "outlook")));
    json_decref(host);
    ww_sight_free(sight);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_senders_do),
        cmocka_unit_test(names_the_worst_of_several_addresses),
        cmocka_unit_test(tells_json_of_a_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
