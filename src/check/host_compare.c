#include "check/host_compare.h"

#include "core/words.h"

/* The line at *pos without its line feed; what ends it otherwise is part of it. p is NULL behind the last. */
static struct ww_slice next_line(struct ww_slice body, size_t *pos)
{
    if (*pos >= body.n)
        return ww_slice(NULL, 0);
    const char *from = body.p + *pos;
    const char *feed = memchr(from, '\n', body.n - *pos);
    size_t n = feed != NULL ? (size_t)(feed - from) : body.n - *pos;
    *pos += n + 1;
    return ww_slice(from, n);
}

static void put_line(char to[WW_HOST_LINE_SIZE], struct ww_slice line)
{
    struct ww_buf b = ww_buf(to, WW_HOST_LINE_SIZE - 1);
    ww_words_put_cut(&b, line);
    to[b.n] = '\0';
}

static void compare(struct ww_host_address_sight *a, struct ww_slice body, struct ww_slice first)
{
    if (ww_slice_eq(body, first))
        return;
    struct ww_slice here, there;
    size_t at_here = 0, at_there = 0;
    do {
        a->other_line++;
        here = next_line(body, &at_here);
        there = next_line(first, &at_there);
    } while (here.p != NULL && there.p != NULL && ww_slice_eq(here, there));
    put_line(a->here, here);
    put_line(a->there, there);
}

void ww_host_compare(struct ww_host_sight *sight, const struct ww_slice *bodies)
{
    for (size_t i = 0; i < sight->count; i++) {
        if (bodies[i].p == NULL)
            continue;
        if (sight->body.p != NULL) {
            compare(&sight->addresses[i], bodies[i], sight->body);
        } else {
            sight->body = bodies[i];
            sight->body_from = i;
        }
    }
}
