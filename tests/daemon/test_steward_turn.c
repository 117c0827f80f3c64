/* What follows of a look: each case changes what was seen, or what is wanted, and says what comes of it. */
#include "steward_made.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

static struct ww_patience *patience;
static struct ww_steward_turn turn;

static const struct ww_published *turned(struct made *m)
{
    ww_steward_turn(&m->in, patience, &turn);
    return &turn.tended.domain;
}

static void fresh(void)
{
    ww_patience_free(patience);
    patience = ww_patience_new();
    assert_non_null(patience);
}

/* ---- From nothing to a record ---- */

static void test_first_a_certificate(void **state)
{
    (void)state;
    struct made *m = made_new();
    m->in.certificate = (struct ww_steward_certificate){0};
    fresh();
    const struct ww_published *d = turned(m);
    assert_int_equal(turn.work, WW_ORDER_CERTIFICATE);
    assert_string_equal(turn.host, "mta-sts.a.example");
    assert_int_equal(turn.tended.what, WW_TENDED_NOTHING);
    assert_false(d->needs_operator);
    assert_int_equal(d->version, 3);
    assert_int_equal(d->looked_at, MADE_NOW);
    assert_int_equal(turn.tended.mx_count, 1);
    made_free(m);
}

static void test_certificate_of_files(void **state)
{
    (void)state;
    struct made *m = made_new();
    m->in.certificate = (struct ww_steward_certificate){0};
    m->tend.domain.certificate = WW_CERTIFICATE_FILES;
    fresh();
    const struct ww_published *d = turned(m);
    assert_int_equal(turn.work, WW_ORDER_NONE);
    assert_true(d->needs_operator);
    assert_non_null(
        strstr(d->waits, "/var/lib/waxwing/publish/certificates/mta-sts.a.example/fullchain.pem"));
    m->tend.domain.certificate = WW_CERTIFICATE_ACME;
    m->config.publish_acme = NULL;
    d = turned(m);
    assert_int_equal(turn.work, WW_ORDER_NONE);
    assert_true(d->needs_operator);
    assert_non_null(strstr(d->waits, "publish.acme"));
    /* Of somebody else's host nobody asks for one. */
    m->tend.domain.host = WW_HOSTED_ELSEWHERE;
    (void)turned(m);
    assert_int_equal(turn.tended.what, WW_TENDED_SERVE);
    made_free(m);
}

/* One that ends tomorrow is none to begin with. */
static void test_certificate_that_ends(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct made *m = made_new();
        m->in.certificate.until = MADE_NOW + WW_STEWARD_CERTIFICATE_LEAST - i;
        fresh();
        (void)turned(m);
        assert_int_equal(turn.tended.what, i == 0 ? WW_TENDED_SERVE : WW_TENDED_NOTHING);
        made_free(m);
    }
}

static void test_then_the_policy(void **state)
{
    (void)state;
    struct made *m = made_new();
    fresh();
    (void)turned(m);
    assert_int_equal(turn.tended.what, WW_TENDED_SERVE);
    assert_int_equal(turn.tended.body.n, strlen(MADE_TESTING));
    assert_memory_equal(turn.tended.body.p, MADE_TESTING, strlen(MADE_TESTING));
    assert_true(turn.tended.done_something);
    /* A keeper that does not take it is not asked at once again. */
    const struct ww_published *d = turned(m);
    assert_int_equal(turn.tended.what, WW_TENDED_SERVE);
    assert_false(turn.tended.done_something);
    assert_int_equal(d->next_at, MADE_NOW + 20);
    made_free(m);
}

/* A record with an id whose policy nobody can fetch leads senders astray. */
static void test_no_record_before_it_is_shown(void **state)
{
    (void)state;
    struct made *m = made_new();
    made_served(m, MADE_ID, MADE_TESTING, MADE_NOW - 60, 0);
    made_shows(m, NULL);
    fresh();
    const struct ww_published *d = turned(m);
    assert_int_equal(turn.work, WW_ORDER_NONE);
    assert_string_equal(d->shown_id, "");
    assert_int_equal(d->next_at, MADE_NOW + 10);
    assert_non_null(strstr(d->waits, "https://mta-sts.a.example/.well-known/mta-sts.txt"));
    d = turned(m);
    assert_int_equal(d->next_at, MADE_NOW + 20);
    made_free(m);
}

