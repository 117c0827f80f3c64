/* cache-history from the control socket, with a keeper that is well, wrong or gone. */
#include "control_socket.h"
#include "proc/msg_history.h"

#include <fcntl.h>
#include <stdio.h>

#define ASK(domain) "{\"waxwing\":1,\"command\":\"cache-history\",\"domain\":\"" domain "\"}"
#define ENFORCE "version: STSv1\nmode: enforce\nmx: mx.example\nmax_age: 86400\n"
#define TESTING "version: STSv1\nmode: testing\nmx: mx.example\nmax_age: 86400\n"

static struct {
    struct event_base *base;
    struct ww_config config;
    struct control_socket control;
    struct fake_peer keeper;
} t;

static int setup(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    ww_log_open("test", WW_LOG_ERROR, WW_LOG_TEXT);
    t.base = event_base_new();
    const struct ww_role_env env = {.base = t.base, .config = &t.config};
    control_socket_open(&t.control, &env);
    control_socket_peer(&t.control, WW_ROLE_KEEPER, fake_peer_open(&t.keeper, t.base));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    control_socket_close(&t.control);
    fake_peer_close(&t.keeper);
    event_base_free(t.base);
    return 0;
}

static int ask(const char *json)
{
    int fd = control_socket_connect(&t.control);
    control_socket_ask(&t.control, fd, json);
    return fd;
}

/* What has come so far. */
static const char *heard(int fd)
{
    const char *text = control_socket_heard(&t.control, fd);
    return text != NULL ? text : "";
}

/* The question that the keeper has next. */
static uint32_t asked(const char *domain, int64_t before)
{
    struct ww_msg_history history;
    struct ww_msg_ask m = control_socket_asked(&t.control, &t.keeper, WW_ASK_HISTORY);
    assert_int_equal(ww_msg_get_history(m.payload, &history), WW_OK);
    assert_string_equal(history.domain, domain);
    assert_int_equal(history.before, before);
    return m.number;
}

static void put(struct ww_buf *b, int64_t turn, const char *body)
{
    static char space[8192];
    static const struct ww_origin unknown;
    static const struct ww_origin known = {
        .address = "192.0.2.1",
        .cert = {.fingerprint = {0xab}, .issuer = "CN=CA", .not_after = 2000000000},
    };
    struct ww_buf one = ww_buf(space, sizeof space);
    const struct ww_version version = {
        .id = "1",
        .turn = turn,
        .turns = 1,
        .first_seen = 1000000000,
        .last_seen = 1000000001,
        .mode = WW_MODE_ENFORCE,
        .size = strlen(body),
        .body = ww_slice_str(body),
        .origin = turn % 2 == 0 ? known : unknown,
    };
    ww_msg_put_version(&one, &version);
    assert_false(one.failed);
    ww_msg_put_part(b, ww_slice(one.p, one.n));
}

static void tell_piece(uint32_t number, enum ww_err err, const struct ww_buf *versions, bool more)
{
    const struct ww_msg_told m = {
        .number = number, .err = err, .more = more, .payload = ww_slice(versions->p, versions->n)};
    control_socket_tell(&t.control, &t.keeper, &m);
}

static void tell(uint32_t number, enum ww_err err, const struct ww_buf *versions)
{
    tell_piece(number, err, versions, false);
}

static char space[64 * 1024];

static void versions_come_with_what_they_changed(void **state)
{
    (void)state;
    int fd = ask(ASK("Example.net."));
    struct ww_buf b = ww_buf(space, sizeof space);
    put(&b, 5, TESTING);
    put(&b, 4, ENFORCE);
    tell(asked("example.net", INT64_MAX), WW_OK, &b);
    b.n = 0;
    put(&b, 2, "no policy");
    tell(asked("example.net", 4), WW_OK, &b);
    b.n = 0;
    tell(asked("example.net", 2), WW_OK, &b);
    const char *text = heard(fd);
    assert_non_null(
        strstr(text, "\"changes\":[{\"change\":\"mode enforce -> testing\",\"effect\":\"weaker\"}]"));
    assert_non_null(strstr(text, "\"first_seen\":\"2001-09-09T01:46:40Z\""));
    assert_non_null(strstr(text, "\"origin\":null"));
    assert_non_null(strstr(text, "\"origin\":{\"address\":\"192.0.2.1\",\"certificate\":{\"sha256\":\"ab00"));
    assert_non_null(strstr(text, "\"changes\":null,\"policy\":\"no policy\""));
    assert_non_null(strstr(text, "{\"end\":true,\"error\":null}"));
    close(fd);
}

