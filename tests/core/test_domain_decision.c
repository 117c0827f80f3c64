/*
 * test_domain_decision DOMAIN_DECISION_SPACE: the table that was written from the RFCs, against the code; and
 * what is told beside the level.
 */
#include "base/buf.h"
#include "core/domain_decision.h"
#include "core/postfix.h"
#include "core/socketmap.h"
#include "space.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define DOMAIN "example.org"

enum { POLICY, OVERRIDE, DANE, SUFFICES, MX, USABLE, UNUSABLE, FREE, FAILING, SPAN };
enum { LEVEL = SPAN, NAMES, SECTION, END };

static const struct space_column columns[SPAN] = {
    [POLICY] = {"policy", {"nothing", "none", "testing", "enforce", "ordered", "listed", "trial", "raised"}},
    [OVERRIDE] = {"override", {"-", "off", "may", "encrypt", "secure", "own"}},
    [DANE] = {"dane", {"off", "on", "mta", "blind"}},
    [SUFFICES] = {"suffices", {"no", "yes"}},
    [MX] = {"mx", {"secure", "insecure", "bogus", "failed", "null", "no-dnssec", "unknown"}},
    [USABLE] = {"usable", {"no", "in", "out", "both"}},
    [UNUSABLE] = {"unusable", {"no", "in", "out"}},
    [FREE] = {"free", {"no", "none-in", "none-out", "insecure-in", "insecure-out"}},
    [FAILING] = {"failing", {"no", "bogus-in", "bogus-out", "failed-in", "failed-out", "more"}},
};

static const char *table_path;
static struct space table;

#define BODY(mode) "version: STSv1\nmode: " mode "\nmx: *.in.example\nmx: mx.example.org\nmax_age: 9\n"
static struct ww_policy policies[WW_MODE_ENFORCE + 1];

/* The first is beside a policy, which it must not change; the others are where there is none. */
enum { BESIDE, LISTED, TRIAL, ENTRIES };
static const struct ww_preload_policy list_policies[ENTRIES] = {
    [BESIDE] = {WW_MODE_ENFORCE, {"", 0}, {"\015*.out.example", 14}, 1},
    [LISTED] = {WW_MODE_ENFORCE, {"", 0}, {"\014*.in.example\014list.example", 26}, 2},
    [TRIAL] = {WW_MODE_TESTING, {"", 0}, {"\014*.in.example\014list.example", 26}, 2},
};
static const struct ww_preload_name list_names[ENTRIES] = {
    {{"a.example", 9}, BESIDE}, {{"b.example", 9}, LISTED}, {{"c.example", 9}, TRIAL}};
static char image[512];
static struct ww_preload_entry entries[ENTRIES];

static const struct ww_override ordered = {
    .key = DOMAIN, .level = WW_OVERRIDE_ENFORCE_TESTING, .mx = "", .reason = "", .who = ""};
static const struct ww_override orders[] = {
    {.key = DOMAIN, .level = WW_OVERRIDE_OFF, .mx = "", .reason = "", .who = ""},
    {.key = DOMAIN, .level = WW_OVERRIDE_MAY, .mx = "", .reason = "", .who = ""},
    {.key = DOMAIN, .level = WW_OVERRIDE_ENCRYPT, .mx = "", .reason = "", .who = ""},
    {.key = DOMAIN, .level = WW_OVERRIDE_SECURE, .mx = "", .reason = "", .who = ""},
    {.key = DOMAIN, .level = WW_OVERRIDE_SECURE, .mx = "own.example", .reason = "", .who = ""},
};

static const char *value(const size_t *cell, size_t column)
{
    return columns[column].values[cell[column]];
}

static bool is(const size_t *cell, size_t column, const char *text)
{
    return strcmp(value(cell, column), text) == 0;
}

struct hosts {
    struct ww_domain_host host[5];
    struct ww_domain_dane dane;
};

static void add(struct hosts *h, const char *name, enum ww_dane_state state)
{
    h->host[h->dane.count++] = (struct ww_domain_host){name, state};
}

