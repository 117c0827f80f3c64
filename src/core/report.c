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

static bool is_name(const char *name)
{
    size_t offset;
    return ww_dname_check(name, strlen(name), &offset) == WW_OK;
}

static bool has_names(const struct ww_report *report)
{
    return is_name(report->domain) && is_name(ww_report_submitter(report->contact));
}

static bool is_dot_atom(const char *p, size_t n)
{
    bool good = n > 0 && p[0] != '.' && p[n - 1] != '.';
    for (size_t i = 0; good && i < n; i++) {
        bool dot = p[i] == '.' && p[i - 1] != '.';
        good = dot || ww_is_alnum(p[i]) || (p[i] != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", p[i]) != NULL);
    }
    return good;
}

bool ww_report_id_check(const char *id)
{
    const char *at = strchr(id, '@');
    return at != NULL && strlen(id) < WW_REPORT_ID_SIZE && is_dot_atom(id, (size_t)(at - id)) &&
           is_dot_atom(at + 1, strlen(at + 1));
}

/* From the end, where ids have what no other has. */
static const char *unique_of(const char *id, char out[UNIQUE_MAX + 1])
{
    size_t n = UNIQUE_MAX;
    out[n] = '\0';
    for (size_t i = strcspn(id, "@"); i > 0 && n > 0; i--) {
        if (ww_is_alnum(id[i - 1]))
            out[--n] = id[i - 1];
    }
    return out + n;
}

bool ww_report_file_name(const struct ww_report *report, char out[WW_REPORT_FILE_NAME_SIZE])
{
    char room[UNIQUE_MAX + 1];
    const char *unique = unique_of(report->id, room);
    int size = snprintf(out, WW_REPORT_FILE_NAME_SIZE, "%s!%s!%" PRId64 "!%" PRId64 "%s%s.json.gz",
                        ww_report_submitter(report->contact), report->domain, report->begin, report->end,
                        unique[0] != '\0' ? "!" : "", unique);
    return has_names(report) && size > 0 && size < WW_REPORT_FILE_NAME_SIZE;
}

bool ww_report_subject(const struct ww_report *report, char out[WW_REPORT_SUBJECT_SIZE])
{
    int size = snprintf(out, WW_REPORT_SUBJECT_SIZE, "Report Domain: %s Submitter: %s Report-ID: <%s>",
                        report->domain, ww_report_submitter(report->contact), report->id);
    return has_names(report) && ww_report_id_check(report->id) && size > 0 && size < WW_REPORT_SUBJECT_SIZE;
}
