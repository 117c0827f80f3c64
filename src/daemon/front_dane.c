#include "daemon/front_dane.h"

#include "base/buf.h"

enum { MX, MORE, COUNT, HEAD };

size_t ww_front_dane_pack(const struct ww_domain_dane *dane, char out[WW_FRONT_DANE_MAX])
{
    size_t count = dane->mx == WW_DOMAIN_MX_SECURE ? dane->count : 0;
    struct ww_buf b = ww_buf(out, WW_FRONT_DANE_MAX);
    ww_buf_u8(&b, (uint8_t)dane->mx);
    ww_buf_u8(&b, dane->more);
    ww_buf_u8(&b, (uint8_t)count);
    for (size_t i = 0; i < count; i++) {
        size_t n = strlen(dane->hosts[i].name);
        ww_buf_u8(&b, (uint8_t)dane->hosts[i].dane);
        ww_buf_u8(&b, (uint8_t)n);
        ww_buf_bytes(&b, dane->hosts[i].name, n + 1);
    }
    return b.n;
}

struct ww_domain_dane ww_front_dane_unpack(struct ww_slice packed, int64_t until,
                                           struct ww_domain_host room[WW_DANE_HOSTS_MAX])
{
    struct ww_domain_dane dane = {
        .mx = (enum ww_domain_mx)packed.p[MX],
        .hosts = room,
        .count = (size_t)packed.p[COUNT],
        .more = packed.p[MORE] != 0,
        .until = until,
    };
    const char *at = packed.p + HEAD;
    for (size_t i = 0; i < dane.count; i++) {
        room[i] = (struct ww_domain_host){at + 2, (enum ww_dane_state)at[0]};
        at += 2 + (unsigned char)at[1] + 1;
    }
    return dane;
}
