#include "cli/postfix_conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const struct ww_postfix_conf conf = {
    .main = "postconf: warning: something\n"
            "mail_version = 3.7.11\n"
            "compatibility_level = 3.6\n"
            "smtp_tls_policy_maps = socketmap:inet:127.0.0.1:8461:QUERY, hash:/x=y\n"
            "relayhost = \n"
            "empty =\n"
            "smtp_tls_security_level =\n"
            "smtp_use_tls = yes\n"
            "smtp_tls_policy_maps_of_others = no\n",
    .services = "smtp       inet  n       -       y       -       -       smtpd\n"
                "smtp       unix  -       -       y       -       -       smtp\n"
                "relay      unix  -       -       -       -       -       smtp -o syslog_name=postfix/relay\n"
                "short unix -\n"
                "proxymap   unix  -       -       n       -       -       proxymap\n"
                "quick      unix  -       -       n       -       -       smtp",
    .overrides = "quick/unix/smtp_tls_policy_maps =\nrelay/unix/syslog_name = postfix/relay\n"
                 "quick/unix/smtp_tls_security_level = dane\nrelay/unix/smtp_enforce_tls = yes\n",
};

static void reads_parameters(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value;
    } cases[] = {
        {"mail_version", "3.7.11"},
        {"smtp_tls_policy_maps", "socketmap:inet:127.0.0.1:8461:QUERY, hash:/x=y"},
        {"relayhost", ""},
        {"empty", ""},
        {"unknown", ""},
        {"smtp_tls_policy", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (!ww_slice_is(ww_postfix_main(&conf, cases[i].name), cases[i].value))
            fail_msg("%s", cases[i].name);
}

static void walks_services(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool jailed;
        const char *maps;
    } cases[] = {
        {"smtp", true, "socketmap:inet:127.0.0.1:8461:QUERY, hash:/x=y"},
        {"relay", false, "socketmap:inet:127.0.0.1:8461:QUERY, hash:/x=y"},
        {"quick", false, ""},
    };
    const char *rest = conf.services;
    struct ww_postfix_service s;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(ww_postfix_next_service(&conf, "smtp", &rest, &s));
        if (!ww_slice_is(s.name, cases[i].name) || s.jailed != cases[i].jailed ||
            !ww_slice_is(s.type, "unix") ||
            !ww_slice_is(ww_postfix_of_service(&conf, &s, "smtp_tls_policy_maps"), cases[i].maps))
            fail_msg("%s", cases[i].name);
    }
    assert_false(ww_postfix_next_service(&conf, "smtp", &rest, &s));
}

static void tells_whose_a_setting_is(void **state)
{
    (void)state;
    static const struct {
        const char *name, *level;
        bool own_maps;
    } cases[] = {{"smtp", "may", false}, {"relay", "encrypt", false}, {"quick", "dane", true}};
    const char *rest = conf.services;
    struct ww_postfix_service s;
    for (size_t i = 0; ww_postfix_next_service(&conf, "smtp", &rest, &s); i++)
        if (ww_postfix_is_own(&conf, &s, "smtp_tls_policy_maps") != cases[i].own_maps ||
            !ww_slice_is(ww_postfix_level(&conf, &s), cases[i].level))
            fail_msg("%s", cases[i].name);
    /* A name too long for any setting is nobody's. */
    char name[300];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_false(ww_postfix_is_own(&conf, &s, name));
}

static void finds_words_in_lists(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        bool found;
    } cases[] = {
        {"dns", true},         {"native, dns", true}, {"native dns", true},    {"DNS", true},
        {"native,DNS ", true}, {"native", false},     {"dnssec, mdns", false}, {"", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (ww_postfix_lists(ww_slice_str(cases[i].list), "dns") != cases[i].found)
            fail_msg("%s", cases[i].list);
}

/* A hyphen means a jail only to a configuration of before 3.0. */
static void knows_what_a_hyphen_means(void **state)
{
    (void)state;
    const struct ww_postfix_conf old = {
        .main = "compatibility_level = 0\n",
        .services = "smtp unix - - - - - smtp\n",
        .overrides = "",
    };
    const char *rest = old.services;
    struct ww_postfix_service s;
    assert_true(ww_postfix_next_service(&old, "smtp", &rest, &s));
    assert_true(s.jailed);
}

static void reads_versions(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned version;
    } cases[] = {
        {"3.7.11", 30711}, {"3.10.5", 31005},        {"3.10.0", 31000}, {"3.9.99", 30999}, {"4.0", 40000},
        {"3.11", 31100},   {"3.11-20250101", 31100}, {"", 0},           {"x", 0},          {"1000.1.1", 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (ww_postfix_version(ww_slice_str(cases[i].text)) != cases[i].version)
            fail_msg("%s: %u", cases[i].text, ww_postfix_version(ww_slice_str(cases[i].text)));
}

static void reads_protocols(void **state)
{
    (void)state;
    enum {
        UP_1 = WW_PROTOCOL_ALL & ~WW_PROTOCOL_SSLV3,
        UP_1_2 = WW_PROTOCOL_TLSV1_2 | WW_PROTOCOL_TLSV1_3,
    };
    static const struct {
        const char *list;
        unsigned allowed;
    } cases[] = {
        {"", WW_PROTOCOL_ALL},
        {">=TLSv1", UP_1},
        {">=TLSv1.2", UP_1_2},
        {"<=TLSv1.1", WW_PROTOCOL_SSLV3 | WW_PROTOCOL_TLSV1 | WW_PROTOCOL_TLSV1_1},
        {">=TLSv1, <=TLSv1.2", UP_1 & ~WW_PROTOCOL_TLSV1_3},
        {"!SSLv2, !SSLv3", UP_1},
        {"!SSLv2:!SSLv3:!TLSv1:!TLSv1.1", UP_1_2},
        {"TLSv1.2 TLSv1.3", UP_1_2},
        {"tlsv1.3", WW_PROTOCOL_TLSV1_3},
        {">=TLSv1 !TLSv1.2 !TLSv1.3", UP_1 & ~UP_1_2},
        {">=0303", WW_PROTOCOL_ALL}, /* by number: not judged */
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (ww_postfix_protocols(ww_slice_str(cases[i].list)) != cases[i].allowed)
            fail_msg("%s: %#x", cases[i].list, ww_postfix_protocols(ww_slice_str(cases[i].list)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_parameters),          cmocka_unit_test(walks_services),
        cmocka_unit_test(knows_what_a_hyphen_means), cmocka_unit_test(reads_versions),
        cmocka_unit_test(reads_protocols),           cmocka_unit_test(tells_whose_a_setting_is),
        cmocka_unit_test(finds_words_in_lists),
    };
    return cmocka_run_group_tests_name("postfix_conf", tests, NULL, NULL);
}
