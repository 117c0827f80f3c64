/*
 * test_judge DECISION_SPACE: the table about one MX host that was written from the RFCs, by way of the
 * library: what is decided of a domain, and judged of its hosts, has to come to the same.
 */
#include "../core/decision_columns.h"

#include <waxwing/waxwing.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define HOST "mx1.example.com"
#define OTHER "mail.example.com"
#define DOMAIN "example.org"

static const struct dane {
    enum waxwing_dane state;
    int match;
    unsigned usage;
} danes[] = {
    {WAXWING_DANE_NONE, 0, 0},
    {WAXWING_DANE_INSECURE, 0, 0},
    {WAXWING_DANE_BOGUS, 0, 0},
    {WAXWING_DANE_LOOKUP_FAILED, 0, 0},
    {WAXWING_DANE_SECURE_UNUSABLE, 0, 0},
    {WAXWING_DANE_SECURE_USABLE, 1, 1},
    {WAXWING_DANE_SECURE_USABLE, 0, 3},
    {WAXWING_DANE_SECURE_USABLE, 1, 3},
    {WAXWING_DANE_SECURE_USABLE, 1, 2},
};

static const char *const right[] = {OTHER, HOST}, *const wrong[] = {OTHER},
                         *const wildcard[] = {"*.example.com"}, *const next_hop[] = {DOMAIN};

/* In the order of the column; the last three have no certificate. */
static const struct tls {
    const char *const *names;
    size_t name_count;
    enum waxwing_certificate certificate;
    const char *common_name;
    unsigned version;
} tlses[] = {
    {right, 2, WAXWING_CERTIFICATE_TRUSTED, NULL, 0x0304},
    {wildcard, 1, WAXWING_CERTIFICATE_TRUSTED, NULL, 0x0303},
    {next_hop, 1, WAXWING_CERTIFICATE_TRUSTED, NULL, 0x0303},
    {NULL, 0, WAXWING_CERTIFICATE_TRUSTED, HOST, 0x0303},
    {wrong, 1, WAXWING_CERTIFICATE_TRUSTED, HOST, 0x0303},
    {wrong, 1, WAXWING_CERTIFICATE_TRUSTED, NULL, 0x0303},
    {right, 2, WAXWING_CERTIFICATE_EXPIRED, NULL, 0x0303},
    {wrong, 1, WAXWING_CERTIFICATE_EXPIRED, NULL, 0x0303},
    {right, 2, WAXWING_CERTIFICATE_UNTRUSTED, NULL, 0x0303},
    {wrong, 1, WAXWING_CERTIFICATE_UNTRUSTED, NULL, 0x0303},
    {right, 2, WAXWING_CERTIFICATE_SELF_SIGNED, NULL, 0x0303},
    {wrong, 1, WAXWING_CERTIFICATE_SELF_SIGNED, NULL, 0x0303},
    {right, 2, WAXWING_CERTIFICATE_TRUSTED, NULL, 0x0302},
    {right, 2, WAXWING_CERTIFICATE_EXPIRED, NULL, 0x0302},
    {NULL, 0, WAXWING_CERTIFICATE_NONE, NULL, 0x0303},
    {NULL, 0, WAXWING_CERTIFICATE_NONE, NULL, 0},
    {NULL, 0, WAXWING_CERTIFICATE_NONE, NULL, 0},
};

static const char *space_path;
static struct space space;

static struct waxwing_policy *policy(const char *mode, bool named)
{
    char body[256];
    struct waxwing_policy *p;
    int n = snprintf(body, sizeof body, "version: STSv1\nmode: %s\nmx: " OTHER "\nmx: %s\nmax_age: 86400\n",
                     mode, named ? "*.example.com" : "*.mx1.example.com");
    assert_null(waxwing_policy_parse(body, (size_t)n, &p, NULL));
    return p;
}

