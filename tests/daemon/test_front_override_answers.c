/* Overrides and the dry run as a client of the front meets them. */
#include "front_fixture.h"

#define TESTING_BODY "version: STSv1\nmode: testing\nmx: mail.example.com\nmax_age: 86400\n"

static struct ww_override override_of(const char *key, enum ww_override_level level, int64_t until)
{
    return (struct ww_override){.key = key,
                                .level = level,
                                .mx = "",
                                .until = until,
                                .reason = "because",
                                .who = "alice",
                                .set_at = 5};
}

static void put_override(struct ww_buf *b, const struct ww_override *o)
{
    b->n = 0;
    ww_msg_put_override(b, o);
}

static void set(const char *key, enum ww_override_level level, int64_t until)
{
    char space[4096];
    struct ww_buf b = ww_buf(space, sizeof space);
    const struct ww_override o = override_of(key, level, until);
    put_override(&b, &o);
    fake_peer_send(&t.keeper, WW_MSG_OVERRIDE, &b);
    settle();
}

static void removed(const char *key)
{
    char space[512];
    struct ww_buf b = ww_buf(space, sizeof space);
    ww_msg_put_key(&b, key);
    fake_peer_send(&t.keeper, WW_MSG_OVERRIDE_GONE, &b);
    settle();
}

/* The number of the request for all that was sent last. */
static uint32_t asked(void)
{
    struct ww_msg_load_overrides m = {0};
    settle();
    for (size_t i = 0; i < t.keeper.count; i++)
        if (t.keeper.messages[i].type == WW_MSG_LOAD_OVERRIDES)
            assert_int_equal(ww_msg_get_load_overrides(t.keeper.messages[i].payload, &m), WW_OK);
    return m.number;
}

/* All that the store has: one override, or none for NULL. */
static void all_are(uint32_t number, const char *key, bool whole)
{
    char space[4096], one[4096], parts[4096];
    struct ww_buf b = ww_buf(space, sizeof space);
    struct ww_buf part = ww_buf(one, sizeof one);
    struct ww_buf list = ww_buf(parts, sizeof parts);
    if (key != NULL) {
        const struct ww_override o = override_of(key, WW_OVERRIDE_MAY, 0);
        put_override(&part, &o);
        ww_msg_put_part(&list, ww_slice(part.p, part.n));
    }
    const struct ww_msg_overrides m = {number, true, true, whole, ww_slice(list.p, list.n)};
    ww_msg_put_overrides(&b, &m);
    fake_peer_send(&t.keeper, WW_MSG_OVERRIDES, &b);
    settle();
}

static void expect_answer(int fd, const char *question, const char *answer)
{
    ask(fd, question);
    expect(fd, answer);
}

#define MAY "6:OK may,"
#define ENCRYPT "10:OK encrypt,"

static void answers_without_discovery(void **state)
{
    (void)state;
    begin();
    int fd = client();
    set("a.example", WW_OVERRIDE_MAY, 0);
    set("b.example", WW_OVERRIDE_ENCRYPT, 0);
    set("c.example", WW_OVERRIDE_OFF, 0);
    expect_answer(fd, "QUERY a.example", MAY);
    expect_answer(fd, "QUERYwithTLSRPT b.example", ENCRYPT);
    expect_answer(fd, "QUERY c.example", NOTFOUND);
    no_flight();
    close(fd);
}

static void beats_the_cached_answer_and_gives_it_back(void **state)
{
    (void)state;
    load_policy("a.example", policy_body, 0);
    begin();
    int fd = client();
    expect_answer(fd, "QUERY a.example", ANSWER);
    set("a.example", WW_OVERRIDE_MAY, 0);
    expect_answer(fd, "QUERY a.example", MAY);
    removed("a.example");
    expect_answer(fd, "QUERY a.example", ANSWER);
    set(".example", WW_OVERRIDE_OFF, 0);
    expect_answer(fd, "QUERY a.example", NOTFOUND);
    removed(".example");
    expect_answer(fd, "QUERY a.example", ANSWER);
    close(fd);
}

static void ends_without_being_asked(void **state)
{
    (void)state;
    load_policy("a.example", policy_body, 0);
    begin();
    int fd = client();
    int64_t until = (int64_t)time(NULL) + 2;
    set("a.example", WW_OVERRIDE_MAY, until);
    expect_answer(fd, "QUERY a.example", MAY);
    while ((int64_t)time(NULL) < until)
        usleep(20000);
    expect_answer(fd, "QUERY a.example", ANSWER);
    close(fd);
}

