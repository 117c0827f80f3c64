/* What goes into a report mail, before it does: nothing of it can end a line of the header. */
#ifndef WW_REPORT_MAIL_CHECK_H
#define WW_REPORT_MAIL_CHECK_H

#include "report/mail.h"

/* False: detail names what it is. */
bool ww_mail_check(const struct ww_report_mail *mail, char *detail, size_t detail_size);

#endif
