#include "proc/slow_hosts.h"

static void take_out(struct ww_slow_hosts *s, unsigned i)
{
    s->count--;
    memmove(&s->hosts[i], &s->hosts[i + 1], (s->count - i) * sizeof s->hosts[0]);
}

void ww_slow_hosts_note(struct ww_slow_hosts *s, const struct ww_slow_host *host)
{
    unsigned i = 0;
    while (i < s->count && strcmp(s->hosts[i].host, host->host) != 0)
        i++;
    if (i < s->count)
        take_out(s, i);
    unsigned place = 0;
    while (place < s->count && s->hosts[place].ms >= host->ms)
        place++;
    if (place == WW_SLOW_HOSTS_MAX)
        return;
    if (s->count == WW_SLOW_HOSTS_MAX)
        s->count--;
    memmove(&s->hosts[place + 1], &s->hosts[place], (s->count - place) * sizeof s->hosts[0]);
    s->hosts[place] = *host;
    s->count++;
}

void ww_slow_hosts_forget(struct ww_slow_hosts *s, int64_t now)
{
    for (unsigned i = s->count; i > 0; i--)
        if (now - s->hosts[i - 1].at > WW_SLOW_HOST_SECONDS)
            take_out(s, i - 1);
}

void ww_slow_hosts_merge(struct ww_slow_hosts *s, const struct ww_slow_hosts *other)
{
    for (unsigned i = 0; i < other->count; i++)
        ww_slow_hosts_note(s, &other->hosts[i]);
}

void ww_slow_hosts_put(struct ww_buf *b, const struct ww_slow_hosts *s)
{
    ww_buf_u16(b, (uint16_t)s->count);
    for (unsigned i = 0; i < s->count; i++) {
        const struct ww_slow_host *h = &s->hosts[i];
        size_t n = strnlen(h->host, sizeof h->host);
        ww_buf_u16(b, (uint16_t)n);
        ww_buf_bytes(b, h->host, n);
        ww_buf_u32(b, h->ms);
        ww_buf_u16(b, (uint16_t)h->err);
        ww_buf_u64(b, (uint64_t)h->at);
    }
}

/* A host is graphic ASCII. */
static void get_host(struct ww_cursor *c, struct ww_slow_host *h)
{
    struct ww_slice name = ww_cursor_take(c, ww_cursor_u16(c));
    bool good = name.n > 0 && name.n < sizeof h->host;
    for (size_t i = 0; good && i < name.n; i++)
        good = name.p[i] > ' ' && name.p[i] < 0x7f;
    if (!good) {
        c->failed = true;
        return;
    }
    memcpy(h->host, name.p, name.n);
    h->host[name.n] = '\0';
    h->ms = ww_cursor_u32(c);
    unsigned err = ww_cursor_u16(c);
    h->at = (int64_t)ww_cursor_u64(c);
    c->failed = c->failed || err >= WW_ERR_COUNT;
    h->err = c->failed ? WW_OK : (enum ww_err)err;
}

enum ww_err ww_slow_hosts_get(struct ww_cursor *c, struct ww_slow_hosts *s)
{
    unsigned count = ww_cursor_u16(c);
    s->count = 0;
    if (count > WW_SLOW_HOSTS_MAX)
        c->failed = true;
    while (!c->failed && s->count < count) {
        get_host(c, &s->hosts[s->count]);
        s->count += !c->failed;
    }
    return c->failed ? WW_E_MSG_MALFORMED : WW_OK;
}
