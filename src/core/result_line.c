#include "core/result_line.h"

#include "base/ascii.h"
#include "core/exim_result.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The last second of the year 9999, which times in reports have in four digits. */
#define LAST_SECOND INT64_C(253402300799)

enum ww_err ww_result_put_time(void *to, struct ww_slice value)
{
    struct ww_tls_result *r = to;
    int64_t time = 0;
    for (size_t i = 0; i < value.n; i++) {
        if (!ww_is_digit(value.p[i]) || time > LAST_SECOND / 10)
            return WW_E_RESULT_VALUE;
        time = time * 10 + (value.p[i] - '0');
    }
    r->time = time;
    return time <= LAST_SECOND ? WW_OK : WW_E_RESULT_VALUE;
}

enum ww_err ww_result_put_domain(void *to, struct ww_slice value)
{
    struct ww_tls_result *r = to;
    return ww_tls_result_name_put(r->domain, value);
}

enum ww_err ww_result_put_mx(void *to, struct ww_slice value)
{
    struct ww_tls_result *r = to;
    return ww_tls_result_name_put(r->mx, value);
}

enum ww_err ww_result_put_ip(void *to, struct ww_slice value)
{
    struct ww_tls_result *r = to;
    return ww_tls_result_ip_put(r->ip, value);
}

enum ww_err ww_result_put_from(void *to, struct ww_slice value)
{
    struct ww_tls_result *r = to;
    return ww_tls_result_ip_put(r->from, value);
}

static const char *mode_name(int i)
{
    return ww_result_mode_name((enum ww_result_mode)i);
}

enum ww_err ww_result_put_mode(void *to, struct ww_slice value)
{
    struct ww_tls_result *r = to;
    int i;
    if (!ww_result_word_index(value, mode_name, WW_RESULT_MODES, &i))
        return WW_E_RESULT_VALUE;
    r->mode = (enum ww_result_mode)i;
    return WW_OK;
}

/* The id of an MTA-STS record (RFC 8461 section 3.1). */
enum ww_err ww_result_put_policy_id(void *to, struct ww_slice value)
{
    struct ww_tls_result *r = to;
    for (size_t i = 0; i < value.n; i++) {
        if (!ww_is_alnum(value.p[i]))
            return WW_E_STS_ID;
    }
    return ww_tls_result_word_put(r->policy_id, sizeof r->policy_id, value);
}

enum ww_err ww_result_put_text(void *to, struct ww_slice value)
{
    ww_tls_result_text_put(to, value);
    return WW_OK;
}

/* The result is required, and success is no other than the zero that the struct begins with. */
struct draft {
    struct ww_tls_result r;
    bool has_result;
};
_Static_assert(offsetof(struct draft, r) == 0, "what puts into the result takes a draft as well");

static const char *result_name(int i)
{
    return ww_tls_result_name((enum ww_result_type)i);
}

static enum ww_err put_result(void *to, struct ww_slice value)
{
    struct draft *draft = to;
    int i;
    draft->has_result = ww_result_word_index(value, result_name, WW_RESULT_TYPES, &i);
    if (!draft->has_result)
        return WW_E_RESULT_VALUE;
    draft->r.type = (enum ww_result_type)i;
    return WW_OK;
}

static const char *policy_name(int i)
{
    return ww_policy_type_name((enum ww_policy_type)i);
}

static enum ww_err put_policy(void *to, struct ww_slice value)
{
    struct ww_tls_result *r = to;
    int i;
    r->policy_known = ww_result_word_index(value, policy_name, WW_POLICY_TYPE_TLSA + 1, &i);
    if (!r->policy_known)
        return WW_E_RESULT_VALUE;
    r->policy = (enum ww_policy_type)i;
    return WW_OK;
}

static const char *seen_name(int i)
{
    return ww_tls_seen_name((enum ww_tls_seen)i);
}

static enum ww_err put_tls(void *to, struct ww_slice value)
{
    struct ww_tls_result *r = to;
    int i;
    if (!ww_result_word_index(value, seen_name, WW_TLS_SEEN_COUNT, &i))
        return WW_E_RESULT_VALUE;
    r->tls = (enum ww_tls_seen)i;
    return WW_OK;
}

static enum ww_err put_mta(void *to, struct ww_slice value)
{
    struct ww_tls_result *r = to;
    for (size_t i = 0; i < value.n; i++) {
        if (!ww_is_alnum(value.p[i]) && value.p[i] != '.' && value.p[i] != '-')
            return WW_E_RESULT_VALUE;
    }
    return ww_tls_result_word_put(r->mta, sizeof r->mta, value);
}

static enum ww_err put_session(void *to, struct ww_slice value)
{
    struct ww_tls_result *r = to;
    return ww_tls_result_word_put(r->session, sizeof r->session, value);
}

enum ww_err ww_result_line_parse(const char *p, size_t n, struct ww_tls_result *out, size_t *offset)
{
    static const struct ww_result_key keys[] = {
        {"time", ww_result_put_time},
        {"domain", ww_result_put_domain},
        {"result", put_result},
        {"mx", ww_result_put_mx},
        {"ip", ww_result_put_ip},
        {"from", ww_result_put_from},
        {"policy", put_policy},
        {"mode", ww_result_put_mode},
        {"policy-id", ww_result_put_policy_id},
        {"tls", put_tls},
        {"text", ww_result_put_text},
        {"mta", put_mta},
        {"session", put_session},
    };
    struct draft draft = {.r = {.time = 0}};
    enum ww_err err = ww_result_pairs_read(p, n, WW_RESULT_LINE_KIND, keys, COUNT(keys), &draft, offset);
    if (err == WW_OK && (!draft.has_result || draft.r.domain[0] == '\0'))
        err = WW_E_RESULT_MISSING;
    *out = draft.r;
    return err;
}

enum ww_err ww_result_line_take(const char *p, size_t n, struct ww_tls_result *out, bool *says,
                                size_t *offset)
{
    struct ww_slice line = ww_slice(p, n);
    if (!ww_slice_starts(line, WW_EXIM_LINE_KIND " ")) {
        *says = true;
        return ww_result_line_parse(p, n, out, offset);
    }
    struct ww_exim_facts facts;
    enum ww_err err = ww_exim_facts_parse(p, n, &facts, offset);
    *says = err == WW_OK && ww_exim_result(&facts, out);
    return err;
}

static void put(struct ww_buf *b, const char *key, const char *value)
{
    ww_result_pair_put(b, key, ww_slice_str(value));
}

void ww_result_line_put(struct ww_buf *b, const struct ww_tls_result *r)
{
    char digits[24];
    struct ww_buf time = ww_buf(digits, sizeof digits);
    if (r->time > 0)
        ww_buf_decimal(&time, (uint64_t)r->time);
    ww_buf_str(b, WW_RESULT_LINE_KIND " 1");
    ww_result_pair_put(b, "time", ww_slice(time.p, time.n));
    put(b, "domain", r->domain);
    put(b, "result", ww_tls_result_name(r->type));
    put(b, "mx", r->mx);
    put(b, "ip", r->ip);
    put(b, "from", r->from);
    put(b, "policy", r->policy_known ? ww_policy_type_name(r->policy) : "");
    put(b, "mode", ww_result_mode_name(r->mode));
    put(b, "policy-id", r->policy_id);
    put(b, "tls", ww_tls_seen_name(r->tls));
    put(b, "text", r->text);
    put(b, "mta", r->mta);
    put(b, "session", r->session);
}
