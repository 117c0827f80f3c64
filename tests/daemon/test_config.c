#include "daemon/config.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char detail[4096];

static struct ww_config *parse(const char *text)
{
    return ww_config_parse("conf", text, strlen(text), detail, sizeof detail);
}

static void defaults(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "\n", "# nothing\n", "/* nothing */", "dns { }", "cache {}\nfetch\n{\n}\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct ww_config *c = parse(texts[i]);
        if (c == NULL)
            fail_msg("%s: %s", texts[i], detail);
        assert_string_equal(c->listen[0], "inet:127.0.0.1:8461");
        assert_null(c->listen[1]);
        assert_null(c->socket_owner);
        assert_null(c->socket_group);
        assert_int_equal(c->socket_mode, 0666);
        assert_string_equal(c->user, "waxwing");
        assert_int_equal(c->log_level, WW_LOG_INFO);
        assert_int_equal(c->log_format, WW_LOG_AUTO);
        assert_int_equal(c->answer_deadline_ms, 5000);
        assert_false(c->testing_may);
        assert_false(c->dry_run);
        assert_int_equal(c->dane.use, WW_DANE_ON);
        assert_false(c->dane.suffices);
        assert_int_equal(c->override_count, 0);
        assert_in_range(c->resolvers, 1, 64);
        assert_int_equal(c->max_domains, 1000000);
        assert_int_equal(c->cache_max_bytes, 1 << 30);
        assert_true(c->confine);
        assert_int_equal(c->dns_forward_count, 0);
        assert_null(c->dns_root_hints);
        assert_null(c->dns_trust_anchor);
        assert_int_equal(c->dns_source_count, 0);
        assert_int_equal(c->dns_timeout_ms, 5000);
        assert_null(c->fetch_ca_file);
        assert_int_equal(c->fetch_deadline_ms, 10000);
        assert_int_equal(c->fetch_allow_count, 0);
        assert_int_equal(c->fetch_source_count, 0);
        assert_int_equal(c->fetch_max_flights, 200);
        assert_int_equal(c->fetch_max_per_second, 2000);
        assert_int_equal(c->fetch_max_per_site, 10);
        assert_int_equal(c->life.recheck, 300);
        assert_int_equal(c->life.no_record_min, 60);
        assert_int_equal(c->life.no_record_max, 3600);
        assert_int_equal(c->life.fetch_retry, 300);
        assert_int_equal(c->life.dns_retry, 30);
        assert_int_equal(c->life.used_within, 604800);
        assert_int_equal(c->refresh_flights, 50);
        assert_null(c->preload_source);
        assert_null(c->preload_signature);
        assert_null(c->preload_key);
        assert_int_equal(c->preload_refresh, 86400);
        assert_int_equal(c->alert_mail_to_count, 0);
        assert_null(c->alert_mail_to[0]);
        assert_null(c->alert_mail_from);
        assert_string_equal(c->alert_smtp, "localhost:25");
        assert_null(c->alert_webhook);
        assert_null(c->alert_command);
        assert_int_equal(c->alert_collect, 30);
        ww_config_free(c);
    }
}

