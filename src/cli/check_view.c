#include "cli/check_view.h"

#include <stdio.h>
#include <string.h>

const char *ww_view_text(const json_t *json, const char *key)
{
    const char *s = json_string_value(json_object_get(json, key));
    return s != NULL ? s : "";
}

json_int_t ww_view_number(const json_t *json, const char *key)
{
    return json_integer_value(json_object_get(json, key));
}

size_t ww_view_size(const json_t *json, const char *key)
{
    size_t n = json_array_size(json_object_get(json, key));
    return n < WW_VIEW_LIST_MAX ? n : WW_VIEW_LIST_MAX;
}

const json_t *ww_view_at(const json_t *json, const char *key, size_t index)
{
    return json_array_get(json_object_get(json, key), index);
}

enum ww_severity ww_view_severity(const json_t *finding)
{
    const char *word = ww_view_text(finding, "severity");
    for (enum ww_severity s = WW_SEVERITY_WARNING; s <= WW_SEVERITY_INFO; s++)
        if (strcmp(word, ww_severity_name(s)) == 0)
            return s;
    return WW_SEVERITY_ERROR;
}

/* "max_age", "mx": words that are written as they are. */
static bool is_key(const char *word)
{
    size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyz");
    return n == 2 ? strncmp(word, "mx", 2) == 0 || strncmp(word, "id", 2) == 0
                  : word[n] != ' ' && word[n] != '\0';
}

void ww_view_title(const json_t *finding, char out[WW_VIEW_TITLE_SIZE])
{
    const char *title = ww_view_text(finding, "title");
    (void)snprintf(out, WW_VIEW_TITLE_SIZE, "%s", title);
    if (out[0] >= 'a' && out[0] <= 'z' && !is_key(title))
        out[0] = (char)(out[0] - ('a' - 'A'));
}

struct ww_view_counts ww_view_counts(const json_t *report)
{
    struct ww_view_counts counts = {
        .passed = ww_view_size(report, "passed"),
        .not_tested = ww_view_size(report, "not_tested"),
    };
    for (size_t i = 0; i < ww_view_size(report, "findings"); i++)
        counts.of[ww_view_severity(ww_view_at(report, "findings", i))]++;
    return counts;
}

void ww_view_count_words(const struct ww_view_counts *counts, char out[WW_VIEW_WORDS_SIZE])
{
    static const char *const words[] = {"error", "warning", "info"};
    int n = 0;
    for (size_t i = 0; i < 3; i++)
        if (counts->of[i] > 0)
            n += snprintf(out + n, (size_t)(WW_VIEW_WORDS_SIZE - n), "%s%zu %s%s", n > 0 ? ", " : "",
                          counts->of[i], words[i], counts->of[i] > 1 && i < WW_SEVERITY_INFO ? "s" : "");
    if (n == 0)
        (void)snprintf(out, WW_VIEW_WORDS_SIZE, "nothing found");
}

static const struct outlook {
    const char *kind;
    enum ww_view_state state;
    const char *word;
    const char *sentence;
} outlooks[] = {
    {"protected", WW_VIEW_GOOD, "protected", "Mail to this domain goes by authenticated TLS alone."},
    {"partly", WW_VIEW_MIND, "partly protected",
     "Some of the MX hosts would not get mail, or are not protected."},
    {"testing", WW_VIEW_MIND, "testing", "Senders report what fails, and deliver all the same."},
    {"open", WW_VIEW_MIND, "not protected", "Senders take TLS as it comes, and deliver without it."},
    {"held", WW_VIEW_BAD, "mail is held",
     "No MX host would get mail from a sender that obeys MTA-STS and DANE."},
    {"no-mail", WW_VIEW_FAINT, "takes no mail",
     "This domain takes no mail, has no MX host with an address, or does not exist."},
    {"unknown", WW_VIEW_MIND, "unknown", "What senders will do could not be found out."},
};

#define OUTLOOKS (sizeof outlooks / sizeof outlooks[0])

static const struct outlook *outlook_of(const json_t *report)
{
    const char *kind = ww_view_text(json_object_get(report, "outlook"), "kind");
    size_t i = 0;
    while (i + 1 < OUTLOOKS && strcmp(outlooks[i].kind, kind) != 0)
        i++;
    return &outlooks[i];
}

const char *ww_view_outlook(const json_t *report, enum ww_view_state *state)
{
    const struct outlook *o = outlook_of(report);
    *state = o->state;
    return o->word;
}

const char *ww_view_outlook_words(const json_t *report)
{
    const char *words = ww_view_text(json_object_get(report, "outlook"), "words");
    return words[0] != '\0' ? words : outlook_of(report)->sentence;
}

const char *ww_view_mode(const json_t *report)
{
    static const char *const modes[][2] = {
        {"enforce", "Policy in mode enforce"},
        {"testing", "Policy in mode testing"},
        {"none", "Policy in mode none"},
    };
    const char *mode = ww_view_text(report, "mode");
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (strcmp(modes[i][0], mode) == 0)
            return modes[i][1];
    return "No valid policy";
}

void ww_view_when(const json_t *report, char at[32], char took[32])
{
    const char *time = ww_view_text(report, "at");
    json_int_t ms = ww_view_number(report, "ms");
    at[0] = took[0] = '\0';
    if (json_is_true(json_object_get(report, "offline")))
        return;
    if (strlen(time) == strlen("2026-11-29T12:00:00Z"))
        (void)snprintf(at, 32, "%.10s %.8s UTC", time, time + 11);
    if (ms > 0 && ms < 1000)
        (void)snprintf(took, 32, "%d ms", (int)ms);
    else if (ms > 0 && ms < 86400000)
        (void)snprintf(took, 32, "%d.%d s", (int)(ms / 1000), (int)(ms % 1000 / 100));
}

size_t ww_view_same(const json_t *report, size_t index)
{
    const json_t *first = ww_view_at(report, "findings", index);
    size_t n = 1;
    for (; index + n < ww_view_size(report, "findings"); n++) {
        const json_t *next = ww_view_at(report, "findings", index + n);
        if (strcmp(ww_view_text(first, "id"), ww_view_text(next, "id")) != 0 ||
            ww_view_severity(first) != ww_view_severity(next))
            break;
    }
    return n;
}

const char *ww_view_reason(const json_t *report, size_t index, size_t *count)
{
    const char *why = ww_view_text(ww_view_at(report, "not_tested", index), "why");
    *count = 0;
    for (size_t i = 0; i < ww_view_size(report, "not_tested"); i++) {
        if (strcmp(why, ww_view_text(ww_view_at(report, "not_tested", i), "why")) != 0)
            continue;
        if (i < index)
            return NULL;
        ++*count;
    }
    return why;
}
