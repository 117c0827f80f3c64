/* A sight of a domain with MX hosts, for the tests of judges: all is well, and each case breaks one thing. */
#ifndef WW_TESTS_CHECK_MAIL_SIGHT_H
#define WW_TESTS_CHECK_MAIL_SIGHT_H

#include "check/judges.h"
#include "check/sight.h"

#define MAIL_DOMAIN "good.example"
#define MAIL_FIRST "mx1.good.example"
#define MAIL_SECOND "mx2.good.example"

#define MAIL_POLICY(mode, mx) "version: STSv1\r\nmode: " mode "\r\n" mx "max_age: 2592000\r\n"
#define MAIL_ENFORCE MAIL_POLICY("enforce", "mx: mx1.good.example\r\nmx: mx2.good.example\r\n")

/*
 * Two signed hosts, each with an address, a certificate that holds, and two TLSA records of which the first
 * fits; policy of mode enforce. Freed with ww_sight_free.
 */
struct ww_sight *mail_sight(void);

/* Another policy, which is read; it is borrowed. */
void mail_policy(struct ww_sight *sight, const char *body);

/* One more record of host i: in the survey, and beside the chain of each of its addresses. */
void mail_record(struct ww_sight *sight, size_t i, unsigned usage, unsigned matching, unsigned first_octet,
                 bool fits);
/* Takes all of them away; the host has none then, in a signed zone. */
void mail_no_records(struct ww_sight *sight, size_t i);

/* One more address of a host, like the first. */
struct ww_mx_probe_result *mail_address(struct ww_sight *sight, size_t i);

struct ww_mx_probe_result *mail_first(struct ww_sight *sight, size_t i);

/* The ids of the findings, "a b", in the order of the report. */
const char *mail_findings(const struct ww_check_report *report);

#endif
