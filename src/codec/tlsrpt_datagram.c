#include "codec/tlsrpt_datagram.h"

#include "base/ascii.h"
#include "codec/json_scan.h"
#include "codec/tlsrpt_datagram_text.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define KEY_MAX 20
/* Digits of a number that can mean anything: the protocol's have three at most. */
#define DIGITS_MAX 9

struct reading {
    struct ww_json_scan s;
    struct ww_datagram *out;
    struct ww_buf text; /* of *out */
    char domain[WW_DNAME_SIZE];
    struct ww_slice record;
    struct ww_sessions *policy;        /* the one that is being read */
    struct ww_sessions_detail *detail; /* and its failure */
    unsigned told;                     /* failures that the policy counts */
    bool has_failed;                   /* its final result */
    bool list_is_full;                 /* of the list that is being read the rest is left out */
    size_t details;                    /* of all policies */
    size_t at;                         /* where the value begins that is being read */
    enum ww_err err;
};

struct field {
    const char *key;
    bool (*take)(struct reading *r);
    bool required;
};

static bool fail(struct reading *r, enum ww_err err)
{
    if (r->err == WW_OK)
        r->err = err;
    return false;
}

/* ---- values ---- */

static bool want(struct reading *r, enum ww_json_kind kind)
{
    return ww_json_scan_kind(&r->s) == kind || (ww_json_scan_skip(&r->s) && fail(r, WW_E_DATAGRAM_TYPE));
}

/* Into the room of *out; who takes less of it gives the rest back. */
static bool take_string(struct reading *r, struct ww_slice *out)
{
    size_t start = r->text.n;
    if (!want(r, WW_JSON_STRING) || !ww_json_scan_string(&r->s, &r->text))
        return false;
    *out = ww_slice(r->text.p + start, r->text.n - start);
    return true;
}

static bool take_number(struct reading *r, unsigned *out)
{
    struct ww_slice text;
    *out = 0;
    if (!want(r, WW_JSON_NUMBER) || !ww_json_scan_number(&r->s, &text))
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if (i == DIGITS_MAX || !ww_is_digit(text.p[i]))
            return fail(r, WW_E_DATAGRAM_TYPE);
        *out = *out * 10 + (unsigned)(text.p[i] - '0');
    }
    return true;
}

/* Its members are put into r by their fields. */
static bool take_object(struct reading *r, const struct field *fields, size_t count)
{
    unsigned seen = 0;
    bool first = true, good = want(r, WW_JSON_OBJECT) && ww_json_scan_open(&r->s, WW_JSON_OBJECT);
    size_t start = r->at;
    char room[KEY_MAX];
    struct ww_buf key = ww_buf(room, sizeof room);
    while (good && ww_json_scan_member(&r->s, &first, &key)) {
        size_t i = 0;
        while (i < count && (key.failed || !ww_slice_is(ww_slice(room, key.n), fields[i].key)))
            i++;
        (void)ww_json_scan_kind(&r->s);
        r->at = r->s.at;
        if (i == count)
            good = ww_json_scan_skip(&r->s);
        else if ((seen & 1U << i) != 0)
            good = fail(r, WW_E_DATAGRAM_KEY_TWICE);
        else
            good = fields[i].take(r);
        seen |= i < count ? 1U << i : 0;
        key = ww_buf(room, sizeof room);
    }
    if (!good || r->s.wrong != NULL)
        return false;
    r->at = start;
    for (size_t i = 0; i < count; i++) {
        if (fields[i].required && (seen & 1U << i) == 0)
            return fail(r, WW_E_DATAGRAM_MISSING);
    }
    return true;
}

/* Calls `take` for each element of an array. */
static bool take_array(struct reading *r, bool (*take)(struct reading *r))
{
    bool first = true, good = want(r, WW_JSON_ARRAY) && ww_json_scan_open(&r->s, WW_JSON_ARRAY);
    while (good && ww_json_scan_element(&r->s, &first)) {
        (void)ww_json_scan_kind(&r->s);
        r->at = r->s.at;
        good = take(r);
    }
    return good && r->s.wrong == NULL;
}

/* ---- a failure ---- */

