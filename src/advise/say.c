#include "advise/say.h"

#include "base/time.h"
#include "core/sessions.h"
#include "core/words.h"

#include <stdio.h>

const char *ww_say_name(char out[WW_SAY_NAME_SIZE], const char *name)
{
    struct ww_buf b = ww_buf(out, WW_SAY_NAME_SIZE - 1);
    ww_words_put_domain(&b, ww_slice_str(name));
    out[b.n] = '\0';
    return out;
}

const char *ww_say_time(char out[WW_SAY_DAY_SIZE], int64_t seconds)
{
    char text[WW_TIME_SIZE];
    ww_time_format(seconds, text);
    memcpy(out, text, WW_SAY_DAY_SIZE - 1);
    out[WW_SAY_DAY_SIZE - 1] = '\0';
    return out;
}

const char *ww_say_day(char out[WW_SAY_DAY_SIZE], int64_t day)
{
    return ww_say_time(out, day * WW_DAY_SECONDS);
}

const char *ww_say_count(char out[WW_SAY_COUNT_SIZE], int64_t count)
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%lld", (long long)count);
    struct ww_buf b = ww_buf(out, WW_SAY_COUNT_SIZE - 1);
    for (int i = 0; i < n; i++) {
        if (i > 0 && digits[i - 1] != '-' && (n - i) % 3 == 0)
            ww_buf_char(&b, ',');
        ww_buf_char(&b, digits[i]);
    }
    out[b.n] = '\0';
    return out;
}

const char *ww_say_s(int64_t count)
{
    return count == 1 ? "" : "s";
}

static const struct {
    const char *result;
    const char *words;
} results[] = {
    {"", "the sender does not say why"},
    {"starttls-not-supported", "STARTTLS was not offered"},
    {"certificate-host-mismatch",
     "the certificate is for another name, or the policy does not name the host"},
    {"certificate-expired", "the certificate had expired"},
    {"certificate-not-trusted", "the certificate is from nobody whom the sender trusts"},
    {"validation-failure", "the connection was not what the policy demands"},
    {"sts-policy-fetch-error", "the policy could not be fetched"},
    {"sts-policy-invalid", "the policy could not be understood"},
    {"sts-webpki-invalid", "the certificate of the policy host did not hold"},
    {"tlsa-invalid", "the TLSA records did not fit the certificate, or could not be used"},
    {"dnssec-invalid", "DNSSEC did not hold"},
    {"dane-required", "DANE was demanded, and was not there"},
};

const char *ww_say_result(char out[WW_SAY_RESULT_SIZE], const char *result)
{
    struct ww_buf b = ww_buf(out, WW_SAY_RESULT_SIZE - 1);
    for (size_t i = 0; i < sizeof results / sizeof *results; i++)
        if (strcmp(results[i].result, result) == 0)
            ww_buf_str(&b, results[i].words);
    if (b.n == 0) {
        ww_buf_str(&b, "what the sender calls ");
        ww_words_put_cut(&b, ww_slice_str(result));
    }
    out[b.n] = '\0';
    return out;
}
