/*
 * A mail that may carry a report (RFC 8460 section 5.3), whoever wrote it: bounded in octets, in parts and in
 * how deep they are nested. GMime reads it.
 */
#ifndef WW_REPORT_RECEIVED_MAIL_H
#define WW_REPORT_RECEIVED_MAIL_H

#include "base/err.h"
#include "base/slice.h"
#include "core/received.h"

#include <stddef.h>

#define WW_RECEIVED_MAIL_PARTS_MAX 64
#define WW_RECEIVED_MAIL_DEPTH_MAX 8

struct ww_received_mail {
    /* Printable ASCII or UTF-8 without control characters, cut where they are longer; "": not there. */
    char from[WW_RECEIVED_NAME_MAX + 1];       /* the addr-spec */
    char message_id[WW_RECEIVED_NAME_MAX + 1]; /* without angle brackets */
    char subject_id[WW_RECEIVED_NAME_MAX + 1]; /* Report-ID of the subject, without angle brackets */
    char submitter[WW_DNAME_SIZE];             /* TLS-Report-Submitter, or as the subject or file name says */
    char about[WW_DNAME_SIZE];                 /* TLS-Report-Domain, or as the subject or file name says */
    struct ww_slice content;                   /* of the part with the report, decoded: JSON or gzip; owned */
};

/* Before confinement: loads what GMime opens late. Once for a process. */
void ww_received_mail_init(void);

/*
 * Finds the part with the report, by its media type, else by its file name. Adds to deviations; an error
 * among them: there is none, or no one can say which. WW_E_NO_MEMORY: nothing else is told. Freed by _clear
 * in any case.
 */
WW_MUST_CHECK enum ww_err ww_received_mail_read(struct ww_slice mail, struct ww_received_mail *out,
                                                struct ww_deviations *deviations);
void ww_received_mail_clear(struct ww_received_mail *mail);

#endif
