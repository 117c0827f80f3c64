#include "check/judges.h"

#include "base/time.h"
#include "check/host_faults.h"
#include "core/media_type.h"
#include "engine/discovery.h"

#include <inttypes.h>
#include <stdio.h>

#define DAY 86400

/* A certificate this near to its end, or with less than a third of its life left, is renewed late. */
#define SOON_DAYS 14

static const enum ww_check all[] = {
#define WW_CHECK(name, ...) WW_CHECK_##name,
#define WW_CHECK_RULE(name, ...) WW_CHECK_##name,
#include "check/table_host.h"
#undef WW_CHECK
#undef WW_CHECK_RULE
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void none_tested(struct ww_check_report *report, const char *why)
{
    for (size_t i = 0; i < COUNT(all); i++)
        ww_check_not_tested(report, all[i], why);
}

/* How far an address has come: the checks up to there are made at it. */
enum stage {
    NOTHING,
    CONNECTED, /* or not */
    SHAKEN,    /* TLS was begun */
    SHOWN,     /* a certificate */
    ANSWERED,
    STATUS,
    SERVED,
};

static const struct {
    enum ww_check check;
    enum stage stage;
} stages[] = {
    {WW_CHECK_HOST_NO_ROUTE, NOTHING},     {WW_CHECK_HOST_UNREACHABLE, CONNECTED},
    {WW_CHECK_HOST_TIMEOUT, CONNECTED},    {WW_CHECK_HOST_BROKEN_OFF, CONNECTED},
    {WW_CHECK_HOST_TLS_VERSION, SHAKEN},   {WW_CHECK_HOST_TLS_FAILED, SHAKEN},
    {WW_CHECK_HOST_CERT_EXPIRED, SHOWN},   {WW_CHECK_HOST_CERT_SOON, SHOWN},
    {WW_CHECK_HOST_CERT_EARLY, SHOWN},     {WW_CHECK_HOST_CERT_SELF_SIGNED, SHOWN},
    {WW_CHECK_HOST_CERT_UNTRUSTED, SHOWN}, {WW_CHECK_HOST_CERT_CHAIN, SHOWN},
    {WW_CHECK_HOST_CERT_NAME, SHOWN},      {WW_CHECK_HOST_CERT_NO_SAN, SHOWN},
    {WW_CHECK_HOST_CERT_INVALID, SHOWN},   {WW_CHECK_HOST_CERT_DIFFERS, SHOWN},
    {WW_CHECK_HOST_NOT_HTTP, ANSWERED},    {WW_CHECK_HOST_HEADERS, ANSWERED},
    {WW_CHECK_HOST_CUT, ANSWERED},         {WW_CHECK_HOST_CODING, ANSWERED},
    {WW_CHECK_HOST_NOT_FOUND, STATUS},     {WW_CHECK_HOST_STATUS, STATUS},
    {WW_CHECK_HOST_REDIRECT, STATUS},      {WW_CHECK_HOST_BLOCKED, STATUS},
    {WW_CHECK_HOST_TYPE, SERVED},          {WW_CHECK_HOST_CACHED, SERVED},
    {WW_CHECK_HOST_BODY_DIFFERS, SERVED},
};

static enum stage reached(const struct ww_host_address_sight *a)
{
    switch ((int)a->err) {
    case WW_OK:
        return a->status == 200 ? SERVED : STATUS;
    case WW_E_HTTPS_CUT:
    case WW_E_HTTPS_CODING:
    case WW_E_HTTPS_TOO_LARGE:
        return STATUS;
    case WW_E_HTTPS_HEADERS:
    case WW_E_HTTPS_PROTOCOL:
        return ANSWERED;
    case WW_E_HTTPS_TLS:
    case WW_E_HTTPS_TLS_VERSION:
        return a->leaf.shown ? SHOWN : SHAKEN;
    default:
        return a->leaf.shown ? SHOWN : CONNECTED;
    }
}

/* Why there is nothing to be seen behind this stage. */
static const char *end_of(enum stage far)
{
    static const char *const ends[] = {
        [NOTHING] = "no address of the policy host was tried",
        [CONNECTED] = "at no address of the policy host TLS was begun",
        [SHAKEN] = "no address of the policy host has shown a certificate",
        [SHOWN] = "at no address the connection to the policy host came to be one that senders accept",
        [ANSWERED] = "no address of the policy host has answered with a status",
        [STATUS] = "no address of the policy host has served a policy with status 200",
        [SERVED] = "",
    };
    return ends[far];
}

static void say_what_was_made(const struct ww_host_sight *host, struct ww_check_report *report)
{
    enum stage far = NOTHING;
    bool whole = true;
    for (size_t i = 0; i < host->count; i++) {
        const struct ww_host_address_sight *a = &host->addresses[i];
        whole = whole && a->tested;
        if (a->tested && !a->from_us && reached(a) > far)
            far = reached(a);
    }
    for (size_t i = 0; i < COUNT(stages); i++) {
        if (far < stages[i].stage)
            ww_check_not_tested(report, stages[i].check, end_of(far));
        else if (!whole)
            ww_check_not_tested(report, stages[i].check, "not all addresses were looked at in time");
        else
            ww_check_made(report, stages[i].check);
    }
}

/* What an error of an exchange is called as a finding; err_table.h has each of them. */
static enum ww_check check_of(enum ww_err err)
{
    static const struct {
        enum ww_err err;
        enum ww_check check;
    } table[] = {
        {WW_E_HTTPS_CONNECT, WW_CHECK_HOST_UNREACHABLE},
        {WW_E_HTTPS_TIMEOUT, WW_CHECK_HOST_TIMEOUT},
        {WW_E_HTTPS_RESET, WW_CHECK_HOST_BROKEN_OFF},
        {WW_E_HTTPS_EMPTY, WW_CHECK_HOST_BROKEN_OFF},
        {WW_E_HTTPS_TLS, WW_CHECK_HOST_TLS_FAILED},
        {WW_E_HTTPS_TLS_VERSION, WW_CHECK_HOST_TLS_VERSION},
        {WW_E_HTTPS_CERT_EXPIRED, WW_CHECK_HOST_CERT_EXPIRED},
        {WW_E_HTTPS_CERT_EARLY, WW_CHECK_HOST_CERT_EARLY},
        {WW_E_HTTPS_CERT_UNTRUSTED, WW_CHECK_HOST_CERT_UNTRUSTED},
        {WW_E_HTTPS_CERT_SELF_SIGNED, WW_CHECK_HOST_CERT_SELF_SIGNED},
        {WW_E_HTTPS_CERT_CHAIN, WW_CHECK_HOST_CERT_CHAIN},
        {WW_E_HTTPS_CERT_NAME, WW_CHECK_HOST_CERT_NAME},
        {WW_E_HTTPS_CERT_NO_SAN, WW_CHECK_HOST_CERT_NO_SAN},
        {WW_E_HTTPS_CERT, WW_CHECK_HOST_CERT_INVALID},
        {WW_E_HTTPS_TOO_LARGE, WW_CHECK_POLICY_TOO_LONG},
        {WW_E_HTTPS_HEADERS, WW_CHECK_HOST_HEADERS},
        {WW_E_HTTPS_CUT, WW_CHECK_HOST_CUT},
        {WW_E_HTTPS_CODING, WW_CHECK_HOST_CODING},
        {WW_E_HTTPS_PROTOCOL, WW_CHECK_HOST_NOT_HTTP},
    };
    for (size_t i = 0; i < COUNT(table); i++)
        if (table[i].err == err)
            return table[i].check;
    return WW_CHECK_HOST_BROKEN_OFF;
}

static void judge_soon(struct ww_host_faults *faults, size_t i, int64_t now)
{
    const struct ww_tls_leaf *leaf = &faults->host->addresses[i].leaf;
    int64_t left = leaf->cert.not_after - now, life = leaf->cert.not_after - leaf->not_before;
    char until[WW_TIME_SIZE];
    if (leaf->cert.not_after == 0 || left >= SOON_DAYS * DAY || left >= life / 3)
        return;
    ww_time_format(leaf->cert.not_after, until);
    ww_host_fault(faults, WW_CHECK_HOST_CERT_SOON, i, "it expires at %s, in %" PRId64 " days; issued by %s",
                  until, left > 0 ? left / DAY : 0, leaf->cert.issuer);
}

static void judge_status(struct ww_host_faults *faults, size_t i)
{
    const struct ww_host_address_sight *a = &faults->host->addresses[i];
    const char *to = a->headers.location;
    if (a->as_browser == 200)
        ww_host_fault(faults, WW_CHECK_HOST_BLOCKED, i, "status %u for Waxwing, 200 for a web browser",
                      a->status);
    else if (a->status >= 300 && a->status < 400)
        ww_host_fault(faults, WW_CHECK_HOST_REDIRECT, i, "status %u%s%s", a->status,
                      to[0] != '\0' ? ", to " : "", to);
    else
        ww_host_fault(faults, a->status == 404 ? WW_CHECK_HOST_NOT_FOUND : WW_CHECK_HOST_STATUS, i,
                      "status %u for %s", a->status, WW_POLICY_PATH);
}

static void judge_type(struct ww_host_faults *faults, size_t i)
{
    const char *type = faults->host->addresses[i].type;
    /* A page for people rightly says what it is, and is found to be one. */
    if (ww_policy_is_page(faults->host->body.p, faults->host->body.n))
        return;
    if (!ww_media_type_is_text_plain(ww_slice_str(type)))
        ww_host_fault(faults, WW_CHECK_HOST_TYPE, i, "%s%s; strict senders refuse the policy so",
                      type[0] != '\0' ? "Content-Type: " : "no Content-Type", type);
}

static void judge_cache(struct ww_host_faults *faults, size_t i)
{
    const struct ww_https_headers *h = &faults->host->addresses[i].headers;
    int64_t age = ww_host_seconds(h->age);
    if (age > DAY)
        ww_host_fault(faults, WW_CHECK_HOST_CACHED, i, "Age: %s, which are more than a day", h->age);
    else if (ww_host_cache_seconds(h->cache_control) > DAY)
        ww_host_fault(faults, WW_CHECK_HOST_CACHED, i, "Cache-Control: %s", h->cache_control);
}

static void judge_body(struct ww_host_faults *faults, size_t i)
{
    const struct ww_host_sight *host = faults->host;
    const struct ww_host_address_sight *a = &host->addresses[i];
    char first[WW_ADDR_TEXT_SIZE];
    if (a->other_line == 0)
        return;
    ww_addr_format(&host->addresses[host->body_from].addr, first);
    ww_host_fault(faults, WW_CHECK_HOST_BODY_DIFFERS, i, "line %zu is \"%s\" here, and \"%s\" at [%s]",
                  a->other_line, a->here, a->there, first);
}

static void judge_address(struct ww_host_faults *faults, size_t i, int64_t now)
{
    const struct ww_host_address_sight *a = &faults->host->addresses[i];
    const char *detail = a->detail[0] != '\0' ? a->detail : ww_err_message(a->err);
    if (a->from_us)
        ww_host_fault(faults, WW_CHECK_HOST_NO_ROUTE, i, "%s", detail);
    else if (a->err == WW_E_HTTPS_TOO_LARGE)
        ww_host_fault(faults, check_of(a->err), i, "more than %d octets", WW_POLICY_BODY_MAX);
    else if (a->err != WW_OK)
        ww_host_fault(faults, check_of(a->err), i, "%s", detail);
    else
        judge_soon(faults, i, now);
    if (a->err != WW_OK)
        return;
    if (a->status != 200) {
        judge_status(faults, i);
        return;
    }
    judge_type(faults, i);
    judge_cache(faults, i);
    judge_body(faults, i);
}

/* Good certificates alone: a bad one is a finding of its own. */
static void judge_certificates(const struct ww_host_sight *host, const char *name,
                               struct ww_check_report *report)
{
    const struct ww_host_address_sight *first = NULL;
    for (size_t i = 0; i < host->count; i++) {
        const struct ww_host_address_sight *a = &host->addresses[i];
        if (!a->tested || a->err != WW_OK || !a->leaf.shown)
            continue;
        if (first == NULL)
            first = a;
        if (memcmp(a->leaf.cert.fingerprint, first->leaf.cert.fingerprint, WW_FINGERPRINT_SIZE) == 0)
            continue;
        char at[2][WW_ADDR_TEXT_SIZE], until[2][WW_TIME_SIZE];
        ww_addr_format(&first->addr, at[0]);
        ww_addr_format(&a->addr, at[1]);
        ww_time_format(first->leaf.cert.not_after, until[0]);
        ww_time_format(a->leaf.cert.not_after, until[1]);
        ww_check_found(report, WW_CHECK_HOST_CERT_DIFFERS, name,
                       "[%s]: by %s, until %s; [%s]: by %s, until %s", at[0], first->leaf.cert.issuer,
                       until[0], at[1], a->leaf.cert.issuer, until[1]);
        return;
    }
}

static void judge_addresses(const struct ww_sight *sight, const char *name, struct ww_check_report *report)
{
    struct ww_host_faults faults = {.host = &sight->host, .name = name};
    say_what_was_made(&sight->host, report);
    for (size_t i = 0; i < sight->host.count; i++)
        if (sight->host.addresses[i].tested)
            judge_address(&faults, i, sight->at);
    ww_host_faults_tell(&faults, report);
    /* Servers that serve something else have certificates of their own. */
    if (report->states[WW_CHECK_HOST_BODY_DIFFERS] != WW_CHECK_FOUND)
        judge_certificates(&sight->host, name, report);
}

static bool has_no_record(const struct ww_names_sight *names)
{
    const struct ww_name_texts *texts = &names->texts[WW_NAMES_STS];
    return names->looked && texts->ended && texts->err == WW_OK && names->record == WW_TXT_ABSENT;
}

void ww_judge_host(const struct ww_sight *sight, struct ww_check_report *report)
{
    const struct ww_host_sight *host = &sight->host;
    char name[WW_DISCOVERY_NAME_SIZE];
    (void)snprintf(name, sizeof name, "mta-sts.%s", sight->domain);
    if (!host->looked)
        none_tested(report, sight->offline ? "no network is used" : "the policy host was not looked at");
    else if (!host->resolved)
        none_tested(report, "the addresses of the policy host were not there in time");
    else if (has_no_record(&sight->names) && host->body.p == NULL)
        none_tested(report, "no MTA-STS record was found, and nothing serves a policy: no sender looks");
    else {
        ww_judge_host_names(sight, name, report);
        judge_addresses(sight, name, report);
    }
}
