/*
 * A stream of SMTP replies: how the octets arrive in pieces does not change what is cut from them, and the
 * lines of a reply are all of it.
 */
#include "check.h"
#include "core/smtp_reply.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_whole(const struct ww_smtp_reply *reply, const char *at, size_t used, size_t left)
{
    struct ww_slice lines = reply->lines;
    struct ww_slice text;
    size_t seen = 0;
    CHECK(used > 0 && used <= left && used <= WW_SMTP_REPLY_MAX);
    CHECK(reply->code >= 200 && reply->code <= 599);
    CHECK(reply->lines.p == at && reply->lines.n == used && at[used - 1] == '\n');
    while (ww_smtp_reply_line(&lines, &text)) {
        seen++;
        CHECK(text.p >= at && text.p + text.n < at + used && memchr(text.p, '\n', text.n) == NULL);
    }
    CHECK(seen > 0 && lines.n == 0);
    CHECK(seen > 1 || !ww_smtp_reply_offers(reply, "starttls"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *p = (const char *)data;
    size_t at = 0;
    for (;;) {
        struct ww_smtp_reply reply;
        size_t used = 0;
        enum ww_smtp_cut all = ww_smtp_reply_cut(p + at, size - at, &reply, &used);
        if (all == WW_SMTP_WHOLE)
            check_whole(&reply, p + at, used, size - at);
        size_t end = all == WW_SMTP_WHOLE ? used : size - at;
        bool malformed = false;
        for (size_t n = 0; n < end; n += 1 + n / 64) {
            size_t part_used = 0;
            enum ww_smtp_cut part = ww_smtp_reply_cut(p + at, n, &reply, &part_used);
            CHECK(part != WW_SMTP_WHOLE && (!malformed || part == WW_SMTP_MALFORMED));
            malformed = part == WW_SMTP_MALFORMED;
        }
        CHECK(!malformed || all == WW_SMTP_MALFORMED);
        if (all != WW_SMTP_WHOLE)
            return 0;
        at += end;
    }
}
