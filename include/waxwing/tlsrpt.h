/* TLS reports (RFC 8460): the record that says where they go (section 3), and the words of their results. */
#ifndef WAXWING_TLSRPT_H
#define WAXWING_TLSRPT_H

#include <waxwing/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The most careful: WAXWING_RUA_OTHER. */
enum waxwing_rua_scheme {
    WAXWING_RUA_MAILTO = 0,
    WAXWING_RUA_HTTPS = 1,
    WAXWING_RUA_OTHER = 2 /* a URI that no report can be sent to */
};

struct waxwing_tlsrpt_record;

/*
 * The TXT record at _smtp._tls.<domain>, its character-strings joined: "v=TLSRPTv1;
 * rua=mailto:a@example.com". NULL when all is well, else the rule that is broken; *offset, unless it is NULL,
 * is then the octet where. Free *record with waxwing_tlsrpt_record_free; it is NULL on an error.
 */
WAXWING_API const struct waxwing_error *waxwing_tlsrpt_record_parse(const char *text, size_t length,
                                                                    struct waxwing_tlsrpt_record **record,
                                                                    size_t *offset);
WAXWING_API void waxwing_tlsrpt_record_free(struct waxwing_tlsrpt_record *record);

/*
 * The record among all TXT records of that name (section 3). *record is NULL unless WAXWING_PRESENT is the
 * answer; *why, unless it is NULL, is the broken rule of WAXWING_INVALID ("no-memory" may be it), else NULL.
 */
WAXWING_API enum waxwing_presence waxwing_tlsrpt_record_select(const struct waxwing_octets *records,
                                                               size_t count,
                                                               struct waxwing_tlsrpt_record **record,
                                                               const struct waxwing_error **why);

/* The URIs as written, at least one; NULL for one that is not there. *scheme, unless it is NULL, is its kind.
 */
WAXWING_API size_t waxwing_tlsrpt_record_rua_count(const struct waxwing_tlsrpt_record *record);
WAXWING_API const char *waxwing_tlsrpt_record_rua(const struct waxwing_tlsrpt_record *record, size_t i,
                                                  enum waxwing_rua_scheme *scheme);

/* What a report counts a delivery under (section 4.4). The most careful: WAXWING_POLICY_TYPE_NONE. */
enum waxwing_policy_type {
    WAXWING_POLICY_TYPE_NONE = 0, /* "no-policy-found" */
    WAXWING_POLICY_TYPE_STS = 1,
    WAXWING_POLICY_TYPE_TLSA = 2
};

/* "no-policy-found", "sts" or "tlsa"; "unknown" for any other. Never NULL. */
WAXWING_API const char *waxwing_policy_type_name(enum waxwing_policy_type type);

/* What has failed (section 4.3). The most careful: WAXWING_RESULT_VALIDATION_FAILURE. */
enum waxwing_result {
    WAXWING_RESULT_NONE = 0, /* nothing */
    WAXWING_RESULT_STARTTLS_NOT_SUPPORTED = 1,
    WAXWING_RESULT_CERTIFICATE_HOST_MISMATCH = 2,
    WAXWING_RESULT_CERTIFICATE_EXPIRED = 3,
    WAXWING_RESULT_CERTIFICATE_NOT_TRUSTED = 4,
    WAXWING_RESULT_VALIDATION_FAILURE = 5,
    WAXWING_RESULT_TLSA_INVALID = 6,
    WAXWING_RESULT_DNSSEC_INVALID = 7,
    WAXWING_RESULT_DANE_REQUIRED = 8,
    WAXWING_RESULT_STS_POLICY_FETCH_ERROR = 9,
    WAXWING_RESULT_STS_POLICY_INVALID = 10,
    WAXWING_RESULT_STS_WEBPKI_INVALID = 11
};

/* "starttls-not-supported" and so on, as in a report; "" for none, "unknown" for any other. Never NULL. */
WAXWING_API const char *waxwing_result_name(enum waxwing_result result);

#ifdef __cplusplus
}
#endif

#endif
