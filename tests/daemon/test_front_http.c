/* The HTTP API as a client of the front meets it: a real listener, fake keeper and resolver. */
#include "codec/idn.h"
#include "daemon/front_http.h"

#include "front_fixture.h"

#include <jansson.h>
#include <sys/resource.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char testing_body[] = "version: STSv1\nmode: testing\nmx: mail.example.com\nmax_age: 86400\n";
static const struct ww_msg_listener http_listener = {.purpose = WW_LISTEN_HTTP, .name = "unix:http"};

/* Where the API listens. */
static struct sockaddr_un at;
static socklen_t at_n;

static int listening(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    at = (struct sockaddr_un){.sun_family = AF_UNIX};
    at_n = sizeof at;
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(sa_family_t)), 0); /* an abstract name */
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &at_n), 0);
    assert_int_equal(listen(fd, 1024), 0);
    return fd;
}

static int setup_http(void **state)
{
    if (setup(state) != 0)
        return -1;
    ww_role_front.listener(t.front, &http_listener, listening());
    return 0;
}

static int dial(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, at_n), 0);
    return fd;
}

static void get(int fd, const char *path)
{
    char text[2048];
    snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
    write_all(fd, text);
}

/* The status of the answer that has come; 0 when there is none. Its head and body stay until the next. */
static char head[16384], *body;

static unsigned status(int fd)
{
    settle();
    const char *text = answers(fd);
    if (text == NULL || text[0] == '\0')
        return 0;
    assert_true(strlen(text) < sizeof head);
    memcpy(head, text, strlen(text) + 1);
    body = strstr(head, "\r\n\r\n");
    assert_non_null(body);
    *body = '\0';
    body += 4;
    assert_memory_equal(head, "HTTP/1.1 ", 9);
    return (unsigned)strtoul(head + 9, NULL, 10);
}

/* The member of the last answer, as JSON; "path" may be "error.id". */
static const char *member(const char *path)
{
    static char text[4096];
    json_error_t error;
    json_t *root = json_loads(body, JSON_REJECT_DUPLICATES, &error);
    const json_t *value = root;
    char names[64];
    assert_non_null(root);
    snprintf(names, sizeof names, "%s", path);
    for (char *rest = names, *name; (name = strsep(&rest, ".")) != NULL;)
        value = json_object_get(value, name);
    assert_non_null(value);
    char *dumped = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    assert_non_null(dumped);
    snprintf(text, sizeof text, "%s", dumped);
    free(dumped);
    json_decref(root);
    return text;
}

static void expect_status(int fd, const char *path, unsigned expected)
{
    get(fd, path);
    unsigned got = status(fd);
    if (got != expected)
        fail_msg("%s: %u", path, got);
}

static uint64_t counted(enum ww_stat_answer answer, bool waited)
{
    return t.stats.stats.values[ww_stat_lookup(WW_MAP_HTTP, answer, waited)];
}

