/* What DNS and the policy host say of the domain now. */
#include "cli/cli.h"
#include "cli/generate.h"
#include "cli/load.h"
#include "cli/outside.h"
#include "cli/subcommands.h"
#include "cli/worker.h"
#include "codec/json_values.h"
#include "core/mx_match.h"
#include "drive/mx_hosts.h"

#include <stdio.h>
#include <stdlib.h>

#define SPARE_MS 5000
#define OUTPUT_MAX ((size_t)1 << 16)

struct looking {
    const struct ww_config *config;
    const char *domain;
    struct ww_outside net;
    json_t *mx; /* or NULL */
    json_t *now;
};

static void on_mx(void *ctx, const struct ww_mx_hosts *found)
{
    struct looking *l = ctx;
    json_t *hosts = json_array();
    for (size_t i = 0; i < found->count; i++)
        (void)json_array_append_new(hosts, json_string(found->hosts[i].name));
    const char *why = found->detail[0] != '\0' ? found->detail : ww_err_message(found->why);
    l->mx = json_pack("{s:s, s:s, s:b, s:o}", "outcome", ww_mx_outcome_name(found->outcome), "why",
                      found->why == WW_OK ? "" : why, "more", found->more, "hosts", hosts);
    ww_outside_end(&l->net);
}

static void on_policy(void *ctx, const struct ww_discovery_result *found)
{
    struct looking *l = ctx;
    struct ww_policy policy;
    size_t offset;
    bool valid = found->outcome == WW_FOUND_POLICY &&
                 ww_policy_parse(found->body.p, found->body.n, &policy, &offset) == WW_OK;
    l->now = json_pack("{s:s, s:s?, s:I}", "id", found->id, "mode",
                       valid ? ww_policy_mode_name(policy.mode) : NULL, "max_age",
                       valid ? (json_int_t)policy.max_age : (json_int_t)0);
    ww_outside_end(&l->net);
}

/* False: *why (static) says what was wrong. */
static bool look_around(struct looking *l, const char **why)
{
    struct ww_discovery_ask ask = {.known_id = ""};
    enum ww_err err;
    if (!ww_outside_open(&l->net, l->config, why) || !ww_outside_confine(&l->net, why))
        return false;
    (void)snprintf(ask.domain, sizeof ask.domain, "%s", l->domain);
    if (ww_mx_lookup(l->net.with.dns, l->domain, on_mx, l, &err) != NULL)
        ww_outside_begin(&l->net);
    if (ww_discover(&l->net.with, &ask, on_policy, l) != NULL)
        ww_outside_begin(&l->net);
    ww_outside_run(&l->net);
    *why = "out of memory";
    return l->mx != NULL;
}

static void look(void *ctx, int out)
{
    struct looking *l = ctx;
    const char *why;
    ww_worker_put(out, look_around(l, &why) ? json_pack("{s:o, s:o?}", "mx", l->mx, "now", l->now)
                                            : json_pack("{s:s}", "failed", why));
    ww_outside_close(&l->net);
}

/* NULL: nothing was told. */
static json_t *look_apart(struct looking *l)
{
    return ww_worker_tell(look, l, 2 * l->config->dns_timeout_ms + l->config->fetch_deadline_ms + SPARE_MS,
                          OUTPUT_MAX);
}

static void take_hosts(struct ww_generate *g, const json_t *hosts)
{
    for (size_t i = 0; i < json_array_size(hosts); i++) {
        char domain[WW_DNAME_SIZE];
        const char *name = json_string_value(json_array_get(hosts, i));
        if (name == NULL || ww_dname_canon(name, strlen(name), domain) != WW_OK)
            ww_generate_refuse(g, "the MX record of %s names %s, which is no name of a host", g->domain,
                               name != NULL ? name : "nothing");
        else
            ww_generate_take_mx(g, domain);
    }
    ww_generate_note(g,
                     g->mx_count == 1 ? "the mx line is the %zu MX host that DNS has now"
                                      : "the mx lines are the %zu MX hosts that DNS has now",
                     g->mx_count);
}

static bool is_covered(const struct ww_generate *g, const char *host)
{
    bool covered = false;
    for (size_t i = 0; i < g->mx_count; i++)
        covered = covered || ww_mx_match(ww_slice_str(g->mx[i]), ww_slice_str(host));
    return covered;
}

