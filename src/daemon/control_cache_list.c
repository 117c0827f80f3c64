/* cache-list, and cache-export, which is a list of other items. */
#include "daemon/control_cache.h"
#include "daemon/control_json.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <time.h>

/* An item that is not asked for counts for this filter. */
enum mode_filter {
    MODE_NO_POLICY = 1 << 3, /* the others are 1 << enum ww_policy_mode */
};

struct list {
    struct ww_cache_walk walk; /* first */
    bool exports;
    unsigned modes;   /* 0: all */
    int64_t expiring; /* within so many seconds; 0: whenever */
    bool failing;
    const json_t *patterns; /* borrowed from the request */
};
_Static_assert(offsetof(struct list, walk) == 0, "on_item casts");

static bool match_pattern(const struct list *l, const char *domain)
{
    size_t count = json_array_size(l->patterns);
    for (size_t i = 0; i < count; i++)
        if (fnmatch(json_string_value(json_array_get(l->patterns, i)), domain, 0) == 0)
            return true;
    return count == 0;
}

static bool wanted(const struct list *l, const struct ww_cache_item *item, int64_t now)
{
    bool policy = ww_life_has_policy(&item->life, now);
    unsigned mode = policy ? 1U << item->life.mode : MODE_NO_POLICY;
    if (l->modes != 0 && (l->modes & mode) == 0)
        return false;
    if (l->expiring > 0 && (!policy || item->life.expires - now > l->expiring))
        return false;
    if (l->failing && !ww_control_cache_fails(item))
        return false;
    return match_pattern(l, item->domain);
}

static json_t *export_json(const struct ww_cache_item *item)
{
    const struct ww_life *life = &item->life;
    return json_pack("{s:s, s:s, s:s%, s:o, s:o, s:o}", "domain", item->domain, "id", life->id, "body",
                     item->body.p, item->body.n, "fetched", ww_json_time(life->fetched), "expires",
                     ww_json_time(life->expires), "checked", ww_json_time(life->checked));
}

static void on_item(struct ww_cache_walk *walk, const struct ww_cache_item *item)
{
    const struct list *l = (const struct list *)walk;
    int64_t now = (int64_t)time(NULL);
    if (l->exports && ww_life_has_policy(&item->life, now))
        ww_request_item(walk->request, export_json(item));
    else if (!l->exports && wanted(l, item, now))
        ww_request_item(walk->request, ww_control_cache_json(item, now));
}

static void go_on(struct ww_request *request)
{
    struct list *l = ww_request_state(request);
    ww_cache_walk_on(&l->walk);
}

static void on_page(struct ww_cache_walk *walk, bool at_end)
{
    if (at_end)
        ww_request_end(walk->request, WW_OK, NULL);
    else
        ww_request_when_drained(walk->request, go_on);
}

static void release(void *state)
{
    struct list *l = state;
    ww_cache_walk_cancel(&l->walk);
    free(l);
}

static unsigned mode_of(const char *name)
{
    for (unsigned mode = WW_MODE_NONE; name != NULL && mode <= WW_MODE_ENFORCE; mode++)
        if (strcmp(name, ww_policy_mode_name((enum ww_policy_mode)mode)) == 0)
            return 1U << mode;
    return name != NULL && strcmp(name, "no-policy") == 0 ? MODE_NO_POLICY : 0;
}

/* NULL, or what is wrong. */
static const char *read_filters(struct list *l, const json_t *request)
{
    const json_t *value;
    size_t i;
    json_array_foreach(json_object_get(request, "modes"), i, value)
    {
        unsigned mode = mode_of(json_string_value(value));
        if (mode == 0)
            return "modes: enforce, testing, none or no-policy";
        l->modes |= mode;
    }
    l->patterns = json_object_get(request, "patterns");
    json_array_foreach(l->patterns, i, value)
    {
        if (!json_is_string(value))
            return "patterns: strings are wanted";
    }
    l->expiring = json_integer_value(json_object_get(request, "expiring"));
    l->failing = json_is_true(json_object_get(request, "failing"));
    return l->expiring < 0 ? "expiring: a number of seconds is wanted" : NULL;
}

static void begin(struct ww_request *request, bool exports)
{
    struct list *l = calloc(1, sizeof *l);
    if (l == NULL) {
        ww_request_end(request, WW_E_NO_MEMORY, NULL);
        return;
    }
    l->walk = (struct ww_cache_walk){.request = request, .bodies = exports, .item = on_item, .page = on_page};
    l->exports = exports;
    ww_request_keep(request, l, release);
    const char *wrong = exports ? NULL : read_filters(l, ww_request_json(request));
    if (wrong != NULL)
        ww_request_end(request, WW_E_CONTROL_ARGUMENT, wrong);
    else
        ww_cache_walk_on(&l->walk);
}

void ww_control_cache_list(struct ww_request *request)
{
    begin(request, false);
}

void ww_control_cache_export(struct ww_request *request)
{
    begin(request, true);
}
