#include "cli/preload_look.h"

#include "cli/outside.h"
#include "cli/worker.h"
#include "core/mx_match.h"
#include "daemon/config_values.h"
#include "drive/mx_hosts.h"

#include <stdarg.h>
#include <stdlib.h>

#define SPARE_MS 5000

/* What a line holds beside the patterns, which are no longer than a policy. */
#define LINE_MAX_OCTETS ((size_t)4096)

struct look {
    struct looking *all;
    size_t index;
    unsigned waits; /* answers to come */
    struct ww_discovery_result found;
    char *body; /* of the policy, or NULL */
    size_t body_n;
    struct ww_mx_hosts mx;
    bool temporary;
    bool withdrawn; /* its policy itself says that it belongs on no list */
    char why[512];
};

struct looking {
    const struct ww_preload_looks *order;
    struct ww_outside net;
    int out;
    size_t next; /* to be looked at */
    struct look looks[WW_PRELOAD_LOOKS];
};

static void say(struct look *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct look *l, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    (void)vsnprintf(l->why, sizeof l->why, format, list);
    va_end(list);
}

static bool judge_discovery(struct look *l)
{
    const struct ww_discovery_result *found = &l->found;
    if (found->outcome == WW_FOUND_POLICY && l->body != NULL)
        return true;
    l->temporary = found->outcome == WW_FOUND_DNS_FAILURE || found->outcome == WW_FOUND_FETCH_FAILURE ||
                   found->outcome == WW_FOUND_POLICY;
    if (found->outcome == WW_FOUND_NO_RECORD)
        say(l, "%s", ww_err_message(WW_E_STS_NONE));
    else if (found->outcome == WW_FOUND_POLICY)
        say(l, "%s", ww_err_message(WW_E_NO_MEMORY));
    else
        say(l, "%s", found->detail[0] != '\0' ? found->detail : ww_err_message(found->why));
    return false;
}

static bool judge_policy(struct look *l, struct ww_policy *policy)
{
    char age[32], wanted[32];
    uint32_t min = l->all->order->rules->min_max_age;
    size_t offset;
    enum ww_err err = ww_policy_parse(l->body, l->body_n, policy, &offset);
    l->withdrawn = err == WW_OK && (policy->mode != WW_MODE_ENFORCE || policy->max_age < min);
    if (err != WW_OK) {
        say(l, "%s", ww_err_message(err));
    } else if (policy->mode != WW_MODE_ENFORCE) {
        say(l, "the mode of its policy is %s", ww_policy_mode_name(policy->mode));
    } else if (policy->max_age < min) {
        ww_value_duration_format((uint64_t)policy->max_age * 1000, age, sizeof age);
        ww_value_duration_format((uint64_t)min * 1000, wanted, sizeof wanted);
        say(l, "the max_age of its policy is %s, which is shorter than %s", age, wanted);
    } else if (policy->mx_count > WW_PRELOAD_MX_MAX) {
        say(l, "its policy has more than %u mx patterns", WW_PRELOAD_MX_MAX);
    } else {
        return true;
    }
    return false;
}

static bool judge_mx(struct look *l, const struct ww_policy *policy)
{
    const struct ww_mx_hosts *mx = &l->mx;
    l->temporary = mx->outcome == WW_MX_FAILED;
    if (mx->outcome == WW_MX_FAILED)
        say(l, "its MX records: %s", mx->detail[0] != '\0' ? mx->detail : ww_err_message(mx->why));
    else if (mx->outcome == WW_MX_NULL)
        say(l, "it takes no mail: its MX record says so");
    else if (mx->outcome == WW_MX_NO_DOMAIN)
        say(l, "there is no such domain");
    else if (mx->more)
        say(l, "it has more than %d MX hosts", WW_MX_HOSTS_MAX);
    for (size_t i = 0; l->why[0] == '\0' && i < mx->count; i++) {
        if (!ww_mx_match_policy(policy, ww_slice_str(mx->hosts[i].name)))
            say(l, "no mx pattern of its policy matches the MX host %s", mx->hosts[i].name);
    }
    return l->why[0] == '\0';
}

