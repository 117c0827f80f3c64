/* Messages about watched domains. */
#include "msg.h"
#include "proc/msg_watch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

DECODER(alert)
DECODER(alerted)
DECODER(watch)
DECODER(watched)
DECODER(watch_finding)
DECODER(watch_end)
DECODER(watch_ask)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static msg_decoder *const decoders[] = {
        ['a'] = try_alert,         ['d'] = try_alerted,   ['w'] = try_watch,     ['r'] = try_watched,
        ['f'] = try_watch_finding, ['e'] = try_watch_end, ['q'] = try_watch_ask,
    };
    try_message(decoders, sizeof decoders / sizeof *decoders, data, size);
    return 0;
}
