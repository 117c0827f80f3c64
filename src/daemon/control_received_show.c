/* received-show: a report in one object, or in several where it is large. */
#include "daemon/control_received.h"

/* An object is sent when it is larger, each piece of it being smaller than half of what may be sent. */
#define ENOUGH (WW_CONTROL_MESSAGE_MAX / 2)

void ww_received_asking_flush(struct ww_received_asking *a)
{
    ww_request_item(a->keeper.request, a->report);
    a->report = NULL;
    a->size = 0;
}

static json_t *policies(const struct ww_received_asking *a)
{
    return json_object_get(a->report, "policies");
}

/* The policy of that place, if it is the last so far; else a new one that has nothing but failures. */
static json_t *policy_at(struct ww_received_asking *a, json_int_t place)
{
    json_t *list = policies(a);
    size_t count = json_array_size(list);
    json_t *last = count > 0 ? json_array_get(list, count - 1) : NULL;
    if (last != NULL && json_integer_value(json_object_get(last, "place")) == place)
        return last;
    json_t *more = json_pack("{s:I, s:[]}", "place", place, "failures");
    return json_array_append_new(list, more) == 0 ? more : NULL;
}

void ww_received_asking_add(struct ww_received_asking *a, json_t *item, size_t size)
{
    json_t *report = json_object_get(item, "report"), *policy = json_object_get(item, "policy");
    if (a->report != NULL && a->size + size > ENOUGH)
        ww_received_asking_flush(a);
    if (report != NULL)
        a->report = json_incref(report);
    else if (a->report == NULL)
        a->report = json_pack("{s:I, s:[]}", "continues", (json_int_t)a->m.number, "policies");
    a->size += size;
    if (policy != NULL) {
        (void)json_array_append(policies(a), policy);
    } else if (report == NULL) {
        json_t *of = policy_at(a, json_integer_value(json_object_get(item, "place")));
        (void)json_array_append(json_object_get(of, "failures"), json_object_get(item, "detail"));
    }
    json_decref(item);
}
