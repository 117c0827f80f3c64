/* As what the answers of each map are counted, also when they were kept from the time before. */
#include "front_fixture.h"

static const char testing_body[] = "version: STSv1\nmode: testing\nmx: mail.example.com\nmax_age: 86400\n";

static const struct {
    const char *request;
    enum ww_socketmap_map map;
    enum ww_stat_answer kind;
} cases[] = {
    {"QUERY a.example", WW_MAP_QUERY, WW_ANSWERED_SECURE},
    {"QUERYwithTLSRPT a.example", WW_MAP_QUERY_WITH_TLSRPT, WW_ANSWERED_SECURE},
    {"sts a.example", WW_MAP_STS, WW_ANSWERED_SECURE},
    {"stsmx mail.example.com@a.example", WW_MAP_STS_MX, WW_ANSWERED_SECURE},
    {"stsmx other.example.com@a.example", WW_MAP_STS_MX, WW_ANSWERED_NOTFOUND},
    {"DECISION a.example", WW_MAP_DECISION, WW_ANSWERED_SECURE},
    {"EXPLAIN a.example", WW_MAP_EXPLAIN, WW_ANSWERED_EXPLAINED},
    {"QUERY testing.example", WW_MAP_QUERY, WW_ANSWERED_TESTING},
    {"QUERYwithTLSRPT testing.example", WW_MAP_QUERY_WITH_TLSRPT, WW_ANSWERED_TESTING},
    {"sts testing.example", WW_MAP_STS, WW_ANSWERED_TESTING},
    {"stsmx mail.example.com@testing.example", WW_MAP_STS_MX, WW_ANSWERED_TESTING},
    {"DECISION testing.example", WW_MAP_DECISION, WW_ANSWERED_TESTING},
    {"QUERY [192.0.2.1]", WW_MAP_QUERY, WW_ANSWERED_NOTFOUND},
    {"stsmx mail.example.com@[192.0.2.1]", WW_MAP_STS_MX, WW_ANSWERED_NOTFOUND},
    {"stsmx a.example", WW_MAP_STS_MX, WW_ANSWERED_TEMP},
    {"DECISION [192.0.2.1]", WW_MAP_DECISION, WW_ANSWERED_NOTFOUND},
    {"QUARY a.example", WW_MAP_UNKNOWN, WW_ANSWERED_PERM},
};

static uint64_t counted(size_t i)
{
    return t.stats.stats.values[ww_stat_lookup(cases[i].map, cases[i].kind, false)];
}

/* Three times, as the second answer is kept and the third may be that one. */
static void each_map_counts_what_it_has_answered(void **state)
{
    (void)state;
    load_policy("a.example", policy_body, 0);
    begin();
    int fd = client();
    ask(fd, "QUERY testing.example");
    resolved(resolve("testing.example").flight, WW_FOUND_POLICY, "1", testing_body);
    expect(fd, NOTFOUND);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t before = counted(i);
        for (int times = 0; times < 3; times++) {
            ask(fd, cases[i].request);
            settle();
            assert_non_null(answers(fd));
        }
        if (counted(i) != before + 3)
            fail_msg("%s: %llu", cases[i].request, (unsigned long long)(counted(i) - before));
    }
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(each_map_counts_what_it_has_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
