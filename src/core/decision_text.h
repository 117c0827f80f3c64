/*
 * A decision in words, for a client that is no Postfix: what the socketmap map DECISION answers behind "OK "
 * (docs/protocol.md). Words `key=value` with one space between two; a value that holds a space stands in
 * double quotes; what is not printable ASCII, the double quote and the backslash are \DDD. The first word is
 * the version. A reader passes over keys that it does not know, and takes nothing else on trust.
 */
#ifndef WW_CORE_DECISION_TEXT_H
#define WW_CORE_DECISION_TEXT_H

#include "base/buf.h"
#include "core/domain_decision.h"

/* Longest text that is read, in octets: a socketmap reply without "OK ". */
#define WW_DECISION_TEXT_MAX 99997

enum ww_decision_source {
    WW_SOURCE_CACHE,    /* known before */
    WW_SOURCE_LIVE,     /* looked up for this very question */
    WW_SOURCE_PRELOAD,  /* a preload list */
    WW_SOURCE_OVERRIDE, /* the operator's order */
    WW_SOURCES,
};

/* "cache", "live", "preload" or "override". */
const char *ww_decision_source_name(enum ww_decision_source source);

/* What is told. All is borrowed during the call. */
struct ww_decision_told {
    const struct ww_domain_case *about;
    const char *id;                 /* of the policy; not looked at without one */
    int64_t expires;                /* of the policy, Unix seconds; 0: not known; the same */
    enum ww_decision_source source; /* WW_SOURCE_CACHE or WW_SOURCE_LIVE: the others are found here */
    bool dry_run;                   /* nothing is demanded, and what would be is told beside it */
};

/*
 * Appends the text, and returns what was decided, dry run aside. An enforced policy has its patterns told
 * wherever it counts, beside the DANE levels too; one with more patterns than fit is told as level hold, a
 * tested one without its patterns. b has room for 8192 octets at least.
 */
struct ww_decision ww_decision_text_put(struct ww_buf *b, const struct ww_decision_told *told);

/* What was read. All slices are borrowed from the text; those of `section` and `why` are as they stand in it.
 */
struct ww_decision_text {
    struct ww_slice text;
    struct ww_slice domain; /* canonical */
    enum ww_level level;
    bool dry_run; /* then level is none, and */
    enum ww_level withheld;
    bool has_policy; /* then: */
    enum ww_policy_mode mode;
    struct ww_slice id;
    int64_t expires; /* Unix seconds; 0: not told; without a policy that of the preload list */
    enum ww_decision_source source;
    bool overridden; /* then: */
    enum ww_override_level override;
    int64_t until; /* Unix seconds; 0: not told */
    bool has_dane; /* what DANE has found is told; then: */
    enum ww_domain_mx dane;
    size_t host_count; /* at most WW_DANE_HOSTS_MAX */
    bool more_hosts;
    bool suffices;   /* dane_conflict = "dane" */
    size_t mx_count; /* patterns that MX hosts must match, */
    bool mx_testing; /* or those of a policy in testing, which forbid nothing */
    struct ww_slice section;
    struct ww_slice why;
};

/*
 * Reads a whole text. WW_E_DECISION_VERSION: it is of another version; WW_E_DECISION_TEXT: it is none, with
 * *offset where.
 */
WW_MUST_CHECK enum ww_err ww_decision_text_parse(const char *p, size_t n, struct ww_decision_text *out,
                                                 size_t *offset);

/* The next pattern, and the next MX host, of a text that was read. Start with *pos = 0; false after the last.
 */
bool ww_decision_text_next_mx(const struct ww_decision_text *text, size_t *pos, struct ww_slice *pattern);
bool ww_decision_text_next_host(const struct ww_decision_text *text, size_t *pos, struct ww_slice *host,
                                enum ww_dane_state *dane);

/* Appends a value without its escapes: it gets no longer. */
void ww_decision_text_plain(struct ww_buf *b, struct ww_slice value);

#endif
