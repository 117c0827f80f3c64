/* What is seen of a domain, as facts: each case makes a sight, and says what has to come of it. */
#include "check/looks.h"
#include "daemon/steward_facts.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#define NOW ((int64_t)1800000000)
#define DAY ((int64_t)86400)
#define POLICY "version: STSv1\r\nmode: testing\r\nmx: mx1.a.example\r\nmax_age: 86400\r\n"
#define ID "20261130T000000Z"

struct made {
    struct ww_sight *sight;
    struct ww_servers_said said;
    struct ww_served served[3];
    size_t served_count;
    struct ww_published domain;
    struct ww_published_mx mx[WW_PUBLISHED_MX_MAX];
    size_t mx_count;
    struct ww_steward_facts facts;
};

static void server(struct made *m, const char *name, const char *id)
{
    struct ww_name_server *s = &m->sight->names.servers[m->sight->names.server_count++];
    (void)snprintf(s->name, sizeof s->name, "%s", name);
    s->addr.length = 4;
    s->ended = true;
    s->authoritative = true;
    s->ttl = 300;
    s->presence = id != NULL ? WW_TXT_PRESENT : WW_TXT_ABSENT;
    (void)snprintf(s->id, sizeof s->id, "%s", id != NULL ? id : "");
}

static void host(struct made *m, const char *name)
{
    struct ww_dane_survey *survey = &m->sight->survey;
    struct ww_dane_host *h = &survey->hosts[survey->count];
    struct ww_mx_sight *mx = ww_mx_sight_new(name);
    (void)snprintf(h->name, sizeof h->name, "%s", name);
    assert_non_null(mx);
    m->sight->mx[survey->count++] = mx;
    mx->complete = true;
}

static struct ww_mx_probe_result *address(struct made *m, size_t i)
{
    struct ww_mx_sight *mx = m->sight->mx[i];
    struct ww_mx_address_sight *all = reallocarray(mx->addresses, mx->count + 1, sizeof *all);
    assert_non_null(all);
    mx->addresses = all;
    struct ww_mx_address_sight *a = &all[mx->count++];
    *a = (struct ww_mx_address_sight){.looked = true,
                                      .first = {.starttls = true,
                                                .handshake = true,
                                                .tls_version = 0x0304,
                                                .has_certificate = true,
                                                .status = WW_CERT_OK,
                                                .name_count = 1}};
    assert_int_equal(ww_addr_parse(ww_slice_str("192.0.2.7"), &a->addr), WW_OK);
    (void)snprintf(a->first.names[0], sizeof a->first.names[0], "%s", mx->name);
    return &a->first;
}

/* What a name server lists; NULL: it does not answer. */
static void lists(struct made *m, const char *one, const char *other)
{
    struct ww_server_said *s = &m->said.servers[m->said.count++];
    if (one == NULL)
        return;
    s->mx_known = true;
    s->mx = (struct ww_mx_hosts){.outcome = WW_MX_LISTED, .ttl = 600};
    (void)snprintf(s->mx.hosts[s->mx.count++].name, WW_DNAME_SIZE, "%s", one);
    if (other != NULL)
        (void)snprintf(s->mx.hosts[s->mx.count++].name, WW_DNAME_SIZE, "%s", other);
}

static void was(struct made *m, const char *name, int64_t seen_at, int64_t gone_at)
{
    struct ww_published_mx *mx = &m->mx[m->mx_count++];
    *mx = (struct ww_published_mx){.seen_at = seen_at, .gone_at = gone_at};
    (void)snprintf(mx->name, sizeof mx->name, "%s", name);
}

static void serves(struct made *m, const char *body)
{
    char *copy = strdup(body);
    assert_non_null(copy);
    m->sight->host.body = ww_slice(copy, strlen(copy));
    ww_sight_read_policy(m->sight);
}

/* All is well: a record that two servers show, a host, a policy; no DNSSEC. */
static struct made *make(void)
{
    struct made *m = calloc(1, sizeof *m);
    assert_non_null(m);
    m->sight = ww_sight_new("a.example", NOW);
    assert_non_null(m->sight);
    m->sight->names.looked = true;
    m->sight->names.texts[WW_NAMES_TLSRPT].ended = true;
    m->sight->names.texts[WW_NAMES_STS].ended = true;
    m->sight->surveyed = true;
    m->sight->survey.outcome = WW_MX_LISTED;
    m->sight->survey.mx_dnssec = WW_DNSSEC_INSECURE;
    m->sight->survey.mx_ttl = 77;
    m->sight->host.looked = true;
    m->served[0] = (struct ww_served){.id = ID, .since = NOW - DAY, .body = ww_slice_str(POLICY)};
    m->served_count = 1;
    (void)snprintf(m->domain.domain, sizeof m->domain.domain, "a.example");
    return m;
}

