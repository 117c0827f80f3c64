/* The commands about reports of others on the control socket, with a keeper behind it that has some. */
#include "keeper_received_fixture.h"

#include "daemon/control_client.h"

#include <errno.h>
#include <jansson.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#define ANSWERS 2000

static void *control;
static struct sockaddr_un address;
static socklen_t address_n;

static struct {
    json_t *items[ANSWERS];
    size_t count;
    char error[64], detail[128]; /* of the end; "" */
} got;

static int begin(void **state)
{
    static const struct ww_msg_peer peer = {.kind = WW_ROLE_KEEPER, .count = 1};
    static const struct ww_msg_listener m = {.purpose = WW_LISTEN_CONTROL, .name = "unix:test"};
    int fds[2];
    if (setup(state) != 0)
        return -1;
    const struct ww_role_env env = {.base = t.base, .config = &t.config};
    control = ww_role_control.start(&env);
    assert_non_null(control);
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    (void)snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "waxwing-received-%d", (int)getpid());
    address_n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(address.sun_path + 1));
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(listener, (const struct sockaddr *)&address, address_n), 0);
    assert_int_equal(listen(listener, 10), 0);
    ww_role_control.listener(control, &m, listener);
    assert_int_equal(ww_chan_pair(fds), WW_OK);
    ww_role_control.peer(control, &peer, fds[0]);
    ww_asked_peer(t.asked, fds[1]);
    return 0;
}

static void forget(void)
{
    for (size_t i = 0; i < got.count; i++)
        json_decref(got.items[i]);
    memset(&got, 0, sizeof got);
}

static int end(void **state)
{
    forget();
    ww_role_control.finish(control);
    return teardown(state);
}

static void copy(char *out, size_t size, const json_t *error, const char *key)
{
    const char *text = json_string_value(json_object_get(error, key));
    (void)snprintf(out, size, "%s", text != NULL ? text : "");
}

/* One netstring. True: it ends the answer. */
static bool take_item(const char *p, size_t n)
{
    json_t *json = json_loadb(p, n, 0, NULL);
    assert_non_null(json);
    if (!json_is_true(json_object_get(json, "end"))) {
        assert_true(got.count < ANSWERS);
        got.items[got.count++] = json;
        return false;
    }
    copy(got.error, sizeof got.error, json_object_get(json, "error"), "id");
    copy(got.detail, sizeof got.detail, json_object_get(json, "error"), "detail");
    json_decref(json);
    return true;
}

/* arguments: members behind the command, each with a comma before it. */
static void run(const char *command, const char *arguments)
{
    static char text[4 << 20], request[512], framed[600];
    size_t n = 0, at = 0;
    bool over = false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    forget();
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, address_n), 0);
    (void)snprintf(request, sizeof request, "{\"waxwing\":1,\"command\":\"%s\"%s}", command, arguments);
    int length = snprintf(framed, sizeof framed, "%zu:%s,", strlen(request), request);
    assert_int_equal(write(fd, framed, (size_t)length), length);
    for (int turns = 0; !over && turns < 10000; turns++) {
        test_settle(t.base);
        ssize_t more = read(fd, text + n, sizeof text - 1 - n);
        n += more > 0 ? (size_t)more : 0;
        text[n] = '\0';
        for (char *colon; !over && (colon = strchr(text + at, ':')) != NULL;) {
            size_t size = strtoul(text + at, NULL, 10), from = (size_t)(colon - text) + 1;
            assert_true(size <= WW_CONTROL_MESSAGE_MAX);
            if (from + size >= n)
                break;
            over = take_item(text + from, size);
            at = from + size + 1;
        }
    }
    assert_true(over);
    close(fd);
}

static json_int_t number_of(size_t i, const char *key)
{
    assert_true(i < got.count);
    return json_integer_value(json_object_get(got.items[i], key));
}

static void come_in(int count)
{
    for (int i = 0; i < count; i++) {
        struct coming c = simple;
        char id[16];
        (void)snprintf(id, sizeof id, "%d", i);
        c.id = id;
        (void)take(&c);
    }
}

