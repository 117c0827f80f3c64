#include "check/judges.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the above before it */
#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define NOW ((int64_t)1790000000)
#define DAY ((int64_t)86400)
#define HOSTS 2
#define ADDRESSES 2

/* A domain with two MX hosts that are as they should be, each on IPv6 and IPv4. */
struct world {
    struct ww_sight *sight;
    struct ww_mx_address_sight *a; /* of the first host: IPv6, IPv4 */
    struct ww_mx_address_sight *b; /* of the second */
};

static void fill_address(struct ww_mx_address_sight *a, const char *address, const char *host)
{
    struct ww_mx_probe_result *first = &a->first;
    assert_int_equal(ww_addr_parse(ww_slice_str(address), &a->addr), WW_OK);
    a->looked = true;
    a->revocation = WW_REVOCATION_GOOD;
    first->stage = WW_SMTP_QUIT;
    first->smtp_code = 220;
    first->starttls = first->handshake = first->has_certificate = true;
    first->tls_version = 0x0304;
    first->make.for_servers = true;
    first->not_after = NOW + 60 * DAY;
    first->name_count = 1;
    (void)snprintf(first->names[0], sizeof first->names[0], "%s", host);
    (void)snprintf(first->cipher, sizeof first->cipher, "TLS_AES_256_GCM_SHA384");
    for (int i = 0; i < WW_MX_TRIALS; i++)
        a->trials[i].verdict = i == WW_MX_TRIAL_NO_SNI ? WW_MX_YES : WW_MX_NO;
    a->trials[WW_MX_TRIAL_NO_SNI].has_certificate = true;
}

static struct ww_mx_sight *host_new(struct ww_sight *sight, size_t i)
{
    struct ww_dane_host *host = &sight->survey.hosts[i];
    char address[32];
    (void)snprintf(host->name, sizeof host->name, "mx%zu.example.com", i + 1);
    struct ww_mx_sight *mx = ww_mx_sight_new(host->name);
    assert_non_null(mx);
    mx->complete = true;
    mx->addresses = calloc(ADDRESSES, sizeof *mx->addresses);
    assert_non_null(mx->addresses);
    mx->count = ADDRESSES;
    (void)snprintf(address, sizeof address, "2a00::%zu", i + 1);
    fill_address(&mx->addresses[0], address, host->name);
    (void)snprintf(address, sizeof address, "192.0.2.%zu", i + 1);
    fill_address(&mx->addresses[1], address, host->name);
    return mx;
}

static struct world world_new(void)
{
    static const char policy[] = "version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 604800\n";
    size_t offset;
    struct ww_sight *sight = ww_sight_new("example.com", NOW);
    assert_non_null(sight);
    sight->surveyed = true;
    sight->survey.count = HOSTS;
    assert_int_equal(ww_policy_parse(policy, sizeof policy - 1, &sight->policy, &offset), WW_OK);
    sight->has_policy = true;
    for (size_t i = 0; i < HOSTS; i++)
        sight->mx[i] = host_new(sight, i);
    return (struct world){sight, sight->mx[0]->addresses, sight->mx[1]->addresses};
}

/* What is wrong, and what is found: ids with a blank between, in the order of the report. */
typedef void spoil(struct world *w);

static void nothing(struct world *w)
{
    (void)w;
}

static void break_off(struct ww_mx_address_sight *a, enum ww_err err, enum ww_smtp_stage stage, int error)
{
    a->first.err = err;
    a->first.stage = stage;
    a->first.error = error;
    a->first.handshake = a->first.starttls = false;
    memset(a->trials, 0, sizeof a->trials);
}

static void break_all_off(struct world *w, int from, enum ww_err err, int error)
{
    for (int i = from; i < ADDRESSES; i++) {
        break_off(&w->a[i], err, WW_SMTP_CONNECTING, error);
        break_off(&w->b[i], err, WW_SMTP_CONNECTING, error);
    }
}

static void one_refuses(struct world *w)
{
    break_off(&w->a[0], WW_E_SMTP_CONNECT, WW_SMTP_CONNECTING, ECONNREFUSED);
    break_off(&w->a[1], WW_E_SMTP_CONNECT, WW_SMTP_CONNECTING, ECONNREFUSED);
}

static void all_time_out(struct world *w)
{
    break_all_off(w, 0, WW_E_SMTP_TIMEOUT, 0);
}

