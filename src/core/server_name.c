#include "core/server_name.h"

#include "base/ascii.h"
#include "base/cursor.h"

#define HOST_NAME 0 /* the one kind of name that there is */
#define PORT_DIGITS_MAX 5

bool ww_server_name_of_host(struct ww_slice value, char out[WW_DNAME_SIZE])
{
    size_t end = value.n;
    while (end > 0 && ww_is_digit(value.p[end - 1]))
        end--;
    if (end > 0 && value.p[end - 1] == ':') {
        if (value.n - end > PORT_DIGITS_MAX)
            return false;
        value.n = end - 1;
    }
    return ww_dname_canon(value.p, value.n, out) == WW_OK;
}

bool ww_server_name_of_hello(struct ww_slice extension, char out[WW_DNAME_SIZE])
{
    struct ww_cursor c = ww_cursor(extension.p, extension.n);
    struct ww_slice list = ww_cursor_take(&c, ww_cursor_u16(&c));
    if (c.failed || ww_cursor_left(&c) != 0)
        return false;
    struct ww_cursor names = ww_cursor(list.p, list.n);
    uint8_t kind = ww_cursor_u8(&names);
    struct ww_slice name = ww_cursor_take(&names, ww_cursor_u16(&names));
    return !names.failed && ww_cursor_left(&names) == 0 && kind == HOST_NAME &&
           ww_dname_canon(name.p, name.n, out) == WW_OK;
}

bool ww_server_name_offers_alone(struct ww_slice extension, const char *protocol)
{
    struct ww_cursor c = ww_cursor(extension.p, extension.n);
    struct ww_slice list = ww_cursor_take(&c, ww_cursor_u16(&c));
    if (c.failed || ww_cursor_left(&c) != 0)
        return false;
    struct ww_cursor one = ww_cursor(list.p, list.n);
    struct ww_slice name = ww_cursor_take(&one, ww_cursor_u8(&one));
    return !one.failed && ww_cursor_left(&one) == 0 && ww_slice_is(name, protocol);
}
