/* The part of a report mail that people read. */
#ifndef WW_REPORT_MAIL_TEXT_H
#define WW_REPORT_MAIL_TEXT_H

#include "report/mail.h"

/* Lines end in LF; allocated, UTF-8 where the organization's name is. NULL: memory is short. */
char *ww_mail_text(const struct ww_report_mail *mail, size_t *n);

#endif
