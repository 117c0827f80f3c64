/* What the daemon's preload list says of a domain: only the daemon knows it. */
#include "cli/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool put_texts(struct ww_buf *b, const json_t *mx)
{
    for (size_t i = 0; i < json_array_size(mx); i++) {
        const char *pattern = json_string_value(json_array_get(mx, i));
        size_t n = pattern != NULL ? strlen(pattern) : 0;
        if (n == 0 || n > WW_PRELOAD_TEXT_MAX + 55)
            return false;
        ww_buf_u8(b, (uint8_t)n);
        ww_buf_bytes(b, pattern, n);
    }
    return !b->failed && json_array_size(mx) > 0 && json_array_size(mx) <= WW_PRELOAD_MX_MAX;
}

/* A list of this one domain, so that what the daemon says is checked as a list is. */
static void take_entry(struct ww_look *look, const json_t *preload)
{
    static const char testing[] = "testing";
    const json_t *mx = json_object_get(preload, "mx");
    const char *mode = json_string_value(json_object_get(preload, "mode"));
    struct ww_buf texts = ww_buf(look->listed_texts, sizeof look->listed_texts);
    struct ww_buf image = ww_buf(look->listed_image, sizeof look->listed_image);
    struct ww_preload list;
    if (mode == NULL || !put_texts(&texts, mx))
        return;
    const struct ww_preload_policy policy = {
        .mode = strcmp(mode, testing) == 0 ? WW_MODE_TESTING : WW_MODE_ENFORCE,
        .alias = ww_slice_str(""),
        .mx = ww_slice(texts.p, texts.n),
        .mx_count = json_array_size(mx),
    };
    const struct ww_preload_name name = {.domain = ww_slice_str(look->order->domain)};
    look->listed_until = ww_json_time_of(preload, "expires");
    const struct ww_preload_content content = {.expires = look->listed_until,
                                               .author = ww_slice_str(""),
                                               .names = &name,
                                               .count = 1,
                                               .policies = &policy,
                                               .policy_count = 1};
    ww_preload_write(&content, &image);
    if (image.failed || ww_preload_open(image.p, image.n, &list) != WW_OK ||
        !ww_preload_counts(&list, look->order->at))
        return;
    look->listed = ww_preload_at(&list, 0);
    look->has_listed = true;
}

/* Its patterns as a policy, by which hosts are judged. False: memory is short. */
static bool make_policy(struct ww_look *look)
{
    struct ww_slice mx;
    size_t n = 0, offset;
    FILE *f = open_memstream(&look->listed_body, &n);
    if (f == NULL)
        return false;
    (void)fputs("version: STSv1\nmode: enforce\nmax_age: 1\n", f);
    for (size_t pos = 0; ww_preload_next_mx(&look->listed, &pos, &mx);)
        (void)fprintf(f, "mx: %.*s\n", (int)mx.n, mx.p);
    bool good = ferror(f) == 0;
    if (fclose(f) != 0 || !good)
        return false;
    look->has_listed = ww_policy_parse(look->listed_body, n, &look->listed_policy, &offset) == WW_OK;
    return true;
}

bool ww_look_preload(struct ww_look *look)
{
    take_entry(look, json_object_get(look->order->daemon, "preload"));
    return !look->has_listed || make_policy(look);
}
