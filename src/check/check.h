/*
 * Checks, and what they find. Each has a row in check_table.h: a stable id, a severity, and words for people.
 *
 * A check is made or not: who judges says ww_check_made before it looks, so that silence of a check is never
 * confused with a check that nobody made; and ww_check_not_tested where it cannot be made, with the reason.
 */
#ifndef WW_CHECK_CHECK_H
#define WW_CHECK_CHECK_H

#include "core/lint.h"

enum ww_check {
#define WW_CHECK(name, ...) WW_CHECK_##name,
#define WW_CHECK_RULE(name, ...) WW_CHECK_##name,
#include "check/check_table.h"
#undef WW_CHECK
#undef WW_CHECK_RULE
    WW_CHECKS,
};

enum ww_check_area {
    WW_CHECK_AREA_NAMES,
    WW_CHECK_AREA_HOST,
    WW_CHECK_AREA_POLICY,
    WW_CHECK_AREA_COVER,
    WW_CHECK_AREA_MX,
    WW_CHECK_AREA_DANE,
    WW_CHECK_AREA_TLSRPT,
    WW_CHECK_AREA_HISTORY,
    WW_CHECK_AREAS,
};

/* "MTA-STS record", "Policy host" ...: a heading. */
const char *ww_check_area_name(enum ww_check_area area);

struct ww_check_info {
    const char *id;
    enum ww_check_area area;
    enum ww_severity severity;  /* while a policy of mode enforce is in force */
    enum ww_severity otherwise; /* while none is */
    const char *title;          /* what is wrong, a sentence without a full stop */
    const char *why;            /* it matters */
    const char *fix;            /* what to do */
    const char *source;         /* "RFC 8461 section 3.1", or "" */
};

/* Static. */
const struct ww_check_info *ww_check_info(enum ww_check check);

/* The check of this id, or of this rule of the linters; WW_CHECKS: there is none. */
enum ww_check ww_check_find(const char *id);
enum ww_check ww_check_of_rule(enum ww_err rule);

enum ww_check_state {
    WW_CHECK_NOT_MADE, /* it was not its turn: there was nothing to make it of */
    WW_CHECK_SILENT,
    WW_CHECK_FOUND,
    WW_CHECK_NOT_TESTED, /* it could not be made */
};

#define WW_CHECK_WHERE_SIZE 320
#define WW_CHECK_SEEN_SIZE 640

struct ww_check_finding {
    enum ww_check check;
    enum ww_severity severity;
    char where[WW_CHECK_WHERE_SIZE]; /* "mx1.example.com [192.0.2.1]", "_mta-sts.example.com" */
    char seen[WW_CHECK_SEEN_SIZE];   /* a sentence without a full stop; printable ASCII, as is where */
};

/* Findings of one check, and of all, that are kept. */
#define WW_CHECK_FINDINGS_PER_CHECK 32
#define WW_CHECK_FINDINGS_MAX 512

struct ww_check_report {
    bool enforced; /* a policy of mode enforce is published or in force: the severities are those of that */
    struct ww_check_finding *findings; /* errors first, then by the order of the table */
    size_t count;
    size_t left_out;
    bool failed; /* memory was short */
    enum ww_check_state states[WW_CHECKS];
    const char *not_tested[WW_CHECKS]; /* why; static */
};

/* All zero is an empty report; this frees what it holds. */
void ww_check_report_clear(struct ww_check_report *report);

void ww_check_made(struct ww_check_report *report, enum ww_check check);

/* Nothing happens where it was made elsewhere. why is static. */
void ww_check_not_tested(struct ww_check_report *report, enum ww_check check, const char *why);

/*
 * The check has found something. The format gives what was seen. What is not printable ASCII becomes a
 * question mark: pass strangers' text through core/words.h. The same check, where and seen twice is once.
 */
void ww_check_found(struct ww_check_report *report, enum ww_check check, const char *where,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Puts the findings into their order. Call once, after all judges. */
void ww_check_report_end(struct ww_check_report *report);

/* How many findings have the severity. */
size_t ww_check_count(const struct ww_check_report *report, enum ww_severity severity);

#endif
