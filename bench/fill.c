/* Makes a store with so many typical enforced policies: fill FILE COUNT */
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char body[] = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.mta.example\n"
                           "mx: backupmx.example.com\nmax_age: 604800\n";

static enum ww_err fill(struct ww_store *store, unsigned long count)
{
    int64_t now = (int64_t)time(NULL);
    enum ww_err err = ww_store_begin(store);
    for (unsigned long i = 0; err == WW_OK && i < count; i++) {
        char domain[32];
        snprintf(domain, sizeof domain, "d%lu.example", i);
        const struct ww_stored_policy policy = {
            .domain = domain,
            .id = "20260101000000",
            .body = ww_slice(body, sizeof body - 1),
            .mode = WW_MODE_ENFORCE,
            .fetched = now,
            .expires = now + 604800,
            .checked = now,
        };
        err = ww_store_put_policy(store, &policy);
    }
    return err == WW_OK ? ww_store_commit(store) : err;
}

int main(int argc, char **argv)
{
    char detail[256] = "";
    enum ww_err err;
    if (argc != 3) {
        fprintf(stderr, "usage: fill FILE COUNT\n");
        return 64;
    }
    struct ww_store *store = ww_store_open(argv[1], &err, detail, sizeof detail);
    if (store != NULL)
        err = fill(store, strtoul(argv[2], NULL, 10));
    if (err != WW_OK)
        fprintf(stderr, "fill: %s: %s\n", argv[1], store != NULL ? ww_store_detail(store) : detail);
    ww_store_close(store);
    return err == WW_OK ? 0 : 1;
}