static void test_then_the_record(void **state)
{
    (void)state;
    struct made *m = made_new();
    made_served(m, MADE_ID, MADE_TESTING, MADE_NOW - 60, 0);
    made_shows(m, MADE_TESTING);
    fresh();
    (void)turned(m);
    assert_int_equal(turn.work, WW_ORDER_RECORD);
    ww_steward_turn_worked(&turn, MADE_NOW, true, "");
    assert_true(turn.tended.done_something);
    /* Not seen yet: from now on it has time. */
    (void)turned(m);
    assert_int_equal(turn.work, WW_ORDER_RECORD);
    ww_steward_turn_worked(&turn, MADE_NOW, true, "");
    assert_false(turn.tended.done_something);
    assert_int_equal(turn.tended.domain.next_at, MADE_NOW + 20);
    made_free(m);
}

static void test_record_by_hand(void **state)
{
    (void)state;
    struct made *m = made_new();
    made_served(m, MADE_ID, MADE_TESTING, MADE_NOW - 60, 0);
    made_shows(m, MADE_TESTING);
    m->tend.domain.dns = WW_DNS_BY_HAND;
    fresh();
    const struct ww_published *d = turned(m);
    assert_int_equal(turn.work, WW_ORDER_NONE);
    assert_true(d->needs_operator);
    assert_non_null(strstr(d->waits, "_mta-sts.a.example. 300 IN TXT \"v=STSv1; id=" MADE_ID ";\""));
    assert_string_equal(d->trouble, "");
    m->tend.domain.dns = WW_DNS_BY_UPDATE;
    m->config.publish_dns_count = 0;
    d = turned(m);
    assert_int_equal(turn.work, WW_ORDER_NONE);
    assert_true(d->needs_operator);
    assert_non_null(strstr(d->trouble, "publish.dns_server"));
    made_free(m);
}

static void test_then_tlsrpt(void **state)
{
    (void)state;
    struct made *m = made_new();
    m->tend.domain.goal = WW_GOAL_TESTING;
    made_published(m, MADE_TESTING);
    (void)snprintf(m->tend.domain.rua, sizeof m->tend.domain.rua, "mailto:r@a.example");
    fresh();
    (void)turned(m);
    assert_int_equal(turn.work, WW_ORDER_TLSRPT);
    (void)snprintf(m->sight->names.rua, sizeof m->sight->names.rua, "mailto:r@a.example");
    (void)turned(m);
    assert_int_equal(turn.work, WW_ORDER_NONE);
    m->tend.domain.dns = WW_DNS_BY_HAND;
    m->sight->names.rua[0] = '\0';
    const struct ww_published *d = turned(m);
    assert_non_null(
        strstr(d->waits, "_smtp._tls.a.example. 300 IN TXT \"v=TLSRPTv1; rua=mailto:r@a.example;\""));
    made_free(m);
}

/* ---- What fails ---- */

static void test_failed_work(void **state)
{
    static const int64_t waits[] = {60, 120, 240, 480, 960, 1920, 3600, 3600};
    (void)state;
    struct made *m = made_new();
    m->in.certificate = (struct ww_steward_certificate){0};
    fresh();
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        (void)turned(m);
        ww_steward_turn_worked(&turn, MADE_NOW, false, "no way\nthere");
        assert_int_equal(turn.tended.domain.next_at, MADE_NOW + waits[i]);
        assert_string_equal(turn.tended.domain.trouble, "the certificate could not be had: no way\\010there");
        assert_false(turn.tended.done_something);
    }
    made_free(m);
}

static void test_failed_look(void **state)
{
    (void)state;
    struct made *m = made_new();
    made_published(m, MADE_TESTING);
    m->sight->survey.outcome = WW_MX_FAILED;
    m->sight->survey.count = 0;
    m->tend.domain.waits[0] = '\0';
    fresh();
    const struct ww_published *d = turned(m);
    assert_int_equal(turn.work, WW_ORDER_NONE);
    assert_int_equal(turn.tended.what, WW_TENDED_NOTHING);
    assert_string_equal(d->trouble, "the look-up of its MX records fails");
    assert_int_equal(d->next_at, MADE_NOW + 10);
    m->in.trouble = "the disk is full";
    d = turned(m);
    assert_string_equal(d->trouble, "the disk is full");
    made_free(m);
}