static bool ends(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* The hosts that a table has nothing to say of stand first, so that nothing can go by the first alone. */
static void make_hosts(const size_t *cell, struct hosts *h)
{
    const char *failing = value(cell, FAILING);
    const char *free = value(cell, FREE);
    h->dane = (struct ww_domain_dane){.mx = (enum ww_domain_mx)cell[MX], .hosts = h->host};
    if (strcmp(failing, "more") == 0)
        h->dane.more = true;
    else if (strcmp(failing, "no") != 0)
        add(h, ends(failing, "-in") ? "failing.in.example" : "failing.out.example",
            failing[0] == 'b' ? WW_DANE_BOGUS : WW_DANE_LOOKUP_FAILED);
    if (is(cell, USABLE, "out") || is(cell, USABLE, "both"))
        add(h, "usable.out.example", WW_DANE_SECURE_USABLE);
    if (is(cell, USABLE, "in") || is(cell, USABLE, "both"))
        add(h, "usable.in.example", WW_DANE_SECURE_USABLE);
    if (!is(cell, UNUSABLE, "no"))
        add(h, is(cell, UNUSABLE, "in") ? "unusable.in.example" : "unusable.out.example",
            WW_DANE_SECURE_UNUSABLE);
    if (strcmp(free, "no") != 0)
        add(h, ends(free, "-in") ? "free.in.example" : "free.out.example",
            free[0] == 'n' ? WW_DANE_NONE : WW_DANE_INSECURE);
}

static struct ww_domain_case make_case(const size_t *cell, struct hosts *h)
{
    static const struct ww_policy *const in_force[] = {NULL,
                                                       &policies[WW_MODE_NONE],
                                                       &policies[WW_MODE_TESTING],
                                                       &policies[WW_MODE_ENFORCE],
                                                       &policies[WW_MODE_TESTING],
                                                       NULL,
                                                       NULL,
                                                       NULL};
    static const struct ww_preload_entry *const listed[] = {NULL,
                                                            &entries[BESIDE],
                                                            &entries[BESIDE],
                                                            &entries[BESIDE],
                                                            &entries[BESIDE],
                                                            &entries[LISTED],
                                                            &entries[TRIAL],
                                                            &entries[TRIAL]};
    static const enum ww_dane_use uses[] = {WW_DANE_OFF, WW_DANE_ON, WW_DANE_MTA, WW_DANE_BLIND};
    struct ww_domain_case c = {
        .domain = DOMAIN,
        .policy = in_force[cell[POLICY]],
        .listed = listed[cell[POLICY]],
        .settings = {.use = uses[cell[DANE]], .suffices = is(cell, SUFFICES, "yes")},
    };
    make_hosts(cell, h);
    if (!is(cell, MX, "unknown"))
        c.dane = &h->dane;
    if (cell[OVERRIDE] > 0)
        c.override = &orders[cell[OVERRIDE] - 1];
    else if (is(cell, POLICY, "ordered") || is(cell, POLICY, "raised"))
        c.override = &ordered;
    return c;
}

static void put_names(struct ww_buf *b, const struct ww_decision *d)
{
    struct ww_slice mx;
    for (size_t pos = 0; ww_decision_next_mx(d, &pos, &mx);) {
        ww_buf_slice(b, mx);
        ww_buf_char(b, ' ');
    }
}

static struct ww_slice names_of(const char *what, const size_t *cell)
{
    if (strcmp(what, "policy") == 0)
        return ww_slice_str("*.in.example mx.example.org ");
    if (strcmp(what, "list") == 0)
        return ww_slice_str("*.in.example list.example ");
    if (strcmp(what, "own") == 0)
        return ww_slice_str("own.example ");
    if (strcmp(what, "among") != 0)
        return ww_slice_str("");
    if (!is(cell, UNUSABLE, "in"))
        return ww_slice_str("free.in.example ");
    return ww_slice_str(ends(value(cell, FREE), "-in") ? "unusable.in.example free.in.example "
                                                       : "unusable.in.example ");
}

static const struct space_row *row_of(const size_t *cell)
{
    const struct space_row *row = space_at(&table, cell);
    size_t base[SPAN];
    if (strcmp(row->cell[LEVEL], "base") != 0)
        return row;
    memcpy(base, cell, sizeof base);
    base[DANE] = space_value(&table, DANE, "off");
    return space_at(&table, base);
}

static void check_cell(const size_t *cell)
{
    const struct space_row *row = row_of(cell);
    struct hosts h;
    const struct ww_domain_case c = make_case(cell, &h);
    const struct ww_decision d = ww_domain_decide(&c);
    char text[256];
    struct ww_buf b = ww_buf(text, sizeof text);
    put_names(&b, &d);
    if (strcmp(ww_level_name(d.level), row->cell[LEVEL]) != 0 ||
        strcmp(ww_rule_source(d.rule), row->cell[SECTION]) != 0 ||
        !ww_slice_eq(ww_slice(b.p, b.n), names_of(row->cell[NAMES], cell))) {
        for (size_t i = 0; i < SPAN; i++)
            print_error("%s: %s\n", columns[i].name, value(cell, i));
        fail_msg("line %u: %s, names %.*s, %s", row->number, ww_level_name(d.level), (int)b.n, b.p,
                 ww_rule_source(d.rule));
    }
    assert_string_equal(d.domain, DOMAIN);
    assert_int_equal(ww_rule_result(d.rule), WW_RESULT_NONE);
    assert_int_equal(d.reason != NULL, d.level == WW_LEVEL_HOLD);
    assert_true(d.rule != (c.policy == NULL ? WW_RULE_DOMAIN_CONFLICT : WW_RULE_DOMAIN_LISTED_CONFLICT));
    bool by_policy = strcmp(row->cell[NAMES], "policy") == 0 || d.among != NULL;
    assert_ptr_equal(d.policy, by_policy ? c.policy : NULL);
    assert_int_equal(d.listed != NULL,
                     strcmp(row->cell[NAMES], "list") == 0 || (d.among != NULL && c.policy == NULL));
}

static void decides_every_domain(void **state)
{
    (void)state;
    size_t cell[SPAN] = {0};
    do {
        check_cell(cell);
    } while (space_next(&table, cell));
    for (size_t i = 0; i < table.rows; i++) {
        if (!table.row[i].used)
            fail_msg("line %u is idle", table.row[i].number);
    }
}

static void is_that_of_the_policy_without_dane(void **state)
{
    (void)state;
    size_t cell[SPAN] = {0};
    do {
        struct hosts h;
        const struct ww_domain_case c = make_case(cell, &h);
        if (!is(cell, DANE, "off"))
            continue;
        const struct ww_decision with = ww_domain_decide(&c);
        struct ww_decision without = ww_decide(c.domain, c.policy, c.override);
        if (c.policy == NULL && c.listed != NULL)
            ww_decide_listed(&without, c.override, c.listed);
        assert_true(with.level == without.level && with.policy == without.policy &&
                    with.listed == without.listed && with.override == without.override &&
                    with.among == NULL && with.reason == without.reason && with.rule == without.rule);
    } while (space_next(&table, cell));
}

static void keeps_the_override_that_enforces(void **state)
{
    (void)state;
    const struct ww_domain_host host = {"mx.example.org", WW_DANE_SECURE_USABLE};
    const struct ww_domain_dane dane = {.hosts = &host, .count = 1};
    const struct ww_domain_case c = {.domain = DOMAIN,
                                     .policy = &policies[WW_MODE_TESTING],
                                     .override = &ordered,
                                     .dane = &dane,
                                     .settings = {.use = WW_DANE_MTA}};
    const struct ww_decision d = ww_domain_decide(&c);
    assert_int_equal(d.level, WW_LEVEL_DANE_ONLY);
    assert_ptr_equal(d.override, &ordered);
}

/* A policy that lists no host is held whatever DANE says: it cannot be told what it would have forbidden. */
static void holds_a_policy_without_hosts(void **state)
{
    (void)state;
    const struct ww_policy policy = {.mode = WW_MODE_ENFORCE};
    const struct ww_domain_host host = {"mx.example.org", WW_DANE_SECURE_USABLE};
    const struct ww_domain_dane dane = {.hosts = &host, .count = 1};
    const struct ww_domain_case c = {.domain = DOMAIN,
                                     .policy = &policy,
                                     .dane = &dane,
                                     .settings = {.use = WW_DANE_ON, .suffices = true}};
    const struct ww_decision d = ww_domain_decide(&c);
    assert_int_equal(d.level, WW_LEVEL_HOLD);
    assert_string_equal(ww_rule_source(d.rule), "RFC 8461 section 3.2");
    assert_int_equal(ww_rule_result(d.rule), WW_RESULT_NONE);
}

static const struct {
    int64_t policy, override, dane;
    enum ww_override_level level;
    const char *mx;
    enum ww_dane_use use;
    int64_t until;
} until_cases[] = {
    {30, -1, 20, WW_OVERRIDE_OFF, "", WW_DANE_ON, 20},
    {20, -1, 30, WW_OVERRIDE_OFF, "", WW_DANE_ON, 20},
    {0, -1, 30, WW_OVERRIDE_OFF, "", WW_DANE_ON, 30},
    {30, -1, 0, WW_OVERRIDE_OFF, "", WW_DANE_ON, 30},
    {30, -1, 20, WW_OVERRIDE_OFF, "", WW_DANE_OFF, 30},
    {30, -1, -1, WW_OVERRIDE_OFF, "", WW_DANE_ON, 30},
    {30, 40, 20, WW_OVERRIDE_OFF, "", WW_DANE_ON, 40},
    {30, 40, 20, WW_OVERRIDE_SECURE, "", WW_DANE_ON, 30},
    {30, 40, 20, WW_OVERRIDE_SECURE, "own.example", WW_DANE_ON, 40},
    {30, 10, 20, WW_OVERRIDE_ENFORCE_TESTING, "", WW_DANE_ON, 10},
    {30, 0, 20, WW_OVERRIDE_ENFORCE_TESTING, "", WW_DANE_ON, 20},
};

static void ends_with_what_ends_first(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(until_cases); i++) {
        const struct ww_domain_host host = {"mx.example.org", WW_DANE_SECURE_USABLE};
        const struct ww_domain_dane dane = {.hosts = &host, .count = 1, .until = until_cases[i].dane};
        const struct ww_override o = {.key = DOMAIN,
                                      .level = until_cases[i].level,
                                      .mx = until_cases[i].mx,
                                      .until = until_cases[i].override,
                                      .reason = "",
                                      .who = ""};
        const struct ww_domain_case c = {
            .domain = DOMAIN,
            .policy = &policies[WW_MODE_TESTING],
            .policy_until = until_cases[i].policy,
            .override = until_cases[i].override >= 0 ? &o : NULL,
            .dane = until_cases[i].dane >= 0 ? &dane : NULL,
            .settings = {.use = until_cases[i].use},
        };
        const int64_t until = ww_domain_decide(&c).until;
        if (until != until_cases[i].until)
            fail_msg("case %zu: %lld", i, (long long)until);
    }
}

