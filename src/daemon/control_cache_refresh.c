/* cache-refresh: some domains at a time; an item for each as it comes. */
#include "daemon/control_cache.h"
#include "daemon/control_json.h"
#include "daemon/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Flights of one request at a time: the resolvers have look-ups to do, too. */
#define AT_A_TIME 32

/* One that is joined, and one's own: longer than any flight is given. */
#define DEADLINE_MS 110000

struct refresh;

struct one {
    struct refresh *all;
    struct ww_asking *asking; /* NULL: it is free */
    const char *domain;
};

struct refresh {
    struct ww_request *request;
    char **domains;
    size_t count;
    size_t next;
    size_t under_way;
    struct one slots[AT_A_TIME];
};

static void fill(struct refresh *r);

static void release(void *state)
{
    struct refresh *r = state;
    for (size_t i = 0; i < AT_A_TIME; i++)
        if (r->slots[i].asking != NULL)
            ww_asking_cancel(r->slots[i].asking);
    for (size_t i = 0; i < r->count; i++)
        free(r->domains[i]);
    free((void *)r->domains);
    free(r);
}

static json_t *item_or_null(struct ww_slice written)
{
    struct ww_cache_item item;
    if (written.n == 0 || ww_msg_get_cache_item(written, &item) != WW_OK)
        return json_null();
    return ww_control_cache_json(&item, (int64_t)time(NULL));
}

static json_t *refreshed_json(const char *domain, const struct ww_msg_cache_refreshed *m)
{
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "domain", domain, "outcome",
                     ww_discovery_outcome_name(m->outcome), "error", ww_json_error(m->why), "detail",
                     ww_json_text_or_null(m->detail), "before", item_or_null(m->before), "after",
                     item_or_null(m->after));
}

static json_t *failed_json(const char *domain, enum ww_err err)
{
    return json_pack("{s:s, s:n, s:o, s:n, s:n, s:n}", "domain", domain, "outcome", "error",
                     ww_json_error(err), "detail", "before", "after");
}

static void on_told(void *ctx, const struct ww_msg_told *told)
{
    struct one *one = ctx;
    struct refresh *r = one->all;
    struct ww_msg_cache_refreshed m;
    enum ww_err err = told->err;
    one->asking = NULL;
    r->under_way--;
    if (err == WW_OK)
        err = ww_msg_get_cache_refreshed(told->payload, &m);
    ww_request_item(r->request,
                    err == WW_OK ? refreshed_json(one->domain, &m) : failed_json(one->domain, err));
    fill(r);
}

static bool begin(struct refresh *r, struct one *one)
{
    struct ww_msg_cache_domain m;
    char space[WW_DNAME_SIZE + 8];
    struct ww_buf b = ww_buf(space, sizeof space);
    one->all = r;
    one->domain = r->domains[r->next];
    memcpy(m.domain, one->domain, strlen(one->domain) + 1);
    ww_msg_put_cache_domain(&b, &m);
    one->asking = ww_roles_ask(ww_request_control(r->request)->roles, WW_ROLE_FRONT, 0, WW_ASK_CACHE_REFRESH,
                               ww_slice(b.p, b.n), DEADLINE_MS, on_told, one);
    if (one->asking == NULL)
        return false;
    r->next++;
    r->under_way++;
    return true;
}

static void fill(struct refresh *r)
{
    for (size_t i = 0; i < AT_A_TIME && r->next < r->count; i++) {
        if (r->slots[i].asking == NULL && !begin(r, &r->slots[i])) {
            ww_request_end(r->request, WW_E_NO_MEMORY, NULL);
            return;
        }
    }
    if (r->under_way == 0)
        ww_request_end(r->request, WW_OK, NULL);
}

static enum ww_err take_domain(void *ctx, const char *domain)
{
    struct refresh *r = ctx;
    r->domains[r->count] = strdup(domain);
    return r->domains[r->count++] != NULL ? WW_OK : WW_E_NO_MEMORY;
}

static void log_it(const struct refresh *r)
{
    char count[24];
    char uid[24];
    (void)snprintf(count, sizeof count, "%zu", r->count);
    (void)snprintf(uid, sizeof uid, "%lu", (unsigned long)ww_request_uid(r->request));
    ww_log_info("cache-refreshed", "domain", r->count == 1 ? r->domains[0] : NULL, "domains", count, "uid",
                uid);
}

void ww_control_cache_refresh(struct ww_request *request)
{
    size_t count = json_array_size(json_object_get(ww_request_json(request), "domains"));
    struct refresh *r = calloc(1, sizeof *r);
    if (r != NULL)
        r->domains = (char **)calloc(count + 1, sizeof *r->domains);
    if (r == NULL || r->domains == NULL) {
        free(r);
        ww_request_end(request, WW_E_NO_MEMORY, NULL);
        return;
    }
    r->request = request;
    ww_request_keep(request, r, release);
    if (!ww_control_cache_domains(request, take_domain, r))
        return;
    log_it(r);
    fill(r);
}
