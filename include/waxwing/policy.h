/*
 * MTA-STS: the record (RFC 8461 section 3.1), the policy (section 3.2) and its patterns (section 4.1).
 *
 * Functions that parse give NULL when all is well, else the rule that is broken; *offset, unless it is NULL,
 * is then the octet where. They allocate nothing but the object that they give.
 */
#ifndef WAXWING_POLICY_H
#define WAXWING_POLICY_H

#include <waxwing/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An id of 32 characters and NUL. */
#define WAXWING_STS_ID_SIZE 33

/* The TXT record at _mta-sts.<domain>, its character-strings joined: "v=STSv1; id=20261129T000000;". */
WAXWING_API const struct waxwing_error *
waxwing_sts_record_parse(const char *text, size_t length, char id[WAXWING_STS_ID_SIZE], size_t *offset);

/*
 * The record among all TXT records of that name: those that do not begin with "v=STSv1;" are left out, and
 * one must be left (section 3.1). *why, unless it is NULL, is the broken rule of WAXWING_INVALID, else NULL.
 */
WAXWING_API enum waxwing_presence waxwing_sts_record_select(const struct waxwing_octets *records,
                                                            size_t count, char id[WAXWING_STS_ID_SIZE],
                                                            const struct waxwing_error **why);

/* The most careful: WAXWING_MODE_ENFORCE. */
enum waxwing_mode {
    WAXWING_MODE_NONE = 0,
    WAXWING_MODE_TESTING = 1, /* failures are reported, and the mail is delivered */
    WAXWING_MODE_ENFORCE = 2
};

/* "none", "testing" or "enforce"; "unknown" for any other. Never NULL. */
WAXWING_API const char *waxwing_mode_name(enum waxwing_mode mode);

struct waxwing_policy;

/*
 * The body of https://mta-sts.<domain>/.well-known/mta-sts.txt, of which more than 65536 octets are no policy
 * whatever they hold. Free *policy with waxwing_policy_free; it is NULL on an error, of which "no-memory" is
 * one. Whether the body came by HTTPS from a host with a valid certificate, and as text/plain, is the
 * caller's to see to (section 3.3).
 */
WAXWING_API const struct waxwing_error *waxwing_policy_parse(const char *body, size_t length,
                                                             struct waxwing_policy **policy, size_t *offset);
WAXWING_API void waxwing_policy_free(struct waxwing_policy *policy);

WAXWING_API enum waxwing_mode waxwing_policy_mode(const struct waxwing_policy *policy);

/* Seconds, 0 to 31557600. */
WAXWING_API uint32_t waxwing_policy_max_age(const struct waxwing_policy *policy);

/* The patterns as published, such as "*.example.net"; NULL for one that is not there. */
WAXWING_API size_t waxwing_policy_mx_count(const struct waxwing_policy *policy);
WAXWING_API const char *waxwing_policy_mx(const struct waxwing_policy *policy, size_t i);

/* True when one of the patterns matches the MX host: what section 4.1 asks, and no certificate. */
WAXWING_API int waxwing_policy_match(const struct waxwing_policy *policy, const char *host);

/* Whether it is a pattern: a domain name without a dot at its end, perhaps behind "*.". */
WAXWING_API const struct waxwing_error *waxwing_mx_pattern_check(const char *pattern, size_t *offset);

/*
 * True when the pattern matches the host: upper and lower case are one, "*" is the whole left-most label, and
 * a dot at the end of the host counts for nothing. False as well for what is no pattern or no host name.
 */
WAXWING_API int waxwing_mx_match(const char *pattern, const char *host);

#ifdef __cplusplus
}
#endif

#endif
