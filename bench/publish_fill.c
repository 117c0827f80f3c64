/* Makes a store with so many published domains, whose policies are served, and of which none is due:
 * publish_fill FILE COUNT */
#include "core/publication.h"
#include "store/store_publish.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define DAY 86400

static enum ww_err add(struct ww_store *store, unsigned long i, int64_t now)
{
    char text[512];
    struct ww_published d = {
        .version = 1,
        .goal = WW_GOAL_TESTING,
        .stopped = true,
        .mx_count = 1,
        .max_age = 30 * DAY,
        .state = WW_PUBLISHED_TESTING,
        .added_at = now - DAY,
        .state_since = now - DAY,
        .looked_at = now,
        .shown_at = now,
        .certificate_until = now + 30 * DAY,
        .next_at = now + 30 * DAY,
    };
    (void)snprintf(d.domain, sizeof d.domain, "d%lu.example", i);
    (void)snprintf(d.mx[0], sizeof d.mx[0], "mx.d%lu.example", i);
    int n = snprintf(text, sizeof text, "version: STSv1\r\nmode: testing\r\nmx: %s\r\nmax_age: 86400\r\n",
                     d.mx[0]);
    struct ww_served served = {.since = now - DAY, .body = ww_slice(text, (size_t)n)};
    ww_publication_make_id(now, served.body, NULL, served.id);
    memcpy(d.shown_id, served.id, sizeof d.shown_id);
    enum ww_err err = ww_publish_add(store, &d);
    return err == WW_OK ? ww_publish_serve(store, d.domain, &served, now - DAY) : err;
}

int main(int argc, char **argv)
{
    char detail[256] = "";
    enum ww_err err;
    if (argc != 3) {
        (void)fprintf(stderr, "usage: publish_fill FILE COUNT\n");
        return 64;
    }
    struct ww_store *store = ww_store_open(argv[1], &err, detail, sizeof detail);
    unsigned long count = strtoul(argv[2], NULL, 10);
    int64_t now = (int64_t)time(NULL);
    if (store != NULL)
        err = ww_store_begin(store);
    for (unsigned long i = 0; err == WW_OK && i < count; i++)
        err = add(store, i, now);
    if (err == WW_OK)
        err = ww_store_commit(store);
    if (err != WW_OK)
        (void)fprintf(stderr, "publish_fill: %s: %s\n", argv[1],
                      store != NULL ? ww_store_detail(store) : detail);
    ww_store_close(store);
    return err == WW_OK ? 0 : 1;
}
