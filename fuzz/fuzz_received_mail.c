/* Mails that may carry a report: what is found is bounded and clean, and there is a report, or an error. */
#include "check.h"
#include "core/utf8.h"
#include "report/received_mail.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t size)
{
    char clean[WW_RECEIVED_NAME_MAX + 1];
    CHECK(memchr(text, '\0', size) != NULL);
    size_t n = strlen(text);
    CHECK(ww_utf8_clean(text, n, clean, sizeof clean) == n && memcmp(text, clean, n) == 0);
}

static void check_name(const char *name)
{
    size_t offset;
    CHECK(name[0] == '\0' || ww_dname_check(name, strlen(name), &offset) == WW_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool ready;
    struct ww_received_mail mail;
    struct ww_deviations deviations = {.count = 0};
    if (!ready)
        ww_received_mail_init();
    ready = true;
    CHECK(ww_received_mail_read(ww_slice((const char *)data, size), &mail, &deviations) == WW_OK);
    CHECK((ww_deviations_error(&deviations) == NULL) == (mail.content.n > 0));
    CHECK(mail.content.n <= size);
    check_text(mail.from, sizeof mail.from);
    check_text(mail.message_id, sizeof mail.message_id);
    check_text(mail.subject_id, sizeof mail.subject_id);
    check_name(mail.submitter);
    check_name(mail.about);
    ww_received_mail_clear(&mail);
    return 0;
}
