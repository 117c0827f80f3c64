/*
 * Messages about TLS results and reports: what a decoder takes, its encoder writes again byte for byte. The
 * first octet says which.
 */
#include "check.h"
#include "proc/msg_report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char space[256 * 1024];

#define DECODER(name, type, part)                                     \
    static void try_##name(struct ww_slice payload)                   \
    {                                                                 \
        static struct type m;                                         \
        struct ww_buf b = ww_buf(space, sizeof space);                \
        if (ww_msg_get_##name(payload, &m) != WW_OK)                  \
            return;                                                   \
        ww_msg_put_##name(&b, &m part);                               \
        CHECK(!b.failed && ww_slice_eq(ww_slice(b.p, b.n), payload)); \
    }

DECODER(fold_ask, ww_msg_fold_ask, )
DECODER(folded, ww_msg_folded, )
DECODER(fold, ww_msg_fold, )
DECODER(sessions, ww_msg_sessions, .sessions)
DECODER(courier_room, ww_msg_courier_room, )
DECODER(report, ww_msg_report, )
DECODER(report_targets, ww_msg_report_targets, )
DECODER(report_send, ww_msg_report_send, )
DECODER(report_tried, ww_msg_report_tried, )
DECODER(report_done, ww_msg_report_done, )
DECODER(domain, ww_msg_domain, )
DECODER(looked, ww_msg_looked, )
DECODER(report_ask, ww_msg_report_ask, )

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const decoders[])(struct ww_slice payload) = {
        ['a'] = try_fold_ask,       ['f'] = try_folded,       ['F'] = try_fold,
        ['s'] = try_sessions,       ['c'] = try_courier_room, ['r'] = try_report,
        ['t'] = try_report_targets, ['S'] = try_report_send,  ['T'] = try_report_tried,
        ['d'] = try_report_done,    ['D'] = try_domain,       ['l'] = try_looked,
        ['q'] = try_report_ask,
    };
    const size_t count = sizeof decoders / sizeof *decoders;
    if (size > 0 && size < sizeof space && data[0] < count && decoders[data[0]] != NULL)
        decoders[data[0]](ww_slice((const char *)data + 1, size - 1));
    return 0;
}
