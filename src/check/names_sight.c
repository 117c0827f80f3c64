#include "check/names_sight.h"

#include "check/looks.h"
#include "check/owned.h"
#include "core/dns_answer.h"

#include <stdlib.h>

static const char *const labels[WW_NAMES_TEXTS] = {
    [WW_NAMES_STS] = "_mta-sts",
    [WW_NAMES_TLSRPT] = "_smtp._tls",
    [WW_NAMES_APEX] = "",
    [WW_NAMES_STS_UNDERSCORE] = "_mta_sts",
    [WW_NAMES_STS_HOST] = "mta-sts",
    [WW_NAMES_TLSRPT_TLS] = "_smtp.tls",
    [WW_NAMES_TLSRPT_DRAFT] = "_smtp-tlsrpt",
    [WW_NAMES_TLSRPT_HYPHEN] = "_smtp-tls",
    [WW_NAMES_TLSRPT_UNDERSCORE] = "_smtp_tls",
    [WW_NAMES_TLSRPT_LABEL] = "_tlsrpt",
};

const char *ww_names_label(enum ww_names_text which)
{
    return labels[which];
}

bool ww_name_texts_add(struct ww_name_texts *texts, struct ww_slice text)
{
    if (texts->count == WW_NAME_TEXTS_MAX) {
        texts->more = true;
        return true;
    }
    char *copy = malloc(text.n + 1);
    struct ww_slice *all = reallocarray(texts->all, texts->count + 1, sizeof *all);
    if (all != NULL)
        texts->all = all;
    if (copy == NULL || all == NULL) {
        free(copy);
        return false;
    }
    if (text.n > 0)
        memcpy(copy, text.p, text.n);
    texts->all[texts->count++] = ww_slice(copy, text.n);
    return true;
}

static bool keep_aliases(struct ww_name_texts *texts, const struct ww_dns_answer *answer)
{
    char target[WW_DNS_NAME_TEXT_SIZE];
    const char *owner = texts->name;
    while (texts->alias_count < WW_NAME_ALIASES_MAX && ww_dns_answer_alias(answer, owner, target)) {
        char *copy = strdup(target);
        if (copy == NULL)
            return false;
        texts->aliases[texts->alias_count++] = copy;
        owner = copy;
    }
    return true;
}

enum ww_err ww_name_texts_read(struct ww_name_texts *texts, struct ww_slice packet)
{
    static char text[UINT16_MAX];
    struct ww_dns_answer answer;
    struct ww_dns_rr rr;
    size_t n;
    enum ww_err err = ww_dns_answer_open(&answer, packet.p, packet.n, texts->name, WW_DNS_TYPE_TXT);
    if (err != WW_OK)
        return err;
    texts->nxdomain = answer.rcode == WW_DNS_NXDOMAIN;
    texts->ttl = answer.ttl;
    if (!keep_aliases(texts, &answer))
        return WW_E_NO_MEMORY;
    while (ww_dns_answer_next(&answer, &rr)) {
        err = ww_dns_txt_join(rr.rdata, text, sizeof text, &n);
        if (err != WW_OK)
            return err;
        if (!ww_name_texts_add(texts, ww_slice(text, n)))
            return WW_E_NO_MEMORY;
    }
    return WW_OK;
}

static bool holds(const struct ww_name_texts *texts, struct ww_slice text)
{
    for (size_t i = 0; i < texts->count; i++)
        if (ww_slice_eq(texts->all[i], text))
            return true;
    return false;
}

bool ww_name_texts_same(const struct ww_name_texts *a, const struct ww_name_texts *b)
{
    if (a->count == 0 || a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!holds(b, a->all[i]))
            return false;
    return true;
}

void ww_name_texts_clear(struct ww_name_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        ww_owned_free(&texts->all[i]);
    free(texts->all);
    for (size_t i = 0; i < texts->alias_count; i++)
        free(texts->aliases[i]);
    texts->all = NULL;
    texts->count = 0;
    texts->alias_count = 0;
}

/* Of a longer list whole URIs are kept. */
static void keep_rua(struct ww_names_sight *sight, struct ww_slice list)
{
    size_t n = list.n;
    if (n >= sizeof sight->rua) {
        n = sizeof sight->rua - 1;
        while (n > 0 && list.p[n] != ',')
            n--;
    }
    memcpy(sight->rua, list.p, n);
    sight->rua[n] = '\0';
}

void ww_names_sight_read(struct ww_names_sight *sight)
{
    const struct ww_name_texts *sts = &sight->texts[WW_NAMES_STS];
    const struct ww_name_texts *tlsrpt = &sight->texts[WW_NAMES_TLSRPT];
    struct ww_tlsrpt_record reports;
    enum ww_err why;
    sight->record =
        sts->more ? WW_TXT_INVALID : ww_sts_record_select(sts->all, sts->count, &sight->sts, &why);
    sight->tlsrpt =
        tlsrpt->more ? WW_TXT_INVALID : ww_tlsrpt_record_select(tlsrpt->all, tlsrpt->count, &reports, &why);
    sight->rua[0] = '\0';
    if (sight->tlsrpt == WW_TXT_PRESENT)
        keep_rua(sight, reports.rua);
}

bool ww_names_has_no_host(const struct ww_names_sight *sight)
{
    const struct ww_name_zone *host = &sight->zones[WW_NAMES_ZONE_HOST];
    return host->ended && host->err == WW_OK && host->nxdomain;
}

bool ww_names_is_our_side(const struct ww_names_sight *sight)
{
    for (size_t i = 0; i < sight->above_count; i++)
        if (sight->above[i].ended && (sight->above[i].err == WW_OK || sight->above[i].err == WW_E_DNS_BOGUS))
            return false;
    return sight->above_count > 0;
}

void ww_names_sight_clear(struct ww_names_sight *sight)
{
    for (size_t i = 0; i < WW_NAMES_TEXTS; i++)
        ww_name_texts_clear(&sight->texts[i]);
}
