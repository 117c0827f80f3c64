/*
 * What somebody has handed in as a report, read as a whole: mail, JSON or gzip, whoever made it. It touches
 * nothing but memory: for processes that have no rights.
 */
#ifndef WW_REPORT_DECODE_H
#define WW_REPORT_DECODE_H

#include "codec/tlsrpt_read.h"
#include "core/dkim_fact.h"
#include "report/received_mail.h"

struct ww_decode {
    struct ww_received_mail mail;    /* all empty unless it is one; its content is moved below */
    struct ww_dkim_fact dkim;        /* the same */
    struct ww_deviations deviations; /* an error among them: it could not be read */
    struct ww_tlsrpt_read *read;     /* NULL: no JSON was found */
    struct ww_slice content;         /* the report's JSON, gzipped; owned; empty where it could not be read */
};

/* Before confinement. Once for a process. */
void ww_decode_init(void);

/*
 * mail: it is one; else it is the report itself, JSON or gzip with any number of members, told apart by how
 * it begins. keys: of ww_dkim_names_of, for a mail. WW_E_NO_MEMORY: nothing else is told; what cannot be read
 * is no error here. Freed by _clear in any case.
 */
WW_MUST_CHECK enum ww_err ww_decode(bool mail, struct ww_slice octets, const struct ww_dkim_found_key *keys,
                                    size_t key_count, int64_t now, struct ww_decode *out);
void ww_decode_clear(struct ww_decode *decode);

#endif