/* Without patterns of its own, and to enforce a testing policy, it needs the policy. */
static void waits_for_the_policy_where_it_needs_one(void **state)
{
    (void)state;
    begin();
    int fd = client();
    set("a.example", WW_OVERRIDE_SECURE, 0);
    set("b.example", WW_OVERRIDE_ENFORCE_TESTING, 0);
    ask(fd, "QUERY a.example");
    resolved(resolve("a.example").flight, WW_FOUND_POLICY, "1", TESTING_BODY);
    expect(fd, ANSWER);
    ask(fd, "QUERY b.example");
    resolved(resolve("b.example").flight, WW_FOUND_POLICY, "1", TESTING_BODY);
    expect(fd, ANSWER);
    set("c.example", WW_OVERRIDE_SECURE, 0);
    ask(fd, "QUERY c.example");
    resolved(resolve("c.example").flight, WW_FOUND_NO_RECORD, "", "");
    expect(fd, "29:OK secure servername=hostname,");
    close(fd);
}

static void a_reload_takes_over_the_configured(void **state)
{
    (void)state;
    struct ww_override configured = override_of("a.example", WW_OVERRIDE_ENCRYPT, 0);
    configured.configured = true;
    load_policy("a.example", policy_body, 0);
    begin();
    int fd = client();
    expect_answer(fd, "QUERY a.example", ANSWER);
    t.config.overrides = &configured;
    t.config.override_count = 1;
    ww_role_front.reload(t.front);
    expect_answer(fd, "QUERY a.example", ENCRYPT);
    set("a.example", WW_OVERRIDE_MAY, 0);
    expect_answer(fd, "QUERY a.example", MAY);
    t.config.override_count = 0;
    ww_role_front.reload(t.front);
    expect_answer(fd, "QUERY a.example", MAY);
    removed("a.example");
    expect_answer(fd, "QUERY a.example", ANSWER);
    close(fd);
}

static void a_new_keeper_says_which_there_are(void **state)
{
    (void)state;
    begin();
    int fd = client();
    set("a.example", WW_OVERRIDE_MAY, 0);
    set("b.example", WW_OVERRIDE_MAY, 0);
    connect_keeper();
    all_are(asked(), "b.example", true);
    expect_answer(fd, "QUERY b.example", MAY);
    ask(fd, "QUERY a.example");
    resolved(resolve("a.example").flight, WW_FOUND_NO_RECORD, "", "");
    expect(fd, NOTFOUND);
    close(fd);
}

/* A store that can only be read may not have the last ones. */
static void what_may_be_incomplete_takes_nothing_away(void **state)
{
    (void)state;
    begin();
    int fd = client();
    set("a.example", WW_OVERRIDE_MAY, 0);
    connect_keeper();
    all_are(asked(), "b.example", false);
    expect_answer(fd, "QUERY a.example", MAY);
    expect_answer(fd, "QUERY b.example", MAY);
    close(fd);
}

static void a_store_that_has_lost_them_gets_them_back(void **state)
{
    (void)state;
    begin();
    int fd = client();
    set("a.example", WW_OVERRIDE_MAY, 0);
    uint32_t before = asked();
    fake_peer_send(&t.keeper, WW_MSG_ANEW, NULL);
    all_are(before, NULL, true); /* an answer from before the loss was known of */
    expect_answer(fd, "QUERY a.example", MAY);
    assert_int_not_equal(asked(), before);
    struct ww_msg_override m;
    const struct fake_message *got = keeper_next();
    assert_non_null(got);
    assert_int_equal(got->type, WW_MSG_OVERRIDE);
    assert_int_equal(ww_msg_get_override(got->payload, &m), WW_OK);
    assert_string_equal(m.override.key, "a.example");
    /* The keeper dies before it could store it: so does the next get it. */
    connect_keeper();
    settle();
    got = keeper_next();
    assert_non_null(got);
    assert_int_equal(got->type, WW_MSG_OVERRIDE);
    all_are(asked(), "a.example", true);
    connect_keeper();
    settle();
    assert_null(keeper_next());
    close(fd);
}

static void explains_why_it_counts(void **state)
{
    (void)state;
    load_policy("a.example", policy_body, 0);
    begin();
    int fd = client();
    set(".example", WW_OVERRIDE_MAY, 0);
    ask(fd, "EXPLAIN a.example");
    settle();
    const char *text = answers(fd);
    assert_non_null(strstr(text, "\"level\":\"may\""));
    assert_non_null(
        strstr(text, "\"override\":{\"key\":\".example\",\"level\":\"may\",\"applied\":true,"
                     "\"source\":\"run time\",\"until\":null,\"reason\":\"because\",\"who\":\"alice\""));
    assert_non_null(strstr(text, "\"mode\":\"enforce\""));
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(answers_without_discovery),
        CASE(beats_the_cached_answer_and_gives_it_back),
        CASE(ends_without_being_asked),
        CASE(waits_for_the_policy_where_it_needs_one),
        CASE(a_reload_takes_over_the_configured),
        CASE(a_new_keeper_says_which_there_are),
        CASE(what_may_be_incomplete_takes_nothing_away),
        CASE(a_store_that_has_lost_them_gets_them_back),
        CASE(explains_why_it_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