static void all_settings(void **state)
{
    (void)state;
    struct ww_config *c = parse(
        "listen = {\"inet:[::1]:25\", # one\n"
        "  \"unix:/run/waxwing/socketmap\", /* two\n */ }\n"
        "socket_owner = \"postfix\"\nsocket_group = 105\nsocket_mode = \"0660\"\nuser = 'mail'\nstore "
        "= \"/x/y.db\"\n"
        "log_level = \"debug\"\nlog_format = \"json\"\nanswer_deadline = \"1m\"\n"
        "testing = \"may\"\ndane = \"blind\"\ndane_conflict = \"dane\"\nresolvers = 3\nmax_domains = "
        "5000\nconfine = false\n"
        "dns { forward = {\"192.0.2.1\", \"2001:db8::1\"} root_hints = \"/h\"\n"
        "  trust_anchor = \"/t\" sources = {\"192.0.2.9\"} timeout = \"2s\" }\n"
        "fetch { ca_file = \"/ca\" deadline = \"20s\" max_flights = 7 max_per_second = 8 max_per_site = 9\n"
        "  allow_addresses = {\"10.0.0.0/8\", \"::1\"} sources = {\"192.0.2.9\", \"2001:db8::9\"} }\n"
        "cache { max_bytes = \"64M\" recheck = \"1h\" no_record_min = \"10s\" no_record_max = \"1d\"\n"
        "  fetch_retry = \"6m\" dns_retry = \"5s\"\n"
        "  refresh_used_within = \"0s\" refresh_flights = 9 }");
    if (c == NULL)
        fail_msg("%s", detail);
    assert_string_equal(c->listen[0], "inet:[::1]:25");
    assert_string_equal(c->listen[1], "unix:/run/waxwing/socketmap");
    assert_null(c->listen[2]);
    assert_string_equal(c->socket_owner, "postfix");
    assert_string_equal(c->socket_group, "105");
    assert_int_equal(c->socket_mode, 0660);
    assert_string_equal(c->user, "mail");
    assert_string_equal(c->store, "/x/y.db");
    assert_int_equal(c->log_level, WW_LOG_DEBUG);
    assert_int_equal(c->log_format, WW_LOG_JSON);
    assert_int_equal(c->answer_deadline_ms, 60000);
    assert_true(c->testing_may);
    assert_int_equal(c->dane.use, WW_DANE_BLIND);
    assert_true(c->dane.suffices);
    assert_int_equal(c->resolvers, 3);
    assert_int_equal(c->max_domains, 5000);
    assert_int_equal(c->cache_max_bytes, 64 << 20);
    assert_false(c->confine);
    assert_int_equal(c->dns_forward_count, 2);
    assert_int_equal(c->dns_forward[1].length, 16);
    assert_string_equal(c->dns_root_hints, "/h");
    assert_string_equal(c->dns_trust_anchor, "/t");
    assert_int_equal(c->dns_source_count, 1);
    assert_int_equal(c->dns_timeout_ms, 2000);
    assert_string_equal(c->fetch_ca_file, "/ca");
    assert_int_equal(c->fetch_deadline_ms, 20000);
    assert_int_equal(c->fetch_allow_count, 2);
    assert_int_equal(c->fetch_allow[0].bits, 8);
    assert_int_equal(c->fetch_allow[1].bits, 128);
    assert_int_equal(c->fetch_source_count, 2);
    assert_int_equal(c->fetch_max_flights, 7);
    assert_int_equal(c->fetch_max_per_second, 8);
    assert_int_equal(c->fetch_max_per_site, 9);
    assert_int_equal(c->life.recheck, 3600);
    assert_int_equal(c->life.no_record_min, 10);
    assert_int_equal(c->life.no_record_max, 86400);
    assert_int_equal(c->life.fetch_retry, 360);
    assert_int_equal(c->life.dns_retry, 5);
    assert_int_equal(c->life.used_within, 0);
    assert_int_equal(c->refresh_flights, 9);
    ww_config_free(c);
}

static void accepted(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "user = mail",                        /* without quotes */
        "user = \"a\"\r\nstore = \"/b\"\r\n", /* line ends of another system */
        "store = \"/a#b//c/*d\"",             /* no comments */
        "store = '/${HOME}'",                 /* nothing is expanded in these */
        "store = \"/a\\\"b\"",
        "user = \"a\" user = \"b\"",                      /* the last one counts */
        "dns { timeout = \"2s\" }\ndns { sources = {} }", /* sections add up */
        "listen = {\"unix:/a\",}",
        "listen += {\"inet:127.0.0.1:25\"}",
        "listen = \"inet:127.0.0.1:25\"",
        "fetch { deadline = \"60s\" }",
        "cache { recheck = \"24h\" no_record_min = \"1h\" }",
        "fetch { allow_addresses = {\"198.18.0.0/15\", \"2001:2::/48\"} }",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct ww_config *c = parse(texts[i]);
        if (c == NULL)
            fail_msg("%s\n%s", texts[i], detail);
        ww_config_free(c);
    }
}

static void sections_add_up(void **state)
{
    (void)state;
    struct ww_config *c =
        parse("dns { timeout = \"2s\" forward = {\"192.0.2.1\"} }\ndns { timeout = \"3s\" }\n");
    assert_non_null(c);
    assert_int_equal(c->dns_timeout_ms, 3000);
    assert_int_equal(c->dns_forward_count, 1);
    ww_config_free(c);
}