static void answers_what_is_known(void **state)
{
    (void)state;
    load_policy("example.com", policy_body, 0);
    load_policy("testing.example", testing_body, 0);
    begin();
    int fd = dial();
    expect_status(fd, "/v1/policy/example.com", 200);
    assert_non_null(strstr(head, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(head, "\r\nCache-Control: no-store"));
    assert_string_equal(member("domain"), "\"example.com\"");
    assert_string_equal(member("tls"), "\"required\"");
    assert_string_equal(member("mx"), "[\"mail.example.com\"]");
    assert_string_equal(member("policy.mode"), "\"enforce\"");
    assert_int_equal(body[strlen(body) - 1], '\n');
    expect_status(fd, "/v1/policy/testing.example?x=y", 200);
    assert_string_equal(member("tls"), "\"opportunistic\"");
    no_flight();
    assert_int_equal(counted(WW_ANSWERED_SECURE, false), 1);
    assert_int_equal(counted(WW_ANSWERED_TESTING, false), 1);
    assert_int_equal(t.stats.stats.values[WW_STAT_LOOKUP_CACHED + WW_STAT_FAST_BUCKETS + 1] > 0, 1);
    close(fd);
}

/* What a look-up of Postfix's waits for, it waits for too, and the other way round. */
static void waits_for_the_flight(void **state)
{
    (void)state;
    begin();
    int http = dial(), mta = client();
    get(http, "/v1/policy/a.example");
    uint64_t flight = resolve("a.example").flight;
    assert_int_equal(status(http), 0);
    ask(mta, "QUERY a.example");
    no_flight();
    resolved(flight, WW_FOUND_POLICY, "7", other_body);
    assert_int_equal(status(http), 200);
    assert_string_equal(member("source"), "\"live\"");
    assert_string_equal(member("policy.id"), "\"7\"");
    assert_string_equal(member("mx"), "[\"other.example.com\"]");
    expect(mta, OTHER_ANSWER);
    assert_int_equal(counted(WW_ANSWERED_SECURE, true), 1);
    expect_status(http, "/v1/policy/a.example", 200);
    assert_string_equal(member("source"), "\"cache\"");
    close(http);
    close(mta);
}

static void answers_at_the_deadline(void **state)
{
    (void)state;
    t.config.answer_deadline_ms = 50;
    ww_role_front.reload(t.front);
    begin();
    int fd = dial();
    get(fd, "/v1/policy/slow.example");
    (void)resolve("slow.example");
    while (status(fd) == 0)
        usleep(5000);
    assert_string_equal(member("tls"), "\"none\"");
    assert_int_equal(counted(WW_ANSWERED_NOTFOUND, true), 1);
    close(fd);
}

static const struct {
    const char *path;
    const char *domain; /* that is looked up; NULL: none is, */
    const char *error;  /* for that rule */
} name_cases[] = {
    {"/v1/policy/B%C3%BCCHER.example", "xn--bcher-kva.example", NULL},
    {"/v1/policy/xn--bcher-kva.Example.", "xn--bcher-kva.example", NULL},
    {"/v1/policy/%61.example", "a.example", NULL},
    {"/v1/policy/", NULL, "\"dname-empty\""},
    {"/v1/policy/a..example", NULL, "\"dname-label-empty\""},
    {"/v1/policy/.example", NULL, "\"dname-label-empty\""},
    {"/v1/policy/%", NULL, "\"uri-percent\""},
    {"/v1/policy/a%4.example", NULL, "\"uri-percent\""},
    {"/v1/policy/a%2fb.example", NULL, "\"dname-character\""},
    {"/v1/policy/a%00.example", NULL, "\"dname-character\""},
    {"/v1/policy/a+b.example", NULL, "\"dname-character\""},
    {"/v1/policy/%ff.example", NULL, "\"idn-invalid\""},
    {"/v1/policy/192.0.2.1", NULL, "\"dname-numeric\""},
    {"/v1/policy/%5B192.0.2.1%5D", NULL, "\"dname-character\""},
    {"/v1/policy/user@a.example", NULL, "\"dname-character\""},
    {"/v1/policy/a.example:25", NULL, "\"dname-character\""},
};

static void reads_names_strictly(void **state)
{
    (void)state;
    load_policy("xn--bcher-kva.example", policy_body, 0);
    load_policy("a.example", policy_body, 0);
    begin();
    int fd = dial();
    for (size_t i = 0; i < COUNT(name_cases); i++) {
        get(fd, name_cases[i].path);
        if (name_cases[i].domain != NULL) {
            assert_int_equal(status(fd), 200);
            char quoted[64];
            snprintf(quoted, sizeof quoted, "\"%s\"", name_cases[i].domain);
            assert_string_equal(member("domain"), quoted);
            continue;
        }
        assert_int_equal(status(fd), 400);
        assert_non_null(strstr(head, "\r\nContent-Type: application/problem+json"));
        if (strcmp(member("error.id"), name_cases[i].error) != 0)
            fail_msg("%s: %s", name_cases[i].path, member("error.id"));
    }
    no_flight();
    close(fd);
}

/* A name in more octets than any domain takes, in any writing. */
static void refuses_long_names(void **state)
{
    (void)state;
    char path[3 * (WW_IDN_TEXT_MAX + 1) + 32] = "/v1/policy/";
    begin();
    int fd = dial();
    for (size_t i = 0; i <= WW_IDN_TEXT_MAX; i++)
        strcat(path, i % 2 == 0 ? "%C3" : "%BC");
    char text[sizeof path + 64];
    snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
    write_all(fd, text);
    assert_int_equal(status(fd), 400);
    assert_string_equal(member("error.id"), "\"dname-too-long\"");
    close(fd);
}

static void tells_what_there_is(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        unsigned status;
    } cases[] = {
        {"GET / HTTP/1.1\r\n", 404},
        {"GET /v1/policy HTTP/1.1\r\n", 404},
        {"GET /v1/policy/a.example/ HTTP/1.1\r\n", 404},
        {"GET /v2/policy/a.example HTTP/1.1\r\n", 404},
        {"POST /nothing HTTP/1.1\r\n", 404},
        {"POST /v1/policy/example.com HTTP/1.1\r\n", 405},
        {"DELETE /v1/policy/example.com HTTP/1.1\r\n", 405},
        {"HEAD /v1/policy/example.com HTTP/1.1\r\n", 200},
        {"HEAD /v1/policy/a_b HTTP/1.1\r\n", 400},
    };
    load_policy("example.com", policy_body, 0);
    begin();
    int fd = dial();
    for (size_t i = 0; i < COUNT(cases); i++) {
        write_all(fd, cases[i].request);
        write_all(fd, "Host: localhost\r\n\r\n");
        unsigned got = status(fd);
        if (got != cases[i].status)
            fail_msg("%s: %u", cases[i].request, got);
        assert_int_equal(strstr(head, "\r\nAllow: GET, HEAD") != NULL, got == 405);
        assert_int_equal(body[0] == '\0', cases[i].request[0] == 'H');
        assert_null(strstr(head, "Content-Length: 0"));
    }
    no_flight();
    close(fd);
}

