#include "daemon/steward_look.h"

#include "check/looks.h"

#include <stdlib.h>

/* Of the inspection as a whole. */
#define DEADLINE_MS 90000

struct ww_steward_looking {
    const struct ww_steward_eyes *eyes;
    struct ww_inspection *inspection; /* NULL: it has ended */
    struct ww_host_look *host;        /* that of the mirror; NULL: it has ended, or there is none */
    struct ww_servers_ask *servers;   /* NULL: they were not asked yet, or have answered */
    struct ww_sight *sight;           /* NULL: it is not there yet */
    struct ww_sight *mirrored;        /* of which the policy host alone is looked at; or NULL */
    ww_steward_saw_cb *cb;
    void *ctx;
};

static void free_looking(struct ww_steward_looking *l)
{
    if (l->inspection != NULL)
        ww_inspect_cancel(l->inspection);
    if (l->host != NULL)
        ww_host_look_cancel(l->host);
    ww_servers_cancel(l->servers);
    ww_sight_free(l->sight);
    ww_sight_free(l->mirrored);
    free(l);
}

void ww_steward_look_cancel(struct ww_steward_looking *looking)
{
    free_looking(looking);
}

static void finish(struct ww_steward_looking *l, const struct ww_servers_said *said)
{
    struct ww_steward_saw saw = {.sight = l->sight, .said = said};
    if (l->mirrored != NULL) {
        ww_sight_read_policy(l->mirrored);
        saw.mirrored = l->mirrored->has_policy ? l->mirrored->host.body : ww_slice(NULL, 0);
    }
    l->cb(l->ctx, &saw);
    free_looking(l);
}

static void on_said(void *ctx, const struct ww_servers_said *said)
{
    struct ww_steward_looking *l = ctx;
    l->servers = NULL;
    finish(l, said);
}

/* The servers are asked last, for what they say is what is newest. */
static void ask_servers(struct ww_steward_looking *l)
{
    static const struct ww_servers_said nothing;
    if (l->inspection != NULL || l->host != NULL)
        return;
    l->servers = ww_servers_ask(l->eyes->env, l->sight->domain, &l->sight->names, on_said, l);
    if (l->servers == NULL)
        finish(l, &nothing);
}

static void on_host(void *ctx)
{
    struct ww_steward_looking *l = ctx;
    l->host = NULL;
    ask_servers(l);
}

static void on_inspected(void *ctx, const struct ww_sight *sight, const struct ww_check_report *report)
{
    struct ww_steward_looking *l = ctx;
    (void)report;
    l->inspection = NULL;
    l->sight = ww_inspect_keep(sight);
    ask_servers(l);
}

static void look_at_mirror(struct ww_steward_looking *l, const char *mirror, int64_t at)
{
    enum ww_err err;
    l->mirrored = ww_sight_new(mirror, at);
    if (l->mirrored != NULL)
        l->host = ww_host_look(l->eyes->env, mirror, &l->mirrored->host, on_host, l, &err);
}

struct ww_steward_looking *ww_steward_look(const struct ww_steward_eyes *eyes,
                                           const struct ww_steward_want *want, ww_steward_saw_cb *cb,
                                           void *ctx)
{
    struct ww_steward_looking *l = calloc(1, sizeof *l);
    if (l == NULL)
        return NULL;
    l->eyes = eyes;
    l->cb = cb;
    l->ctx = ctx;
    l->inspection = ww_inspect(eyes->inspector, want->domain, want->at, DEADLINE_MS, NULL, on_inspected, l);
    if (l->inspection == NULL) {
        free(l);
        return NULL;
    }
    if (want->afresh)
        ww_inspect_afresh(l->inspection);
    if (want->mirror != NULL)
        look_at_mirror(l, want->mirror, want->at);
    return l;
}