static bool take_code(struct reading *r)
{
    static const struct {
        unsigned code;
        enum ww_result_type type;
    } codes[] = {
        {201, WW_RESULT_STARTTLS_NOT_SUPPORTED},
        {202, WW_RESULT_CERTIFICATE_HOST_MISMATCH},
        {203, WW_RESULT_CERTIFICATE_NOT_TRUSTED},
        {204, WW_RESULT_CERTIFICATE_EXPIRED},
        {205, WW_RESULT_VALIDATION_FAILURE},
        {301, WW_RESULT_STS_POLICY_FETCH_ERROR},
        {302, WW_RESULT_STS_POLICY_INVALID},
        {303, WW_RESULT_STS_WEBPKI_INVALID},
        {304, WW_RESULT_TLSA_INVALID},
        {305, WW_RESULT_DNSSEC_INVALID},
        {306, WW_RESULT_DANE_REQUIRED},
    };
    unsigned code;
    if (!take_number(r, &code))
        return false;
    for (size_t i = 0; i < COUNT(codes); i++) {
        if (codes[i].code == code) {
            r->detail->type = codes[i].type;
            return true;
        }
    }
    return fail(r, WW_E_DATAGRAM_CODE);
}

/* In the form that `canon` gives it. */
static bool take_text(struct reading *r, struct ww_slice *out, size_t canon(char *p, size_t n))
{
    size_t start = r->text.n;
    if (!take_string(r, out))
        return false;
    if (r->text.failed)
        return fail(r, WW_E_DATAGRAM_TOO_LONG);
    char *p = r->text.p + start;
    *out = ww_slice(p, canon(p, out->n));
    r->text.n = start + out->n;
    return true;
}

static bool take_sending_ip(struct reading *r)
{
    return take_text(r, &r->detail->sending_ip, ww_datagram_address);
}

static bool take_receiving_mx(struct reading *r)
{
    return take_text(r, &r->detail->receiving_mx, ww_datagram_name);
}

static bool take_helo(struct reading *r)
{
    return take_text(r, &r->detail->helo, ww_datagram_helo);
}

static bool take_receiving_ip(struct reading *r)
{
    return take_text(r, &r->detail->receiving_ip, ww_datagram_address);
}

static bool take_info(struct reading *r)
{
    return take_text(r, &r->detail->info, ww_datagram_words);
}

static bool take_reason(struct reading *r)
{
    return take_text(r, &r->detail->reason, ww_datagram_words);
}

static bool take_detail(struct reading *r)
{
    static const struct field fields[] = {
        {"c", take_code, true},    {"s", take_sending_ip, false},   {"n", take_receiving_mx, false},
        {"h", take_helo, false},   {"r", take_receiving_ip, false}, {"a", take_info, false},
        {"f", take_reason, false},
    };
    if (r->details == WW_DATAGRAM_DETAILS_MAX)
        return fail(r, WW_E_DATAGRAM_DETAILS);
    r->detail = &r->out->details[r->details++];
    *r->detail = (struct ww_sessions_detail){.count = 1};
    r->policy->detail_count++;
    return take_object(r, fields, COUNT(fields));
}

/* ---- a policy ---- */

static bool take_policy_type(struct reading *r)
{
    unsigned number;
    if (!take_number(r, &number))
        return false;
    if (number != 1 && number != 2 && number != 9)
        return fail(r, WW_E_DATAGRAM_POLICY_TYPE);
    r->policy->policy.type = number == 1   ? WW_POLICY_TYPE_TLSA
                             : number == 2 ? WW_POLICY_TYPE_STS
                                           : WW_POLICY_TYPE_NONE;
    return true;
}

static bool take_name(struct reading *r, char out[WW_DNAME_SIZE], enum ww_err *err)
{
    struct ww_slice text;
    size_t start = r->text.n;
    if (!take_string(r, &text))
        return false;
    r->text.n = start;
    *err = ww_dname_canon(text.p, text.n, out);
    return true;
}

static bool take_policy_domain(struct reading *r)
{
    enum ww_err lenient;
    return take_name(r, r->policy->policy.domain, &lenient);
}

/* One string of a list, whose lines lie behind each other from `list` on. */
static bool take_line(struct reading *r, struct ww_slice *list, size_t max, bool lower)
{
    struct ww_slice text;
    size_t start = r->text.n;
    if (!take_string(r, &text))
        return false;
    char *p = r->text.p + start;
    size_t n = ww_datagram_line(p, text.n, lower);
    if (n == 0 || r->list_is_full || n + 1 > max - list->n) {
        r->list_is_full = r->list_is_full || n > 0;
        r->text.n = start;
        return true;
    }
    r->text.n = start + n;
    ww_buf_char(&r->text, '\n');
    *list = ww_slice(list->n > 0 ? list->p : p, list->n + n + 1);
    return true;
}

