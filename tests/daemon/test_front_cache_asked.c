/* What control asks the front about the cache. */
#include "front_fixture.h"

#include "daemon/front_lookup.h"
#include "proc/msg_cache.h"

#include <time.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static struct fake_peer control;
static char space[WW_CHAN_MESSAGE_MAX];

static void connect_control(void)
{
    static const struct ww_msg_peer peer = {.kind = WW_ROLE_CONTROL, .count = 1};
    ww_role_front.peer(t.front, &peer, fake_peer_open(&control, t.base));
}

static int setup_asked(void **state)
{
    if (setup(state) != 0)
        return -1;
    connect_control();
    return 0;
}

static int teardown_asked(void **state)
{
    fake_peer_close(&control);
    return teardown(state);
}

static void ask_front(uint32_t number, enum ww_ask what, const struct ww_buf *payload)
{
    static char message[WW_CHAN_MESSAGE_MAX];
    struct ww_buf b = ww_buf(message, sizeof message);
    const struct ww_msg_ask m = {number, what, ww_slice(payload->p, payload->n)};
    assert_false(payload->failed);
    ww_msg_put_ask(&b, &m);
    fake_peer_send(&control, WW_MSG_ASK, &b);
    settle();
}

static void ask_domain(uint32_t number, enum ww_ask what, const char *domain)
{
    struct ww_msg_cache_domain m;
    struct ww_buf b = ww_buf(space, sizeof space);
    snprintf(m.domain, sizeof m.domain, "%s", domain);
    ww_msg_put_cache_domain(&b, &m);
    ask_front(number, what, &b);
}

/* The next answer; WW_ERR_COUNT when there is none. */
static struct ww_msg_told told(void)
{
    struct ww_msg_told m = {.err = WW_ERR_COUNT};
    settle();
    const struct fake_message *got = fake_peer_next(&control);
    if (got == NULL)
        return m;
    assert_int_equal(got->type, WW_MSG_TOLD);
    assert_int_equal(ww_msg_get_told(got->payload, &m), WW_OK);
    return m;
}

static void expect_nothing(void)
{
    assert_int_equal(told().err, WW_ERR_COUNT);
}

/* One ask's worth of a list: how many items it had. */
static size_t take_page(struct ww_msg_cache_list *list, bool *bodies)
{
    static struct ww_cache_item item;
    struct ww_buf b = ww_buf(space, sizeof space);
    struct ww_msg_cache_page page;
    struct ww_msg_told m;
    size_t count = 0;
    ww_msg_put_cache_list(&b, list);
    ask_front(7, WW_ASK_CACHE_LIST, &b);
    do {
        struct ww_slice part;
        m = told();
        assert_int_equal(m.err, WW_OK);
        assert_int_equal(ww_msg_get_cache_page(m.payload, &page), WW_OK);
        struct ww_cursor c = ww_cursor(page.items.p, page.items.n);
        for (; ww_msg_next_part(&c, &part); count++) {
            assert_int_equal(ww_msg_get_cache_item(part, &item), WW_OK);
            *bodies = item.body.n > 0;
        }
        assert_false(c.failed);
    } while (m.more);
    list->place = page.next;
    return count;
}

static void a_list_comes_in_pages(void **state)
{
    (void)state;
    enum { DOMAINS = 900 };
    begin();
    for (int with = 0; with < 2; with++) {
        struct ww_msg_cache_list list = {.bodies = with == 1};
        size_t count = 0;
        bool bodies = false;
        for (unsigned i = 0; with == 0 && i < DOMAINS; i++) {
            char domain[32];
            snprintf(domain, sizeof domain, "d%u.example", i);
            load_policy(domain, policy_body, 0);
        }
        settle();
        while (list.place != WW_CACHE_LIST_END) {
            size_t n = take_page(&list, &bodies);
            assert_true(n <= 256 + DOMAINS);
            count += n;
        }
        assert_int_equal(count, DOMAINS);
        assert_int_equal(bodies, with == 1);
    }
    struct ww_msg_cache_list beyond = {.place = WW_CACHE_PARTS + 1};
    struct ww_buf b = ww_buf(space, sizeof space);
    ww_msg_put_cache_list(&b, &beyond);
    ask_front(7, WW_ASK_CACHE_LIST, &b);
    assert_int_equal(told().err, WW_E_MSG_MALFORMED);
}

