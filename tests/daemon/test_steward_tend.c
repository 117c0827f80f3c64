/* One domain is tended to, from what the keeper gives to what it gets back; who looks and works is made up.
 */
#include "daemon/steward_tend.h"
#include "steward_made.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct ww_steward_looking {
    ww_steward_saw_cb *cb;
    void *ctx;
};

struct ww_steward_working {
    ww_steward_worked_cb *cb;
    void *ctx;
};

/* What was asked of the hands, and what came back. */
static struct {
    struct ww_steward_looking looking;
    struct ww_steward_working working;
    bool looks, works, none_to_look, none_to_work;
    char domain[WW_DNAME_SIZE];
    char mirror[WW_DNAME_SIZE]; /* "": none */
    enum ww_order what;         /* that was asked for last */
    unsigned cancelled;
    bool back, nothing, afresh;
    struct ww_msg_tended tended;
    char body[WW_PUBLISHED_BODY_MAX];
} did;

static struct ww_steward_looking *look(const struct ww_steward_eyes *eyes, const struct ww_steward_want *want,
                                       ww_steward_saw_cb *cb, void *ctx)
{
    (void)eyes;
    assert_true(want->at > MADE_DAY);
    (void)snprintf(did.domain, sizeof did.domain, "%s", want->domain);
    (void)snprintf(did.mirror, sizeof did.mirror, "%s", want->mirror != NULL ? want->mirror : "");
    did.afresh = want->afresh;
    did.looking = (struct ww_steward_looking){cb, ctx};
    did.looks = !did.none_to_look;
    return did.looks ? &did.looking : NULL;
}

static void look_cancel(struct ww_steward_looking *looking)
{
    assert_ptr_equal(looking, &did.looking);
    did.cancelled++;
}

static struct ww_steward_working *work(struct ww_steward_works *works, const struct ww_published *domain,
                                       enum ww_order what, ww_steward_worked_cb *cb, void *ctx)
{
    (void)works;
    assert_string_equal(domain->domain, MADE_DOMAIN);
    assert_int_equal(domain->version, 3);
    did.what = what;
    did.working = (struct ww_steward_working){cb, ctx};
    did.works = !did.none_to_work;
    return did.works ? &did.working : NULL;
}

static void work_cancel(struct ww_steward_working *working)
{
    assert_ptr_equal(working, &did.working);
    did.cancelled++;
}

static void on_tended(void *ctx, const struct ww_msg_tended *tended)
{
    (void)ctx;
    did.back = true;
    did.nothing = tended == NULL;
    if (tended == NULL)
        return;
    did.tended = *tended;
    if (tended->body.n > 0)
        memcpy(did.body, tended->body.p, tended->body.n);
}

static struct ww_steward_hands hands = {
    .look = look, .look_cancel = look_cancel, .work = work, .work_cancel = work_cancel};

/* Up to the order that comes first. */
static struct ww_steward_tend *begun(struct made *m)
{
    static char payload[WW_MSG_TEND_MAX];
    struct ww_buf b = ww_buf(payload, sizeof payload);
    memset(&did.domain, 0, sizeof did.domain);
    did.looks = did.works = did.back = false;
    did.cancelled = 0;
    did.what = WW_ORDER_NONE;
    hands.config = &m->config;
    ww_patience_free(hands.patience);
    hands.patience = ww_patience_new();
    ww_msg_put_tend(&b, &m->tend);
    assert_false(b.failed);
    struct ww_steward_tend *t = ww_steward_tend(&hands, ww_slice(b.p, b.n), on_tended, NULL);
    memset(payload, 0, sizeof payload); /* it is copied */
    return t;
}

static void sees(struct made *m, const char *mirrored)
{
    const struct ww_steward_saw saw = {
        .sight = m->sight, .said = &m->said, .mirrored = ww_slice_str(mirrored != NULL ? mirrored : "")};
    did.looks = false;
    did.looking.cb(did.looking.ctx, &saw);
}

static void worked(bool good, const char *detail)
{
    struct ww_msg_order_done done = {.good = good};
    (void)snprintf(done.detail, sizeof done.detail, "%s", detail);
    did.works = false;
    did.working.cb(did.working.ctx, &done);
}

