#include "cli/doctor_postfix.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* As postconf prints what matters here, where nothing is set. */
#define PLAIN "smtp_tls_policy_maps = ours\nsmtp_host_lookup = dns\nignore_mx_lookup_error = no\n"
#define DNSSEC "smtp_dns_support_level = dnssec\n"
#define MAY "smtp_tls_security_level = may\n"
#define LEVEL_DANE "smtp_tls_security_level = dane\n"

#define MEND "postconf -e 'smtp_dns_support_level = dnssec' && postfix reload"
#define SET(use) "echo 'dane = \"" use "\"' >> /etc/w.conf && systemctl reload waxwingd"

static const struct row {
    enum ww_dane_use use;
    const char *main;
    const char *status, *words;
    const char *commands[2];
    bool resolver; /* matters */
} rows[] = {
    {WW_DANE_ON, PLAIN DNSSEC MAY, "ok", "can do DANE where Waxwing tells it to", {0}, true},
    {WW_DANE_ON, PLAIN DNSSEC LEVEL_DANE, "ok", "can do DANE where Waxwing tells it to", {0}, true},
    {WW_DANE_ON, PLAIN MAY, "fail", "smtp_dns_support_level is not dnssec, so", {MEND, SET("blind")}, true},
    {WW_DANE_ON, PLAIN LEVEL_DANE, "fail", "dane works as may", {MEND, SET("blind")}, true},
    {WW_DANE_ON,
     DNSSEC MAY "smtp_host_lookup = native\n",
     "fail",
     "smtp_host_lookup is without dns, so",
     {"postconf -e 'smtp_host_lookup = dns' && postfix reload", SET("blind")},
     true},
    {WW_DANE_ON, DNSSEC MAY "smtp_host_lookup = native, dns\n", "ok", "can do DANE", {0}, true},
    {WW_DANE_ON,
     DNSSEC MAY "smtp_host_lookup = dns\nignore_mx_lookup_error = yes\n",
     "fail",
     "ignore_mx_lookup_error is yes",
     {"postconf -e 'ignore_mx_lookup_error = no' && postfix reload", SET("blind")},
     true},
    {WW_DANE_ON,
     PLAIN DNSSEC MAY "smtp_dns_resolver_options = res_dnsrch, res_defnames\n",
     "fail",
     "smtp_dns_resolver_options completes names",
     {"postconf -e 'smtp_dns_resolver_options = ' && postfix reload", SET("blind")},
     true},
    {WW_DANE_ON,
     MAY "smtp_dns_support_level = enabled\nsmtp_host_lookup = native\n",
     "fail",
     "smtp_dns_support_level is not dnssec, and smtp_host_lookup is without dns, so",
     {"postconf -e 'smtp_dns_support_level = dnssec' && postconf -e 'smtp_host_lookup = dns' && postfix "
      "reload",
      SET("blind")},
     true},
    {WW_DANE_MTA, PLAIN DNSSEC LEVEL_DANE, "ok", "by itself, its level being dane", {0}, true},
    {WW_DANE_MTA,
     PLAIN DNSSEC MAY,
     "warn",
     "whose smtp_tls_security_level is may",
     {"postconf -e 'smtp_tls_security_level = dane' && postfix reload", SET("on")},
     true},
    {WW_DANE_MTA, PLAIN LEVEL_DANE, "fail", "Postfix cannot do DANE", {MEND, SET("blind")}, true},
    {WW_DANE_BLIND, PLAIN MAY, "ok", "with dane = \"blind\" it is not told to", {0}, false},
    {WW_DANE_OFF, PLAIN MAY, "ok", "with dane = \"off\" it is not told to", {0}, false},
    {WW_DANE_BLIND, PLAIN LEVEL_DANE, "fail", "the level is dane, but smtp_dns_support_level", {MEND}, true},
    {WW_DANE_OFF,
     PLAIN "smtp_tls_security_level = dane-only\n",
     "fail",
     "is not dnssec: all mail is held",
     {MEND},
     true},
    {WW_DANE_BLIND, PLAIN DNSSEC MAY, "warn", "could do DANE", {SET("on")}, false},
    {WW_DANE_OFF, PLAIN DNSSEC MAY, "warn", "with dane = \"off\" nobody asks", {SET("on")}, false},
    {WW_DANE_OFF, PLAIN DNSSEC LEVEL_DANE, "warn", "takes the place of DANE", {SET("on")}, true},
};

static struct ww_config config;

