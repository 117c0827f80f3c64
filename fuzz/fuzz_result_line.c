/* Lines that tell events, Exim's among them. What is taken is written again as a line, and that means the
 * same. */
#include "check.h"
#include "core/result_line.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    for (; *text != '\0'; text++)
        CHECK((unsigned char)*text >= ' ' && *text != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ww_tls_result event, again;
    char line[WW_RESULT_LINE_MAX];
    struct ww_buf b = ww_buf(line, sizeof line);
    size_t offset;
    bool says;
    enum ww_err err = ww_result_line_take((const char *)data, size, &event, &says, &offset);
    CHECK(offset <= size);
    if (err != WW_OK || !says)
        return 0;
    check_text(event.text);
    check_text(event.session);
    CHECK(event.domain[0] != '\0' && event.time >= 0);
    ww_result_line_put(&b, &event);
    CHECK(!b.failed);
    for (size_t i = 0; i < b.n; i++)
        CHECK(line[i] >= ' ' && line[i] < 0x7f);
    CHECK(ww_result_line_parse(b.p, b.n, &again, &offset) == WW_OK && offset == b.n);
    CHECK(again.time == event.time && again.type == event.type && again.tls == event.tls &&
          again.mode == event.mode);
    CHECK(again.policy_known == event.policy_known && (!event.policy_known || again.policy == event.policy));
    CHECK(strcmp(again.domain, event.domain) == 0 && strcmp(again.mx, event.mx) == 0);
    CHECK(strcmp(again.text, event.text) == 0 && strcmp(again.session, event.session) == 0);
    return 0;
}
