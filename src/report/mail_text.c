#include "report/mail_text.h"

#include "base/time.h"
#include "core/sessions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Of a time as ww_time_format writes it. */
#define DAY_LENGTH 10

static void put_when(FILE *to, const struct ww_report_mail *mail)
{
    char begin[WW_TIME_SIZE], end[WW_TIME_SIZE];
    ww_time_format(mail->begin, begin);
    ww_time_format(mail->end, end);
    if (ww_day_of(mail->begin) == ww_day_of(mail->end))
        (void)fprintf(to, "  Day (UTC):     %.*s\n", DAY_LENGTH, begin);
    else
        (void)fprintf(to, "  Time:          %s to %s\n", begin, end);
}

static void put_advice(FILE *to, const struct ww_report_mail *mail)
{
    if (mail->failure == 0) {
        (void)fputs("All of them went well: there is nothing to do.\n", to);
        return;
    }
    (void)fprintf(to,
                  "Sessions that failed may mean mail that was delayed, or not protected as\n"
                  "you want. Under \"failure-details\" the report says what failed, at which of\n"
                  "your mail hosts, and how often. Compare with the certificates, the MTA-STS\n"
                  "policy and the TLSA records of\n"
                  "%s.\n",
                  mail->domain);
}

char *ww_mail_text(const struct ww_report_mail *mail, size_t *n)
{
    char *text = NULL;
    FILE *to = open_memstream(&text, n);
    if (to == NULL)
        return NULL;
    (void)fprintf(to, "This is a TLS report (RFC 8460): how encrypted delivery of mail went.\n\n");
    (void)fprintf(to, "  Mail to:       %s\n", mail->domain);
    (void)fprintf(to, "  Reported by:   %s\n", mail->organization);
    put_when(to, mail);
    (void)fprintf(to, "  Sessions:      %" PRIu64 " went well, %" PRIu64 " failed\n", mail->success,
                  mail->failure);
    (void)fprintf(to, "  Report-ID:     %s\n\n", mail->report_id);
    put_advice(to, mail);
    (void)fprintf(to,
                  "\nThe report is attached: JSON, compressed with gzip. To read it:\n\n"
                  "  gunzip -c '%s'\n\n"
                  "It was sent because the TXT record at\n"
                  "_smtp._tls.%s\n"
                  "asks for reports. Questions about it: %s\n",
                  mail->file_name, mail->domain, mail->contact);
    bool failed = ferror(to) != 0;
    failed = fclose(to) != 0 || failed;
    if (!failed)
        return text;
    free(text);
    return NULL;
}
