/*
 * Lines that tell events, an event a line, as sessions. The first octet says after how many events one is
 * started anew: that one makes the same items. No count is ever taken back that was not there.
 */
#include "check.h"
#include "core/result_line.h"
#include "engine/line_sessions.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct totals {
    int64_t success, unverified, failure, details, items;
};

static void add(void *ctx, const struct ww_sessions *m)
{
    struct totals *t = ctx;
    t->items++;
    t->success += m->success;
    t->unverified += m->unverified;
    t->failure += m->failure;
    CHECK(t->success >= 0 && t->unverified >= 0 && m->failure >= 0);
    CHECK(m->success + m->unverified + m->failure == 1 || m->success + m->unverified == -1);
    CHECK(m->domain[0] != '\0' && m->day >= 0 && m->detail_count == (m->failure > 0 ? 1 : 0));
    for (size_t i = 0; i < m->detail_count; i++) {
        CHECK(m->details[i].type != WW_RESULT_NONE);
        t->details += m->details[i].count;
    }
}

static void take(struct ww_line_sessions *sessions, struct ww_slice line, bool counted, struct totals *t)
{
    static struct ww_tls_result event;
    size_t offset;
    bool says;
    if (ww_result_line_take(line.p, line.n, &event, &says, &offset) == WW_OK && says)
        CHECK(ww_line_sessions_take(sessions, &event, counted, add, t));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ww_line_sessions *one = ww_line_sessions_new(), *before = ww_line_sessions_new(),
                            *after = ww_line_sessions_new();
    struct totals t = {0}, anew = {0};
    const char *p = (const char *)data;
    size_t until = size > 0 ? data[0] : 0, lines = 0;
    CHECK(one != NULL && before != NULL && after != NULL);
    for (size_t at = 1, n; at < size; at += n + 1, lines++) {
        const char *end = memchr(p + at, '\n', size - at);
        n = end != NULL ? (size_t)(end - p) - at : size - at;
        const struct ww_slice line = ww_slice(p + at, n);
        take(one, line, false, &t);
        if (lines < until)
            take(before, line, false, &anew);
        take(after, line, lines < until, &anew);
    }
    CHECK(memcmp(&t, &anew, sizeof t) == 0 && t.failure == t.details);
    ww_line_sessions_free(one);
    ww_line_sessions_free(before);
    ww_line_sessions_free(after);
    return 0;
}
