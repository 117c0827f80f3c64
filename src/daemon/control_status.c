#include "daemon/control.h"
#include "daemon/control_json.h"
#include "daemon/control_preload.h"
#include "net/dns.h"
#include "proc/msg_anchors.h"

#include <stdlib.h>

/* Of each kind in the answer. */
#define ERRORS_MAX 10

struct status {
    struct ww_collecting collecting;
    struct ww_request *request;
    bool told;
    struct ww_asking *asking; /* of preload; NULL: not under way */
    struct ww_msg_preload preload;
    bool preload_known;
    struct ww_stats sum;
    struct ww_slow_hosts slow;
};

static json_t *number(uint64_t v)
{
    return json_integer((json_int_t)v);
}

static json_t *role_json(const struct ww_control *control, const struct ww_role_status *r)
{
    char name[WW_ROLE_NAME_SIZE];
    const struct ww_counted *c = ww_control_stats_of(control->stats, r->kind, r->index);
    ww_role_name(r->kind, r->index, name);
    return json_pack("{s:s, s:b, s:b, s:I, s:I, s:o, s:I}", "role", name, "ready", r->ready, "answers",
                     c != NULL && c->up, "pid", (json_int_t)r->pid, "restarts", (json_int_t)r->restarts,
                     "since", ww_json_time(r->since), "memory",
                     c != NULL ? (json_int_t)c->now.values[WW_STAT_MEMORY] : 0);
}

static json_t *roles_json(const struct ww_control *control)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < control->status.count; i++)
        (void)json_array_append_new(list, role_json(control, &control->status.roles[i]));
    return list;
}

/* The worst that a resolver has found; that of one which has not tested yet does not count. */
static uint64_t worst_of(const struct ww_control *control, enum ww_stat gauge)
{
    uint64_t worst = 0;
    for (unsigned i = 0; i < control->status.count; i++) {
        const struct ww_role_status *r = &control->status.roles[i];
        const struct ww_counted *c = ww_control_stats_of(control->stats, r->kind, r->index);
        if (r->kind == WW_ROLE_RESOLVER && c != NULL && c->now.values[gauge] > worst)
            worst = c->now.values[gauge];
    }
    return worst;
}

static uint64_t dns_health(const struct ww_control *control)
{
    return worst_of(control, WW_STAT_DNS_HEALTH);
}

static const char *dns_name(uint64_t health)
{
    static const char *const names[] = {"not-tested", "validating", "stripped", "unreachable", "anchor"};
    _Static_assert(sizeof names / sizeof *names == 1 + WW_DNS_HEALTHS, "each has its name");
    return names[health < sizeof names / sizeof *names ? health : 0];
}

/* known: whether anything can be learnt of it now, or null before the self-test; left_out: answers go without
 * it. */
static json_t *dane_json(const struct ww_control *control)
{
    enum ww_dane_use use = control->env->config->dane.use;
    uint64_t health = dns_health(control);
    bool used = use != WW_DANE_OFF;
    json_t *known = used && health == 0 ? json_null() : json_boolean(used && health == 1);
    return json_pack("{s:s, s:o, s:b}", "setting", ww_dane_use_name(use), "known", known, "left_out",
                     !used || worst_of(control, WW_STAT_DANE_LEFT_OUT) > 0);
}

static json_t *cache_json(const struct ww_stats *s)
{
    json_t *entries = json_object();
    for (unsigned i = 0; i < WW_STAT_CLASSES; i++)
        (void)json_object_set_new(entries, ww_stat_class_name(i),
                                  number(s->values[WW_STAT_CACHE_ENTRIES + i]));
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "entries", entries, "max_domains",
                     number(s->values[WW_STAT_CACHE_LIMIT]), "bytes", number(s->values[WW_STAT_CACHE_BYTES]),
                     "max_bytes", number(s->values[WW_STAT_CACHE_LIMIT_BYTES]), "enforced_lost",
                     number(s->values[WW_STAT_CACHE_LOST]));
}