static void all_refuse(struct world *w)
{
    break_all_off(w, 0, WW_E_SMTP_CONNECT, ECONNREFUSED);
}

/* Somebody else was reached over both families. */
static void all_time_out_but_others_do_not(struct world *w)
{
    all_time_out(w);
    w->sight->mx[1]->reached[WW_MX_IPV6] = w->sight->mx[1]->reached[WW_MX_IPV4] = true;
}

static void all_fail_differently(struct world *w)
{
    all_time_out(w);
    for (int i = 0; i < ADDRESSES; i++)
        break_off(&w->b[i], WW_E_SMTP_CONNECT, WW_SMTP_CONNECTING, ECONNREFUSED);
}

static void ipv6_times_out(struct world *w)
{
    break_off(&w->a[0], WW_E_SMTP_TIMEOUT, WW_SMTP_CONNECTING, 0);
    break_off(&w->b[0], WW_E_SMTP_TIMEOUT, WW_SMTP_CONNECTING, 0);
}

static void ipv6_of_one_times_out(struct world *w)
{
    break_off(&w->a[0], WW_E_SMTP_TIMEOUT, WW_SMTP_CONNECTING, 0);
    w->sight->mx[1]->count = 0;
    w->sight->mx[1]->err = WW_E_MX_NO_ADDRESS;
}

static void the_only_one(struct world *w, enum ww_err err, int error)
{
    ww_mx_sight_drop(w->sight->mx[1]);
    w->sight->mx[1] = NULL;
    w->sight->survey.count = 1;
    for (int i = 0; i < ADDRESSES; i++)
        break_off(&w->a[i], err, WW_SMTP_CONNECTING, error);
}

static void the_only_one_times_out(struct world *w)
{
    the_only_one(w, WW_E_SMTP_TIMEOUT, 0);
}

static void the_only_one_refuses(struct world *w)
{
    the_only_one(w, WW_E_SMTP_CONNECT, ECONNREFUSED);
}

static void no_ipv6(struct world *w)
{
    for (struct ww_mx_address_sight *a = w->a; a != NULL; a = a == w->a ? w->b : NULL) {
        memset(&a[0].first, 0, sizeof a[0].first);
        a[0].looked = false;
        a[0].no_route = true;
    }
}

static void say(struct ww_mx_address_sight *a, unsigned code, const char *words)
{
    break_off(a, WW_E_SMTP_REFUSED, WW_SMTP_GREETING, 0);
    a->first.smtp_code = code;
    (void)snprintf(a->first.said, sizeof a->first.said, "%s", words);
}

static void refuses(struct world *w)
{
    say(&w->a[1], 554, "no mail here, says the marble arch");
}

static void lists_us(struct world *w)
{
    say(&w->a[0], 554, "5.7.1 192.0.2.9 is blocked using zen.spamhaus.org");
    say(&w->a[1], 554, "5.7.1 your host is on our Block List");
}

static void hangs_up(struct world *w)
{
    break_off(&w->a[1], WW_E_SMTP_CLOSED, WW_SMTP_GREETING, 0);
}

static void is_silent(struct world *w)
{
    break_off(&w->a[1], WW_E_SMTP_TIMEOUT, WW_SMTP_GREETING, 0);
}

static void no_address(struct world *w)
{
    w->sight->mx[1]->count = 0;
    w->sight->mx[1]->err = WW_E_MX_NO_ADDRESS;
}

static void private_address(struct world *w)
{
    w->sight->mx[1]->count = 0;
    w->sight->mx[1]->err = WW_E_MX_ADDRESS_REFUSED;
}

static void private_address_too(struct world *w)
{
    w->sight->mx[1]->refused = 1;
}

static void no_starttls(struct world *w)
{
    w->a[0].first.starttls = w->a[0].first.handshake = false;
}

static void tls_fails(struct world *w, enum ww_err err)
{
    w->a[0].first.handshake = false;
    w->a[0].first.tls_err = err;
}

static void starttls_refused(struct world *w)
{
    tls_fails(w, WW_E_SMTP_STARTTLS);
}

static void plain_text(struct world *w)
{
    tls_fails(w, WW_E_SMTP_PLAIN);
}

static void handshake_fails(struct world *w)
{
    tls_fails(w, WW_E_SMTP_TLS);
}

