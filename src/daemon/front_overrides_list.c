#include "daemon/front_overrides_list.h"

#include <time.h>

#define PARCEL ((size_t)16 * 1024)
#define ONE_MAX ((size_t)4096)

struct listing {
    const struct ww_overrides *overrides;
    struct ww_asked *asked;
    struct ww_question_ref ref;
    int64_t now;
    size_t n;
    char parts[PARCEL];
};

static void list_one(void *ctx, const struct ww_override *override, uint64_t used)
{
    struct listing *l = ctx;
    char one[ONE_MAX];
    struct ww_buf part = ww_buf(one, sizeof one);
    /* A key is the nearest to itself: found is what goes first there. */
    bool counts = ww_overrides_find(l->overrides, ww_slice_str(override->key), l->now) == override;
    ww_msg_put_override_listed(&part, override, counts, used);
    if (l->n + part.n + sizeof(uint32_t) > sizeof l->parts) {
        ww_asked_tell(l->asked, l->ref, ww_slice(l->parts, l->n), true);
        l->n = 0;
    }
    struct ww_buf b = {l->parts, sizeof l->parts, l->n, false};
    ww_msg_put_part(&b, ww_slice(part.p, part.n));
    if (!part.failed && !b.failed)
        l->n = b.n;
}

void ww_overrides_list(const struct ww_overrides *overrides, struct ww_asked *asked,
                       struct ww_question_ref ref)
{
    struct listing l = {.overrides = overrides, .asked = asked, .ref = ref, .now = (int64_t)time(NULL)};
    ww_overrides_each(overrides, list_one, &l);
    ww_asked_tell(asked, ref, ww_slice(l.parts, l.n), false);
}
