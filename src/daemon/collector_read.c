#include "daemon/collector_read.h"

#include "core/result_line.h"

#include <stdlib.h>

enum ww_err ww_collector_read_datagram(const struct ww_journal_record *record, struct ww_datagram *out,
                                       size_t *offset)
{
    enum ww_err err = ww_datagram_parse(record->octets.p, record->octets.n, out, offset);
    for (size_t i = 0; err == WW_OK && i < out->count; i++)
        out->sessions[i].day = ww_day_of(record->time);
    return err;
}

enum ww_err ww_collector_read_line(const struct ww_journal_record *record, struct ww_tls_result *out,
                                   size_t *offset)
{
    enum ww_err err = ww_result_line_parse(record->octets.p, record->octets.n, out, offset);
    if (err == WW_OK &&
        (out->time < record->time - WW_LINE_TIME_BEFORE || out->time > record->time + WW_LINE_TIME_AFTER))
        out->time = record->time;
    return err;
}

bool ww_collector_is_datagram(struct ww_slice octets)
{
    struct ww_datagram *out = malloc(sizeof *out);
    size_t offset;
    bool good = out != NULL && ww_datagram_parse(octets.p, octets.n, out, &offset) == WW_OK;
    free(out);
    return good;
}
