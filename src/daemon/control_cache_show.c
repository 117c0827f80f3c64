/* cache-show: what the map EXPLAIN says of a domain, and what the cache knows beyond that. */
#include "core/netstring.h"
#include "core/socketmap.h"
#include "daemon/control_cache.h"
#include "daemon/control_json.h"

#include <stdlib.h>
#include <time.h>

#define EXPLAINED_MAX (WW_SOCKETMAP_REPLY_MAX + 16)

struct show {
    struct ww_request *request;
    struct ww_asking *asking;
    json_t *cached; /* NULL until it is there */
    char domain[WW_DNAME_SIZE];
    size_t n;
    char explained[EXPLAINED_MAX]; /* a netstring, in pieces */
};

static void release(void *state)
{
    struct show *s = state;
    if (s->asking != NULL)
        ww_asking_cancel(s->asking);
    json_decref(s->cached);
    free(s);
}

/* What EXPLAIN does not say. */
static json_t *cached_json(const struct ww_cache_item *item)
{
    const struct ww_life *life = &item->life;
    int64_t now = (int64_t)time(NULL);
    json_t *json = json_pack("{s:b, s:b, s:i, s:o, s:o, s:o}", "in_force", ww_life_has_policy(life, now),
                             "in_flight", item->in_flight, "failures", (int)life->failures, "failed_id",
                             ww_json_text_or_null(life->failed_id), "retry_at",
                             ww_json_time(life->failed_id[0] != '\0' ? life->retry_at : 0), "used",
                             ww_json_time(item->used));
    bool policy = life->id[0] != '\0';
    json_t *body = policy ? json_stringn(item->body.p, item->body.n) : json_null();
    if (json == NULL || json_object_set_new(json, "body", body) != 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static json_t *explained_json(const struct show *s)
{
    struct ww_slice payload;
    size_t used = 0;
    if (ww_netstring_cut(s->explained, s->n, EXPLAINED_MAX, &payload, &used) != WW_NETSTRING_WHOLE ||
        !ww_slice_starts(payload, "OK {"))
        return NULL;
    return json_loadb(payload.p + 3, payload.n - 3, JSON_REJECT_DUPLICATES, NULL);
}

static void finish(struct show *s)
{
    json_t *json = explained_json(s);
    if (json == NULL || s->cached == NULL || json_object_update(json, s->cached) != 0) {
        json_decref(json);
        ww_request_end(s->request, WW_E_MSG_MALFORMED, s->domain);
        return;
    }
    ww_request_item(s->request, json);
    ww_request_end(s->request, WW_OK, NULL);
}

static void on_told(void *ctx, const struct ww_msg_told *told)
{
    struct show *s = ctx;
    struct ww_cache_item item;
    if (!told->more)
        s->asking = NULL;
    if (told->err != WW_OK) {
        ww_request_end(s->request, told->err, s->domain);
        return;
    }
    if (s->cached == NULL) {
        s->cached = ww_msg_get_cache_item(told->payload, &item) == WW_OK ? cached_json(&item) : NULL;
    } else if (told->payload.n <= EXPLAINED_MAX - s->n) {
        memcpy(s->explained + s->n, told->payload.p, told->payload.n);
        s->n += told->payload.n;
    }
    if (!told->more)
        finish(s);
}

static enum ww_err take_domain(void *ctx, const char *domain)
{
    struct show *s = ctx;
    memcpy(s->domain, domain, strlen(domain) + 1);
    return WW_OK;
}

void ww_control_cache_show(struct ww_request *request)
{
    struct show *s = calloc(1, sizeof *s);
    struct ww_msg_cache_domain m;
    char space[WW_DNAME_SIZE + 8];
    struct ww_buf b = ww_buf(space, sizeof space);
    if (s == NULL) {
        ww_request_end(request, WW_E_NO_MEMORY, NULL);
        return;
    }
    s->request = request;
    ww_request_keep(request, s, release);
    if (!ww_control_cache_domains(request, take_domain, s))
        return;
    memcpy(m.domain, s->domain, sizeof m.domain);
    ww_msg_put_cache_domain(&b, &m);
    s->asking = ww_roles_ask(ww_request_control(request)->roles, WW_ROLE_FRONT, 0, WW_ASK_CACHE_SHOW,
                             ww_slice(b.p, b.n), WW_CONTROL_FRONT_MS, on_told, s);
    if (s->asking == NULL)
        ww_request_end(request, WW_E_NO_MEMORY, NULL);
}
