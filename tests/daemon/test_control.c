/* The control role from its socket; and asking, from both ends. */
#include "control_socket.h"
#include "daemon/asked.h"
#include "daemon/control_client.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static struct {
    struct event_base *base;
    struct ww_config config;
    struct ww_role_stats stats;
    struct control_socket control;
} t;

static int setup(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    ww_log_open("test", WW_LOG_ERROR, WW_LOG_TEXT);
    t.base = event_base_new();
    t.stats.statm = -1;
    const struct ww_role_env env = {.base = t.base, .config = &t.config, .stats = &t.stats};
    control_socket_open(&t.control, &env);
    const struct ww_msg_roles roles = {
        .since = 1000000000,
        .pid = 17,
        .count = 1,
        .roles = {{.kind = WW_ROLE_RESOLVER, .index = 3, .ready = true, .pid = 18, .since = 1000000001}},
    };
    ww_role_control.roles(t.control.control, &roles);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    control_socket_close(&t.control);
    event_base_free(t.base);
    return 0;
}

static int client(void)
{
    return control_socket_connect(&t.control);
}

static void say(int fd, const char *text)
{
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* What has come so far; NULL when the connection has ended. */
static const char *heard(int fd)
{
    return control_socket_heard(&t.control, fd);
}

static void requests_are_answered(void **state)
{
    static const struct {
        const char *request;
        const char *holds; /* NULL: the connection is closed */
    } cases[] = {
        {"2:{},", "control-request"},
        {"2:[],", "control-request"},
        {"3:{\"a,", "control-request"},
        {"0:,", "control-request"},
        {"32:{\"waxwing\":2,\"command\":\"status\"},", "control-request"},
        {"31:{\"waxwing\":1,\"command\":\"fly\"}  ,", "control-command"},
        {"27:{\"waxwing\":1,\"command\": 1 },", "control-request"},
        {"32:{\"waxwing\":1,\"command\":\"status\"},",
         "\"role\":\"resolver-3\",\"ready\":true,\"answers\":false,\"pid\":18"},
        {"GET / HTTP/1.1\r\n", NULL},
        {"9999999:", NULL},
        {"02:{},", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int fd = client();
        say(fd, cases[i].request);
        const char *text = heard(fd);
        if (cases[i].holds == NULL)
            assert_null(text);
        else if (text == NULL || strstr(text, cases[i].holds) == NULL || strstr(text, "\"end\":true") == NULL)
            fail_msg("%s: %s", cases[i].request, text != NULL ? text : "closed");
        close(fd);
    }
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;
    for (; (text = strstr(text, what)) != NULL; text++)
        n++;
    return n;
}

/* Whole, in one piece, and octet by octet. */
static void requests_come_in_any_pieces(void **state)
{
    (void)state;
    const char *request = "32:{\"waxwing\":1,\"command\":\"status\"},";
    int fd = client();
    for (int i = 0; i < 3; i++)
        say(fd, request);
    assert_int_equal(count(heard(fd), "\"end\":true"), 3);
    for (const char *p = request; *p != '\0'; p++) {
        const char octet[2] = {*p, '\0'};
        assert_string_equal(heard(fd), "");
        say(fd, octet);
    }
    assert_int_equal(count(heard(fd), "\"end\":true"), 1);
    close(fd);
}

static void connections_are_capped(void **state)
{
    (void)state;
    int fds[WW_CONTROL_CLIENTS_MAX + 1];
    for (size_t i = 0; i < COUNT(fds); i++) {
        fds[i] = client();
        test_settle(t.base);
    }
    say(fds[WW_CONTROL_CLIENTS_MAX], "2:{},");
    assert_string_equal(heard(fds[WW_CONTROL_CLIENTS_MAX]), "");
    close(fds[0]);
    test_settle(t.base);
    assert_non_null(strstr(heard(fds[WW_CONTROL_CLIENTS_MAX]), "control-request"));
    for (size_t i = 1; i < COUNT(fds); i++)
        close(fds[i]);
}

/* Both ends of asking, joined. */
struct both {
    struct ww_roles_asked *roles;
    struct ww_asked *asked;
    struct ww_question_ref refs[8];
    size_t asks;
    struct ww_msg_told told[8];
    char words[8][16];
    size_t tolds;
};

static void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    struct both *b = ctx;
    (void)ask;
    b->refs[b->asks++] = ref;
}

static void on_told(void *ctx, const struct ww_msg_told *told)
{
    struct both *b = ctx;
    assert_true(b->tolds < COUNT(b->told) && told->payload.n < sizeof b->words[0]);
    memcpy(b->words[b->tolds], told->payload.p != NULL ? told->payload.p : "", told->payload.n);
    b->told[b->tolds++] = *told;
}

static void join(struct both *b)
{
    int ends[2];
    const struct ww_msg_peer peer = {.kind = WW_ROLE_FRONT, .count = 1};
    assert_int_equal(ww_chan_pair(ends), WW_OK);
    ww_roles_asked_peer(b->roles, &peer, ends[0]);
    ww_asked_peer(b->asked, ends[1]);
}

static struct ww_asking *ask_front_for(struct both *b, enum ww_ask what, unsigned deadline)
{
    struct ww_asking *a =
        ww_roles_ask(b->roles, WW_ROLE_FRONT, 0, what, ww_slice_str("what"), deadline, on_told, b);
    assert_non_null(a);
    return a;
}

static struct ww_asking *ask_front(struct both *b, unsigned deadline)
{
    return ask_front_for(b, WW_ASK_NOTHING, deadline);
}

static void both_new(struct both *b)
{
    memset(b, 0, sizeof *b);
    b->roles = ww_roles_asked_new(t.base);
    b->asked = ww_asked_new(t.base, on_asked, b);
}

static void both_free(struct both *b)
{
    ww_roles_asked_free(b->roles);
    ww_asked_free(b->asked);
}

static void expect_told(struct both *b, size_t i, enum ww_err err, bool more, const char *words)
{
    test_settle(t.base);
    assert_true(b->tolds > i);
    assert_int_equal(b->told[i].err, err);
    assert_int_equal(b->told[i].more, more);
    assert_string_equal(b->words[i], words);
}

static void a_role_tells_what_it_is_asked(void **state)
{
    (void)state;
    struct both b;
    both_new(&b);
    join(&b);
    (void)ask_front_for(&b, WW_ASK_CACHE_LIST, 60000);
    (void)ask_front(&b, 60000);
    test_settle(t.base);
    assert_int_equal(b.asks, 2);
    ww_asked_tell(b.asked, b.refs[1], ww_slice_str("second"), false);
    ww_asked_tell(b.asked, b.refs[0], ww_slice_str("one"), true);
    ww_asked_fail(b.asked, b.refs[0], WW_E_NOT_KNOWN);
    ww_asked_tell(b.asked, b.refs[0], ww_slice_str("too late"), false);
    expect_told(&b, 0, WW_OK, false, "second");
    expect_told(&b, 1, WW_OK, true, "one");
    expect_told(&b, 2, WW_E_NOT_KNOWN, false, "");
    assert_int_equal(b.tolds, 3);
    both_free(&b);
}

/* Who asked for one piece has forgotten the asking by then, and may be gone when another comes. */
static void one_piece_is_all_there_is(void **state)
{
    (void)state;
    struct both b;
    both_new(&b);
    join(&b);
    (void)ask_front(&b, 60000);
    test_settle(t.base);
    ww_asked_tell(b.asked, b.refs[0], ww_slice_str("one"), true);
    ww_asked_tell(b.asked, b.refs[0], ww_slice_str("two"), false);
    expect_told(&b, 0, WW_E_MSG_MALFORMED, false, "");
    assert_int_equal(b.tolds, 1);
    both_free(&b);
}

static void a_dead_role_is_told_of(void **state)
{
    (void)state;
    struct both b;
    both_new(&b);
    (void)ask_front(&b, 60000); /* there is none yet */
    assert_int_equal(b.tolds, 0);
    expect_told(&b, 0, WW_E_CHAN_DOWN, false, "");
    join(&b);
    (void)ask_front(&b, 60000);
    test_settle(t.base);
    join(&b); /* the one that was asked has died, another is there */
    expect_told(&b, 1, WW_E_CHAN_DOWN, false, "");
    ww_asked_tell(b.asked, b.refs[0], ww_slice_str("for nobody"), false);
    (void)ask_front(&b, 60000);
    test_settle(t.base);
    ww_asked_tell(b.asked, b.refs[1], ww_slice_str("again"), false);
    expect_told(&b, 2, WW_OK, false, "again");
    assert_int_equal(b.tolds, 3);
    both_free(&b);
}

static void silence_has_an_end(void **state)
{
    (void)state;
    struct both b;
    both_new(&b);
    join(&b);
    (void)ask_front(&b, 20);
    ww_asking_cancel(ask_front(&b, 20));
    test_run_ms(t.base, 100);
    expect_told(&b, 0, WW_E_CONTROL_TIMEOUT, false, "");
    assert_int_equal(b.tolds, 1);
    both_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(requests_are_answered, setup, teardown),
        cmocka_unit_test_setup_teardown(requests_come_in_any_pieces, setup, teardown),
        cmocka_unit_test_setup_teardown(connections_are_capped, setup, teardown),
        cmocka_unit_test_setup_teardown(a_role_tells_what_it_is_asked, setup, teardown),
        cmocka_unit_test_setup_teardown(one_piece_is_all_there_is, setup, teardown),
        cmocka_unit_test_setup_teardown(a_dead_role_is_told_of, setup, teardown),
        cmocka_unit_test_setup_teardown(silence_has_an_end, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