static json_t *lookups_json(const struct ww_control *control, const struct ww_stats *s)
{
    json_t *answers = json_object(), *maps = json_object();
    uint64_t by_map[WW_MAP_UNKNOWN + 1] = {0}, total = 0;
    double rate = ww_control_stats_rate(control->stats);
    for (unsigned answer = 0; answer < WW_ANSWERS; answer++) {
        uint64_t n = 0;
        for (unsigned i = 0; i < 2 * (WW_MAP_UNKNOWN + 1); i++) {
            uint64_t v = s->values[ww_stat_lookup((enum ww_socketmap_map)(i / 2), (enum ww_stat_answer)answer,
                                                  i % 2 == 1)];
            by_map[i / 2] += v;
            n += v;
        }
        (void)json_object_set_new(answers, ww_stat_answer_name((enum ww_stat_answer)answer), number(n));
        total += n;
    }
    for (unsigned map = 0; map <= WW_MAP_UNKNOWN; map++)
        (void)json_object_set_new(maps, ww_stat_map_name((enum ww_socketmap_map)map), number(by_map[map]));
    return json_pack("{s:o, s:o, s:o, s:o}", "total", number(total), "per_second",
                     rate < 0 ? json_null() : json_real(rate), "answers", answers, "maps", maps);
}

static json_t *latency_json(const struct ww_stats *s, enum ww_stat at)
{
    for (unsigned i = 0; i < ww_stat_family_count; i++) {
        const struct ww_stat_family *f = &ww_stat_families[i];
        if (f->at == at)
            return json_pack("{s:o, s:o}", "p50_us", number(ww_stat_quantile(f, s, 0.5)), "p99_us",
                             number(ww_stat_quantile(f, s, 0.99)));
    }
    return NULL;
}

/* The errors that discoveries failed with most, the most frequent first. */
static json_t *errors_json(const struct ww_stats *s)
{
    json_t *list = json_array();
    uint64_t below = UINT64_MAX;
    unsigned last = 0;
    for (unsigned n = 0; n < ERRORS_MAX; n++) {
        unsigned best = 0;
        uint64_t most = 0;
        for (unsigned e = 0; e < WW_ERR_COUNT; e++) {
            uint64_t v = s->values[WW_STAT_DISCOVERY_ERRORS + e];
            bool later = v < below || (v == below && e > last);
            if (v > most && later) {
                most = v;
                best = e;
            }
        }
        if (most == 0)
            break;
        below = most;
        last = best;
        (void)json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "error", ww_err_id((enum ww_err)best),
                                                    "message", ww_err_message((enum ww_err)best), "count",
                                                    number(most)));
    }
    return list;
}

static json_t *slow_json(const struct ww_slow_hosts *slow)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < slow->count; i++) {
        const struct ww_slow_host *h = &slow->hosts[i];
        (void)json_array_append_new(
            list, json_pack("{s:s, s:I, s:s?, s:o}", "host", h->host, "ms", (json_int_t)h->ms, "error",
                            h->err != WW_OK ? ww_err_id(h->err) : NULL, "at", ww_json_time(h->at)));
    }
    return list;
}

static json_t *store_json(const struct ww_control *control, const struct ww_stats *s)
{
    uint64_t trouble = s->values[WW_STAT_STORE_TROUBLE];
    enum ww_err err = trouble < WW_ERR_COUNT ? (enum ww_err)trouble : WW_OK;
    return json_pack("{s:s?, s:b, s:s?, s:s?, s:o, s:o}", "path", control->env->config->store, "well",
                     s->values[WW_STAT_STORE_UP] == 1, "error", err != WW_OK ? ww_err_id(err) : NULL,
                     "message", err != WW_OK ? ww_err_message(err) : NULL, "waiting",
                     number(s->values[WW_STAT_STORE_WAITING]), "lag_seconds",
                     number(s->values[WW_STAT_STORE_OLDEST]));
}

static json_t *tags_json(const uint64_t *values)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < WW_STAT_COUNT_TAGS && values[i] > 0; i++)
        (void)json_array_append_new(list, number(values[i] - 1));
    return list;
}