static void compare_hosts(struct ww_generate *g, const json_t *hosts)
{
    for (size_t i = 0; i < json_array_size(hosts); i++) {
        const char *host = json_string_value(json_array_get(hosts, i));
        if (host == NULL || is_covered(g, host))
            continue;
        if (g->mode == WW_MODE_ENFORCE && !g->force)
            ww_generate_refuse(g,
                               "no --mx matches the MX host %s: under mode enforce it would get no mail; "
                               "--force generates it all the same",
                               host);
        else
            ww_generate_warn(g, "no --mx matches the MX host %s: under mode enforce it would get no mail",
                             host);
    }
    for (size_t k = 0; k < g->mx_count; k++) {
        bool used = false;
        for (size_t i = 0; i < json_array_size(hosts); i++) {
            const char *host = json_string_value(json_array_get(hosts, i));
            used = used || (host != NULL && ww_mx_match(ww_slice_str(g->mx[k]), ww_slice_str(host)));
        }
        if (!used)
            ww_generate_warn(g, "--mx %s matches no MX host that DNS has now", g->mx[k]);
    }
}

static void take_mx_answer(struct ww_generate *g, const json_t *mx)
{
    const char *outcome = json_string_value(json_object_get(mx, "outcome"));
    const char *why = json_string_value(json_object_get(mx, "why"));
    const json_t *hosts = json_object_get(mx, "hosts");
    if (outcome == NULL)
        outcome = "failed";
    if (strcmp(outcome, "no-domain") == 0)
        ww_generate_refuse(g, "there is no domain %s", g->domain);
    else if (strcmp(outcome, "null") == 0 && g->mode != WW_MODE_NONE)
        ww_generate_refuse(g, "%s takes no mail: its MX record says so, and there is nothing to protect",
                           g->domain);
    else if (strcmp(outcome, "failed") == 0 && g->mx_count > 0)
        ww_generate_warn(g,
                         "the MX records could not be looked up (%s), so that nothing was compared with --mx",
                         why != NULL ? why : "");
    else if (json_is_true(json_object_get(mx, "more")))
        ww_generate_refuse(g, "%s has more than %d MX hosts; give patterns with --mx and --offline",
                           g->domain, WW_GENERATE_MX_MAX);
    if (g->refusal[0] != '\0' || strcmp(outcome, "failed") == 0 || strcmp(outcome, "null") == 0)
        return;
    if (strcmp(outcome, "implicit") == 0)
        ww_generate_warn(g, "%s has no MX record, so that its own address takes the mail: publish one",
                         g->domain);
    if (g->mx_count > 0)
        compare_hosts(g, hosts);
    else if (g->mode != WW_MODE_NONE)
        take_hosts(g, hosts);
}

/* Whoever begins is warned of beginning with the end. */
static void take_now(struct ww_generate *g, const json_t *now)
{
    const char *id = json_string_value(json_object_get(now, "id"));
    const char *mode = json_string_value(json_object_get(now, "mode"));
    json_int_t max_age = json_integer_value(json_object_get(now, "max_age"));
    if (id != NULL && strcmp(id, g->id) == 0)
        ww_generate_refuse(g, "--id %s is published now: senders would not see that the policy has changed",
                           id);
    if (mode != NULL)
        ww_generate_note(g, "a policy of mode %s is published now, with the id %s", mode, id);
    if (g->mode == WW_MODE_ENFORCE && mode == NULL)
        ww_generate_warn(
            g, "mode enforce as a first step: begin with --mode testing, and read the reports of two "
               "weeks");
    if (g->mode == WW_MODE_NONE && mode != NULL)
        ww_generate_note(
            g,
            "serve the policy of mode none for %lld seconds at least: the max_age that senders have "
            "cached",
            (long long)max_age);
}

/* Whoever has given patterns can go on without an answer. */
static int say_failure(struct ww_generate *g, const char *why)
{
    if (g->mx_count > 0 || g->mode == WW_MODE_NONE) {
        ww_generate_warn(g, "nothing could be looked up (%s), so that nothing was compared with DNS", why);
        return WW_EXIT_OK;
    }
    ww_subcommand_complain(WW_GENERATE, "the MX records cannot be looked up; give --mx", why);
    return WW_EXIT_TEMPORARY;
}

static int take_told(struct ww_generate *g, const json_t *told)
{
    const json_t *mx = json_object_get(told, "mx");
    const char *failed = json_string_value(json_object_get(told, "failed"));
    const char *why = json_string_value(json_object_get(mx, "why"));
    if (!json_is_object(mx))
        return say_failure(g, failed != NULL ? failed : "the look took too long, or broke off");
    take_mx_answer(g, mx);
    if (json_is_object(json_object_get(told, "now")))
        take_now(g, json_object_get(told, "now"));
    if (g->refusal[0] != '\0' || g->mx_count > 0 || g->mode == WW_MODE_NONE)
        return WW_EXIT_OK;
    return say_failure(g, why != NULL ? why : "no answer");
}

int ww_generate_look(struct ww_generate *g)
{
    struct ww_config *config;
    int status = ww_cli_load_config(WW_GENERATE, g->config_path, &config);
    if (status != WW_EXIT_OK)
        return status;
    struct looking l = {.config = config, .domain = g->domain};
    json_t *told = look_apart(&l);
    status = take_told(g, told);
    json_decref(told);
    ww_config_free(config);
    return status;
}