static void troubles_are_told(void **state)
{
    (void)state;
    struct ww_buf none = ww_buf(space, sizeof space);
    int fd = ask(ASK("a.example"));
    tell(asked("a.example", INT64_MAX), WW_OK, &none);
    assert_non_null(strstr(heard(fd), "not-known"));
    close(fd);
    fd = ask(ASK("a.example"));
    tell(asked("a.example", INT64_MAX), WW_E_STORE_FAILED, &none);
    assert_non_null(strstr(heard(fd), "store-failed"));
    close(fd);
    fd = ask(ASK("no domain"));
    assert_non_null(strstr(heard(fd), "control-argument"));
    close(fd);
    fd = ask("{\"waxwing\":1,\"command\":\"cache-history\"}");
    assert_non_null(strstr(heard(fd), "control-argument"));
    close(fd);
}

/* A keeper that would make it go on for ever, or sends what is none. */
static void nonsense_ends_it(void **state)
{
    (void)state;
    struct ww_buf b = ww_buf(space, sizeof space);
    int fd = ask(ASK("a.example"));
    put(&b, 5, ENFORCE);
    tell(asked("a.example", INT64_MAX), WW_OK, &b);
    tell(asked("a.example", 5), WW_OK, &b);
    assert_non_null(strstr(heard(fd), "msg-malformed"));
    close(fd);
    fd = ask(ASK("a.example"));
    b.n = 0;
    ww_buf_str(&b, "garbage");
    tell(asked("a.example", INT64_MAX), WW_OK, &b);
    assert_non_null(strstr(heard(fd), "msg-malformed"));
    close(fd);
}

/* One that says more where one piece was asked for must not be heard again once the request is over. */
static void a_page_has_one_piece(void **state)
{
    (void)state;
    struct ww_buf b = ww_buf(space, sizeof space);
    int fd = ask(ASK("a.example"));
    uint32_t number = asked("a.example", INT64_MAX);
    put(&b, 5, ENFORCE);
    tell_piece(number, WW_OK, &b, true);
    assert_non_null(strstr(heard(fd), "msg-malformed"));
    close(fd);
    test_settle(t.base);
    b.n = 0;
    put(&b, 4, ENFORCE);
    tell(number, WW_OK, &b);
    assert_null(fake_peer_next(&t.keeper));
}

/* Whoever hangs up in the midst of it leaves nothing behind. */
static void a_client_may_go(void **state)
{
    (void)state;
    struct ww_buf b = ww_buf(space, sizeof space);
    int fd = ask(ASK("a.example"));
    uint32_t number = asked("a.example", INT64_MAX);
    close(fd);
    test_settle(t.base);
    put(&b, 5, ENFORCE);
    tell(number, WW_OK, &b);
    assert_null(fake_peer_next(&t.keeper));
}

/* As long as nobody reads, no more is asked for; and that each time anew. */
static void a_long_history_waits_for_its_reader(void **state)
{
    (void)state;
    static char body[WW_VERSION_BODY_MAX];
    memset(body, '\x01', sizeof body - 1); /* six octets each in JSON */
    int fd = ask(ASK("a.example"));
    struct ww_buf b = ww_buf(space, sizeof space);
    int64_t turn = 1000, before = INT64_MAX;
    size_t pages = 0, octets = 0;
    for (int pause = 0; pause < 3; pause++) {
        size_t first = pages;
        for (; t.keeper.taken < t.keeper.count; pages++) {
            assert_true(pages < first + 100);
            uint32_t number = asked("a.example", before);
            b.n = 0;
            for (int i = 0; i < WW_MSG_HISTORY_PAGE; i++)
                put(&b, --turn, body);
            before = turn;
            tell(number, WW_OK, &b);
        }
        assert_true(pages > first);
        for (size_t n; (n = strlen(heard(fd))) > 0;)
            octets += n;
        assert_true(octets > (pages * WW_MSG_HISTORY_PAGE - 1) * 6 * (sizeof body - 1));
    }
    b.n = 0;
    tell(asked("a.example", before), WW_OK, &b);
    assert_non_null(strstr(heard(fd), "{\"end\":true,\"error\":null}"));
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(versions_come_with_what_they_changed, setup, teardown),
        cmocka_unit_test_setup_teardown(troubles_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown(nonsense_ends_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_page_has_one_piece, setup, teardown),
        cmocka_unit_test_setup_teardown(a_client_may_go, setup, teardown),
        cmocka_unit_test_setup_teardown(a_long_history_waits_for_its_reader, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