static const struct {
    int64_t policy, list, override;
    size_t entry; /* ENTRIES: none */
    bool in_force;
    enum ww_override_level level;
    int64_t until;
} listed_until_cases[] = {
    {30, 20, -1, LISTED, false, WW_OVERRIDE_OFF, 20},
    {20, 30, -1, LISTED, false, WW_OVERRIDE_OFF, 20},
    {0, 30, -1, LISTED, false, WW_OVERRIDE_OFF, 30},
    {30, 20, -1, TRIAL, false, WW_OVERRIDE_OFF, 20},
    {30, 0, -1, ENTRIES, false, WW_OVERRIDE_OFF, 30},
    {30, 20, -1, BESIDE, true, WW_OVERRIDE_OFF, 30},
    {30, 20, 40, LISTED, false, WW_OVERRIDE_OFF, 40},
    {30, 20, 40, LISTED, false, WW_OVERRIDE_SECURE, 20},
    {30, 20, 40, BESIDE, true, WW_OVERRIDE_SECURE, 30},
    {30, 20, 40, TRIAL, false, WW_OVERRIDE_ENFORCE_TESTING, 20},
    {30, 20, 10, TRIAL, false, WW_OVERRIDE_ENFORCE_TESTING, 10},
};

static void ends_with_the_list(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(listed_until_cases); i++) {
        const struct ww_override o = {.key = DOMAIN,
                                      .level = listed_until_cases[i].level,
                                      .mx = "",
                                      .until = listed_until_cases[i].override,
                                      .reason = "",
                                      .who = ""};
        const size_t entry = listed_until_cases[i].entry;
        const struct ww_domain_case c = {
            .domain = DOMAIN,
            .policy = listed_until_cases[i].in_force ? &policies[WW_MODE_ENFORCE] : NULL,
            .policy_until = listed_until_cases[i].policy,
            .listed = entry < ENTRIES ? &entries[entry] : NULL,
            .listed_until = listed_until_cases[i].list,
            .override = listed_until_cases[i].override >= 0 ? &o : NULL,
        };
        const int64_t until = ww_domain_decide(&c).until;
        if (until != listed_until_cases[i].until)
            fail_msg("case %zu: %lld", i, (long long)until);
    }
}

