/* The commands about overrides: what they ask of front and keeper, and how they answer. */
#include "control_socket.h"

#include <stdio.h>

static struct {
    struct event_base *base;
    struct ww_config config;
    struct control_socket control;
    struct fake_peer front;
    struct fake_peer keeper;
    int client;
} t;

static void join(struct fake_peer *peer, enum ww_role_kind kind)
{
    control_socket_peer(&t.control, kind, fake_peer_open(peer, t.base));
}

static int setup(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    ww_log_open("test", WW_LOG_ERROR, WW_LOG_TEXT);
    t.base = event_base_new();
    const struct ww_role_env env = {.base = t.base, .config = &t.config};
    control_socket_open(&t.control, &env);
    join(&t.front, WW_ROLE_FRONT);
    join(&t.keeper, WW_ROLE_KEEPER);
    t.client = control_socket_connect(&t.control);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    close(t.client);
    control_socket_close(&t.control);
    fake_peer_close(&t.front);
    fake_peer_close(&t.keeper);
    event_base_free(t.base);
    return 0;
}

/* Sends a request: the command and its arguments as JSON. */
static void request(const char *members)
{
    char json[1024];
    (void)snprintf(json, sizeof json, "{\"waxwing\":1,%s}", members);
    control_socket_ask(&t.control, t.client, json);
}

static const char *answer(void)
{
    const char *text = control_socket_heard(&t.control, t.client);
    return text != NULL ? text : "";
}

static struct ww_msg_ask asked(struct fake_peer *peer, enum ww_ask what)
{
    return control_socket_asked(&t.control, peer, what);
}

static void tell(struct fake_peer *peer, uint32_t number, enum ww_err err, struct ww_slice payload, bool more)
{
    const struct ww_msg_told told = {number, err, more, payload};
    control_socket_tell(&t.control, peer, &told);
}

static void a_set_one_is_told_of_when_the_keeper_has_it(void **state)
{
    (void)state;
    struct ww_msg_override m;
    char who[64];
    request(
        "\"command\":\"override-set\",\"key\":\".B\\u00fccher.example\",\"level\":\"secure\",\"for\":3600,"
        "\"reason\":\"because\",\"user\":\"alice\",\"mx\":[\"mx.example\",\"*.b.example\"]");
    struct ww_msg_ask ask = asked(&t.keeper, WW_ASK_OVERRIDE_SET);
    assert_int_equal(ww_msg_get_override(ask.payload, &m), WW_OK);
    (void)snprintf(who, sizeof who, "alice (uid %u)", (unsigned)getuid());
    assert_string_equal(m.override.key, ".xn--bcher-kva.example");
    assert_int_equal(m.override.level, WW_OVERRIDE_SECURE);
    assert_string_equal(m.override.mx, "mx.example *.b.example");
    assert_string_equal(m.override.reason, "because");
    assert_string_equal(m.override.who, who);
    assert_int_equal(m.override.until, m.override.set_at + 3600);
    assert_string_equal(answer(), "");
    tell(&t.keeper, ask.number, WW_OK, ww_slice(NULL, 0), false);
    const char *text = answer();
    assert_non_null(strstr(text, "\"key\":\".xn--bcher-kva.example\",\"level\":\"secure\""));
    assert_non_null(strstr(text, "{\"end\":true,\"error\":null}"));
}

/* 63 letters and one of two octets: cut at 64, it would be no text any more. */
static void a_long_name_is_left_out(void **state)
{
    (void)state;
    struct ww_msg_override_remove m;
    char text[256], who[64];
    (void)snprintf(text, sizeof text,
                   "\"command\":\"override-remove\",\"key\":\"a.example\",\"user\":\"%063d\\u00e9\"", 0);
    request(text);
    struct ww_msg_ask ask = asked(&t.keeper, WW_ASK_OVERRIDE_REMOVE);
    assert_int_equal(ww_msg_get_override_remove(ask.payload, &m), WW_OK);
    (void)snprintf(who, sizeof who, "uid %u", (unsigned)getuid());
    assert_string_equal(m.who, who);
}

static void what_the_keeper_refuses_is_not_called_set(void **state)
{
    (void)state;
    request("\"command\":\"override-set\",\"key\":\"a.example\",\"level\":\"may\"");
    struct ww_msg_ask ask = asked(&t.keeper, WW_ASK_OVERRIDE_SET);
    tell(&t.keeper, ask.number, WW_E_OVERRIDE_NOT_KEPT, ww_slice(NULL, 0), false);
    const char *text = answer();
    assert_null(strstr(text, "\"key\""));
    assert_non_null(strstr(text, "override-not-kept"));
    assert_non_null(strstr(text, "configuration file"));
}