static void overrides(void **state)
{
    (void)state;
    struct ww_config *c =
        parse("override \"Example.COM\" { level = \"may\" }\n"
              "override \".b\xc3\xbc"
              "cher.example\" {\n"
              "  level = secure\n  until = \"2026-11-22T21:57:00Z\"\n"
              "  reason = \"gr\xc3\xbc\xc3\x9f\"\n  mx = {\"a.example\", \"*.b.example\"}\n}\n"
              "override \"a.example\" { level = \"enforce-testing\" }\n");
    if (c == NULL)
        fail_msg("%s", detail);
    assert_int_equal(c->override_count, 3);
    const struct ww_override *o = c->overrides;
    assert_string_equal(o[0].key, ".xn--bcher-kva.example");
    assert_int_equal(o[0].level, WW_OVERRIDE_SECURE);
    assert_int_equal(o[0].until, 1795384620);
    assert_string_equal(o[0].reason, "gr\xc3\xbc\xc3\x9f");
    assert_string_equal(o[0].mx, "a.example *.b.example");
    assert_string_equal(o[0].who, "");
    assert_true(o[0].configured);
    assert_string_equal(o[1].key, "a.example");
    assert_int_equal(o[1].level, WW_OVERRIDE_ENFORCE_TESTING);
    assert_int_equal(o[1].until, 0);
    assert_string_equal(o[2].key, "example.com");
    assert_int_equal(o[2].level, WW_OVERRIDE_MAY);
    assert_string_equal(o[2].mx, "");
    ww_config_free(c);
}

struct refusal {
    const char *text;
    const char *detail;
};

#define NO_VARIABLES "variables of the environment are not read here: write the value itself"

