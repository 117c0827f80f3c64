#include "base/ascii.h"
#include "codec/tlsrpt_read_private.h"

/* The first double that int64_t does not hold. */
#define TOO_LARGE 0x1p63

static enum ww_err count_of_integer(const json_t *value, int64_t *out)
{
    *out = json_integer_value(value);
    return *out < 0 ? WW_E_REPORT_COUNT_NEGATIVE : WW_OK;
}

static enum ww_err count_of_real(const json_t *value, int64_t *out)
{
    double real = json_real_value(value);
    if (real < 0)
        return WW_E_REPORT_COUNT_NEGATIVE;
    if (real >= TOO_LARGE)
        return WW_E_REPORT_COUNT_OVERFLOW;
    *out = (int64_t)real;
    return (double)*out < real ? WW_E_REPORT_COUNT_FRACTION : WW_OK;
}

static enum ww_err count_of_digits(const json_t *value, int64_t *out)
{
    struct ww_slice s = ww_slice(json_string_value(value), json_string_length(value));
    bool negative = s.n > 1 && s.p[0] == '-';
    int64_t sum = 0;
    bool overflow = false;
    for (size_t i = negative; i < s.n; i++) {
        if (!ww_is_digit(s.p[i]))
            return WW_E_REPORT_COUNT;
        overflow = overflow || __builtin_mul_overflow(sum, 10, &sum) ||
                   __builtin_add_overflow(sum, s.p[i] - '0', &sum);
    }
    if (s.n == 0)
        return WW_E_REPORT_COUNT;
    if (negative)
        return WW_E_REPORT_COUNT_NEGATIVE;
    *out = sum;
    return overflow ? WW_E_REPORT_COUNT_OVERFLOW : WW_OK;
}

static int64_t count_of(struct ww_tlsrpt_reading *r, const json_t *value)
{
    enum ww_err err = WW_E_REPORT_COUNT, form = WW_OK;
    int64_t count = 0;
    if (json_is_integer(value)) {
        err = count_of_integer(value, &count);
    } else if (json_is_real(value)) {
        err = count_of_real(value, &count);
        form = WW_E_REPORT_COUNT_FLOAT;
    } else if (json_is_string(value)) {
        err = count_of_digits(value, &count);
        form = WW_E_REPORT_COUNT_TEXT;
    }
    if (err != WW_OK) {
        ww_tlsrpt_error(r, err);
        return 0;
    }
    if (form != WW_OK)
        ww_tlsrpt_warn(r, form);
    return count;
}

int64_t ww_tlsrpt_count(struct ww_tlsrpt_reading *r, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    int64_t count = 0;
    ww_tlsrpt_enter(r, key);
    if (value == NULL || json_is_null(value))
        ww_tlsrpt_warn(r, WW_E_REPORT_COUNT_MISSING);
    else
        count = count_of(r, value);
    ww_tlsrpt_leave(r);
    return count;
}

void ww_tlsrpt_add(struct ww_tlsrpt_reading *r, int64_t *sum, int64_t n)
{
    int64_t more;
    if (__builtin_add_overflow(*sum, n, &more))
        ww_tlsrpt_error(r, WW_E_REPORT_SUM_OVERFLOW);
    else
        *sum = more;
}
