/* An aggregate report (RFC 8460 section 4.4) as it is written. All is borrowed. */
#ifndef WW_CORE_REPORT_H
#define WW_CORE_REPORT_H

#include "core/sessions.h"

/* With the NUL. "2026-11-28.1.example.com.9f86d081884c7d65@reporter.example" and the like. */
#define WW_REPORT_ID_SIZE 384
#define WW_REPORT_MAILBOX_SIZE 321

struct ww_report_policy {
    struct ww_sessions_policy policy;
    int64_t success;
    int64_t failure;
    const struct ww_sessions_detail *details;
    size_t detail_count;
};

struct ww_report {
    const char *organization;
    const char *contact; /* addr-spec */
    const char *id;
    const char *domain; /* the recipient domain */
    int64_t begin;      /* Unix seconds of the first */
    int64_t end;        /* and of the last second */
    const struct ww_report_policy *policies;
    size_t count;
};

/* The domain of an addr-spec: the submitter (section 5.3). "" without one. */
const char *ww_report_submitter(const char *contact);

/*
 * An id that may stand in a mail's header: "left@right", both letters, digits and the other characters of
 * atoms with single dots between them (RFC 5322 section 3.2.3), fewer than WW_REPORT_ID_SIZE octets.
 */
bool ww_report_id_check(const char *id);

/*
 * "submitter!domain!begin!end!unique.json.gz" (section 5.1). Of what is left of the at sign in the id, the
 * last 32 letters and digits are `unique`, which has nothing else; without one it is left out, and the
 * exclamation mark before it. False when a name is no domain name, or it does not fit.
 */
#define WW_REPORT_FILE_NAME_SIZE 640
bool ww_report_file_name(const struct ww_report *report, char out[WW_REPORT_FILE_NAME_SIZE]);

/*
 * "Report Domain: d Submitter: s Report-ID: <id>" (section 5.3), on one line. False when a name is no domain
 * name, the id is none (ww_report_id_check), or it does not fit.
 */
#define WW_REPORT_SUBJECT_SIZE 1024
bool ww_report_subject(const struct ww_report *report, char out[WW_REPORT_SUBJECT_SIZE]);

#endif
