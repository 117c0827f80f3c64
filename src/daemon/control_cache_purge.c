/* cache-purge: the domains that are named, or those of each page of the cache. */
#include "daemon/control_cache.h"
#include "daemon/control_json.h"
#include "daemon/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Names of a page, or of a request; and how much of them goes into one question. */
#define PARTS_MAX ((size_t)256 * 1024)
#define QUESTION_MAX ((size_t)32 * 1024)

enum which {
    NAMED,
    EXPIRED,
    ALL,
};

struct purge {
    struct ww_cache_walk walk; /* first */
    enum which which;
    bool force;
    bool at_end;
    bool all_stored; /* was asked for */
    struct ww_asking *asking;
    char named[WW_DNAME_SIZE]; /* the first of them */
    uint64_t forgotten;
    uint64_t enforced;
    uint64_t refused;
    uint64_t unknown;
    enum ww_err store;
    struct ww_buf parts; /* what is forgotten next, */
    size_t parts_at;     /* from here on */
    char room[PARTS_MAX];
};
_Static_assert(offsetof(struct purge, walk) == 0, "on_item casts");

static void forget_parts(struct purge *p);

static void release(void *state)
{
    struct purge *p = state;
    ww_cache_walk_cancel(&p->walk);
    if (p->asking != NULL)
        ww_asking_cancel(p->asking);
    free(p);
}

static enum ww_err add(void *ctx, const char *domain)
{
    struct purge *p = ctx;
    struct ww_msg_cache_domain m;
    char space[WW_DNAME_SIZE + 8];
    struct ww_buf b = ww_buf(space, sizeof space);
    memcpy(m.domain, domain, strlen(domain) + 1);
    if (p->named[0] == '\0')
        memcpy(p->named, m.domain, sizeof p->named);
    ww_msg_put_cache_domain(&b, &m);
    ww_msg_put_part(&p->parts, ww_slice(b.p, b.n));
    return p->parts.failed ? WW_E_TOO_LONG : WW_OK;
}

static json_t *counts_json(const struct purge *p)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:o}", "forgotten", (json_int_t)p->forgotten, "enforced",
                     (json_int_t)p->enforced, "refused", (json_int_t)p->refused, "unknown",
                     (json_int_t)p->unknown, "store", ww_json_error(p->store));
}

static void log_it(const struct purge *p)
{
    static const char *const names[] = {[NAMED] = "named", [EXPIRED] = "expired", [ALL] = "all"};
    char forgotten[24];
    char enforced[24];
    char uid[24];
    (void)snprintf(forgotten, sizeof forgotten, "%" PRIu64, p->forgotten + p->unknown);
    (void)snprintf(enforced, sizeof enforced, "%" PRIu64, p->enforced);
    (void)snprintf(uid, sizeof uid, "%lu", (unsigned long)ww_request_uid(p->walk.request));
    ww_log_info("cache-purged", "which", names[p->which], "domain", p->which == NAMED ? p->named : NULL,
                "domains", forgotten, "enforced", enforced, "uid", uid);
}

static void end(struct purge *p)
{
    char detail[160];
    if (p->forgotten + p->unknown > 0)
        log_it(p);
    if (p->refused > 0) {
        (void)snprintf(detail, sizeof detail, "%" PRIu64 " of them stay; --force forgets them all the same",
                       p->refused);
        ww_request_end(p->walk.request, WW_E_PURGE_ENFORCED, detail);
    } else if (p->store != WW_OK) {
        ww_request_end(
            p->walk.request, p->store,
            "forgotten in memory alone; the store forgets when it is well again, and if the daemon "
            "is started again before, all comes back");
    } else {
        ww_request_end(p->walk.request, WW_OK, NULL);
    }
}

static void walk_on(struct purge *p)
{
    p->parts.n = 0;
    p->parts_at = 0;
    ww_cache_walk_on(&p->walk);
}