static const struct refusal refusals[] = {
    /* what libConfuse says */
    {"nonsense = 1", "conf:1: no such option 'nonsense'"},
    {"\n\ndns {\n bad = 1\n}", "conf:4: in dns: no such option 'bad'"},
    {"/* a\n b */\nnonsense = 1", "conf:3: no such option 'nonsense'"},
    {"user", "conf:1: premature end of file"},
    {"user \"a\"", "conf:1: missing equal sign after option 'user'"},
    {"user = {\"a\", \"b\"}", "conf:1: unexpected token '{'"},
    {"include(\"/etc/passwd\")", "conf:1: no such option 'include'"},

    /* what it would take */
    {"user = \"${HOME}\"", "conf:1: " NO_VARIABLES},
    {"\nuser = ${HOME}", "conf:2: " NO_VARIABLES},
    {"user = \"a\n\"", "conf:1: this string does not end on its line"},
    {"user = \"a", "conf:1: this string does not end on its line"},
    {"user = 'a\\", "conf:1: this string does not end on its line"},
    {"user = \"a\\\n\"", "conf:1: this string does not end on its line"},
    {"\n/* \n\n", "conf:2: this comment does not end"},
    {"\ndns {\ntimeout = \"5s\"\n", "conf:2: the } to this { is missing"},
    {"user = \"a\"\n}", "conf:2: there is no { before this }"},
    {"user = a\x01", "conf:1: control characters are not allowed"},
    {"\nuser = \"\x1b[31m\"", "conf:2: control characters are not allowed"},
    {"dns|timeout = \"5s\"", "conf:1: this character stands only between quotation marks"},
    {"user = * a", "conf:1: this character stands only between quotation marks"},

    /* values */
    {"listen = {}", "conf: listen: at least one address is wanted"},
    {"listen = {\"127.0.0.1:8461\"}",
     "conf:1: listen: \"127.0.0.1:8461\": it must start with inet: or unix:"},
    {"listen = {\n\"unix:/a\",\n\"unix:b\"}",
     "conf:3: listen: \"unix:b\": the path of a socket must start with / and have at most 107 characters"},
    {"listen = {\"inet:localhost:8461\"}",
     "conf:1: listen: \"inet:localhost:8461\": an address is wanted, such as "
     "inet:127.0.0.1:8461 or inet:[::1]:8461"},
    {"listen = {\"inet:::1:8461\"}", "conf:1: listen: \"inet:::1:8461\": an address is wanted, such as "
                                     "inet:127.0.0.1:8461 or inet:[::1]:8461"},
    {"listen = {\"inet:8461\"}",
     "conf:1: listen: \"inet:8461\": an address is wanted, such as inet:127.0.0.1:8461 or inet:[::1]:8461"},
    {"listen = {\"inet:127.0.0.1:0\"}",
     "conf:1: listen: \"inet:127.0.0.1:0\": a port of 1 to 65535 is wanted"},
    {"listen = {\"inet:127.0.0.1:65536\"}",
     "conf:1: listen: \"inet:127.0.0.1:65536\": a port of 1 to 65535 is wanted"},
    {"http = {\"inet:127.0.0.1:1\",\n\"inet:0.0.0.0:1\"}",
     "conf:2: http: \"inet:0.0.0.0:1\": a loopback address or a Unix socket is wanted: nothing protects "
     "HTTP, "
     "and whoever can change an answer decides how mail is sent"},
    {"http = {\"unix:http\"}",
     "conf:1: http: \"unix:http\": the path of a socket must start with / and have at most 107 characters"},
    {"socket_mode = \"0888\"",
     "conf:1: socket_mode: \"0888\": permission bits in octal are wanted, such as \"0660\""},
    {"socket_mode = \"4755\"",
     "conf:1: socket_mode: \"4755\": permission bits in octal are wanted, such as \"0660\""},
    {"user = \"\"", "conf:1: user: \"\": it must not be empty"},
    {"store = \"db\"", "conf:1: store: \"db\": a path that starts with / is wanted"},
    {"log_level = \"loud\"", "conf:1: log_level: \"loud\": one of these is wanted: error warning info debug"},
    {"log_format = \"xml\"", "conf:1: log_format: \"xml\": one of these is wanted: auto text json journal"},
    {"testing = \"yes\"", "conf:1: testing: \"yes\": one of these is wanted: notfound may"},
    {"confine = 1", "conf:1: confine: \"1\": one of these is wanted: false true"},
    {"resolvers = 65", "conf:1: resolvers: \"65\": a number of 0 to 64 is wanted"},
    {"resolvers = -1", "conf:1: resolvers: \"-1\": a number of 0 to 64 is wanted"},
    {"resolvers = 0x2", "conf:1: resolvers: \"0x2\": a number of 0 to 64 is wanted"},
    {"max_domains = 18446744073709551617",
     "conf:1: max_domains: \"18446744073709551617\": a number of 1000 to 100000000 is wanted"},
    {"cache { max_bytes = 16777215 }",
     "conf:1: cache.max_bytes: \"16777215\": 16M to 1T is wanted, such as \"512M\" or \"1G\""},
    {"cache { max_bytes = \"1GB\" }",
     "conf:1: cache.max_bytes: \"1GB\": 16M to 1T is wanted, such as \"512M\" or \"1G\""},
    {"cache { max_bytes = \"1025G\" }",
     "conf:1: cache.max_bytes: \"1025G\": 16M to 1T is wanted, such as \"512M\" or \"1G\""},
    {"cache { max_bytes = \"999999999999999T\" }",
     "conf:1: cache.max_bytes: \"999999999999999T\": 16M to 1T is wanted, such as \"512M\" or \"1G\""},
    {"cache { max_bytes = \"G\" }",
     "conf:1: cache.max_bytes: \"G\": 16M to 1T is wanted, such as \"512M\" or \"1G\""},
    {"answer_deadline = \"5\"",
     "conf:1: answer_deadline: \"5\": a time of 1s to 1m is wanted, such as \"30s\", "
     "\"5m\" or \"1h\""},
    {"answer_deadline = \"1w\"",
     "conf:1: answer_deadline: \"1w\": a time of 1s to 1m is wanted, such as \"30s\", "
     "\"5m\" or \"1h\""},
    {"answer_deadline = \"1s \"",
     "conf:1: answer_deadline: \"1s \": a time of 1s to 1m is wanted, such as \"30s\", "
     "\"5m\" or \"1h\""},
    {"answer_deadline = \"999999999999999d\"",
     "conf:1: answer_deadline: \"999999999999999d\": a time of 1s to 1m "
     "is wanted, such as \"30s\", \"5m\" or \"1h\""},
    {"fetch { deadline = \"61s\" }", "conf:1: fetch.deadline: \"61s\": a time of 1s to 1m is wanted, such as "
                                     "\"30s\", \"5m\" or \"1h\""},
    {"cache {\n\n fetch_retry = \"299s\" }",
     "conf:3: cache.fetch_retry: \"299s\": a time of 5m to 1d is wanted, "
     "such as \"30s\", \"5m\" or \"1h\""},
    {"cache { no_record_min = \"2h\" }", "conf: cache.no_record_min is above cache.no_record_max"},
    {"dns { forward = {\"resolver.example\"} }",
     "conf:1: dns.forward: \"resolver.example\": an IPv4 or IPv6 address is wanted"},
    {"fetch { allow_addresses = {\"10.0.0.1/8\"} }",
     "conf:1: fetch.allow_addresses: \"10.0.0.1/8\": an address or a prefix is wanted, such as 192.0.2.0/24, "
     "with no "
     "bit set behind it"},
    {"fetch { sources = {\"192.0.2.1\", \"192.0.2.2\"} }",
     "conf: fetch.sources: at most one IPv4 and one IPv6 address are wanted"},

    /* overrides */
    {"preload { source = \"list.json\" key = \"/k\" }",
     "conf:1: preload.source: \"list.json\": a path that starts with / is wanted, or a URL such as "
     "https://example.com/list.json"},
    {"preload { source = \"/l\" }",
     "conf: preload.key: a list counts only with the key that has signed it: name its file"},
    {"alert { mail_to = {\"it@example.com\", \"it example.com\"} }",
     "conf:1: alert.mail_to: \"it example.com\": a mail address is wanted, such as postmaster@example.com"},
    {"alert { mail_from = \"x@\" }",
     "conf:1: alert.mail_from: \"x@\": a mail address is wanted, such as postmaster@example.com"},
    {"alert { smtp = \"localhost\" }",
     "conf:1: alert.smtp: \"localhost\": a host and a port are wanted, such as localhost:25 or [::1]:25"},
    {"alert { webhook = \"http://example.com/x\" }",
     "conf:1: alert.webhook: \"http://example.com/x\": a URL such as https://example.com/hook is wanted "
     "(http: "
     "only to localhost), or the path of a file that holds it"},
    {"alert { webhook_secret = \"/s\" }",
     "conf: alert.webhook_secret: there is no alert.webhook to sign for"},
    {"alert { command = \"notify\" }",
     "conf:1: alert.command: \"notify\": a path that starts with / is wanted"},
    {"alert { collect = \"2h\" }",
     "conf:1: alert.collect: \"2h\": a time of 0s to 1h is wanted, such as \"30s\", \"5m\" or \"1h\""},
    {"preload { refresh = \"59m\" }",
     "conf:1: preload.refresh: \"59m\": a time of 1h to 2d is wanted, such as "
     "\"30s\", \"5m\" or \"1h\""},
    {"override { level = \"may\" }", "conf:1: missing title for section 'override'"},
    {"override \"a.example\" {\n}",
     "conf:2: override \"a.example\": the level is not off, may, encrypt, secure or enforce-testing"},
    {"\noverride \"a..b\" { level = \"may\" }", "conf:2: override \"a..b\": a label is empty"},
    {"override \"a.b\" {\n level = \"may\"\n until = \"soon\"\n}",
     "conf:4: override \"a.b\": the end is no time such as 2026-12-31T00:00:00Z"},
    {"override \"a.b\" { level = \"may\" mx = {\"c.d\"} }",
     "conf:1: override \"a.b\": MX patterns go with the level secure alone"},
    {"override \"a.b\" { level = \"secure\" mx = {\"c.d\", \"\"} }",
     "conf:1: override \"a.b\": the pattern is empty"},
    {"override \"a.b\" { level = \"secure\" mx = {\"\"} }", "conf:1: override \"a.b\": the pattern is empty"},
    {"override \"a.b\" { levle = \"may\" }", "conf:1: in override: no such option 'levle'"},
    {"override \"a.b\" { level = \"may\" }\noverride \"a.b\" { level = \"off\" }",
     "conf:2: found duplicate title 'a.b'"},
    {"override \"a.b\" { level = \"may\" }\noverride \"A.b.\" { level = \"off\" }",
     "conf: override \"a.b\" is there twice"},
    {"override \"a b\" { level = \"may\" }\noverride \"c\" { level = \"no\" }",
     "conf:1: override \"a b\": a label holds something else than letters, digits and hyphens\n"
     "conf:2: override \"c\": the level is not off, may, encrypt, secure or enforce-testing"},

    /* all at once */
    {"user = \"\"\nresolvers = 99\nfetch {\n max_flights = 0\n}",
     "conf:1: user: \"\": it must not be empty\n"
     "conf:2: resolvers: \"99\": a number of 0 to 64 is wanted\n"
     "conf:4: fetch.max_flights: \"0\": a number of 1 to 10000 is wanted"},
};

