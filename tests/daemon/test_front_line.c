/* The line protocol on the connections of MTAs. */
#include "core/line.h"
#include "daemon/front_client.h"

#include "front_fixture.h"

#define LINE "mode=enforce id=1 mxre=^(?i)(mail\\.example\\.com)$ mx=mail.example.com\n"
#define OTHER_LINE "mode=enforce id=2 mxre=^(?i)(other\\.example\\.com)$ mx=other.example.com\n"

static uint64_t counted(enum ww_stat_answer answer, bool waited)
{
    return t.stats.stats.values[ww_stat_lookup(WW_MAP_LINE, answer, waited)];
}

/* One connection for each; what it gets, after which it is closed. */
static const struct {
    const char *request;
    const char *answer; /* NULL: closed without one */
} cases[] = {
    {"sts example.com\n", LINE},
    {"sts EXAMPLE.com.\r\n", LINE},
    {"sts example.com:25\n", LINE},
    {"sts example.com\nsts example.com\n", LINE},
    {"sts example.com\n17:QUERY example.com,", LINE},
    {"sts [192.0.2.1]\n", "mode=none\n"},
    {"sts 192.0.2.1\n", "mode=none\n"},
    {"sts -.example\n", "mode=none\n"},
    {"sts example.com:587\n", "mode=none\n"},
    {"sts\n", "mode=temperr reason=\"the request is not the word sts, a space and a domain\"\n"},
    {"sts \n", "mode=temperr reason=\"the request is not the word sts, a space and a domain\"\n"},
    {"STS example.com\n", "mode=temperr reason=\"the request is not the word sts, a space and a domain\"\n"},
    {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
     "mode=temperr reason=\"the request is not the word sts, a space and a domain\"\n"},
    {"\n", NULL},
    {" sts example.com\n", NULL},
    {"\xff", NULL},
};

static void a_request_has_one_answer(void **state)
{
    (void)state;
    load_policy("example.com", policy_body, 0);
    begin();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int fd = client();
        write_all(fd, cases[i].request);
        if (cases[i].answer != NULL)
            expect(fd, cases[i].answer);
        expect(fd, NULL);
        close(fd);
    }
    assert_int_equal(counted(WW_ANSWERED_SECURE, false), 5);
    assert_int_equal(counted(WW_ANSWERED_NOTFOUND, false), 4);
    assert_int_equal(counted(WW_ANSWERED_TEMP, false), 4);
}

static void a_request_may_come_in_pieces(void **state)
{
    (void)state;
    load_policy("example.com", policy_body, 0);
    begin();
    int fd = client();
    static const char text[] = "sts example.com\n";
    for (size_t i = 0; i < sizeof text - 1; i++) {
        expect(fd, "");
        assert_int_equal(write(fd, text + i, 1), 1);
    }
    expect(fd, LINE);
    expect(fd, NULL);
    close(fd);
}

/* As Exim's readsocket does it, at once and while the answer is looked for. */
static void a_closed_write_side_still_gets_its_answer(void **state)
{
    (void)state;
    load_policy("example.com", policy_body, 0);
    begin();
    for (int settled = 0; settled < 2; settled++) {
        int fd = client();
        write_all(fd, "sts example.com\n");
        if (settled)
            settle();
        assert_int_equal(shutdown(fd, SHUT_WR), 0);
        expect(fd, LINE);
        expect(fd, NULL);
        close(fd);
    }
    int fd = client();
    write_all(fd, "sts a.example\n");
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    expect(fd, "");
    resolved(resolve("a.example").flight, WW_FOUND_POLICY, "2", other_body);
    expect(fd, OTHER_LINE);
    expect(fd, NULL);
    close(fd);
    assert_int_equal(counted(WW_ANSWERED_SECURE, true), 1);
}

/* What has lost its end may be the beginning of another name. */
static void a_line_without_its_end_is_no_request(void **state)
{
    (void)state;
    load_policy("example.com", policy_body, 0);
    begin();
    int fd = client();
    write_all(fd, "sts example.com");
    expect(fd, "");
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    expect(fd, "mode=temperr reason=\"the request has no line feed at its end\"\n");
    expect(fd, NULL);
    close(fd);
    fd = client();
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    expect(fd, NULL);
    close(fd);
}

static void a_line_may_be_long_but_not_longer(void **state)
{
    (void)state;
    begin();
    static char text[20000];
    for (int longer = 0; longer < 3; longer++) {
        const size_t sizes[] = {WW_LINE_MAX, WW_LINE_MAX + 2, sizeof text};
        int fd = client();
        memset(text, 'a', sizeof text);
        memcpy(text, "sts ", 4);
        size_t n = sizes[longer];
        if (longer == 0)
            text[n++] = '\n';
        assert_int_equal(write(fd, text, n), n);
        expect(fd, longer ? "mode=temperr reason=\"the request is longer than any domain name\"\n"
                          : "mode=none\n");
        errno = 0;
        assert_true(read(fd, text, 1) == 0 || errno == ECONNRESET);
        close(fd);
    }
}

static void it_is_told_what_counts(void **state)
{
    (void)state;
    begin();
    int fd = client();
    write_all(fd, "sts a.example\n");
    expect(fd, "");
    resolved(resolve("a.example").flight, WW_FOUND_NO_RECORD, "", "");
    expect(fd, "mode=none\n");
    close(fd);
    fd = client();
    write_all(fd, "sts b.example\n");
    expect(fd, "");
    resolved(resolve("b.example").flight, WW_FOUND_POLICY, "x9",
             "version: STSv1\nmode: testing\nmx: mail.example.com\nmax_age: 86400\n");
    expect(fd, "mode=testing id=x9 mx=mail.example.com\n");
    close(fd);
    t.config.dry_run = true;
    fd = client();
    write_all(fd, "sts b.example\n");
    expect(fd, "mode=none\n");
    close(fd);
    assert_int_equal(counted(WW_ANSWERED_TESTING, true), 1);
    assert_int_equal(counted(WW_ANSWERED_NOTFOUND, true), 1);
    assert_int_equal(counted(WW_ANSWERED_NOTFOUND, false), 1);
}

/* Who does not want the answer any more. */
static void a_peer_that_goes_takes_its_request_along(void **state)
{
    (void)state;
    begin();
    int gone = client();
    write_all(gone, "sts a.example\n");
    settle();
    close(gone);
    resolved(resolve("a.example").flight, WW_FOUND_POLICY, "2", other_body);
    int fd = client();
    write_all(fd, "sts a.example\n");
    expect(fd, OTHER_LINE);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_request_has_one_answer),
        CASE(a_request_may_come_in_pieces),
        CASE(a_closed_write_side_still_gets_its_answer),
        CASE(a_line_without_its_end_is_no_request),
        CASE(a_line_may_be_long_but_not_longer),
        CASE(it_is_told_what_counts),
        CASE(a_peer_that_goes_takes_its_request_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