static struct made *make_well(void)
{
    struct made *m = make();
    server(m, "ns1.a.example", ID);
    server(m, "ns2.a.example", ID);
    lists(m, "mx1.a.example", NULL);
    lists(m, "mx1.a.example", NULL);
    host(m, "mx1.a.example");
    (void)address(m, 0);
    serves(m, POLICY);
    return m;
}

static void look(struct made *m)
{
    const struct ww_steward_seen seen = {NOW, m->sight, &m->said, m->served, m->served_count};
    ww_steward_facts(&seen, &m->domain, m->mx, &m->mx_count, &m->facts);
}

static void done(struct made *m)
{
    ww_sight_free(m->sight);
    free(m);
}

/* ---- Policies ---- */

static void test_same_policy(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"", "", true},
        {"a\r\nb\r\n", "a\nb\n", true},
        {"a\r\nb\r\n", "a\nb", true},
        {"a\r\nb\r\n", "a", false},
        {"a\nb\n", "a\nc\n", false},
        {"a\n", "a\n\n", false},
        {"a\r\n", "a \r\n", false},
        {"ab", "a\nb", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ww_slice a = ww_slice_str(cases[i].a), b = ww_slice_str(cases[i].b);
        assert_int_equal(ww_steward_same_policy(a, b), cases[i].same);
        assert_int_equal(ww_steward_same_policy(b, a), cases[i].same);
    }
}

static void test_all_is_well(void **state)
{
    struct made *m = make_well();
    (void)state;
    look(m);
    assert_true(m->facts.complete);
    assert_string_equal(m->facts.why, "");
    assert_int_equal(m->domain.looked_at, NOW);
    assert_string_equal(m->domain.record_id, ID);
    assert_int_equal(m->domain.record_since, NOW);
    assert_int_equal(m->domain.record_ttl, 300);
    assert_int_equal(m->domain.mx_ttl, 600);
    assert_string_equal(m->domain.shown_id, ID);
    assert_int_equal(m->domain.shown_at, NOW);
    assert_int_equal(m->mx_count, 1);
    assert_string_equal(m->mx[0].name, "mx1.a.example");
    assert_int_equal(m->mx[0].seen_at, NOW);
    assert_int_equal(m->mx[0].tls, WW_PUBLISHED_MX_GOOD);
    assert_false(m->facts.mx_authentic);
    assert_null(m->facts.rua);
    done(m);
}

/* Nobody is told of a policy that some address does not serve. */
static void test_shown_at_every_address(void **state)
{
    struct ww_host_address_sight a[2] = {{.tested = true, .status = 200}, {.tested = true, .status = 200}};
    static const struct {
        enum ww_err err;
        unsigned status;
        size_t other_line;
        bool shown;
    } cases[] = {
        {WW_OK, 200, 0, true},
        {WW_OK, 200, 3, false},
        {WW_OK, 404, 0, false},
        {WW_E_HTTPS_TLS, 0, 0, true}, /* no sender fetches anything there */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made *m = make_well();
        a[1].err = cases[i].err;
        a[1].status = cases[i].status;
        a[1].other_line = cases[i].other_line;
        m->sight->host.addresses = a;
        m->sight->host.count = 2;
        look(m);
        assert_string_equal(m->domain.shown_id, cases[i].shown ? ID : "");
        m->sight->host.addresses = NULL;
        m->sight->host.count = 0;
        done(m);
    }
}

static void test_not_shown(void **state)
{
    (void)state;
    struct made *m = make_well();
    ww_host_sight_clear(&m->sight->host);
    serves(m, "version: STSv1\r\nmode: testing\r\nmx: mx1.a.example\r\nmax_age: 86401\r\n");
    (void)snprintf(m->domain.shown_id, sizeof m->domain.shown_id, "before");
    m->domain.shown_at = NOW - 7;
    look(m);
    assert_string_equal(m->domain.shown_id, "before");
    assert_int_equal(m->domain.shown_at, NOW - 7);
    done(m);
}