static void handshake_cut(struct world *w)
{
    tls_fails(w, WW_E_SMTP_CLOSED);
}

static void handshake_late(struct world *w)
{
    tls_fails(w, WW_E_SMTP_TIMEOUT);
}

static void old_best(struct world *w)
{
    w->a[0].first.tls_version = 0x0302;
    (void)snprintf(w->a[0].first.cipher, sizeof w->a[0].first.cipher, "ECDHE-RSA-AES128-SHA");
    w->a[0].trials[WW_MX_TRIAL_TLS_1_1].verdict = WW_MX_YES;
}

static void old_too(struct world *w)
{
    w->a[0].trials[WW_MX_TRIAL_TLS_1_0].verdict = WW_MX_YES;
}

static void ssl3_too(struct world *w)
{
    w->a[0].trials[WW_MX_TRIAL_SSL_3].verdict = WW_MX_YES;
}

static void weak_too(struct world *w)
{
    w->a[0].trials[WW_MX_TRIAL_WEAK].verdict = WW_MX_YES;
    w->a[0].trials[WW_MX_TRIAL_WEAK].suite = 5;
}

static void rsa_too(struct world *w)
{
    w->a[0].trials[WW_MX_TRIAL_SECRECY].verdict = WW_MX_YES;
}

static void rsa_first(struct world *w)
{
    rsa_too(w);
    w->a[0].first.tls_version = 0x0303;
    (void)snprintf(w->a[0].first.cipher, sizeof w->a[0].first.cipher, "AES128-GCM-SHA256");
}

static void injection(struct world *w)
{
    w->a[0].trials[WW_MX_TRIAL_INJECT].verdict = WW_MX_YES;
}

static void other_without_sni(struct world *w)
{
    w->a[0].trials[WW_MX_TRIAL_NO_SNI].fingerprint[3] = 1;
}

static void nothing_without_sni(struct world *w)
{
    w->a[0].trials[WW_MX_TRIAL_NO_SNI].verdict = WW_MX_NO;
}

static void other_on_ipv4(struct world *w)
{
    w->a[1].first.fingerprint[0] = w->a[1].trials[WW_MX_TRIAL_NO_SNI].fingerprint[0] = 1;
}

static void spoil_certificate(struct world *w, enum ww_err fault, enum ww_cert_status status)
{
    for (int i = 0; i < ADDRESSES; i++) {
        w->a[i].first.fault = fault;
        w->a[i].first.status = status;
    }
}

static void expired(struct world *w)
{
    spoil_certificate(w, WW_E_HTTPS_CERT_EXPIRED, WW_CERT_EXPIRED);
}

static void expired_on_ipv4(struct world *w)
{
    other_on_ipv4(w);
    w->a[1].first.fault = WW_E_HTTPS_CERT_EXPIRED;
}

static void early(struct world *w)
{
    spoil_certificate(w, WW_E_HTTPS_CERT_EARLY, WW_CERT_EXPIRED);
}

static void self_signed(struct world *w)
{
    spoil_certificate(w, WW_E_HTTPS_CERT_SELF_SIGNED, WW_CERT_SELF_SIGNED);
}

static void wrong_name(struct world *w)
{
    for (int i = 0; i < ADDRESSES; i++)
        (void)snprintf(w->a[i].first.names[0], sizeof w->a[i].first.names[0], "another.example.com");
}

/* The names of what nobody vouches for say nothing; what has expired is looked at further. */
static void self_signed_for_another(struct world *w)
{
    self_signed(w);
    wrong_name(w);
}

static void expired_for_another(struct world *w)
{
    expired(w);
    wrong_name(w);
}

static void untrusted(struct world *w)
{
    spoil_certificate(w, WW_E_HTTPS_CERT_UNTRUSTED, WW_CERT_UNTRUSTED);
}

static void chain_broken(struct world *w)
{
    spoil_certificate(w, WW_E_HTTPS_CERT_CHAIN, WW_CERT_UNTRUSTED);
}

static void other_fault(struct world *w)
{
    spoil_certificate(w, WW_E_HTTPS_CERT, WW_CERT_UNTRUSTED);
}

static void for_clients(struct world *w)
{
    other_fault(w);
    w->a[0].first.make.for_servers = w->a[1].first.make.for_servers = false;
}

