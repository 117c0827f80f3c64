/* The commands about reports of others: the keeper has them. */
#include "daemon/control_received.h"
#include "base/time.h"
#include "codec/idn.h"
#include "proc/msg_intake.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <time.h>

/* A page of it comes at once, but the keeper may have other things to do. */
#define DEADLINE_MS 30000
/* Days that statistics are of, unless it is said since when. */
#define STATS_SECONDS (INT64_C(30) * 86400)

static void ask(struct ww_received_asking *a);

static void release(void *state)
{
    struct ww_received_asking *a = state;
    ww_keeper_asking_clear(&a->keeper);
    json_decref(a->report);
    free(a);
}

static void go_on(struct ww_request *request)
{
    ask(ww_request_state(request));
}

static bool is_octets(const struct ww_received_asking *a)
{
    return a->m.what == WW_RECEIVED_ASK_RAW || a->m.what == WW_RECEIVED_ASK_QUARANTINE_RAW;
}

static bool removes(const struct ww_received_asking *a)
{
    return a->m.what == WW_RECEIVED_ASK_REMOVE || a->m.what == WW_RECEIVED_ASK_QUARANTINE_REMOVE;
}

/* Pages that only ever go the same way come to an end. */
static bool set_after(struct ww_received_asking *a, const json_t *last)
{
    json_int_t after = json_integer_value(json_object_get(last, "after"));
    bool down = a->m.what == WW_RECEIVED_ASK_LIST || a->m.what == WW_RECEIVED_ASK_QUARANTINE;
    uint64_t next = after > 0 ? (uint64_t)after : 0;
    bool good = next > 0 && !(a->limited && a->left == 0) &&
                (a->m.after == 0 || removes(a) || (down ? next < a->m.after : next > a->m.after));
    a->m.after = next;
    return good;
}

static void end(struct ww_received_asking *a, enum ww_err err)
{
    if (err == WW_OK && removes(a))
        ww_request_item(a->keeper.request, json_pack("{s:I}", "removed", (json_int_t)a->removed));
    if (err == WW_OK && a->report != NULL)
        ww_received_asking_flush(a);
    ww_request_end(a->keeper.request, err, NULL);
}

/* Takes over item. */
static void take_item(struct ww_received_asking *a, json_t *item, size_t size)
{
    if (a->m.what == WW_RECEIVED_ASK_SHOW) {
        ww_received_asking_add(a, item, size);
    } else if (removes(a)) {
        a->removed += (uint64_t)json_integer_value(json_object_get(item, "removed"));
        json_decref(item);
    } else if (a->limited && a->left == 0) {
        json_decref(item);
    } else {
        a->left -= a->limited;
        ww_request_item(a->keeper.request, item);
    }
}

static json_t *base64(struct ww_slice octets)
{
    char *text = malloc(octets.n / 3 * 4 + 5);
    if (text == NULL)
        return NULL;
    int n = EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)octets.p, (int)octets.n);
    json_t *json = json_pack("{s:s%}", "base64", text, (size_t)n);
    free(text);
    return json;
}

static void on_told(void *ctx, const struct ww_msg_told *told)
{
    struct ww_received_asking *a = ctx;
    json_t *item = NULL;
    if (told->err == WW_OK && told->more) {
        item = is_octets(a) ? base64(told->payload) : json_loadb(told->payload.p, told->payload.n, 0, NULL);
        if (item != NULL)
            take_item(a, item, told->payload.n);
        return;
    }
    a->keeper.asking = NULL;
    if (told->err == WW_OK && told->payload.n > 0)
        item = json_loadb(told->payload.p, told->payload.n, 0, NULL);
    bool more = set_after(a, item);
    json_decref(item);
    if (told->err == WW_OK && more)
        ww_request_when_drained(a->keeper.request, go_on);
    else
        end(a, told->err);
}

static void ask(struct ww_received_asking *a)
{
    struct ww_buf b = ww_keeper_asking_room();
    if (a->limited)
        a->m.max = a->left < UINT32_MAX ? (uint32_t)a->left : UINT32_MAX;
    ww_msg_put_received_ask(&b, &a->m);
    ww_keeper_asking_send(&a->keeper, WW_ASK_RECEIVED, &b, DEADLINE_MS, on_told, a);
}

/* A member of the request, or "". False: it is too long. */
static bool read_text(const struct ww_received_asking *a, const char *key, char *out, size_t size)
{
    const char *text = ww_request_string(a->keeper.request, key);
    size_t n = text != NULL ? strlen(text) : 0;
    if (n >= size)
        return false;
    if (n > 0)
        memcpy(out, text, n);
    out[n] = '\0';
    return true;
}

/* Absent or null: *out stays. */
static bool read_time(const struct ww_received_asking *a, const char *key, int64_t *out)
{
    const json_t *json = json_object_get(ww_request_json(a->keeper.request), key);
    const char *text = json_string_value(json);
    if (json == NULL || json_is_null(json))
        return true;
    return text != NULL && ww_time_parse(ww_slice_str(text), out);
}

static const char *read_number(struct ww_received_asking *a)
{
    const json_t *json = ww_request_json(a->keeper.request), *number = json_object_get(json, "number");
    if (a->m.what == WW_RECEIVED_ASK_QUARANTINE_REMOVE && json_is_true(json_object_get(json, "all")))
        return NULL;
    if (!json_is_integer(number) || json_integer_value(number) <= 0)
        return "number: which one is wanted";
    a->m.number = (uint64_t)json_integer_value(number);
    return NULL;
}