static void large_bodies_come_in_pieces(void **state)
{
    (void)state;
    static char large[60000];
    begin();
    int n = snprintf(large, sizeof large, "%s", policy_body);
    while ((size_t)n < sizeof large - 100)
        n += snprintf(large + n, sizeof large - (size_t)n, "mx: host-%d.example.com\n", n);
    for (unsigned i = 0; i < 40; i++) {
        char domain[32];
        snprintf(domain, sizeof domain, "d%u.example", i);
        load_policy(domain, large, 0);
        settle();
    }
    struct ww_msg_cache_list list = {.bodies = true};
    size_t count = 0;
    bool bodies;
    while (list.place != WW_CACHE_LIST_END)
        count += take_page(&list, &bodies);
    assert_int_equal(count, 40);
}

static void a_domain_is_shown_with_its_explanation(void **state)
{
    (void)state;
    struct ww_cache_item item;
    begin();
    ask_domain(1, WW_ASK_CACHE_SHOW, "a.example");
    assert_int_equal(told().err, WW_E_NOT_KNOWN);
    load_policy("a.example", policy_body, 0);
    settle();
    ask_domain(2, WW_ASK_CACHE_SHOW, "a.example");
    struct ww_msg_told m = told();
    assert_int_equal(m.number, 2);
    assert_true(m.more);
    assert_int_equal(ww_msg_get_cache_item(m.payload, &item), WW_OK);
    assert_string_equal(item.domain, "a.example");
    assert_true(ww_slice_is(item.body, policy_body));
    assert_false(item.in_flight);
    m = told();
    assert_false(m.more);
    assert_non_null(memmem(m.payload.p, m.payload.n, ":OK {\"domain\":\"a.example\"", 24));
    assert_non_null(memmem(m.payload.p, m.payload.n, "\"source\":\"cache\"", 16));
    no_flight();
}

static struct ww_msg_cache_refreshed take_refreshed(uint32_t number)
{
    struct ww_msg_cache_refreshed r;
    struct ww_msg_told m = told();
    assert_int_equal(m.err, WW_OK);
    assert_int_equal(m.number, number);
    assert_int_equal(ww_msg_get_cache_refreshed(m.payload, &r), WW_OK);
    return r;
}

static void a_refresh_fetches_whatever_is_known(void **state)
{
    (void)state;
    struct ww_cache_item item;
    begin();
    load_policy("a.example", policy_body, 0);
    settle();
    ask_domain(1, WW_ASK_CACHE_REFRESH, "a.example");
    struct ww_msg_resolve m = resolve("a.example");
    assert_true(m.ask.refetch);
    ask_domain(2, WW_ASK_CACHE_REFRESH, "a.example"); /* joins */
    no_flight();
    resolved(m.flight, WW_FOUND_POLICY, "2", other_body);
    for (unsigned i = 0; i < 2; i++) {
        struct ww_msg_told answer = told();
        struct ww_msg_cache_refreshed r;
        assert_int_equal(ww_msg_get_cache_refreshed(answer.payload, &r), WW_OK);
        assert_int_equal(r.outcome, WW_FOUND_POLICY);
        assert_int_equal(ww_msg_get_cache_item(r.before, &item), WW_OK);
        assert_string_equal(item.life.id, "1");
        assert_int_equal(ww_msg_get_cache_item(r.after, &item), WW_OK);
        assert_string_equal(item.life.id, "2");
        assert_int_equal(item.body.n, 0);
    }
    expect_nothing();
}

