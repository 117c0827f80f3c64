#include "daemon/watcher_report.h"

#include "check/report_json.h"

#include <stdio.h>
#include <stdlib.h>

#define REPORT_MAX ((size_t)192 * 1024)
#define FINDINGS_SPACE ((size_t)512 * 1024)
#define SMALL_SPACE ((size_t)32 * 1024)

/* One that is cut amid a finding would be refused as a whole. */
_Static_assert(WW_CHECK_FINDINGS_MAX *(WW_ALERT_CHECK_SIZE + WW_ALERT_WHERE_SIZE + WW_ALERT_SEEN_SIZE) <=
                   FINDINGS_SPACE,
               "all findings have room");

/* What the parts are written into before they are put together. */
struct space {
    char findings[FINDINGS_SPACE];
    char silent[SMALL_SPACE];
    char ends[SMALL_SPACE];
    char part[WW_ALERT_WHERE_SIZE + WW_ALERT_SEEN_SIZE + 256];
};

static struct ww_slice written(const struct ww_buf *b)
{
    return ww_slice(b->p, b->n);
}

/* The worst come first: what does not fit is of the least. */
static struct ww_slice findings_of(struct space *s, const struct ww_check_report *report)
{
    struct ww_buf all = ww_buf(s->findings, sizeof s->findings);
    for (size_t i = 0; i < report->count; i++) {
        const struct ww_check_finding *f = &report->findings[i];
        struct ww_msg_watch_finding m = {.severity = f->severity};
        struct ww_buf b = ww_buf(s->part, sizeof s->part);
        (void)snprintf(m.check, sizeof m.check, "%s", ww_check_info(f->check)->id);
        (void)snprintf(m.where, sizeof m.where, "%s", f->where);
        (void)snprintf(m.seen, sizeof m.seen, "%s", f->seen);
        ww_msg_put_watch_finding(&b, &m);
        ww_msg_put_part(&all, written(&b));
    }
    return written(&all);
}

static struct ww_slice silent_of(struct space *s, const struct ww_check_report *report)
{
    struct ww_buf all = ww_buf(s->silent, sizeof s->silent);
    for (unsigned i = 0; i < WW_CHECKS; i++)
        if (report->states[i] == WW_CHECK_SILENT)
            ww_msg_put_part(&all, ww_slice_str(ww_check_info((enum ww_check)i)->id));
    return written(&all);
}

static void put_end(struct space *s, struct ww_buf *all, const char *where, int64_t not_after)
{
    struct ww_msg_watch_end m = {.not_after = not_after};
    struct ww_buf b = ww_buf(s->part, sizeof s->part);
    (void)snprintf(m.where, sizeof m.where, "%s", where);
    ww_msg_put_watch_end(&b, &m);
    ww_msg_put_part(all, written(&b));
}

/* Of all addresses of a host the certificate that ends first. */
static int64_t end_of_host(const struct ww_mx_sight *mx)
{
    int64_t first = 0;
    for (size_t i = 0; mx != NULL && mx->complete && i < mx->count; i++) {
        const struct ww_mx_probe_result *r = &mx->addresses[i].first;
        if (r->err == WW_OK && r->handshake && r->has_certificate && (first == 0 || r->not_after < first))
            first = r->not_after;
    }
    return first;
}

static struct ww_slice ends_of(struct space *s, const struct ww_sight *sight)
{
    struct ww_buf all = ww_buf(s->ends, sizeof s->ends);
    for (size_t i = 0; sight->surveyed && i < sight->survey.count; i++) {
        int64_t end = end_of_host(sight->mx[i]);
        if (end != 0)
            put_end(s, &all, sight->survey.hosts[i].name, end);
    }
    int64_t of_policy = ww_sight_policy_host_end(sight);
    char where[WW_ALERT_WHERE_SIZE];
    (void)snprintf(where, sizeof where, "mta-sts.%s", sight->domain);
    if (of_policy != 0)
        put_end(s, &all, where, of_policy);
    return written(&all);
}

