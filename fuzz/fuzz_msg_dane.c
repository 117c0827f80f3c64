/* A survey for DANE between roles: what the decoder takes, the encoder writes again byte for byte. */
#include "check.h"
#include "proc/msg_dane.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ww_dane_survey survey;
    static char again[WW_MSG_DANE_SURVEY_MAX];
    const struct ww_slice payload = ww_slice((const char *)data, size);
    struct ww_buf b = ww_buf(again, sizeof again);
    if (ww_msg_get_dane_survey(payload, &survey) != WW_OK)
        return 0;
    for (size_t i = 0; i < survey.count; i++)
        (void)ww_dane_host_base(&survey.hosts[i]);
    ww_msg_put_dane_survey(&b, &survey);
    CHECK(!b.failed && ww_slice_eq(ww_slice(b.p, b.n), payload));
    return 0;
}
