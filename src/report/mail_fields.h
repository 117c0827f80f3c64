/* The header of a mail of others as it stands there, for those who need its octets: GMime has read it already
 * by the time that one can ask it. */
#ifndef WW_REPORT_MAIL_FIELDS_H
#define WW_REPORT_MAIL_FIELDS_H

#include "base/slice.h"
#include "core/received.h"

/* Who has more is not read. */
#define WW_MAIL_HEADER_MAX ((size_t)256 * 1024)
#define WW_MAIL_FIELDS_MAX 1000

struct ww_mail_field {
    struct ww_slice name;  /* without the white space before the colon; empty: the line is no field */
    struct ww_slice value; /* what stands behind the colon, with its folds and the end of the last line */
    struct ww_slice whole;
};

/* Without the line "From sender date" that local(8) and mbox put before a mail. */
struct ww_slice ww_mail_without_from_line(struct ww_slice mail);

/* Cuts the next field off *rest. False at the end of the header: what is left is the body. */
bool ww_mail_field_next(struct ww_slice *rest, struct ww_mail_field *field);

/*
 * The mailbox of From (RFC 5322 section 3.6.2), the first one if there are several: UTF-8 without control
 * characters, cut where it is longer; "". False: it is not the only one, or there is none, or it is cut.
 * Needs g_mime_init.
 */
bool ww_mail_from(struct ww_slice mail, char mailbox[WW_RECEIVED_NAME_MAX + 1]);

#endif