static json_t *judge(struct look *l)
{
    struct ww_policy policy;
    struct ww_slice pattern;
    json_t *mx = json_array();
    bool taken = judge_discovery(l) && judge_policy(l, &policy) && judge_mx(l, &policy);
    for (size_t pos = 0; taken && ww_policy_next_mx(&policy, &pos, &pattern);)
        (void)json_array_append_new(mx, json_stringn(pattern.p, pattern.n));
    return json_pack("{s:I, s:b, s:o, s:s, s:b, s:b}", "index", (json_int_t)l->index, "taken", taken, "mx",
                     mx, "why", l->why, "temporary", l->temporary, "withdrawn", l->withdrawn);
}

static void begin(struct look *l);

/* One of the two answers is there. The next domain begins before this one ends, so that some work is left. */
static void advance(struct look *l)
{
    if (--l->waits > 0)
        return;
    ww_worker_put(l->all->out, judge(l));
    free(l->body);
    l->body = NULL;
    begin(l);
    ww_outside_end(&l->all->net);
}

static void on_policy(void *ctx, const struct ww_discovery_result *result)
{
    struct look *l = ctx;
    l->found = *result;
    if (result->outcome == WW_FOUND_POLICY) {
        l->body = malloc(result->body.n + 1);
        l->body_n = result->body.n;
    }
    if (l->body != NULL && result->body.n > 0)
        memcpy(l->body, result->body.p, result->body.n);
    l->found.body = ww_slice(NULL, 0);
    advance(l);
}

static void on_mx(void *ctx, const struct ww_mx_hosts *found)
{
    struct look *l = ctx;
    l->mx = *found;
    advance(l);
}

static void begin(struct look *l)
{
    struct looking *all = l->all;
    struct ww_discovery_ask ask = {.known_id = ""};
    enum ww_err err;
    if (all->next == all->order->count)
        return;
    *l = (struct look){.all = all, .index = all->next++, .waits = 2};
    const char *domain = all->order->domains[l->index];
    (void)snprintf(ask.domain, sizeof ask.domain, "%s", domain);
    ww_outside_begin(&all->net);
    if (ww_mx_lookup(all->net.with.dns, domain, on_mx, l, &err) == NULL) {
        ww_mx_hosts_fail(&l->mx, err, NULL);
        l->waits--;
    }
    if (ww_discover(&all->net.with, &ask, on_policy, l) == NULL) {
        const struct ww_discovery_result failed = {.outcome = WW_FOUND_DNS_FAILURE, .why = WW_E_NO_MEMORY};
        on_policy(l, &failed);
    }
}

/* Nothing can be told of domains while DNS does not answer: all would be left out. */
static bool look_around(struct looking *all, const char **why)
{
    if (!ww_outside_open(&all->net, all->order->rules->config, why) || !ww_outside_confine(&all->net, why))
        return false;
    if (all->net.health == WW_DNS_UNREACHABLE) {
        *why = "no DNS server answers";
        return false;
    }
    for (size_t i = 0; i < WW_PRELOAD_LOOKS; i++) {
        all->looks[i].all = all;
        begin(&all->looks[i]);
    }
    ww_outside_run(&all->net);
    return true;
}

void ww_preload_look(void *ctx, int out)
{
    const char *why;
    struct looking *all = calloc(1, sizeof *all);
    if (all == NULL)
        return;
    all->order = ctx;
    all->out = out;
    if (!look_around(all, &why))
        ww_worker_put(out, json_pack("{s:s}", "failed", why));
    ww_outside_close(&all->net);
    free(all);
}

unsigned ww_preload_look_deadline_ms(const struct ww_preload_looks *looks)
{
    const struct ww_config *c = looks->rules->config;
    size_t rounds = looks->count / WW_PRELOAD_LOOKS + 1;
    return (unsigned)rounds * (2 * c->dns_timeout_ms + c->fetch_deadline_ms) + 2 * c->dns_timeout_ms +
           SPARE_MS;
}

/* Of a policy of one-letter patterns, quotes and commas take up as much room as "mx: " and its line end. */
size_t ww_preload_look_output_max(const struct ww_preload_looks *looks)
{
    return looks->count * (WW_POLICY_BODY_MAX + LINE_MAX_OCTETS) + LINE_MAX_OCTETS;
}