/* The pause after a failure is not for the operator; what the rules keep is kept. */
static void a_refresh_knows_no_pause_and_weakens_nothing(void **state)
{
    (void)state;
    struct ww_cache_item item;
    begin();
    load_policy("a.example", policy_body, 0);
    settle();
    for (uint32_t i = 1; i < 4; i++) {
        ask_domain(i, WW_ASK_CACHE_REFRESH, "a.example");
        struct ww_msg_resolve m = resolve("a.example");
        assert_true(m.ask.refetch);
        assert_string_equal(m.ask.failed_id, "");
        resolved(m.flight, WW_FOUND_FETCH_FAILURE, "9", "");
        struct ww_msg_cache_refreshed r = take_refreshed(i);
        assert_int_equal(r.outcome, WW_FOUND_FETCH_FAILURE);
        assert_int_equal(ww_msg_get_cache_item(r.after, &item), WW_OK);
        assert_string_equal(item.life.id, "1");
        assert_int_equal(item.life.mode, WW_MODE_ENFORCE);
        assert_int_equal(item.life.failures, i);
    }
    int fd = client();
    ask(fd, "QUERY a.example");
    expect(fd, ANSWER);
    close(fd);
}

/* A flight that looked at the record alone is followed by one that fetches. */
static void a_refresh_joins_and_goes_on(void **state)
{
    (void)state;
    begin();
    int fd = client();
    ask(fd, "QUERY a.example");
    struct ww_msg_resolve m = resolve("a.example");
    assert_false(m.ask.refetch);
    ask_domain(1, WW_ASK_CACHE_REFRESH, "a.example");
    no_flight();
    resolved(m.flight, WW_FOUND_WAITING, "1", "");
    expect(fd, NOTFOUND);
    expect_nothing();
    m = resolve("a.example");
    assert_true(m.ask.refetch);
    resolved(m.flight, WW_FOUND_NO_RECORD, "", "");
    struct ww_msg_cache_refreshed r = take_refreshed(1);
    assert_int_equal(r.outcome, WW_FOUND_NO_RECORD);
    assert_int_equal(r.before.n, 0);
    /* One that fetched, or found that there is nothing to fetch, is enough. */
    ask(fd, "QUERY b.example");
    m = resolve("b.example");
    ask_domain(2, WW_ASK_CACHE_REFRESH, "b.example");
    resolved(m.flight, WW_FOUND_NO_RECORD, "", "");
    assert_int_equal(take_refreshed(2).outcome, WW_FOUND_NO_RECORD);
    no_flight();
    close(fd);
}

/* The lives of the flight end, and so does the wait. */
static void a_refresh_ends_with_dead_resolvers(void **state)
{
    (void)state;
    begin();
    ask_domain(1, WW_ASK_CACHE_REFRESH, "a.example");
    for (int i = 0; i < WW_LOOKUP_LIVES; i++) {
        (void)resolve("a.example");
        connect_resolver();
    }
    struct ww_msg_cache_refreshed r = take_refreshed(1);
    assert_int_equal(r.outcome, WW_FOUND_DNS_FAILURE);
    assert_int_equal(r.why, WW_E_CHAN_DOWN);
    ask_domain(2, WW_ASK_CACHE_REFRESH, "b.example"); /* the front ends while it waits */
}

static void ask_purge(uint32_t number, bool force, bool all_stored, const char *const *domains)
{
    static char parts[4096];
    struct ww_buf p = ww_buf(parts, sizeof parts);
    struct ww_buf b = ww_buf(space, sizeof space);
    for (; *domains != NULL; domains++) {
        char one[512];
        struct ww_msg_cache_domain m;
        struct ww_buf o = ww_buf(one, sizeof one);
        snprintf(m.domain, sizeof m.domain, "%s", *domains);
        ww_msg_put_cache_domain(&o, &m);
        ww_msg_put_part(&p, ww_slice(o.p, o.n));
    }
    const struct ww_msg_cache_purge m = {force, all_stored, ww_slice(p.p, p.n)};
    ww_msg_put_cache_purge(&b, &m);
    ask_front(number, WW_ASK_CACHE_PURGE, &b);
}

static struct ww_msg_cache_purged take_purged(void)
{
    struct ww_msg_cache_purged p;
    struct ww_msg_told m = told();
    assert_int_equal(m.err, WW_OK);
    assert_int_equal(ww_msg_get_cache_purged(m.payload, &p), WW_OK);
    return p;
}

