/* Events as lines of text: "waxwing-result 1 domain=example.com result=success ..." (docs/results.md). */
#ifndef WW_CORE_RESULT_LINE_H
#define WW_CORE_RESULT_LINE_H

#include "core/result_pairs.h"
#include "core/tls_result.h"

#define WW_RESULT_LINE_KIND "waxwing-result"

/* Reads one line without its line feed. On an error *out is not to be used; *offset is where the bad word
 * begins. */
WW_MUST_CHECK enum ww_err ww_result_line_parse(const char *p, size_t n, struct ww_tls_result *out,
                                               size_t *offset);

/*
 * The same of a line of any kind: Exim's, too (exim_result.h). *says is false for a good one that makes no
 * event; then *out is not to be used either.
 */
WW_MUST_CHECK enum ww_err ww_result_line_take(const char *p, size_t n, struct ww_tls_result *out, bool *says,
                                              size_t *offset);

/* Appends the line of an event, in printable ASCII, without a line feed. WW_RESULT_LINE_MAX octets suffice.
 */
void ww_result_line_put(struct ww_buf *b, const struct ww_tls_result *r);

/* Keys that lines of both kinds have: each `put` takes a struct ww_tls_result. */
enum ww_err ww_result_put_time(void *to, struct ww_slice value);
enum ww_err ww_result_put_domain(void *to, struct ww_slice value);
enum ww_err ww_result_put_mx(void *to, struct ww_slice value);
enum ww_err ww_result_put_ip(void *to, struct ww_slice value);
enum ww_err ww_result_put_from(void *to, struct ww_slice value);
enum ww_err ww_result_put_mode(void *to, struct ww_slice value);
enum ww_err ww_result_put_policy_id(void *to, struct ww_slice value);
enum ww_err ww_result_put_text(void *to, struct ww_slice value);

#endif