static void arguments_are_looked_at(void **state)
{
    static const struct {
        const char *command, *arguments, *detail;
    } cases[] = {
        {"received-list", ",\"domain\":\"a b\"", "domain: "},
        {"received-list", ",\"since\":\"yesterday\"", "since: "},
        {"received-list", ",\"until\":5", "until: "},
        {"received-list", ",\"max\":0", "max: "},
        {"received-list", ",\"max\":\"5\"", "max: "},
        {"received-stats", ",\"by\":\"year\"", "by: "},
        {"received-stats", ",\"failed\":true", "result and failed: "},
        {"received-stats", ",\"by\":\"sender\",\"result\":\"x\"", "result and failed: "},
        {"received-stats", ",\"result\":\"0123456789012345678901234567890123456789012345678901234567890123\"",
         "result: "},
        {"received-show", "", "number: "},
        {"received-show", ",\"number\":-1", "number: "},
        {"received-raw", ",\"number\":\"1\"", "number: "},
        {"received-remove", ",\"all\":true", "number: "},
        {"quarantine-remove", "", "number: "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        run(cases[i].command, cases[i].arguments);
        assert_string_equal(got.error, "control-argument");
        assert_int_equal(strncmp(got.detail, cases[i].detail, strlen(cases[i].detail)), 0);
    }
}

static void lists_go_over_pages(void **state)
{
    (void)state;
    t.now = (int64_t)time(NULL);
    come_in(230);
    run("received-list", "");
    assert_string_equal(got.error, "");
    assert_int_equal(got.count, 230);
    for (size_t i = 0; i < 230; i++)
        assert_int_equal(number_of(i, "number"), 230 - (json_int_t)i);
    run("received-list", ",\"max\":150,\"domain\":\"Example.com\"");
    assert_int_equal(got.count, 150);
    run("received-list", ",\"sender\":\"nobody\"");
    assert_int_equal(got.count, 0);
    assert_string_equal(got.error, "");
    run("received-list", ",\"until\":\"2026-11-29T00:00:00Z\"");
    assert_int_equal(got.count, 0);
    run("received-export", ",\"since\":\"2026-11-29T00:00:00Z\",\"until\":\"2026-11-30T00:00:00Z\"");
    assert_int_equal(got.count, 230);
    run("received-stats", ",\"since\":\"2026-11-01T00:00:00Z\",\"until\":\"2026-11-30T00:00:00Z\"");
    assert_int_equal(got.count, 1);
    assert_int_equal(number_of(0, "reports"), 230);
    run("received-stats", ",\"until\":\"2026-11-29T00:00:00Z\",\"by\":\"result\"");
    assert_int_equal(got.count, 0);
}

static void one_comes_in_one_object(void **state)
{
    (void)state;
    come_in(1);
    run("received-show", ",\"number\":1");
    assert_int_equal(got.count, 1);
    json_t *policy = json_array_get(json_object_get(got.items[0], "policies"), 0);
    json_t *failure = json_array_get(json_object_get(policy, "failures"), 0);
    assert_int_equal(json_integer_value(json_object_get(failure, "sessions")), 2);
    assert_int_equal(number_of(0, "number"), 1);
    run("received-raw", ",\"number\":1");
    assert_int_equal(got.count, 1);
    assert_string_equal(json_string_value(json_object_get(got.items[0], "base64")), "Z3ppcHBlZCBKU09O");
    run("received-show", ",\"number\":2");
    assert_string_equal(got.error, "received-none");
    run("received-remove", ",\"number\":1");
    assert_int_equal(number_of(0, "removed"), 1);
    run("received-remove", ",\"number\":1");
    assert_string_equal(got.error, "received-none");
    assert_int_equal(got.count, 0);
}

/* What does not fit into one object goes on in others, and nothing is lost between them. */
static void a_large_one_comes_in_several(void **state)
{
    static struct ww_received_policy policies[300];
    static struct ww_received_detail details[300];
    static char strings[3001];
    struct ww_received report = {.report_id = ww_slice_str("large"),
                                 .begin = DAY * WW_DAY_SECONDS,
                                 .end = DAY * WW_DAY_SECONDS + 86399,
                                 .policies = policies,
                                 .count = 300};
    struct coming c = simple;
    size_t seen = 0, failures = 0;
    (void)state;
    memset(strings, 's', sizeof strings - 1);
    for (unsigned i = 0; i < 300; i++) {
        details[i] = (struct ww_received_detail){
            .type = ww_slice_str("validation-failure"), .info = ww_slice(strings, 480), .sessions = 1};
        policies[i] =
            (struct ww_received_policy){.type = ww_slice_str("sts"), .strings = ww_slice_str(strings)};
        (void)snprintf(policies[i].domain, sizeof policies[i].domain, "d.example");
    }
    policies[7].details = details;
    policies[7].detail_count = 300;
    c.report = &report;
    (void)take(&c);
    run("received-show", ",\"number\":1");
    assert_true(got.count > 3);
    for (size_t i = 0; i < got.count; i++) {
        json_t *list = json_object_get(got.items[i], "policies"), *p;
        size_t k;
        assert_int_equal(number_of(i, i == 0 ? "number" : "continues"), 1);
        json_array_foreach(list, k, p)
        {
            size_t n = json_array_size(json_object_get(p, "failures"));
            seen += json_object_get(p, "strings") != NULL;
            failures += n;
            assert_true(n == 0 || json_integer_value(json_object_get(p, "place")) == 7);
        }
    }
    assert_int_equal(seen, 300);
    assert_int_equal(failures, 300);
}

static void quarantine_is_emptied(void **state)
{
    struct coming c = simple;
    (void)state;
    c.error = WW_E_GZIP;
    for (int i = 0; i < 450; i++) {
        char octets[16];
        (void)snprintf(octets, sizeof octets, "%d", i);
        c.octets = octets;
        (void)take(&c);
    }
    run("quarantine-list", "");
    assert_int_equal(got.count, 450);
    run("quarantine-show", ",\"number\":5");
    assert_int_equal(number_of(0, "number"), 5);
    run("quarantine-raw", ",\"number\":5");
    assert_string_equal(json_string_value(json_object_get(got.items[0], "base64")), "NA==");
    run("quarantine-remove", ",\"number\":5");
    assert_int_equal(number_of(0, "removed"), 1);
    run("quarantine-remove", ",\"all\":true");
    assert_int_equal(got.count, 1);
    assert_int_equal(number_of(0, "removed"), 449);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(arguments_are_looked_at),      TEST(lists_go_over_pages),   TEST(one_comes_in_one_object),
        TEST(a_large_one_comes_in_several), TEST(quarantine_is_emptied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