/* ---- Renewal ---- */

static void test_renewal(void **state)
{
    (void)state;
    struct made *m = made_new();
    m->tend.domain.goal = WW_GOAL_TESTING;
    made_published(m, MADE_TESTING);
    m->in.certificate = (struct ww_steward_certificate){MADE_NOW - 60 * MADE_DAY, MADE_NOW + 30 * MADE_DAY};
    fresh();
    (void)turned(m);
    assert_int_equal(turn.work, WW_ORDER_CERTIFICATE);
    assert_true(turn.renews);
    ww_steward_turn_worked(&turn, MADE_NOW, true, "");
    assert_false(turn.tended.done_something);
    ww_steward_turn_worked(&turn, MADE_NOW, false, "no");
    assert_true(turn.tended.domain.next_at <= MADE_NOW + 3600);
    m->tend.domain.stopped = true; /* what is served stays served */
    (void)turned(m);
    assert_int_equal(turn.work, WW_ORDER_CERTIFICATE);
    m->in.certificate.until += 600; /* a third of that is 200 */
    const struct ww_published *d = turned(m);
    assert_int_equal(turn.work, WW_ORDER_NONE);
    assert_int_equal(d->next_at, MADE_NOW + 400);
    m->tend.domain.certificate = WW_CERTIFICATE_FILES;
    m->in.certificate.until = MADE_NOW + 2 * MADE_DAY;
    (void)turned(m);
    assert_int_equal(turn.work, WW_ORDER_NONE);
    made_free(m);
}

/* ---- States and retiring ---- */

static void test_state_lasts(void **state)
{
    (void)state;
    struct made *m = made_new();
    made_published(m, MADE_TESTING);
    m->tend.domain.state = WW_PUBLISHED_DRAFT;
    m->tend.domain.state_since = MADE_NOW - 9;
    fresh();
    const struct ww_published *d = turned(m);
    assert_int_equal(d->state, WW_PUBLISHED_TESTING);
    assert_int_equal(d->state_since, MADE_NOW);
    m->tend.domain.state = WW_PUBLISHED_TESTING;
    d = turned(m);
    assert_int_equal(d->state_since, MADE_NOW - 9);
    made_free(m);
}

static void test_grows(void **state)
{
    (void)state;
    struct made *m = made_new();
    made_published(m, MADE_TESTING);
    fresh();
    const struct ww_published *d = turned(m);
    assert_int_equal(turn.tended.what, WW_TENDED_SERVE);
    assert_memory_equal(turn.tended.body.p, MADE_ENFORCE, strlen(MADE_ENFORCE));
    assert_int_equal(d->grown_at, MADE_NOW);
    made_free(m);
}

static void test_unserve(void **state)
{
    static const char none[] = MADE_POLICY("none", "86400");
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct made *m = made_new();
        struct ww_published *d = &m->tend.domain;
        made_served(m, MADE_ID, none, MADE_NOW - 50 * MADE_DAY, 0);
        made_shows(m, i == 1 ? none : NULL);
        made_record(m, "");
        d->goal = WW_GOAL_RETIRE;
        d->host = i == 0 ? WW_HOSTED_HERE : WW_HOSTED_ELSEWHERE;
        d->record_since = MADE_NOW - 2 * MADE_DAY;
        (void)snprintf(d->shown_id, sizeof d->shown_id, MADE_ID);
        fresh();
        (void)turned(m);
        /* Elsewhere it is over when it is not seen any more. */
        assert_int_equal(turn.tended.what, i == 1 ? WW_TENDED_NOTHING : WW_TENDED_UNSERVE);
        assert_int_equal(turn.tended.domain.needs_operator, i == 1);
        made_free(m);
    }
}

