/* The messages about published domains, there and back. */
#include "proc/chan.h"
#include "proc/msg_publish.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdint.h>

static char bytes[WW_MSG_TEND_MAX];

static struct ww_buf fresh(void)
{
    return ww_buf(bytes, sizeof bytes);
}

static void fill(char *out, size_t size, char c)
{
    memset(out, c, size - 1);
    out[size - 1] = '\0';
}

/* Beginnings of what was written are too few, and one octet more is too many. */
#define ASSERT_WHOLE(b, get, m)                                                   \
    do {                                                                          \
        for (size_t n = 0; n < (b).n; n += n < 4000 ? 1 : 997)                    \
            assert_int_equal(get(ww_slice((b).p, n), m), WW_E_MSG_MALFORMED);     \
        assert_int_equal(get(ww_slice((b).p, (b).n - 1), m), WW_E_MSG_MALFORMED); \
        assert_int_equal(get(ww_slice((b).p, (b).n + 1), m), WW_E_MSG_MALFORMED); \
        assert_int_equal(get(ww_slice((b).p, (b).n), m), WW_OK);                  \
    } while (0)

/* With every text as long as it may be, and each number another. */
static void fill_domain(struct ww_published *d)
{
    *d = (struct ww_published){
        .version = UINT64_MAX,
        .goal = WW_GOAL_RETIRE,
        .automatic = true,
        .mx_count = WW_PUBLISHED_MX_MAX,
        .max_age = WW_POLICY_MAX_AGE_MAX,
        .host = WW_HOSTED_MIRROR,
        .dns = WW_DNS_BY_UPDATE,
        .certificate = WW_CERTIFICATE_ACME,
        .state = WW_PUBLISHED_GONE,
        .added_at = 1,
        .state_since = 2,
        .grown_at = 3,
        .bad_at = 4,
        .looked_at = 5,
        .record_since = 6,
        .record_ttl = 7,
        .mx_ttl = UINT32_MAX,
        .shown_at = 8,
        .certificate_until = INT64_MAX,
        .here_ttl = 10,
        .here_gone_at = 11,
        .next_at = 9,
        .until = -1,
        .needs_operator = true,
    };
    fill(d->domain, sizeof d->domain, 'd');
    for (size_t i = 0; i < d->mx_count; i++)
        fill(d->mx[i], sizeof d->mx[i], (char)('A' + i));
    fill(d->rua, sizeof d->rua, ' ');
    fill(d->mirror, sizeof d->mirror, 'm');
    fill(d->record_id, sizeof d->record_id, 'r');
    fill(d->shown_id, sizeof d->shown_id, 's');
    fill(d->here, sizeof d->here, ' ');
    fill(d->waits, sizeof d->waits, ' ');
    fill(d->trouble, sizeof d->trouble, '~');
    fill(d->bad_why, sizeof d->bad_why, ' ');
    d->asked = UINT64_MAX;
    d->answered = UINT64_MAX - 1;
    d->afresh = UINT64_MAX - 2;
}

static void assert_wanted(const struct ww_published *a, const struct ww_published *b)
{
    assert_int_equal(a->goal, b->goal);
    assert_int_equal(a->automatic, b->automatic);
    assert_int_equal(a->stopped, b->stopped);
    assert_int_equal(a->mx_count, b->mx_count);
    for (size_t i = 0; i < a->mx_count; i++)
        assert_string_equal(a->mx[i], b->mx[i]);
    assert_int_equal(a->max_age, b->max_age);
    assert_string_equal(a->rua, b->rua);
    assert_int_equal(a->host, b->host);
    assert_int_equal(a->dns, b->dns);
    assert_int_equal(a->certificate, b->certificate);
    assert_string_equal(a->mirror, b->mirror);
}

