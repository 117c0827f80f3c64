/* The commands about overrides. The front knows which there are, the keeper sets and removes them. */
#include "base/time.h"
#include "codec/idn.h"
#include "daemon/control.h"
#include "daemon/control_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define DEADLINE_MS 15000

/* Ten years: what is meant for longer is meant for ever. */
#define FOR_SECONDS_MAX INT64_C(316224000)

/* What a request keeps while it waits for the role that it concerns. */
struct waiting {
    struct ww_asking *asking;
    json_t *item; /* what is told when that was done, or NULL */
};

static void release(void *state)
{
    struct waiting *w = state;
    if (w->asking != NULL)
        ww_asking_cancel(w->asking);
    json_decref(w->item);
    free(w);
}

/* Takes over item. */
static void ask(struct ww_request *request, enum ww_role_kind kind, enum ww_ask what, struct ww_slice payload,
                ww_told_cb *cb, json_t *item)
{
    struct waiting *w = calloc(1, sizeof *w);
    if (w == NULL) {
        json_decref(item);
        ww_request_end(request, WW_E_NO_MEMORY, NULL);
        return;
    }
    w->item = item;
    ww_request_keep(request, w, release);
    w->asking =
        ww_roles_ask(ww_request_control(request)->roles, kind, 0, what, payload, DEADLINE_MS, cb, request);
    if (w->asking == NULL)
        ww_request_end(request, WW_E_NO_MEMORY, NULL);
}

/* The asking has ended by itself, and with it the request. */
static void end(struct ww_request *request, enum ww_err err)
{
    struct waiting *w = ww_request_state(request);
    w->asking = NULL;
    ww_request_end(request, err, NULL);
}

static json_t *patterns_json(const char *mx)
{
    json_t *list = json_array();
    struct ww_slice pattern;
    for (size_t pos = 0; ww_override_next_mx(mx, &pos, &pattern);)
        (void)json_array_append_new(list, json_stringn(pattern.p, pattern.n));
    return list;
}

static json_t *override_json(const struct ww_override *o)
{
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "key", o->key, "level",
                     ww_override_level_name(o->level), "source", o->configured ? "configuration" : "run time",
                     "until", ww_json_time(o->until), "reason", ww_json_text_or_null(o->reason), "who",
                     ww_json_text_or_null(o->who), "set", ww_json_time(o->set_at), "mx",
                     patterns_json(o->mx));
}

static json_t *listed_json(const struct ww_msg_override_listed *l)
{
    json_t *json = override_json(&l->m.override);
    if (json != NULL && json_object_set_new(json, "counts", json_boolean(l->counts)) == 0 &&
        json_object_set_new(json, "used", json_integer((json_int_t)l->used)) == 0)
        return json;
    json_decref(json);
    return NULL;
}

static void on_list(void *ctx, const struct ww_msg_told *told)
{
    struct ww_request *request = ctx;
    struct ww_cursor c = ww_cursor(told->payload.p, told->payload.n);
    struct ww_slice part;
    struct ww_msg_override_listed listed;
    while (ww_msg_next_part(&c, &part))
        if (ww_msg_get_override_listed(part, &listed) == WW_OK)
            ww_request_item(request, listed_json(&listed));
    if (told->err != WW_OK || !told->more)
        end(request, told->err);
}

void ww_control_override_list(struct ww_request *request)
{
    ask(request, WW_ROLE_FRONT, WW_ASK_OVERRIDE_LIST, ww_slice(NULL, 0), on_list, NULL);
}

static void on_done(void *ctx, const struct ww_msg_told *told)
{
    struct waiting *w = ww_request_state(ctx);
    if (told->err == WW_OK && !told->more && w->item != NULL)
        ww_request_item(ctx, json_incref(w->item));
    if (told->err != WW_OK || !told->more)
        end(ctx, told->err);
}

