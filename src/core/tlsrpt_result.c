#include "core/tlsrpt_result.h"

#include <stddef.h>

const char *ww_policy_type_name(enum ww_policy_type type)
{
    static const char *const names[] = {
        [WW_POLICY_TYPE_NONE] = "no-policy-found",
        [WW_POLICY_TYPE_STS] = "sts",
        [WW_POLICY_TYPE_TLSA] = "tlsa",
    };
    return names[type];
}

const char *ww_result_type_name(enum ww_result_type type)
{
    static const char *const names[WW_RESULT_TYPES] = {
        [WW_RESULT_NONE] = NULL,
        [WW_RESULT_STARTTLS_NOT_SUPPORTED] = "starttls-not-supported",
        [WW_RESULT_CERTIFICATE_HOST_MISMATCH] = "certificate-host-mismatch",
        [WW_RESULT_CERTIFICATE_EXPIRED] = "certificate-expired",
        [WW_RESULT_CERTIFICATE_NOT_TRUSTED] = "certificate-not-trusted",
        [WW_RESULT_VALIDATION_FAILURE] = "validation-failure",
        [WW_RESULT_TLSA_INVALID] = "tlsa-invalid",
        [WW_RESULT_DNSSEC_INVALID] = "dnssec-invalid",
        [WW_RESULT_DANE_REQUIRED] = "dane-required",
        [WW_RESULT_STS_POLICY_FETCH_ERROR] = "sts-policy-fetch-error",
        [WW_RESULT_STS_POLICY_INVALID] = "sts-policy-invalid",
        [WW_RESULT_STS_WEBPKI_INVALID] = "sts-webpki-invalid",
    };
    return names[type];
}