/* Takes what came to the keeper: how many it is to forget; it says that they are durable. */
static unsigned forgotten(bool answer)
{
    unsigned count = 0;
    settle();
    for (const struct fake_message *m; (m = keeper_next()) != NULL;)
        count += m->type == WW_MSG_FORGET;
    if (answer)
        stored(count);
    return count;
}

static void what_is_enforced_goes_by_force_alone(void **state)
{
    (void)state;
    static const char testing[] = "version: STSv1\nmode: testing\nmx: mail.example.com\nmax_age: 86400\n";
    static const char *const domains[] = {"enforced.example", "testing.example", "unknown.example", NULL};
    begin();
    load_policy("enforced.example", policy_body, 0);
    load_policy("testing.example", testing, 0);
    settle();
    ask_purge(1, false, false, domains);
    expect_nothing(); /* it is not durable */
    assert_int_equal(forgotten(true), 2);
    struct ww_msg_cache_purged p = take_purged();
    assert_int_equal(p.refused, 1);
    assert_int_equal(p.enforced, 0);
    assert_int_equal(p.forgotten, 1);
    assert_int_equal(p.unknown, 1);
    assert_int_equal(p.store, WW_OK);
    ask_domain(2, WW_ASK_CACHE_SHOW, "enforced.example");
    assert_int_equal(told().err, WW_OK);
    (void)told();
    ask_purge(3, true, true, domains);
    assert_int_equal(forgotten(true), 4);
    p = take_purged();
    assert_int_equal(p.refused, 0);
    assert_int_equal(p.enforced, 1);
    assert_int_equal(p.forgotten, 1);
    assert_int_equal(p.unknown, 2);
    int fd = client();
    ask(fd, "QUERY enforced.example");
    (void)resolve("enforced.example");
    close(fd);
}

static void a_purge_tells_of_trouble_with_the_store(void **state)
{
    (void)state;
    static const char *const domains[] = {"a.example", NULL};
    static const char *const none[] = {NULL};
    const struct ww_msg_not_stored trouble = {WW_E_STORE_FULL};
    begin();
    load_policy("a.example", policy_body, 0);
    settle();
    ask_purge(1, true, false, domains);
    assert_int_equal(forgotten(false), 1);
    struct ww_buf b = ww_buf(space, sizeof space);
    ww_msg_put_not_stored(&b, &trouble);
    fake_peer_send(&t.keeper, WW_MSG_NOT_STORED, &b);
    struct ww_msg_cache_purged p = take_purged();
    assert_int_equal(p.forgotten, 1);
    assert_int_equal(p.store, WW_E_STORE_FULL);
    ask_purge(2, true, false, none);
    expect_nothing();
    stored(1);
    p = take_purged();
    assert_int_equal(p.store, WW_OK);
    ask_purge(3, true, false, domains); /* the front ends while it waits */
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    begin();
    for (int what = WW_ASK_CACHE_LIST; what <= WW_ASK_CACHE_IMPORT; what++) {
        struct ww_buf b = ww_buf(space, sizeof space);
        ww_buf_u16(&b, 0);
        ww_buf_u16(&b, what == WW_ASK_CACHE_LIST ? 9 : 0);
        ww_buf_u16(&b, 0x5555);
        ask_front(1, (enum ww_ask)what, &b);
        assert_int_equal(told().err, WW_E_MSG_MALFORMED);
    }
    struct ww_buf b = ww_buf(space, sizeof space);
    ask_front(1, WW_ASK_NOTHING, &b);
    assert_int_equal(told().err, WW_E_CONTROL_COMMAND);
}

static void put_part(struct ww_buf *b, const struct ww_stored_policy *policy)
{
    static char one[WW_CHAN_MESSAGE_MAX];
    struct ww_buf o = ww_buf(one, sizeof one);
    ww_msg_put_policy(&o, policy);
    ww_msg_put_part(b, ww_slice(o.p, o.n));
}

static void ask_import(bool check, const struct ww_stored_policy *policies, size_t count)
{
    static char parts[WW_CHAN_MESSAGE_MAX];
    struct ww_buf p = ww_buf(parts, sizeof parts);
    struct ww_buf b = ww_buf(space, sizeof space);
    for (size_t i = 0; i < count; i++)
        put_part(&p, &policies[i]);
    const struct ww_msg_cache_import m = {check, ww_slice(p.p, p.n)};
    ww_msg_put_cache_import(&b, &m);
    ask_front(1, WW_ASK_CACHE_IMPORT, &b);
}