/* What is decided of the domain; beside: with another host, that DANE authenticates and the policy names. */
static struct waxwing_decision *decide(const size_t *cell, bool beside)
{
    const char *mode = columns[POLICY].values[cell[POLICY]];
    struct waxwing_policy *p = strcmp(mode, "nothing") == 0 ? NULL : policy(mode, cell[MX] == 0);
    const char *const hosts[] = {HOST, OTHER};
    const enum waxwing_dane states[] = {danes[cell[DANE]].state, WAXWING_DANE_SECURE_USABLE};
    const struct waxwing_domain domain = {.size = sizeof domain,
                                          .name = DOMAIN,
                                          .policy = p,
                                          .mx_security = WAXWING_MX_SECURE,
                                          .hosts = hosts,
                                          .dane = states,
                                          .host_count = beside ? 2 : 1,
                                          .dane_suffices = cell[SUFFICES] == 1};
    struct waxwing_decision *d;
    assert_null(waxwing_decide(&domain, &d));
    waxwing_policy_free(p);
    return d;
}

static void expect(unsigned line, const char *what, const char *got, const char *wanted)
{
    if (strcmp(got, strcmp(wanted, "-") == 0 ? "" : wanted) != 0)
        fail_msg("line %u: %s is \"%s\", not \"%s\"", line, what, got, wanted);
}

static void check(const struct space_row *row, const size_t *cell, bool beside)
{
    const struct tls *tls = &tlses[cell[TLS]];
    const char *tls_name = columns[TLS].values[cell[TLS]];
    const struct dane *dane = &danes[cell[DANE]];
    struct waxwing_decision *d = decide(cell, beside);
    const struct waxwing_seen seen = {.size = sizeof seen,
                                      .host = HOST ".",
                                      .starttls = strcmp(tls_name, "starttls") != 0,
                                      .handshake = tls->version != 0,
                                      .tls_version = tls->version,
                                      .certificate = tls->certificate,
                                      .names = tls->names,
                                      .name_count = tls->name_count,
                                      .common_name = tls->common_name,
                                      .tlsa_match = dane->match,
                                      .tlsa_usage = dane->usage};
    struct waxwing_judgement j = {.size = sizeof j};
    enum waxwing_action action = waxwing_judge(d, &seen, &j);
    assert_int_equal(action, j.action);
    expect(row->number, "action", action == WAXWING_DELIVER ? "deliver" : "skip", row->cell[ACTION]);
    assert_true(j.why[0] != '\0');
    /* Where the whole domain is held, no host is looked at. */
    if (waxwing_decision_level(d) != WAXWING_LEVEL_HOLD) {
        expect(row->number, "type", waxwing_policy_type_name(j.policy_type), row->cell[TYPE]);
        expect(row->number, "result", waxwing_result_name(j.result), row->cell[RESULT]);
        if (strcmp(row->cell[SECTION], "-") != 0)
            expect(row->number, "section", j.section, row->cell[SECTION]);
    }
    /* What is out by its name alone is out in the end. */
    assert_true(waxwing_decision_allows(d, HOST) || action == WAXWING_SKIP);
    waxwing_decision_free(d);
}

static void judges_every_host_as_the_table_says(void **state)
{
    (void)state;
    size_t cell[SPAN] = {0};
    space_load(&space, space_path, columns, SPAN, END - SPAN);
    do {
        if (cell[REQUIRED] == 1)
            continue;
        const struct space_row *row = space_at(&space, cell);
        check(row, cell, false);
        check(row, cell, true);
    } while (space_next(&space, cell));
}

static struct waxwing_decision *without_policy(enum waxwing_mx_security security)
{
    const struct waxwing_domain domain = {.size = sizeof domain, .name = DOMAIN, .mx_security = security};
    struct waxwing_decision *d;
    assert_null(waxwing_decide(&domain, &d));
    return d;
}

