/* What a record of the journal says: the same for the same record, whoever reads it, and when. */
#ifndef WW_DAEMON_COLLECTOR_READ_H
#define WW_DAEMON_COLLECTOR_READ_H

#include "codec/tlsrpt_datagram.h"
#include "core/tls_result.h"
#include "report/journal.h"

/* How far the time that a line tells may lie from when it came in, to be believed. */
#define WW_LINE_TIME_BEFORE (INT64_C(2) * 86400)
#define WW_LINE_TIME_AFTER INT64_C(300)

/* The sessions of a datagram, with their days. On an error *offset is where the rule is broken. */
WW_MUST_CHECK enum ww_err ww_collector_read_datagram(const struct ww_journal_record *record,
                                                     struct ww_datagram *out, size_t *offset);

/* The event of a line, with its time. */
WW_MUST_CHECK enum ww_err ww_collector_read_line(const struct ww_journal_record *record,
                                                 struct ww_tls_result *out, size_t *offset);

/* For ww_journal_open: whether octets whose head is missing are a whole datagram. */
bool ww_collector_is_datagram(struct ww_slice octets);

#endif
