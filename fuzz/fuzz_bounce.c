/* Mails that may be bounces: what is found is bounded, printable, and whole. */
#include "check.h"
#include "report/bounce.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t size)
{
    CHECK(memchr(text, '\0', size) != NULL);
    for (; *text != '\0'; text++)
        CHECK(*text >= ' ' && *text <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool ready;
    struct ww_bounce bounce;
    if (!ready)
        ww_bounce_init();
    ready = true;
    enum ww_bounce_found found = ww_bounce_read(ww_slice((const char *)data, size), &bounce);
    CHECK(bounce.count <= WW_BOUNCE_RECIPIENTS_MAX);
    CHECK((found == WW_BOUNCE_IS_ONE) == (bounce.count > 0 && bounce.message_id[0] != '\0'));
    check_text(bounce.message_id, sizeof bounce.message_id);
    for (size_t i = 0; i < bounce.count; i++) {
        CHECK(ww_mailbox_parse(ww_slice_str(bounce.failed[i].mailbox), NULL));
        check_text(bounce.failed[i].words, sizeof bounce.failed[i].words);
    }
    return 0;
}
