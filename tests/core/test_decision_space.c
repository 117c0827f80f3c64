/*
 * test_decision_space POLICY_SPACE DECISION_SPACE: the tables that were written from the RFCs, against the
 * code. Every cell of the first is taken with every cell of the second.
 */
#include "core/judge.h"
#include "decision_columns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define HOST "mx1.example.com"
#define DOMAIN "example.org"
#define MAX_AGE 604800u

enum { RECORD, FETCH, FETCHED, CACHED, POLICY_SPAN };
enum { IN_FORCE = POLICY_SPAN, FROM, POLICY_RESULT, POLICY_SECTION, POLICY_END };

static const struct space_column policy_columns[POLICY_SPAN] = {
    [RECORD] = {"record", {"none", "multiple", "same", "new"}},
    [FETCH] = {"fetch", {"ok", "not-attempted", "failed", "webpki", "invalid"}},
    [FETCHED] = {"fetched", {"-", "enforce", "testing", "none"}},
    [CACHED] = {"cached", {"-", "enforce", "testing", "none", "expired"}},
};

static const char *policy_path, *decision_path;
static struct space policies, decisions;

/* What is fetched and what is cached are told apart by their address, and have the same patterns. */
struct bodies {
    char text[2][WW_MODE_ENFORCE + 1][200];
    struct ww_policy policy[2][WW_MODE_ENFORCE + 1];
};
static struct bodies in, out;

static void make_bodies(struct bodies *b, const char *mx)
{
    size_t offset;
    for (int i = 0; i < 2; i++) {
        for (enum ww_policy_mode mode = WW_MODE_NONE; mode <= WW_MODE_ENFORCE; mode++) {
            char *text = b->text[i][mode];
            int n = snprintf(text, sizeof b->text[i][mode], "version: STSv1\nmode: %s\n%smax_age: %u\n",
                             ww_policy_mode_name(mode), mx, MAX_AGE);
            assert_int_equal(ww_policy_parse(text, (size_t)n, &b->policy[i][mode], &offset), WW_OK);
        }
    }
}

/* The policy of a mode; NULL for "-". */
static const struct ww_policy *policy_of(const struct bodies *b, int i, const char *mode)
{
    for (enum ww_policy_mode m = WW_MODE_NONE; m <= WW_MODE_ENFORCE; m++) {
        if (strcmp(ww_policy_mode_name(m), mode) == 0)
            return &b->policy[i][m];
    }
    return strcmp(mode, "expired") == 0 ? &b->policy[i][WW_MODE_ENFORCE] : NULL;
}

static struct ww_in_force in_force(const size_t *cell, const struct bodies *b)
{
    static const enum ww_seen_record records[] = {WW_RECORD_NONE, WW_RECORD_MULTIPLE, WW_RECORD_SAME,
                                                  WW_RECORD_NEW};
    static const enum ww_seen_fetch fetches[] = {WW_FETCH_OK, WW_FETCH_NOT_ATTEMPTED, WW_FETCH_FAILED,
                                                 WW_FETCH_WEBPKI, WW_FETCH_INVALID};
    const char *cached = policy_columns[CACHED].values[cell[CACHED]];
    const struct ww_discovered d = {
        .fetched = policy_of(b, 0, policy_columns[FETCHED].values[cell[FETCHED]]),
        .cached = policy_of(b, 1, cached),
        .cached_age = strcmp(cached, "expired") == 0 ? MAX_AGE : MAX_AGE - 1,
        .record = records[cell[RECORD]],
        .fetch = fetches[cell[FETCH]],
    };
    return ww_in_force(&d);
}

static const char *or_dash(const char *text)
{
    return text != NULL ? text : "-";
}

static void expect(unsigned line, const char *what, const char *got, const char *wanted)
{
    if (strcmp(got, wanted) != 0)
        fail_msg("line %u: %s is \"%s\", not \"%s\"", line, what, got, wanted);
}