static const struct {
    const char *source, *signature;
    bool good;
    const char *becomes;
} list_cases[] = {
    {"/l.json", NULL, true, "/l.json.asc"},
    {"/l.json", "/s", true, "/s"},
    {"https://a.example/l.json", NULL, true, "https://a.example/l.json.asc"},
    {"https://a.example/?list", "/s", true, "/s"},
    {"HTTPS://a.example/l", NULL, false, NULL},
    {"http://a.example/l", NULL, false, NULL},
    {"https://a.example", NULL, false, NULL},
    {"https://a.example:443/l", NULL, false, NULL},
    {"https://a@a.example/l", NULL, false, NULL},
    {"https://[2001:db8::1]/l", NULL, false, NULL},
    {"https:///l", NULL, false, NULL},
    {"https://a.example/l#x", NULL, false, NULL},
    {"https://a.example/ l", NULL, false, NULL},
    {"/l.json", "s", false, NULL},
};

static void where_a_list_may_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof list_cases / sizeof *list_cases; i++) {
        char text[256];
        snprintf(text, sizeof text, "preload { key = \"/k\" source = \"%s\" signature = \"%s\" }",
                 list_cases[i].source, list_cases[i].signature != NULL ? list_cases[i].signature : "");
        struct ww_config *c = parse(text);
        if ((c != NULL) != list_cases[i].good)
            fail_msg("%s: %s", text, detail);
        if (c == NULL)
            continue;
        assert_string_equal(c->preload_source, list_cases[i].source);
        assert_string_equal(c->preload_signature, list_cases[i].becomes);
        ww_config_free(c);
    }
}

