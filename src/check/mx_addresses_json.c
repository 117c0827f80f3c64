#include "check/report_json.h"

#include "check/judge_mx.h"
#include "codec/json_values.h"

#include <string.h>

/* Under the name that the finding has: what the probe says speaks of policy hosts. */
static json_t *fault_json(const struct ww_mx_probe_result *r)
{
    enum ww_check check = ww_mx_cert_check(r);
    if (r->fault == WW_OK)
        return json_null();
    const struct ww_check_info *info = ww_check_info(check != WW_CHECKS ? check : WW_CHECK_MX_KEY_USAGE);
    return json_pack("{s:s, s:s, s:s}", "id", info->id, "message", info->title, "source", info->source);
}

static json_t *certificate_json(const struct ww_mx_address_sight *a)
{
    static const char *const revocations[] = {
        [WW_REVOCATION_UNKNOWN] = "unknown",
        [WW_REVOCATION_GOOD] = "good",
        [WW_REVOCATION_REVOKED] = "revoked",
    };
    const struct ww_mx_probe_result *r = &a->first;
    if (!r->has_certificate)
        return json_null();
    json_t *names = json_array();
    for (size_t i = 0; i < r->name_count; i++)
        (void)json_array_append_new(names, json_string(r->names[i]));
    return json_pack("{s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:s, s:I, s:s, s:s, s:o}", "fault",
                     fault_json(r), "names", names, "more_names", r->more_names, "common_name",
                     ww_json_words(r->common_name), "issuer", ww_json_words(r->issuer), "sha256",
                     ww_json_hex(r->fingerprint, sizeof r->fingerprint), "not_before",
                     ww_json_time(r->make.not_before), "not_after", ww_json_time(r->not_after), "key",
                     r->make.key, "key_bits", (json_int_t)r->make.key_bits, "signature", r->make.signature,
                     "revocation", revocations[a->revocation], "crl", ww_json_words(r->crl));
}

static json_t *version_json(uint16_t version)
{
    static const char *const names[] = {"SSL 3", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"};
    return version >= WW_SSL_3 && version <= WW_SSL_3 + 4 ? json_string(names[version - WW_SSL_3])
                                                          : json_null();
}

static json_t *trial_json(const struct ww_mx_trial_result *t)
{
    switch (t->verdict) {
    case WW_MX_YES:
        return json_string("yes");
    case WW_MX_NO:
        return json_string("no");
    case WW_MX_UNCLEAR:
        return json_string("unclear");
    case WW_MX_NOT_TRIED:
        break;
    }
    return json_null();
}

static json_t *trials_json(const struct ww_mx_address_sight *a)
{
    static const char *const names[] = {
        [WW_MX_TRIAL_NO_SNI] = "without_sni", [WW_MX_TRIAL_INJECT] = "starttls_injection",
        [WW_MX_TRIAL_WEAK] = "weak_cipher",   [WW_MX_TRIAL_SECRECY] = "no_forward_secrecy",
        [WW_MX_TRIAL_TLS_1_1] = "tls_1_1",    [WW_MX_TRIAL_TLS_1_0] = "tls_1_0",
        [WW_MX_TRIAL_SSL_3] = "ssl_3",
    };
    _Static_assert(sizeof names / sizeof *names == WW_MX_TRIALS, "each has its name");
    json_t *json = json_object();
    for (unsigned i = 0; i < WW_MX_TRIALS; i++)
        (void)json_object_set_new(json, names[i], trial_json(&a->trials[i]));
    return json;
}

static json_t *address_json(const struct ww_mx_address_sight *a)
{
    const struct ww_mx_probe_result *r = &a->first;
    char address[WW_ADDR_TEXT_SIZE];
    bool reached = a->looked && r->err == WW_OK;
    ww_addr_format(&a->addr, address);
    return json_pack("{s:s, s:b, s:b, s:o, s:o, s:I, s:I, s:b, s:b, s:o, s:o, s:b, s:I, s:o, s:o}", "address",
                     address, "route", !a->no_route, "reached", reached, "error",
                     ww_json_error(r->err != WW_OK ? r->err : r->tls_err), "detail", ww_json_words(r->detail),
                     "ms", (json_int_t)(r->us / 1000), "smtp_code", (json_int_t)r->smtp_code, "starttls",
                     r->starttls, "handshake", r->handshake, "tls_version", version_json(r->tls_version),
                     "cipher", ww_json_words(r->cipher), "tlsa_match", r->tlsa_match, "tlsa_usage",
                     (json_int_t)r->tlsa_usage, "certificate", certificate_json(a), "trials", trials_json(a));
}

json_t *ww_mx_addresses_json(const struct ww_mx_sight *sight)
{
    if (sight == NULL)
        return json_null();
    json_t *list = json_array();
    for (size_t i = 0; i < sight->count; i++)
        (void)json_array_append_new(list, address_json(&sight->addresses[i]));
    return list;
}
