/* The commands about watched domains: the keeper has the list, and what was found. */
#include "codec/idn.h"
#include "daemon/control_keeper.h"
#include "proc/msg_watch.h"

#include <stdio.h>
#include <stdlib.h>

#define DEADLINE_MS 15000
#define EVERY_MIN 10
#define EVERY_MAX (INT64_C(30) * 86400)

/* Room for the names of a request. */
#define DOMAINS_SPACE ((size_t)80 * 1024)

struct asking {
    struct ww_keeper_asking keeper;
    struct ww_msg_watch_ask m;
    char domains[DOMAINS_SPACE];
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

static void on_report(struct asking *a, const struct ww_msg_told *told)
{
    struct ww_request *request = a->keeper.request;
    json_t *whole;
    if (!ww_keeper_asking_join(&a->keeper, told, &whole))
        return;
    ww_request_item(request, whole);
    ww_request_end(request, WW_OK, NULL);
}

/* The list goes on behind the last row of a page, once the client has taken what it was given. */
static bool goes_on(struct asking *a, const json_t *last)
{
    if (a->m.what != WW_WATCH_ASK_LIST || !ww_keeper_asking_after(last, a->m.after, sizeof a->m.after))
        return false;
    ww_request_when_drained(a->keeper.request, go_on);
    return true;
}

static void on_told(void *ctx, const struct ww_msg_told *told)
{
    struct asking *a = ctx;
    json_t *last;
    if (a->m.what == WW_WATCH_ASK_REPORT) {
        on_report(a, told);
        return;
    }
    if (!ww_keeper_asking_row(&a->keeper, told, &last))
        return;
    if (!goes_on(a, last)) {
        if (last != NULL && a->m.what < WW_WATCH_ASK_LIST)
            ww_request_item(a->keeper.request, json_incref(last));
        ww_request_end(a->keeper.request, told->err, NULL);
    }
    json_decref(last);
}

static void ask(struct asking *a)
{
    struct ww_buf b = ww_keeper_asking_room();
    ww_msg_put_watch_ask(&b, &a->m);
    ww_keeper_asking_send(&a->keeper, WW_ASK_WATCH, &b, DEADLINE_MS, on_told, a);
}

static bool is_line(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < ' ' || *text > '~')
            return false;
    return true;
}

/* "example.com" or ["example.com", "group"]. NULL, or what is wrong with it. */
static const char *put_domain(struct ww_buf *b, const json_t *item)
{
    const json_t *name = json_is_array(item) ? json_array_get(item, 0) : item;
    const char *group = json_string_value(json_array_get(item, 1));
    char part[WW_DNAME_SIZE + WW_WATCH_GROUP_SIZE + 1];
    if (!json_is_string(name) || ww_idn_to_domain(ww_slice_str(json_string_value(name)), part) != WW_OK)
        return "domains: a domain name is wanted";
    if (group != NULL && (strlen(group) >= WW_WATCH_GROUP_SIZE || !is_line(group)))
        return "group: up to 63 printable ASCII characters are wanted";
    size_t n = strlen(part);
    if (group != NULL && group[0] != '\0')
        (void)snprintf(part + n, sizeof part - n, " %s", group);
    ww_msg_put_part(b, ww_slice_str(part));
    return b->failed ? "domains: these are too many at a time" : NULL;
}

static const char *read_domains(struct asking *a)
{
    const json_t *list = json_object_get(ww_request_json(a->keeper.request), "domains");
    struct ww_buf b = ww_buf(a->domains, sizeof a->domains);
    const char *why = NULL;
    const json_t *item;
    size_t i;
    if (json_array_size(list) == 0 || json_array_size(list) > WW_MSG_WATCH_DOMAINS_MAX)
        return "domains: 1 to 500 names are wanted";
    json_array_foreach(list, i, item)
    {
        if (why == NULL)
            why = put_domain(&b, item);
    }
    a->m.domains = ww_slice(b.p, b.n);
    return why;
}

static const char *read_text(const struct asking *a, const char *key, char *out, size_t size)
{
    const char *text = ww_request_string(a->keeper.request, key);
    if (text != NULL && strlen(text) >= size)
        return "an argument is too long";
    (void)snprintf(out, size, "%s", text != NULL ? text : "");
    return NULL;
}

static const char *read_group(struct asking *a)
{
    const char *why = read_text(a, "group", a->m.group, sizeof a->m.group);
    return why == NULL && !is_line(a->m.group) ? "group: printable ASCII characters are wanted" : why;
}

static const char *read_every(struct asking *a)
{
    const json_t *every = json_object_get(ww_request_json(a->keeper.request), "every");
    a->m.every = json_integer_value(every);
    if (every == NULL || json_is_null(every) || (a->m.every >= EVERY_MIN && a->m.every <= EVERY_MAX))
        return NULL;
    return "every: 10 seconds to 30 days are wanted";
}

static const char *read_ack(struct asking *a)
{
    const char *why = read_text(a, "check", a->m.check, sizeof a->m.check);
    if (why == NULL)
        why = read_text(a, "reason", a->m.reason, sizeof a->m.reason);
    if (why == NULL && a->m.check[0] == '\0')
        why = "check: the id of a check is wanted";
    ww_request_who(a->keeper.request, a->m.who, sizeof a->m.who);
    return why == NULL ? ww_request_until(a->keeper.request, &a->m.until) : why;
}

static void run(struct ww_request *request, enum ww_watch_ask what)
{
    struct asking *a = calloc(1, sizeof *a);
    const char *why = NULL;
    if (a == NULL) {
        ww_request_end(request, WW_E_NO_MEMORY, NULL);
        return;
    }
    a->keeper.request = request;
    a->m.what = what;
    a->m.all = ww_request_string(request, "group") == NULL;
    ww_request_keep(request, a, release);
    if (what != WW_WATCH_ASK_LIST)
        why = read_domains(a);
    if (why == NULL && (what == WW_WATCH_ASK_ADD || what == WW_WATCH_ASK_LIST))
        why = read_group(a);
    if (why == NULL && what == WW_WATCH_ASK_ADD)
        why = read_every(a);
    if (why == NULL && what == WW_WATCH_ASK_ACK)
        why = read_ack(a);
    if (why == NULL)
        ask(a);
    else
        ww_request_end(request, WW_E_CONTROL_ARGUMENT, why);
}

void ww_control_watch_add(struct ww_request *request)
{
    run(request, WW_WATCH_ASK_ADD);
}

void ww_control_watch_remove(struct ww_request *request)
{
    run(request, WW_WATCH_ASK_REMOVE);
}

void ww_control_watch_check(struct ww_request *request)
{
    run(request, WW_WATCH_ASK_CHECK);
}

void ww_control_watch_ack(struct ww_request *request)
{
    run(request, WW_WATCH_ASK_ACK);
}

void ww_control_watch_list(struct ww_request *request)
{
    run(request, WW_WATCH_ASK_LIST);
}

void ww_control_watch_show(struct ww_request *request)
{
    run(request, WW_WATCH_ASK_SHOW);
}

void ww_control_watch_report(struct ww_request *request)
{
    run(request, WW_WATCH_ASK_REPORT);
}
