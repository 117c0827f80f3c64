/* The map DECISION as a client of the front meets it. */
#include "front_fixture.h"

static const char *told(int fd, const char *domain)
{
    char request[128];
    (void)snprintf(request, sizeof request, "DECISION %s", domain);
    ask(fd, request);
    settle();
    const char *text = answers(fd);
    assert_non_null(text);
    return text;
}

static void expect_told(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("%s\nhas no\n%s", text, part);
}

static uint64_t counted(enum ww_stat_answer kind, bool waited)
{
    return t.stats.stats.values[ww_stat_lookup(WW_MAP_DECISION, kind, waited)];
}

static void what_is_cached_is_told_at_once(void **state)
{
    (void)state;
    load_policy("a.example", policy_body, 0);
    begin();
    int fd = client();
    for (uint64_t i = 1; i <= 3; i++) {
        const char *text = told(fd, "A.example");
        expect_told(text, ":OK v=1 domain=a.example level=secure mode=enforce id=1 expires=20");
        expect_told(text, " source=cache until=20");
        expect_told(text, " mx=mail.example.com,");
        /* By what was decided, not by the words. */
        assert_int_equal(counted(WW_ANSWERED_SECURE, false), i);
    }
    /* An answer for Postfix is none for others. */
    ask(fd, "QUERY a.example");
    expect(fd, ANSWER);
    no_flight();
    close(fd);
}

static void what_is_not_known_is_looked_up(void **state)
{
    (void)state;
    begin();
    int fd = client();
    ask(fd, "DECISION a.example");
    resolved(resolve("a.example").flight, WW_FOUND_NO_RECORD, "", "");
    settle();
    const char *text = answers(fd);
    expect_told(text, ":OK v=1 domain=a.example level=none source=live until=20");
    assert_int_equal(counted(WW_ANSWERED_NOTFOUND, true), 1);
    ask(fd, "DECISION [192.0.2.1]");
    expect(fd, NOTFOUND);
    assert_int_equal(counted(WW_ANSWERED_NOTFOUND, false), 1);
    close(fd);
}

static void a_dry_run_demands_nothing_and_says_what_it_would(void **state)
{
    (void)state;
    t.config.dry_run = true;
    load_policy("a.example", policy_body, 0);
    begin();
    int fd = client();
    const char *text = told(fd, "a.example");
    expect_told(text, " level=none withheld=secure mode=enforce ");
    assert_null(strstr(text, " mx="));
    assert_int_equal(counted(WW_ANSWERED_NOTFOUND, false), 1);
    close(fd);
}

static void an_override_is_told(void **state)
{
    (void)state;
    struct ww_override configured = {
        .key = ".example", .level = WW_OVERRIDE_MAY, .configured = true, .mx = "", .reason = "", .who = ""};
    load_policy("a.example", policy_body, 0);
    t.config.overrides = &configured;
    t.config.override_count = 1;
    ww_role_front.reload(t.front);
    begin();
    int fd = client();
    expect_told(told(fd, "a.example"), " level=may mode=enforce id=1 ");
    expect_told(told(fd, "a.example"), " source=override override=may ");
    assert_int_equal(counted(WW_ANSWERED_MAY, false), 2);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_cached_is_told_at_once),
        CASE(what_is_not_known_is_looked_up),
        CASE(a_dry_run_demands_nothing_and_says_what_it_would),
        CASE(an_override_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