/* That there is no policy has an end as well. */
static void ends_without_a_policy(void **state)
{
    (void)state;
    const struct ww_domain_case c = {.domain = DOMAIN, .policy_until = 30};
    assert_int_equal(ww_domain_decide(&c).until, 30);
}

/* Postfix cuts what it logs at 200 characters. */
static void says_why_it_holds_in_one_line(void **state)
{
    (void)state;
    static const enum ww_rule rules[] = {WW_RULE_DOMAIN_NO_MX, WW_RULE_DOMAIN_MX_BOGUS,
                                         WW_RULE_DOMAIN_CONFLICT, WW_RULE_DOMAIN_LISTED_CONFLICT};
    static char room[WW_SOCKETMAP_REPLY_MAX];
    char domain[WW_DNAME_SIZE];
    memset(domain, 'a', sizeof domain - 1);
    domain[sizeof domain - 1] = '\0';
    for (size_t i = 0; i < COUNT(rules); i++) {
        const struct ww_decision d = {
            .level = WW_LEVEL_HOLD, .domain = domain, .reason = ww_rule_text(rules[i]), .rule = rules[i]};
        const struct ww_postfix_style style = {.tlsrpt = true};
        struct ww_buf b = ww_buf(room, sizeof room);
        ww_postfix_reply(&b, &d, &style);
        assert_true(b.n < 200 && memcmp(b.p, "TEMP ", 5) == 0);
        assert_true(ends(strndupa(b.p, b.n), ww_rule_text(rules[i])));
    }
}