/* What the store has beside the cache goes last, once everything else has gone. */
static void go_on(struct purge *p)
{
    bool parts_left = p->parts_at < p->parts.n;
    bool store_left = p->at_end && p->which == ALL && p->force && !p->all_stored;
    if (parts_left || store_left)
        forget_parts(p);
    else if (p->at_end)
        end(p);
    else
        walk_on(p);
}

static void on_purged(void *ctx, const struct ww_msg_told *told)
{
    struct purge *p = ctx;
    struct ww_msg_cache_purged m;
    enum ww_err err = told->err;
    p->asking = NULL;
    if (err == WW_OK)
        err = ww_msg_get_cache_purged(told->payload, &m);
    if (err != WW_OK) {
        ww_request_end(p->walk.request, err, "it is not known what of it the store has forgotten");
        return;
    }
    p->forgotten += m.forgotten;
    p->enforced += m.enforced;
    p->refused += m.refused;
    p->unknown += m.unknown;
    if (p->store == WW_OK)
        p->store = m.store;
    ww_request_item(p->walk.request, counts_json(p));
    go_on(p);
}

/* As many whole parts as fit. */
static struct ww_slice next_parts(struct purge *p)
{
    const char *start = p->parts.p + p->parts_at;
    struct ww_cursor c = ww_cursor(start, p->parts.n - p->parts_at);
    struct ww_slice part;
    size_t n = 0;
    while (ww_msg_next_part(&c, &part) && n + sizeof(uint32_t) + part.n <= QUESTION_MAX)
        n += sizeof(uint32_t) + part.n;
    p->parts_at += n;
    return ww_slice(start, n);
}

static void forget_parts(struct purge *p)
{
    char space[QUESTION_MAX + 16];
    struct ww_buf b = ww_buf(space, sizeof space);
    struct ww_msg_cache_purge m = {.force = p->force, .domains = next_parts(p)};
    m.all_stored = p->which == ALL && m.domains.n == 0;
    p->all_stored = m.all_stored;
    ww_msg_put_cache_purge(&b, &m);
    p->asking = ww_roles_ask(ww_request_control(p->walk.request)->roles, WW_ROLE_FRONT, 0, WW_ASK_CACHE_PURGE,
                             ww_slice(b.p, b.n), WW_CONTROL_FRONT_MS, on_purged, p);
    if (p->asking == NULL)
        ww_request_end(p->walk.request, WW_E_NO_MEMORY, NULL);
}

static void on_item(struct ww_cache_walk *walk, const struct ww_cache_item *item)
{
    struct purge *p = (struct purge *)walk;
    if (p->which == ALL || ww_control_cache_expired(item, (int64_t)time(NULL)))
        (void)add(p, item->domain);
}

static void on_page(struct ww_cache_walk *walk, bool at_end)
{
    struct purge *p = (struct purge *)walk;
    p->at_end = at_end;
    if (p->parts.failed)
        ww_request_end(walk->request, WW_E_TOO_LONG, NULL);
    else
        go_on(p);
}

static enum which which_of(const json_t *request)
{
    if (json_is_true(json_object_get(request, "all")))
        return ALL;
    return json_is_true(json_object_get(request, "expired")) ? EXPIRED : NAMED;
}

void ww_control_cache_purge(struct ww_request *request)
{
    const json_t *json = ww_request_json(request);
    struct purge *p = calloc(1, sizeof *p);
    if (p == NULL) {
        ww_request_end(request, WW_E_NO_MEMORY, NULL);
        return;
    }
    p->walk = (struct ww_cache_walk){.request = request, .item = on_item, .page = on_page};
    p->which = which_of(json);
    p->force = json_is_true(json_object_get(json, "force"));
    p->parts = ww_buf(p->room, sizeof p->room);
    ww_request_keep(request, p, release);
    if (p->which != NAMED) {
        ww_cache_walk_on(&p->walk);
        return;
    }
    p->at_end = true;
    if (ww_control_cache_domains(request, add, p))
        forget_parts(p);
}