/* A key in ASCII or UTF-8; false: the request was ended. */
static bool read_key(struct ww_request *request, char key[WW_OVERRIDE_KEY_SIZE])
{
    const char *text = ww_request_string(request, "key");
    if (text == NULL) {
        ww_request_end(request, WW_E_CONTROL_ARGUMENT, "\"key\" is wanted");
        return false;
    }
    size_t dot = text[0] == '.' ? 1 : 0;
    key[0] = '.';
    enum ww_err err = ww_idn_to_domain(ww_slice_str(text + dot), key + dot);
    if (err != WW_OK)
        ww_request_end(request, err, NULL);
    return err == WW_OK;
}

/* "for" in seconds, or "until", or neither. */
static enum ww_err read_until(struct ww_request *request, int64_t now, int64_t *until)
{
    const json_t *seconds = json_object_get(ww_request_json(request), "for");
    const json_t *time = json_object_get(ww_request_json(request), "until");
    *until = 0;
    if (json_is_string(time))
        return ww_time_parse(ww_slice_str(json_string_value(time)), until) && *until > 0
                   ? WW_OK
                   : WW_E_OVERRIDE_UNTIL;
    if (seconds == NULL || json_is_null(seconds))
        return WW_OK;
    json_int_t n = json_integer_value(seconds);
    if (n <= 0 || n > FOR_SECONDS_MAX)
        return WW_E_OVERRIDE_UNTIL;
    *until = now + n;
    return WW_OK;
}

static enum ww_err read_mx(struct ww_request *request, char mx[WW_OVERRIDE_MX_SIZE])
{
    const json_t *list = json_object_get(ww_request_json(request), "mx");
    struct ww_buf b = ww_buf(mx, WW_OVERRIDE_MX_SIZE);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *pattern = json_string_value(json_array_get(list, i));
        /* Alone it would look like none at all. */
        if (pattern == NULL || pattern[0] == '\0')
            return WW_E_MX_EMPTY;
        ww_buf_str(&b, i > 0 ? " " : "");
        ww_buf_str(&b, pattern);
    }
    ww_buf_char(&b, '\0');
    return b.failed ? WW_E_OVERRIDE_MX_LONG : WW_OK;
}

void ww_control_override_set(struct ww_request *request)
{
    char key[WW_OVERRIDE_KEY_SIZE], mx[WW_OVERRIDE_MX_SIZE], who[WW_OVERRIDE_TEXT_SIZE];
    char payload[4096];
    const char *level = ww_request_string(request, "level");
    const char *reason = ww_request_string(request, "reason");
    struct ww_override o = {
        .key = key, .mx = mx, .reason = reason != NULL ? reason : "", .who = who, .set_at = time(NULL)};
    if (!read_key(request, key))
        return;
    ww_request_who(request, who, sizeof who);
    enum ww_err err = ww_override_level_parse(ww_slice_str(level != NULL ? level : ""), &o.level);
    if (err == WW_OK)
        err = read_until(request, o.set_at, &o.until);
    if (err == WW_OK)
        err = read_mx(request, mx);
    if (err == WW_OK)
        err = ww_override_check(&o);
    if (err != WW_OK) {
        ww_request_end(request, err, NULL);
        return;
    }
    struct ww_buf b = ww_buf(payload, sizeof payload);
    ww_msg_put_override(&b, &o);
    ask(request, WW_ROLE_KEEPER, WW_ASK_OVERRIDE_SET, ww_slice(b.p, b.n), on_done, override_json(&o));
}

void ww_control_override_remove(struct ww_request *request)
{
    struct ww_msg_override_remove m;
    char payload[1024];
    struct ww_buf b = ww_buf(payload, sizeof payload);
    if (!read_key(request, m.key))
        return;
    ww_request_who(request, m.who, sizeof m.who);
    ww_msg_put_override_remove(&b, &m);
    ask(request, WW_ROLE_KEEPER, WW_ASK_OVERRIDE_REMOVE, ww_slice(b.p, b.n), on_done, NULL);
}