/* Overrides and the dry run are counted as they are for Postfix. */
static void counts_as_others_do(void **state)
{
    (void)state;
    static struct ww_override may = {.key = "example.com",
                                     .level = WW_OVERRIDE_MAY,
                                     .configured = true,
                                     .mx = "",
                                     .reason = "",
                                     .who = ""};
    load_policy("example.com", policy_body, 0);
    load_policy("other.example", policy_body, 0);
    begin();
    int fd = dial();
    t.config.overrides = &may;
    t.config.override_count = 1;
    ww_role_front.reload(t.front);
    expect_status(fd, "/v1/policy/example.com", 200);
    assert_string_equal(member("tls"), "\"opportunistic\"");
    assert_string_equal(member("override.applied"), "true");
    assert_int_equal(counted(WW_ANSWERED_MAY, false), 1);
    t.config.override_count = 0;
    t.config.dry_run = true;
    ww_role_front.reload(t.front);
    expect_status(fd, "/v1/policy/other.example", 200);
    assert_string_equal(member("tls"), "\"none\"");
    assert_string_equal(member("mx"), "null");
    assert_string_equal(member("would.tls"), "\"required\"");
    assert_int_equal(counted(WW_ANSWERED_NOTFOUND, false), 1);
    assert_int_equal(t.stats.stats.values[WW_STAT_WITHHELD], 1);
    close(fd);
}

/* One after the other, in the order in which they came, though the second is known at once. */
static void pipelined_requests_keep_their_order(void **state)
{
    (void)state;
    load_policy("example.com", policy_body, 0);
    begin();
    int fd = dial();
    get(fd, "/v1/policy/a.example");
    get(fd, "/v1/policy/example.com");
    uint64_t flight = resolve("a.example").flight;
    assert_int_equal(status(fd), 0);
    resolved(flight, WW_FOUND_NO_RECORD, "", "");
    settle();
    const char *both = answers(fd);
    const char *first = strstr(both, "\"domain\":\"a.example\"");
    assert_non_null(first);
    assert_non_null(strstr(first, "\"domain\":\"example.com\""));
    close(fd);
}

/* Nobody is served before the cache is filled: they wait in the listener's queue. */
static void waits_until_all_is_loaded(void **state)
{
    (void)state;
    int fd = dial();
    get(fd, "/v1/policy/example.com");
    assert_int_equal(status(fd), 0);
    no_flight();
    load_policy("example.com", policy_body, 0);
    begin();
    assert_int_equal(status(fd), 200);
    assert_string_equal(member("level"), "\"secure\"");
    close(fd);
}

/* A listener that goes takes nobody along. */
static void listeners_come_and_go(void **state)
{
    (void)state;
    load_policy("example.com", policy_body, 0);
    begin();
    int before = dial();
    expect_status(before, "/v1/policy/example.com", 200);
    ww_role_front.listener_gone(t.front, &http_listener);
    int after = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(connect(after, (struct sockaddr *)&at, at_n), -1);
    close(after);
    expect_status(before, "/v1/policy/example.com", 200);
    ww_role_front.listener(t.front, &http_listener, listening());
    after = dial();
    expect_status(after, "/v1/policy/example.com", 200);
    close(before);
    close(after);
}

