/*
 * A report as JSON: what `waxwing check --json` prints (docs/schema/check-v1.json), what the other forms are
 * made of, and what is kept of a watched domain.
 *
 *   version      1
 *   domain, at   "2026-11-29T12:00:00Z"; ms: what it took
 *   offline      true: made of files, before publication
 *   outlook      {"kind", "words"}: what senders do (outlook.h)
 *   mode         "enforce", "testing", "none", or null: no valid policy
 *   severity     "error", "warning", "info", or "ok": the worst of the findings
 *   counts       {"error", "warning", "info"}
 *   findings     [{"id", "severity", "title", "where", "seen", "why", "fix", "source"}], the worst first
 *   left_out     findings that are not listed
 *   passed       ids of checks that were made and found nothing
 *   not_tested   [{"id", "why"}]
 *   names, host, policy, mx, tlsrpt   what was seen; null: it was not looked at
 *   facts        what a later run is held against (past.h)
 */
#ifndef WW_CHECK_REPORT_JSON_H
#define WW_CHECK_REPORT_JSON_H

#include "check/check.h"
#include "check/outlook.h"

#include <jansson.h>

#define WW_CHECK_JSON_VERSION 1

/* A report has fewer octets as a text of ASCII, however much there was to see. */
#define WW_CHECK_JSON_MAX ((size_t)16 << 20)

/* NULL: memory is short. */
json_t *ww_check_report_json(const struct ww_sight *sight, const struct ww_check_report *report);

/* The table of all checks: [{"id", "area", "severity", "otherwise", "title", "why", "fix", "source"}].
 */
json_t *ww_check_list_json(void);

/* The parts, each by the room whose sight it is. */
json_t *ww_names_json(const struct ww_names_sight *sight);
json_t *ww_host_json(const struct ww_host_sight *sight);
/* The policy: whether it is valid, mode, max_age, mx, and the body; null where none was seen. */
json_t *ww_policy_body_json(const struct ww_sight *sight);
json_t *ww_tlsrpt_sight_json(const struct ww_sight *sight);
/* Of one MX host: what DANE comes to, what was seen on each address, and what senders do. */
json_t *ww_mx_host_json(const struct ww_sight *sight, size_t index, const struct ww_outlook_host *outlook);
/* The addresses of it; null: it was not looked at. Each, besides what its keys say: "reached", "starttls" and
 * "handshake" tell how far a sender comes, "trials" what else was asked ("yes", "no", "unclear", or null: not
 * asked). */
json_t *ww_mx_addresses_json(const struct ww_mx_sight *sight);

#endif