static void assert_domain(const struct ww_published *a, const struct ww_published *b)
{
    assert_wanted(a, b);
    assert_string_equal(a->domain, b->domain);
    assert_true(a->version == b->version);
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->added_at, b->added_at);
    assert_int_equal(a->state_since, b->state_since);
    assert_int_equal(a->grown_at, b->grown_at);
    assert_int_equal(a->bad_at, b->bad_at);
    assert_int_equal(a->looked_at, b->looked_at);
    assert_string_equal(a->record_id, b->record_id);
    assert_int_equal(a->record_since, b->record_since);
    assert_int_equal(a->record_ttl, b->record_ttl);
    assert_int_equal(a->mx_ttl, b->mx_ttl);
    assert_string_equal(a->shown_id, b->shown_id);
    assert_int_equal(a->shown_at, b->shown_at);
    assert_int_equal(a->certificate_until, b->certificate_until);
    assert_string_equal(a->here, b->here);
    assert_int_equal(a->here_ttl, b->here_ttl);
    assert_int_equal(a->here_gone_at, b->here_gone_at);
    assert_int_equal(a->next_at, b->next_at);
    assert_int_equal(a->until, b->until);
    assert_int_equal(a->needs_operator, b->needs_operator);
    assert_string_equal(a->waits, b->waits);
    assert_string_equal(a->trouble, b->trouble);
    assert_string_equal(a->bad_why, b->bad_why);
    assert_true(a->asked == b->asked && a->answered == b->answered && a->afresh == b->afresh);
}

static void fill_hosts(struct ww_published_mx *mx)
{
    for (size_t i = 0; i < WW_PUBLISHED_MX_MAX; i++) {
        mx[i] = (struct ww_published_mx){.seen_at = (int64_t)i, .gone_at = -1, .tls = WW_PUBLISHED_MX_BAD};
        fill(mx[i].name, sizeof mx[i].name, (char)('A' + i));
        fill(mx[i].why, sizeof mx[i].why, ' ');
    }
    mx[0].tls = WW_PUBLISHED_MX_GOOD;
    mx[1].tls = WW_PUBLISHED_MX_UNKNOWN;
}

static void assert_hosts(const struct ww_published_mx *a, const struct ww_published_mx *b)
{
    for (size_t i = 0; i < WW_PUBLISHED_MX_MAX; i++) {
        assert_string_equal(a[i].name, b[i].name);
        assert_int_equal(a[i].seen_at, b[i].seen_at);
        assert_int_equal(a[i].gone_at, b[i].gone_at);
        assert_int_equal(a[i].tls, b[i].tls);
        assert_string_equal(a[i].why, b[i].why);
    }
}

static void rooms(void **state)
{
    (void)state;
    struct ww_msg_steward_room m = {.room = 16};
    struct ww_buf b = fresh();
    ww_msg_put_steward_room(&b, &m);
    ASSERT_WHOLE(b, ww_msg_get_steward_room, &m);
    assert_int_equal(m.room, 16);
}

static void tends(void **state)
{
    (void)state;
    static struct ww_msg_tend in, out;
    static char body[WW_PUBLISHED_BODY_MAX + 1];
    memset(body, 'b', sizeof body);
    fill_domain(&in.domain);
    fill_hosts(in.mx);
    in.mx_count = WW_PUBLISHED_MX_MAX;
    in.evidence = WW_EVIDENCE_BAD;
    fill(in.evidence_why, sizeof in.evidence_why, ' ');
    in.mirrored = ww_slice(body, WW_PUBLISHED_BODY_MAX);
    in.served_count = WW_PUBLISHED_SERVED_MAX;
    for (size_t i = 0; i < in.served_count; i++) {
        in.served[i] = (struct ww_served){.since = (int64_t)i, .until = i == 63 ? 0 : (int64_t)i + 1};
        in.served[i].foreign = i < WW_PUBLISHED_FOREIGN_MAX;
        in.served[i].body = ww_slice(body, WW_PUBLISHED_BODY_MAX - i);
        fill(in.served[i].id, sizeof in.served[i].id, 'i');
    }
    struct ww_buf b = fresh();
    ww_msg_put_tend(&b, &in);
    assert_false(b.failed);
    ASSERT_WHOLE(b, ww_msg_get_tend, &out);
    assert_domain(&out.domain, &in.domain);
    assert_int_equal(out.mx_count, WW_PUBLISHED_MX_MAX);
    assert_hosts(out.mx, in.mx);
    assert_int_equal(out.evidence, WW_EVIDENCE_BAD);
    assert_string_equal(out.evidence_why, in.evidence_why);
    assert_true(ww_slice_eq(out.mirrored, in.mirrored));
    assert_int_equal(out.served_count, WW_PUBLISHED_SERVED_MAX);
    for (size_t i = 0; i < out.served_count; i++) {
        assert_string_equal(out.served[i].id, in.served[i].id);
        assert_int_equal(out.served[i].since, in.served[i].since);
        assert_int_equal(out.served[i].until, in.served[i].until);
        assert_int_equal(out.served[i].foreign, in.served[i].foreign);
        assert_true(ww_slice_eq(out.served[i].body, in.served[i].body));
    }
    in.mirrored.n++;
    b = fresh();
    ww_msg_put_tend(&b, &in);
    assert_true(b.failed);
    in.mirrored.n--;
    for (size_t i = 0; i < 2; i++) { /* no more of either kind than there may be */
        in.served[i == 0 ? WW_PUBLISHED_FOREIGN_MAX - 1 : WW_PUBLISHED_FOREIGN_MAX].foreign = i != 0;
        in.served[WW_PUBLISHED_FOREIGN_MAX - 1].foreign = i != 0;
        b = fresh();
        ww_msg_put_tend(&b, &in);
        assert_true(b.failed);
        assert_int_equal(ww_msg_get_tend(ww_slice(b.p, b.n), &out), WW_E_MSG_MALFORMED);
    }
}