/* What has come of the first order: how long the certificate lasts. */
static void files(bool seen, int64_t from, int64_t until, const char *detail)
{
    struct ww_msg_order_done done = {.good = detail[0] == '\0', .seen = seen, .from = from, .until = until};
    (void)snprintf(done.detail, sizeof done.detail, "%s", detail);
    assert_int_equal(did.what, WW_ORDER_FILES);
    assert_false(did.looks);
    did.works = false;
    did.what = WW_ORDER_NONE;
    did.working.cb(did.working.ctx, &done);
}

static struct ww_steward_tend *tend(struct made *m)
{
    struct ww_steward_tend *t = begun(m);
    assert_non_null(t);
    files(true, 0, 0, "");
    return t;
}

/* Without a certificate of its own, so that none is missing. */
static struct made *elsewhere(void)
{
    struct made *m = made_new();
    m->tend.domain.host = WW_HOSTED_ELSEWHERE;
    return m;
}

static void test_looks_plans_gives_back(void **state)
{
    (void)state;
    struct made *m = elsewhere();
    assert_non_null(tend(m));
    assert_string_equal(did.domain, MADE_DOMAIN);
    assert_string_equal(did.mirror, "");
    assert_false(did.back);
    sees(m, NULL);
    assert_true(did.back);
    assert_int_equal(did.tended.what, WW_TENDED_SERVE);
    assert_memory_equal(did.body, MADE_TESTING, strlen(MADE_TESTING));
    assert_int_equal(did.tended.domain.version, 3);
    assert_true(did.tended.domain.looked_at > MADE_DAY);
    made_free(m);
}

/* Until a look has ended that was asked for like that; a change of what is wanted is none. */
static void test_looks_afresh_when_asked(void **state)
{
    static const struct {
        uint64_t asked, answered, afresh;
        bool want;
    } cases[] = {{0, 0, 0, false}, {1, 0, 0, false}, {1, 0, 1, true}, {3, 1, 2, true}, {3, 2, 2, false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made *m = elsewhere();
        m->tend.domain.asked = cases[i].asked;
        m->tend.domain.answered = cases[i].answered;
        m->tend.domain.afresh = cases[i].afresh;
        assert_non_null(tend(m));
        assert_int_equal(did.afresh, cases[i].want);
        sees(m, NULL);
        made_free(m);
    }
}

static void test_works_before_it_gives_back(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct made *m = elsewhere();
        made_served(m, MADE_ID, MADE_TESTING, MADE_NOW - 60, 0);
        made_shows(m, MADE_TESTING);
        assert_non_null(tend(m));
        did.none_to_work = i == 2;
        sees(m, NULL);
        assert_int_equal(did.what, WW_ORDER_RECORD);
        if (i < 2) {
            assert_false(did.back);
            worked(i == 0, i == 0 ? "" : "REFUSED");
        }
        assert_true(did.back);
        assert_int_equal(did.tended.done_something, i == 0);
        assert_string_equal(did.tended.domain.trouble,
                            i == 0   ? ""
                            : i == 1 ? "DNS could not be changed: REFUSED"
                                     : "DNS could not be changed: the role keeper is away");
        did.none_to_work = false;
        made_free(m);
    }
}

static void test_has_a_certificate_made(void **state)
{
    (void)state;
    struct made *m = made_new(); /* there is none */
    assert_non_null(tend(m));
    sees(m, NULL);
    assert_int_equal(did.what, WW_ORDER_CERTIFICATE);
    worked(true, "");
    assert_true(did.tended.done_something);
    made_free(m);
}

static void test_mirror(void **state)
{
    static const char followed[] = MADE_POLICY("testing", "172800");
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct made *m = elsewhere();
        m->tend.domain.host = WW_HOSTED_MIRROR;
        (void)snprintf(m->tend.domain.mirror, sizeof m->tend.domain.mirror, "b.example");
        m->tend.mirrored = i == 1 ? ww_slice_str(followed) : ww_slice(NULL, 0);
        assert_non_null(tend(m));
        assert_string_equal(did.mirror, i == 0 ? "b.example" : ""); /* of our own it is known */
        sees(m, i == 0 ? followed : NULL);
        assert_int_equal(did.what, WW_ORDER_CERTIFICATE); /* it is served here */
        worked(true, "");
        made_free(m);
    }
}

