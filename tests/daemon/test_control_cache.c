/* The commands about the cache: control with its socket, and a front that says what a test tells it to. */
#include "control_socket.h"
#include "daemon/control_client.h"
#include "proc/msg_cache.h"

#include <stdio.h>
#include <time.h>

static const char body[] = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 86400\n";

static struct {
    struct event_base *base;
    struct ww_config config;
    struct control_socket control;
    struct fake_peer front;
    int fd;
    json_t *end;
    char space[WW_CHAN_MESSAGE_MAX];
} t;

static void connect_front(void)
{
    control_socket_peer(&t.control, WW_ROLE_FRONT, fake_peer_open(&t.front, t.base));
}

static int setup(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    ww_log_open("test", WW_LOG_ERROR, WW_LOG_TEXT);
    t.base = event_base_new();
    const struct ww_role_env env = {.base = t.base, .config = &t.config};
    control_socket_open(&t.control, &env);
    t.fd = control_socket_connect(&t.control);
    connect_front();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    close(t.fd);
    control_socket_close(&t.control);
    fake_peer_close(&t.front);
    event_base_free(t.base);
    return 0;
}

static void request(const char *json)
{
    control_socket_ask(&t.control, t.fd, json);
}

/* All that has been answered so far. */
static const char *answered(void)
{
    const char *text = control_socket_heard(&t.control, t.fd);
    return text != NULL ? text : "";
}

static void expect_in(const char *text, const char *words)
{
    bool there = text != NULL && words != NULL && strstr(text, words) != NULL;
    if (!there)
        fail_msg("no %s in %s", words != NULL ? words : "words", text != NULL ? text : "");
}

/* What the front is asked next; its payload is borrowed. */
static struct ww_msg_ask asked(enum ww_ask what)
{
    return control_socket_asked(&t.control, &t.front, what);
}

static void tell(uint32_t number, enum ww_err err, bool more, const struct ww_buf *payload)
{
    const struct ww_msg_told told = {number, err, more,
                                     payload != NULL ? ww_slice(payload->p, payload->n) : ww_slice(NULL, 0)};
    control_socket_tell(&t.control, &t.front, &told);
}

static void put_item(struct ww_buf *b, const char *domain, enum ww_policy_mode mode, int64_t expires,
                     enum ww_discovery_outcome last)
{
    static char space[WW_CACHE_ITEM_MAX];
    int64_t now = (int64_t)time(NULL);
    struct ww_buf o = ww_buf(space, sizeof space);
    struct ww_cache_item item = {
        .life = {.id = "1",
                 .mode = mode,
                 .fetched = now - 1000,
                 .expires = now + expires,
                 .checked = now,
                 .last = last},
        .used = now,
        .body = ww_slice_str(body),
    };
    snprintf(item.domain, sizeof item.domain, "%s", domain);
    ww_msg_put_cache_item(&o, &item);
    ww_msg_put_part(b, ww_slice(o.p, o.n));
}

static void tell_page(uint32_t number, uint32_t next, const struct ww_buf *items)
{
    struct ww_buf b = ww_buf(t.space, sizeof t.space);
    const struct ww_msg_cache_page page = {next, ww_slice(items->p, items->n)};
    ww_msg_put_cache_page(&b, &page);
    tell(number, WW_OK, false, &b);
}

