#include "base/time.h"
#include "core/words.h"
#include "engine/rollout_private.h"

struct ww_buf ww_rollout_say(char out[WW_PUBLISHED_WORDS_SIZE], const char *text)
{
    struct ww_buf b = ww_buf(out, WW_PUBLISHED_WORDS_SIZE - 1);
    ww_buf_str(&b, text);
    return b;
}

void ww_rollout_say_time(struct ww_buf *b, int64_t at)
{
    char text[WW_TIME_SIZE];
    ww_time_format(at, text);
    ww_buf_str(b, text);
}

void ww_rollout_say_name(struct ww_buf *b, const char *name)
{
    ww_words_put_domain(b, ww_slice_str(name));
}

void ww_rollout_said(struct ww_buf *b)
{
    b->p[b->n] = '\0';
}
