/* The first octet chooses the reader: what a Host header or a handshake names is a canonical name. */
#include "core/server_name.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *name)
{
    char again[WW_DNAME_SIZE];
    if (ww_dname_canon(name, strlen(name), again) != WW_OK || strcmp(name, again) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char name[WW_DNAME_SIZE];
    if (size == 0)
        return 0;
    struct ww_slice text = ww_slice((const char *)data + 1, size - 1);
    if (data[0] == 'h' && ww_server_name_of_host(text, name))
        check(name);
    if (data[0] == 's' && ww_server_name_of_hello(text, name))
        check(name);
    if (data[0] == 'a' && ww_server_name_offers_alone(text, "acme-tls/1") && size != 14)
        abort();
    return 0;
}