#define POLICY_OF(mode, max_age) \
    "version: STSv1\r\nmode: " mode "\r\nmx: mx1.a.example\r\nmax_age: " max_age "\r\n"
#define LONG_LINE \
    "a-field-that-nobody-knows: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"

/* What of a policy that is seen is somebody else's. */
static void test_foreign(void **state)
{
    static const struct {
        const char *shows;
        const char *served[3]; /* of ours, oldest first; with '-' before it: it is served no more */
        const char *shown;     /* of these "1", "2", "3" */
        const char *record;
        bool foreign;
        const char *id;
    } cases[] = {
        /* Nothing of ours is there. */
        {POLICY_OF("enforce", "86400"), {NULL}, "", "x", true, "x"},
        {POLICY_OF("enforce", "86400"), {NULL}, "", "", true, ""},
        {POLICY_OF("testing", "86400"), {NULL}, "", "", true, ""},
        {POLICY_OF("none", "86400"), {NULL}, "", "", true, ""},
        {"version: STSv1\r\nmode: enforce\r\n", {NULL}, "", "x", false, ""},
        {NULL, {NULL}, "", "x", false, ""},
        /* Before ours is seen, and afterwards. */
        {POLICY_OF("enforce", "86400"), {POLICY}, "", "x", true, "x"},
        {POLICY_OF("enforce", "86400"), {POLICY}, "1", "1", true, ""},
        {POLICY, {POLICY}, "1", "1", false, ""},
        {POLICY, {POLICY}, "", "x", false, ""},
        /* The one before ours counts until that is seen, and is none of ours from then on. */
        {POLICY_OF("enforce", "86400"), {"-" POLICY_OF("enforce", "86400"), POLICY}, "1", "1", false, ""},
        {POLICY_OF("enforce", "86400"), {"-" POLICY_OF("enforce", "86400"), POLICY}, "", "1", false, ""},
        {POLICY_OF("enforce", "86400"), {"-" POLICY_OF("enforce", "86400"), POLICY}, "2", "2", true, ""},
        {POLICY_OF("enforce", "86400"),
         {"-" POLICY_OF("enforce", "86400"), "-" POLICY, POLICY_OF("testing", "7")},
         "2",
         "2",
         true,
         ""},
        /* What is served no more is seen: only mode none does no harm. */
        {POLICY_OF("enforce", "86400"), {"-" POLICY_OF("enforce", "86400")}, "1", "", true, ""},
        {POLICY_OF("none", "86400"), {"-" POLICY_OF("none", "86400")}, "1", "", false, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made *m = make();
        m->served_count = 0;
        for (size_t k = 0; k < 3 && cases[i].served[k] != NULL; k++) {
            bool over = cases[i].served[k][0] == '-';
            struct ww_served *s = &m->served[m->served_count++];
            *s = (struct ww_served){.until = over ? NOW - 5 : 0,
                                    .body = ww_slice_str(cases[i].served[k] + over)};
            (void)snprintf(s->id, sizeof s->id, "%zu", k + 1);
        }
        (void)snprintf(m->domain.shown_id, sizeof m->domain.shown_id, "%s", cases[i].shown);
        server(m, "ns1.a.example", cases[i].record[0] != '\0' ? cases[i].record : NULL);
        if (cases[i].shows != NULL)
            serves(m, cases[i].shows);
        look(m);
        if ((m->facts.foreign.body.n > 0) != cases[i].foreign ||
            strcmp(m->facts.foreign.id, cases[i].id) != 0)
            fail_msg("case %zu: %zu octets, id \"%s\"", i, m->facts.foreign.body.n, m->facts.foreign.id);
        assert_int_equal(m->facts.shown,
                         strcmp(m->domain.shown_id, cases[i].shown) != 0 || m->domain.shown_at == NOW);
        done(m);
    }
}

/* Longer than what can be kept: that is told. */
static void test_a_long_foreign_policy(void **state)
{
    (void)state;
    struct made *m = make();
    static char text[WW_PUBLISHED_BODY_MAX + 200];
    struct ww_buf b = ww_buf(text, sizeof text - 1);
    ww_buf_str(&b, POLICY_OF("enforce", "86400"));
    while (b.n <= WW_PUBLISHED_BODY_MAX)
        ww_buf_str(&b, LONG_LINE);
    assert_false(b.failed);
    m->served_count = 0;
    serves(m, text);
    assert_true(m->sight->has_policy);
    server(m, "ns1.a.example", NULL);
    lists(m, "mx1.a.example", NULL);
    host(m, "mx1.a.example");
    (void)address(m, 0);
    look(m);
    assert_int_equal(m->facts.foreign.body.n, 0);
    assert_string_equal(m->facts.why, "the policy that somebody else serves is too long to be kept");
    done(m);
}

/* ---- The record ---- */

enum { SILENT = 1, NOT_AUTHORITATIVE, REFUSES };

static void test_record(void **state)
{
    static const struct {
        const char *ids[4]; /* of four addresses; "" of no record; NULL: there is no such server */
        unsigned faults[4];
        bool one_name;        /* the last two are of one name */
        const char *resolver; /* what it says; NULL: it fails */
        const char *id;       /* NULL: it stays as it was */
    } cases[] = {
        {{"2", "2"}, {0}, false, "1", "2"},
        {{"", ""}, {0}, false, "1", ""},
        {{"2", "1"}, {0}, false, "2", NULL},
        {{"2", ""}, {0}, false, "2", NULL},
        {{"2", "1"}, {0, SILENT}, false, "2", "2"},
        {{"2", "1", "1"}, {0, SILENT, SILENT}, false, "2", NULL},
        {{"2", "1", "1"}, {0, SILENT, SILENT}, true, "2", "2"},
        {{"2", "1"}, {0, NOT_AUTHORITATIVE}, false, "2", "2"},
        {{"2", "1"}, {0, REFUSES}, false, "2", "2"},
        {{"2", "1"}, {SILENT, SILENT}, false, "3", "3"},
        {{"2", "1"}, {SILENT, SILENT}, false, "", ""},
        {{"2", "1"}, {SILENT, SILENT}, false, NULL, NULL},
        {{NULL}, {0}, false, "3", "3"},
        {{NULL}, {0}, false, NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made *m = make();
        struct ww_names_sight *names = &m->sight->names;
        char name[32];
        for (size_t k = 0; k < 4 && cases[i].ids[k] != NULL; k++) {
            (void)snprintf(name, sizeof name, "ns%zu.a.example", cases[i].one_name && k == 2 ? 1 : k);
            server(m, name, cases[i].ids[k][0] != '\0' ? cases[i].ids[k] : NULL);
            struct ww_name_server *s = &names->servers[k];
            s->err = cases[i].faults[k] == SILENT ? WW_E_DNS_TIMEOUT : WW_OK;
            s->authoritative = cases[i].faults[k] != NOT_AUTHORITATIVE;
            s->rcode = cases[i].faults[k] == REFUSES ? WW_DNS_REFUSED : WW_DNS_NOERROR;
        }
        const char *r = cases[i].resolver;
        names->texts[WW_NAMES_STS].err = r == NULL ? WW_E_DNS_TIMEOUT : WW_OK;
        names->texts[WW_NAMES_STS].ttl = 60;
        names->record = r != NULL && r[0] != '\0' ? WW_TXT_PRESENT : WW_TXT_ABSENT;
        (void)snprintf(names->sts.id, sizeof names->sts.id, "%s", r != NULL ? r : "");
        (void)snprintf(m->domain.record_id, sizeof m->domain.record_id, "was");
        m->domain.record_since = NOW - 5;
        m->domain.record_ttl = 11;
        host(m, "mx1.a.example");
        look(m);
        bool known = cases[i].id != NULL;
        if (m->facts.complete != known || strcmp(m->domain.record_id, known ? cases[i].id : "was") != 0)
            fail_msg("case %zu: %s, %s", i, m->domain.record_id, m->facts.why);
        assert_int_equal(m->domain.record_since, known ? NOW : NOW - 5);
        assert_int_equal(m->facts.why[0] != '\0', !known);
        assert_true(m->domain.record_ttl != 0);
        done(m);
    }
}

/* What was there longer is not there anew. */
static void test_record_stays(void **state)
{
    (void)state;
    struct made *m = make_well();
    (void)snprintf(m->domain.record_id, sizeof m->domain.record_id, ID);
    m->domain.record_since = NOW - 500;
    look(m);
    assert_int_equal(m->domain.record_since, NOW - 500);
    done(m);
    m = make();
    server(m, "ns1.a.example", NULL);
    m->domain.record_ttl = 3600;
    look(m); /* that there is none has its time as well, and caches may hold the one before */
    assert_int_equal(m->domain.record_since, NOW);
    assert_int_equal(m->domain.record_ttl, 3600);
    done(m);
}

static void test_rua(void **state)
{
    static const struct {
        const char *servers[2]; /* NULL: does not answer */
        const char *resolver;   /* NULL: fails */
        const char *rua;        /* NULL: none */
    } cases[] = {
        {{"w", "w"}, "x", "w"},   {{"w", "x"}, "w", "x"},    {{"x", "w"}, "w", "x"},
        {{"w", ""}, "w", NULL},   {{NULL, "x"}, "w", "x"},   {{NULL, NULL}, "x", "x"},
        {{NULL, NULL}, "", NULL}, {{NULL, NULL}, NULL, "w"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made *m = make();
        struct ww_names_sight *names = &m->sight->names;
        m->said.count = 2;
        for (size_t k = 0; k < 2; k++) {
            m->said.servers[k].tlsrpt_known = cases[i].servers[k] != NULL;
            (void)snprintf(m->said.servers[k].rua, 8, "%s",
                           cases[i].servers[k] != NULL ? cases[i].servers[k] : "");
        }
        names->texts[WW_NAMES_TLSRPT].err = cases[i].resolver == NULL ? WW_E_DNS_TIMEOUT : WW_OK;
        (void)snprintf(names->rua, sizeof names->rua, "%s",
                       cases[i].resolver != NULL ? cases[i].resolver : "");
        (void)snprintf(m->domain.rua, sizeof m->domain.rua, "w");
        look(m);
        if (cases[i].rua == NULL)
            assert_null(m->facts.rua);
        else
            assert_string_equal(m->facts.rua, cases[i].rua);
        done(m);
    }
}

/* ---- Hosts ---- */

static void test_failed_look_is_no_fact(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct made *m = make_well();
        was(m, "mx9.a.example", NOW - DAY, 0);
        m->sight->survey.count = 0;
        m->sight->survey.outcome = i == 0 ? WW_MX_FAILED : WW_MX_LISTED;
        m->sight->surveyed = i == 0;
        ww_mx_sight_drop(m->sight->mx[0]);
        m->sight->mx[0] = NULL;
        look(m);
        assert_false(m->facts.complete);
        assert_string_equal(m->facts.why, "the look-up of its MX records fails");
        assert_int_equal(m->mx_count, 1);
        assert_int_equal(m->mx[0].gone_at, 0);
        assert_int_equal(m->domain.looked_at, 0);
        done(m);
    }
}

static void test_hosts_go(void **state)
{
    static const struct {
        const char *servers[2][2]; /* of what two name servers list; NULL: does not answer */
        enum ww_dnssec dnssec;
        bool more;
        bool gone; /* mx2, which the resolver does not have */
    } cases[] = {
        {{{"mx1.a.example"}, {"mx1.a.example"}}, WW_DNSSEC_INSECURE, false, true},
        {{{"mx1.a.example"}, {"mx1.a.example", "mx2.a.example"}}, WW_DNSSEC_INSECURE, false, false},
        {{{"mx1.a.example"}, {"mx3.a.example"}}, WW_DNSSEC_INSECURE, false, false},
        {{{"mx1.a.example"}, {"mx3.a.example"}}, WW_DNSSEC_SECURE, false, true},
        {{{"mx1.a.example"}, {"mx2.a.example"}}, WW_DNSSEC_SECURE, false, false},
        {{{"mx1.a.example"}, {NULL}}, WW_DNSSEC_INSECURE, false, true},
        {{{NULL}, {NULL}}, WW_DNSSEC_INSECURE, false, true}, /* nobody else can be asked from here */
        {{{"mx1.a.example"}, {"mx1.a.example"}}, WW_DNSSEC_SECURE, true, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made *m = make();
        server(m, "ns1.a.example", ID);
        host(m, "mx1.a.example");
        for (size_t k = 0; k < 2; k++)
            lists(m, cases[i].servers[k][0], cases[i].servers[k][1]);
        m->sight->survey.mx_dnssec = cases[i].dnssec;
        m->sight->survey.more = cases[i].more;
        was(m, "mx1.a.example", NOW - 9 * DAY, 0);
        was(m, "mx2.a.example", NOW - 9 * DAY, 0);
        look(m);
        assert_true(m->facts.complete);
        assert_int_equal(m->mx[0].gone_at, 0);
        assert_int_equal(m->mx[0].seen_at, NOW - 9 * DAY);
        if ((m->mx[1].gone_at == NOW) != cases[i].gone || (m->mx[1].gone_at != 0) != cases[i].gone)
            fail_msg("case %zu", i);
        done(m);
    }
}

/* Who has left stays known for a while; who comes back is there anew. */
static void test_hosts_come_back(void **state)
{
    (void)state;
    struct made *m = make_well();
    was(m, "mx1.a.example", NOW - 50 * DAY, NOW - 3 * DAY);
    m->mx[0].tls = WW_PUBLISHED_MX_BAD;
    was(m, "old.a.example", NOW - 50 * DAY, NOW - 29 * DAY);
    was(m, "older.a.example", NOW - 50 * DAY, NOW - 31 * DAY);
    look(m);
    assert_int_equal(m->mx_count, 2);
    assert_int_equal(m->mx[0].seen_at, NOW);
    assert_int_equal(m->mx[0].gone_at, 0);
    assert_int_equal(m->mx[0].tls, WW_PUBLISHED_MX_GOOD);
    assert_int_equal(m->mx[1].gone_at, NOW - 29 * DAY);
    done(m);
}

/* Those that are there have their places. */
static void test_too_many_hosts(void **state)
{
    char name[32];
    (void)state;
    struct made *m = make_well();
    for (int i = 0; i < WW_PUBLISHED_MX_MAX; i++) {
        (void)snprintf(name, sizeof name, "old%d.a.example", i);
        was(m, name, NOW - 50 * DAY, NOW - (i == 5 ? 9 : 3) * DAY);
    }
    look(m);
    assert_int_equal(m->mx_count, WW_PUBLISHED_MX_MAX);
    assert_string_equal(m->mx[5].name, "mx1.a.example");
    done(m);
}

static void test_authentic(void **state)
{
    static const struct {
        enum ww_dnssec dnssec;
        const char *other;  /* what the second server lists; NULL: does not answer */
        int64_t seen, gone; /* how long mx1 is there, and old is not */
        bool authentic;
    } cases[] = {
        {WW_DNSSEC_SECURE, "mx3.a.example", 0, 1, true},
        {WW_DNSSEC_INSECURE, "mx1.a.example", DAY, DAY, true},
        {WW_DNSSEC_UNKNOWN, "mx1.a.example", DAY, DAY, true},
        {WW_DNSSEC_INSECURE, NULL, DAY, DAY, true},
        {WW_DNSSEC_INSECURE, "mx1.a.example", DAY - 1, DAY, false},
        {WW_DNSSEC_INSECURE, "mx1.a.example", DAY, DAY - 1, false},
        {WW_DNSSEC_INSECURE, "mx3.a.example", DAY, DAY, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made *m = make();
        server(m, "ns1.a.example", ID);
        host(m, "mx1.a.example");
        lists(m, "mx1.a.example", NULL);
        lists(m, cases[i].other, NULL);
        was(m, "mx1.a.example", NOW - cases[i].seen, 0);
        was(m, "old.a.example", NOW - 9 * DAY, NOW - cases[i].gone);
        m->sight->survey.mx_dnssec = cases[i].dnssec;
        look(m);
        if (m->facts.mx_authentic != cases[i].authentic)
            fail_msg("case %zu", i);
        done(m);
    }
    struct made *m = make(); /* without a server that answers a resolver may say what it likes */
    host(m, "mx1.a.example");
    was(m, "mx1.a.example", NOW - 9 * DAY, 0);
    look(m);
    assert_false(m->facts.mx_authentic);
    done(m);
}

/* What only one server lists is there for those who ask it, whoever agrees. */
static void test_hosts_of_servers(void **state)
{
    (void)state;
    struct made *m = make_well();
    lists(m, "mx1.a.example", "mx2.a.example");
    look(m);
    assert_int_equal(m->mx_count, 2);
    assert_string_equal(m->mx[1].name, "mx2.a.example");
    assert_int_equal(m->mx[1].tls, WW_PUBLISHED_MX_UNKNOWN);
    done(m);
}

enum { UNREACHED = 1, NO_STARTTLS, EXPIRED, WRONG_NAME, CUT_OFF, GARBLED, NO_ADDRESS };

static void spoil(struct made *m, struct ww_mx_probe_result *r, unsigned how)
{
    r->err = how == UNREACHED || how == NO_ADDRESS ? WW_E_SMTP_TIMEOUT : WW_OK;
    r->starttls = how != NO_STARTTLS;
    r->status = how == EXPIRED ? WW_CERT_EXPIRED : WW_CERT_OK;
    r->handshake = how != CUT_OFF && how != GARBLED && how != NO_STARTTLS;
    r->tls_err = how == CUT_OFF ? WW_E_SMTP_CLOSED : how == GARBLED ? WW_E_SMTP_TLS : WW_OK;
    if (how == WRONG_NAME)
        (void)snprintf(r->names[0], sizeof r->names[0], "other.example");
    m->sight->survey.hosts[0].no_address = how == NO_ADDRESS;
}

static void test_tls(void **state)
{
    enum { UNKNOWN = WW_PUBLISHED_MX_UNKNOWN, GOOD = WW_PUBLISHED_MX_GOOD, BAD = WW_PUBLISHED_MX_BAD };
    static const struct {
        unsigned how[2]; /* of two addresses */
        int before, after;
        const char *why;
    } cases[] = {
        {{0, 0}, UNKNOWN, GOOD, ""},
        {{0, 0}, BAD, GOOD, ""},
        {{UNREACHED, 0}, UNKNOWN, GOOD, ""},
        {{UNREACHED, UNREACHED}, UNKNOWN, UNKNOWN, "it could not be talked to"},
        {{UNREACHED, UNREACHED}, GOOD, GOOD, "before"},
        {{UNREACHED, UNREACHED}, BAD, BAD, "before"},
        {{0, EXPIRED}, GOOD, BAD, "at 192.0.2.7 the certificate has expired"},
        {{NO_STARTTLS, NO_STARTTLS}, UNKNOWN, BAD, "at 192.0.2.7 the MX host does not offer STARTTLS"},
        {{WRONG_NAME, UNREACHED},
         GOOD,
         BAD,
         "at 192.0.2.7 no DNS name of the certificate is that of the MX host (its common name never counts)"},
        {{CUT_OFF, CUT_OFF}, GOOD, GOOD, "before"},
        {{GARBLED, 0}, GOOD, BAD, "at 192.0.2.7 the TLS handshake fails"},
        {{UNREACHED, NO_ADDRESS}, UNKNOWN, UNKNOWN, "it has no address"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made *m = make();
        server(m, "ns1.a.example", ID);
        host(m, "mx1.a.example");
        for (size_t k = 0; k < 2; k++)
            spoil(m, address(m, 0), cases[i].how[k]);
        was(m, "mx1.a.example", NOW - DAY, 0);
        m->mx[0].tls = cases[i].before == GOOD  ? WW_PUBLISHED_MX_GOOD
                       : cases[i].before == BAD ? WW_PUBLISHED_MX_BAD
                                                : WW_PUBLISHED_MX_UNKNOWN;
        (void)snprintf(m->mx[0].why, sizeof m->mx[0].why, "before");
        look(m);
        if ((int)m->mx[0].tls != cases[i].after || strcmp(m->mx[0].why, cases[i].why) != 0)
            fail_msg("case %zu: %d, %s", i, (int)m->mx[0].tls, m->mx[0].why);
        done(m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_policy),
        cmocka_unit_test(test_all_is_well),
        cmocka_unit_test(test_shown_at_every_address),
        cmocka_unit_test(test_not_shown),
        cmocka_unit_test(test_foreign),
        cmocka_unit_test(test_a_long_foreign_policy),
        cmocka_unit_test(test_record),
        cmocka_unit_test(test_record_stays),
        cmocka_unit_test(test_rua),
        cmocka_unit_test(test_failed_look_is_no_fact),
        cmocka_unit_test(test_hosts_go),
        cmocka_unit_test(test_hosts_come_back),
        cmocka_unit_test(test_too_many_hosts),
        cmocka_unit_test(test_authentic),
        cmocka_unit_test(test_hosts_of_servers),
        cmocka_unit_test(test_tls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