/* Runs it, and gives back what was told. */
static json_t *told_of(const struct ww_postfix_conf *conf, enum ww_dane_use use, unsigned version,
                       bool *resolver)
{
    int ends[2];
    char text[16384];
    assert_int_equal(pipe(ends), 0);
    config.dane.use = use;
    struct ww_doctor d = {.config = &config, .config_name = "/etc/w.conf", .out = ends[1]};
    struct ww_doctor_postfix p = {.d = &d, .conf = *conf, .version = version};
    const char *rest = conf->services;
    assert_true(ww_postfix_next_service(&p.conf, "smtp", &rest, &p.smtp));
    *resolver = ww_doctor_postfix_dane(&p);
    ww_doctor_told(&d);
    (void)close(ends[1]);
    ssize_t n = read(ends[0], text, sizeof text);
    (void)close(ends[0]);
    assert_in_range(n, 1, sizeof text - 1);
    json_t *all = json_array();
    for (const char *at = text; at < text + n;) {
        size_t length = strcspn(at, "\n");
        (void)json_array_append_new(all, json_loadb(at, length, 0, NULL));
        at += length + 1;
    }
    return all;
}

static const char *text_of(const json_t *finding, const char *key)
{
    const char *s = json_string_value(json_object_get(finding, key));
    return s != NULL ? s : "";
}

static const char *command(const json_t *finding, size_t i)
{
    return json_string_value(json_array_get(json_object_get(finding, "commands"), i));
}

static bool is_as_wanted(const json_t *finding, const struct row *row)
{
    bool same = strcmp(text_of(finding, "status"), row->status) == 0 &&
                strstr(text_of(finding, "seen"), row->words) != NULL;
    for (size_t i = 0; same && i < COUNT(row->commands); i++)
        same = row->commands[i] == NULL
                   ? command(finding, i) == NULL
                   : command(finding, i) != NULL && strcmp(command(finding, i), row->commands[i]) == 0;
    return same && json_array_size(json_object_get(finding, "commands")) <= COUNT(row->commands);
}

static void judges_what_is_set(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct ww_postfix_conf conf = {rows[i].main, "smtp unix - - n - - smtp\n", ""};
        bool resolver;
        json_t *all = told_of(&conf, rows[i].use, 30711, &resolver);
        if (json_array_size(all) != 1 || !is_as_wanted(json_array_get(all, 0), &rows[i]) ||
            resolver != rows[i].resolver)
            fail_msg("row %zu: %s", i, json_dumps(all, JSON_INDENT(1)));
        json_decref(all);
    }
}

static void knows_what_is_too_old(void **state)
{
    (void)state;
    static const struct row row = {WW_DANE_ON,     PLAIN MAY, "fail", "Postfix knows DANE from 2.11 on, so",
                                   {SET("blind")}, true};
    const struct ww_postfix_conf conf = {row.main, "smtp unix - - n - - smtp\n", ""};
    bool resolver;
    json_t *all = told_of(&conf, row.use, 21099, &resolver);
    assert_int_equal(json_array_size(all), 1);
    if (!is_as_wanted(json_array_get(all, 0), &row))
        fail_msg("%s", json_dumps(all, JSON_INDENT(1)));
    json_decref(all);
}

/* What differs from the first service and asks us is told of as well, with a command that changes it. */
static void looks_at_other_services(void **state)
{
    (void)state;
    static const struct ww_postfix_conf conf = {
        PLAIN DNSSEC MAY,
        "smtp unix - - n - - smtp\nrelay unix - - n - - smtp\nslow unix - - n - - smtp\n"
        "quick unix - - n - - smtp\n",
        "slow/unix/smtp_dns_support_level = enabled\nquick/unix/smtp_dns_support_level = enabled\n"
        "quick/unix/smtp_tls_policy_maps =\n",
    };
    bool resolver;
    json_t *all = told_of(&conf, WW_DANE_ON, 31005, &resolver);
    assert_int_equal(json_array_size(all), 2);
    const json_t *slow = json_array_get(all, 1);
    assert_string_equal(text_of(slow, "subject"), "slow/unix");
    assert_string_equal(text_of(slow, "status"), "fail");
    assert_string_equal(command(slow, 0),
                        "postconf -P 'slow/unix/smtp_dns_support_level=dnssec' && postfix reload");
    json_decref(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_what_is_set),
        cmocka_unit_test(knows_what_is_too_old),
        cmocka_unit_test(looks_at_other_services),
    };
    return cmocka_run_group_tests_name("doctor_postfix_dane", tests, NULL, NULL);
}
