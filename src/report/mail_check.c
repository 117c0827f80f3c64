#include "report/mail_check.h"

#include "base/ascii.h"
#include "core/mailbox.h"
#include "core/report.h"
#include "core/utf8.h"

#include <stdio.h>

/* Octets of a name of an organization: a line of a mail has 998 (RFC 5322 section 2.1.1). */
#define ORGANIZATION_MAX 200

static bool is_mailbox(const char *text)
{
    size_t n = strlen(text);
    return ww_mailbox_parse(ww_slice(text, n), NULL) && text[n - 1] != '.';
}

static bool is_name(const char *text)
{
    size_t offset;
    return ww_dname_check(text, strlen(text), &offset) == WW_OK;
}

/* UTF-8 without control characters, those of ISO 6429 (U+0080 to U+009F) among them. */
static bool is_line(const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n;) {
        size_t length = ww_utf8_length(text + i, n - i);
        unsigned char first = (unsigned char)text[i], second = (unsigned char)text[i + 1];
        if (length == 0 || first < ' ' || first == 0x7f || (first == 0xC2 && second < 0xA0))
            return false;
        i += length;
    }
    return n > 0 && n <= ORGANIZATION_MAX;
}

/* What stands between quotes in a header field, and in those of a shell. */
static bool is_file_name(const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++) {
        if (!ww_is_alnum(text[i]) && strchr("!-._", text[i]) == NULL)
            return false;
    }
    return n > 0 && n < WW_REPORT_FILE_NAME_SIZE && text[0] != '.' && text[0] != '-';
}

static bool is_subject(const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++) {
        if (text[i] < ' ' || text[i] > '~' || (text[i] == ' ' && text[i + 1] == ' '))
            return false;
    }
    return n > 0 && n < WW_REPORT_SUBJECT_SIZE && text[0] != ' ' && text[n - 1] != ' ';
}

bool ww_mail_check(const struct ww_report_mail *mail, char *detail, size_t detail_size)
{
    const struct {
        const char *what;
        const char *text;
        bool (*good)(const char *text);
        const char *wanted;
    } rows[] = {
        {"from", mail->from, is_mailbox, "a mailbox"},
        {"to", mail->to, is_mailbox, "a mailbox"},
        {"contact", mail->contact, is_mailbox, "a mailbox"},
        {"domain", mail->domain, is_name, "a domain name"},
        {"submitter", mail->submitter, is_name, "a domain name"},
        {"organization", mail->organization, is_line, "a line of text, UTF-8 of 200 octets at most"},
        {"report-id", mail->report_id, ww_report_id_check, "what a mail's header may have as an id"},
        {"file name", mail->file_name, is_file_name, "what a file may be called"},
        {"subject", mail->subject, is_subject, "a line of ASCII"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].text == NULL || !rows[i].good(rows[i].text)) {
            (void)snprintf(detail, detail_size, "the %s is not %s", rows[i].what, rows[i].wanted);
            return false;
        }
    }
    return true;
}
