#include "engine/sts_result.h"

/* Of fetches that have failed; what is not named here is a failure to retrieve. */
static enum ww_result_type of_fetch(enum ww_err why)
{
    switch ((int)why) {
    /* Not authenticated by PKIX. */
    case WW_E_HTTPS_CERT_EXPIRED:
    case WW_E_HTTPS_CERT_EARLY:
    case WW_E_HTTPS_CERT_UNTRUSTED:
    case WW_E_HTTPS_CERT_SELF_SIGNED:
    case WW_E_HTTPS_CERT_CHAIN:
    case WW_E_HTTPS_CERT_NAME:
    case WW_E_HTTPS_CERT_NO_SAN:
    case WW_E_HTTPS_CERT:
        return WW_RESULT_STS_WEBPKI_INVALID;
    /* It was there, but as no policy can be (RFC 8461 sections 3.2 and 3.3). */
    case WW_E_HTTPS_TOO_LARGE:
    case WW_E_MEDIA_TYPE:
        return WW_RESULT_STS_POLICY_INVALID;
    /* Ours. */
    case WW_OK:
    case WW_E_NO_MEMORY:
    case WW_E_CHAN_DOWN:
    case WW_E_CHAN_FULL:
    case WW_E_RESOLVER_BUSY:
    case WW_E_FETCH_WAITS:
    case WW_E_HTTPS_ADDRESS:
    case WW_E_DNS_BUSY:
    case WW_E_DNS_NO_WAY:
    case WW_E_DNS_UNREACHABLE:
        return WW_RESULT_NONE;
    default:
        return WW_RESULT_STS_POLICY_FETCH_ERROR;
    }
}

enum ww_result_type ww_sts_result(const struct ww_discovery_result *result)
{
    switch (result->outcome) {
    case WW_FOUND_FETCH_FAILURE:
        return of_fetch(result->why);
    case WW_FOUND_POLICY_INVALID:
        return WW_RESULT_STS_POLICY_INVALID;
    case WW_FOUND_POLICY:
    case WW_FOUND_UNCHANGED:
    case WW_FOUND_NO_RECORD:
    case WW_FOUND_RECORD_INVALID:
    case WW_FOUND_DNS_FAILURE:
    case WW_FOUND_WAITING:
        break;
    }
    return WW_RESULT_NONE;
}
