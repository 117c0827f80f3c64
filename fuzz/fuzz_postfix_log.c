/*
 * A log of Postfix's, line by line, and the events that are made of it: what is read lies inside of the line,
 * what is told can be written and read as a line of the protocol, and memory stays within its bounds.
 */
#include "check.h"
#include "core/result_line.h"
#include "core/syslog_line.h"
#include "engine/postfix_results.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void tell(void *ctx, const struct ww_tls_result *event)
{
    char line[WW_RESULT_LINE_MAX];
    static struct ww_tls_result again;
    struct ww_buf b = ww_buf(line, sizeof line);
    size_t offset;
    (void)ctx;
    ww_result_line_put(&b, event);
    CHECK(!b.failed && ww_result_line_parse(b.p, b.n, &again, &offset) == WW_OK);
    CHECK(strcmp(again.session, event->session) == 0 && strcmp(again.text, event->text) == 0);
}

static void check_inside(struct ww_slice line, struct ww_slice part)
{
    CHECK(part.n == 0 || (part.p >= line.p && part.p + part.n <= line.p + line.n));
}

static void take(struct ww_postfix_results *results, struct ww_slice text)
{
    struct ww_syslog_line line;
    struct ww_postfix_says says;
    if (!ww_syslog_line_parse(text.p, text.n, &line))
        return;
    check_inside(text, line.host);
    check_inside(text, line.tag);
    check_inside(text, line.message);
    ww_postfix_log_parse(ww_postfix_program(line.tag), line.message, &says);
    check_inside(line.message, says.queue_id);
    check_inside(line.message, says.domain);
    check_inside(line.message, says.host);
    check_inside(line.message, says.ip);
    check_inside(line.message, says.why);
    const struct ww_postfix_heard heard = {line.seconds, line.host, line.tag, line.pid, &says};
    CHECK(ww_postfix_results_take(results, &heard, tell, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ww_postfix_results *results = ww_postfix_results_new();
    struct ww_slice rest = ww_slice((const char *)data, size);
    CHECK(results != NULL);
    while (rest.n > 0) {
        const char *feed = memchr(rest.p, '\n', rest.n);
        size_t n = feed != NULL ? (size_t)(feed - rest.p) : rest.n;
        take(results, ww_slice(rest.p, n));
        rest = n < rest.n ? ww_slice(rest.p + n + 1, rest.n - n - 1) : ww_slice(rest.p, 0);
    }
    CHECK(ww_postfix_results_at(results, WW_POSTFIX_PROCESSES_MAX) == NULL);
    ww_postfix_results_free(results);
    return 0;
}