static void survives_who_goes_away(void **state)
{
    (void)state;
    begin();
    int fd = dial();
    get(fd, "/v1/policy/a.example");
    uint64_t flight = resolve("a.example").flight;
    close(fd);
    resolved(flight, WW_FOUND_NO_RECORD, "", "");
    settle();
    assert_int_equal(counted(WW_ANSWERED_NOTFOUND, true), 1);
    /* And one that is still waited for when the front ends: see teardown. */
    fd = dial();
    get(fd, "/v1/policy/b.example");
    (void)resolve("b.example");
    close(fd);
}

/* When all connections wait for flights, one more waits in the queue; Postfix is answered all the while. */
static void bounds_what_waits(void **state)
{
    (void)state;
    static int waiting[WW_FRONT_HTTP_CONNECTIONS];
    load_policy("example.com", policy_body, 0);
    begin();
    for (size_t i = 0; i < COUNT(waiting); i++) {
        waiting[i] = dial();
        get(waiting[i], "/v1/policy/a.example");
        settle();
    }
    uint64_t flight = resolve("a.example").flight;
    int more = dial(), mta = client();
    get(more, "/v1/policy/example.com");
    ask(mta, "QUERY example.com");
    expect(mta, ANSWER);
    assert_int_equal(status(more), 0);
    /* Whoever goes is still waited for, but no longer than the flight. */
    close(waiting[0]);
    resolved(flight, WW_FOUND_NO_RECORD, "", "");
    settle();
    for (size_t i = 1; i < COUNT(waiting); i++) {
        assert_int_equal(status(waiting[i]), 200);
        close(waiting[i]);
    }
    assert_int_equal(status(more), 200);
    assert_string_equal(member("domain"), "\"example.com\"");
    close(more);
    close(mta);
}

/* Idle connections at the cap give way; a huge head is refused. */
static void bounds_connections_and_heads(void **state)
{
    (void)state;
    static int idle[WW_FRONT_HTTP_CONNECTIONS];
    static char huge[WW_FRONT_HTTP_HEAD + 64];
    load_policy("example.com", policy_body, 0);
    begin();
    for (size_t i = 0; i < COUNT(idle); i++) {
        idle[i] = dial();
        settle();
    }
    int fd = dial();
    expect_status(fd, "/v1/policy/example.com", 200);
    char octet;
    assert_int_equal(read(idle[0], &octet, 1), 0);
    snprintf(huge, sizeof huge, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
    memset(huge + strlen(huge), 'x', sizeof huge - strlen(huge) - 1);
    ssize_t sent = write(fd, huge, sizeof huge - 1);
    assert_true(sent > WW_FRONT_HTTP_HEAD);
    assert_int_equal(status(fd), 431);
    close(fd);
    for (size_t i = 0; i < COUNT(idle); i++)
        close(idle[i]);
}

#define FEW_FILES 128

/* For good, so that it comes last. */
static int setup_few_files(void **state)
{
    const struct rlimit few = {FEW_FILES, FEW_FILES};
    return setrlimit(RLIMIT_NOFILE, &few) == 0 ? setup_http(state) : -1;
}

/* MTAs have the rest: at a quarter of them the first idle one gives way. */
static void leaves_descriptors_to_others(void **state)
{
    (void)state;
    int idle[FEW_FILES / 4];
    char octet;
    begin();
    for (size_t i = 0; i < COUNT(idle); i++) {
        idle[i] = dial();
        settle();
    }
    assert_int_equal(read(idle[0], &octet, 1), -1);
    int more = dial();
    settle();
    assert_int_equal(read(idle[0], &octet, 1), 0);
    close(more);
    for (size_t i = 0; i < COUNT(idle); i++)
        close(idle[i]);
}

#define HTTP_CASE(name) cmocka_unit_test_setup_teardown(name, setup_http, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HTTP_CASE(answers_what_is_known),
        HTTP_CASE(waits_for_the_flight),
        HTTP_CASE(answers_at_the_deadline),
        HTTP_CASE(reads_names_strictly),
        HTTP_CASE(refuses_long_names),
        HTTP_CASE(tells_what_there_is),
        HTTP_CASE(counts_as_others_do),
        HTTP_CASE(pipelined_requests_keep_their_order),
        HTTP_CASE(waits_until_all_is_loaded),
        HTTP_CASE(listeners_come_and_go),
        HTTP_CASE(survives_who_goes_away),
        HTTP_CASE(bounds_what_waits),
        HTTP_CASE(bounds_connections_and_heads),
        cmocka_unit_test_setup_teardown(leaves_descriptors_to_others, setup_few_files, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
