/* The commands about reports: the keeper has the outbox. */
#include "codec/idn.h"
#include "daemon/control_keeper.h"
#include "proc/msg_report.h"

#include <stdio.h>
#include <stdlib.h>

#define DEADLINE_MS 15000
/* A state of the list that no report has: of days whose results still come in. */
#define COLLECTING "collecting"

struct asking {
    struct ww_keeper_asking keeper;
    struct ww_msg_report_ask m;
    bool reports_too; /* the list goes on with reports when that of open days has ended */
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

/* Sets where the next page begins: behind the last row, by its name or its number. */
static bool set_after(struct asking *a, const json_t *after)
{
    const char *name = json_string_value(after);
    uint64_t number = (uint64_t)json_integer_value(after);
    if (name != NULL && strcmp(name, a->m.uri) != 0 && strlen(name) < sizeof a->m.uri) {
        memcpy(a->m.uri, name, strlen(name) + 1);
        return true;
    }
    if (number > 0 && (a->m.after == 0 || number < a->m.after)) {
        a->m.after = number;
        return true;
    }
    return false;
}

/* Once the client has taken what it was given. */
static bool goes_on(struct asking *a, const json_t *last)
{
    bool lists = a->m.what == WW_REPORT_ASK_LIST || a->m.what == WW_REPORT_ASK_SUPPRESSED;
    if (!lists || last == NULL)
        return false;
    if (!set_after(a, json_object_get(last, "after"))) {
        if (!a->reports_too)
            return false;
        a->reports_too = false;
        a->m.open = false;
    }
    ww_request_when_drained(a->keeper.request, go_on);
    return true;
}

static void on_told(void *ctx, const struct ww_msg_told *told)
{
    struct asking *a = ctx;
    json_t *last;
    if (!ww_keeper_asking_row(&a->keeper, told, &last))
        return;
    if (!goes_on(a, last))
        ww_request_end(a->keeper.request, told->err, NULL);
    json_decref(last);
}

static void ask(struct asking *a)
{
    struct ww_buf b = ww_keeper_asking_room();
    ww_msg_put_report_ask(&b, &a->m);
    ww_keeper_asking_send(&a->keeper, WW_ASK_REPORT, &b, DEADLINE_MS, on_told, a);
}

/* A member of the request, or "". False: it is too long. */
static bool read_text(const struct asking *a, const char *key, char *out, size_t size)
{
    const char *text = ww_request_string(a->keeper.request, key);
    (void)snprintf(out, size, "%s", text != NULL ? text : "");
    return text == NULL || strlen(text) < size;
}

static const char *read_domain(struct asking *a)
{
    const char *text = ww_request_string(a->keeper.request, "domain");
    if (text == NULL || ww_idn_to_domain(ww_slice_str(text), a->m.domain) == WW_OK)
        return NULL;
    return "domain: a domain name is wanted";
}

/* By number or domain. */
static const char *read_report(struct asking *a)
{
    const json_t *number = json_object_get(ww_request_json(a->keeper.request), "number");
    const char *why = read_domain(a);
    if (json_is_integer(number) && json_integer_value(number) > 0)
        a->m.number = (uint64_t)json_integer_value(number);
    if (why == NULL && a->m.number == 0 && a->m.domain[0] == '\0')
        why = "number or domain: which report is wanted";
    return why;
}

static bool is_state(const char *name)
{
    for (unsigned i = 0; i < WW_REPORT_STATES; i++)
        if (strcmp(name, ww_report_state_name((enum ww_report_state)i)) == 0)
            return true;
    return name[0] == '\0' || strcmp(name, COLLECTING) == 0;
}

static const char *read_list(struct asking *a)
{
    if (!read_text(a, "state", a->m.state, sizeof a->m.state) || !is_state(a->m.state))
        return "state: collecting, waiting, held, sent, given-up or not-asked is wanted";
    a->reports_too = a->m.state[0] == '\0';
    a->m.open = a->reports_too || strcmp(a->m.state, COLLECTING) == 0;
    return read_domain(a);
}

/* Printable ASCII, and something. */
static bool is_word(const char *text)
{
    for (const char *p = text; *p != '\0'; p++)
        if (*p <= ' ' || *p > '~')
            return false;
    return text[0] != '\0';
}

static bool is_uri(const char *text)
{
    return is_word(text) && (strncmp(text, "mailto:", 7) == 0 || strncmp(text, "https:", 6) == 0);
}

static const char *read_suppress(struct asking *a)
{
    if (!read_text(a, "uri", a->m.uri, sizeof a->m.uri) || !is_uri(a->m.uri))
        return "uri: mailto:... or https:... is wanted, as the record has it";
    if (!read_text(a, "reason", a->m.reason, sizeof a->m.reason))
        return "reason: it is too long";
    ww_request_who(a->keeper.request, a->m.who, sizeof a->m.who);
    return ww_request_until(a->keeper.request, &a->m.until);
}

static const char *read_bounce(struct asking *a)
{
    if (!read_text(a, "message_id", a->m.uri, sizeof a->m.uri) || !is_word(a->m.uri))
        return "message_id: the Message-ID of a report's mail is wanted";
    if (!read_text(a, "recipient", a->m.who, sizeof a->m.who) || !is_word(a->m.who))
        return "recipient: a mail address is wanted";
    return read_text(a, "words", a->m.reason, sizeof a->m.reason) ? NULL : "words: they are too long";
}

static const char *read_all(struct asking *a)
{
    const json_t *json = ww_request_json(a->keeper.request);
    a->m.open = json_is_true(json_object_get(json, "open"));
    switch (a->m.what) {
    case WW_REPORT_ASK_LIST:
        return read_list(a);
    case WW_REPORT_ASK_RETRY:
        return json_is_true(json_object_get(json, "all")) ? NULL : read_report(a);
    case WW_REPORT_ASK_SHOW:
    case WW_REPORT_ASK_CONTENT:
    case WW_REPORT_ASK_SEND:
        return read_report(a);
    case WW_REPORT_ASK_SUPPRESS:
        return read_suppress(a);
    case WW_REPORT_ASK_BOUNCE:
        return read_bounce(a);
    case WW_REPORT_ASK_SUPPRESSED:
    case WW_REPORT_ASKS:
        break;
    }
    return NULL;
}

static void run(struct ww_request *request, enum ww_report_ask what)
{
    struct asking *a = calloc(1, sizeof *a);
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

void ww_control_report_list(struct ww_request *request)
{
    run(request, WW_REPORT_ASK_LIST);
}

void ww_control_report_show(struct ww_request *request)
{
    run(request, WW_REPORT_ASK_SHOW);
}

void ww_control_report_content(struct ww_request *request)
{
    run(request, WW_REPORT_ASK_CONTENT);
}

void ww_control_report_send(struct ww_request *request)
{
    run(request, WW_REPORT_ASK_SEND);
}

void ww_control_report_retry(struct ww_request *request)
{
    run(request, WW_REPORT_ASK_RETRY);
}

void ww_control_report_suppress(struct ww_request *request)
{
    run(request, WW_REPORT_ASK_SUPPRESS);
}

void ww_control_report_suppressed(struct ww_request *request)
{
    run(request, WW_REPORT_ASK_SUPPRESSED);
}

void ww_control_report_bounce(struct ww_request *request)
{
    run(request, WW_REPORT_ASK_BOUNCE);
}
