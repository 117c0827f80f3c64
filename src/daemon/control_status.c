#include "base/time.h"
#include "daemon/control.h"

static json_t *time_json(int64_t seconds)
{
    char text[WW_TIME_SIZE];
    ww_time_format(seconds, text);
    return json_string(text);
}

static json_t *role_json(const struct ww_role_status *r)
{
    char name[WW_ROLE_NAME_SIZE];
    ww_role_name(r->kind, r->index, name);
    return json_pack("{s:s, s:b, s:I, s:I, s:o}", "role", name, "ready", r->ready, "pid", (json_int_t)r->pid,
                     "restarts", (json_int_t)r->restarts, "since", time_json(r->since));
}

static json_t *roles_json(const struct ww_msg_roles *roles)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < roles->count; i++) {
        if (json_array_append_new(list, role_json(&roles->roles[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

void ww_control_status(struct ww_request *request)
{
    const struct ww_msg_roles *roles = &ww_request_control(request)->status;
    ww_request_item(request,
                    json_pack("{s:s, s:I, s:o, s:o}", "version", WW_VERSION, "pid", (json_int_t)roles->pid,
                              "since", time_json(roles->since), "roles", roles_json(roles)));
    ww_request_end(request, WW_OK, NULL);
}