static void finds_the_policy_in_force(void **state)
{
    (void)state;
    size_t cell[POLICY_SPAN] = {0};
    do {
        const struct space_row *row = space_at(&policies, cell);
        struct ww_in_force f = in_force(cell, &in);
        expect(row->number, "in force", f.policy != NULL ? ww_policy_mode_name(f.policy->mode) : "nothing",
               row->cell[IN_FORCE]);
        expect(row->number, "from",
               f.policy == NULL ? "-"
               : f.cached       ? "cached"
                                : "fetched",
               row->cell[FROM]);
        expect(row->number, "result", or_dash(ww_result_type_name(f.result)), row->cell[POLICY_RESULT]);
        if (f.policy == NULL)
            expect(row->number, "section", ww_rule_source(f.without), row->cell[POLICY_SECTION]);
        else
            assert_ptr_equal(f.policy, &in.policy[f.cached][f.policy->mode]);
    } while (space_next(&policies, cell));
}

static void set_dane(const char *dane, struct ww_seen_mx *mx)
{
    static const struct {
        const char *name;
        enum ww_dane_state state;
        bool match;
        uint8_t usage;
    } states[] = {
        {"none", WW_DANE_NONE, false, 0},
        {"insecure", WW_DANE_INSECURE, false, 0},
        {"bogus", WW_DANE_BOGUS, false, 0},
        {"failed", WW_DANE_LOOKUP_FAILED, false, 0},
        {"unusable", WW_DANE_SECURE_UNUSABLE, false, 0},
        {"pkix", WW_DANE_SECURE_USABLE, true, WW_TLSA_PKIX_EE},
        {"mismatch", WW_DANE_SECURE_USABLE, false, WW_TLSA_DANE_EE},
        {"ee", WW_DANE_SECURE_USABLE, true, WW_TLSA_DANE_EE},
        {"ta", WW_DANE_SECURE_USABLE, true, WW_TLSA_DANE_TA},
    };
    size_t i = 0;
    while (strcmp(states[i].name, dane) != 0)
        i++;
    mx->dane = states[i].state;
    mx->tlsa_match = states[i].match;
    mx->tlsa_usage = states[i].usage;
}

#define S(text)                  \
    {                            \
        (text), sizeof(text) - 1 \
    }

static const struct ww_slice right[] = {S("mail.example.com"), S(HOST)}, wrong[] = {S("mail.example.com")},
                             wildcard[] = {S("*.example.com")}, next_hop[] = {S(DOMAIN)};

static const struct tls {
    const char *name;
    const struct ww_slice *names;
    size_t name_count;
    enum ww_cert_status status;
    bool cn;
    uint16_t version;
} tls_cases[] = {
    {"good", right, 2, WW_CERT_OK, false, WW_TLS_1_2 + 1},
    {"wildcard", wildcard, 1, WW_CERT_OK, false, WW_TLS_1_2},
    {"next-hop", next_hop, 1, WW_CERT_OK, false, WW_TLS_1_2},
    {"cn", NULL, 0, WW_CERT_OK, true, WW_TLS_1_2},
    {"cn-beside", wrong, 1, WW_CERT_OK, true, WW_TLS_1_2},
    {"wrong", wrong, 1, WW_CERT_OK, false, WW_TLS_1_2},
    {"expired", right, 2, WW_CERT_EXPIRED, false, WW_TLS_1_2},
    {"expired-wrong", wrong, 1, WW_CERT_EXPIRED, false, WW_TLS_1_2},
    {"untrusted", right, 2, WW_CERT_UNTRUSTED, false, WW_TLS_1_2},
    {"untrusted-wrong", wrong, 1, WW_CERT_UNTRUSTED, false, WW_TLS_1_2},
    {"self", right, 2, WW_CERT_SELF_SIGNED, false, WW_TLS_1_2},
    {"self-wrong", wrong, 1, WW_CERT_SELF_SIGNED, false, WW_TLS_1_2},
    {"old", right, 2, WW_CERT_OK, false, WW_TLS_1_2 - 1},
    {"old-expired", right, 2, WW_CERT_EXPIRED, false, WW_TLS_1_2 - 1},
};

