#include "check/offline.h"

#include "check/judges.h"
#include "check/report_json.h"
#include "check/zone_text.h"
#include "core/dns_answer.h"
#include "engine/dane_survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool fill_texts(const struct ww_zone_text *zone, const char *domain, struct ww_name_texts *texts,
                       const char *label)
{
    size_t n;
    if (label == NULL || (size_t)snprintf(texts->name, sizeof texts->name, "%s%s%s", label,
                                          label[0] != '\0' ? "." : "", domain) >= sizeof texts->name) {
        texts->name[0] = '\0';
        return true;
    }
    char *packet = ww_zone_text_answer(zone, texts->name, WW_DNS_TYPE_TXT, &n);
    if (packet == NULL)
        return false;
    texts->err = ww_name_texts_read(texts, ww_slice(packet, n));
    texts->ended = true;
    free(packet);
    return true;
}

static bool fill_names(const struct ww_zone_text *zone, struct ww_sight *sight)
{
    bool good = true;
    for (unsigned i = 0; i < WW_NAMES_TEXTS; i++)
        good = good && fill_texts(zone, sight->domain, &sight->names.texts[i], ww_names_label(i));
    ww_names_sight_read(&sight->names);
    sight->names.looked = true;
    return good;
}

/* The records of a host that lies elsewhere are not in the file. */
static void fill_tlsa(const struct ww_zone_text *zone, struct ww_dane_host *host)
{
    char name[WW_DNAME_SIZE + 16];
    size_t n;
    (void)snprintf(name, sizeof name, "_25._tcp.%s", host->name);
    char *packet = ww_zone_text_answer(zone, name, WW_DNS_TYPE_TLSA, &n);
    const struct ww_dane_reply reply = {.err = packet != NULL ? WW_OK : WW_E_DNS_NAME,
                                        .dnssec = WW_DNSSEC_SECURE,
                                        .packet = ww_slice(packet, packet != NULL ? n : 0)};
    host->answers[WW_DANE_ASK_TLSA].progress = WW_DANE_PENDING;
    ww_dane_survey_take(host, WW_DANE_ASK_TLSA, &reply);
    free(packet);
}

/*
 * A file of some records alone need not have the MX records. The survey is played as one of a signed zone, so
 * that TLSA records are read; whether it will be, nobody knows here.
 */
static bool fill_survey(const struct ww_zone_text *zone, struct ww_sight *sight)
{
    struct ww_dane_survey *survey = &sight->survey;
    struct ww_mx_hosts mx;
    size_t n;
    char *packet = ww_zone_text_answer(zone, sight->domain, WW_DNS_TYPE_MX, &n);
    if (packet == NULL)
        return false;
    ww_mx_hosts_read(ww_slice(packet, n), sight->domain, &mx);
    free(packet);
    if (mx.outcome != WW_MX_LISTED && mx.outcome != WW_MX_NULL)
        return true;
    mx.dnssec = WW_DNSSEC_SECURE;
    ww_dane_survey_begin(survey, &mx);
    for (size_t i = 0; i < survey->count; i++)
        fill_tlsa(zone, &survey->hosts[i]);
    survey->mx_dnssec = WW_DNSSEC_UNKNOWN;
    survey->validating = false;
    sight->surveyed = true;
    return true;
}

static bool fill_policy(struct ww_slice policy, struct ww_sight *sight)
{
    char *copy = malloc(policy.n + 1);
    if (copy == NULL)
        return false;
    memcpy(copy, policy.p, policy.n);
    sight->host.body = ww_slice(copy, policy.n);
    return true;
}

static bool fill_zone(const char *domain, struct ww_slice text, struct ww_sight *sight,
                      struct ww_offline_fault *fault)
{
    struct ww_zone_text *zone = ww_zone_text_new(text, domain, &fault->line, fault->why, sizeof fault->why);
    if (zone == NULL)
        return false;
    bool has = ww_zone_text_has(zone, domain);
    if (!has)
        fault->line = 0;
    if (!has)
        (void)snprintf(fault->why, sizeof fault->why, "no record in it is of %s, or of a name below it",
                       domain);
    bool good = has && fill_names(zone, sight) && fill_survey(zone, sight);
    ww_zone_text_free(zone);
    return good;
}

static json_t *judge(struct ww_sight *sight)
{
    struct ww_check_report report = {.count = 0};
    ww_sight_read_policy(sight);
    ww_judge_all(sight, &report);
    for (unsigned i = 0; i < WW_CHECKS; i++)
        ww_check_not_tested(&report, (enum ww_check)i, "without network");
    json_t *json = ww_check_report_json(sight, &report);
    ww_check_report_clear(&report);
    return json;
}

json_t *ww_check_offline(const char *domain, struct ww_slice zone, struct ww_slice policy, int64_t at,
                         struct ww_offline_fault *fault)
{
    json_t *json = NULL;
    struct ww_sight *sight = ww_sight_new(domain, at);
    *fault = (struct ww_offline_fault){.why = "out of memory"};
    if (sight == NULL)
        return NULL;
    sight->offline = true;
    if ((zone.p == NULL || fill_zone(domain, zone, sight, fault)) &&
        (policy.p == NULL || fill_policy(policy, sight)))
        json = judge(sight);
    ww_sight_free(sight);
    return json;
}