static void no_names(struct world *w)
{
    w->a[0].first.name_count = w->a[1].first.name_count = 0;
    (void)snprintf(w->a[0].first.common_name, sizeof w->a[0].first.common_name, "mx1.example.com");
    memcpy(w->a[1].first.common_name, w->a[0].first.common_name, sizeof w->a[0].first.common_name);
}

static void ends_soon(struct world *w)
{
    w->a[0].first.not_after = w->a[1].first.not_after = NOW + 14 * DAY - 1;
}

static void ends_in_time(struct world *w)
{
    w->a[0].first.not_after = w->a[1].first.not_after = NOW + 14 * DAY;
}

static void revoked(struct world *w)
{
    w->a[0].revocation = w->a[1].revocation = WW_REVOCATION_REVOKED;
}

static void weak_key(struct world *w)
{
    w->a[0].first.make.weak_key = w->a[1].first.make.weak_key = true;
}

static void weak_signature(struct world *w)
{
    w->a[0].first.make.weak_signature = w->a[1].first.make.weak_signature = true;
}

static void weak_link(struct world *w)
{
    w->a[0].first.weak_link = w->a[1].first.weak_link = true;
}

static void with_dane(struct world *w, uint8_t usage)
{
    w->sight->survey.hosts[0].state = WW_DANE_SECURE_USABLE;
    w->sight->survey.hosts[0].base = WW_DANE_ASK_TLSA;
    for (int i = 0; i < ADDRESSES; i++) {
        w->a[i].first.tlsa_match = true;
        w->a[i].first.tlsa_usage = usage;
    }
}

/* The policy names the host: who goes by it needs a certificate that is good without DANE. */
static void self_signed_with_dane(struct world *w)
{
    self_signed(w);
    with_dane(w, 3);
}

static void no_policy(struct world *w)
{
    w->sight->has_policy = false;
}

static void of_no_policy(struct world *w)
{
    w->sight->policy.mode = WW_MODE_NONE;
}

static void self_signed_with_dane_alone(struct world *w)
{
    self_signed_with_dane(w);
    no_policy(w);
}

static void self_signed_with_dane_and_mode_none(struct world *w)
{
    self_signed_with_dane(w);
    of_no_policy(w);
}

static void wrong_name_with_dane_alone(struct world *w)
{
    wrong_name(w);
    with_dane(w, 3);
    no_policy(w);
}

/* By a trust anchor, names count. */
static void wrong_name_with_trust_anchor(struct world *w)
{
    wrong_name(w);
    with_dane(w, 2);
    no_policy(w);
}

static void self_signed_with_records_that_do_not_match(struct world *w)
{
    self_signed_with_dane_alone(w);
    w->a[0].first.tlsa_match = w->a[1].first.tlsa_match = false;
}

static void weak_key_with_dane_alone(struct world *w)
{
    weak_key(w);
    with_dane(w, 3);
    no_policy(w);
}

