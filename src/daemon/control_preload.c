#include "daemon/control_preload.h"

#include "daemon/control.h"
#include "daemon/control_json.h"
#include "daemon/preload_fetch.h"

#include <stdlib.h>
#include <time.h>

/* Two looks, as one that is under way when it is asked for may have read what was there before. */
#define UPDATE_MS (2 * (WW_PRELOAD_FETCH_MS + 60000u) + 10000u)

static bool counts(const struct ww_msg_preload *m)
{
    return m->there && (int64_t)time(NULL) < m->expires;
}

static json_t *list_json(const struct ww_msg_preload *m)
{
    if (m == NULL || !m->there)
        return json_null();
    return json_pack("{s:o, s:o, s:b, s:I, s:o, s:o, s:o}", "timestamp", ww_json_time(m->timestamp),
                     "expires", ww_json_time(m->expires), "counts", counts(m), "domains",
                     (json_int_t)m->domains, "author", ww_json_text_or_null(m->author), "key",
                     ww_json_text_or_null(m->key), "signer", ww_json_text_or_null(m->user));
}

json_t *ww_control_preload_json(const struct ww_config *config, const struct ww_msg_preload *m)
{
    if (config->preload_source == NULL)
        return json_null();
    return json_pack("{s:s, s:s?, s:s?, s:I, s:o, s:s, s:o, s:o, s:o, s:o}", "source", config->preload_source,
                     "signature", config->preload_signature, "key_file", config->preload_key, "refresh",
                     (json_int_t)config->preload_refresh, "list", list_json(m), "outcome",
                     m != NULL ? ww_preload_outcome_name(m->outcome) : "unknown", "error",
                     ww_json_error(m != NULL ? m->err : WW_OK), "detail",
                     ww_json_text_or_null(m != NULL ? m->detail : ""), "looked",
                     ww_json_time(m != NULL ? m->looked : 0), "next", ww_json_time(m != NULL ? m->next : 0));
}

const char *ww_control_preload_trouble(const struct ww_config *config, const struct ww_msg_preload *m)
{
    if (config->preload_source == NULL || m == NULL) /* that a role is silent is a trouble of its own */
        return NULL;
    if (m->there && !counts(m))
        return "the preload list has expired: first contact is not protected";
    if (m->outcome == WW_PRELOAD_FAILED && !m->there)
        return "there is no preload list that counts: first contact is not protected";
    return m->outcome == WW_PRELOAD_FAILED ? "the preload list could not be brought up to date" : NULL;
}

struct update {
    struct ww_asking *asking;
    struct ww_request *request;
};

static void on_told(void *ctx, const struct ww_msg_told *told)
{
    struct update *u = ctx;
    struct ww_request *request = u->request;
    struct ww_msg_preload m;
    u->asking = NULL;
    enum ww_err err = told->err;
    if (err == WW_OK)
        err = ww_msg_get_preload(told->payload, &m);
    if (err == WW_OK)
        ww_request_item(request, ww_control_preload_json(ww_request_control(request)->env->config, &m));
    ww_request_end(request, err, NULL);
}

static void release(void *state)
{
    struct update *u = state;
    if (u->asking != NULL)
        ww_asking_cancel(u->asking);
    free(u);
}

void ww_control_preload_update(struct ww_request *request)
{
    const struct ww_control *control = ww_request_control(request);
    if (control->env->config->preload_source == NULL) {
        ww_request_end(request, WW_E_PRELOAD_OFF, "set preload.source and preload.key in waxwing.conf");
        return;
    }
    struct update *u = calloc(1, sizeof *u);
    if (u == NULL) {
        ww_request_end(request, WW_E_NO_MEMORY, NULL);
        return;
    }
    u->request = request;
    ww_request_keep(request, u, release);
    u->asking = ww_roles_ask(control->roles, WW_ROLE_PRELOAD, 0, WW_ASK_PRELOAD_UPDATE, ww_slice(NULL, 0),
                             UPDATE_MS, on_told, u);
    if (u->asking == NULL)
        ww_request_end(request, WW_E_NO_MEMORY, NULL);
}
