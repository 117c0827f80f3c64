#include "daemon/keeper_results_private.h"

#include "base/time.h"
#include "codec/tlsrpt_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

/* Octets of what strangers say in the failures of a report; what is beyond is put together by type. */
#define DETAILS_OCTETS ((size_t)1 << 20)
/* Of each failure for what is around its texts. */
#define DETAIL_OCTETS 256
/* Of a domain in a report-id, whose octets are few. */
#define ID_DOMAIN 80

void ww_results_host(char out[WW_DNAME_SIZE])
{
    struct utsname name;
    size_t offset;
    bool good = uname(&name) == 0 && strlen(name.nodename) < WW_DNAME_SIZE &&
                ww_dname_check(name.nodename, strlen(name.nodename), &offset) == WW_OK;
    (void)snprintf(out, WW_DNAME_SIZE, "%s", good ? name.nodename : "localhost");
}

static bool is_other(const struct ww_sessions_detail *d)
{
    return ww_slice_is(d->reason, WW_RESULTS_OTHER) && d->sending_ip.n == 0 && d->receiving_mx.n == 0 &&
           d->helo.n == 0 && d->receiving_ip.n == 0 && d->info.n == 0;
}

static size_t octets_of(const struct ww_sessions_detail *d)
{
    return DETAIL_OCTETS + d->sending_ip.n + d->receiving_mx.n + d->helo.n + d->receiving_ip.n + d->info.n +
           d->reason.n;
}

/* Those that stand in place of others come last; there is room for them where the others stood. */
static void put_together(struct ww_results_policy *p, size_t *room)
{
    int64_t others[WW_RESULT_TYPES] = {0};
    size_t n = 0;
    for (size_t i = 0; i < p->detail_count; i++) {
        const struct ww_sessions_detail d = p->details[i];
        size_t octets = octets_of(&d);
        if (is_other(&d) || octets > *room) {
            others[d.type] += d.count;
            continue;
        }
        *room -= octets;
        p->details[n++] = d;
    }
    for (int type = 0; type < WW_RESULT_TYPES; type++)
        if (others[type] > 0)
            p->details[n++] = (struct ww_sessions_detail){.type = (enum ww_result_type)type,
                                                          .reason = ww_slice_str(WW_RESULTS_OTHER),
                                                          .count = others[type]};
    p->detail_count = n;
}

static int rank(const struct ww_report_policy *p)
{
    return p->policy.type == WW_POLICY_TYPE_STS ? 0 : p->policy.type == WW_POLICY_TYPE_TLSA ? 1 : 2;
}

static int compare(const void *a, const void *b)
{
    const struct ww_report_policy *p = a, *q = b;
    int64_t size_p = p->success + p->failure, size_q = q->success + q->failure;
    if (rank(p) != rank(q))
        return rank(p) - rank(q);
    return size_p != size_q ? (size_p < size_q ? 1 : -1) : strcmp(p->policy.domain, q->policy.domain);
}

/* Sessions that had no policy, of which there is one entry. */
static void put_unverified(struct ww_results_report *out, const struct ww_results_day *day, int64_t sessions)
{
    struct ww_report *r = &out->report;
    struct ww_report_policy *p = NULL;
    for (size_t i = 0; p == NULL && i < r->count; i++)
        if (out->policies[i].policy.type == WW_POLICY_TYPE_NONE)
            p = &out->policies[i];
    if (p == NULL) {
        p = &out->policies[r->count++];
        *p = (struct ww_report_policy){.policy.type = WW_POLICY_TYPE_NONE};
        memcpy(p->policy.domain, day->open.domain, sizeof p->policy.domain);
    }
    p->success += sessions;
}

/* What was verified by nobody was a success under no policy, where our own looks tell of the policy. */
static void put_policies(struct ww_results_report *out, struct ww_results_day *day, bool looking)
{
    struct ww_report *r = &out->report;
    size_t room = DETAILS_OCTETS;
    int64_t unverified = 0;
    for (size_t i = 0; i < day->count; i++) {
        struct ww_results_policy *p = &day->policies[i];
        bool apart = looking && p->policy.type == WW_POLICY_TYPE_STS;
        int64_t success = p->success + (apart ? 0 : p->unverified);
        unverified += apart ? p->unverified : 0;
        if (success == 0 && p->failure == 0)
            continue;
        put_together(p, &room);
        out->policies[r->count++] = (struct ww_report_policy){.policy = p->policy,
                                                              .success = success,
                                                              .failure = p->failure,
                                                              .details = p->details,
                                                              .detail_count = p->detail_count};
    }
    if (unverified > 0)
        put_unverified(out, day, unverified);
    qsort(out->policies, r->count, sizeof *out->policies, compare);
    for (size_t i = 0; i < r->count; i++) {
        out->success += out->policies[i].success;
        out->failure += out->policies[i].failure;
    }
}

static void put_id(struct ww_results_report *out, const struct ww_results_open *open, const char *unique,
                   const char *right)
{
    char time[WW_TIME_SIZE];
    size_t n = strnlen(open->domain, ID_DOMAIN);
    while (n > 0 && open->domain[n - 1] == '.') /* a dot follows */
        n--;
    ww_time_format(open->day * WW_DAY_SECONDS, time);
    (void)snprintf(out->id, sizeof out->id, "%.10s.%" PRIu32 ".%.*s.%s@%s", time, open->part, (int)n,
                   open->domain, unique, right);
}

bool ww_results_report(struct ww_results_day *day, const struct ww_config *config, const char *host,
                       const char *unique, struct ww_results_report *out)
{
    const char *contact = config->report_contact != NULL ? config->report_contact : "";
    const char *submitter = contact[0] != '\0' ? ww_report_submitter(contact) : host;
    *out = (struct ww_results_report){.success = 0};
    out->policies = calloc(day->count + 1, sizeof *out->policies);
    if (out->policies == NULL)
        return false;
    put_id(out, &day->open, unique, submitter);
    out->report.organization = config->report_organization != NULL ? config->report_organization : submitter;
    out->report.contact = contact;
    out->report.id = out->id;
    out->report.domain = day->open.domain;
    out->report.begin = day->open.day * WW_DAY_SECONDS;
    out->report.end = out->report.begin + WW_DAY_SECONDS - 1;
    out->report.policies = out->policies;
    put_policies(out, day, config->collect_look);
    return true;
}

void ww_results_report_free(struct ww_results_report *report)
{
    free(report->policies);
    report->policies = NULL;
}

char *ww_keeper_results_render(struct ww_store *store, const struct ww_config *config, const char *domain,
                               size_t *n, enum ww_err *err)
{
    char host[WW_DNAME_SIZE];
    struct ww_results_open open;
    struct ww_results_report r;
    char *text = NULL;
    *err = ww_results_latest(store, domain, &open);
    if (*err != WW_OK)
        return NULL;
    struct ww_results_day *day = ww_results_load(store, domain, open.day, err);
    if (day == NULL)
        return NULL;
    ww_results_host(host);
    if (ww_results_report(day, config, host, "preview", &r)) {
        text = ww_tlsrpt_json(&r.report, n);
        ww_results_report_free(&r);
    }
    ww_results_day_free(day);
    *err = text != NULL ? WW_OK : WW_E_NO_MEMORY;
    return text;
}