static const struct {
    const char *name;
    spoil *spoil;
    const char *found;
} cases[] = {
#define CASE(name, found)  \
    {                      \
#name, name, found \
    }
    CASE(nothing, ""),
    CASE(one_refuses, "mx-unreachable"),
    CASE(all_time_out, "our-port-25"),
    CASE(all_refuse, "our-port-25"),
    CASE(all_time_out_but_others_do_not, "mx-unreachable mx-unreachable"),
    CASE(all_fail_differently, "mx-unreachable mx-unreachable"),
    CASE(ipv6_times_out, "our-port-25"),
    CASE(ipv6_of_one_times_out, "mx-no-address mx-unreachable"),
    CASE(the_only_one_times_out, "our-port-25"),
    CASE(the_only_one_refuses, "mx-unreachable"),
    CASE(no_ipv6, "our-no-route our-no-route"),
    CASE(refuses, "mx-refused"),
    CASE(lists_us, "our-address-listed"),
    CASE(hangs_up, "mx-refused"),
    CASE(is_silent, "mx-unreachable"),
    CASE(no_address, "mx-no-address"),
    CASE(private_address, "mx-address-refused"),
    CASE(private_address_too, "mx-address-refused"),
    CASE(no_starttls, "mx-no-starttls"),
    CASE(starttls_refused, "mx-starttls-refused"),
    CASE(plain_text, "mx-plain-text"),
    CASE(handshake_fails, "mx-handshake-fails"),
    CASE(handshake_cut, "mx-handshake-fails"),
    CASE(handshake_late, ""),
    CASE(old_best, "mx-tls-version"),
    CASE(old_too, "mx-old-tls"),
    CASE(ssl3_too, "mx-ssl3"),
    CASE(weak_too, "mx-weak-cipher"),
    CASE(rsa_too, "mx-rsa-key-exchange"),
    CASE(rsa_first, "mx-no-forward-secrecy"),
    CASE(injection, "mx-starttls-injection"),
    CASE(other_without_sni, "mx-sni-differs"),
    CASE(nothing_without_sni, "mx-sni-differs"),
    CASE(other_on_ipv4, "mx-certificates-differ"),
    CASE(expired, "mx-expired"),
    CASE(expired_on_ipv4, "mx-expired"),
    CASE(early, "mx-not-yet-valid"),
    CASE(self_signed, "mx-self-signed"),
    CASE(self_signed_for_another, "mx-self-signed"),
    CASE(expired_for_another, "mx-expired mx-name-mismatch"),
    CASE(untrusted, "mx-untrusted"),
    CASE(chain_broken, "mx-incomplete-chain"),
    CASE(other_fault, "mx-untrusted"),
    CASE(for_clients, "mx-key-usage"),
    CASE(wrong_name, "mx-name-mismatch"),
    CASE(no_names, "mx-name-mismatch"),
    CASE(ends_soon, "mx-expires-soon"),
    CASE(ends_in_time, ""),
    CASE(revoked, "mx-revoked"),
    CASE(weak_key, "mx-weak-key"),
    CASE(weak_signature, "mx-weak-signature"),
    CASE(weak_link, "mx-weak-signature"),
    CASE(self_signed_with_dane, "mx-self-signed"),
    CASE(self_signed_with_dane_alone, "mx-certificate-dane-only"),
    CASE(self_signed_with_dane_and_mode_none, "mx-certificate-dane-only"),
    CASE(wrong_name_with_dane_alone, "mx-certificate-dane-only"),
    CASE(wrong_name_with_trust_anchor, "mx-name-mismatch"),
    CASE(self_signed_with_records_that_do_not_match, "mx-self-signed"),
    CASE(weak_key_with_dane_alone, "mx-weak-key"),
};

static void judge(const struct world *w, struct ww_check_report *report)
{
    ww_judge_mx_hosts(w->sight, report);
    ww_check_report_end(report);
}

static void finds_just_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct world w = world_new();
        struct ww_check_report report = {.enforced = true};
        char found[512] = "";
        cases[i].spoil(&w);
        judge(&w, &report);
        for (size_t k = 0; k < report.count; k++) {
            size_t n = strlen(found);
            (void)snprintf(found + n, sizeof found - n, "%s%s", n > 0 ? " " : "",
                           ww_check_info(report.findings[k].check)->id);
        }
        if (strcmp(found, cases[i].found) != 0)
            fail_msg("%s: %s", cases[i].name, found);
        assert_false(report.failed);
        ww_check_report_clear(&report);
        ww_sight_free(w.sight);
    }
}

/* Every check of this area: those between the first and the last of its table. */
static void makes_every_check_of_a_good_domain(void **state)
{
    (void)state;
    struct world w = world_new();
    struct ww_check_report report = {.enforced = true};
    judge(&w, &report);
    for (unsigned i = WW_CHECK_MX_NO_ADDRESS; i <= WW_CHECK_OUR_NO_ROUTE; i++)
        if (report.states[i] != WW_CHECK_SILENT)
            fail_msg("%s: state %d", ww_check_info((enum ww_check)i)->id, (int)report.states[i]);
    ww_check_report_clear(&report);
    ww_sight_free(w.sight);
}

static void late(struct world *w)
{
    for (int i = 0; i < HOSTS; i++) {
        w->sight->mx[i]->complete = false;
        w->sight->mx[i]->count = 0;
    }
}

static void not_surveyed(struct world *w)
{
    w->sight->surveyed = false;
}

static void stopped(struct world *w)
{
    for (struct ww_mx_address_sight *a = w->a; a != NULL; a = a == w->a ? w->b : NULL)
        for (int i = 0; i < ADDRESSES; i++) {
            memset(a[i].trials, 0, sizeof a[i].trials);
            a[i].trials[0].verdict = WW_MX_UNCLEAR;
            a[i].trials[0].err = WW_E_SMTP_REFUSED;
            a[i].stopped = true;
        }
}

