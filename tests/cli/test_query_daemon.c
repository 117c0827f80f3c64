/* The client of `waxwing query` against a listener that says what a script tells it to. */
#include "cli/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define S(text)                \
    {                          \
        text, sizeof(text) - 1 \
    }
#define REQUEST "19:EXPLAIN example.com,"

static char folder[] = "/tmp/waxwing-test-XXXXXX";
static char path[sizeof folder + 8];
static char address[sizeof path + 8];

enum manner {
    AT_ONCE,
    BY_OCTETS, /* one at a time */
    SILENT,    /* says its words and keeps the connection */
};

/* Answers one connection in a process of its own, which ends with 0 when the request was the right one. */
static pid_t serve(struct ww_slice words, enum manner manner)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    memcpy(un.sun_path, path, sizeof path);
    (void)unlink(path);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (const struct sockaddr *)&un, sizeof un), 0);
    assert_int_equal(listen(listener, 1), 0);
    pid_t pid = fork();
    assert_int_not_equal(pid, -1);
    if (pid > 0) {
        close(listener);
        return pid;
    }
    char request[64];
    size_t there = 0;
    int fd = accept(listener, NULL, NULL);
    while (there < sizeof REQUEST - 1) {
        ssize_t n = read(fd, request + there, sizeof request - there);
        if (n <= 0)
            _exit(2);
        there += (size_t)n;
    }
    for (size_t i = 0; i < words.n;) {
        size_t n = manner == BY_OCTETS ? 1 : words.n - i;
        if (send(fd, words.p + i, n, MSG_NOSIGNAL) != (ssize_t)n)
            break;
        i += n;
    }
    if (manner == SILENT) {
        char more;
        while (read(fd, &more, 1) > 0) /* until the client goes */
            continue;
    }
    _exit(there == sizeof REQUEST - 1 && memcmp(request, REQUEST, there) == 0 ? 0 : 1);
}

static const struct {
    struct ww_slice words;
    enum manner manner;
    enum ww_query_outcome outcome;
    const char *why;
} cases[] = {
    {S("12:OK {\"a\":\"b\"},"), AT_ONCE, WW_QUERY_ANSWER, ""},
    {S("12:OK {\"a\":\"b\"},"), BY_OCTETS, WW_QUERY_ANSWER, ""},
    {S("9:NOTFOUND ,"), AT_ONCE, WW_QUERY_NO_DOMAIN, ""},
    {S("10:TEMP later,"), AT_ONCE, WW_QUERY_FAILED, "it answers: TEMP later"},
    {S("10:PERM \x1b[2J\n,"), AT_ONCE, WW_QUERY_FAILED, "it answers: PERM \\027[2J\\010"},
    {S("6:OK {x},"), AT_ONCE, WW_QUERY_FAILED, "it answers: OK {x}"},
    {S("5:OK [],"), AT_ONCE, WW_QUERY_FAILED, "it answers: OK []"},
    {S("16:OK {\"a\":1,\"a\":2},"), AT_ONCE, WW_QUERY_FAILED, "it answers: OK {\"a\":1,\"a\":2}"},
    {S("0:,"), AT_ONCE, WW_QUERY_FAILED, "it answers: "},
    {S("HTTP/1.1 400"), AT_ONCE, WW_QUERY_FAILED, "Protocol error"},
    {S("100001:"), AT_ONCE, WW_QUERY_FAILED, "Protocol error"},
    {S(""), AT_ONCE, WW_QUERY_FAILED, "Connection reset by peer"},
    {S("13:OK {"), AT_ONCE, WW_QUERY_FAILED, "Connection reset by peer"},
    {S("13:OK {"), SILENT, WW_QUERY_FAILED, "Connection timed out"},
    {S(""), SILENT, WW_QUERY_FAILED, "Connection timed out"},
};

static void takes_only_whole_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *json = NULL;
        char why[WW_QUERY_WHY_SIZE] = "";
        int status = -1;
        pid_t pid = serve(cases[i].words, cases[i].manner);
        unsigned deadline = cases[i].manner == SILENT ? 50 : 20000;
        enum ww_query_outcome outcome = ww_query_daemon(address, "example.com", deadline, &json, why);
        if (outcome != cases[i].outcome || strcmp(why, cases[i].why) != 0)
            fail_msg("case %zu: %d, %s", i, outcome, why);
        assert_int_equal(json != NULL, outcome == WW_QUERY_ANSWER);
        json_decref(json);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
    }
}

/* A policy with many MX hosts fills a reply. */
static void takes_the_longest_answer(void **state)
{
    (void)state;
    static char words[100100];
    int status = -1;
    json_t *json = NULL;
    char why[WW_QUERY_WHY_SIZE] = "";
    int n = snprintf(words, sizeof words, "100000:OK {\"a\":\"%*s\"},", 100000 - 11, "b");
    pid_t pid = serve(ww_slice(words, (size_t)n), AT_ONCE);
    assert_int_equal(ww_query_daemon(address, "example.com", 20000, &json, why), WW_QUERY_ANSWER);
    assert_int_equal(json_string_length(json_object_get(json, "a")), 100000 - 11);
    json_decref(json);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void knows_when_nobody_listens(void **state)
{
    (void)state;
    json_t *json = NULL;
    char why[WW_QUERY_WHY_SIZE] = "";
    (void)unlink(path);
    assert_int_equal(ww_query_daemon(address, "example.com", 1000, &json, why), WW_QUERY_NO_DAEMON);
    assert_string_equal(why, "No such file or directory");
    assert_int_equal(ww_query_daemon("ftp:", "example.com", 1000, &json, why), WW_QUERY_FAILED);
    assert_null(json);
}

static const struct {
    const char *json;
    bool temporary;
} lasts[] = {
    {"{\"level\":\"none\",\"mode\":null,\"last\":null}", true},
    {"{\"level\":\"none\",\"mode\":null,\"last\":\"dns-failure\"}", true},
    {"{\"level\":\"none\",\"mode\":null,\"last\":\"fetch-failure\"}", true},
    {"{\"level\":\"none\",\"mode\":null,\"last\":\"waiting\"}", true},
    {"{\"level\":\"none\",\"mode\":null,\"last\":\"no-record\"}", false},
    {"{\"level\":\"none\",\"mode\":null,\"last\":\"record-invalid\"}", false},
    {"{\"level\":\"none\",\"mode\":null,\"last\":\"policy-invalid\"}", false},
    {"{\"level\":\"none\",\"mode\":\"none\",\"last\":\"fetch-failure\"}", false},
    {"{\"level\":\"secure\",\"mode\":\"enforce\",\"last\":\"dns-failure\"}", false},
    {"{\"level\":\"hold\",\"mode\":\"enforce\",\"last\":\"policy\"}", true},
};

static void tells_an_answer_from_a_failure(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lasts / sizeof lasts[0]; i++) {
        json_t *json = json_loads(lasts[i].json, 0, NULL);
        assert_non_null(json);
        if (ww_query_is_temporary(json) != lasts[i].temporary)
            fail_msg("%s", lasts[i].json);
        json_decref(json);
    }
}

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/socket", folder);
    (void)snprintf(address, sizeof address, "unix:%s", path);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_only_whole_answers),
        cmocka_unit_test(takes_the_longest_answer),
        cmocka_unit_test(knows_when_nobody_listens),
        cmocka_unit_test(tells_an_answer_from_a_failure),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