static void list_mx(const struct ww_sight *sight, char *out, size_t size)
{
    struct ww_past_mx mx;
    size_t n = 0;
    ww_past_mx_of(sight, &mx);
    out[0] = '\0';
    for (size_t i = 0; i < mx.count && n < size; i++)
        n += (size_t)snprintf(out + n, size - n, "%s%s", i > 0 ? " " : "", mx.names[i]);
}

static void fill(struct ww_msg_watched *m, const struct ww_sight *sight, const struct ww_check_report *report)
{
    struct ww_outlook outlook;
    bool present = sight->names.looked && sight->names.record == WW_TXT_PRESENT;
    ww_outlook(sight, &outlook);
    m->at = sight->at;
    m->ms = (uint32_t)(sight->us / 1000);
    m->errors = (uint32_t)ww_check_count(report, WW_SEVERITY_ERROR);
    m->warnings = (uint32_t)ww_check_count(report, WW_SEVERITY_WARNING);
    m->infos = (uint32_t)ww_check_count(report, WW_SEVERITY_INFO);
    m->severity = report->count > 0 ? (uint16_t)report->findings[0].severity : WW_SEVERITY_INFO + 1;
    (void)snprintf(m->domain, sizeof m->domain, "%s", sight->domain);
    (void)snprintf(m->outlook, sizeof m->outlook, "%s", ww_outlook_name(outlook.kind));
    (void)snprintf(m->mode, sizeof m->mode, "%s",
                   sight->has_policy ? ww_policy_mode_name(sight->policy.mode) : "");
    (void)snprintf(m->id, sizeof m->id, "%s", present ? sight->names.sts.id : "");
    m->body = sight->has_policy ? sight->host.body : ww_slice("", 0);
    list_mx(sight, m->mx, sizeof m->mx);
}

bool ww_watcher_report_put(struct ww_buf *b, const struct ww_sight *sight,
                           const struct ww_check_report *report)
{
    struct ww_msg_watched *m = calloc(1, sizeof *m);
    struct space *s = malloc(sizeof *s);
    json_t *json = ww_check_report_json(sight, report);
    char *text = json != NULL ? json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    bool good = m != NULL && s != NULL && text != NULL;
    if (good) {
        fill(m, sight, report);
        m->report = strlen(text) <= REPORT_MAX ? ww_slice_str(text) : ww_slice("", 0);
        m->silent = silent_of(s, report);
        m->findings = findings_of(s, report);
        m->ends = ends_of(s, sight);
        ww_msg_put_watched(b, m);
        good = !b->failed;
    }
    free(text);
    json_decref(json);
    free(s);
    free(m);
    return good;
}

static void read_mx(const char *text, struct ww_past_mx *out)
{
    while (text[0] != '\0' && out->count < WW_DANE_HOSTS_MAX) {
        size_t n = strcspn(text, " ");
        if (ww_dname_canon(text, n, out->names[out->count]) == WW_OK)
            out->count++;
        text += n + (text[n] == ' ');
    }
}

void ww_watcher_past_read(const struct ww_msg_watch *m, struct ww_past *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < m->count; i++) {
        const struct ww_msg_watch_version *v = &m->versions[i];
        struct ww_past_version *to = &out->versions[out->count++];
        memcpy(to->id, v->id, sizeof to->id);
        memcpy(to->hash, v->hash, sizeof to->hash);
        to->mode = v->mode;
        to->max_age = v->max_age;
        to->last_seen = v->last_seen;
    }
    out->testing_since = m->testing_since;
    memcpy(out->mx_hash, m->mx_hash, sizeof out->mx_hash);
    read_mx(m->mx, &out->mx);
}
_Static_assert(WW_MSG_WATCH_VERSIONS_MAX == WW_PAST_VERSIONS_MAX, "all of them have room");