static void none_offers(struct world *w)
{
    for (struct ww_mx_address_sight *a = w->a; a != NULL; a = a == w->a ? w->b : NULL)
        for (int i = 0; i < ADDRESSES; i++)
            a[i].first.starttls = a[i].first.handshake = false;
}

static void one_address(struct world *w)
{
    w->sight->mx[0]->count = w->sight->mx[1]->count = 1;
}

static void no_list(struct world *w)
{
    for (int i = 0; i < ADDRESSES; i++) {
        w->a[i].revocation = w->b[i].revocation = WW_REVOCATION_UNKNOWN;
        w->a[i].list_err = w->b[i].list_err = WW_E_HTTPS_TIMEOUT;
    }
}

static void says_what_could_not_be_tested(void **state)
{
    (void)state;
    static const struct {
        spoil *spoil;
        enum ww_check check;
        const char *why;
    } untested[] = {
        {late, WW_CHECK_MX_NO_STARTTLS, "the MX hosts could not be looked at in time"},
        {late, WW_CHECK_MX_EXPIRED, "the MX hosts could not be looked at in time"},
        {not_surveyed, WW_CHECK_MX_NO_ADDRESS, "the MX records could not be looked up"},
        {all_time_out, WW_CHECK_MX_NO_STARTTLS, "no MX host can be reached at port 25 from here"},
        {all_time_out, WW_CHECK_MX_CERTIFICATES_DIFFER, "no MX host can be reached at port 25 from here"},
        {none_offers, WW_CHECK_MX_HANDSHAKE_FAILS, "no MX host offers STARTTLS"},
        {none_offers, WW_CHECK_MX_EXPIRED, "no MX host has completed a TLS handshake"},
        {stopped, WW_CHECK_MX_SNI_DIFFERS, "an MX host did not want to talk so often"},
        {stopped, WW_CHECK_MX_SSL3, "an MX host did not want to talk so often"},
        {one_address, WW_CHECK_MX_CERTIFICATES_DIFFER, "each MX host has one address"},
        {no_list, WW_CHECK_MX_REVOKED, "the list of what the authority has revoked could not be fetched"},
    };
    for (size_t i = 0; i < COUNT(untested); i++) {
        struct world w = world_new();
        struct ww_check_report report = {.enforced = true};
        untested[i].spoil(&w);
        judge(&w, &report);
        const char *why = report.not_tested[untested[i].check];
        if (report.states[untested[i].check] != WW_CHECK_NOT_TESTED || strcmp(why, untested[i].why) != 0)
            fail_msg("case %zu: state %d, %s", i, (int)report.states[untested[i].check],
                     why != NULL ? why : "no reason");
        ww_check_report_clear(&report);
        ww_sight_free(w.sight);
    }
}

/* Before publication nobody is asked. */
static void makes_nothing_of_files(void **state)
{
    (void)state;
    struct world w = world_new();
    struct ww_check_report report = {.enforced = true};
    w.sight->offline = true;
    judge(&w, &report);
    for (unsigned i = WW_CHECK_MX_NO_ADDRESS; i <= WW_CHECK_OUR_NO_ROUTE; i++)
        assert_int_equal(report.states[i], WW_CHECK_NOT_MADE);
    ww_sight_free(w.sight);
}

static void one_fault_at_two_addresses_is_found_once(void **state)
{
    (void)state;
    struct world w = world_new();
    struct ww_check_report report = {.enforced = false};
    expired(&w);
    judge(&w, &report);
    assert_int_equal(report.count, 1);
    assert_string_equal(report.findings[0].where, "mx1.example.com [2a00::1, 192.0.2.1]");
    assert_int_equal(report.findings[0].severity, WW_SEVERITY_WARNING);
    ww_check_report_clear(&report);
    ww_sight_free(w.sight);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_just_what_is_wrong),
        cmocka_unit_test(makes_every_check_of_a_good_domain),
        cmocka_unit_test(says_what_could_not_be_tested),
        cmocka_unit_test(makes_nothing_of_files),
        cmocka_unit_test(one_fault_at_two_addresses_is_found_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
