#include "core/dane_survey.h"

const char *ww_dane_host_base(const struct ww_dane_host *host)
{
    if (host->state != WW_DANE_SECURE_USABLE && host->state != WW_DANE_SECURE_UNUSABLE)
        return NULL;
    return host->base == WW_DANE_ASK_TLSA_ALIAS ? host->alias : host->name;
}

const char *ww_dane_question_name(enum ww_dane_question question)
{
    static const char *const names[WW_DANE_QUESTIONS] = {
        [WW_DANE_ASK_A] = "A",         [WW_DANE_ASK_AAAA] = "AAAA",
        [WW_DANE_ASK_CNAME] = "CNAME", [WW_DANE_ASK_TLSA_ALIAS] = "TLSA",
        [WW_DANE_ASK_TLSA] = "TLSA",
    };
    return names[question];
}