static void a_keeper_that_dies_meanwhile_leaves_it_open(void **state)
{
    (void)state;
    request("\"command\":\"override-remove\",\"key\":\"a.example\",\"user\":\"bob\"");
    struct ww_msg_override_remove m;
    struct ww_msg_ask ask = asked(&t.keeper, WW_ASK_OVERRIDE_REMOVE);
    assert_int_equal(ww_msg_get_override_remove(ask.payload, &m), WW_OK);
    assert_string_equal(m.key, "a.example");
    assert_int_equal(strncmp(m.who, "bob (uid ", 9), 0);
    join(&t.keeper, WW_ROLE_KEEPER);
    assert_non_null(strstr(answer(), "chan-down"));
}

static void all_parts_of_the_list_arrive(void **state)
{
    (void)state;
    char one[4096], parts[8192];
    request("\"command\":\"override-list\"");
    struct ww_msg_ask ask = asked(&t.front, WW_ASK_OVERRIDE_LIST);
    for (int i = 0; i < 2; i++) {
        const struct ww_override o = {.key = i == 0 ? "a.example" : ".b.example",
                                      .level = WW_OVERRIDE_MAY,
                                      .configured = i == 1,
                                      .mx = "",
                                      .until = i == 0 ? 1795384620 : 0,
                                      .reason = "",
                                      .who = ""};
        struct ww_buf part = ww_buf(one, sizeof one), b = ww_buf(parts, sizeof parts);
        ww_msg_put_override_listed(&part, &o, i == 0, 7);
        ww_msg_put_part(&b, ww_slice(part.p, part.n));
        tell(&t.front, ask.number, WW_OK, ww_slice(b.p, b.n), i == 0);
    }
    const char *text = answer();
    assert_non_null(strstr(text,
                           "\"key\":\"a.example\",\"level\":\"may\",\"source\":\"run time\","
                           "\"until\":\"2026-11-22T21:57:00Z\",\"reason\":null,\"who\":null,\"set\":null,"
                           "\"mx\":[],\"counts\":true,\"used\":7"));
    assert_non_null(strstr(text, "\"key\":\".b.example\",\"level\":\"may\",\"source\":\"configuration\""));
    assert_non_null(strstr(text, "\"counts\":false"));
    assert_non_null(strstr(text, "\"end\":true,\"error\":null"));
}

static const struct {
    const char *members;
    const char *error;
} refusals[] = {
    {"\"command\":\"override-set\",\"level\":\"may\"", "control-argument"},
    {"\"command\":\"override-set\",\"key\":7,\"level\":\"may\"", "control-argument"},
    {"\"command\":\"override-set\",\"key\":\"a b\",\"level\":\"may\"", "dname-character"},
    {"\"command\":\"override-set\",\"key\":\"a.b\"", "override-level"},
    {"\"command\":\"override-set\",\"key\":\"a.b\",\"level\":\"may\",\"for\":0", "override-until"},
    {"\"command\":\"override-set\",\"key\":\"a.b\",\"level\":\"may\",\"for\":\"1h\"", "override-until"},
    {"\"command\":\"override-set\",\"key\":\"a.b\",\"level\":\"may\",\"for\":9223372036854775807",
     "override-until"},
    {"\"command\":\"override-set\",\"key\":\"a.b\",\"level\":\"may\",\"until\":\"soon\"", "override-until"},
    {"\"command\":\"override-set\",\"key\":\"a.b\",\"level\":\"secure\",\"mx\":[7]", "mx-empty"},
    {"\"command\":\"override-set\",\"key\":\"a.b\",\"level\":\"may\",\"reason\":\"a\\nb\"", "override-text"},
    {"\"command\":\"override-set\",\"key\":\"a.b\",\"level\":\"may\",\"user\":\"a\\u001bb\"",
     "override-text"},
    {"\"command\":\"override-remove\"", "control-argument"},
};

static void what_makes_no_sense_goes_no_further(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        request(refusals[i].members);
        const char *text = answer();
        if (strstr(text, refusals[i].error) == NULL || fake_peer_next(&t.keeper) != NULL)
            fail_msg("%s: %s", refusals[i].members, text);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_set_one_is_told_of_when_the_keeper_has_it),
        CASE(a_long_name_is_left_out),
        CASE(what_the_keeper_refuses_is_not_called_set),
        CASE(a_keeper_that_dies_meanwhile_leaves_it_open),
        CASE(all_parts_of_the_list_arrive),
        CASE(what_makes_no_sense_goes_no_further),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
