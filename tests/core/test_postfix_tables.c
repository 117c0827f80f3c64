#include "core/postfix_tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* What is cut from a list; a map of NULL: no socketmap. */
static const struct {
    const char *list;
    struct {
        const char *text;
        bool proxied;
        const char *server;
        const char *map;
    } tables[4];
} lists[] = {
    {"", {{0}}},
    {" , \t", {{0}}},
    {"socketmap:inet:127.0.0.1:8461:QUERY",
     {{"socketmap:inet:127.0.0.1:8461:QUERY", false, "inet:127.0.0.1:8461", "QUERY"}}},
    {"socketmap:inet:[::1]:8461:QUERY",
     {{"socketmap:inet:[::1]:8461:QUERY", false, "inet:[::1]:8461", "QUERY"}}},
    {"socketmap:unix:waxwing/socketmap:QUERYwithTLSRPT",
     {{"socketmap:unix:waxwing/socketmap:QUERYwithTLSRPT", false, "unix:waxwing/socketmap",
       "QUERYwithTLSRPT"}}},
    {"proxy:socketmap:unix:/run/w:QUERY",
     {{"proxy:socketmap:unix:/run/w:QUERY", true, "unix:/run/w", "QUERY"}}},
    {"hash:/etc/postfix/tls, socketmap:inet:localhost:1:Q",
     {{"hash:/etc/postfix/tls", false, NULL, NULL},
      {"socketmap:inet:localhost:1:Q", false, "inet:localhost:1", "Q"}}},
    {"inline:{a=may, {b = secure x}} {  socketmap:inet:8461:Q }",
     {{"inline:{a=may, {b = secure x}}", false, NULL, NULL},
      {"socketmap:inet:8461:Q", false, "inet:8461", "Q"}}},
    {"socketmap:QUERY static:may",
     {{"socketmap:QUERY", false, NULL, NULL}, {"static:may", false, NULL, NULL}}},
    {"{unfinished, x", {{"{unfinished, x", false, NULL, NULL}}},
};

static void cuts_lists(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(lists); i++) {
        struct ww_slice list = ww_slice_str(lists[i].list);
        struct ww_postfix_table t;
        size_t n = 0;
        for (; ww_postfix_tables_next(&list, &t); n++) {
            const char *map = lists[i].tables[n].map;
            if (lists[i].tables[n].text == NULL || !ww_slice_is(t.text, lists[i].tables[n].text) ||
                t.proxied != lists[i].tables[n].proxied || t.socketmap != (map != NULL) ||
                (map != NULL &&
                 (!ww_slice_is(t.map, map) || !ww_slice_is(t.server, lists[i].tables[n].server))))
                fail_msg("%s: table %zu", lists[i].list, n);
        }
        if (lists[i].tables[n].text != NULL)
            fail_msg("%s: %zu tables", lists[i].list, n);
    }
}

static void reads_inet_servers(void **state)
{
    (void)state;
    static const struct {
        const char *server, *host, *port;
    } cases[] = {
        {"inet:127.0.0.1:8461", "127.0.0.1", "8461"},
        {"inet:[::1]:8461", "::1", "8461"},
        {"inet:localhost:8461", "localhost", "8461"},
        {"inet:8461", "", "8461"},
        {"inet:", NULL, NULL},
        {"inet:host:", NULL, NULL},
        {"unix:/run/w", NULL, NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_slice host, port;
        bool good = ww_postfix_server_inet(ww_slice_str(cases[i].server), &host, &port);
        if (good != (cases[i].host != NULL) ||
            (good && (!ww_slice_is(host, cases[i].host) || !ww_slice_is(port, cases[i].port))))
            fail_msg("%s", cases[i].server);
    }
}

static void finds_paths(void **state)
{
    (void)state;
    static const struct {
        const char *server;
        bool jailed;
        const char *path;
    } cases[] = {
        {"unix:waxwing/socketmap", false, "/spool/waxwing/socketmap"},
        {"unix:waxwing/socketmap", true, "/spool/waxwing/socketmap"},
        {"unix:/run/waxwing/s", false, "/run/waxwing/s"},
        {"unix:/run/waxwing/s", true, "/spool/run/waxwing/s"},
        {"unix:", false, NULL},
        {"inet:8461", false, NULL},
        {"unix:/this/is/a/path/that/is/longer/than/the/room", false, NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char path[32];
        bool good = ww_postfix_server_path(ww_slice_str(cases[i].server), ww_slice_str("/spool"),
                                           cases[i].jailed, path, sizeof path);
        if (good != (cases[i].path != NULL) || (good && strcmp(path, cases[i].path) != 0))
            fail_msg("%s", cases[i].server);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_lists),
        cmocka_unit_test(reads_inet_servers),
        cmocka_unit_test(finds_paths),
    };
    return cmocka_run_group_tests_name("postfix_tables", tests, NULL, NULL);
}
