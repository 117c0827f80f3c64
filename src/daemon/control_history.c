/* cache-history: each version of a domain's policy, newest first, and what it changed. */
#include "core/policy_compare.h"
#include "daemon/control.h"
#include "daemon/control_json.h"
#include "proc/msg_history.h"

#include <stdlib.h>

#define DEADLINE_MS 5000

struct history {
    struct ww_request *request;
    struct ww_asking *asking; /* or NULL */
    struct ww_msg_history next;
    bool has_newer; /* the version that waits for the one before it, to be compared */
    struct ww_version newer;
    char newer_body[WW_VERSION_BODY_MAX];
};

static void ask(struct history *h);

static json_t *hex_json(const uint8_t *octets, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * WW_VERSION_HASH_SIZE];
    for (size_t i = 0; i < n; i++) {
        text[2 * i] = digits[octets[i] >> 4];
        text[2 * i + 1] = digits[octets[i] & 15];
    }
    return json_stringn(text, 2 * n);
}

static json_t *origin_json(const struct ww_origin *origin)
{
    if (origin->address[0] == '\0')
        return json_null();
    return json_pack("{s:s, s:{s:o, s:s, s:o}}", "address", origin->address, "certificate", "sha256",
                     hex_json(origin->cert.fingerprint, sizeof origin->cert.fingerprint), "issuer",
                     origin->cert.issuer, "not_after", ww_json_time(origin->cert.not_after));
}

static json_t *change_json(const struct ww_policy_changes *changes, size_t i)
{
    static const char *const effects[] = {
        [WW_EFFECT_NEUTRAL] = "neutral",
        [WW_EFFECT_STRONGER] = "stronger",
        [WW_EFFECT_WEAKER] = "weaker",
    };
    char text[WW_DNAME_SIZE + 64];
    struct ww_buf b = ww_buf(text, sizeof text);
    ww_policy_change_put(&b, changes, i);
    return json_pack("{s:s%, s:s}", "change", text, b.n, "effect", effects[changes->all[i].effect]);
}

static bool parse(struct ww_slice body, struct ww_policy *policy)
{
    size_t offset;
    return body.p != NULL && ww_policy_parse(body.p, body.n, policy, &offset) == WW_OK;
}

/* Null when there is no version before it, or one of the bodies is not there. */
static json_t *changes_json(const struct ww_version *older, const struct ww_version *newer)
{
    struct ww_policy before, after;
    struct ww_policy_changes changes;
    if (older == NULL || !parse(older->body, &before) || !parse(newer->body, &after))
        return json_null();
    json_t *list = json_array();
    ww_policy_compare(&before, &after, &changes);
    for (size_t i = 0; i < changes.count; i++) {
        if (json_array_append_new(list, change_json(&changes, i)) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *version_json(const struct history *h, const struct ww_version *older)
{
    const struct ww_version *v = &h->newer;
    return json_pack("{s:s, s:s, s:s, s:o, s:I, s:o, s:o, s:I, s:o, s:o, s:o, s:o}", "domain", h->next.domain,
                     "id", v->id, "mode", ww_policy_mode_name(v->mode), "sha256",
                     hex_json(v->hash, sizeof v->hash), "size", (json_int_t)v->size, "first_seen",
                     ww_json_time(v->first_seen), "last_seen", ww_json_time(v->last_seen), "turns",
                     (json_int_t)v->turns, "in_force_until", ww_json_time(v->expires), "origin",
                     origin_json(&v->origin), "changes", changes_json(older, v), "policy",
                     v->body.p != NULL ? json_stringn(v->body.p, v->body.n) : json_null());
}

static void keep_newer(struct history *h, const struct ww_version *version)
{
    h->newer = *version;
    h->has_newer = true;
    if (version->body.p == NULL)
        return;
    memcpy(h->newer_body, version->body.p, version->body.n);
    h->newer.body.p = h->newer_body;
}

/* False when they are malformed; *count is how many there were. */
static bool take_versions(struct history *h, struct ww_slice payload, size_t *count)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    struct ww_slice part;
    for (*count = 0; ww_msg_next_part(&c, &part); ++*count) {
        struct ww_version version;
        /* Turns that do not fall would make this go on without end. */
        if (ww_msg_get_version(part, &version) != WW_OK || version.turn >= h->next.before)
            return false;
        if (h->has_newer)
            ww_request_item(h->request, version_json(h, &version));
        keep_newer(h, &version);
        h->next.before = version.turn;
    }
    return !c.failed;
}

static void go_on(struct ww_request *request)
{
    ask(ww_request_state(request));
}

static void on_told(void *ctx, const struct ww_msg_told *told)
{
    struct history *h = ctx;
    size_t count = 0;
    h->asking = NULL;
    if (told->err != WW_OK) {
        ww_request_end(h->request, told->err, NULL);
    } else if (!take_versions(h, told->payload, &count)) {
        ww_request_end(h->request, WW_E_MSG_MALFORMED, NULL);
    } else if (count == 0) {
        if (h->has_newer)
            ww_request_item(h->request, version_json(h, NULL));
        ww_request_end(h->request, h->has_newer ? WW_OK : WW_E_NOT_KNOWN, NULL);
    } else {
        ww_request_when_drained(h->request, go_on);
    }
}

static void ask(struct history *h)
{
    char space[WW_DNAME_SIZE + 16];
    struct ww_buf b = ww_buf(space, sizeof space);
    ww_msg_put_history(&b, &h->next);
    h->asking = ww_roles_ask(ww_request_control(h->request)->roles, WW_ROLE_KEEPER, 0, WW_ASK_HISTORY,
                             ww_slice(b.p, b.n), DEADLINE_MS, on_told, h);
    if (h->asking == NULL)
        ww_request_end(h->request, WW_E_NO_MEMORY, NULL);
}

static void release(void *state)
{
    struct history *h = state;
    if (h->asking != NULL)
        ww_asking_cancel(h->asking);
    free(h);
}

void ww_control_history(struct ww_request *request)
{
    const char *domain = ww_request_string(request, "domain");
    struct history *h = calloc(1, sizeof *h);
    if (h == NULL) {
        ww_request_end(request, WW_E_NO_MEMORY, NULL);
        return;
    }
    h->request = request;
    h->next.before = INT64_MAX;
    ww_request_keep(request, h, release);
    if (domain == NULL || ww_dname_canon(domain, strlen(domain), h->next.domain) != WW_OK) {
        ww_request_end(request, WW_E_CONTROL_ARGUMENT, "domain: a domain name is wanted");
        return;
    }
    ask(h);
}
