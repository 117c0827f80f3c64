/*
 * Messages between roles: the first byte names the decoder, the rest is the payload. What a decoder takes,
 * the encoder writes again byte for byte, so no two messages mean the same.
 */
#include "proc/chan.h"
#include "proc/msg.h"
#include "proc/msg_anchors.h"
#include "proc/msg_cache.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char again[WW_CHAN_MESSAGE_MAX];

static void compare(const struct ww_buf *b, struct ww_slice payload)
{
    if (b->failed || !ww_slice_eq(ww_slice(b->p, b->n), payload))
        abort();
}

#define DECODER(name, type, part)                      \
    static void try_##name(struct ww_slice payload)    \
    {                                                  \
        static struct type m;                          \
        if (ww_msg_get_##name(payload, &m) != WW_OK)   \
            return;                                    \
        struct ww_buf b = ww_buf(again, sizeof again); \
        ww_msg_put_##name(&b, &m part);                \
        compare(&b, payload);                          \
    }

DECODER(peer, ww_msg_peer, )
DECODER(listener, ww_msg_listener, )
DECODER(resolve, ww_msg_resolve, )
DECODER(resolved, ww_msg_resolved, )
DECODER(policy, ww_msg_policy, .policy)
DECODER(confirm, ww_msg_confirm, )
DECODER(stored, ww_msg_stored, )
DECODER(roles, ww_msg_roles, )
DECODER(ask, ww_msg_ask, )
DECODER(told, ww_msg_told, )
DECODER(forget, ww_msg_forget, )
DECODER(not_stored, ww_msg_not_stored, )
DECODER(mx, ww_msg_mx, )
DECODER(mx_hosts, ww_msg_mx_hosts, )
DECODER(override, ww_msg_override, .override)
DECODER(overrides, ww_msg_overrides, )
DECODER(cache_item, ww_cache_item, )
DECODER(cache_list, ww_msg_cache_list, )
DECODER(cache_page, ww_msg_cache_page, )
DECODER(cache_domain, ww_msg_cache_domain, )
DECODER(cache_refreshed, ww_msg_cache_refreshed, )
DECODER(cache_purge, ww_msg_cache_purge, )
DECODER(cache_purged, ww_msg_cache_purged, )
DECODER(cache_import, ww_msg_cache_import, )
DECODER(anchor_seed, ww_msg_anchor_seed, )

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const decoders[])(struct ww_slice payload) = {
        try_peer,        try_listener,     try_resolve,
        try_resolved,    try_policy,       try_confirm,
        try_stored,      try_roles,        try_ask,
        try_told,        try_forget,       try_not_stored,
        try_mx,          try_mx_hosts,     try_override,
        try_overrides,   try_cache_item,   try_cache_list,
        try_cache_page,  try_cache_domain, try_cache_refreshed,
        try_cache_purge, try_cache_purged, try_cache_import,
        try_anchor_seed,
    };
    if (size > 0)
        decoders[data[0] % (sizeof decoders / sizeof *decoders)](ww_slice((const char *)data + 1, size - 1));
    return 0;
}