static json_t *anchors_json(const struct ww_stats *s)
{
    uint64_t source = s->values[WW_STAT_ANCHOR_SOURCE];
    uint64_t confirmed = s->values[WW_STAT_ANCHORS_CONFIRMED];
    return json_pack("{s:s?, s:o, s:o, s:o}", "source",
                     source > 0 ? ww_anchor_source_name((enum ww_anchor_source)(source - 1)) : NULL, "keys",
                     tags_json(&s->values[WW_STAT_ANCHOR_TAGS]), "waiting",
                     tags_json(&s->values[WW_STAT_ANCHOR_WAITING]), "confirmed",
                     confirmed > 0 ? ww_json_time((int64_t)confirmed) : json_null());
}

/* What is not as it should be, in words; empty when all is well. */
static json_t *troubles_json(const struct ww_control *control, const struct ww_stats *s,
                             const char *of_preload)
{
    json_t *list = json_array();
    uint64_t dns = dns_health(control);
    for (unsigned i = 0; i < control->status.count; i++) {
        const struct ww_role_status *r = &control->status.roles[i];
        const struct ww_counted *c = ww_control_stats_of(control->stats, r->kind, r->index);
        char name[WW_ROLE_NAME_SIZE];
        ww_role_name(r->kind, r->index, name);
        if (!r->ready || c == NULL || !c->up)
            (void)json_array_append_new(
                list, json_sprintf("%s %s", name, r->ready ? "does not answer" : "is down"));
    }
    if (dns == 2)
        (void)json_array_append_new(list,
                                    json_string("DNSSEC does not get through: a forwarder or a box on the "
                                                "way removes it"));
    if (dns == 4)
        (void)json_array_append_new(
            list,
            json_string("the root's signatures do not fit the trust anchors: nothing is known of DANE"));
    if (dns == 3)
        (void)json_array_append_new(list, json_string("no DNS server answers: new domains have no policy"));
    if (s->values[WW_STAT_STORE_UP] != 1)
        (void)json_array_append_new(list,
                                    json_string("the store is in trouble: what is new waits to be written"));
    if (of_preload != NULL)
        (void)json_array_append_new(list, json_string(of_preload));
    return list;
}

static json_t *watch_json(const struct ww_stats *s)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "domains", number(s->values[WW_STAT_WATCHED]), "errors",
                     number(s->values[WW_STAT_WATCH_ERRORS]), "warnings",
                     number(s->values[WW_STAT_WATCH_WARNINGS]), "runs", number(s->values[WW_STAT_WATCH_RUNS]),
                     "alerts_waiting", number(s->values[WW_STAT_WATCH_ALERTS_WAITING]));
}

/* Why none is sent; NULL: they are. */
static const char *reports_held(const struct ww_config *config)
{
    if (config->report_dry_run)
        return "report.dry_run is set";
    return config->report_contact == NULL ? "report.contact is not set" : NULL;
}

static json_t *reports_json(const struct ww_config *config, const struct ww_stats *s)
{
    json_t *states = json_object();
    for (unsigned i = 0; i < WW_REPORT_STATES; i++)
        (void)json_object_set_new(states, ww_report_state_name((enum ww_report_state)i),
                                  number(s->values[WW_STAT_REPORTS + i]));
    return json_pack("{s:o, s:o, s:o, s:s?, s:s?}", "states", states, "suppressed",
                     number(s->values[WW_STAT_REPORT_SUPPRESSED]), "overdue_seconds",
                     number(s->values[WW_STAT_REPORT_OLDEST_DUE]), "held", reports_held(config), "redirect",
                     config->report_redirect);
}