static bool take_policy_string(struct reading *r)
{
    return take_line(r, &r->policy->policy.strings, WW_SESSIONS_STRINGS_MAX, false);
}

static bool take_policy_strings(struct reading *r)
{
    r->list_is_full = false;
    return take_array(r, take_policy_string);
}

static bool take_mx_host(struct reading *r)
{
    return take_line(r, &r->policy->policy.mx_hosts, WW_SESSIONS_MX_HOSTS_MAX, true);
}

static bool take_mx_hosts(struct reading *r)
{
    r->list_is_full = false;
    return take_array(r, take_mx_host);
}

static bool take_details(struct reading *r)
{
    return take_array(r, take_detail);
}

static bool take_told(struct reading *r)
{
    return take_number(r, &r->told);
}

static bool take_result(struct reading *r)
{
    unsigned number;
    if (!take_number(r, &number))
        return false;
    r->has_failed = number == 1;
    return number <= 1 || fail(r, WW_E_DATAGRAM_RESULT);
}

static bool take_policy(struct reading *r)
{
    static const struct field fields[] = {
        {"policy-type", take_policy_type, true},
        {"policy-domain", take_policy_domain, false},
        {"policy-string", take_policy_strings, false},
        {"mx-host", take_mx_hosts, false},
        {"failure-details", take_details, false},
        {"t", take_told, true},
        {"f", take_result, true},
    };
    if (r->out->count == WW_DATAGRAM_POLICIES_MAX)
        return fail(r, WW_E_DATAGRAM_POLICIES);
    struct ww_sessions *m = r->policy = &r->out->sessions[r->out->count++];
    *m = (struct ww_sessions){.policy_known = true, .details = r->out->details + r->details};
    if (!take_object(r, fields, COUNT(fields)))
        return false;
    if (r->told != m->detail_count)
        return fail(r, WW_E_DATAGRAM_COUNT);
    struct ww_slice *strings = &m->policy.strings;
    if (m->policy.type == WW_POLICY_TYPE_TLSA && strings->n > 0)
        strings->n = ww_datagram_sort_tlsa(r->text.p + (strings->p - r->text.p), strings->n);
    bool testing = m->policy.type == WW_POLICY_TYPE_STS && ww_datagram_is_testing(*strings);
    *(r->has_failed ? &m->failure : testing ? &m->unverified : &m->success) = 1;
    return true;
}

/* ---- the datagram ---- */

static bool take_version(struct reading *r)
{
    struct ww_slice version;
    if (ww_json_scan_kind(&r->s) != WW_JSON_STRING)
        return fail(r, WW_E_DATAGRAM_VERSION);
    return take_string(r, &version) && (ww_slice_is(version, "1") || fail(r, WW_E_DATAGRAM_VERSION));
}

static bool take_domain(struct reading *r)
{
    enum ww_err err;
    return take_name(r, r->domain, &err) && (err == WW_OK || fail(r, WW_E_DATAGRAM_DOMAIN));
}

static bool take_record(struct reading *r)
{
    return take_text(r, &r->record, ww_datagram_record);
}

static bool take_policies(struct reading *r)
{
    return take_array(r, take_policy) && (r->out->count > 0 || fail(r, WW_E_DATAGRAM_POLICIES));
}

enum ww_err ww_datagram_parse(const char *p, size_t n, struct ww_datagram *out, size_t *offset)
{
    static const struct field fields[] = {
        {"dpv", take_version, false},
        {"d", take_domain, true},
        {"pr", take_record, false},
        {"policies", take_policies, true},
    };
    struct reading r = {.s = ww_json_scan(p, n), .out = out, .text = ww_buf(out->text, sizeof out->text)};
    *offset = 0;
    out->count = 0;
    if (n > WW_DATAGRAM_MAX)
        return WW_E_DATAGRAM_TOO_LONG;
    r.s.any_octets = true;
    bool good = take_object(&r, fields, COUNT(fields)) && ww_json_scan_end(&r.s);
    if (r.text.failed)
        (void)fail(&r, WW_E_DATAGRAM_TOO_LONG);
    *offset = good ? n : r.err != WW_OK ? r.at : r.s.at;
    for (size_t i = 0; i < out->count; i++) {
        memcpy(out->sessions[i].domain, r.domain, sizeof r.domain);
        out->sessions[i].record = r.record;
    }
    return r.err != WW_OK ? r.err : good ? WW_OK : WW_E_DATAGRAM_JSON;
}