/* What is handed over is cared for as long as anybody may come, and what is seen is our own. */
static void test_handover(void **state)
{
    static char listens[] = "inet:192.0.2.1:443";
    char *listeners[] = {listens, NULL};
    static const char none[] = MADE_POLICY("none", "86400");
    (void)state;
    for (int gone = 0; gone < 2; gone++) {
        struct made *m = made_new();
        struct ww_published *d = &m->tend.domain;
        d->goal = WW_GOAL_TESTING;
        made_published(m, MADE_TESTING);
        d->host = WW_HOSTED_ELSEWHERE;
        d->here_gone_at = gone ? MADE_NOW - 60 : 0;
        (void)snprintf(d->here, sizeof d->here, "192.0.2.1");
        m->config.publish_https = listeners;
        m->in.certificate =
            (struct ww_steward_certificate){MADE_NOW - 60 * MADE_DAY, MADE_NOW + 30 * MADE_DAY};
        fresh();
        const struct ww_published *then = turned(m);
        assert_int_equal(turn.work, gone ? WW_ORDER_NONE : WW_ORDER_CERTIFICATE);
        assert_int_equal(then->needs_operator, !gone);
        assert_non_null(strstr(then->waits, gone ? "leads elsewhere" : "still leads to Waxwing"));
        d->goal = WW_GOAL_RETIRE;
        m->tend.served[0].body = ww_slice_str(none);
        made_shows(m, none);
        made_record(m, "");
        d->record_since = MADE_NOW - 2 * MADE_DAY;
        (void)turned(m);
        assert_int_equal(turn.tended.what, gone ? WW_TENDED_NOTHING : WW_TENDED_UNSERVE);
        m->config.publish_https = m->no_listeners;
        assert_string_equal(turned(m)->here, "");
        made_free(m);
    }
}

/* ---- Faults ---- */

static const char *faults(void)
{
    static char text[1024];
    size_t n = 0;
    text[0] = '\0';
    for (size_t i = 0; i < turn.tended.fault_count; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s %s %s", i > 0 ? ", " : "",
                              turn.tended.faults[i].check, turn.tended.faults[i].where,
                              turn.tended.faults[i].severity == WW_SEVERITY_ERROR ? "error" : "warning");
    return text;
}

