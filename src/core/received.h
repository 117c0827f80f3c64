/*
 * An aggregate report of others (RFC 8460 section 4.4), as far as it could be understood. All slices are
 * borrowed, and hold well-formed UTF-8 without control characters, but for the line feeds that end each line
 * of a list; what is longer than its maximum is cut.
 */
#ifndef WW_CORE_RECEIVED_H
#define WW_CORE_RECEIVED_H

#include "base/err.h"
#include "base/slice.h"
#include "core/dname.h"
#include "core/lint.h"

#include <stdbool.h>
#include <stdint.h>

/* Octets. */
#define WW_RECEIVED_NAME_MAX 255 /* organization, contact, report-id, sender of a mail */
#define WW_RECEIVED_TEXT_MAX 500 /* the texts of a failure */
#define WW_RECEIVED_WORD_MAX 63  /* policy types and result types */
#define WW_RECEIVED_STRINGS_MAX ((size_t)16 * 1024)
#define WW_RECEIVED_MX_HOSTS_MAX ((size_t)8 * 1024)

/* One report has so many at the most; more are refused, as is one whose encoding is larger than this. */
#define WW_RECEIVED_POLICIES_MAX 20000
#define WW_RECEIVED_DETAILS_MAX 100000 /* of all its policies */
#define WW_RECEIVED_ENCODED_MAX ((size_t)16 << 20)

struct ww_received_detail {
    struct ww_slice type; /* in lower case: ww_result_type_name, or what else a sender made up */
    struct ww_slice sending_ip;
    struct ww_slice receiving_mx; /* a name in lower case, without a dot at its end */
    struct ww_slice helo;
    struct ww_slice receiving_ip;
    struct ww_slice info; /* additional-information, also under its other name */
    struct ww_slice reason;
    int64_t sessions;
};

struct ww_received_policy {
    struct ww_slice type; /* in lower case: "sts", "tlsa", "no-policy-found", or what else a sender made up */
    char domain[WW_DNAME_SIZE]; /* policy-domain, canonical; "": none, or no domain name */
    struct ww_slice strings;    /* one a line */
    struct ww_slice mx_hosts;   /* the same, in lower case: patterns of an MTA-STS policy, hosts of DANE */
    int64_t success, failure;   /* sessions */
    const struct ww_received_detail *details;
    size_t detail_count;
};

struct ww_received {
    struct ww_slice organization; /* "": not said, as are the next two */
    struct ww_slice contact;
    struct ww_slice report_id;
    int64_t begin, end; /* Unix seconds, as written: end is the last second, or the one after it */
    const struct ww_received_policy *policies;
    size_t count;
    int64_t success, failure; /* of all policies */
};

/*
 * Which recipient domain the sessions of a policy went to: the policy-domain, but of DANE, where that is an
 * MX host, and where none is named `about`, the domain that the report's mail or file says it is about ("":
 * it does not say), else the one domain that the report's other policies name, else the policy-domain. "":
 * nobody knows.
 */
void ww_received_domain(const struct ww_received *report, size_t policy, const char *about,
                        char out[WW_DNAME_SIZE]);

/*
 * The same for a report with many policies, in two steps: what stands for the policies that name none ("":
 * nothing does), and which it is of one of them, given that. Both are borrowed.
 */
const char *ww_received_stand_in(const struct ww_received *report, const char *about);
const char *ww_received_domain_by(const struct ww_received_policy *policy, const char *stand_in);

/*
 * What a sender did that the RFC does not provide for, and how often. Those of severity error are why a
 * report could not be read. at: where the first one was, such as "policies[3].summary"; printable ASCII.
 */
#define WW_DEVIATION_AT_SIZE 96
struct ww_deviation {
    enum ww_err rule;
    enum ww_severity severity;
    uint32_t count;
    char at[WW_DEVIATION_AT_SIZE];
};

#define WW_DEVIATIONS_MAX 48
struct ww_deviations {
    struct ww_deviation list[WW_DEVIATIONS_MAX]; /* each rule once */
    size_t count;
};

/* Another one. An error has a place even where the list is full. */
void ww_deviations_add(struct ww_deviations *d, enum ww_err rule, enum ww_severity severity, const char *at);

/* The first of severity error, or NULL: the report counts. */
const struct ww_deviation *ww_deviations_error(const struct ww_deviations *d);

#endif