static void test_cancelled(void **state)
{
    (void)state;
    struct made *m = elsewhere();
    made_served(m, MADE_ID, MADE_TESTING, MADE_NOW - 60, 0);
    made_shows(m, MADE_TESTING);
    ww_steward_tend_cancel(tend(m));
    assert_int_equal(did.cancelled, 1);
    struct ww_steward_tend *t = tend(m);
    sees(m, NULL);
    ww_steward_tend_cancel(t);
    assert_int_equal(did.cancelled, 1);
    assert_false(did.back);
    made_free(m);
}

static void test_cannot_begin(void **state)
{
    (void)state;
    struct made *m = elsewhere();
    did.none_to_look = true;
    (void)tend(m);
    assert_true(did.back && did.nothing); /* the keeper gives it again */
    did.none_to_look = false;
    did.none_to_work = true;
    assert_null(begun(m));
    did.none_to_work = false;
    assert_null(ww_steward_tend(&hands, ww_slice_str("nonsense"), on_tended, NULL));
    struct ww_steward_tend *t = begun(m);
    ww_steward_tend_cancel(t);
    assert_int_equal(did.cancelled, 1);
    assert_false(did.looks);
    made_free(m);
}

/* What the clerk has seen of the certificate counts; where it is away, what was known does. */
static void test_certificate(void **state)
{
    const int64_t now = (int64_t)time(NULL);
    const struct {
        bool seen;
        int64_t from, until, known;
        const char *detail;
        enum ww_order want;
        int64_t then;
    } cases[] = {
        {true, now - MADE_DAY, now + 80 * MADE_DAY, 0, "", WW_ORDER_RECORD, now + 80 * MADE_DAY},
        {true, now - 80 * MADE_DAY, now + 10 * MADE_DAY, 0, "", WW_ORDER_RECORD, now + 10 * MADE_DAY},
        {true, 0, 0, now + 80 * MADE_DAY, "", WW_ORDER_CERTIFICATE, 0},
        {false, 0, 0, now + 80 * MADE_DAY, "it is away", WW_ORDER_RECORD, now + 80 * MADE_DAY},
        {false, 0, 0, 0, "it is away", WW_ORDER_CERTIFICATE, 0},
        {true, now - MADE_DAY, now + 80 * MADE_DAY, 0, "no tree", WW_ORDER_RECORD, now + 80 * MADE_DAY},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made *m = made_new();
        m->tend.domain.certificate_until = cases[i].known;
        made_served(m, MADE_ID, MADE_TESTING, MADE_NOW - 60, 0);
        made_shows(m, MADE_TESTING);
        assert_non_null(begun(m));
        files(cases[i].seen, cases[i].from, cases[i].until, cases[i].detail);
        sees(m, NULL);
        assert_int_equal(did.what, cases[i].want);
        worked(true, "");
        assert_int_equal(did.tended.domain.certificate_until, cases[i].then);
        assert_string_equal(did.tended.domain.trouble, cases[i].detail);
        made_free(m);
    }
}

/* With a good record there is nothing but the certificate to see to: one that nobody has looked at is not
 * due. */
static void test_renewal(void **state)
{
    const int64_t now = (int64_t)time(NULL);
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct made *m = made_new();
        m->tend.domain.goal = WW_GOAL_TESTING;
        m->tend.domain.certificate_until = now + 10 * MADE_DAY;
        made_published(m, MADE_TESTING);
        assert_non_null(begun(m));
        files(i == 0, now - 80 * MADE_DAY, now + 10 * MADE_DAY, "");
        sees(m, NULL);
        assert_int_equal(did.what, i == 0 ? WW_ORDER_CERTIFICATE : WW_ORDER_NONE);
        if (i == 0)
            worked(true, "");
        assert_true(did.back);
        made_free(m);
    }
}

static int unmake(void **state)
{
    (void)state;
    ww_patience_free(hands.patience);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_looks_plans_gives_back),
        cmocka_unit_test(test_looks_afresh_when_asked),
        cmocka_unit_test(test_works_before_it_gives_back),
        cmocka_unit_test(test_has_a_certificate_made),
        cmocka_unit_test(test_mirror),
        cmocka_unit_test(test_cancelled),
        cmocka_unit_test(test_cannot_begin),
        cmocka_unit_test(test_certificate),
        cmocka_unit_test(test_renewal),
    };
    return cmocka_run_group_tests(tests, NULL, unmake);
}
