/* Lists of tables of Postfix: each piece lies inside the list, in its order. */
#include "check.h"
#include "core/postfix_tables.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(struct ww_slice part, struct ww_slice whole)
{
    CHECK(part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void check_server(struct ww_slice server)
{
    char path[108];
    struct ww_slice host, port;
    if (ww_postfix_server_inet(server, &host, &port)) {
        check_inside(host, server);
        check_inside(port, server);
        CHECK(port.n > 0);
    }
    for (int jailed = 0; jailed < 2; jailed++)
        if (ww_postfix_server_path(server, ww_slice_str("/q"), jailed == 1, path, sizeof path))
            CHECK(path[0] == '/' && strlen(path) < sizeof path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ww_slice list = ww_slice((const char *)data, size);
    struct ww_slice rest = list;
    struct ww_postfix_table table;
    const char *at = list.p;
    while (ww_postfix_tables_next(&rest, &table)) {
        check_inside(table.text, list);
        check_inside(rest, list);
        CHECK(table.text.p >= at && rest.p > at);
        at = rest.p;
        if (!table.socketmap)
            continue;
        check_inside(table.server, table.text);
        check_inside(table.map, table.text);
        CHECK(memchr(table.map.p, ':', table.map.n) == NULL);
        check_server(table.server);
    }
    return 0;
}
