/* The commands about published domains: the keeper has them. */
#include "daemon/control_publish.h"

#include "daemon/control_keeper.h"

#include <stdlib.h>

#define DEADLINE_MS 15000

struct asking {
    struct ww_keeper_asking keeper;
    struct ww_msg_publish_ask m;
};

static void ask(struct asking *a);

static void release(void *state)
{
    struct asking *a = state;
    ww_keeper_asking_clear(&a->keeper);
    free(a);
}

static void go_on(struct ww_request *request)
{
    ask(ww_request_state(request));
}

/* The list goes on behind the last row of a page, once the client has taken what it was given. */
static void on_row(struct asking *a, const struct ww_msg_told *told)
{
    json_t *last;
    if (!ww_keeper_asking_row(&a->keeper, told, &last))
        return;
    bool more = ww_keeper_asking_after(last, a->m.domain, sizeof a->m.domain);
    json_decref(last);
    if (more)
        ww_request_when_drained(a->keeper.request, go_on);
    else
        ww_request_end(a->keeper.request, told->err, NULL);
}

/* What is refused comes with words. Takes over item. */
static void finish(struct ww_request *request, json_t *item)
{
    const char *refused = json_string_value(json_object_get(item, "refused"));
    if (refused != NULL) {
        ww_request_end(request, WW_E_PUBLISH_REFUSED, refused);
        json_decref(item);
        return;
    }
    ww_request_item(request, item);
    ww_request_end(request, WW_OK, NULL);
}

static void on_told(void *ctx, const struct ww_msg_told *told)
{
    struct asking *a = ctx;
    json_t *whole;
    if (a->m.what == WW_PUBLISH_ASK_LIST)
        on_row(a, told);
    else if (ww_keeper_asking_join(&a->keeper, told, &whole))
        finish(a->keeper.request, whole);
}

static void ask(struct asking *a)
{
    struct ww_buf b = ww_keeper_asking_room();
    ww_msg_put_publish_ask(&b, &a->m);
    ww_keeper_asking_send(&a->keeper, WW_ASK_PUBLISH, &b, DEADLINE_MS, on_told, a);
}

static void run(struct ww_request *request, enum ww_publish_ask what)
{
    struct asking *a = calloc(1, sizeof *a);
    char why[WW_CONTROL_PUBLISH_WHY_SIZE];
    if (a == NULL) {
        ww_request_end(request, WW_E_NO_MEMORY, NULL);
        return;
    }
    a->keeper.request = request;
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
