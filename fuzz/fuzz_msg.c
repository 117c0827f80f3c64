/* Messages that are as old as the roles. */
#include "msg.h"
#include "proc/msg.h"
#include "proc/msg_anchors.h"
#include "proc/msg_cache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

DECODER(peer)
DECODER(listener)
DECODER(resolve)
DECODER(resolved)
DECODER_OF(policy, ww_msg_policy, .policy)
DECODER(confirm)
DECODER(stored)
DECODER(roles)
DECODER(ask)
DECODER(told)
DECODER(forget)
DECODER(not_stored)
DECODER(mx)
DECODER(mx_hosts)
DECODER_OF(override, ww_msg_override, .override)
DECODER(overrides)
DECODER_OF(cache_item, ww_cache_item, )
DECODER(cache_list)
DECODER(cache_page)
DECODER(cache_domain)
DECODER(cache_refreshed)
DECODER(cache_purge)
DECODER(cache_purged)
DECODER(cache_import)
DECODER(anchor_seed)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static msg_decoder *const decoders[] = {
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
    try_message(decoders, sizeof decoders / sizeof *decoders, data, size);
    return 0;
}
