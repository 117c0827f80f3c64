/* One domain is tended to, from what the keeper gives to what it gets back; who looks and works is made up.
 */
#include "daemon/steward_tend.h"
#include "steward_made.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

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
    char mirror[WW_DNAME_SIZE];      /* "": none */
    char name[WW_STEWARD_HOST_SIZE]; /* that is changed, or that a certificate is for */
    unsigned cancelled;
    bool back;
    struct ww_msg_tended tended;
    char body[WW_PUBLISHED_BODY_MAX];
} did;

static struct ww_steward_looking *look(const struct ww_steward_eyes *eyes, const char *domain, int64_t at,
                                       const char *mirror, ww_steward_saw_cb *cb, void *ctx)
{
    (void)eyes;
    assert_true(at > MADE_DAY);
    (void)snprintf(did.domain, sizeof did.domain, "%s", domain);
    (void)snprintf(did.mirror, sizeof did.mirror, "%s", mirror != NULL ? mirror : "");
    did.looking = (struct ww_steward_looking){cb, ctx};
    did.looks = !did.none_to_look;
    return did.looks ? &did.looking : NULL;
}

static void look_cancel(struct ww_steward_looking *looking)
{
    assert_ptr_equal(looking, &did.looking);
    did.cancelled++;
}

static struct ww_steward_working *work(struct event_base *base, const struct ww_config *config,
                                       const struct ww_steward_turn *turn, ww_steward_worked_cb *cb,
                                       void *ctx)
{
    (void)base;
    (void)config;
    (void)snprintf(did.name, sizeof did.name, "%s",
                   turn->work == WW_STEWARD_ISSUE ? turn->host : turn->change.name);
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
    did.tended = *tended;
    if (tended->body.n > 0)
        memcpy(did.body, tended->body.p, tended->body.n);
}

static char folder[] = "/tmp/waxwing-steward-XXXXXX";
static struct ww_steward_hands hands = {
    .look = look, .look_cancel = look_cancel, .work = work, .work_cancel = work_cancel};

static struct ww_steward_tend *tend(struct made *m)
{
    static char payload[WW_MSG_TEND_MAX];
    struct ww_buf b = ww_buf(payload, sizeof payload);
    memset(&did.domain, 0, sizeof did.domain);
    did.looks = did.works = did.back = false;
    did.cancelled = 0;
    did.name[0] = '\0';
    m->config.publish_folder = folder;
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
    struct ww_steward_worked w = {.good = good};
    (void)snprintf(w.detail, sizeof w.detail, "%s", detail);
    did.works = false;
    did.working.cb(did.working.ctx, &w);
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

static void test_works_before_it_gives_back(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct made *m = elsewhere();
        made_served(m, MADE_ID, MADE_TESTING, MADE_NOW - 60, 0);
        made_shows(m, MADE_TESTING);
        did.none_to_work = i == 2;
        assert_non_null(tend(m));
        sees(m, NULL);
        assert_string_equal(did.name, "_mta-sts.a.example");
        if (i < 2) {
            assert_false(did.back);
            worked(i == 0, i == 0 ? "" : "REFUSED");
        }
        assert_true(did.back);
        assert_int_equal(did.tended.done_something, i == 0);
        assert_string_equal(did.tended.domain.trouble,
                            i == 0   ? ""
                            : i == 1 ? "DNS could not be changed: REFUSED"
                                     : "DNS could not be changed: processes or memory are short");
        did.none_to_work = false;
        made_free(m);
    }
}

static void test_has_a_certificate_made(void **state)
{
    (void)state;
    struct made *m = made_new(); /* there is none in the folder */
    assert_non_null(tend(m));
    sees(m, NULL);
    assert_string_equal(did.name, "mta-sts.a.example");
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
        assert_string_equal(did.name, "mta-sts.a.example"); /* it is served here */
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
    assert_null(tend(m));
    did.none_to_look = false;
    assert_null(ww_steward_tend(&hands, ww_slice_str("nonsense"), on_tended, NULL));
    made_free(m);
}

/* ---- The tree ---- */

static bool file_is(const char *body)
{
    char path[512], text[512];
    (void)snprintf(path, sizeof path, "%s/tree/mta-sts.a.example/.well-known/mta-sts.txt", folder);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return body == NULL;
    size_t n = fread(text, 1, sizeof text, f);
    (void)fclose(f);
    return body != NULL && n == strlen(body) && memcmp(text, body, n) == 0;
}

static void test_tree(void **state)
{
    char tree[300];
    (void)state;
    (void)snprintf(tree, sizeof tree, "%s/tree", folder);
    assert_int_equal(mkdir(tree, 0755), 0);
    struct made *m = made_new();
    m->tend.domain.host = WW_HOSTED_TREE;
    m->tend.domain.certificate = WW_CERTIFICATE_FILES;
    made_served(m, MADE_ID, MADE_TESTING, MADE_NOW - 60, 0);
    assert_non_null(tend(m));
    sees(m, NULL);
    assert_string_equal(did.tended.domain.trouble,
                        "publish.tree is not set: there is no place for the policy");
    m->config.publish_tree = tree;
    assert_non_null(tend(m));
    assert_true(file_is(MADE_TESTING)); /* before it is looked for */
    sees(m, NULL);
    assert_string_equal(did.tended.domain.trouble, "");
    m->tend.served[0].until = MADE_NOW;
    assert_non_null(tend(m));
    assert_true(file_is(NULL));
    sees(m, NULL);
    m->tend.served[0].until = 0;
    m->tend.domain.host = WW_HOSTED_HERE;
    assert_non_null(tend(m));
    assert_true(file_is(NULL));
    sees(m, NULL);
    if (did.works)
        worked(true, "");
    assert_int_equal(rmdir(tree), 0);
    made_free(m);
}

static int make(void **state)
{
    (void)state;
    hands.base = event_base_new();
    return hands.base == NULL || mkdtemp(folder) == NULL;
}

static int unmake(void **state)
{
    (void)state;
    event_base_free(hands.base);
    ww_patience_free(hands.patience);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_looks_plans_gives_back),
        cmocka_unit_test(test_works_before_it_gives_back),
        cmocka_unit_test(test_has_a_certificate_made),
        cmocka_unit_test(test_mirror),
        cmocka_unit_test(test_cancelled),
        cmocka_unit_test(test_cannot_begin),
        cmocka_unit_test(test_tree),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
