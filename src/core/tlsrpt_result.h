/* The words of TLS reports: policy types and result types (RFC 8460 sections 4.3 and 4.4). */
#ifndef WW_CORE_TLSRPT_RESULT_H
#define WW_CORE_TLSRPT_RESULT_H

enum ww_policy_type {
    WW_POLICY_TYPE_NONE, /* neither a DANE nor an MTA-STS policy */
    WW_POLICY_TYPE_STS,
    WW_POLICY_TYPE_TLSA,
};

enum ww_result_type {
    WW_RESULT_NONE, /* nothing has failed */
    WW_RESULT_STARTTLS_NOT_SUPPORTED,
    WW_RESULT_CERTIFICATE_HOST_MISMATCH,
    WW_RESULT_CERTIFICATE_EXPIRED,
    WW_RESULT_CERTIFICATE_NOT_TRUSTED,
    WW_RESULT_VALIDATION_FAILURE,
    WW_RESULT_TLSA_INVALID,
    WW_RESULT_DNSSEC_INVALID,
    WW_RESULT_DANE_REQUIRED,
    WW_RESULT_STS_POLICY_FETCH_ERROR,
    WW_RESULT_STS_POLICY_INVALID,
    WW_RESULT_STS_WEBPKI_INVALID,
};
#define WW_RESULT_TYPES 12

/* "no-policy-found", "sts" or "tlsa". */
const char *ww_policy_type_name(enum ww_policy_type type);

/* "starttls-not-supported" and so on; NULL for WW_RESULT_NONE. */
const char *ww_result_type_name(enum ww_result_type type);

#endif