/* Nobody has looked for TLSA records, and whoever delays the answers must not gain by it. */
static void what_is_not_known_is_skipped(void **state)
{
    (void)state;
    struct waxwing_decision *d = without_policy(WAXWING_MX_UNKNOWN);
    struct waxwing_seen seen = {.size = sizeof seen, .host = HOST, .starttls = 1, .handshake = 1};
    assert_int_equal(waxwing_decision_level(d), WAXWING_LEVEL_DANE);
    assert_int_equal(waxwing_judge(d, &seen, NULL), WAXWING_SKIP);
    seen.dane = WAXWING_DANE_NONE; /* the caller has */
    assert_int_equal(waxwing_judge(d, &seen, NULL), WAXWING_DELIVER);
    seen.dane = (enum waxwing_dane)99;
    assert_int_equal(waxwing_judge(d, &seen, NULL), WAXWING_SKIP);
    waxwing_decision_free(d);
    d = without_policy(WAXWING_MX_INSECURE);
    seen.dane = WAXWING_DANE_UNKNOWN;
    assert_int_equal(waxwing_judge(d, &seen, NULL), WAXWING_DELIVER);
    waxwing_decision_free(d);
    d = without_policy(WAXWING_MX_BOGUS);
    struct waxwing_judgement j = {.size = sizeof j};
    assert_int_equal(waxwing_judge(d, &seen, &j), WAXWING_SKIP);
    assert_string_equal(j.section, "RFC 7672 section 2.1.2");
    assert_string_equal(j.why, waxwing_decision_why(d));
    waxwing_decision_free(d);
}

static void what_cannot_be_read_is_skipped(void **state)
{
    (void)state;
    struct waxwing_decision *d = without_policy(WAXWING_MX_INSECURE);
    struct later {
        struct waxwing_seen now;
        int more;
    } later = {.now = {.size = sizeof later, .host = HOST}, .more = 1};
    const struct waxwing_seen nobody = {.size = sizeof nobody}, odd = {.size = sizeof odd, .host = "a..b"},
                              nameless = {.size = sizeof nameless, .host = HOST, .name_count = 1};
    struct waxwing_judgement j = {.size = sizeof j};
    assert_int_equal(waxwing_judge(d, &later.now, NULL), WAXWING_SKIP);
    later.more = 0;
    assert_int_equal(waxwing_judge(d, &later.now, NULL), WAXWING_DELIVER);
    assert_int_equal(waxwing_judge(d, &nobody, &j), WAXWING_SKIP);
    assert_string_equal(j.why, "an argument is missing, or is none that can be");
    assert_int_equal(waxwing_judge(d, &odd, NULL), WAXWING_SKIP);
    assert_int_equal(waxwing_judge(d, &nameless, NULL), WAXWING_SKIP);
    assert_int_equal(waxwing_judge(d, NULL, NULL), WAXWING_SKIP);
    waxwing_decision_free(d);
}

/* A program that was compiled with a shorter struct has room for no more. */
static void an_older_caller_gets_what_it_knows(void **state)
{
    (void)state;
    struct waxwing_decision *d = without_policy(WAXWING_MX_INSECURE);
    const struct waxwing_seen seen = {.size = sizeof seen, .host = HOST};
    struct waxwing_judgement j;
    memset(&j, 'x', sizeof j);
    j.size = offsetof(struct waxwing_judgement, section);
    assert_int_equal(waxwing_judge(d, &seen, &j), WAXWING_DELIVER);
    assert_int_equal(j.action, WAXWING_DELIVER);
    assert_int_equal(j.why[0], 'x');
    assert_int_equal(j.size, offsetof(struct waxwing_judgement, section));
    waxwing_decision_free(d);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_every_host_as_the_table_says),
        cmocka_unit_test(what_is_not_known_is_skipped),
        cmocka_unit_test(what_cannot_be_read_is_skipped),
        cmocka_unit_test(an_older_caller_gets_what_it_knows),
    };
    if (argc != 2)
        return 64;
    space_path = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
