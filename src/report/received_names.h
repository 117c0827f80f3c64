/* Whom a report is from and about, as its mail says it in its header, its subject, and the name of the file
 * (RFC 8460 sections 5.1 and 5.3). */
#ifndef WW_REPORT_RECEIVED_NAMES_H
#define WW_REPORT_RECEIVED_NAMES_H

#include "report/received_mail.h"

/* Whether a file is called as a report is: it ends in .json or .json.gz. */
bool ww_received_is_file_name(struct ww_slice name);

/* NULL: it is not there. */
struct ww_received_said {
    const char *domain;    /* TLS-Report-Domain */
    const char *submitter; /* TLS-Report-Submitter */
    const char *subject;
    const char *file_name;
};

/* Sets about, submitter and subject_id; the header counts before the subject, and that before the file name.
 */
void ww_received_names(const struct ww_received_said *said, struct ww_received_mail *out,
                       struct ww_deviations *deviations);

#endif