static void test_certificate_end(void **state)
{
    static const struct {
        enum ww_published_certificate kind;
        int64_t before, left; /* days since it began, and until it ends */
        const char *faults;
    } cases[] = {
        {WW_CERTIFICATE_FILES, 80, 8, ""},
        {WW_CERTIFICATE_FILES, 83, 6, "publish-certificate-end mta-sts.a.example warning"},
        {WW_CERTIFICATE_ACME, 83, 6, "publish-certificate-end mta-sts.a.example warning"},
        {WW_CERTIFICATE_FILES, 88, 1, "publish-certificate-end mta-sts.a.example error"},
        {WW_CERTIFICATE_FILES, 90, -1, "publish-certificate-end mta-sts.a.example error"},
        {WW_CERTIFICATE_ACME, 3, 3, ""}, /* it lives for six days */
        {WW_CERTIFICATE_ACME, 5, 1, "publish-certificate-end mta-sts.a.example error"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made *m = made_new();
        made_published(m, MADE_TESTING);
        m->tend.domain.goal = WW_GOAL_TESTING;
        m->tend.domain.certificate = cases[i].kind;
        m->in.certificate = (struct ww_steward_certificate){MADE_NOW - cases[i].before * MADE_DAY,
                                                            MADE_NOW + cases[i].left * MADE_DAY};
        fresh();
        (void)turned(m);
        assert_string_equal(faults(), cases[i].faults);
        made_free(m);
    }
}

static void test_unseen(void **state)
{
    static const struct {
        const char *record, *shown;
        int64_t served, seen; /* hours ago */
        const char *faults;
    } cases[] = {
        {"", "", 23, 0, ""},
        {"", "", 24, 0, "publish-unseen mta-sts.a.example warning"},
        {MADE_ID, "", 24, 0, "publish-unseen mta-sts.a.example error"},
        {MADE_ID, MADE_ID, 99, 23, ""},
        {MADE_ID, MADE_ID, 99, 24, "publish-unseen mta-sts.a.example error"},
        {MADE_ID, "before", 24, 1, "publish-unseen mta-sts.a.example error"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made *m = made_new();
        struct ww_published *d = &m->tend.domain;
        made_served(m, MADE_ID, MADE_TESTING, MADE_NOW - cases[i].served * 3600, 0);
        made_record(m, cases[i].record);
        (void)snprintf(d->shown_id, sizeof d->shown_id, "%s", cases[i].shown);
        d->shown_at = MADE_NOW - cases[i].seen * 3600;
        fresh();
        (void)turned(m);
        assert_string_equal(faults(), cases[i].faults);
        made_free(m);
    }
}

static void test_refused(void **state)
{
    (void)state;
    struct made *m = made_new();
    made_published(m, "version: STSv1\r\nmode: enforce\r\nmx: other.a.example\r\nmax_age: 604800\r\n");
    fresh();
    (void)turned(m);
    assert_string_equal(faults(), "publish-refused mx1.a.example error");
    assert_string_equal(turn.tended.faults[0].seen,
                        "Senders refuse it that hold the policy with id " MADE_ID ", which is served now");
    made_free(m);
    m = made_new(); /* one that was served before binds as well */
    made_served(m, "1", "version: STSv1\r\nmode: enforce\r\nmx: other.a.example\r\nmax_age: 604800\r\n",
                MADE_NOW - 9 * MADE_DAY, MADE_NOW - MADE_DAY);
    made_published(m, MADE_TESTING);
    (void)turned(m);
    assert_string_equal(faults(), "publish-refused mx1.a.example error");
    assert_non_null(strstr(turn.tended.faults[0].seen, "with id 1, until 2027-01-21T08:00:00Z"));
    made_free(m);
}

static void test_refused_for_its_certificate(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct made *m = made_new();
        m->tend.domain.goal = i == 0 ? WW_GOAL_ENFORCE : WW_GOAL_TESTING;
        made_published(m, i == 0 ? MADE_ENFORCE : MADE_TESTING);
        m->sight->mx[0]->addresses[0].first.status = WW_CERT_EXPIRED;
        fresh();
        const struct ww_published *d = turned(m);
        assert_string_equal(faults(), i == 0 ? "publish-refused mx1.a.example error" : "");
        assert_int_equal(d->bad_at, MADE_NOW);
        if (i == 0)
            assert_non_null(strstr(turn.tended.faults[0].seen, "the certificate has expired"));
        made_free(m);
    }
}

static void test_rolled_back(void **state)
{
    static const struct {
        enum ww_published_goal goal;
        int64_t bad; /* seconds before it went back to testing; 0: never */
        bool told;
    } cases[] = {
        {WW_GOAL_ENFORCE, 5, true},
        {WW_GOAL_TESTING, 5, false},
        {WW_GOAL_ENFORCE, 9 * MADE_DAY, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made *m = made_new();
        made_served(m, "1", MADE_ENFORCE, MADE_NOW - 9 * MADE_DAY, MADE_NOW - MADE_DAY);
        made_published(m, MADE_TESTING);
        m->tend.domain.goal = cases[i].goal;
        m->tend.domain.automatic = true;
        m->tend.domain.bad_at = MADE_NOW - MADE_DAY - cases[i].bad;
        (void)snprintf(m->tend.domain.bad_why, sizeof m->tend.domain.bad_why, "40 sessions failed");
        fresh();
        (void)turned(m);
        assert_string_equal(faults(), cases[i].told ? "publish-rolled-back a.example warning" : "");
        if (cases[i].told)
            assert_string_equal(turn.tended.faults[0].seen,
                                "What was enforced is in mode testing again, as 40 sessions failed");
        made_free(m);
    }
}

/* What others report while it is enforced: nobody else would tell the operator. */
static void test_reported(void **state)
{
    static const struct {
        enum ww_rollout_evidence evidence;
        const char *policy;
        bool automatic;
        const char *faults, *why;
    } cases[] = {
        {WW_EVIDENCE_MEND, MADE_ENFORCE, true, "publish-reported a.example warning",
         "not all mail gets through as it should: 3 sessions"},
        {WW_EVIDENCE_BAD, MADE_ENFORCE, false, "publish-reported a.example error",
         "mail is refused under mode enforce: 3 sessions"},
        {WW_EVIDENCE_BAD, MADE_ENFORCE, true, "", "mail is refused under mode enforce: 3 sessions"},
        {WW_EVIDENCE_MEND, MADE_TESTING, false, "", ""},
        {WW_EVIDENCE_BAD, MADE_TESTING, false, "", ""},
        {WW_EVIDENCE_GOOD, MADE_ENFORCE, false, "", ""},
        {WW_EVIDENCE_UNKNOWN, MADE_ENFORCE, false, "", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made *m = made_new();
        bool against = cases[i].evidence == WW_EVIDENCE_MEND || cases[i].evidence == WW_EVIDENCE_BAD;
        made_published(m, cases[i].policy);
        m->tend.domain.goal = WW_GOAL_ENFORCE;
        m->tend.domain.automatic = cases[i].automatic;
        m->tend.evidence = cases[i].evidence;
        (void)snprintf(m->tend.evidence_why, sizeof m->tend.evidence_why, "3 sessions");
        fresh();
        const struct ww_published *d = turned(m);
        assert_string_equal(faults(), cases[i].faults);
        assert_int_equal(d->bad_at, against ? MADE_NOW : 0);
        assert_string_equal(d->bad_why, cases[i].why);
        if (cases[i].faults[0] != '\0')
            assert_non_null(strstr(turn.tended.faults[0].seen, ": 3 sessions"));
        made_free(m);
    }
}

#define THEIRS(mode, mx) "version: STSv1\nmode: " mode "\nmx: " mx "\nmax_age: 2592000\n"

/* What this look has seen counts in what is planned after it. */
static void test_foreign(void **state)
{
    static const struct {
        const char *served; /* of ours; NULL: none */
        const char *shown;
        const char *theirs, *shows;
        bool told; /* the keeper, of theirs */
        const char *faults;
        const char *trouble, *waits; /* how they begin */
    } cases[] = {
        {NULL, "", NULL, THEIRS("enforce", MADE_HOST), true, "", "", "a policy of mode testing"},
        {NULL, "", NULL, THEIRS("enforce", "other.example"), true, "publish-refused mx1.a.example error", "",
         "a policy of mode testing"},
        {MADE_TESTING, "", NULL, THEIRS("enforce", MADE_HOST), true, "", "", "the policy has to be seen"},
        {MADE_TESTING, MADE_ID, NULL, THEIRS("enforce", MADE_HOST), true,
         "publish-foreign mta-sts.a.example error", "in the place of ours", "the policy has to be seen"},
        {MADE_TESTING, MADE_ID, NULL, THEIRS("testing", MADE_HOST), true,
         "publish-foreign mta-sts.a.example warning", "in the place of ours", "the policy has to be seen"},
        {MADE_TESTING, MADE_ID, NULL, THEIRS("enforce", "other.example"), true,
         "publish-foreign mta-sts.a.example error, publish-refused mx1.a.example error",
         "in the place of ours", "the policy has to be seen"},
        /* Whatever is not seen does not end it. */
        {MADE_TESTING, MADE_ID, THEIRS("enforce", MADE_HOST), NULL, false,
         "publish-foreign mta-sts.a.example error", "in the place of ours", "the policy has to be seen"},
        {MADE_TESTING, MADE_ID, THEIRS("enforce", MADE_HOST), MADE_TESTING, false, "", "",
         "mode testing lasts"},
        /* Ours is there at last: who holds theirs refuses the host for its time yet. */
        {MADE_TESTING, "", THEIRS("enforce", "other.example"), MADE_TESTING, false,
         "publish-refused mx1.a.example error", "", "mx1.a.example is in the MX records too early"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made *m = made_new();
        m->tend.domain.automatic = true;
        if (cases[i].theirs != NULL) {
            made_served(m, "", cases[i].theirs, MADE_NOW - 9 * MADE_DAY, 0);
            m->tend.served[0].foreign = true;
        }
        if (cases[i].served != NULL)
            made_served(m, MADE_ID, cases[i].served, MADE_NOW - 3600, 0);
        made_record(m, cases[i].shown);
        if (cases[i].theirs != NULL && cases[i].shows != NULL)
            made_record(m, MADE_ID);
        (void)snprintf(m->tend.domain.shown_id, sizeof m->tend.domain.shown_id, "%s", cases[i].shown);
        m->tend.domain.shown_at = MADE_NOW - 60;
        made_shows(m, cases[i].shows);
        fresh();
        const struct ww_published *d = turned(m);
        assert_int_equal(turn.tended.foreign.n > 0, cases[i].told);
        if (cases[i].told)
            assert_true(ww_slice_is(turn.tended.foreign, cases[i].shows));
        assert_ptr_not_equal(turn.tended.foreign.p, m->sight->host.body.p);
        if (strcmp(faults(), cases[i].faults) != 0)
            fail_msg("case %zu: %s", i, faults());
        if (strncmp(d->trouble, cases[i].trouble, strlen(cases[i].trouble)) != 0 ||
            (cases[i].trouble[0] == '\0') != (d->trouble[0] == '\0'))
            fail_msg("case %zu: trouble %s", i, d->trouble);
        made_free(m);
    }
}

static void test_refused_by_somebody_else(void **state)
{
    static const struct {
        const char *id, *seen;
    } cases[] = {
        {"", "Senders refuse it that hold the policy of somebody else, until 2027-02-14T08:00:00Z"},
        {"x",
         "Senders refuse it that hold the policy of somebody else with id x, until 2027-02-14T08:00:00Z"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made *m = made_new();
        made_served(m, cases[i].id, THEIRS("enforce", "other.example"), 1, MADE_NOW - MADE_DAY);
        m->tend.served[0].foreign = true;
        made_published(m, MADE_TESTING);
        fresh();
        (void)turned(m);
        assert_string_equal(faults(), "publish-refused mx1.a.example error");
        assert_string_equal(turn.tended.faults[0].seen, cases[i].seen);
        made_free(m);
    }
}

/* ---- Patience ---- */

static void test_patience(void **state)
{
    char name[32];
    (void)state;
    fresh();
    assert_int_equal(ww_patience_again(patience, "a", 1), 0);
    assert_int_equal(ww_patience_again(patience, "a", 1), 1);
    assert_int_equal(ww_patience_again(patience, "b", 1), 0);
    assert_int_equal(ww_patience_again(patience, "a", 1), 2);
    assert_int_equal(ww_patience_again(patience, "a", 2), 0);
    assert_int_equal(ww_patience_again(patience, "a", 1), 0);
    assert_int_equal(ww_patience_again(patience, "b", 0), 0);
    for (int i = 0; i < WW_PATIENCE_DOMAINS - 1; i++) {
        (void)snprintf(name, sizeof name, "n%d", i);
        assert_int_equal(ww_patience_again(patience, name, 7), 0);
    }
    assert_int_equal(ww_patience_again(patience, "b", 0), 1); /* "a" had to go */
    assert_int_equal(ww_patience_again(patience, "a", 1), 0);
    assert_int_equal(ww_patience_seconds(0, 60, 3600), 60);
    assert_int_equal(ww_patience_seconds(4000000000u, 60, 3600), 3600);
}

static int end(void **state)
{
    (void)state;
    ww_patience_free(patience);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_a_certificate),
        cmocka_unit_test(test_certificate_of_files),
        cmocka_unit_test(test_certificate_that_ends),
        cmocka_unit_test(test_then_the_policy),
        cmocka_unit_test(test_no_record_before_it_is_shown),
        cmocka_unit_test(test_then_the_record),
        cmocka_unit_test(test_record_by_hand),
        cmocka_unit_test(test_then_tlsrpt),
        cmocka_unit_test(test_failed_work),
        cmocka_unit_test(test_failed_look),
        cmocka_unit_test(test_renewal),
        cmocka_unit_test(test_state_lasts),
        cmocka_unit_test(test_grows),
        cmocka_unit_test(test_unserve),
        cmocka_unit_test(test_handover),
        cmocka_unit_test(test_certificate_end),
        cmocka_unit_test(test_unseen),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_refused_for_its_certificate),
        cmocka_unit_test(test_rolled_back),
        cmocka_unit_test(test_reported),
        cmocka_unit_test(test_foreign),
        cmocka_unit_test(test_refused_by_somebody_else),
        cmocka_unit_test(test_patience),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
