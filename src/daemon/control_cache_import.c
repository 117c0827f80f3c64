/* cache-import: some lines of an exported cache, in their order. What is not taken is told by its index. */
#include "base/time.h"
#include "daemon/control_cache.h"
#include "daemon/control_json.h"
#include "daemon/log.h"
#include "engine/import.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* What the front does between two look-ups. */
#define AT_A_TIME 64
#define QUESTION_MAX (WW_ASKED_MAX - 16)

struct import {
    struct ww_request *request;
    struct ww_asking *asking;
    const json_t *policies; /* borrowed from the request */
    bool check;
    bool sync;      /* the last answer is to come when all is durable */
    size_t next;    /* of the policies */
    size_t asked_n; /* whose verdicts come next, by their index */
    size_t asked_at[AT_A_TIME];
    uint64_t taken;
    char parts[QUESTION_MAX];
};

static void go_on(struct import *im);

static void release(void *state)
{
    struct import *im = state;
    if (im->asking != NULL)
        ww_asking_cancel(im->asking);
    free(im);
}

static bool get_time(const json_t *line, const char *key, int64_t *seconds)
{
    const char *text = json_string_value(json_object_get(line, key));
    return text != NULL && ww_time_parse(ww_slice_str(text), seconds);
}

/* What a message can carry; the front judges the rest. */
static enum ww_err read_line(const json_t *line, struct ww_stored_policy *policy)
{
    const json_t *body = json_object_get(line, "body");
    *policy = (struct ww_stored_policy){
        .domain = json_string_value(json_object_get(line, "domain")),
        .id = json_string_value(json_object_get(line, "id")),
        .body = ww_slice(json_string_value(body), json_string_length(body)),
    };
    if (policy->domain == NULL || policy->id == NULL || policy->body.p == NULL)
        return WW_E_IMPORT_LINE;
    if (!get_time(line, "fetched", &policy->fetched) || !get_time(line, "expires", &policy->expires) ||
        !get_time(line, "checked", &policy->checked))
        return WW_E_IMPORT_TIMES;
    if (policy->body.n > WW_POLICY_BODY_MAX)
        return WW_E_POLICY_TOO_LONG;
    return ww_import_names(policy->domain, policy->id);
}

static void tell_verdict(struct import *im, size_t index, enum ww_err verdict)
{
    im->taken += verdict == WW_OK;
    if (verdict != WW_OK)
        ww_request_item(im->request,
                        json_pack("{s:I, s:o}", "index", (json_int_t)index, "error", ww_json_error(verdict)));
}

static void log_it(const struct import *im)
{
    char taken[24];
    char uid[24];
    (void)snprintf(taken, sizeof taken, "%" PRIu64, im->taken);
    (void)snprintf(uid, sizeof uid, "%lu", (unsigned long)ww_request_uid(im->request));
    ww_log_info("cache-imported", "policies", taken, "uid", uid);
}

static void end(struct import *im, enum ww_err store)
{
    if (im->taken > 0 && !im->check)
        log_it(im);
    ww_request_item(im->request,
                    json_pack("{s:I, s:o}", "taken", (json_int_t)im->taken, "store", ww_json_error(store)));
    ww_request_end(im->request, WW_OK, NULL);
}

static void on_synced(void *ctx, const struct ww_msg_told *told)
{
    struct import *im = ctx;
    struct ww_msg_cache_purged m = {.store = told->err};
    im->asking = NULL;
    if (told->err == WW_OK && ww_msg_get_cache_purged(told->payload, &m) != WW_OK)
        m.store = WW_E_MSG_MALFORMED;
    end(im, m.store);
}

static void sync(struct import *im)
{
    char space[16];
    struct ww_buf b = ww_buf(space, sizeof space);
    const struct ww_msg_cache_purge nothing = {.domains = ww_slice(NULL, 0)};
    ww_msg_put_cache_purge(&b, &nothing);
    im->asking = ww_roles_ask(ww_request_control(im->request)->roles, WW_ROLE_FRONT, 0, WW_ASK_CACHE_PURGE,
                              ww_slice(b.p, b.n), WW_CONTROL_FRONT_MS, on_synced, im);
    if (im->asking == NULL)
        ww_request_end(im->request, WW_E_NO_MEMORY, NULL);
}

static void on_verdicts(void *ctx, const struct ww_msg_told *told)
{
    struct import *im = ctx;
    struct ww_cursor c = ww_cursor(told->payload.p, told->payload.n);
    enum ww_err verdict;
    size_t n = 0;
    im->asking = NULL;
    while (told->err == WW_OK && n < im->asked_n && ww_msg_next_verdict(&c, &verdict))
        tell_verdict(im, im->asked_at[n++], verdict);
    if (told->err != WW_OK)
        ww_request_end(im->request, told->err, "it is not known what was taken");
    else if (n < im->asked_n)
        ww_request_end(im->request, WW_E_MSG_MALFORMED, NULL);
    else
        go_on(im);
}

/* False when it has to go into the next question. */
static bool add(struct import *im, struct ww_buf *parts, const struct ww_stored_policy *policy)
{
    static char space[WW_POLICY_BODY_MAX + 1024];
    struct ww_buf b = ww_buf(space, sizeof space);
    struct ww_buf before = *parts;
    ww_msg_put_policy(&b, policy);
    ww_msg_put_part(parts, ww_slice(b.p, b.n));
    if (parts->failed) {
        *parts = before;
        return false;
    }
    im->asked_at[im->asked_n++] = im->next;
    return true;
}

static void ask(struct import *im, struct ww_slice parts)
{
    static char space[WW_ASKED_MAX];
    struct ww_buf b = ww_buf(space, sizeof space);
    const struct ww_msg_cache_import m = {im->check, parts};
    ww_msg_put_cache_import(&b, &m);
    im->asking = ww_roles_ask(ww_request_control(im->request)->roles, WW_ROLE_FRONT, 0, WW_ASK_CACHE_IMPORT,
                              ww_slice(b.p, b.n), WW_CONTROL_FRONT_MS, on_verdicts, im);
    if (im->asking == NULL)
        ww_request_end(im->request, WW_E_NO_MEMORY, NULL);
}

static void go_on(struct import *im)
{
    struct ww_buf parts = ww_buf(im->parts, sizeof im->parts);
    struct ww_stored_policy policy;
    im->asked_n = 0;
    for (; im->next < json_array_size(im->policies) && im->asked_n < AT_A_TIME; im->next++) {
        enum ww_err err = read_line(json_array_get(im->policies, im->next), &policy);
        if (err != WW_OK)
            tell_verdict(im, im->next, err);
        else if (!add(im, &parts, &policy))
            break;
    }
    if (im->asked_n > 0)
        ask(im, ww_slice(parts.p, parts.n));
    else if (im->sync && !im->check)
        sync(im);
    else
        end(im, WW_OK);
}

void ww_control_cache_import(struct ww_request *request)
{
    const json_t *json = ww_request_json(request);
    struct import *im = calloc(1, sizeof *im);
    if (im == NULL) {
        ww_request_end(request, WW_E_NO_MEMORY, NULL);
        return;
    }
    im->request = request;
    im->policies = json_object_get(json, "policies");
    im->check = json_is_true(json_object_get(json, "check"));
    im->sync = json_is_true(json_object_get(json, "sync"));
    ww_request_keep(request, im, release);
    if (json_is_array(im->policies))
        go_on(im);
    else
        ww_request_end(request, WW_E_CONTROL_ARGUMENT, "policies: an array is wanted");
}
