/* Messages about published domains. */
#include "msg.h"
#include "proc/msg_order.h"
#include "proc/msg_publish.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

DECODER(steward_room)
DECODER(tend)
DECODER(tended)
DECODER(site)
DECODER(site_gone)
DECODER(site_state)
DECODER(publish_ask)
DECODER(order_ask)
DECODER(order)
DECODER(order_done)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static msg_decoder *const decoders[] = {
        ['r'] = try_steward_room, ['t'] = try_tend,       ['d'] = try_tended,      ['s'] = try_site,
        ['g'] = try_site_gone,    ['f'] = try_site_state, ['q'] = try_publish_ask, ['a'] = try_order_ask,
        ['o'] = try_order,        ['e'] = try_order_done,
    };
    try_message(decoders, sizeof decoders / sizeof *decoders, data, size);
    return 0;
}
