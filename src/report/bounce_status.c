#include "report/bounce_status.h"

#include "base/ascii.h"
#include "base/buf.h"
#include "core/words.h"

#include <stdio.h>

#define VALUE_SIZE 1024

/* Without its end. False: there is none. */
static bool take_line(struct ww_slice *text, struct ww_slice *line)
{
    if (text->n == 0)
        return false;
    const char *end = memchr(text->p, '\n', text->n);
    size_t n = end != NULL ? (size_t)(end - text->p) : text->n;
    size_t used = n + (end != NULL);
    *line = ww_slice(text->p, n > 0 && text->p[n - 1] == '\r' ? n - 1 : n);
    *text = ww_slice(text->p + used, text->n - used);
    return true;
}

static struct ww_slice trim(struct ww_slice s)
{
    while (s.n > 0 && ww_is_wsp(s.p[0]))
        s = ww_slice(s.p + 1, s.n - 1);
    while (s.n > 0 && ww_is_wsp(s.p[s.n - 1]))
        s.n--;
    return s;
}

bool ww_bounce_field(struct ww_slice *text, struct ww_slice *name, char *value, size_t size)
{
    struct ww_buf b = ww_buf(value, size - 1);
    struct ww_slice line;
    if (!take_line(text, &line) || line.n == 0)
        return false;
    const char *colon = memchr(line.p, ':', line.n);
    size_t n = colon != NULL ? (size_t)(colon - line.p) : line.n;
    *name = trim(ww_slice(line.p, n));
    ww_words_put_cut(&b, trim(ww_slice(line.p + n + (colon != NULL), line.n - n - (colon != NULL))));
    while (text->n > 0 && ww_is_wsp(text->p[0]) && take_line(text, &line)) {
        if (b.n > 0)
            ww_words_put_cut(&b, ww_slice(" ", 1));
        ww_words_put_cut(&b, trim(line));
    }
    value[b.n] = '\0';
    return true;
}

struct group {
    char original[VALUE_SIZE], final[VALUE_SIZE], action[VALUE_SIZE], status[VALUE_SIZE];
    char diagnostic[VALUE_SIZE];
};

/* Of several the first counts. */
static void take_field(struct group *g, struct ww_slice name, const char *value)
{
    const struct {
        const char *name;
        char *to;
    } fields[] = {
        {"original-recipient", g->original},
        {"final-recipient", g->final},
        {"action", g->action},
        {"status", g->status},
        {"diagnostic-code", g->diagnostic},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (ww_is_nocase(name, fields[i].name) && fields[i].to[0] == '\0')
            (void)snprintf(fields[i].to, VALUE_SIZE, "%s", value);
}

/* What stands behind "rfc822;", "smtp;" and the like. */
static struct ww_slice typed(const char *value, const char *type)
{
    const char *semicolon = strchr(value, ';');
    if (semicolon == NULL || !ww_is_nocase(trim(ww_slice(value, (size_t)(semicolon - value))), type))
        return ww_slice("", 0);
    return trim(ww_slice_str(semicolon + 1));
}

static bool find_mailbox(const struct group *g, char *out, size_t size)
{
    struct ww_slice text = typed(g->original[0] != '\0' ? g->original : g->final, "rfc822");
    if (text.n > 2 && text.p[0] == '<' && text.p[text.n - 1] == '>')
        text = ww_slice(text.p + 1, text.n - 2);
    if (text.n >= size || !ww_mailbox_parse(text, NULL))
        return false;
    memcpy(out, text.p, text.n);
    out[text.n] = '\0';
    return true;
}

/* "failed" and "5.1.1", both of which a comment may follow. */
static bool is_for_good(const struct group *g)
{
    struct ww_slice action = ww_slice(g->action, strcspn(g->action, " ("));
    return ww_is_nocase(action, "failed") && strncmp(g->status, "5.", 2) == 0;
}

static void end_group(const struct group *g, struct ww_bounce *out)
{
    if (out->count == WW_BOUNCE_RECIPIENTS_MAX || !is_for_good(g))
        return;
    struct ww_bounce_recipient *r = &out->failed[out->count];
    if (!find_mailbox(g, r->mailbox, sizeof r->mailbox))
        return;
    struct ww_slice why = typed(g->diagnostic, "smtp");
    if (why.n == 0)
        why = trim(ww_slice_str(g->status));
    (void)snprintf(r->words, sizeof r->words, "%.*s", (int)why.n, why.p);
    out->count++;
}

void ww_bounce_status(struct ww_slice text, struct ww_bounce *out)
{
    while (text.n > 0) {
        struct group g = {.original = ""};
        struct ww_slice name;
        char value[VALUE_SIZE];
        while (ww_bounce_field(&text, &name, value, sizeof value))
            take_field(&g, name, value);
        end_group(&g, out);
    }
}
