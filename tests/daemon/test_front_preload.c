/* The preload list as a client of the front meets it. */
#include "front_fixture.h"

#include <fcntl.h>
#include <sys/mman.h>

#define LISTED "51:OK secure match=mx.list.example servername=hostname,"
#define FAR INT64_C(100000)
#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static struct fake_peer preload;

static void connect_preload(void)
{
    static const struct ww_msg_peer peer = {.kind = WW_ROLE_PRELOAD, .count = 1};
    ww_role_front.peer(t.front, &peer, fake_peer_open(&preload, t.base));
}

/* A list with a.example, enforced, and t.example, in testing; -1: there is none. */
static int list_file(int64_t lasts, int seals, size_t cut)
{
    static const struct ww_preload_policy policies[] = {
        {WW_MODE_ENFORCE, {"", 0}, {"\017mx.list.example", 16}, 1},
        {WW_MODE_TESTING, {"", 0}, {"\017mx.list.example", 16}, 1},
    };
    static const struct ww_preload_name names[] = {{{"a.example", 9}, 0}, {{"t.example", 9}, 1}};
    char space[512];
    struct ww_buf b = ww_buf(space, sizeof space);
    const struct ww_preload_content content = {.timestamp = 1,
                                               .expires = (int64_t)time(NULL) + lasts,
                                               .author = ww_slice_str(""),
                                               .names = names,
                                               .count = 2,
                                               .policies = policies,
                                               .policy_count = 2};
    ww_preload_write(&content, &b);
    int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    assert_true(fd >= 0 && write(fd, b.p, b.n - cut) == (ssize_t)(b.n - cut));
    assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
    return fd;
}

static void tell(int fd)
{
    assert_int_equal(ww_chan_send(preload.chan, WW_MSG_PRELOAD, ww_slice("", 0), fd), WW_OK);
    if (fd >= 0)
        close(fd);
    settle();
}

static void look_up(int fd, const char *domain, enum ww_discovery_outcome outcome, const char *expected)
{
    char question[64];
    snprintf(question, sizeof question, "QUERYwithTLSRPT %s", domain);
    ask(fd, question);
    resolved(resolve(domain).flight, outcome, outcome == WW_FOUND_POLICY ? "1" : "",
             outcome == WW_FOUND_POLICY ? policy_body : "");
    expect(fd, expected);
}

static void counts_where_there_is_no_policy(void **state)
{
    (void)state;
    begin();
    connect_preload();
    tell(list_file(FAR, SEALS, 0));
    int fd = client();
    look_up(fd, "a.example", WW_FOUND_NO_RECORD, LISTED);
    look_up(fd, "t.example", WW_FOUND_NO_RECORD, NOTFOUND);
    look_up(fd, "b.example", WW_FOUND_NO_RECORD, NOTFOUND);
    look_up(fd, "b.a.example", WW_FOUND_DNS_FAILURE, NOTFOUND);
    ask(fd, "QUERY a.example"); /* at once, from what is known */
    expect(fd, LISTED);
    assert_int_equal(t.stats.stats.values[WW_STAT_PRELOAD_ANSWERS], 2);
    close(fd);
}

static void a_failure_is_no_policy_either(void **state)
{
    (void)state;
    static const enum ww_discovery_outcome outcomes[] = {WW_FOUND_DNS_FAILURE, WW_FOUND_FETCH_FAILURE,
                                                         WW_FOUND_POLICY_INVALID, WW_FOUND_RECORD_INVALID};
    begin();
    connect_preload();
    tell(list_file(FAR, SEALS, 0));
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
        int fd = client();
        look_up(fd, "a.example", outcomes[i], LISTED);
        close(fd);
        teardown(state);
        assert_int_equal(setup(state), 0);
        begin();
        connect_preload();
        tell(list_file(FAR, SEALS, 0));
    }
}

static void does_not_count_beside_a_policy(void **state)
{
    (void)state;
    connect_preload();
    tell(list_file(FAR, SEALS, 0));
    load_policy("a.example", policy_body, 60);
    begin();
    int fd = client();
    /* Twice, and more: the answer is kept the second time. */
    for (int i = 0; i < 4; i++) {
        ask(fd, "QUERY a.example");
        expect(fd, ANSWER);
    }
    assert_int_equal(t.stats.stats.values[WW_STAT_PRELOAD_ANSWERS], 0);
    close(fd);
}

static void changes_and_ends(void **state)
{
    (void)state;
    begin();
    connect_preload();
    int fd = client();
    look_up(fd, "a.example", WW_FOUND_NO_RECORD, NOTFOUND);
    tell(list_file(FAR, SEALS, 0));
    ask(fd, "QUERY a.example");
    expect(fd, LISTED);
    tell(list_file(-1, SEALS, 0)); /* it has expired */
    ask(fd, "QUERY a.example");
    expect(fd, NOTFOUND);
    tell(list_file(FAR, SEALS, 0));
    tell(-1);
    ask(fd, "QUERY a.example");
    expect(fd, NOTFOUND);
    close(fd);
}

static void what_is_no_list_changes_nothing(void **state)
{
    (void)state;
    begin();
    connect_preload();
    tell(list_file(FAR, SEALS, 0));
    tell(list_file(FAR, SEALS, 1));
    tell(list_file(-1, SEALS & ~F_SEAL_WRITE, 0)); /* it could change under our hands */
    tell(list_file(-1, SEALS & ~F_SEAL_SHRINK, 0));
    int fd = client();
    look_up(fd, "a.example", WW_FOUND_NO_RECORD, LISTED);
    close(fd);
}

static void outlives_the_role(void **state)
{
    (void)state;
    begin();
    connect_preload();
    tell(list_file(FAR, SEALS, 0));
    fake_peer_close(&preload);
    settle();
    int fd = client();
    look_up(fd, "a.example", WW_FOUND_NO_RECORD, LISTED);
    /* None is configured any more. */
    ww_role_front.reload(t.front);
    ask(fd, "QUERY a.example");
    expect(fd, NOTFOUND);
    close(fd);
}

static char source[] = "/l";

static int setup_waiting(void **state)
{
    (void)state;
    preset_preload = source;
    int status = setup_with(1);
    preset_preload = NULL;
    return status;
}

/* What was known before a restart is known before the first answer. */
static void look_ups_wait_for_the_list(void **state)
{
    (void)state;
    begin();
    connect_preload();
    int fd = client();
    ask(fd, "QUERY a.example");
    no_flight();
    tell(list_file(FAR, SEALS, 0));
    resolved(resolve("a.example").flight, WW_FOUND_NO_RECORD, "", "");
    expect(fd, LISTED);
    close(fd);
}

static int teardown_all(void **state)
{
    fake_peer_close(&preload);
    return teardown(state);
}

#define LIST_CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIST_CASE(counts_where_there_is_no_policy),
        LIST_CASE(a_failure_is_no_policy_either),
        LIST_CASE(does_not_count_beside_a_policy),
        LIST_CASE(changes_and_ends),
        LIST_CASE(what_is_no_list_changes_nothing),
        LIST_CASE(outlives_the_role),
        cmocka_unit_test_setup_teardown(look_ups_wait_for_the_list, setup_waiting, teardown_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