static void tended(void **state)
{
    (void)state;
    static struct ww_msg_tended in, out;
    fill_domain(&in.domain);
    in.domain.stopped = true;
    in.domain.automatic = false;
    in.domain.needs_operator = false;
    fill_hosts(in.mx);
    in.mx_count = WW_PUBLISHED_MX_MAX;
    in.what = WW_TENDED_SERVE;
    in.body = ww_slice_str("version: STSv1\n");
    in.done_something = true;
    fill(in.foreign_id, sizeof in.foreign_id, 'f');
    in.foreign = ww_slice_str("version: STSv1\nmode: none\n");
    in.fault_count = WW_MSG_TENDED_FAULTS_MAX;
    for (size_t i = 0; i < in.fault_count; i++) {
        in.faults[i].severity = WW_SEVERITY_INFO;
        fill(in.faults[i].check, sizeof in.faults[i].check, 'c');
        fill(in.faults[i].where, sizeof in.faults[i].where, ' ');
        fill(in.faults[i].seen, sizeof in.faults[i].seen, ' ');
    }
    struct ww_buf b = fresh();
    ww_msg_put_tended(&b, &in);
    assert_false(b.failed);
    ASSERT_WHOLE(b, ww_msg_get_tended, &out);
    assert_domain(&out.domain, &in.domain);
    assert_hosts(out.mx, in.mx);
    assert_int_equal(out.what, WW_TENDED_SERVE);
    assert_true(ww_slice_eq(out.body, in.body));
    assert_true(out.done_something);
    assert_string_equal(out.foreign_id, in.foreign_id);
    assert_true(ww_slice_eq(out.foreign, in.foreign));
    assert_int_equal(out.fault_count, WW_MSG_TENDED_FAULTS_MAX);
    for (size_t i = 0; i < out.fault_count; i++) {
        assert_int_equal(out.faults[i].severity, WW_SEVERITY_INFO);
        assert_string_equal(out.faults[i].check, in.faults[i].check);
        assert_string_equal(out.faults[i].where, in.faults[i].where);
        assert_string_equal(out.faults[i].seen, in.faults[i].seen);
    }
    /* A policy comes exactly where one is to be served. */
    static const struct {
        enum ww_tended what;
        const char *body;
        enum ww_err want;
    } cases[] = {
        {WW_TENDED_NOTHING, "", WW_OK}, {WW_TENDED_NOTHING, "b", WW_E_MSG_MALFORMED},
        {WW_TENDED_SERVE, "b", WW_OK},  {WW_TENDED_SERVE, "", WW_E_MSG_MALFORMED},
        {WW_TENDED_UNSERVE, "", WW_OK}, {WW_TENDED_UNSERVE, "b", WW_E_MSG_MALFORMED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        in.what = cases[i].what;
        in.body = ww_slice_str(cases[i].body);
        b = fresh();
        ww_msg_put_tended(&b, &in);
        assert_int_equal(ww_msg_get_tended(ww_slice(b.p, b.n), &out), cases[i].want);
    }
}

static void sites(void **state)
{
    (void)state;
    static char body[WW_PUBLISHED_BODY_MAX + 1];
    static char message[WW_CHAN_MESSAGE_MAX];
    struct ww_msg_site in = {.body = ww_slice(body, WW_PUBLISHED_BODY_MAX)}, out;
    struct ww_msg_site_gone gone_in, gone_out;
    struct ww_msg_site_state state_in = {.certificate_until = -7}, state_out;
    memset(body, '\0', sizeof body);
    fill(in.domain, sizeof in.domain, 'd');
    fill(in.id, sizeof in.id, 'i');
    struct ww_buf b = ww_buf(message, sizeof message);
    ww_msg_put_site(&b, &in);
    assert_false(b.failed);
    ASSERT_WHOLE(b, ww_msg_get_site, &out);
    assert_string_equal(out.domain, in.domain);
    assert_string_equal(out.id, in.id);
    assert_true(ww_slice_eq(out.body, in.body));
    in.body.n++;
    b = fresh();
    ww_msg_put_site(&b, &in);
    assert_true(b.failed);

    fill(gone_in.domain, sizeof gone_in.domain, 'd');
    b = fresh();
    ww_msg_put_site_gone(&b, &gone_in);
    ASSERT_WHOLE(b, ww_msg_get_site_gone, &gone_out);
    assert_string_equal(gone_out.domain, gone_in.domain);

    fill(state_in.domain, sizeof state_in.domain, 'd');
    fill(state_in.id, sizeof state_in.id, 'i');
    fill(state_in.trouble, sizeof state_in.trouble, ' ');
    b = fresh();
    ww_msg_put_site_state(&b, &state_in);
    ASSERT_WHOLE(b, ww_msg_get_site_state, &state_out);
    assert_string_equal(state_out.domain, state_in.domain);
    assert_string_equal(state_out.id, state_in.id);
    assert_int_equal(state_out.certificate_until, -7);
    assert_string_equal(state_out.trouble, state_in.trouble);
    state_in.trouble[0] = '\n'; /* what a stranger wrote is escaped before it gets here */
    b = fresh();
    ww_msg_put_site_state(&b, &state_in);
    assert_int_equal(ww_msg_get_site_state(ww_slice(b.p, b.n), &state_out), WW_E_MSG_MALFORMED);
}

static void asks(void **state)
{
    (void)state;
    static struct ww_msg_publish_ask in, out;
    static char message[WW_CHAN_MESSAGE_MAX];
    in.what = WW_PUBLISH_ASK_LOOK;
    in.fields = WW_PUBLISH_FIELDS;
    in.force = true;
    in.version = UINT64_MAX;
    fill_domain(&in.wanted);
    fill(in.domain, sizeof in.domain, 'd');
    in.drop_count = WW_PUBLISHED_MX_MAX;
    for (size_t i = 0; i < in.drop_count; i++)
        fill(in.drop[i], sizeof in.drop[i], (char)('a' + i % 26));
    struct ww_buf b = ww_buf(message, sizeof message);
    ww_msg_put_publish_ask(&b, &in);
    assert_false(b.failed);
    ASSERT_WHOLE(b, ww_msg_get_publish_ask, &out);
    assert_int_equal(out.what, WW_PUBLISH_ASK_LOOK);
    assert_string_equal(out.domain, in.domain);
    assert_int_equal(out.fields, WW_PUBLISH_FIELDS);
    assert_true(out.force);
    assert_true(out.version == UINT64_MAX);
    assert_wanted(&out.wanted, &in.wanted);
    assert_int_equal(out.drop_count, WW_PUBLISHED_MX_MAX);
    assert_string_equal(out.drop[31], in.drop[31]);
    in.fields = WW_PUBLISH_FIELDS + 1;
    b = fresh();
    ww_msg_put_publish_ask(&b, &in);
    assert_int_equal(ww_msg_get_publish_ask(ww_slice(b.p, b.n), &out), WW_E_MSG_MALFORMED);
    in.fields = 0;
    in.what = WW_PUBLISH_ASK_COUNT;
    b = fresh();
    ww_msg_put_publish_ask(&b, &in);
    assert_int_equal(ww_msg_get_publish_ask(ww_slice(b.p, b.n), &out), WW_E_MSG_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rooms), cmocka_unit_test(tends), cmocka_unit_test(tended),
        cmocka_unit_test(sites), cmocka_unit_test(asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
