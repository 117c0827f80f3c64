/* The commands about published domains: the keeper has them. */
#include "daemon/control_publish.h"

#include "daemon/control.h"

#include <stdlib.h>

#define DEADLINE_MS 15000

struct asking {
    struct ww_request *request;
    struct ww_asking *asking; /* or NULL */
    struct ww_msg_publish_ask m;
    char *answer; /* so far; of LIST each piece is one of its own */
    size_t n;
};

static void ask(struct asking *a);

static void release(void *state)
{
    struct asking *a = state;
    if (a->asking != NULL)
        ww_asking_cancel(a->asking);
    free(a->answer);
    free(a);
}

static void on_drained(struct ww_request *request)
{
    ask(ww_request_state(request));
}

/* The list goes on behind the last row of a page, once the client has taken what it was given. */
static bool goes_on(struct asking *a, const json_t *last)
{
    const char *after = json_string_value(json_object_get(last, "after"));
    if (after == NULL || strcmp(after, a->m.domain) <= 0 || strlen(after) >= sizeof a->m.domain)
        return false;
    memcpy(a->m.domain, after, strlen(after) + 1);
    if (ww_request_is_full(a->request))
        ww_request_on_drained(a->request, on_drained);
    else
        ask(a);
    return true;
}

static void on_row(struct asking *a, const struct ww_msg_told *told)
{
    json_t *item = told->err == WW_OK ? json_loadb(told->payload.p, told->payload.n, 0, NULL) : NULL;
    if (told->err == WW_OK && told->more) {
        if (item != NULL)
            ww_request_item(a->request, item);
        return;
    }
    a->asking = NULL;
    bool more = goes_on(a, item);
    json_decref(item);
    if (!more)
        ww_request_end(a->request, told->err, NULL);
}

static bool take(struct asking *a, struct ww_slice piece)
{
    bool fits = a->n + piece.n <= WW_CONTROL_MESSAGE_MAX;
    char *longer = fits ? realloc(a->answer, a->n + piece.n + 1) : NULL;
    if (longer == NULL)
        return false;
    if (piece.n > 0)
        memcpy(longer + a->n, piece.p, piece.n);
    a->answer = longer;
    a->n += piece.n;
    return true;
}

/* What is refused comes with words. Takes over item. */
static void finish(struct asking *a, json_t *item)
{
    const char *refused = json_string_value(json_object_get(item, "refused"));
    if (refused != NULL) {
        ww_request_end(a->request, WW_E_PUBLISH_REFUSED, refused);
        json_decref(item);
        return;
    }
    ww_request_item(a->request, item);
    ww_request_end(a->request, WW_OK, NULL);
}

static void on_told(void *ctx, const struct ww_msg_told *told)
{
    struct asking *a = ctx;
    if (a->m.what == WW_PUBLISH_ASK_LIST) {
        on_row(a, told);
        return;
    }
    if (told->err == WW_OK && !take(a, told->payload)) {
        if (told->more)
            ww_asking_cancel(a->asking);
        a->asking = NULL;
        ww_request_end(a->request, WW_E_NO_MEMORY, NULL);
        return;
    }
    if (told->err == WW_OK && told->more)
        return;
    a->asking = NULL;
    if (told->err == WW_OK)
        finish(a, json_loadb(a->answer, a->n, 0, NULL));
    else
        ww_request_end(a->request, told->err, NULL);
}

static void ask(struct asking *a)
{
    char *space = malloc(WW_CHAN_MESSAGE_MAX);
    struct ww_buf b = ww_buf(space, space != NULL ? WW_CHAN_MESSAGE_MAX : 0);
    ww_msg_put_publish_ask(&b, &a->m);
    if (!b.failed)
        a->asking = ww_roles_ask(ww_request_control(a->request)->roles, WW_ROLE_KEEPER, 0, WW_ASK_PUBLISH,
                                 ww_slice(b.p, b.n), DEADLINE_MS, on_told, a);
    free(space);
    if (a->asking == NULL)
        ww_request_end(a->request, WW_E_NO_MEMORY, NULL);
}

static void run(struct ww_request *request, enum ww_publish_ask what)
{
    struct asking *a = calloc(1, sizeof *a);
    char why[WW_CONTROL_PUBLISH_WHY_SIZE];
    if (a == NULL) {
        ww_request_end(request, WW_E_NO_MEMORY, NULL);
        return;
    }
    a->request = request;
    a->m.what = what;
    ww_request_keep(request, a, release);
    if (ww_control_publish_read(ww_request_json(request), ww_request_control(request)->env->config, &a->m,
                                why))
        ask(a);
    else
        ww_request_end(request, WW_E_CONTROL_ARGUMENT, why);
}

void ww_control_publish_add(struct ww_request *request)
{
    run(request, WW_PUBLISH_ASK_ADD);
}

void ww_control_publish_change(struct ww_request *request)
{
    run(request, WW_PUBLISH_ASK_CHANGE);
}

void ww_control_publish_list(struct ww_request *request)
{
    run(request, WW_PUBLISH_ASK_LIST);
}

void ww_control_publish_look(struct ww_request *request)
{
    run(request, WW_PUBLISH_ASK_LOOK);
}

void ww_control_publish_remove(struct ww_request *request)
{
    run(request, WW_PUBLISH_ASK_REMOVE);
}

void ww_control_publish_show(struct ww_request *request)
{
    run(request, WW_PUBLISH_ASK_SHOW);
}
