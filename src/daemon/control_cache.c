#include "daemon/control_cache.h"

#include "codec/idn.h"
#include "daemon/control_json.h"

json_t *ww_control_cache_json(const struct ww_cache_item *item, int64_t now)
{
    const struct ww_life *life = &item->life;
    bool policy = life->id[0] != '\0';
    return json_pack(
        "{s:s, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:i, s:o}", "domain", item->domain, "mode",
        ww_json_text_or_null(policy ? ww_policy_mode_name(life->mode) : ""), "id",
        ww_json_text_or_null(life->id), "fetched", ww_json_time(policy ? life->fetched : 0), "expires",
        ww_json_time(policy ? life->expires : 0), "in_force", ww_life_has_policy(life, now), "last",
        ww_json_text_or_null(life->checked != 0 ? ww_discovery_outcome_name(life->last) : ""), "error",
        ww_json_error(life->why), "detail", ww_json_text_or_null(item->detail), "checked",
        ww_json_time(life->checked), "next_check", ww_json_time(life->next_flight), "failures",
        (int)life->failures, "used", ww_json_time(item->used));
}

bool ww_control_cache_fails(const struct ww_cache_item *item)
{
    switch (item->life.last) {
    case WW_FOUND_RECORD_INVALID:
    case WW_FOUND_DNS_FAILURE:
    case WW_FOUND_FETCH_FAILURE:
    case WW_FOUND_POLICY_INVALID:
    case WW_FOUND_WAITING:
        return true;
    case WW_FOUND_POLICY:
    case WW_FOUND_UNCHANGED:
    case WW_FOUND_NO_RECORD:
        break;
    }
    return item->life.failures > 0;
}

bool ww_control_cache_expired(const struct ww_cache_item *item, int64_t now)
{
    return item->life.id[0] != '\0' && !ww_life_has_policy(&item->life, now);
}

bool ww_control_cache_domains(struct ww_request *request, enum ww_err (*take)(void *ctx, const char *domain),
                              void *ctx)
{
    const json_t *list = json_object_get(ww_request_json(request), "domains");
    enum ww_err err = json_array_size(list) > 0 ? WW_OK : WW_E_CONTROL_ARGUMENT;
    const char *detail = "domains: an array of domain names is wanted";
    for (size_t i = 0; err == WW_OK && i < json_array_size(list); i++) {
        char domain[WW_DNAME_SIZE];
        const char *text = json_string_value(json_array_get(list, i));
        if (text == NULL || ww_idn_to_domain(ww_slice_str(text), domain) != WW_OK) {
            err = WW_E_CONTROL_ARGUMENT;
            detail = text != NULL ? text : detail;
        } else {
            err = take(ctx, domain);
            detail = NULL;
        }
    }
    if (err != WW_OK)
        ww_request_end(request, err, detail);
    return err == WW_OK;
}

/* False when they are malformed. */
static bool take_items(struct ww_cache_walk *walk, struct ww_slice items)
{
    struct ww_cursor c = ww_cursor(items.p, items.n);
    struct ww_slice part;
    while (ww_msg_next_part(&c, &part)) {
        struct ww_cache_item item;
        if (ww_msg_get_cache_item(part, &item) != WW_OK)
            return false;
        walk->item(walk, &item);
    }
    return !c.failed;
}

static void on_page(void *ctx, const struct ww_msg_told *told)
{
    struct ww_cache_walk *walk = ctx;
    struct ww_msg_cache_page page;
    enum ww_err err = told->err;
    if (!told->more)
        walk->asking = NULL;
    if (err == WW_OK)
        err = ww_msg_get_cache_page(told->payload, &page);
    if (err == WW_OK && (!take_items(walk, page.items) || (!told->more && page.next <= walk->place)))
        err = WW_E_MSG_MALFORMED;
    if (err != WW_OK) {
        ww_request_end(walk->request, err, "the list has broken off");
    } else if (!told->more) {
        walk->place = page.next;
        walk->page(walk, page.next == WW_CACHE_LIST_END);
    }
}

void ww_cache_walk_on(struct ww_cache_walk *walk)
{
    char space[16];
    struct ww_buf b = ww_buf(space, sizeof space);
    const struct ww_msg_cache_list m = {walk->place, walk->bodies};
    ww_msg_put_cache_list(&b, &m);
    walk->asking = ww_roles_ask(ww_request_control(walk->request)->roles, WW_ROLE_FRONT, 0, WW_ASK_CACHE_LIST,
                                ww_slice(b.p, b.n), WW_CONTROL_FRONT_MS, on_page, walk);
    if (walk->asking == NULL)
        ww_request_end(walk->request, WW_E_NO_MEMORY, NULL);
}

void ww_cache_walk_cancel(struct ww_cache_walk *walk)
{
    if (walk->asking != NULL)
        ww_asking_cancel(walk->asking);
    walk->asking = NULL;
}
