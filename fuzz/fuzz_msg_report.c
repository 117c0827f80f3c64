/* Messages about TLS results and reports. */
#include "msg.h"
#include "proc/msg_report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

DECODER(fold_ask)
DECODER(folded)
DECODER(fold)
DECODER_OF(sessions, ww_msg_sessions, .sessions)
DECODER(courier_room)
DECODER(report)
DECODER(report_targets)
DECODER(report_send)
DECODER(report_tried)
DECODER(report_done)
DECODER(domain)
DECODER(looked)
DECODER(report_ask)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static msg_decoder *const decoders[] = {
        ['a'] = try_fold_ask,       ['f'] = try_folded,       ['F'] = try_fold,
        ['s'] = try_sessions,       ['c'] = try_courier_room, ['r'] = try_report,
        ['t'] = try_report_targets, ['S'] = try_report_send,  ['T'] = try_report_tried,
        ['d'] = try_report_done,    ['D'] = try_domain,       ['l'] = try_looked,
        ['q'] = try_report_ask,
    };
    try_message(decoders, sizeof decoders / sizeof *decoders, data, size);
    return 0;
}