static void names_the_states_of_mx_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < WW_DOMAIN_MX_STATES; i++)
        assert_string_equal(ww_domain_mx_name((enum ww_domain_mx)i), columns[MX].values[i]);
}

static int load(void **state)
{
    static const char *const bodies[] = {[WW_MODE_NONE] = BODY("none"),
                                         [WW_MODE_TESTING] = BODY("testing"),
                                         [WW_MODE_ENFORCE] = BODY("enforce")};
    size_t offset;
    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++)
        assert_int_equal(ww_policy_parse(bodies[i], strlen(bodies[i]), &policies[i], &offset), WW_OK);
    const struct ww_preload_content content = {.expires = 1,
                                               .author = ww_slice_str(""),
                                               .names = list_names,
                                               .count = ENTRIES,
                                               .policies = list_policies,
                                               .policy_count = ENTRIES};
    struct ww_buf b = ww_buf(image, sizeof image);
    struct ww_preload list;
    ww_preload_write(&content, &b);
    assert_int_equal(ww_preload_open(b.p, b.n, &list), WW_OK);
    for (uint32_t i = 0; i < ENTRIES; i++)
        entries[i] = ww_preload_at(&list, i);
    space_load(&table, table_path, columns, SPAN, END - SPAN);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides_every_domain),
        cmocka_unit_test(is_that_of_the_policy_without_dane),
        cmocka_unit_test(keeps_the_override_that_enforces),
        cmocka_unit_test(holds_a_policy_without_hosts),
        cmocka_unit_test(ends_with_what_ends_first),
        cmocka_unit_test(ends_with_the_list),
        cmocka_unit_test(ends_without_a_policy),
        cmocka_unit_test(says_why_it_holds_in_one_line),
        cmocka_unit_test(names_the_states_of_mx_records),
    };
    if (argc != 2)
        return 64;
    table_path = argv[1];
    return cmocka_run_group_tests(tests, load, NULL);
}