static void a_list_is_filtered(void **state)
{
    static const struct {
        const char *filter;
        const char *names[5];
    } cases[] = {
        {"", {"enforced.example", "testing.example", "gone.example", "failing.test", NULL}},
        {",\"modes\":[\"enforce\"]", {"enforced.example", "failing.test", NULL}},
        {",\"modes\":[\"testing\",\"no-policy\"]", {"testing.example", "gone.example", NULL}},
        {",\"expiring\":500", {"testing.example", NULL}},
        {",\"failing\":true", {"failing.test", NULL}},
        {",\"patterns\":[\"*.test\",\"gone.*\"]", {"gone.example", "failing.test", NULL}},
        {",\"patterns\":[\"*.test\"],\"modes\":[\"none\"]", {NULL}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[256];
        char space[4096];
        struct ww_buf items = ww_buf(space, sizeof space);
        snprintf(text, sizeof text, "{\"waxwing\":1,\"command\":\"cache-list\"%s}", cases[i].filter);
        request(text);
        put_item(&items, "enforced.example", WW_MODE_ENFORCE, 1000, WW_FOUND_POLICY);
        put_item(&items, "testing.example", WW_MODE_TESTING, 100, WW_FOUND_UNCHANGED);
        tell_page(asked(WW_ASK_CACHE_LIST).number, 4096, &items);
        items.n = 0;
        put_item(&items, "gone.example", WW_MODE_ENFORCE, -1, WW_FOUND_NO_RECORD);
        put_item(&items, "failing.test", WW_MODE_ENFORCE, 1000, WW_FOUND_FETCH_FAILURE);
        tell_page(asked(WW_ASK_CACHE_LIST).number, WW_CACHE_LIST_END, &items);
        const char *answer = answered();
        size_t count = 0;
        for (const char *p = answer; (p = strstr(p, "\"domain\"")) != NULL; p++)
            count++;
        for (; cases[i].names[0] != NULL && count > 0; count--)
            expect_in(answer, cases[i].names[count - 1]);
        expect_in(answer, "{\"end\":true,\"error\":null}");
    }
}

static void what_is_asked_wrongly_is_refused(void **state)
{
    static const char *const cases[] = {
        "{\"waxwing\":1,\"command\":\"cache-list\",\"modes\":[\"strict\"]}",
        "{\"waxwing\":1,\"command\":\"cache-list\",\"patterns\":[1]}",
        "{\"waxwing\":1,\"command\":\"cache-list\",\"expiring\":-1}",
        "{\"waxwing\":1,\"command\":\"cache-show\"}",
        "{\"waxwing\":1,\"command\":\"cache-refresh\",\"domains\":[]}",
        "{\"waxwing\":1,\"command\":\"cache-refresh\",\"domains\":[\"a.example\",\"not a domain\"]}",
        "{\"waxwing\":1,\"command\":\"cache-purge\",\"domains\":[7]}",
        "{\"waxwing\":1,\"command\":\"cache-import\",\"policies\":{}}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        request(cases[i]);
        expect_in(answered(), "control-argument");
        assert_null(fake_peer_next(&t.front));
    }
}

static void a_front_that_dies_breaks_a_list_off(void **state)
{
    (void)state;
    char space[4096];
    struct ww_buf items = ww_buf(space, sizeof space);
    request("{\"waxwing\":1,\"command\":\"cache-list\"}");
    put_item(&items, "a.example", WW_MODE_ENFORCE, 1000, WW_FOUND_POLICY);
    tell_page(asked(WW_ASK_CACHE_LIST).number, 4096, &items);
    (void)asked(WW_ASK_CACHE_LIST);
    connect_front();
    const char *answer = answered();
    expect_in(answer, "a.example");
    expect_in(answer, "\"id\":\"chan-down\"");
    /* One that does not get on is broken, too. */
    request("{\"waxwing\":1,\"command\":\"cache-list\"}");
    tell_page(asked(WW_ASK_CACHE_LIST).number, 0, &items);
    expect_in(answered(), "msg-malformed");
}

static void tell_purged(uint32_t number, struct ww_msg_cache_purged m)
{
    struct ww_buf b = ww_buf(t.space, sizeof t.space);
    ww_msg_put_cache_purged(&b, &m);
    tell(number, WW_OK, false, &b);
}

static void a_purge_says_what_stays(void **state)
{
    (void)state;
    struct ww_msg_cache_purge m;
    request("{\"waxwing\":1,\"command\":\"cache-purge\",\"domains\":[\"A.example\",\"b.example\"]}");
    struct ww_msg_ask ask = asked(WW_ASK_CACHE_PURGE);
    assert_int_equal(ww_msg_get_cache_purge(ask.payload, &m), WW_OK);
    assert_false(m.force || m.all_stored);
    assert_non_null(memmem(m.domains.p, m.domains.n, "a.example", 9));
    tell_purged(ask.number, (struct ww_msg_cache_purged){.forgotten = 1, .refused = 1});
    const char *answer = answered();
    expect_in(answer, "\"refused\":1");
    expect_in(answer, "purge-enforced");
    request("{\"waxwing\":1,\"command\":\"cache-purge\",\"domains\":[\"a.example\"],\"force\":true}");
    tell_purged(asked(WW_ASK_CACHE_PURGE).number,
                (struct ww_msg_cache_purged){.forgotten = 1, .store = WW_E_STORE_FULL});
    expect_in(answered(), "\"id\":\"store-full\",\"message\"");
}

/* Page by page; and in the end what the store has alone. */
static void all_is_purged(void **state)
{
    (void)state;
    char space[4096];
    struct ww_msg_cache_purge m;
    struct ww_buf items = ww_buf(space, sizeof space);
    request("{\"waxwing\":1,\"command\":\"cache-purge\",\"all\":true,\"force\":true}");
    put_item(&items, "a.example", WW_MODE_ENFORCE, 1000, WW_FOUND_POLICY);
    tell_page(asked(WW_ASK_CACHE_LIST).number, 4096, &items);
    tell_purged(asked(WW_ASK_CACHE_PURGE).number,
                (struct ww_msg_cache_purged){.forgotten = 1, .enforced = 1});
    items.n = 0;
    tell_page(asked(WW_ASK_CACHE_LIST).number, WW_CACHE_LIST_END, &items);
    struct ww_msg_ask ask = asked(WW_ASK_CACHE_PURGE);
    assert_int_equal(ww_msg_get_cache_purge(ask.payload, &m), WW_OK);
    assert_true(m.all_stored && m.domains.n == 0);
    tell_purged(ask.number, (struct ww_msg_cache_purged){.store = WW_OK});
    const char *answer = answered();
    expect_in(answer, "{\"forgotten\":1,\"enforced\":1,\"refused\":0,\"unknown\":0,\"store\":null}");
    expect_in(answer, "{\"end\":true,\"error\":null}");
}

static void refreshes_are_told_as_they_come(void **state)
{
    (void)state;
    struct ww_msg_cache_refreshed m = {
        .outcome = WW_FOUND_FETCH_FAILURE, .why = WW_E_HTTP_STATUS, .detail = "status 404"};
    request("{\"waxwing\":1,\"command\":\"cache-refresh\",\"domains\":[\"a.example\",\"b.example\"]}");
    struct ww_msg_ask first = asked(WW_ASK_CACHE_REFRESH);
    struct ww_msg_ask second = asked(WW_ASK_CACHE_REFRESH);
    struct ww_buf b = ww_buf(t.space, sizeof t.space);
    ww_msg_put_cache_refreshed(&b, &m);
    tell(second.number, WW_OK, false, &b);
    const char *answer = answered();
    expect_in(answer,
              "\"domain\":\"b.example\",\"outcome\":\"fetch-failure\",\"error\":{\"id\":\"http-status\"");
    expect_in(answer, "\"detail\":\"status 404\",\"before\":null,\"after\":null");
    tell(first.number, WW_E_RESOLVER_BUSY, false, NULL);
    answer = answered();
    expect_in(answer, "\"domain\":\"a.example\",\"outcome\":null,\"error\":{\"id\":\"resolver-busy\"");
    expect_in(answer, "\"end\":true");
}

static void verdicts_keep_their_index(void **state)
{
    (void)state;
    request(
        "{\"waxwing\":1,\"command\":\"cache-import\",\"policies\":[{},{\"domain\":\"a.example\",\"id\":\"1\","
        "\"body\":\"x\",\"fetched\":\"2020-01-01T00:00:00Z\",\"expires\":\"2020-01-01T00:00:00Z\","
        "\"checked\":\"2020-01-01T00:00:00Z\"},7,{\"domain\":\"b.example\",\"id\":\"2\",\"body\":\"y\","
        "\"fetched\":\"2020-01-01T00:00:00Z\",\"expires\":\"2020-01-01T00:00:00Z\","
        "\"checked\":\"2020-01-01T00:00:00Z\"}],\"sync\":true}");
    struct ww_buf b = ww_buf(t.space, sizeof t.space);
    struct ww_msg_ask ask = asked(WW_ASK_CACHE_IMPORT);
    ww_msg_put_verdict(&b, WW_OK);
    ww_msg_put_verdict(&b, WW_E_IMPORT_OLDER);
    tell(ask.number, WW_OK, false, &b);
    tell_purged(asked(WW_ASK_CACHE_PURGE).number, (struct ww_msg_cache_purged){.store = WW_E_STORE_BUSY});
    const char *answer = answered();
    expect_in(answer, "{\"index\":0,\"error\":{\"id\":\"import-line\"");
    expect_in(answer, "{\"index\":2,\"error\":{\"id\":\"import-line\"");
    expect_in(answer, "{\"index\":3,\"error\":{\"id\":\"import-older\"");
    assert_null(strstr(answer, "\"index\":1"));
    expect_in(answer, "{\"taken\":1,\"store\":{\"id\":\"store-busy\"");
    /* Fewer verdicts than policies are no answer. */
    request(
        "{\"waxwing\":1,\"command\":\"cache-import\",\"policies\":[{\"domain\":\"a.example\",\"id\":\"1\","
        "\"body\":\"x\",\"fetched\":\"2020-01-01T00:00:00Z\",\"expires\":\"2020-01-01T00:00:00Z\","
        "\"checked\":\"2020-01-01T00:00:00Z\"}]}");
    tell(asked(WW_ASK_CACHE_IMPORT).number, WW_OK, false, NULL);
    expect_in(answered(), "msg-malformed");
}

/* What is under way goes with the client. */
static void a_client_may_leave(void **state)
{
    (void)state;
    static const char *const requests[] = {
        "{\"waxwing\":1,\"command\":\"cache-list\"}",
        "{\"waxwing\":1,\"command\":\"cache-purge\",\"all\":true}",
        "{\"waxwing\":1,\"command\":\"cache-refresh\",\"domains\":[\"a.example\"]}",
        "{\"waxwing\":1,\"command\":\"cache-show\",\"domains\":[\"a.example\"]}",
    };
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        teardown(state);
        assert_int_equal(setup(state), 0);
        request(requests[i]);
        assert_non_null(fake_peer_next(&t.front));
        (void)shutdown(t.fd, SHUT_RDWR);
        test_settle(t.base);
        connect_front();
        test_settle(t.base);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_list_is_filtered),
        CASE(what_is_asked_wrongly_is_refused),
        CASE(a_front_that_dies_breaks_a_list_off),
        CASE(a_purge_says_what_stays),
        CASE(all_is_purged),
        CASE(refreshes_are_told_as_they_come),
        CASE(verdicts_keep_their_index),
        CASE(a_client_may_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
