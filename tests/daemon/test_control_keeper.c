/* What the keeper tells in pieces and in rows, as the client gets it; the commands are those of publishing.
 */
#include "control_socket.h"
#include "daemon/control.h"

#define SHOW "{\"waxwing\":1,\"command\":\"publish-show\",\"domain\":\"a.example\"}"
#define LIST "{\"waxwing\":1,\"command\":\"publish-list\"}"
#define GOOD_END "{\"end\":true,\"error\":null}"

static struct {
    struct event_base *base;
    struct ww_config config;
    struct control_socket control;
    struct fake_peer keeper;
    int fd;
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
    t.fd = control_socket_connect(&t.control);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    close(t.fd);
    control_socket_close(&t.control);
    fake_peer_close(&t.keeper);
    event_base_free(t.base);
    return 0;
}

static uint32_t ask(const char *json)
{
    control_socket_ask(&t.control, t.fd, json);
    return control_socket_asked(&t.control, &t.keeper, WW_ASK_PUBLISH).number;
}

static void tell(uint32_t number, enum ww_err err, bool more, const char *text)
{
    const struct ww_msg_told told = {number, err, more, ww_slice_str(text)};
    control_socket_tell(&t.control, &t.keeper, &told);
}

static void expect(const char *words)
{
    const char *text = control_socket_heard(&t.control, t.fd);
    assert_non_null(text);
    if (strstr(text, words) == NULL)
        fail_msg("no %s in %.200s", words, text);
}

static void expect_nothing(void)
{
    assert_string_equal(control_socket_heard(&t.control, t.fd), "");
}

static void pieces_are_joined(void **state)
{
    static const char *const cuts[][4] = {
        {"{\"domain\":\"a.example\"}"},
        {"{\"domain\":", "\"a.exam", "ple\"}"},
        {"", "{\"domain\":\"a.example\"", "", "}"},
        {"{\"domain\":\"a.example\"}", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        uint32_t number = ask(SHOW);
        for (size_t k = 0; k < 4 && cuts[i][k] != NULL; k++) {
            expect_nothing();
            tell(number, WW_OK, k + 1 < 4 && cuts[i][k + 1] != NULL, cuts[i][k]);
        }
        expect("{\"domain\":\"a.example\"},");
    }
}

static void an_error_amid_the_pieces_is_told(void **state)
{
    (void)state;
    uint32_t number = ask(SHOW);
    tell(number, WW_OK, true, "{\"domain\":");
    tell(number, WW_E_STORE_OPEN, false, "");
    expect("\"id\":\"store-open\"");
    tell(ask(SHOW), WW_OK, false, "{}");
    expect(GOOD_END);
}

static void what_is_refused_comes_with_words(void **state)
{
    (void)state;
    tell(ask(SHOW), WW_OK, false, "{\"refused\":\"not now\"}");
    expect("\"id\":\"publish-refused\"");
}

/* So many octets fit, and not one more; what comes then is not waited for. */
static void what_is_too_long_is_not_taken(void **state)
{
    static char piece[WW_CONTROL_MESSAGE_MAX / 4 + 1];
    (void)state;
    for (int too_long = 0; too_long < 2; too_long++) {
        uint32_t number = ask(SHOW);
        memset(piece, ' ', sizeof piece - 1);
        for (int i = 0; i < 3; i++)
            tell(number, WW_OK, true, piece);
        memcpy(piece, "{}", 2);
        tell(number, WW_OK, too_long, piece);
        if (!too_long) {
            expect(GOOD_END);
            continue;
        }
        expect_nothing();
        tell(number, WW_OK, true, " ");
        expect("\"id\":\"too-long\"");
        tell(number, WW_OK, false, " ");
        expect_nothing();
    }
    tell(ask(SHOW), WW_OK, false, "{}");
    expect(GOOD_END);
}

static void pages_of_rows_go_on_forwards(void **state)
{
    static const struct {
        const char *last; /* of the second page */
        bool goes_on;
    } cases[] = {
        {"{\"after\":\"c.example\"}", true},
        {"{\"after\":\"b.example\"}", false},
        {"{\"after\":\"a.example\"}", false},
        {"{\"after\":7}", false},
        {"{}", false},
        {"", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t number = ask(LIST);
        tell(number, WW_OK, true, "{\"domain\":\"a.example\"}");
        expect("{\"domain\":\"a.example\"}");
        tell(number, WW_OK, false, "{\"after\":\"b.example\"}");
        expect_nothing();
        number = control_socket_asked(&t.control, &t.keeper, WW_ASK_PUBLISH).number;
        tell(number, WW_OK, false, cases[i].last);
        if (cases[i].goes_on) {
            number = control_socket_asked(&t.control, &t.keeper, WW_ASK_PUBLISH).number;
            tell(number, WW_OK, false, "");
        }
        expect(GOOD_END);
        assert_null(fake_peer_next(&t.keeper));
    }
}

static void a_client_that_leaves_is_forgotten(void **state)
{
    (void)state;
    uint32_t number = ask(SHOW);
    tell(number, WW_OK, true, "{");
    close(t.fd);
    test_settle(t.base);
    tell(number, WW_OK, false, "}");
    t.fd = control_socket_connect(&t.control);
    tell(ask(SHOW), WW_OK, false, "{}");
    expect(GOOD_END);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pieces_are_joined, setup, teardown),
        cmocka_unit_test_setup_teardown(an_error_amid_the_pieces_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_refused_comes_with_words, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_too_long_is_not_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(pages_of_rows_go_on_forwards, setup, teardown),
        cmocka_unit_test_setup_teardown(a_client_that_leaves_is_forgotten, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
