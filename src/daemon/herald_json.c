#include "base/time.h"
#include "codec/json_values.h"
#include "daemon/herald_message.h"

#include <stdlib.h>

#define VERSION 1

/* Octets of the alerts in a message; those beyond are counted. A receiver that takes a megabyte takes it. */
#define ALERTS_MAX ((size_t)512 * 1024)

/* Lines of the text for people. */
#define LINES_MAX 10

static const char *null_if_empty(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

static json_t *item_json(const struct ww_msg_alert_item *item)
{
    struct ww_herald_words words = ww_herald_words_of(item);
    bool ends = strcmp(item->check, WW_ALERT_CERTIFICATE) == 0;
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:s?, s:s?, s:s?}", "kind",
                     ww_alert_kind_name(item->kind), "severity", ww_severity_name(item->severity), "check",
                     item->check, "title", words.title, "where", item->where, "seen", item->seen, "since",
                     ww_json_time(ends ? 0 : item->since), "ends", ww_json_time(ends ? item->since : 0),
                     "why", null_if_empty(words.why), "fix", null_if_empty(words.fix), "source",
                     null_if_empty(words.source));
}

static json_t *alert_json(const struct ww_msg_alert *alert)
{
    json_t *items = json_array();
    for (unsigned i = 0; i < alert->count; i++) {
        if (json_array_append_new(items, item_json(&alert->items[i])) != 0) {
            json_decref(items);
            return NULL;
        }
    }
    return json_pack("{s:I, s:s, s:s?, s:o, s:i, s:i, s:o, s:i}", "number", (json_int_t)alert->number,
                     "domain", alert->domain, "group", null_if_empty(alert->group), "at",
                     ww_json_time(alert->at), "errors", alert->errors, "warnings", alert->warnings, "items",
                     items, "left_out", alert->left_out);
}

/* What chats show that take an object with "text": Slack, Mattermost, a bridge to Matrix. */
static json_t *text_json(const struct ww_herald_message *m)
{
    char *text = NULL, subject[WW_HERALD_SUBJECT_SIZE];
    size_t n = 0;
    FILE *to = open_memstream(&text, &n);
    if (to == NULL)
        return NULL;
    ww_herald_subject(m, subject);
    (void)fprintf(to, "%s", subject);
    size_t lines = 0, more = 0;
    for (size_t i = 0; i < m->count; i++) {
        const struct ww_msg_alert *alert = m->alerts[i];
        more += alert->left_out;
        for (unsigned k = 0; k < alert->count; k++) {
            const struct ww_msg_alert_item *item = &alert->items[k];
            if (lines++ < LINES_MAX)
                (void)fprintf(to, "\n%s %s: %s (%s)", ww_herald_label(item), alert->domain,
                              ww_herald_words_of(item).title, item->where);
            else
                more++;
        }
    }
    if (more > 0)
        (void)fprintf(to, "\nand %zu more", more);
    json_t *json = fclose(to) == 0 ? json_stringn(text, n) : NULL;
    free(text);
    return json;
}

static json_t *alerts_json(const struct ww_herald_message *m, size_t *left_out)
{
    json_t *all = json_array();
    size_t size = 0;
    *left_out = 0;
    for (size_t i = 0; i < m->count; i++) {
        json_t *one = size < ALERTS_MAX ? alert_json(m->alerts[i]) : NULL;
        if (size >= ALERTS_MAX) {
            (*left_out)++;
        } else if (one == NULL || json_array_append(all, one) != 0) {
            json_decref(one);
            json_decref(all);
            return NULL;
        } else {
            size += json_dumpb(one, NULL, 0, JSON_COMPACT);
        }
        json_decref(one);
    }
    return all;
}

char *ww_herald_json(const struct ww_herald_message *m, size_t *n)
{
    size_t left_out = 0;
    const struct ww_msg_alert_item *worst = ww_herald_worst(m->alerts[0]);
    const char *severity = worst->kind == WW_ALERT_CLEARED ? "ok" : ww_severity_name(worst->severity);
    json_t *alerts = alerts_json(m, &left_out);
    json_t *json = alerts == NULL
                       ? NULL
                       : json_pack("{s:i, s:s, s:o, s:s, s:b, s:s, s:I, s:o, s:o, s:I}", "version", VERSION,
                                   "id", m->id, "sent", ww_json_time(m->now), "host", m->host, "test",
                                   m->test, "severity", severity, "domains", (json_int_t)ww_herald_domains(m),
                                   "text", text_json(m), "alerts", alerts, "left_out", (json_int_t)left_out);
    char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    *n = text != NULL ? strlen(text) : 0;
    return text;
}