static const char *read_by(struct ww_received_asking *a)
{
    const char *name = ww_request_string(a->keeper.request, "by");
    for (unsigned by = 0; by < WW_RECEIVED_BYS; by++) {
        if (name == NULL || strcmp(name, ww_received_by_name((enum ww_received_by)by)) == 0) {
            a->m.by = (enum ww_received_by)by;
            bool of_failures = by == WW_RECEIVED_BY_RESULT || by == WW_RECEIVED_BY_MX;
            return of_failures || (a->m.result[0] == '\0' && !a->m.failed)
                       ? NULL
                       : "result and failed: these go with by \"result\" or \"mx\"";
        }
    }
    return "by: day, domain, sender, result or mx is wanted";
}

static const char *read_max(struct ww_received_asking *a)
{
    const json_t *max = json_object_get(ww_request_json(a->keeper.request), "max");
    if (max == NULL || json_is_null(max))
        return NULL;
    if (!json_is_integer(max) || json_integer_value(max) <= 0)
        return "max: how many at most is wanted";
    a->limited = true;
    a->left = (uint64_t)json_integer_value(max);
    return NULL;
}

static const char *read_filter(struct ww_received_asking *a)
{
    const json_t *json = ww_request_json(a->keeper.request);
    const char *domain = ww_request_string(a->keeper.request, "domain");
    int64_t now = (int64_t)time(NULL);
    a->m.until = now;
    if (domain != NULL && domain[0] != '\0' && ww_idn_to_domain(ww_slice_str(domain), a->m.domain) != WW_OK)
        return "domain: a domain name is wanted";
    if (!read_text(a, "sender", a->m.sender, sizeof a->m.sender))
        return "sender: it is too long";
    if (!read_text(a, "result", a->m.result, sizeof a->m.result))
        return "result: it is too long";
    if (!read_time(a, "until", &a->m.until))
        return "until: a time is wanted, such as 2026-12-01T00:00:00Z";
    a->m.since = a->m.what == WW_RECEIVED_ASK_STATS ? a->m.until - STATS_SECONDS : 0;
    if (!read_time(a, "since", &a->m.since))
        return "since: a time is wanted, such as 2026-12-01T00:00:00Z";
    a->m.failed = json_is_true(json_object_get(json, "failed"));
    const char *why = read_max(a);
    return why == NULL && a->m.what == WW_RECEIVED_ASK_STATS ? read_by(a) : why;
}

static const char *read_all(struct ww_received_asking *a)
{
    switch (a->m.what) {
    case WW_RECEIVED_ASK_LIST:
    case WW_RECEIVED_ASK_STATS:
    case WW_RECEIVED_ASK_EXPORT:
        return read_filter(a);
    case WW_RECEIVED_ASK_SHOW:
    case WW_RECEIVED_ASK_RAW:
    case WW_RECEIVED_ASK_REMOVE:
    case WW_RECEIVED_ASK_QUARANTINE_SHOW:
    case WW_RECEIVED_ASK_QUARANTINE_RAW:
    case WW_RECEIVED_ASK_QUARANTINE_REMOVE:
        return read_number(a);
    case WW_RECEIVED_ASK_QUARANTINE:
    case WW_RECEIVED_ASKS:
        break;
    }
    return NULL;
}

static void run(struct ww_request *request, enum ww_received_ask what)
{
    struct ww_received_asking *a = calloc(1, sizeof *a);
    if (a == NULL) {
        ww_request_end(request, WW_E_NO_MEMORY, NULL);
        return;
    }
    a->keeper.request = request;
    a->m.what = what;
    ww_request_keep(request, a, release);
    const char *why = read_all(a);
    if (why == NULL)
        ask(a);
    else
        ww_request_end(request, WW_E_CONTROL_ARGUMENT, why);
}

void ww_control_received_list(struct ww_request *request)
{
    run(request, WW_RECEIVED_ASK_LIST);
}

void ww_control_received_show(struct ww_request *request)
{
    run(request, WW_RECEIVED_ASK_SHOW);
}

void ww_control_received_raw(struct ww_request *request)
{
    run(request, WW_RECEIVED_ASK_RAW);
}

void ww_control_received_stats(struct ww_request *request)
{
    run(request, WW_RECEIVED_ASK_STATS);
}

void ww_control_received_export(struct ww_request *request)
{
    run(request, WW_RECEIVED_ASK_EXPORT);
}

void ww_control_received_remove(struct ww_request *request)
{
    run(request, WW_RECEIVED_ASK_REMOVE);
}

void ww_control_quarantine_list(struct ww_request *request)
{
    run(request, WW_RECEIVED_ASK_QUARANTINE);
}

void ww_control_quarantine_show(struct ww_request *request)
{
    run(request, WW_RECEIVED_ASK_QUARANTINE_SHOW);
}

void ww_control_quarantine_raw(struct ww_request *request)
{
    run(request, WW_RECEIVED_ASK_QUARANTINE_RAW);
}

void ww_control_quarantine_remove(struct ww_request *request)
{
    run(request, WW_RECEIVED_ASK_QUARANTINE_REMOVE);
}
