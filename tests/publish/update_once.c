/* update_once SERVER KEY_FILE NAME TYPE TTL [VALUE...]: one change, as the daemon makes it; "-" is no key. */
#include "publish/dns_update.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS 3000

int main(int argc, char **argv)
{
    struct ww_addr server;
    struct ww_tsig_key key;
    struct ww_dns_change change = {.count = 0};
    char detail[WW_DNS_UPDATE_DETAIL_SIZE];
    if (argc < 6 || argc - 6 > WW_DNS_UPDATE_VALUES_MAX ||
        ww_addr_parse(ww_slice_str(argv[1]), &server) != WW_OK)
        return 64;
    bool has_key = strcmp(argv[2], "-") != 0;
    if (has_key && !ww_tsig_key_read(argv[2], &key, detail)) {
        (void)puts(detail);
        return 66;
    }
    (void)snprintf(change.name, sizeof change.name, "%s", argv[3]);
    (void)snprintf(change.type, sizeof change.type, "%s", argv[4]);
    change.ttl = (uint32_t)strtoul(argv[5], NULL, 10);
    for (int i = 6; i < argc; i++)
        change.values[change.count++] = argv[i];
    if (ww_dns_update(&server, has_key ? &key : NULL, &change, TIMEOUT_MS, detail))
        return 0;
    (void)puts(detail);
    return 1;
}
