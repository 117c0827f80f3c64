/* The command that asks for advice: the keeper gives it, out of what is stored and what the asker has seen.
 */
#include "codec/idn.h"
#include "codec/json_values.h"
#include "core/policy_version.h"
#include "daemon/control_keeper.h"
#include "proc/msg_intake.h"

#include <stdio.h>
#include <stdlib.h>

#define DEADLINE_MS 60000
#define DAYS_MAX 366

struct asking {
    struct ww_keeper_asking keeper;
    struct ww_msg_advise_ask m;
};

static void release(void *state)
{
    struct asking *a = state;
    ww_keeper_asking_clear(&a->keeper);
    free(a);
}

static void on_told(void *ctx, const struct ww_msg_told *told)
{
    struct asking *a = ctx;
    struct ww_request *request = a->keeper.request;
    json_t *whole;
    if (!ww_keeper_asking_join(&a->keeper, told, &whole))
        return;
    ww_request_item(request, whole);
    ww_request_end(request, WW_OK, NULL);
}

/* A text of an inspection, cut where it is long; what is no printable ASCII is a question mark. */
static void read_line(const json_t *json, const char *key, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(json, key));
    (void)snprintf(out, size, "%s", text != NULL ? text : "");
    for (char *p = out; *p != '\0'; p++)
        if (*p < ' ' || *p > '~')
            *p = '?';
}

static bool read_word(const json_t *json, const char *key, char *out, size_t size)
{
    read_line(json, key, out, size);
    return strpbrk(out, " ?") == NULL;
}

static enum ww_severity severity_of(const json_t *finding)
{
    const char *name = json_string_value(json_object_get(finding, "severity"));
    for (enum ww_severity s = WW_SEVERITY_ERROR; name != NULL && s < WW_SEVERITY_INFO; s++)
        if (strcmp(name, ww_severity_name(s)) == 0)
            return s;
    return WW_SEVERITY_INFO;
}

/* The worst come first, and so what finds no room is the least. */
static void read_findings(struct ww_msg_advise_ask *m, const json_t *list)
{
    const json_t *finding;
    size_t i;
    json_array_foreach(list, i, finding)
    {
        if (m->count == WW_MSG_ADVISE_FAULTS_MAX)
            return;
        struct ww_msg_advise_fault *f = &m->faults[m->count++];
        f->severity = severity_of(finding);
        read_line(finding, "id", f->check, sizeof f->check);
        read_line(finding, "where", f->where, sizeof f->where);
        read_line(finding, "seen", f->seen, sizeof f->seen);
    }
}

static const char *read_inspection(struct asking *a, const json_t *seen)
{
    struct ww_msg_advise_ask *m = &a->m;
    const char *body = json_string_value(json_object_get(seen, "policy"));
    m->looked = true;
    m->at = ww_json_time_of(seen, "at");
    read_line(seen, "mx", m->mx, sizeof m->mx);
    if (m->at == 0 || !read_word(seen, "outlook", m->outlook, sizeof m->outlook) ||
        !read_word(seen, "mode", m->mode, sizeof m->mode) || !read_word(seen, "id", m->id, sizeof m->id))
        return "inspection: at, outlook, mode and id are wanted as `waxwing check --json` prints them";
    if (body != NULL && strlen(body) <= WW_VERSION_BODY_MAX)
        m->body = ww_slice_str(body);
    read_findings(m, json_object_get(seen, "findings"));
    return NULL;
}

static const char *read_all(struct asking *a)
{
    const json_t *json = ww_request_json(a->keeper.request);
    const json_t *days = json_object_get(json, "days"), *seen = json_object_get(json, "inspection");
    const char *domain = ww_request_string(a->keeper.request, "domain");
    if (domain == NULL || ww_idn_to_domain(ww_slice_str(domain), a->m.domain) != WW_OK)
        return "domain: a domain name is wanted";
    if (days != NULL && (json_integer_value(days) < 1 || json_integer_value(days) > DAYS_MAX))
        return "days: 1 to 366 are wanted";
    a->m.days = (uint32_t)json_integer_value(days);
    return json_is_object(seen) ? read_inspection(a, seen) : NULL;
}

static void ask(struct asking *a)
{
    struct ww_buf b = ww_keeper_asking_room();
    ww_msg_put_advise_ask(&b, &a->m);
    ww_keeper_asking_send(&a->keeper, WW_ASK_ADVISE, &b, DEADLINE_MS, on_told, a);
}

void ww_control_advise(struct ww_request *request)
{
    struct asking *a = calloc(1, sizeof *a);
    if (a == NULL) {
        ww_request_end(request, WW_E_NO_MEMORY, NULL);
        return;
    }
    a->keeper.request = request;
    ww_request_keep(request, a, release);
    const char *why = read_all(a);
    if (why == NULL)
        ask(a);
    else
        ww_request_end(request, WW_E_CONTROL_ARGUMENT, why);
}
