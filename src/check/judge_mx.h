/* The parts of the judge of MX hosts: judge_mx_hosts.c calls them. */
#ifndef WW_CHECK_JUDGE_MX_H
#define WW_CHECK_JUDGE_MX_H

#include "check/judges.h"
#include "check/mx_gather.h"

/* What is wrong with a certificate. WW_CHECKS: what its key usage says already, or nothing. */
enum ww_check ww_mx_cert_check(const struct ww_mx_probe_result *first);

/* One MX host being judged. */
struct ww_mx_case {
    const struct ww_sight *sight;
    size_t index; /* of survey.hosts */
    const struct ww_mx_sight *mx;
    struct ww_check_report *report;
    struct ww_mx_gather *gather;
};

/* judge_mx_reach.c: what is on our side, of all hosts together. */
struct ww_mx_our_side {
    bool blocked[WW_MX_FAMILIES]; /* port 25 is closed outwards over this family, as it seems */
    bool listed;                  /* some host refuses us by a block list */
};
struct ww_mx_our_side ww_judge_our_side(const struct ww_sight *sight, struct ww_check_report *report);

/* Whether it was refused by a block list, going by its words. */
bool ww_mx_is_listed(const struct ww_mx_probe_result *first);

/* judge_mx_reach.c: the same host by host: addresses, connections, greetings. */
void ww_judge_mx_reach(const struct ww_mx_case *c, const struct ww_mx_our_side *ours);

/* judge_mx_tls.c: of an address that has answered EHLO: STARTTLS, TLS, and what the trials have shown. */
void ww_judge_mx_tls(const struct ww_mx_case *c, const struct ww_mx_address_sight *address);

/* judge_mx_cert.c: of an address that has shown TLS; and of the host, all its addresses together. */
void ww_judge_mx_certificate(const struct ww_mx_case *c, const struct ww_mx_address_sight *address);
void ww_judge_mx_certificates(const struct ww_mx_case *c);

#endif
