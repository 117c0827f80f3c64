#include "core/report.h"

#include "base/ascii.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define UNIQUE_MAX 32

const char *ww_report_submitter(const char *contact)
{
    const char *at = strrchr(contact, '@');
    return at != NULL ? at + 1 : "";
}

bool ww_report_file_name(const struct ww_report *report, char out[WW_REPORT_FILE_NAME_SIZE])
{
    char unique[UNIQUE_MAX + 1];
    size_t n = 0;
    for (const char *p = report->id; *p != '\0' && n < UNIQUE_MAX; p++) {
        if (ww_is_alnum(*p))
            unique[n++] = *p;
    }
    unique[n] = '\0';
    int size =
        snprintf(out, WW_REPORT_FILE_NAME_SIZE, "%s!%s!%" PRId64 "!%" PRId64 "!%s.json.gz",
                 ww_report_submitter(report->contact), report->domain, report->begin, report->end, unique);
    return size > 0 && size < WW_REPORT_FILE_NAME_SIZE;
}

bool ww_report_subject(const struct ww_report *report, char out[WW_REPORT_SUBJECT_SIZE])
{
    int size = snprintf(out, WW_REPORT_SUBJECT_SIZE, "Report Domain: %s Submitter: %s Report-ID: <%s>",
                        report->domain, ww_report_submitter(report->contact), report->id);
    return size > 0 && size < WW_REPORT_SUBJECT_SIZE;
}