static void refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct ww_config *c = parse(refusals[i].text);
        if (c != NULL)
            fail_msg("taken: %s", refusals[i].text);
        if (strcmp(detail, refusals[i].detail) != 0)
            fail_msg("%s\nsays:   %s\nwanted: %s", refusals[i].text, detail, refusals[i].detail);
    }
}

static void zero_byte(void **state)
{
    (void)state;
    static const char text[] = "user = \"a\"\n\0nonsense";
    assert_null(ww_config_parse("conf", text, sizeof text - 1, detail, sizeof detail));
    assert_string_equal(detail, "conf:2: control characters are not allowed");
}

/* Words that do not fit are cut, never more. */
static void short_detail(void **state)
{
    (void)state;
    static const char text[] = "resolvers = 99\nresolvers = 99\nresolvers = 99\n";
    for (size_t size = 1; size < 200; size++) {
        char *words = malloc(size);
        assert_non_null(words);
        assert_null(ww_config_parse("conf", text, sizeof text - 1, words, size));
        assert_true(strlen(words) < size);
        free(words);
    }
}

static void store_places(void **state)
{
    (void)state;
    setenv("XDG_STATE_HOME", "/state", 1);
    setenv("HOME", "/home/me", 1);
    struct ww_config *c = parse("");
    assert_non_null(c);
    assert_string_equal(c->store,
                        geteuid() == 0 ? "/var/lib/waxwing/waxwing.db" : "/state/waxwing/waxwing.db");
    ww_config_free(c);
    unsetenv("XDG_STATE_HOME");
    c = parse("");
    assert_non_null(c);
    assert_string_equal(c->store, geteuid() == 0 ? "/var/lib/waxwing/waxwing.db"
                                                 : "/home/me/.local/state/waxwing/waxwing.db");
    ww_config_free(c);
    unsetenv("HOME");
    c = parse("");
    if (geteuid() == 0) {
        assert_non_null(c);
    } else {
        assert_null(c);
        assert_string_equal(detail, "conf: store: there is no home directory to put it in: set store");
    }
    ww_config_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),        cmocka_unit_test(all_settings),
        cmocka_unit_test(accepted),        cmocka_unit_test(where_a_list_may_be),
        cmocka_unit_test(refused),         cmocka_unit_test(zero_byte),
        cmocka_unit_test(sections_add_up), cmocka_unit_test(short_detail),
        cmocka_unit_test(store_places),    cmocka_unit_test(overrides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