/* What has no meaning is as good as can be: nothing may look at it. */
static void set_tls(const char *name, struct ww_seen_mx *mx)
{
    const struct tls *tls = &tls_cases[0];
    mx->starttls = strcmp(name, "starttls") != 0;
    mx->handshake = mx->starttls && strcmp(name, "handshake") != 0;
    mx->has_certificate = mx->handshake && strcmp(name, "no-cert") != 0;
    for (size_t i = 0; i < COUNT(tls_cases); i++) {
        if (strcmp(tls_cases[i].name, name) == 0)
            tls = &tls_cases[i];
    }
    mx->names = tls->names;
    mx->name_count = tls->name_count;
    mx->status = tls->status;
    mx->tls_version = mx->handshake ? tls->version : 0;
    if (tls->cn)
        mx->common_name = ww_slice_str(HOST);
}

static void check_cell(const struct ww_delivery *delivery, const struct space_row *policy_row,
                       const size_t *cell)
{
    const struct space_row *row = space_at(&decisions, cell);
    struct ww_seen_mx mx = {.host = ww_slice_str(HOST)};
    const char *section = row->cell[SECTION];
    char why[WW_JUDGE_WHY_MAX];
    struct ww_buf b = ww_buf(why, sizeof why);
    set_dane(columns[DANE].values[cell[DANE]], &mx);
    set_tls(columns[TLS].values[cell[TLS]], &mx);
    struct ww_judgement j = ww_judge(delivery, &mx);
    expect(row->number, "action", ww_action_name(j.action), row->cell[ACTION]);
    expect(row->number, "type", ww_policy_type_name(j.policy_type), row->cell[TYPE]);
    expect(row->number, "result", or_dash(ww_result_type_name(j.result)), row->cell[RESULT]);
    expect(row->number, "section", ww_judge_source(&j),
           strcmp(section, "-") == 0 ? policy_row->cell[POLICY_SECTION] : section);
    /* A host that is skipped is always told of. */
    assert_true(j.action == WW_ACTION_DELIVER || j.result != WW_RESULT_NONE);
    ww_judge_put_why(&b, delivery, &j);
    assert_false(b.failed);
    assert_true(b.n > 0 && why[b.n - 1] != '.');
}

static void judges_every_host(void **state)
{
    (void)state;
    size_t policy_cell[POLICY_SPAN] = {0};
    do {
        const struct space_row *policy_row = space_at(&policies, policy_cell);
        size_t cell[SPAN] = {0};
        const size_t mode = space_value(&decisions, POLICY, policy_row->cell[IN_FORCE]);
        do {
            if (cell[POLICY] != mode)
                continue;
            const struct ww_delivery delivery = {
                .sts = in_force(policy_cell, strcmp(columns[MX].values[cell[MX]], "in") == 0 ? &in : &out),
                .next_hop = ww_slice_str(DOMAIN),
                .require_dane = strcmp(columns[REQUIRED].values[cell[REQUIRED]], "yes") == 0,
                .dane_suffices = strcmp(columns[SUFFICES].values[cell[SUFFICES]], "yes") == 0,
            };
            check_cell(&delivery, policy_row, cell);
        } while (space_next(&decisions, cell));
    } while (space_next(&policies, policy_cell));
}

static void has_no_idle_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < policies.rows; i++)
        assert_true(policies.row[i].used);
    for (size_t i = 0; i < decisions.rows; i++)
        assert_true(decisions.row[i].used);
}

static int load(void **state)
{
    (void)state;
    make_bodies(&in, "mx: mail.example.com\nmx: *.example.com\n");
    make_bodies(&out, "mx: mail.example.com\nmx: *.mx1.example.com\nmx: example.com\n");
    space_load(&policies, policy_path, policy_columns, POLICY_SPAN, POLICY_END - POLICY_SPAN);
    space_load(&decisions, decision_path, columns, SPAN, END - SPAN);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_policy_in_force),
        cmocka_unit_test(judges_every_host),
        cmocka_unit_test(has_no_idle_row),
    };
    if (argc != 3)
        return 64;
    policy_path = argv[1];
    decision_path = argv[2];
    return cmocka_run_group_tests(tests, load, NULL);
}