static json_t *collect_json(const struct ww_control *control, const struct ww_stats *s)
{
    uint64_t refused = 0;
    for (unsigned e = 0; e < WW_ERR_COUNT; e++)
        refused += s->values[WW_STAT_COLLECT_REFUSED + e];
    if (!control->env->config->collect)
        return json_null();
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "datagrams", number(s->values[WW_STAT_COLLECT_DATAGRAMS]),
        "lines", number(s->values[WW_STAT_COLLECT_LINES]), "refused", number(refused), "full_queues",
        number(s->values[WW_STAT_COLLECT_FULL_DRAINS]), "journal_full",
        number(s->values[WW_STAT_COLLECT_FULL]), "journal_bytes", number(s->values[WW_STAT_COLLECT_JOURNAL]),
        "journal_limit", number(s->values[WW_STAT_COLLECT_JOURNAL_LIMIT]), "lag_seconds",
        number(s->values[WW_STAT_COLLECT_LAG]));
}

static json_t *status_json(const struct status *st)
{
    const struct ww_control *control = ww_request_control(st->request);
    const struct ww_stats *s = &st->sum;
    const struct ww_config *config = control->env->config;
    const struct ww_msg_preload *preload = st->preload_known ? &st->preload : NULL;
    json_t *troubles = troubles_json(control, s, ww_control_preload_trouble(config, preload));
    bool well = json_array_size(troubles) == 0 && control->status.count > 0;
    return json_pack(
        "{s:s, s:b, s:o, s:I, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
        "s:b, s:o, s:o, s:o, s:o}",
        "version", WW_VERSION, "well", well, "troubles", troubles, "pid", (json_int_t)control->status.pid,
        "since", ww_json_time(control->status.since), "roles", roles_json(control), "dns",
        dns_name(dns_health(control)), "dane", dane_json(control), "anchors", anchors_json(s), "cache",
        cache_json(s), "flights", number(s->values[WW_STAT_FLIGHTS]), "connections",
        number(s->values[WW_STAT_CONNECTIONS]), "lookups", lookups_json(control, s), "latency_cached",
        latency_json(s, WW_STAT_LOOKUP_CACHED), "latency_waited", latency_json(s, WW_STAT_LOOKUP_WAITED),
        "errors", errors_json(s), "slowest_hosts", slow_json(&st->slow), "store", store_json(control, s),
        "overrides", number(s->values[WW_STAT_OVERRIDES]), "dry_run", s->values[WW_STAT_DRY_RUN] == 1,
        "preload", ww_control_preload_json(config, preload), "watch", watch_json(s), "reports",
        reports_json(config, s), "collect", collect_json(control, s));
}

static void answer(struct status *st)
{
    ww_request_item(st->request, status_json(st));
    ww_request_end(st->request, WW_OK, NULL);
}

static void on_preload(void *ctx, const struct ww_msg_told *told)
{
    struct status *st = ctx;
    st->asking = NULL;
    st->preload_known = told->err == WW_OK && ww_msg_get_preload(told->payload, &st->preload) == WW_OK;
    answer(st);
}

static void on_collected(void *ctx)
{
    struct status *st = ctx;
    const struct ww_control *control = ww_request_control(st->request);
    st->told = true;
    ww_control_stats_sum(control->stats, &st->sum);
    ww_control_stats_slow(control->stats, &st->slow);
    if (control->env->config->preload_source != NULL)
        st->asking = ww_roles_ask(control->roles, WW_ROLE_PRELOAD, 0, WW_ASK_PRELOAD, ww_slice(NULL, 0),
                                  WW_STATS_DEADLINE_MS, on_preload, st);
    if (st->asking == NULL)
        answer(st);
}

static void release(void *state)
{
    struct status *st = state;
    if (!st->told)
        ww_control_stats_leave(ww_request_control(st->request)->stats, &st->collecting);
    if (st->asking != NULL)
        ww_asking_cancel(st->asking);
    free(st);
}

void ww_control_status(struct ww_request *request)
{
    struct status *st = calloc(1, sizeof *st);
    if (st == NULL) {
        ww_request_end(request, WW_E_NO_MEMORY, NULL);
        return;
    }
    st->request = request;
    st->collecting.done = on_collected;
    st->collecting.ctx = st;
    ww_request_keep(request, st, release);
    ww_control_stats_collect(ww_request_control(request)->stats, &st->collecting);
}