static void expect_verdicts(const enum ww_err *expected, size_t count)
{
    struct ww_msg_told m = told();
    enum ww_err verdict;
    assert_int_equal(m.err, WW_OK);
    struct ww_cursor c = ww_cursor(m.payload.p, m.payload.n);
    for (size_t i = 0; i < count; i++) {
        assert_true(ww_msg_next_verdict(&c, &verdict));
        assert_string_equal(ww_err_id(verdict), ww_err_id(expected[i]));
    }
    assert_false(ww_msg_next_verdict(&c, &verdict));
}

static void an_import_takes_what_is_newer(void **state)
{
    (void)state;
    int64_t now = (int64_t)time(NULL);
    begin();
    load_policy("known.example", policy_body, 100);
    settle();
    const struct ww_stored_policy policies[] = {
        {.domain = "new.example",
         .id = "1",
         .body = ww_slice_str(other_body),
         .fetched = now - 10,
         .expires = now + 10,
         .checked = now},
        {.domain = "known.example",
         .id = "0",
         .body = ww_slice_str(other_body),
         .fetched = now - 200,
         .expires = now + 10,
         .checked = now},
        {.domain = "broken.example",
         .id = "1",
         .body = ww_slice_str("version: STSv1\n"),
         .fetched = now - 10,
         .expires = now + 10,
         .checked = now},
        {.domain = "known.example",
         .id = "2",
         .body = ww_slice_str(other_body),
         .fetched = now - 50,
         .expires = now + 10,
         .checked = now},
    };
    static const enum ww_err first[] = {WW_OK, WW_E_IMPORT_OLDER, WW_E_POLICY_MODE_MISSING, WW_OK};
    static const enum ww_err again[] = {WW_E_IMPORT_OLDER, WW_E_IMPORT_OLDER, WW_E_POLICY_MODE_MISSING,
                                        WW_E_IMPORT_OLDER};
    ask_import(true, policies, COUNT(policies));
    expect_verdicts(first, COUNT(first));
    assert_string_equal(kept(WW_MSG_POLICY), "");
    ask_import(false, policies, COUNT(policies));
    expect_verdicts(first, COUNT(first));
    assert_string_equal(kept(WW_MSG_POLICY), "new.example");
    assert_string_equal(kept(WW_MSG_POLICY), "known.example");
    ask_import(false, policies, COUNT(policies));
    expect_verdicts(again, COUNT(again));
    int fd = client();
    ask(fd, "QUERY new.example");
    ask(fd, "QUERY known.example");
    expect(fd, OTHER_ANSWER OTHER_ANSWER);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_list_comes_in_pages, setup_asked, teardown_asked),
        cmocka_unit_test_setup_teardown(large_bodies_come_in_pieces, setup_asked, teardown_asked),
        cmocka_unit_test_setup_teardown(a_domain_is_shown_with_its_explanation, setup_asked, teardown_asked),
        cmocka_unit_test_setup_teardown(a_refresh_fetches_whatever_is_known, setup_asked, teardown_asked),
        cmocka_unit_test_setup_teardown(a_refresh_knows_no_pause_and_weakens_nothing, setup_asked,
                                        teardown_asked),
        cmocka_unit_test_setup_teardown(a_refresh_joins_and_goes_on, setup_asked, teardown_asked),
        cmocka_unit_test_setup_teardown(a_refresh_ends_with_dead_resolvers, setup_asked, teardown_asked),
        cmocka_unit_test_setup_teardown(what_is_enforced_goes_by_force_alone, setup_asked, teardown_asked),
        cmocka_unit_test_setup_teardown(a_purge_tells_of_trouble_with_the_store, setup_asked, teardown_asked),
        cmocka_unit_test_setup_teardown(nonsense_is_refused, setup_asked, teardown_asked),
        cmocka_unit_test_setup_teardown(an_import_takes_what_is_newer, setup_asked, teardown_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
